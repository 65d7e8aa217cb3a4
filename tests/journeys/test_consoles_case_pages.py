"""The pages of one case, in every state it can be in: portrait, why, what if, label; and the override monitor."""

from __future__ import annotations

import csv
import html
import re
from datetime import UTC, date, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from creditfactory import gateways
from creditfactory.records import reads, tables
from creditfactory.service.words import compile_words
from tests.floor import Floor, lay_floor
from tests.journeys.test_consoles_pages import sign_in, text_of
from tests.judged import REVIEWER, Judged, lay_cases

pytestmark = pytest.mark.django_db
FLOW = '<svg class="flow across"'
PAGES = ("portrait", "why", "what-if")
NAMES = ("Riverbank Noodles", "Morning Star Hardware", "seen the shop")
LATIN_ALLOWED = {"CSV", "SBA", "English", "Credit", "Factory", "cn", "us", "micro", "sba", "v001"}
"""Words of Latin letters that a Chinese page may hold: names, codes and what a person typed stand apart."""


@pytest.fixture(scope="module", autouse=True)
def _words() -> None:
    compile_words()


@pytest.fixture
def floor(settings: object) -> Floor:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    cache.clear()
    return lay_floor()


@pytest.fixture
def judged(floor: Floor) -> Judged:
    return lay_cases()


def open_sba(client: Client) -> None:
    client.post("/factory/", {"factory": "us-sba"})


def visible(page: str) -> str:
    """What a reader sees: no tags, no raw values, no codes, no names of firms or files."""
    page = re.sub("|".join(NAMES), " ", page)
    page = re.sub(r"<(script|style|pre|code|select|title)\b.*?</\1>", " ", page, flags=re.S)
    page = re.sub(r'<[^>]*class="[^"]*\b(?:code|mono|muted num)\b[^"]*"[^>]*>[^<]*<', "<", page)
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_a_case_stand_in_every_state(floor: Floor, judged: Judged, language: str) -> None:
    """SCR-04, POL-04: new, ended at the gate or by policy, waiting, lent, cut, refused, altered, and a bare old one."""
    client = sign_in("lin", language)
    bare = (floor.phone_case, floor.declined_case, floor.loan_case, floor.held_case)
    for number in (*(v for k, v in vars(judged).items() if k != "sba"), *bare):
        for page in PAGES:
            response = client.get(f"/cases/{number}/{page}/")
            text = text_of(response)
            assert response.status_code == 200, (number, page)
            assert f'<html lang="{language}"' in text
            assert 'class="state"' in text and re.search(r"<title>[^<·]+ · ", text)
            assert not re.search(r"\son\w+=|\sstyle=", text), f"{number}/{page} has an inline handler or style"
            assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", text)
            assert "None" not in visible(text) and "Reason(" not in text


def test_a_pack_with_one_card_and_no_cash_flow_has_its_portrait_too(judged: Judged) -> None:
    """The us-sba pack: one fitted card that says on how many loans it was fitted, and nothing that the pack lacks."""
    client = sign_in("root")
    open_sba(client)
    page = text_of(client.get(f"/cases/{judged.sba}/portrait/"))
    assert page.count('class="gauge"') == 1
    card = next(iter(gateways.load_rulebook("us-sba").at(date(2006, 5, 30)).cards.values()))
    assert f"Fitted on {card.sample['rows']:,} loans, {card.sample['bads']:,} of them bad." in page
    held = card.performance["holdout"]["calibration"]
    assert f"Held out: {held['expected']:.1%} expected".replace("%", "\u202f%") in page
    assert "No bank statements in the dossier." in page
    for other in ("why", "what-if"):
        assert client.get(f"/cases/{judged.sba}/{other}/").status_code == 200


