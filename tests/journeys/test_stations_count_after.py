"""Stations 19 to 24 count: two real inputs, two outcomes, different reasons (FAC-01, FAC-03: funder to collection).

Bank and custodian are processes on loopback, asked through ``gateways.ask``; where a test needs one certain answer it
comes by call-back, through the same door.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from creditfactory import loan, portfolio, records, stations
from creditfactory.gateways.sba import SbaLoan
from creditfactory.records import tables
from creditfactory.stations import segment
from creditfactory.stations.s19_funder_decision import FunderDecision
from creditfactory.stations.s21_disbursement import Disbursement
from creditfactory.stations.s22_use_check import UseCheck
from creditfactory.stations.s24_collection import Collected
from tests.walking import SBA, Line, Walk, call_back, open_town, past_loans, use_addresses, world

pytestmark = pytest.mark.django_db
HONEST, RESTAURANT, ANOTHER = 0, 42, 3
HERE = Path(__file__).parent
needs_sba = pytest.mark.skipif(not SBA.exists(), reason=f"the public SBA file is not at {SBA}")


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Parties that have decided as soon as they are asked again."""
    with open_town(tmp_path_factory.mktemp("quick")) as addresses:
        yield addresses


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Parties that take questions and have not decided by the end of a test."""
    with open_town(tmp_path_factory.mktemp("slow"), speed="0.001") as addresses:
        yield addresses


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, quick: Path) -> Line:
    use_addresses(monkeypatch, quick)
    return Line()


def test_each_of_the_24_stations_has_a_test_named_by_its_code() -> None:
    """FAC-01: exactly 24 stations, and none of them counts by its name alone."""
    written = "".join(path.read_text("utf-8") for path in HERE.glob("test_stations_count_*.py"))
    assert len(stations.CODES) == 24
    assert set(re.findall(r"def test_(\w+?)__", written)) == set(stations.CODES)


def test_funder_decision__a_bank_decides_for_itself(monkeypatch: pytest.MonkeyPatch, quick: Path) -> None:
    """FUN-02: the same bank lends to one whom we recommend and refuses another by its own policy on industries."""
    use_addresses(monkeypatch, quick)
    line = Line(funders=("ntb2",))
    yes, no = (line.run(world(who)).hear_outside().seen("funder_decision") for who in (HONEST, RESTAURANT))
    assert (yes.outcome, yes.codes, yes.actor) == ("done", (), "ntb2")
    assert isinstance(yes.result, FunderDecision)
    assert (yes.result.verdict, yes.result.funder, yes.result.amount_cents) == ("approve", "ntb2", 14_000_000)
    assert yes.result.reference is not None
    assert (no.outcome, no.codes) == ("declined", ("FUN-ALL-DECLINED", "FUN-OWN-REASON"))
    assert no.facts[1] == {"funder": "ntb2", "code": "BANK-INDUSTRY"}


def test_funder_decision__takes_the_banks_terms_not_ours_and_never_more_than_was_offered(
    monkeypatch: pytest.MonkeyPatch, slow: Path
) -> None:
    """FUN-02: a smaller sum is taken as it is; a larger one counts as no, and the next bank is asked."""
    use_addresses(monkeypatch, slow)
    line = Line(funders=("ntb2", "nat2"))
    terms = {"verdict": "alter", "annual_rate": "0.195", "term_months": 24, "reference": "B-1"}
    walk = line.run(world(HONEST))
    assert walk.where[2].startswith("answer:bank")
    assert call_back(walk, **terms, amount_cents=12_000_000, reasons=[{"code": "BANK-AMOUNT-CUT"}]) == "taken"
    cut = walk.seen("funder_decision")
    assert (cut.outcome, cut.codes, cut.result.verdict) == ("done", ("FUN-OWN-REASON", "FUN-ALTERED"), "alter")
    assert (cut.result.amount_cents, str(cut.result.annual_rate)) == (12_000_000, "0.195")
    assert walk.seen("offer").result.offer.amount_cents == 14_000_000, "what we offered stays on record"

    greedy = line.run(world(ANOTHER))
    call_back(greedy, **terms, amount_cents=90_000_000, reasons=[])
    assert greedy.where[:2] == ("waiting", "funder_decision")
    call_back(greedy, verdict="decline", reasons=[{"code": "BANK-OWN-VIEW"}])
    seen = greedy.seen("funder_decision")
    assert (seen.outcome, seen.codes) == ("declined", ("FUN-ALL-DECLINED", "FUN-ALTERED-AMOUNT", "FUN-OWN-REASON"))
    assert seen.facts[0] == {"asked": 2}


def test_funder_decision__with_an_insurer_lends_only_under_its_policy(
    monkeypatch: pytest.MonkeyPatch, slow: Path
) -> None:
    """INS-03: where a pack has an insurer, its own review comes after the bank's and before any contract."""
    use_addresses(monkeypatch, slow)
    line, plan_of = Line(funders=("ntb2",)), segment.read_line_plan
    monkeypatch.setattr(segment, "read_line_plan", lambda book: replace(plan_of(book), insurer="insurer"))
    bank = {"verdict": "approve", "annual_rate": "0.2", "term_months": 24, "amount_cents": 12_000_000, "reasons": []}
    covered, refused, unproven = (line.run(world(HONEST, reference=f"W7-00000{n}")) for n in range(3))
    for walk in (covered, refused, unproven):
        call_back(walk, **bank)
        assert walk.where == ("waiting", "funder_decision", "answer:insurer")
    call_back(covered, verdict="approve", policy_number="PL1", premium_cents=288_000, reasons=[])
    call_back(refused, verdict="decline", reasons=[{"code": "INSURER-OWN-VIEW"}])
    call_back(unproven, verdict="approve", policy_number=None, reasons=[])
    assert (covered.seen("funder_decision").result.policy_number, covered.where[1]) == ("PL1", "contract")
    assert refused.seen("funder_decision").facts[0] == {"funder": "insurer", "code": "INSURER-OWN-VIEW"}
    assert unproven.seen("funder_decision").codes == ("FUN-NO-POLICY",), "a yes without a policy is no yes"


