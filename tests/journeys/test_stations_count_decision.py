"""Stations 9 to 18 count: two real inputs, two outcomes, different reasons (FAC-01, FAC-03: the middle stations).

The inputs are people of the simulated market by number (``world(92)``) and real SBA loans; see
:mod:`test_stations_count_front`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from creditfactory import decision, labels, scoring
from creditfactory.records import tables
from creditfactory.stations.outcomes import Absent
from tests.walking import (
    ONLINE_OK,
    SBA,
    VISIT_OK,
    Line,
    Walk,
    open_town,
    past_loans,
    reach,
    say_sales,
    use_addresses,
    world,
)

pytestmark = pytest.mark.django_db
HONEST, BETWEEN, VISITED, LARGE = 0, 56, 1, 7
needs_sba = pytest.mark.skipif(not SBA.exists(), reason=f"the public SBA file is not at {SBA}")


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A process that plays the tax bureau only: whoever else is asked there refuses."""
    with open_town(tmp_path_factory.mktemp("town"), party="tax") as addresses:
        yield addresses


@pytest.mark.parametrize(
    ("come", "income_is_known", "codes", "signs"),
    [
        pytest.param(lambda: world(HONEST), True, (), (), id="three sources that agree"),
        pytest.param(
            lambda: world(2), True, ("CSH-INCOME",), ("CSH-HIDDEN-DEBT",), id="an income the statements do not bear out"
        ),
        pytest.param(
            lambda: world(92), True, ("CSH-INCOME", "CSH-ROUND-TRIP", "CSH-CHAIN"), ("CSH-RETURNED",),
            id="statements pumped in a circle",
        ),
        pytest.param(
            lambda: without(world(HONEST), "bank_flow", "bank_statement"), False, ("CSH-NO-FLOW",), (),
            id="no statements to be had",
        ),
    ],
)  # fmt: skip
def test_cash_flow__holds_the_sources_against_each_other(
    line: Line, come: Callable[[], Any], income_is_known: bool, codes: tuple[str, ...], signs: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch, nobody: Path,
) -> None:  # fmt: skip
    """FAC-03 风险评估: each contradiction is named; without statements nothing is verified, and nothing invented.

    Signs, which decide nothing, are told after the contradictions and never count as one.
    """
    use_addresses(monkeypatch, nobody)
    seen = line.run(come()).seen("cash_flow")
    assert isinstance(seen.result, labels.CashFlow)
    assert (seen.outcome, seen.codes) == ("done", codes + signs)
    assert (seen.result.verified_monthly_income_cents is not None) == income_is_known
    assert [reason.code for reason in seen.result.contradictions] == [code for code in codes if code != "CSH-NO-FLOW"]
    assert tuple(reason.code for reason in seen.result.signs) == signs


def test_cash_flow__lines_without_a_summary_are_summed_up(
    line: Line, monkeypatch: pytest.MonkeyPatch, nobody: Path
) -> None:
    """The summary of a source left out is made from its lines: the same sales and the same income stand there."""
    use_addresses(monkeypatch, nobody)
    whole = line.run(world(HONEST)).seen("cash_flow").result
    lines_only = line.run(without(world(HONEST, reference="lines-only"), "bank_flow")).seen("cash_flow").result
    assert lines_only.banked_monthly_cents == whole.banked_monthly_cents is not None
    assert lines_only.verified_monthly_income_cents == whole.verified_monthly_income_cents is not None


def without(dossier: dict[str, Any], *kinds: str) -> dict[str, Any]:
    """A dossier that lacks some kinds of evidence."""
    return {**dossier, "evidence": [evidence for evidence in dossier["evidence"] if evidence["kind"] not in kinds]}


@needs_sba
def test_cash_flow__of_a_past_loan_is_not_applicable_and_never_guessed() -> None:
    seen = Line("us-sba").run(past_loans(2003)[0].dossier).seen("cash_flow")
    assert (seen.outcome, seen.codes) == ("not_applicable", ("LIN-ABSENT",))
    assert isinstance(seen.result, Absent)


