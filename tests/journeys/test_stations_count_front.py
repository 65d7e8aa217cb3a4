"""Stations 1 to 8 count: two real inputs, two outcomes, different reasons (FAC-01, FAC-03: front stations).

The inputs are people of the simulated market by their number (``world(45)``), the dossiers of ``docs/examples``, and
real past loans. The line is the real one: real rulebooks, real stations, PostgreSQL, parties asked over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from creditfactory import application, channel, identity, records
from creditfactory.records import tables
from tests.walking import MARKET, SBA, Line, Walk, bare, change, example, open_town, past_loans, use_addresses, world

pytestmark = pytest.mark.django_db
HONEST, ROBOT, IMPOSTOR, OUTSIDER, TOO_MUCH, TOO_LITTLE = 0, 45, 30, 108, 24, 86


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("town"), party="sources") as addresses:
        yield addresses


@pytest.mark.parametrize(
    ("come", "outcome", "grade", "codes"),
    [
        pytest.param(lambda: world(HONEST), "done", "A", (), id="its own channel, deposit paid"),
        pytest.param(
            lambda: world(HONEST, channel={"kind": "offline", "company": "one-stop"}),
            "declined", "C", ("CHN-DEPOSIT",), id="a broker whose deposit is not paid up",
        ),
        pytest.param(
            lambda: world(HONEST, channel={"kind": "online", "company": "pearl-river"}),
            "declined", "A", ("CHN-KIND",), id="an offline broker that comes online",
        ),
        pytest.param(
            lambda: example("cn-micro-approve"), "declined", None, ("CHN-UNKNOWN",), id="a channel nobody knows"
        ),
    ],
)  # fmt: skip
def test_channel_admission__known_channels_with_their_deposit_paid(
    line: Line, come: Callable[[], Any], outcome: str, grade: str | None, codes: tuple[str, ...]
) -> None:
    """ACQ-08, FAC-03: a broker below its deposit cannot hand in; an unknown channel never can."""
    seen = line.run(come()).seen("channel_admission")
    assert (seen.outcome, seen.result.grade, seen.codes) == (outcome, grade, codes)
    assert isinstance(seen.result, channel.Admission)


@pytest.mark.parametrize(
    ("come", "chance", "codes"),
    [
        pytest.param(lambda: world(HONEST), "likely", (), id="sales that carry the loan"),
        pytest.param(lambda: world(TOO_MUCH), "unlikely", ("INT-AMOUNT-HIGH",), id="more than the largest loan"),
        pytest.param(
            lambda: world(HONEST, business={"declared_sales_12m_cents": 12_000_000}),
            "unlikely", ("LEA-SALES-LOW",), id="sales too small for the smallest loan",
        ),
        pytest.param(
            lambda: world(HONEST, business={"declared_sales_12m_cents": None}),
            "possible", ("LEA-SALES-UNKNOWN",), id="sales not stated",
        ),
    ],
)  # fmt: skip
def test_lead__is_credited_to_one_path_and_hears_what_to_expect(
    line: Line, come: Callable[[], Any], chance: str, codes: tuple[str, ...]
) -> None:
    """ACQ-04, ACQ-05, FAC-03: one attributed path, and a first answer from what the applicant says."""
    dossier = come()
    seen = line.run(dossier).seen("lead")
    assert (seen.outcome, seen.result.indication.chance, seen.codes) == ("done", chance, codes)
    assert seen.result.attribution.path[:2] == (dossier["channel"]["kind"], dossier["channel"]["company"])


@pytest.mark.skipif(not SBA.exists(), reason=f"the public SBA file is not at {SBA}")
def test_lead__without_a_channel_belongs_to_nobody() -> None:
    """ACQ-04: where the pack admits no channels (us-sba), a lead that names none is declined."""
    line, past = Line("us-sba"), past_loans(2003)[0].dossier
    nobody = line.run(replace(past, reference="X-1", channel=replace(past.channel, company=" "))).seen("lead")
    known = line.run(past).seen("lead")
    assert (nobody.outcome, nobody.codes) == ("declined", ("LEA-NO-CHANNEL",))
    assert (known.outcome, known.result.attribution.path) == ("done", ("direct", past.channel.company))


def test_consent__is_waited_for_and_without_it_nothing_is_asked_of_others(line: Line) -> None:
    """FAC-03: signed consents pass, a refusal withdraws, silence expires; until then no question leaves the house."""
    signed = line.run(world(HONEST)).seen("consent")
    assert (signed.outcome, signed.codes, signed.actor) == ("done", (), "borrower")
    assert signed.result == application.ConsentCheck()

    walk = line.run(world(4, consents=[]))
    assert walk.where == ("waiting", "consent", "consents_signed")
    walk.tell("consents_signed", {"refused": True})
    refused = walk.seen("consent")
    assert (refused.outcome, refused.codes, refused.actor) == ("withdrawn", ("CON-REFUSED",), "borrower")
    assert refused.result.missing == MARKET.consents

    silent = line.run(world(9, consents=[])).pass_time(days=3, minutes=1)
    expired = silent.seen("consent")
    assert (expired.outcome, expired.codes) == ("expired", ("LIN-EXPIRED", *("CON-MISSING",) * 4))
    assert not tables.Question.objects.filter(application_id__in=[walk.id, silent.id]).exists()


def test_consent__signed_one_at_a_time_adds_up_and_an_old_one_has_run_out(line: Line) -> None:
    walk = line.run(world(4, consents=[]))
    at = walk.now.isoformat()
    for kind in MARKET.consents[:-1]:
        walk.tell("consents_signed", {"consents": [{"kind": kind, "signed_at": at}]})
        assert walk.where == ("waiting", "consent", "consents_signed")
    walk.tell("consents_signed", {"consents": [{"kind": MARKET.consents[-1], "signed_at": at}]})
    assert walk.seen("consent").outcome == "done"

    old = [{"kind": kind, "signed_at": "2026-01-01T00:00:00Z"} for kind in MARKET.consents]
    stale = line.run(world(9, consents=old)).pass_time(days=3, minutes=1).seen("consent")
    assert (stale.outcome, stale.codes) == ("expired", ("LIN-EXPIRED", *("CON-EXPIRED",) * 4))


@pytest.mark.parametrize(
    ("come", "outcome", "codes"),
    [
        pytest.param(lambda: world(HONEST), "done", (), id="inside territory and amounts"),
        pytest.param(lambda: world(TOO_MUCH), "declined", ("INT-AMOUNT-HIGH",), id="above 500,000"),
        pytest.param(lambda: world(TOO_LITTLE), "declined", ("INT-AMOUNT-LOW",), id="below 100,000"),
        pytest.param(lambda: world(OUTSIDER), "declined", ("INT-TERRITORY",) * 2, id="home and firm without a branch"),
        pytest.param(
            lambda: world(HONEST, applicant={"role": "employee"}), "declined", ("INT-ROLE",), id="not the owner"
        ),
    ],
)
def test_intake__takes_in_what_lies_inside_territory_and_amounts(
    line: Line, come: Callable[[], Any], outcome: str, codes: tuple[str, ...]
) -> None:
    """ACQ-02, DEC-01, FAC-03: out of the territory or the amounts is declined with the reason."""
    seen = line.run(come()).seen("intake")
    assert (seen.outcome, seen.codes) == (outcome, codes)
    assert isinstance(seen.result, application.IntakeCheck)


def test_intake__waits_for_details_and_lets_the_silent_go(line: Line) -> None:
    walk = line.run(world(HONEST, request={"purpose": None}))
    assert walk.where == ("waiting", "intake", "details_submitted")
    walk.tell("details_submitted", {"request": {"purpose": "stock"}})
    assert walk.seen("intake").outcome == "done"
    silent = line.run(world(4, request={"purpose": None})).pass_time(days=3, minutes=1).seen("intake")
    assert (silent.outcome, silent.codes) == ("expired", ("LIN-EXPIRED", "ENT-GAP"))


def test_data_entry__passes_what_is_complete_and_declines_what_a_clerk_could_not_fill(line: Line) -> None:
    """FAC-03 信息录入: the machine passes a whole dossier; a clerk fills a gap; what stays empty is declined."""
    whole = line.run(world(HONEST)).seen("data_entry")
    assert (whole.outcome, whole.codes, whole.actor) == ("done", (), "machine")
    assert isinstance(whole.result, application.CompletenessCheck)

    filled = line.run(world(4, business={"opened_on": None}))
    filled.tell("details_submitted", {})
    assert filled.where == ("waiting", "data_entry", "work:data_entry")
    filled.work("data_entry", {"details": {"business": {"opened_on": "2019-05-01"}}}, by="xu")
    assert (filled.seen("data_entry").outcome, filled.seen("data_entry").actor) == ("done", "xu")

    empty = line.run(world(9, business={"opened_on": None}))
    empty.tell("details_submitted", {})
    empty.work("data_entry", {"details": {}}, by="xu")
    seen = empty.seen("data_entry")
    assert (seen.outcome, seen.codes, seen.result.gaps) == ("declined", ("ENT-GAP",), ("business.opened_on",))


@pytest.mark.parametrize(
    ("who", "outcome", "verdict", "codes"),
    [
        pytest.param(HONEST, "done", "pass", (), id="an honest owner"),
        pytest.param(
            ROBOT, "declined", "reject",
            ("GTE-HEADLESS", "GTE-AUTOMATED", "GTE-FAST-FORM", "GTE-FAST-TYPING"), id="a robot",
        ),
        pytest.param(
            5, "declined", "reject",
            ("GTE-HEADLESS", "GTE-TRAP", "GTE-AUTOMATED", "GTE-FAST-FORM", "GTE-FAST-TYPING"),
            id="another robot, caught by other signs",
        ),
    ],
)  # fmt: skip
def test_front_gate__rejects_robots_and_false_papers_before_any_bureau_is_paid(
    line: Line,
    town: Path,
    monkeypatch: pytest.MonkeyPatch,
    who: int,
    outcome: str,
    verdict: str,
    codes: tuple[str, ...],
) -> None:
    """IDF-01, IDF-03: a machine is told by its session alone; the authority is asked for whoever may be a person."""
    use_addresses(monkeypatch, town)
    dossier, person = bare(who)
    walk = line.take_in(dossier, person=person).go()
    seen = walk.seen("front_gate")
    assert isinstance(seen.result, identity.FrontGate)
    assert (seen.outcome, seen.result.verdict, seen.codes) == (outcome, verdict, codes)
    asked = list(tables.Question.objects.filter(application_id=walk.id).order_by("id").values_list("party", flat=True))
    assert asked == ([] if outcome == "declined" else ["identity", *asked[1:]])
    assert outcome == "declined" or len(asked) > 1


def test_front_gate__what_is_doubtful_goes_to_an_analyst(line: Line) -> None:
    """IDF-04: somebody else's papers with a face that is not quite theirs; neither passed nor rejected by machine."""
    for verdict, outcome, first in (("pass", "done", "GTE-LIVENESS"), ("reject", "declined", "GTE-ANALYST")):
        walk = line.run(world(IMPOSTOR, reference=f"doubt-{verdict}"))
        assert walk.where == ("waiting", "front_gate", "work:gate_review")
        walk.work("gate_review", {"verdict": verdict, "note": "seen on video"}, by="huang")
        seen = walk.seen("front_gate")
        assert (seen.outcome, seen.codes[0], seen.actor) == (outcome, first, "huang")