def test_no_page_of_a_case_mixes_the_languages(judged: Judged) -> None:
    client = sign_in("lin", "zh-hans")
    for number in (judged.policy, judged.visit, judged.cut):
        for page in PAGES:
            text = visible(text_of(client.get(f"/cases/{number}/{page}/")))
            for run in re.findall(r"[A-Za-z]{3,}(?: [A-Za-z]{2,}){2,}", text):
                assert set(run.split()) <= LATIN_ALLOWED, (number, page, run)


def test_a_portrait_says_where_the_applicant_stands_among_all(judged: Judged) -> None:
    """SCR-04: the percentile is counted from the records, those with as many points counted half."""
    tenant = tables.Tenant.objects.get(code="cn-micro")
    standing = reads.read_standing(tenant.pk)["master", "v001"]
    points = tables.Application.objects.get(number=judged.visit).points
    assert points is not None
    everyone = [p for p, n in standing.counts.items() for _ in range(n)]
    below = sum(p < points for p in everyone) + sum(p == points for p in everyone) / 2
    share = round(100 * below / len(everyone))
    page = text_of(sign_in("lin").get(f"/cases/{judged.visit}/portrait/"))
    assert f"better than {share}\u202f% of {len(everyone)}" in page
    assert page.count('class="gauge"') == 6, "five cards and the master card"
    assert "Expert card: officers set the points, no outcome has been seen" in page


def test_a_portrait_names_what_is_unknown_and_what_it_could_change(judged: Judged) -> None:
    page = text_of(sign_in("lin").get(f"/cases/{judged.visit}/portrait/"))
    assert "What is unknown, and what it could change" in page
    assert re.search(r"Were all of it known: \d+ to \d+ points", page)
    assert f"/labels/insurance_years_paid/?case={judged.visit}" in page, "every fact leads to its definition"


def test_a_portrait_of_a_loan_shows_limit_price_debt_and_cash_flow(judged: Judged) -> None:
    page = text_of(sign_in("lin").get(f"/cases/{judged.cut}/portrait/"))
    assert re.search(r'class="binds"><td>the reviewer&#x27;s amount', page), "what binds the limit is marked"
    assert 'class="cash"' in page and 'class="burden"' in page and 'class="price"' in page
    assert "cost of money" in page and "expected loss" in page
    assert "Nobody else is known with the same device" in page


def test_why_says_it_in_words_then_as_a_picture_then_in_values(judged: Judged) -> None:
    """POL-04: the policy's own rule decided, and the heavy line runs from the bureau through policy to the verdict."""
    page = text_of(sign_in("lin").get(f"/cases/{judged.policy}/why/"))
    words, picture, values = (page.index(mark) for mark in ("In words", FLOW, "Step by step"))
    assert words < picture < values
    svg = page[picture : page.index("</svg>", picture)]
    heavy = set(re.findall(r'href="#step-([\w-]+)" class="box [^"]*decisive"', svg))
    assert {"evidence", "labels", "policy", "verdict"} <= heavy
    assert not any(step.startswith("card-") for step in heavy), "the cards did not decide"
    assert "<title" in svg and "<desc" in svg and 'aria-label="Verdict' in svg
    for step in set(re.findall(r'href="#step-([\w-]+)"', page)):
        assert f'id="step-{step}"' in page, f"no section explains {step}"


def test_why_of_a_score_leads_through_the_cards(judged: Judged) -> None:
    page = text_of(sign_in("lin").get(f"/cases/{judged.lent}/why/"))
    svg = page[page.index(FLOW) : page.index("</svg>", page.index(FLOW))]
    heavy = set(re.findall(r'href="#step-([\w-]+)" class="box [^"]*decisive"', svg))
    assert {"card-master", "lane", "offer", "funder_decision", "verdict"} <= heavy


def test_a_station_that_left_nothing_is_not_in_the_picture(judged: Judged) -> None:
    page = text_of(sign_in("lin").get(f"/cases/{judged.new}/why/"))
    assert "step-policy" not in page
    assert "Step by step" in page