def test_contract__is_signed_refused_or_let_go(line: Line) -> None:
    """FUN-03, FAC-03: the whole cost is shown first; signed, refused, and silence are three different ends."""
    signed = line.run(world(HONEST)).hear_outside().sign().seen("contract")
    assert (signed.outcome, signed.codes, signed.actor) == ("done", (), "borrower")
    assert isinstance(signed.result, loan.Contract)
    assert {"principal", "interest"} <= {row.item for row in signed.result.cost_table}
    assert 0.18 <= round(signed.result.annual_rate_nominal, 6) <= 0.24

    refused = line.run(world(ANOTHER)).hear_outside()
    refused.tell("contract_signed", {"confirmed_cost_table": False})
    seen = refused.seen("contract")
    assert (seen.outcome, seen.codes, refused.state.status) == ("withdrawn", ("CTR-REFUSED",), "withdrawn")

    silent = line.run(world(16)).hear_outside().pass_time(days=6, hours=23)
    assert silent.where == ("waiting", "contract", "contract_signed")
    silent.pass_time(hours=2)
    assert (silent.seen("contract").outcome, silent.seen("contract").codes) == ("expired", ("LIN-EXPIRED",))
    assert tables.Loan.objects.count() == 1


def test_funder_decision__above_the_cap_is_no_answer_and_no_contract(
    monkeypatch: pytest.MonkeyPatch, slow: Path
) -> None:
    """DEC-02: a bank may name its own rate, but not one above what the law allows a bank in all."""
    use_addresses(monkeypatch, slow)
    walk = Line(funders=("ntb2",)).run(world(HONEST))
    terms = {"term_months": 24, "amount_cents": 14_000_000, "annual_rate": "0.2412", "reasons": []}
    call_back(walk, verdict="alter", **terms)
    seen = walk.seen("funder_decision")
    assert (seen.outcome, seen.codes) == ("declined", ("FUN-ALL-DECLINED", "FUN-ALTERED-RATE"))


def test_disbursement__pays_the_borrower_directly_and_books_the_loan_on_the_banks_balance_sheet(line: Line) -> None:
    """FUN-04, FUN-05, FAC-02: funder's cash to borrower's loan, no account of ours between; two hours from intake."""
    walk = line.run(world(HONEST)).borrow()
    seen, kept = walk.seen("disbursement"), walk.loan
    assert (seen.outcome, seen.codes) == ("done", ())
    assert isinstance(seen.result, Disbursement)
    assert (kept.number, kept.principal_cents, kept.book.code) == (seen.result.loan, 14_000_000, seen.result.funder)
    entries = tables.Entry.objects.filter(journal__subject=kept.number).values_list("account_id", "cents")
    assert sorted(entries) == [("assets:cash", -14_000_000), ("assets:loans:principal", 14_000_000)]
    assert [i.principal_cents for i in walk.owed()] and sum(i.principal_cents for i in walk.owed()) == 14_000_000
    assert walk.state.money_at - walk.state.received_at <= timedelta(hours=2)