def test_labels__say_what_is_known_and_why_the_rest_is_not(line: Line) -> None:
    """FAC-03, IDF-05: a second applicant on the same device is seen; what is unknown says why, cause by cause."""
    first = line.run(world(6)).seen("labels")
    dossier = world(HONEST)
    device = next(e for e in world(6)["evidence"] if e["kind"] == "device")
    dossier["evidence"] = [device if e["kind"] == "device" else e for e in dossier["evidence"]]
    second = line.run(dossier).seen("labels")
    assert isinstance(first.result, labels.Labels)
    assert (first.result["device_others"], second.result["device_others"]) == (0, 1)
    assert why_named(first.result) == {"no_proof", "no_bureau_record", "not_comparable", "no_own_loan"}
    assert why_named(second.result) == {"no_proof", "no_own_loan"}
    for seen in (first, second):
        assert set(seen.codes) == {"LBL-UNKNOWN"}
        assert {fact["why"] for fact in seen.facts} == set(seen.result.why_missing.values()) <= set(labels.WHY_MISSING)
        assert sum(fact["labels"] for fact in seen.facts) == len(seen.result.why_missing)


def why_named(taken: labels.Labels) -> set[str]:
    """Why labels that are declared one by one are unknown."""
    return {taken.why_missing[name] for name, value in labels.list_named(taken).items() if value is None}


@pytest.mark.parametrize(
    ("who", "outcome", "lane_floor", "codes"),
    [
        pytest.param(HONEST, "done", "A", (), id="no rule speaks"),
        pytest.param(VISITED, "done", "C", ("POL-BIZ-ABNORMAL",), id="a firm on the abnormal list: a person looks"),
        pytest.param(53, "declined", "decline", ("POL-COU-EXECUTED",), id="an open enforcement case"),
        pytest.param(73, "declined", "decline", ("POL-BUR-OVERDUE-NOW",), id="overdue at this moment"),
        pytest.param(126, "declined", "decline", ("POL-REQ-PURPOSE",), id="money for shares or houses"),
        pytest.param(8, "done", "B", ("POL-REQ-NIGHT-PREMIUM",), id="applied at night, with a premium label"),
        pytest.param(92, "declined", "decline", ("POL-FLO-CONTRADICTIONS",), id="sources that contradict each other"),
    ],
)
def test_policy__declines_refers_or_passes_with_the_rules_own_reasons(
    line: Line, who: int, outcome: str, lane_floor: str, codes: tuple[str, ...]
) -> None:
    """POL-01, POL-02, POL-04: the night rule lets premium labels through to the later checks, never to approval."""
    seen = line.run(world(who)).seen("policy")
    assert isinstance(seen.result, decision.PolicyVerdict)
    assert (seen.outcome, seen.result.lane_floor, seen.codes) == (outcome, lane_floor, codes)


@pytest.mark.parametrize(
    ("who", "points", "codes"),
    [
        pytest.param(HONEST, 646, (), id="full points on every card"),
        pytest.param(BETWEEN, 611, ("SCO-BUREAU-CARD", "SCO-BUSINESS-CARD"), id="weak at the bureau and in business"),
        pytest.param(19, 558, ("SCO-BUREAU-CARD", "SCO-APPLICATION-CARD"), id="too weak to lend to"),
    ],
)
def test_scores__come_with_the_cards_that_took_points(
    line: Line, who: int, points: int, codes: tuple[str, ...]
) -> None:
    """POL-04, FAC-03 风险评估: five cards and the master card over them, each with the reasons for points lost."""
    walk = line.run(world(who))
    seen = walk.seen("scores")
    assert isinstance(seen.result, scoring.Scores)
    assert set(seen.result.cards) - {"network_fraud"} == {"bureau", "application", "business", "fraud", "channel"}
    assert (seen.outcome, seen.result.final.points, seen.codes, walk.state.points) == ("done", points, codes, points)


