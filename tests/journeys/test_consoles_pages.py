"""The pages as people use them: what each role sees, does, and is refused; both languages; nothing typed is lost."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from creditfactory import decision, gateways
from creditfactory.records import tables
from creditfactory.service.words import compile_words
from tests.floor import PASSWORD, Floor, lay_floor

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PAGES = ("/", "/work/", "/cases/", "/loans/", "/held/", "/history/")


@pytest.fixture(scope="module", autouse=True)
def _words() -> None:
    compile_words()


@pytest.fixture
def floor(settings: object) -> Floor:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    return lay_floor()


def sign_in(name: str, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    assert client.login(username=name, password=PASSWORD)
    return client


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_has_a_title_a_state_and_a_policy_without_inline_script(floor: Floor, language: str) -> None:
    client = sign_in("lin", language)
    details = (f"/work/{floor.phone_item}/", f"/cases/{floor.phone_case}/", f"/cases/{floor.declined_case}/",
               f"/cases/{floor.loan_case}/", f"/history/{floor.run}/")  # fmt: skip
    for address in (*PAGES, *details):
        response = client.get(address, follow=True)
        page = text_of(response)
        assert response.status_code == 200, address
        assert f'<html lang="{language}"' in page
        assert re.search(r"<title>[^<·]+ · ", page), address
        assert 'class="state"' in page, address
        assert "script-src 'self';" in response.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page), f"{address} has an inline script"
        assert not re.search(r"\son\w+=|\sstyle=", page), f"{address} has an inline handler or style"


@pytest.mark.parametrize(
    "address",
    [
        "/labels/?page=²", "/cases/?page=²", "/loans/?page=²", "/cases/?text=%00", "/loans/?text=%00",
        "/loans/?bucket=²", "/loans/?cohort=99999-Q9", "/loans/?cohort=2026-Q²", "/loans/?cohort=0000-Q1",
    ],
)  # fmt: skip
def test_an_odd_address_filters_nothing_and_ends_nothing(floor: Floor, address: str) -> None:
    """A digit that is no number, a year beyond the calendar and a broken sign are read as nothing asked for."""
    assert sign_in("lin").get(address).status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_brought_back(floor: Floor) -> None:
    response = Client().get("/work/?lane=B")
    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in/?next=/work/%3Flane%3DB"
    assert Client().get("/line/now/", headers=HTMX).headers["HX-Refresh"] == "true"


def test_roles_see_their_own_work_and_are_told_what_they_may_not_see(floor: Floor) -> None:
    """ORG-01: roles are groups; what a role may not see is refused in words."""
    phone = sign_in("ma")
    queue = text_of(phone.get("/work/"))
    assert f"work-{floor.phone_item}" in queue
    assert f"work-{floor.site_item}" not in queue
    for address in ("/loans/", f"/work/{floor.site_item}/"):
        refused = phone.get(address)
        assert refused.status_code == 403
        assert "Your role does not include this page" in text_of(refused)
    assert sign_in("huang").get(f"/work/{floor.site_item}/").status_code == 403, "fraud analysts visit no shops"
    everything = text_of(sign_in("lin").get("/work/"))
    assert f"work-{floor.site_item}" in everything


def test_the_queue_is_ordered_by_what_runs_out_soonest_and_filtered_by_the_address(floor: Floor) -> None:
    client = sign_in("lin")
    page = text_of(client.get("/work/"))
    places = [
        page.index(f'id="work-{item}"')
        for item in (floor.late_item, floor.phone_item, floor.review_item, floor.site_item)
    ]
    assert places == sorted(places)
    assert "late 12 min" in page
    only = text_of(client.get("/work/?lane=C&station=site_visit"))
    assert f'id="work-{floor.site_item}"' in only
    assert f'id="work-{floor.phone_item}"' not in only
    none = text_of(client.get("/work/?text=nobody"))
    assert "Nothing matches this filter." in none


def test_work_is_claimed_by_one_released_and_taken_next(floor: Floor) -> None:
    first, second = sign_in("ma"), sign_in("lin")
    assert "Release" in text_of(first.post(f"/work/{floor.phone_item}/claim/", headers=HTMX))
    lost = second.post(f"/work/{floor.phone_item}/claim/", headers=HTMX)
    assert lost.status_code == 409
    assert "ma has claimed this already." in text_of(lost)
    first.post(f"/work/{floor.phone_item}/release/")
    assert tables.WorkItem.objects.get(id=floor.phone_item).status == "open"
    taken = first.post("/work/next/")
    assert taken.headers["Location"] == f"/work/{floor.late_item}/", "the late one runs out first"


def test_nobody_reviews_their_own_work(floor: Floor) -> None:
    maker = sign_in("li")
    assert "needs another pair of eyes" in text_of(maker.get(f"/work/{floor.review_item}/"))
    assert maker.post(f"/work/{floor.review_item}/claim/", headers=HTMX).status_code == 409
    assert tables.WorkItem.objects.get(id=floor.review_item).claimed_by == ""


def test_a_wrong_form_says_what_was_found_and_keeps_what_was_typed(floor: Floor) -> None:
    client = sign_in("ma")
    client.post(f"/work/{floor.phone_item}/claim/")
    sent = {"was_reached": "yes", "sales_monthly_said_cents": "lots", "purpose_said": "steel pipes", "note": "calm"}
    answer = client.post(f"/work/{floor.phone_item}/", sent)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Expected an amount in whole units" in page
    assert "expected one, because the applicant was reached" in page
    assert 'value="steel pipes"' in page
    assert 'value="lots"' in page
    assert tables.WorkItem.objects.get(id=floor.phone_item).status == "claimed"


def test_a_phone_check_is_handed_in_as_the_decision_room_reads_it(floor: Floor) -> None:
    """VER-02: money typed in units arrives in cents; 'could not find out' arrives as nothing known."""
    client = sign_in("ma")
    client.post(f"/work/{floor.phone_item}/claim/")
    sent = {
        "was_reached": "yes", "recording": "R-1", "is_identity_answered": "yes", "is_purpose_confirmed": "no",
        "is_consent_read_back": "unknown", "sales_monthly_said_cents": "90000.50", "employees_said": "0", "note": "",
    }  # fmt: skip
    assert client.post(f"/work/{floor.phone_item}/", sent).status_code == 302
    item = tables.WorkItem.objects.get(id=floor.phone_item)
    form = gateways.load_plain(decision.PhoneCheckForm, json.loads(item.result))
    assert (item.status, item.completed_by) == ("done", "ma")
    assert form == decision.PhoneCheckForm(
        was_reached=True, recording="R-1", is_identity_answered=True, is_purpose_confirmed=False,
        sales_monthly_said_cents=9_000_050, employees_said=0,
    )  # fmt: skip


def test_unclaimed_work_cannot_be_handed_in_and_nothing_is_lost(floor: Floor) -> None:
    client = sign_in("ma")
    answer = client.post(f"/work/{floor.phone_item}/", {"was_reached": "no", "note": "rang six times"})
    assert "Claim this work first" in text_of(answer)
    assert "rang six times" in text_of(answer)


def test_a_person_is_masked_until_revealed_with_a_reason_that_stays_in_the_history(floor: Floor) -> None:
    client = sign_in("li")
    address = f"/cases/{floor.phone_case}/"
    page = text_of(client.get(address))
    assert "李**" in page
    assert "13800000001" not in page
    assert "13800000001" not in text_of(client.post(address + "reveal/", {"why": ""}, headers=HTMX))
    shown = text_of(client.post(address + "reveal/", {"why": "call back about the lease"}, headers=HTMX))
    assert "13800000001" in shown
    event = tables.AuditEvent.objects.get(action="person_revealed")
    assert (event.actor, event.object_key, event.detail["why"]) == ("li", floor.phone_case, "call back about the lease")
    assert sign_in("zhou").post(address + "reveal/", {"why": "curious about it"}).status_code == 403
    assert tables.AuditEvent.objects.filter(action="person_revealed").count() == 1


def test_a_case_tells_its_story_its_matter_and_its_verdict(floor: Floor) -> None:
    client = sign_in("lin")
    page = text_of(client.get(f"/cases/{floor.phone_case}/"))
    assert page.count('class="passed') == 2
    assert page.count('class="present') == 1
    assert "641 points on the card Master card, chance of default 4.1\u202f%." in page
    assert "gave 11 points; the best class would give 42." in page
    assert "<dt>Overdue now</dt><dd>¥\u00a01,230</dd>" in page, "evidence in words, marked where it speaks against"
    assert "CaseRow(" not in page
    declined = text_of(client.get(f"/cases/{floor.declined_case}/"))
    assert "POL-BUR-OVERDUE-NOW" in declined
    assert "Declined" in declined


def test_a_loan_shows_its_schedule_and_a_ledger_that_balances(floor: Floor) -> None:
    page = text_of(sign_in("lin").get(f"/cases/{floor.loan_case}/"))
    assert page.count("260,000.00") == 3, "sum of the schedule, one debit, one credit"
    assert page.count("9,399.62") >= 35, "260,000 over 36 months at 18 %"
    assert "Loans outstanding" in page


def test_cases_of_another_factory_are_out_of_reach_except_for_those_who_have_both(floor: Floor) -> None:
    assert sign_in("lin").get(f"/cases/{floor.other_case}/").status_code == 404
    both = sign_in("root")
    assert both.get(f"/cases/{floor.other_case}/", follow=True).status_code == 200
    assert both.session["factory"] == "us-sba"


def test_a_held_case_is_resumed_from_the_list(floor: Floor) -> None:
    client = sign_in("lin")
    assert "bureau timed out" in text_of(client.get("/held/"))
    client.post(f"/cases/{floor.held_case}/resume/", {"from": "held"})
    assert tables.Application.objects.get(number=floor.held_case).status == "moving"
    assert tables.DeadLetter.objects.get(application__number=floor.held_case).resumed_by == "lin"


def test_the_line_sends_nothing_when_nothing_changed(floor: Floor) -> None:
    client = sign_in("ma")
    first = client.get("/line/now/", headers=HTMX)
    again = client.get("/line/now/?seen=" + first.headers["X-Seen"], headers=HTMX)
    assert (first.status_code, again.status_code) == (200, 204)
    client.post(f"/work/{floor.phone_item}/claim/")
    assert client.get("/line/now/?seen=" + first.headers["X-Seen"], headers=HTMX).status_code == 200


def test_the_export_guards_against_formulas_and_the_chart_needs_no_other_server(floor: Floor) -> None:
    client = sign_in("lin")
    tables.Application.objects.filter(number=floor.loan_case).update(trade_name="=HYPERLINK(1)")
    exported = b"".join(client.get("/loans/loans.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert exported.splitlines()[0].startswith("number,case,trade_name")
    assert "'=HYPERLINK(1)" in exported
    spec = client.get("/loans/vintage.json?theme=dark").json()
    assert "layer" in spec
    assert client.get("/charts.js").headers["Content-Encoding"] == "gzip"


def test_a_history_report_says_which_account_differs(floor: Floor) -> None:
    page = text_of(sign_in("lin").get(f"/history/{floor.run}/"))
    assert "an account differs from its independent sum" in page
    assert "0.01" in page, "the difference"
    assert "none lost, none twice" in page
    assert "The lender is not named" in page, "odd rows are counted by rule"


def test_faults_are_told_in_words(floor: Floor) -> None:
    missing = sign_in("ma", "zh-hans").get("/nowhere/")
    assert missing.status_code == 404
    assert "此地址没有内容" in text_of(missing)
    stale = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "ma", "password": "x"})
    assert stale.status_code == 403
    assert "This form is too old to be taken" in text_of(stale)
