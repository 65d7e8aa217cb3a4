"""The bureau's door: permission first, through the licensed bureau, paid once, kept; and what we report in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from creditfactory import gateways, portfolio, records, stations
from creditfactory.application import BureauReport, PaperCheck
from creditfactory.batches.bureau_reporting import report_month
from creditfactory.kernel import Refused, month_end
from creditfactory.records import tables
from creditfactory.stations import segment
from creditfactory.stations.addresses import read_addresses
from creditfactory.stations.line_plan import LinePlan
from creditfactory.stations.uploaded import check_uploaded_report, compare_reports
from tests.journeys.test_world_parties import KEYS, PERSON, open_parties
from tests.walking import Line, Walk, bare, change, open_town, use_addresses, world

pytestmark = pytest.mark.django_db
PURPOSES = {"loan_approval": {"consents": ("bureau",), "days": 30}}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("town")) as path:
        yield path


def use_plan(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """The line as the pack has it, with some of it changed."""
    plain = segment.read_line_plan
    held = {"bureau_via": "licensed_bureau", "bureau_purposes": PURPOSES, **changed}
    monkeypatch.setattr(segment, "read_line_plan", lambda book: replace(plain(book), **held))


def walk_in(line: Line, who: int, **changed: Any) -> Walk:
    dossier, person = bare(who)
    return line.take_in(change(dossier, **changed), person=person).go()


def needs(walk: Walk) -> list[tuple[str, str, int]]:
    """How each need of a report was met, by whom, and for how much."""
    rows = tables.BureauQuery.objects.filter(application_id=walk.id).order_by("id")
    return [(row.outcome, row.party, row.price_cents) for row in rows]


def asked(walk: Walk) -> list[str]:
    rows = tables.Question.objects.filter(application_id=walk.id, key__endswith=":bureau")
    return [row.party for row in rows]


def test_a_report_passes_the_licensed_bureau_and_is_paid_for_once(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """C.4: the question goes to the licensed bureau, with purpose and consent; one answer, one price."""
    use_addresses(monkeypatch, town)
    use_plan(monkeypatch)
    walk = walk_in(Line(), 3)
    assert needs(walk) == [("paid", "licensed_bureau", 800)] and asked(walk) == ["licensed_bureau"]
    row = tables.BureauQuery.objects.get(application_id=walk.id)
    assert (row.purpose, row.report_at is not None, row.consent_signed_at is not None) == ("loan_approval", True, True)
    assert "bureau" in walk.seen("data_pull").result.obtained


def test_within_its_lifetime_a_report_is_never_asked_for_again(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same person applies again within 30 days: the report in hand serves; later than that it is paid anew."""
    use_addresses(monkeypatch, town)
    use_plan(monkeypatch)
    line = Line()
    first = walk_in(line, 3)
    dossier, _ = bare(3)
    day = {"29": "2026-11-26T03:00:00+00:00", "40": "2026-12-10T03:00:00+00:00"}
    later = [
        walk_in(
            line, 3, reference=f"again-{name}", applied_at=at,
            consents=[{**consent, "signed_at": at} for consent in dossier["consents"]],
        )
        for name, at in day.items()
    ]  # fmt: skip
    assert [needs(walk)[-1][0] for walk in (first, *later)] == ["paid", "reused", "paid"]
    assert [len(asked(walk)) for walk in (first, *later)] == [1, 0, 1]
    reused = tables.BureauQuery.objects.get(application_id=later[0].id)
    assert reused.source_key == f"{first.number}:bureau" and reused.price_cents == 0


@pytest.mark.parametrize(
    ("consents", "code"),
    [([], "CON-MISSING"), ([{"kind": "bureau", "signed_at": "2026-01-02T00:00:00+00:00"}], "CON-EXPIRED")],
)
def test_without_a_permission_that_holds_nothing_is_sent(
    town: Path, monkeypatch: pytest.MonkeyPatch, consents: list[dict[str, str]], code: str
) -> None:
    """Consent is looked at before anybody is asked: none or an old one is refused with the reason and never sent."""
    use_addresses(monkeypatch, town)
    use_plan(monkeypatch, consents=(), sources=("bureau",))
    walk = walk_in(Line(), 3, consents=consents)
    seen = walk.seen("data_pull")
    assert (seen.outcome, seen.codes, asked(walk)) == ("expired", (code,), [])
    assert [need[0] for need in needs(walk)] == ["withheld"]