@needs_sba
def test_scores__before_the_first_card_was_in_force_there_are_none() -> None:
    """The card that scores a past loan was in force on its application date; before 1994 there was none."""
    line = Line("us-sba")
    early, late = line.run(past_loans(1990)[0].dossier), line.run(past_loans(2003)[0].dossier)
    assert (early.seen("scores").outcome, early.seen("scores").codes) == ("not_applicable", ("SCO-NO-CARD",))
    assert early.state.points is None
    assert late.seen("scores").outcome == "done"
    assert late.seen("scores").result.final.version == "v003"


@pytest.mark.parametrize(
    ("who", "outcome", "lane", "tier", "codes"),
    [
        pytest.param(HONEST, "done", "A", "1", (), id="DEC-04: no investigation, no verification"),
        pytest.param(BETWEEN, "done", "B", "3", ("LAN-TIER",), id="DEC-05: verified online and by phone"),
        pytest.param(LARGE, "done", "B", "1", ("LAN-AMOUNT",), id="the best tier, but a large amount"),
        pytest.param(
            VISITED, "done", "C", "3", ("POL-BIZ-ABNORMAL", "LAN-TIER"), id="DEC-06: visited, because policy says so"
        ),
        pytest.param(
            2, "done", "C", "2", ("CSH-INCOME", "LAN-GREY-VISIT", "LAN-AMOUNT"),
            id="DEC-06: visited, because the sources disagree",
        ),
        pytest.param(
            19, "declined", "decline", None,
            ("LAN-SCORE-LOW", "SCO-BUREAU-CARD", "SCO-APPLICATION-CARD"), id="below the last tier",
        ),
    ],
)  # fmt: skip
def test_lane__by_tier_and_by_every_doubt(
    line: Line, who: int, outcome: str, lane: str, tier: str | None, codes: tuple[str, ...]
) -> None:
    """DEC-04, DEC-05, DEC-06: the score gives tier and lane, every doubt makes the lane a heavier one."""
    walk = line.run(world(who))
    seen = walk.seen("lane")
    assert isinstance(seen.result, decision.LaneChoice)
    assert (seen.outcome, seen.result.lane, seen.codes) == (outcome, lane, codes)
    if tier is not None:
        assert (walk.state.lane, walk.state.tier) == (lane, tier)


@pytest.mark.parametrize(
    ("who", "said", "outcome", "verdict", "codes"),
    [
        pytest.param(HONEST, None, "not_applicable", None, ("LAN-NO-CHECK",), id="lane A: nobody looks"),
        pytest.param(BETWEEN, ONLINE_OK, "done", "ok", (), id="lane B: everything is found"),
        pytest.param(
            BETWEEN, {**ONLINE_OK, "is_address_found": False, "is_phone_in_service": None}, "done", "doubt",
            ("ONL-ADDRESS", "ONL-UNKNOWN"), id="lane B: an address nobody finds goes on to the review",
        ),
        pytest.param(
            VISITED, {**ONLINE_OK, "is_licence_genuine": False}, "declined", "fail", ("ONL-LICENCE",),
            id="lane C: a false licence",
        ),
    ],
)  # fmt: skip
def test_online_check__by_lane(
    line: Line, who: int, said: dict[str, Any] | None, outcome: str, verdict: str | None, codes: tuple[str, ...]
) -> None:
    """VER-01, DEC-04, DEC-05."""
    walk = reach(line, who, "online_check") if said is not None else line.run(world(who))
    if said is not None:
        walk.work("online_check", said, by="sun")
    expect_check(walk, "online_check", outcome, verdict, codes, by="sun")


def expect_check(
    walk: Walk, station: str, outcome: str, verdict: str | None, codes: tuple[str, ...], *, by: str
) -> None:
    """What a check left: by whom, how it ended, and why."""
    seen = walk.seen(station)
    assert (seen.outcome, seen.codes) == (outcome, codes)
    if verdict is None:
        assert isinstance(seen.result, Absent)
    else:
        assert isinstance(seen.result, decision.CheckResult)
        assert (seen.result.check, seen.result.verdict, seen.actor) == (station, verdict, by)