def test_disbursement__that_fails_makes_no_loan_and_says_the_custodians_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """FUN-04: a payee's account that does not exist; no loan, no entry."""
    with open_town(tmp_path, payment_fails="1.0") as addresses:
        use_addresses(monkeypatch, addresses)
        walk = Line().run(world(HONEST)).hear_outside().sign()
    seen = walk.seen("disbursement")
    assert (seen.outcome, seen.codes, seen.facts) == ("declined", ("DIS-FAILED",), ({"why": "PAYEE-ACCOUNT"},))
    assert (tables.Loan.objects.count(), tables.Entry.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("told", "verdict", "codes"),
    [
        pytest.param({"purpose": "AS PROMISED", "amount_cents": 9_000_000}, "ok", (), id="spent as promised"),
        pytest.param(
            {"purpose": "property", "amount_cents": 9_000_000}, "breach", ("USE-FORBIDDEN",), id="a flat was bought"
        ),
        pytest.param({"purpose": "travel", "amount_cents": 9_000}, "breach", ("USE-OTHER",), id="something else"),
        pytest.param({"purpose": "AS PROMISED", "amount_cents": 0}, "breach", ("USE-NO-AMOUNT",), id="nothing shown"),
        pytest.param(None, "breach", ("USE-NO-PROOF",), id="silence for thirty days is not a yes"),
    ],
)
def test_use_check__needs_proof(line: Line, told: dict[str, Any] | None, verdict: str, codes: tuple[str, ...]) -> None:
    """FAC-03 贷后, VER-02's promise kept: what the money was for is shown, and a breach is never quietly fine."""
    walk = line.run(world(HONEST)).borrow()
    assert walk.where == ("waiting", "use_check", "use_proof")
    if told is None:
        walk.pass_time(days=30, minutes=1)
    else:
        promised = world(HONEST)["request"]["purpose"]
        walk.tell("use_proof", {**told, "purpose": told["purpose"].replace("AS PROMISED", promised)})
    seen = walk.seen("use_check")
    assert isinstance(seen.result, UseCheck)
    assert (seen.outcome, seen.result.verdict, seen.codes) == ("done", verdict, codes)
    assert seen.actor == ("machine" if told is None else "borrower")


def lent(line: Line, who: int = HONEST, *, purpose: str | None = None) -> Walk:
    """A loan paid out, its use shown: as promised, or as given."""
    walk = line.run(world(who)).borrow()
    walk.tell("use_proof", {"purpose": purpose or world(who)["request"]["purpose"], "amount_cents": 9_000_000})
    assert walk.where == ("waiting", "early_warning", "loan_event")
    return walk


def test_early_warning__a_loan_paid_back_and_one_that_falls_late(line: Line) -> None:
    """EWS-01, FAC-03 预警: quiet while it is paid; late is yellow, and red at once if the use was a breach."""
    paid = lent(line)
    for instalment in paid.owed():
        paid.pay(f"R-{instalment.number}", instalment.principal_cents + instalment.interest_cents, instalment.due_on)
    seen = paid.seen("early_warning")
    assert isinstance(seen.result, portfolio.Alert)
    assert (seen.outcome, seen.codes, seen.result.level) == ("done", ("EWS-PAID",), "none")
    assert seen.result.unknown, "what nobody watched is named, not taken for health"

    for who, purpose, level, codes in (
        (ANOTHER, None, "yellow", ("EWS-LATE",)),
        (16, "property", "red", ("EWS-USE-BREACH", "EWS-LATE")),
    ):
        late = lent(line, who, purpose=purpose)
        late.close_until(late.owed()[0].due_on + timedelta(days=1))
        assert late.where[1] == "early_warning", "one day of grace: due today is not late"
        late.close_until(late.owed()[0].due_on + timedelta(days=4))
        seen = late.seen("early_warning")
        assert (seen.outcome, seen.codes, seen.result.level) == ("late", codes, level)


def fall_late(line: Line, days: int) -> Walk:
    """A loan whose first instalment was not paid, so many days later."""
    walk = lent(line)
    return walk.close_until(walk.owed()[0].due_on + timedelta(days=days + 1))


def test_collection__was_never_needed(line: Line) -> None:
    """FAC-03 催收: a loan never late passes with the reason, and is closed."""
    walk = lent(line)
    for instalment in walk.owed():
        walk.pay(f"R-{instalment.number}", instalment.principal_cents + instalment.interest_cents, instalment.due_on)
    seen = walk.seen("collection")
    assert (seen.outcome, seen.codes, walk.state.status) == ("not_applicable", ("COL-NEVER-LATE",), "closed")