def test_what_if_shows_the_machine_s_decision_beside_the_real_one_and_keeps_nothing(judged: Judged) -> None:
    """DEC-09: fewer queries, and the case would have gone another way; not a row is written."""
    before = (tables.Visit.objects.count(), tables.AuditEvent.objects.count())
    client = sign_in("lin")
    address = f"/cases/{judged.visit}/what-if/"
    plain = text_of(client.get(address))
    assert "facts as they are" in plain and "No longer said" not in plain
    page = text_of(client.get(address, {"f.queries_1m": "0", "f.requested_amount_cents": "150000"}))
    assert "No longer said" in page and "POL-BUR-QUERIES-1M" in page
    assert re.search(r'<tr class="changed"><td>Lane</td><td class="right num">C</td>', page)
    assert 'value="150000"' in page, "what was typed stays"
    assert (tables.Visit.objects.count(), tables.AuditEvent.objects.count()) == before


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("requested_amount_cents", "lots", "expected an amount in whole units"),
        ("queries_1m", "1.5", "expected a whole number"),
        ("queries_1m", "-1", "expected a value from 0 to 100000"),
        ("card_use_bps", "much", "expected a share in per cent"),
        ("card_use_bps", "1e999", "expected a value from 0 to"),
        ("registry_status", "splendid", "expected operating, abnormal, revoked, not_found"),
        ("is_legal_representative", "maybe", "expected yes, no"),
    ],
)
def test_what_if_names_a_bad_value_at_its_field(judged: Judged, name: str, typed: str, told: str) -> None:
    answer = sign_in("lin").get(f"/cases/{judged.visit}/what-if/", {f"f.{name}": typed})
    page = text_of(answer)
    assert answer.status_code == 422
    assert told in html.unescape(page)
    assert f'id="e-{name}"' in page and f'aria-describedby="e-{name}"' in page
    assert "Not decided again yet" in page


def test_the_smallest_changes_lead_where_they_say(judged: Judged) -> None:
    """DEC-09: each is within the applicant's reach, and trying it gives the answer it promises."""
    client = sign_in("lin")
    page = text_of(client.get(f"/cases/{judged.visit}/what-if/smallest/"))
    links = re.findall(r'<b>([^<]+)</b> <a class="small" href="([^"]+)"', page)
    assert links, "a visit for queries can be avoided"
    for promise, address in links:
        tried = html.unescape(text_of(client.get(html.unescape(address))))
        assert html.unescape(promise) in tried, (promise, address)


def test_what_if_ignores_names_that_are_no_facts_of_the_case(judged: Judged) -> None:
    answer = sign_in("lin").get(f"/cases/{judged.visit}/what-if/", {"f.nonsense": "1", "with": "also_nonsense"})
    assert answer.status_code == 200


def test_an_unknown_fact_never_helps_in_a_what_if(judged: Judged) -> None:
    """Unknown is never yes: a question mark in place of a fact that policy needs takes the offer away."""
    client = sign_in("lin")
    page = text_of(client.get(f"/cases/{judged.lent}/what-if/", {"f.overdue_now_cents": "?"}))
    assert re.search(r'class="lead bad-ink">[^<]*no offer', page)


def test_a_label_says_what_it_means_who_reads_it_and_what_it_is_in_the_case(judged: Judged) -> None:
    client = sign_in("lin")
    page = text_of(client.get(f"/labels/queries_3m/?case={judged.visit}"))
    assert "Lenders&#x27; queries in three months" in page
    assert "queries_3m &gt; queries_3m_max" in page, "the rule as its owner wrote it"
    assert "Bureau and willingness" in page, "the card that asks it"
    assert judged.visit in page
    unknown = text_of(client.get(f"/labels/insurance_years_paid/?case={judged.visit}"))
    assert "No such proof was shown" in unknown
    assert client.get("/labels/no_such_label/").status_code == 404