@pytest.mark.parametrize(
    ("list_name", "match", "said", "outcome", "codes"),
    [
        pytest.param("", "", None, "done", (), id="on no list"),
        pytest.param("own_fraud", "exact", None, "declined", ("LST-EXACT",), id="on our own list of frauds"),
        pytest.param("sanctions", "similar", "clear", "done", ("LST-SIMILAR",), id="a namesake"),
        pytest.param(
            "sanctions", "similar", "hit", "declined", ("LST-CONFIRMED", "LST-SIMILAR"), id="confirmed by compliance"
        ),
        pytest.param("heard_somewhere", "exact", "clear", "done", ("LST-SIMILAR",), id="a list of another name"),
    ],
)
def test_list_check__stops_exact_hits_and_has_likenesses_looked_at(
    line: Line, list_name: str, match: str, said: str | None, outcome: str, codes: tuple[str, ...]
) -> None:
    """IDF-05, FAC-03: lists are searched by blind index of the ID number; a person decides on a likeness."""
    person = {"name": "测试", "id_number": "110109198001011234", "phone": "13800000000"}
    if list_name:
        tables.ListEntry.objects.create(
            tenant_id=line.tenant.id, list_code=list_name, subject_kind="id_number", severity=match, since="2020-01-01",
            subject_index=records.blind_index("id_number", person["id_number"]),
        )  # fmt: skip
    walk = line.take_in(world(HONEST), person=person).go()
    if said is not None:
        assert walk.where == ("waiting", "list_check", "work:list_review")
        walk.work("list_review", {"verdict": said}, by="liang")
    seen = walk.seen("list_check")
    assert isinstance(seen.result, identity.ListCheck)
    assert (seen.outcome, seen.codes, seen.actor) == (outcome, codes, "machine" if said is None else "liang")