@pytest.mark.parametrize(
    ("who", "changed", "times", "outcome", "verdict", "codes"),
    [
        pytest.param(HONEST, None, 1, "not_applicable", None, ("LAN-NO-CHECK",), id="lane A: nobody calls"),
        pytest.param(BETWEEN, {}, 1, "done", "ok", (), id="lane B: the story holds"),
        pytest.param(BETWEEN, {}, 3, "done", "doubt", ("PHO-SALES",), id="lane B: says three times the sales shown"),
        pytest.param(
            BETWEEN, {"is_purpose_confirmed": False}, 1, "declined", "fail", ("PHO-PURPOSE",), id="another purpose"
        ),
        pytest.param(
            VISITED, {"is_identity_answered": False, "sounds_coached": True}, 1, "declined", "fail",
            ("PHO-IDENTITY", "PHO-COACHED"), id="lane C: somebody else answers, and is coached",
        ),
    ],
)  # fmt: skip
def test_phone_check__by_lane(
    line: Line, who: int, changed: dict[str, Any] | None, times: float, outcome: str, verdict: str | None,
    codes: tuple[str, ...],
) -> None:  # fmt: skip
    """VER-02, DEC-05: identity and purpose are verified by phone."""
    walk = line.run(world(who)) if changed is None else reach(line, who, "phone_check")
    if changed is not None:
        walk.work("phone_check", {**say_sales(walk, times=times), **changed}, by="ma")
    expect_check(walk, "phone_check", outcome, verdict, codes, by="ma")


@pytest.mark.parametrize(
    ("who", "said", "outcome", "verdict", "codes"),
    [
        pytest.param(BETWEEN, None, "not_applicable", None, ("LAN-NO-CHECK",), id="lane B: nobody visits"),
        pytest.param(VISITED, VISIT_OK, "done", "ok", (), id="lane C: a firm at work, its accounts add up"),
        pytest.param(
            VISITED, {**VISIT_OK, "photos": 1, "debts_shown_cents": 60_000_000}, "done", "doubt",
            ("VIS-PHOTOS", "VIS-EQUITY-SHORT"), id="lane C: too few photos, equity missing",
        ),
        pytest.param(
            VISITED, {**VISIT_OK, "private_debts_found_cents": 20_000_000, "assets_cents": 110_000_000}, "declined",
            "fail", ("VIS-DEBTS",), id="VER-03: hidden debts",
        ),
        pytest.param(
            VISITED, {**VISIT_OK, "is_operating": False}, "declined", "fail", ("VIS-NOT-OPERATING",), id="an empty shop"
        ),
    ],
)  # fmt: skip
def test_site_visit__by_lane(
    line: Line, who: int, said: dict[str, Any] | None, outcome: str, verdict: str | None, codes: tuple[str, ...]
) -> None:
    """VER-03, DEC-06: operation, purpose and hidden debts are seen on site."""
    walk = reach(line, who, "final_review" if said is None else "site_visit")
    if said is not None:
        walk.work("site_visit", said, by="zhu")
    expect_check(walk, "site_visit", outcome, verdict, codes, by="zhu")


@pytest.mark.parametrize(
    ("who", "said", "outcome", "codes"),
    [
        pytest.param(HONEST, None, "not_applicable", ("REV-LANE-A",), id="lane A: by machine"),
        pytest.param(BETWEEN, {"decision": "approve"}, "done", (), id="lane B: approved by an officer"),
        pytest.param(
            BETWEEN, {"decision": "decline", "reason": "REV-CAPACITY"}, "declined", ("REV-CAPACITY",), id="too heavy"
        ),
        pytest.param(VISITED, {"decision": "decline"}, "declined", ("REV-DECLINED",), id="lane C: no stated reason"),
    ],
)
def test_final_review__by_lane(
    line: Line, who: int, said: dict[str, Any] | None, outcome: str, codes: tuple[str, ...]
) -> None:
    """DEC-04 to DEC-06, DEC-09: who decided, up to which amount, and why not."""
    walk = line.run(world(who)) if said is None else reach(line, who, "final_review")
    if said is not None:
        walk.work("review", said, by="li")
    seen = walk.seen("final_review")
    assert (seen.outcome, seen.codes) == (outcome, codes)
    if said is not None:
        assert (seen.result.decision, seen.result.reviewed_by, seen.actor) == (said["decision"], ("li",), "li")
        assert seen.result.amount_cents == walk.state.amount_cents