def test_cases_of_another_factory_stay_out_of_reach(floor: Floor, judged: Judged) -> None:
    client = sign_in("lin")
    for page in PAGES:
        assert client.get(f"/cases/{judged.sba}/{page}/").status_code == 404
    value = text_of(client.get(f"/labels/sba_employees/?case={judged.sba}"))
    assert f"In {judged.sba}" not in value


def read_since(number: str) -> reads.OverrideReport:
    tenant = tables.Application.objects.get(number=number).tenant_id
    return reads.read_overrides(tenant, since=datetime(2026, 1, 1, tzinfo=UTC))


def test_overrides_are_found_and_counted(judged: Judged) -> None:
    """Less than the machine would lend, a decline against nothing, an exception, an altered amount; and by whom."""
    report = read_since(judged.cut)
    kinds = {row.number: set(row.kinds) for row in report.rows}
    assert "amount_below" in kinds[judged.cut]
    assert kinds[judged.refused] == {"against_pass"}
    assert {"exception", "funder_alter"} <= kinds[judged.altered]
    assert judged.lent not in kinds, "it went as the machine proposed"
    assert [(t.name, t.decided, t.otherwise) for t in report.by_person] == [(REVIEWER, 3, 3)]
    assert (report.reviewed, report.otherwise) == (3, 3)
    cut = next(row for row in report.rows if row.number == judged.cut)
    assert (cut.proposed_cents, cut.given_cents) == (20_000_000, 12_000_000)
    altered = next(row for row in report.rows if row.number == judged.altered)
    assert altered.funder_change.startswith("amount_cents:20000000:18000000")
    assert (report.overridden.loans, report.overridden.bad) == (2, 0)


def test_the_later_performance_of_overridden_loans_is_told(judged: Judged) -> None:
    tables.Loan.objects.filter(application__number=judged.cut).update(arrears_days=120)
    cache.clear()
    report = read_since(judged.cut)
    assert (report.overridden.late, report.overridden.bad) == (1, 1)


def test_the_monitor_filters_links_and_exports(judged: Judged) -> None:
    client = sign_in("lin")
    tables.Application.objects.filter(number=judged.cut).update(received_at=datetime(2026, 3, 12, tzinfo=UTC))
    page = text_of(client.get("/overrides/?period=365"))
    assert f"/cases/{judged.cut}/why/" in page and f"/cases/{judged.refused}/why/" in page
    assert "known for ten years" in page
    only = text_of(client.get("/overrides/?period=365&kind=amount_below"))
    assert f"over-{judged.cut}" in only and f"over-{judged.refused}" not in only
    assert text_of(client.get(f"/overrides/?period=365&person={REVIEWER}&lane=Z")).count("No case matches.") == 1
    exported = b"".join(client.get("/overrides/overrides.csv?period=365").streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.DictReader(exported.decode("utf-8-sig").splitlines()))
    assert {row["number"] for row in rows} == {judged.cut, judged.refused, judged.altered}
    assert next(row for row in rows if row["number"] == judged.altered)["exception"] == "known for ten years"


def test_a_note_cannot_be_run_by_a_spreadsheet(judged: Judged) -> None:
    exported = b"".join(sign_in("lin").get("/overrides/overrides.csv?period=365").streaming_content)  # type: ignore[attr-defined]
    assert "'=HYPERLINK(1)" in exported.decode("utf-8-sig")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_monitor_speaks_both_languages_and_is_for_those_who_lead(judged: Judged, language: str) -> None:
    page = text_of(sign_in("lin", language).get("/overrides/?period=365"))
    assert f'<html lang="{language}"' in page and 'class="state"' in page
    assert sign_in("ma", language).get("/overrides/").status_code == 403
    assert sign_in("zheng", language).get("/overrides/").status_code == 200, "the regulator reads"
    assert sign_in("zheng", language).get("/overrides/overrides.csv").status_code == 403, "and exports nothing"


def test_a_monitor_without_reviews_says_so(floor: Floor) -> None:
    page = text_of(sign_in("lin").get("/overrides/"))
    assert "Nobody has reviewed a case in this time" in page