def test_a_purpose_that_is_not_listed_is_never_asked_for(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_addresses(monkeypatch, town)
    use_plan(monkeypatch, bureau_purposes={"after_loan": PURPOSES["loan_approval"]})
    walk = walk_in(Line(), 3)
    assert (walk.seen("data_pull").codes, asked(walk)) == (("BUR-PURPOSE",), [])


@pytest.mark.parametrize(
    ("way", "required", "where", "missing"),
    [
        ("go_on", ("registry",), None, {"bureau": "UNAVAILABLE"}),
        ("wait", ("bureau",), ("waiting", "data_pull", "retry"), None),
        ("hold", ("bureau",), ("held", "data_pull", ""), None),
        ("stop", ("bureau",), ("expired", "", ""), {"bureau": "UNAVAILABLE"}),
    ],
)
def test_a_bureau_that_stays_away_is_treated_as_the_line_says(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, required: tuple[str, ...],
    where: tuple[str, str, str] | None, missing: dict[str, str] | None,
) -> None:  # fmt: skip
    """sources_down: go on with a gap, wait, hold for a person, or end undecided; nothing is counted as paid."""
    close_bureau(town, tmp_path, monkeypatch)
    use_plan(monkeypatch, sources_down={"bureau": way, "otherwise": "hold"}, sources_required=required)
    walk = walk_in(Line(), 3)
    for _ in range(8):
        if walk.where[2] != "retry":
            break
        walk.pass_time(minutes=35)
    assert needs(walk) == []
    if where is not None:
        assert walk.where[:2] == where[:2] and walk.where[2] in (where[2], walk.where[2])
    if missing is not None:
        assert dict(walk.seen("data_pull").result.missing) == missing
    if way == "go_on":
        assert walk.seen("data_pull").outcome == "done"
    if way == "wait":
        read_addresses.cache_clear()
        use_addresses(monkeypatch, town)
        walk.pass_time(minutes=35)
        assert [need[0] for need in needs(walk)] == ["paid"] and walk.seen("data_pull").outcome == "done"


REPORT = {
    "has_record": True, "report_number": "R1", "accounts": {
        "kind": ["card"], "lender": ["bank"], "lender_token": ["b1"], "opened_on": ["2020-01-01"], "closed_on": [None],
        "reported_on": ["2026-10-31"], "state": ["normal"], "security": ["unsecured"], "purpose": ["card"],
        "limit_cents": [5000000], "balance_cents": [1234500], "due_cents": [100000], "paid_cents": [100000],
        "overdue_cents": [0], "overdue_over_30_cents": [0], "overdue_over_90_cents": [0], "terms": [None],
        "terms_left": [None], "months": ["NNNN"],
    },
}  # fmt: skip


def close_bureau(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = json.loads(town.read_text("utf-8"))
    book["licensed_bureau"] = {**book["licensed_bureau"], "url": "http://127.0.0.1:9/licensed_bureau"}
    broken = tmp_path / "addresses.json"
    broken.write_text(json.dumps(book), "utf-8")
    use_addresses(monkeypatch, broken)


@pytest.mark.parametrize("uploaded", ["while_down", "refused"])
def test_a_report_on_paper_stands_for_a_bureau_that_stays_away_where_the_line_says_so(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uploaded: str
) -> None:
    """WIL-01: taken with its origin, labels computed from it, nothing paid; refused, the case waits on."""
    close_bureau(town, tmp_path, monkeypatch)
    use_plan(
        monkeypatch, sources_down={"bureau": "wait", "otherwise": "go_on"},
        uploaded={"bureau": uploaded, "otherwise": "accepted"},
    )  # fmt: skip
    walk = walk_in(Line(), 3)
    made_at = walk.now.isoformat()
    paper = {**REPORT, "holder_name": bare(3)[1]["name"], "obtained_at": made_at}
    taken = stations.take_paper(walk.id, json.dumps(paper).encode(), name="report.json", by="broker")
    assert taken.counts and stations.open_paper(taken.id) is not None
    walk.go()
    for _ in range(8):
        if walk.where[2] != "retry":
            break
        walk.pass_time(minutes=35)
    assert needs(walk) == []
    if uploaded == "refused":
        assert walk.where == ("waiting", "data_pull", "retry")
        return
    seen = walk.seen("data_pull")
    assert seen.result.uploaded == ("bureau",) and "bureau" in seen.result.obtained
    assert "PAP-UPLOAD-TAKEN" in seen.codes and seen.outcome == "done"
    assert walk.seen("labels").result.facts["card_use_bps"] == 2_469
    case = records.load_case(walk.id)
    assert case is not None
    held = [e for e in gateways.load_dossier(case.dossier).evidence if isinstance(e, BureauReport)]
    assert [report.origin for report in held] == ["upload"]


def test_a_report_on_paper_says_why_it_does_not_stand() -> None:
    """Fails closed: not allowed, not needed, old or from the future, doubted, without permission; the bureau first."""
    dossier = gateways.read_dossier(world(0))
    now = max([dossier.applied_at, *(e.obtained_at for e in dossier.evidence)]) + timedelta(hours=1)
    dossier = replace(dossier, evidence=tuple(e for e in dossier.evidence if not isinstance(e, BureauReport)))
    report = BureauReport(obtained_at=now - timedelta(days=2), origin="upload", has_record=False)
    check = PaperCheck(obtained_at=now, paper="bureau_report", digest="f" * 64)
    plan = LinePlan({}, uploaded={"bureau": "while_down", "otherwise": "accepted"}, bureau_purposes=PURPOSES)

    def why(**changed: Any) -> list[str]:
        asked = {
            "report": report,
            "check": check,
            "dossier": dossier,
            "plan": plan,
            "now": now,
            "down": True,
            **changed,
        }
        return [reason.code for reason in check_uploaded_report(**asked)]

    assert why() == []
    assert why(plan=replace(plan, uploaded={"bureau": "refused", "otherwise": "accepted"})) == ["PAP-UPLOAD-REFUSED"]
    assert why(plan=LinePlan({}, bureau_purposes=PURPOSES)) == ["PAP-UPLOAD-REFUSED"]
    assert why(down=False) == ["PAP-UPLOAD-NOT-DOWN"]
    for days in (31, -1):
        assert why(report=replace(report, obtained_at=now - timedelta(days=days))) == ["PAP-UPLOAD-AGE"]
    assert why(check=replace(check, findings=("PAP-HOLDER",))) == ["PAP-UPLOAD-DOUBTED"]
    assert why(check=replace(check, findings=("PAP-UNCLEAR",))) == [], "a second person has looked"
    assert why(dossier=replace(dossier, consents=())) == ["CON-MISSING"]
    own = replace(report, origin="bureau", has_record=True)
    told = replace(dossier, evidence=(*dossier.evidence, own))
    assert why(dossier=told) == ["PAP-UPLOAD-SECOND"]
    assert compare_reports(report, check, told, now).findings == ("PAP-BUREAU-DIFFERS",)
    assert compare_reports(replace(report, has_record=True), check, told, now) == check


def test_nothing_is_spent_on_whoever_the_front_gate_stops(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """IDF-01: an application that ends at the gate has asked no bureau and cost nothing."""
    use_addresses(monkeypatch, town)
    use_plan(monkeypatch)
    line = Line()
    walks = [walk_in(line, who) for who in range(40)]
    stopped = [walk for walk in walks if not tables.Visit.objects.filter(application_id=walk.id, station="list_check")]
    assert stopped, "nobody was stopped before the lists; take more people"
    assert [needs(walk) for walk in stopped] == [[]] * len(stopped)
    assert sum(len(needs(walk)) for walk in walks) > 0


def build_hop_question(**changed: Any) -> dict[str, Any]:
    return {
        "application": "by-hand-1", "asked_at": "2026-11-03T02:00:00+00:00", "person": PERSON, "institution": "demo",
        "purpose": "loan_approval", "consent": "1", "consent_signed_at": "2026-11-03T01:00:00+00:00", **changed,
    }  # fmt: skip


def test_the_licensed_bureau_is_a_process_of_its_own_that_asks_the_bureau_in_its_own_name(tmp_path: Path) -> None:
    """Two processes: what the hop hands on is what the bureau says, with the number of the passage."""
    KEYS.setdefault("licensed_bureau", "lb-secret")
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    words = ("--seed", "7", "--faults", "0")
    with open_parties(first, "--party", "bureau", *words) as (bureau, _):
        upstream = bureau.find("bureau").url.rpartition("/")[0]
        with open_parties(second, "--party", "licensed_bureau", "--upstream", upstream, *words) as (hop, _):
            passed = gateways.ask("licensed_bureau", "report", "k1", build_hop_question(), address_book=hop)
            plain = {k: v for k, v in build_hop_question().items() if k not in ("institution", "consent_signed_at")}
            direct = gateways.ask("bureau", "report", "k2", plain, address_book=bureau)
            refusals = [
                gateways.ask("licensed_bureau", "report", "k3", build_hop_question(purpose="objection",
                    consent_signed_at="2026-11-04T01:00:00+00:00"), address_book=hop),
                gateways.ask("licensed_bureau", "report", "k4", build_hop_question(consent=""), address_book=hop),
            ]  # fmt: skip
    assert isinstance(passed.value.report, BureauReport) and passed.value.report == direct.value
    assert passed.body["passage"].startswith("LB")
    assert [(said.status, said.body["code"]) for said in refusals] == [("refused", "NO-CONSENT")] * 2


def test_outcomes_are_told_once_late_months_by_their_letter_and_a_right_objection_is_put_right(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B.3, C.4: opened, status by month, corrections; the same report again tells nothing anew; 20 days to answer."""
    use_addresses(monkeypatch, town)
    line = Line()
    walk = line.run(world(0)).borrow()
    loan, tenant = walk.loan, line.tenant
    first_due, second_due = (row.due_on for row in walk.owed()[:2])
    at = datetime(second_due.year, second_due.month, 28, 3, tzinfo=UTC) + timedelta(days=10)
    months = [loan.disbursed_on.replace(day=1), first_due.replace(day=1), second_due.replace(day=1)]
    told = [report_month(tenant, month, at=at) for month in dict.fromkeys(months)]
    assert all(one.refused == 0 and one.left == 0 for one in told)
    kept = {row.key: json.loads(row.body) for row in tables.BureauRecord.objects.filter(loan=loan)}
    letters = [kept[f"{loan.number}:{month:%Y-%m}"]["status"] for month in months]
    late = [max(0, (month_end(month) - first_due).days) for month in months]
    assert letters == [portfolio.read_bureau_status(days) for days in late] and letters[2] == "2", (letters, late)
    assert kept[f"{loan.number}:opened"]["balance_cents"] == loan.principal_cents
    assert (
        kept[f"{loan.number}:{months[2]:%Y-%m}"]["overdue_cents"]
        > kept[f"{loan.number}:{months[1]:%Y-%m}"]["overdue_cents"]
    )
    again = [report_month(tenant, month, at=at) for month in dict.fromkeys(months)]
    assert [(one.made, one.taken) for one in again] == [(0, 0)] * len(again)

    line.set_clock(at)
    wrong = f"{loan.number}:{months[1]:%Y-%m}"
    stations.object_to_bureau(walk.id, line=wrong, why="paid in time, see the receipt")
    item = walk.find_work("bureau_objection")
    assert (item.due_at - at).days == 20 and item.role == "senior_credit_officer"
    result = {"verdict": "wrong", "status": "N", "overdue_cents": 0, "note": "the receipt is of the day before"}
    stations.check_work("bureau_objection", result)
    records.claim_work(item_id=item.pk, by="he", at=at)
    records.complete_work(item_id=item.pk, result=result, by="he", at=at)
    put_right = report_month(tenant, months[2], at=at)
    assert (put_right.made, put_right.taken, put_right.refused) == (1, 1, 0)
    correction = json.loads(tables.BureauRecord.objects.get(loan=loan, kind="correction").body)
    assert (correction["corrects"], correction["status"], correction["overdue_cents"]) == (wrong, "N", 0)
    with pytest.raises(Refused, match="Nothing was told"):
        stations.object_to_bureau(walk.id, line="X:2026-01", why="?")
    with pytest.raises(Refused, match="not ended yet"):
        report_month(tenant, at.date(), at=at)


def test_a_batch_that_found_no_ear_is_told_later_and_none_twice(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bureau away at month's end loses nothing: the lines stand, and the next run tells them."""
    use_addresses(monkeypatch, town)
    line = Line()
    walk = line.run(world(0)).borrow()
    month = walk.loan.disbursed_on.replace(day=1)
    at = datetime(month.year + 1, 1, 5, 3, tzinfo=UTC)
    book = json.loads(town.read_text("utf-8"))
    for party in ("bureau", "licensed_bureau"):
        book[party] = {**book[party], "url": f"http://127.0.0.1:9/{party}"}
    broken = tmp_path / "addresses.json"
    broken.write_text(json.dumps(book), "utf-8")
    use_addresses(monkeypatch, broken)
    read_addresses.cache_clear()
    silent = report_month(line.tenant, month, at=at)
    assert (silent.made, silent.taken, silent.left) == (2, 0, 2)
    use_addresses(monkeypatch, town)
    read_addresses.cache_clear()
    heard = report_month(line.tenant, month, at=at)
    assert (heard.made, heard.taken, heard.left) == (0, 2, 0)