def test_final_review__above_an_officers_authority_needs_a_second_one_and_may_only_cut(line: Line) -> None:
    """ORG-01, DEC-09: 300,000 is an officer's; above it the chief risk officer signs too; the lesser amount holds."""
    assert world(LARGE)["request"]["amount_cents"] == 40_000_000
    for first, second, amount, outcome in (
        (40_000_000, 35_000_000, 35_000_000, "done"),
        (90_000_000, 40_000_000, 40_000_000, "done"),
        (30_000_000, None, 30_000_000, "done"),
        (40_000_000, 0, 0, "declined"),
    ):
        walk = reach(line, LARGE, "final_review", reference=f"large-{first}-{second}")
        walk.work("review", {"decision": "approve", "amount_cents": first}, by="li")
        if second is not None:
            assert walk.where == ("waiting", "final_review", "work:second_review")
            assert walk.find_work("second_review").role == "chief_risk_officer"
            said = {"decision": "approve", "amount_cents": second} if second else {"decision": "decline"}
            walk.work("second_review", said, by="lin")
        seen = walk.seen("final_review")
        assert (seen.outcome, seen.actor) == (outcome, "li" if second is None else "lin")
        if amount:
            assert seen.result.amount_cents == amount
            assert seen.result.reviewed_by == (("li",) if second is None else ("li", "lin"))


@pytest.mark.parametrize(
    ("who", "outcome", "codes"),
    [
        pytest.param(HONEST, "done", (), id="the amount asked for"),
        pytest.param(42, "done", ("OFR-REDUCED", "OFR-COUNTER"), id="DEC-09: a smaller amount than asked for"),
        pytest.param(2, "declined", ("OFR-BELOW-MINIMUM",), id="DEC-01: less than 100,000 could be lent"),
    ],
)
def test_offer__amount_term_rate_product_and_funders(
    line: Line, who: int, outcome: str, codes: tuple[str, ...]
) -> None:
    """DEC-01, DEC-02, DEC-07, DEC-08, FUN-01: within 100,000 to 500,000 and 18 to 24 %, or no offer with its reason."""
    walk = reach(line, who, "final_review") if who == 2 else line.run(world(who))
    if who == 2:
        walk.work("review", {"decision": "approve"}, by="li").work("second_review", {"decision": "approve"}, by="lin")
    seen = walk.seen("offer")
    offer = seen.result.offer
    assert (seen.outcome, seen.codes) == (outcome, codes)
    if outcome == "done":
        assert 10_000_000 <= offer.amount_cents <= min(50_000_000, world(who)["request"]["amount_cents"])
        assert (offer.amount_cents < world(who)["request"]["amount_cents"]) == bool(codes)
        assert offer.counter == (offer.candidates[0] if codes else None)
        assert all(0.18 <= candidate.price.annual_rate <= 0.24 for candidate in offer.candidates)
        ranks = [place.rank for place in seen.result.ranked if place.rank is not None]
        assert ranks == list(range(1, len(ranks) + 1))
        refused = {reason.code for place in seen.result.ranked for reason in place.reasons}
        assert "FUN-CITY" in refused, "banks of other cities are not asked"


def test_offer__without_any_funder_is_no_offer() -> None:
    """FUN-01: a bank of another city only; nobody could lend, and the case says against whom it was held."""
    line = Line(funders=("cqcb",))
    seen = line.run(world(HONEST)).seen("offer")
    assert (seen.outcome, seen.codes) == ("declined", ("OFR-NO-FUNDER",))
    assert seen.facts[0]["why"] == "FUN-CITY"
    tables.Funder.objects.update(is_open=False)
    none = line.run(world(3)).seen("offer")
    assert (none.outcome, none.codes) == ("declined", ("OFR-NO-FUNDER",))