def test_data_pull__asks_each_source_once_and_ends_where_a_needed_one_refuses(
    line: Line, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAC-03: five sources over HTTP, one question each; without a consent, the bureau refuses; that ends it."""
    use_addresses(monkeypatch, town)
    walk = _walk_in(line, HONEST)
    whole = walk.seen("data_pull")
    sources = ("bureau", "registry", "court", "tax", "bank_flow")
    assert (whole.outcome, whole.codes, whole.result.obtained, dict(whole.result.missing)) == ("done", (), sources, {})
    assert [q.attempts for q in tables.Question.objects.filter(application_id=walk.id, station="data_pull")] == [1] * 5

    refused = _walk_in(line, 4, version="").seen("data_pull")
    assert (refused.outcome, refused.codes) == ("declined", ("DAT-SOURCE-REFUSED",) * 3)
    assert dict(refused.result.missing) == dict.fromkeys(("bureau", "tax", "bank_flow"), "NO-CONSENT")
    assert refused.result.obtained == ("registry", "court")


def _walk_in(line: Line, who: int, *, version: str = "1") -> Walk:
    dossier, person = bare(who)
    consents = [{**consent, "version": version} for consent in dossier["consents"]]
    return line.take_in(change(dossier, consents=consents), person=person).go()


def test_data_pull__keeps_a_fresh_report_and_asks_for_one_that_is_too_old(
    line: Line, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_addresses(monkeypatch, town)
    fresh, stale = world(HONEST), world(4)
    for evidence in stale["evidence"]:
        if evidence["kind"] == "bureau":
            evidence["obtained_at"] = "2026-08-01T00:00:00+00:00"
            for details in ("accounts", "queries", "duties", "public"):
                evidence.pop(details, None)  # of days after that one
    walks = [line.run(fresh), line.run(stale)]
    asked = [
        list(
            tables.Question.objects.filter(application_id=walk.id, station="data_pull").values_list("party", flat=True)
        )
        for walk in walks
    ]
    assert asked == [[], ["bureau"]]


@pytest.mark.skipif(not SBA.exists(), reason=f"the public SBA file is not at {SBA}")
def test_a_past_loan_passes_the_front_with_the_reason_for_every_absence() -> None:
    """A station that a pack has no evidence for is not applicable, and says what the evidence would have been."""
    walk = Line("us-sba").run(past_loans(2003)[0].dossier)
    for station in ("channel_admission", "consent", "data_entry", "front_gate", "list_check", "data_pull"):
        seen = walk.seen(station)
        assert (seen.outcome, seen.codes) == ("not_applicable", ("LIN-ABSENT",))
        assert len(seen.facts[0]["why"]) > 30
    assert walk.seen("intake").outcome == "done"
    assert walk.now - past_loans(2003)[0].dossier.applied_at == timedelta(minutes=15)