def test_collection__cured_by_a_payment_goes_back_to_early_warning(line: Line) -> None:
    """COL-01, COL-02: a collector finds the reason; the borrower pays up; the loan is watched again."""
    walk = fall_late(line, 6)
    assert walk.where == ("waiting", "collection", "work:collection")
    brief = json.loads(walk.find_work("collection").brief)
    assert (brief["action"], brief["channel"]) == ("find_reason", "call")
    walk.work("collection", {"was_reached": True, "default_reason": "forgetful", "note": "pays tomorrow"}, by="luo")
    first = walk.owed()[0]
    walk.pay("R-late", first.principal_cents + first.interest_cents + 100_000, walk.now.date())
    walk.close_until(walk.now.date() + timedelta(days=1))
    seen = walk.seen("collection")
    assert isinstance(seen.result, Collected)
    assert (seen.outcome, seen.codes, seen.result.default_reason) == ("cured", ("COL-CURED",), "forgetful")
    assert walk.where == ("waiting", "early_warning", "loan_event")


def test_collection__ends_when_the_last_of_the_loan_is_paid(line: Line) -> None:
    """COL-02, FAC-03: late once, and paid to the end without a look in between; what is over is the borrower's."""
    walk = fall_late(line, 6)
    for row in walk.owed():
        assert walk.where[:2] == ("waiting", "collection"), "something is still owed"
        walk.pay(f"R-{row.number}", row.principal_cents + row.interest_cents, max(row.due_on, walk.now.date()))
    assert walk.pay("R-over", 50_000, walk.owed()[-1].due_on)
    seen = walk.seen("collection")
    assert (seen.outcome, seen.codes, walk.state.status) == ("paid", ("COL-PAID",), "closed")
    sums = dict(tables.Entry.objects.values_list("account_id").annotate(Sum("cents")))
    assert sums["assets:loans:principal"] == 0
    assert sums["liabilities:borrower_credit"] == -50_000


def test_collection__given_up_after_180_days_and_what_comes_later_is_a_recovery(line: Line) -> None:
    """COL-02: given up in the funder's books on the 180th day, with what is lost; a recovery is booked once."""
    walk = fall_late(line, 170)
    assert walk.where[:2] == ("waiting", "collection")
    walk.close_until(walk.owed()[0].due_on + timedelta(days=182))
    seen = walk.seen("collection")
    assert (seen.outcome, seen.codes) == ("charged_off", ("COL-CHARGED-OFF", "COL-CHARGE-OFF-DUE"))
    assert (seen.result.loss_cents, walk.state.status, walk.loan.status) == (14_000_000, "closed", "charged_off")
    assert [walk.pay("R-9", 300_000, walk.now.date()) for _ in range(2)] == [True, False]
    assert (walk.loan.recovered_cents, walk.loan.open_cents) == (300_000, 0)
    sums = dict(tables.Entry.objects.values_list("account_id").annotate(Sum("cents")))
    assert sums == {
        "assets:cash": -13_700_000, "assets:loans:principal": 0, "expense:credit_loss": 14_000_000,
        "income:recovery": -300_000,
    }  # fmt: skip


def outcome_of(past: SbaLoan) -> records.Recorded:
    """What the record says became of a past loan."""
    told = past.outcome
    return records.Recorded(
        reference=past.dossier.reference, lender=past.dossier.channel.company, disbursed_on=told.disbursed_on,
        disbursed_cents=told.disbursed_cents, status=told.status, charged_off_on=told.charged_off_on,
        loss_cents=told.loss_cents, weight=past.weight,
    )  # fmt: skip


@needs_sba
def test_the_life_of_past_loans_ends_as_recorded() -> None:
    """Stations 19 to 24 for two real SBA loans: the recorded lender answers, one is paid back, one charged off."""
    line = Line("us-sba")
    by_end = {past.outcome.status: past for past in reversed(past_loans(2003)[:60])}
    records.save_recorded_outcomes(tenant_id=line.tenant.id, rows=[outcome_of(past) for past in by_end.values()])
    ends = {}
    for status, past in by_end.items():
        walk = line.run(past.dossier)
        assert walk.seen("contract").codes == ("CTR-ASSUMED",)
        assert walk.seen("disbursement").result.principal_cents == past.outcome.disbursed_cents
        assert walk.seen("use_check").codes == ("LIN-ABSENT",)
        ended = walk.now.date() + timedelta(days=2_000)
        records.end_loan(loan_id=walk.loan.pk, status=status, on=ended, loss_cents=past.outcome.loss_cents)
        records.wake(application_id=walk.id)
        walk.go()
        ends[status] = (walk.seen("early_warning").codes, walk.seen("collection").outcome, walk.state.status)
    assert ends == {
        "paid": (("EWS-PAID",), "not_applicable", "closed"),
        "charged_off": (("EWS-CHARGED-OFF",), "charged_off", "closed"),
    }
