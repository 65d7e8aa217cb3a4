"""What other lending systems compute, held against our own, and the list of what ours has no word for.

``docs/vectors.md`` is written by running this file with ``--write``; a test proves that it tells the truth.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creditfactory import interest, loan, portfolio
from creditfactory.loan import Grace, Repayment, Schedule, Terms

HOUSE = Path(__file__).resolve().parents[2]
VECTORS = HOUSE.parent / "shared" / "vectors"
PAGE = HOUSE / "docs" / "vectors.md"
FILES = ("fineract_e2e", "fineract_emi", "frappe", "tvm", "xirr")

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the vectors lie beside the checkout, in shared/vectors"
)


class Inexpressible(Exception):
    """Our products have no word for this; the message is the reason shown in the list."""


class PartWay(Exception):
    """Everything agreed up to here; the message says what our products have no word for."""


def cents(text: str) -> int:
    return int((Decimal(text) * 100).to_integral_exact())


def percent(text: str) -> Decimal:
    return Decimal(text) / 100


# --- one other system's scenarios, step by step ------------------------------------------------------------------

UNKNOWN_STEPS = {
    "charge": "charges added during the loan's life",
    "nsf_fee": "charges added during the loan's life",
    "processing_charge_pct": "charges added during the loan's life",
    "txn": "merchant refunds, goodwill credits and other special transactions",
    "chargeback": "taking a payment back by adding it to the debt (ours is left out and replayed)",
    "run_cob": "that system's own end-of-day steps",
    "cob_step": "that system's own end-of-day steps",
    "reschedule": "moving due dates inside the term",
    "reage": "spreading arrears over new instalments",
    "reage_undo": "spreading arrears over new instalments",
    "reamortize": "spreading arrears over the remaining instalments",
    "credit_balance_refund": "refunding an overpayment as a step of the loan",
    "undo_txn": "undoing special transactions",
    "undo_repayment": "undoing as a step (ours is left out and replayed)",
    "expect_delinquency_range": "that system's own delinquency ranges",
    "expect_journal": "that system's own chart of accounts",
    "undo_disbursal": "undoing a disbursement",
    "expect_status": "that system's own names for a loan's state",
    "expect_overpaid": "that system's own names for a loan's state",
}
SILENT_STEPS = {"approve", "set_allocation"}


class Scenario:
    """A scenario of the other system, played on our loan."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.terms: Terms | None = None
        self.schedule: Schedule | None = None
        self.repayments: list[Repayment] = []
        self.today = date.min
        self.checks = 0

    def play(self) -> None:
        tags = self.case["tags"]
        if "multi_disbursement" in tags:
            raise Inexpressible("several disbursements: our loans are paid out once")
        if "down_payment" in tags:
            raise Inexpressible("a down payment on the day of disbursement: our borrowers buy nothing with the loan")
        for step in self.case["steps"]:
            name = step["op"]
            if name in UNKNOWN_STEPS:
                self.stop(UNKNOWN_STEPS[name])
            if name == "business_date":
                self.today = date.fromisoformat(step["date"])
            elif name not in SILENT_STEPS:
                getattr(self, name)(step)

    def stop(self, reason: str) -> None:
        raise PartWay(reason) if self.checks else Inexpressible(reason)

    def create_loan(self, step: dict[str, Any]) -> None:
        asked, facts = step["loan"], step["product_facts"]
        rate = percent(asked["ANNUAL interest rate %"])
        if asked["interest type"] == "FLAT" and rate:
            self.stop("interest on the original principal throughout: it hides the true rate, so we do not offer it")
        every = int(asked["repaymentEvery"])
        days = asked["repaymentFrequencyType"] == "DAYS"
        monthly = asked["interest calculation period"] == "SAME_AS_REPAYMENT_PERIOD" or facts["days_in_month"] == "30"
        self.terms = Terms(
            principal_cents=cents(asked["with Principal"]),
            annual_rate=rate,
            instalments=int(asked["numberOfRepayments"]),
            method="equal_instalment",
            disbursed_on=date.fromisoformat(asked["submitted on date"]),
            day_count="30/360" if monthly else "act/act",
            grace=Grace(principal=int(asked["graceOnPrincipalPayment"])),
            rounding=facts["rounding"].lower(),
            equal_over="first_period",
            instalment_step_cents=100 * int(facts["installment_multiple_of"] or 0) or 1,
            period_months=1 if days else every,
            period_days=every if days else None,
        )
        self.schedule = loan.build_schedule(self.terms)

    def disburse(self, step: dict[str, Any]) -> None:
        assert self.terms
        assert date.fromisoformat(step["date"]) == self.terms.disbursed_on
        self.terms = replace(self.terms, principal_cents=cents(step["amount"]))
        self.schedule = loan.build_schedule(self.terms)

    def repay(self, step: dict[str, Any]) -> None:
        assert self.terms and self.schedule
        payment = Repayment(date.fromisoformat(step["date"]), cents(step["amount"]))
        due = self.schedule.instalments[len(self.repayments)]
        even = (payment.on, payment.cents) == (due.due_on, due.total_cents)
        if "interest_recalculation" in self.case["tags"] and not even:
            self.check_first_row(payment)
            self.stop(
                "interest recalculated from each uneven payment: ours changes by an agreed prepayment only, "
                "and overdue principal bears the penalty rate"
            )
        self.repayments.append(payment)

    def check_first_row(self, payment: Repayment) -> None:
        """A payment that comes late or small changes later rows only, so the first still shows the agreed one."""
        assert self.schedule
        ours = self.schedule.instalments[0]
        shown = next(step for step in self.case["steps"] if step["op"] == "expect_schedule")
        row = next(row for row in shown["rows"] if row["Nr"] == "1")
        if payment.on >= ours.due_on and payment.cents <= ours.total_cents:
            assert cents(row["Due"]) == ours.total_cents
            assert (cents(row["Principal due"]), cents(row["Interest"])) == (ours.principal_cents, ours.interest_cents)
            self.checks += 1

    def payoff(self, step: dict[str, Any]) -> None:
        assert self.terms and self.schedule
        until = "due_date" if "TILL_REST_FREQUENCY" in str(self.case["steps"]) else "day"
        on = date.fromisoformat(step["date"])
        quote = loan.quote_payoff(self.terms, self.schedule, self.repayments, on, interest_until=until)
        rows = next(s["rows"] for s in reversed(self.case["steps"]) if s["op"] == "expect_transactions")
        assert quote.total_cents == cents(rows[-1]["Amount"])
        assert quote.interest_cents == cents(rows[-1]["Interest"])
        self.checks += 1
        raise PartWay("writing a payoff into the old instalments (ours closes the loan)")

    def expect_schedule(self, step: dict[str, Any]) -> None:
        assert self.schedule
        rows = [row for row in step["rows"] if row["Nr"] is not None]
        position = loan.age(self.schedule, self.repayments, self.today)
        left = {one.number: one.principal_cents + one.interest_cents for one in position.instalments_open}
        for row, ours in zip(rows, self.schedule.instalments, strict=True):
            assert date.fromisoformat(row["Date"]) == ours.due_on
            assert cents(row["Balance of loan"]) == ours.balance_cents
            assert cents(row["Principal due"]) == ours.principal_cents
            assert cents(row["Interest"]) == ours.interest_cents
            assert cents(row["Due"]) == ours.total_cents
            assert cents(row["Paid"]) == ours.total_cents - left.get(ours.number, 0)
            self.checks += 1

    def expect_schedule_total(self, step: dict[str, Any]) -> None:
        assert self.schedule
        (row,) = step["rows"]
        assert cents(row["Principal due"]) == sum(one.principal_cents for one in self.schedule.instalments)
        assert cents(row["Interest"]) == self.schedule.total_interest_cents
        assert cents(row["Paid"]) == sum(one.cents for one in self.repayments)
        self.checks += 1

    def expect_outstanding(self, step: dict[str, Any]) -> None:
        assert self.schedule
        position = loan.age(self.schedule, self.repayments, self.today)
        assert cents(step["amount"]) == sum(
            one.principal_cents + one.interest_cents for one in position.instalments_open
        )
        self.checks += 1

    def expect_transactions(self, step: dict[str, Any]) -> None:
        assert self.schedule
        booked = [row for row in step["rows"] if row["Transaction Type"] == "Repayment"]
        if len(booked) < len(step["rows"]) - 1:
            self.stop("accruals booked as transactions")
        paid = loan.age(self.schedule, self.repayments, self.today)
        assert sum(cents(row["Principal"]) for row in booked) == paid.principal_paid_cents
        assert sum(cents(row["Interest"]) for row in booked) == paid.interest_paid_cents
        self.checks += 1


def check_fineract_e2e(case: dict[str, Any]) -> None:
    scenario = Scenario(case)
    scenario.play()
    assert scenario.checks


# --- equal instalments with rate factors --------------------------------------------------------------------------

EMI_REASONS = {
    "reschedule": "due dates moved inside the term, the interest staying as it was",
    "changeInterestRate": "a rate that changes inside the term (the source's own test is switched off)",
    "addBalanceCorrection": "principal corrected inside a period without new terms",
    "several": "several disbursements: our loans are paid out once",
    "DAYS_364": "a year of 364 days",
}


def check_fineract_emi(case: dict[str, Any]) -> None:
    steps = [step for step in case["steps"] if step["op"] != "payable_details"]
    names = {step["op"] for step in steps}
    payoff, rescheduled = "payoff" in case["id"], case["id"].endswith("_reschedule")
    for word, reason in EMI_REASONS.items():
        if word in names or word == case["days_in_year"] or (rescheduled and word == "reschedule"):
            raise Inexpressible(reason)
    if sum(step["op"] == "disburse" for step in steps) > 1:
        raise Inexpressible(EMI_REASONS["several"])
    first, second = (date.fromisoformat(day) for day in case["periods"][0])
    in_days = case["frequency"] == "DAYS"
    actual = "act/act" if case["days_in_year"] == "ACTUAL" else "act/360"
    terms = Terms(
        principal_cents=cents(steps[0]["amount"]),
        annual_rate=percent(case["annual_rate_pct"]),
        instalments=len(case["periods"]),
        method="equal_instalment",
        disbursed_on=first,
        first_due_on=second,
        day_count="30/360" if case["days_in_month"] == "DAYS_30" else actual,
        rounding=case["rounding"].lower(),
        period_days=(second - first).days if in_days else None,
    )
    schedule = loan.build_schedule(terms)
    assert [row.due_on.isoformat() for row in schedule.instalments] == [period[1] for period in case["periods"]]
    expected = {step["period"]: step for step in steps if step["op"] == "expect_period"}
    if payoff:
        paid_on = date(2024, 2, 15) if "0215" in case["id"] else date(2024, 1, 15)
        quote = loan.quote_payoff(terms, schedule, [], paid_on)
        assert quote.interest_cents == sum(cents(row["interest_due"]) for row in expected.values())
        assert quote.total_cents == sum(cents(row["emi"]) for row in expected.values())
        return
    for ours, row in zip(schedule.instalments, expected.values(), strict=True):
        assert (ours.total_cents, ours.interest_cents) == (cents(row["emi"]), cents(row["interest_due"]))
        assert (ours.principal_cents, ours.balance_cents) == (cents(row["principal_due"]), cents(row["balance"]))


# --- whole-unit instalments, due dates, days past due ---------------------------------------------------------------


def check_frappe(case: dict[str, Any]) -> None:
    kind = case["id"].split("/")[1]
    expected = case["expected"]
    if kind == "dates":
        start = date.fromisoformat(case["repayment_start_date"])
        terms = Terms(
            principal_cents=cents(case["principal"]),
            annual_rate=percent(case["annual_rate_pct"]),
            instalments=case["periods"],
            method="equal_instalment",
            disbursed_on=start - timedelta(days=30),
            first_due_on=start,
            month_end="last_day" if "end of current month" in case["rule"] else "clamp",
        )
        dates = [day.isoformat() for day in loan.choose_due_dates(terms)]
        assert (dates[0], dates[1], dates[-1]) == (expected["first"], expected["second"], expected["last"])
    elif kind == "dpd":
        due_on, as_of = date.fromisoformat(case["first_due"]), date.fromisoformat(case["as_of"])
        terms = Terms(10_000, Decimal(0), 1, "equal_instalment", due_on - timedelta(days=31), first_due_on=due_on)
        position = loan.age(loan.build_schedule(terms), [], as_of)
        ranges = case.get("buckets") or load("frappe")["frappe/dpd/2023-02-02"]["buckets"]
        assert position.arrears_days == expected["dpd"]
        steps = [(name, low) for name, low, _ in ranges]
        assert portfolio.choose_bucket(position.arrears_days, steps) == expected["bucket"]
    elif kind == "demand":
        start, end = date.fromisoformat(case["from_"]), date.fromisoformat(case["to"]) + timedelta(days=1)
        accrued = interest.year_fraction(start, end, "act/365") * Decimal(case["annual_rate_pct"]).as_integer_ratio()[0]
        accrued = accrued / Decimal(case["annual_rate_pct"]).as_integer_ratio()[1] / 100 * int(case["principal"])
        assert round(accrued) == int(expected["interest_rounded"])
    elif kind == "application":
        check_application(case, expected)
    else:
        check_whole_units(case, expected)


def check_application(case: dict[str, Any], expected: dict[str, Any]) -> None:
    """Interest in whole units too: our smallest unit then stands for one of theirs."""
    terms = Terms(
        principal_cents=int(case["principal"]),
        annual_rate=percent(case["annual_rate_pct"]),
        instalments=case["periods"],
        method="equal_instalment",
        disbursed_on=date(2026, 1, 15),
        instalment_step_rounding="up",
    )
    schedule = loan.build_schedule(terms)
    assert schedule.instalments[0].total_cents == int(expected["instalment"])
    assert schedule.total_interest_cents == int(expected["total_interest_rounded"])
    assert terms.principal_cents + schedule.total_interest_cents == int(expected["total_payment_rounded"])


def check_whole_units(case: dict[str, Any], expected: dict[str, Any]) -> None:
    terms = Terms(
        principal_cents=cents(case["principal"]),
        annual_rate=percent(case["annual_rate_pct"]),
        instalments=case["periods"],
        method="equal_instalment",
        disbursed_on=date(2026, 1, 15),
        instalment_step_cents=100,
        instalment_step_rounding="up",
    )
    schedule = loan.build_schedule(terms)
    first = schedule.instalments[0]
    if "instalment" in expected:
        assert first.total_cents == cents(expected["instalment"])
        assert whole(schedule.total_interest_cents) == int(expected["total_interest_rounded"])
        assert whole(sum(row.total_cents for row in schedule.instalments)) == int(expected["total_payment_rounded"])
    else:
        assert first.interest_cents == cents(expected["row0_interest"])
        assert first.principal_cents == cents(expected["row0_principal"])
    for index, (principal, borne, balance) in expected.get("rows_zero_based_rounded_to_unit", {}).items():
        row = schedule.instalments[int(index)]
        figures = (whole(row.principal_cents), whole(row.interest_cents), whole(row.balance_cents))
        assert figures == (int(principal), int(borne), int(balance))


def whole(amount_cents: int) -> int:
    return interest.round_half_up(amount_cents, 100)


# --- time value of money, and rates of irregular flows ----------------------------------------------------------------


def check_tvm(case: dict[str, Any]) -> None:
    args, expected = case["args"], Decimal(case["expected"])
    rate = (
        Decimal(args["rate"].split("/")[0]) / Decimal(args["rate"].partition("/")[2] or 1) if "rate" in args else None
    )
    places = Decimal(1).scaleb(expected.as_tuple().exponent)  # as many decimals as the source gives
    if case["func"] == "pmt":
        assert rate is not None
        ours = -interest.level_payment(Decimal(args["pv"]), rate, args["nper"])
    elif case["func"] == "pv":
        assert rate is not None
        ours = -args["pmt"] / interest.level_payment(Decimal(1), rate, args["nper"])
    elif case["func"] == "ppmt":
        assert rate is not None and args["per"] == 1
        ours = args["pv"] * rate - interest.level_payment(Decimal(args["pv"]), rate, args["nper"])
    elif case["func"] == "rate":
        ours = interest.irr_monthly([args["pv"], *[args["pmt"]] * (args["nper"] - 1), args["fv"]])
    else:
        terms = Terms(args["pv"] * 100, Decimal(0), 36, "equal_instalment", date(2026, 1, 15), instalment_cents=10_000)
        rows = loan.build_schedule(terms).instalments
        ours = Decimal(next(row.number for row in rows if row.balance_cents == 0))
    assert ours is not None and ours.quantize(places) == expected


YEARS = {"act/365F": "act/365", "30/360 ISDA": "30/360", "act/act ISDA": "act/act", None: "act/365"}


def check_xirr(case: dict[str, Any]) -> None:
    flows = [(date.fromisoformat(day), Decimal(amount)) for day, amount in case["cashflows"]]
    found = interest.irr_dated(flows, day_count=YEARS[case.get("day_count")])
    if case["expected"] is None:
        assert found is None
    else:
        assert found == pytest.approx(float(case["expected"]), abs=1e-9)


# --- the run and the list ------------------------------------------------------------------------------------------

CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "fineract_e2e": check_fineract_e2e,
    "fineract_emi": check_fineract_emi,
    "frappe": check_frappe,
    "tvm": check_tvm,
    "xirr": check_xirr,
}


def load(name: str) -> dict[str, dict[str, Any]]:
    path = VECTORS / f"{name}.public.json"
    if not path.is_file():
        return {}
    return {case["id"]: case for case in json.loads(path.read_text(encoding="utf-8"))["cases"]}


def judge(name: str, case: dict[str, Any]) -> tuple[str, str]:
    """agrees, agrees part way, or inexpressible with the reason; a disagreement is raised."""
    try:
        CHECKS[name](case)
    except Inexpressible as absent:
        return "inexpressible", str(absent)
    except PartWay as absent:
        return "part way", str(absent)
    return "agrees", ""


CASES = [(name, identifier) for name in FILES for identifier in load(name)]


@needs_vectors
@pytest.mark.parametrize(("name", "identifier"), CASES)
def test_a_case_of_another_system_agrees_or_is_listed(name, identifier):
    verdict, _ = judge(name, load(name)[identifier])
    assert f"`{identifier.split('/', 1)[1]}`" in section(PAGE.read_text(encoding="utf-8"), name, verdict)


@needs_vectors
def test_the_list_of_vectors_tells_the_truth():
    assert PAGE.read_text(encoding="utf-8") == draw_page()


@needs_vectors
def test_every_schedule_only_case_that_our_products_can_express_agrees():
    cases = [case for case in load("fineract_e2e").values() if "schedule_only" in case["tags"]]
    verdicts = [judge("fineract_e2e", case)[0] for case in cases]
    assert verdicts.count("agrees") == 2
    assert verdicts.count("inexpressible") == len(cases) - 2


def section(page: str, name: str, verdict: str) -> str:
    body = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
    return body.split(f"\n**{verdict}**")[1].split("\n**")[0] if f"\n**{verdict}**" in body else ""


def draw_page() -> str:
    lines = [
        "# What other lending systems compute, beside ours",
        "",
        "Written by `python tests/cases/test_loan_vectors.py --write` and checked by its tests. *agrees*: every figure",
        "that the case states is ours to the cent. *part way*: every figure agrees until a step that our products have",
        "no word for. *inexpressible*: our products have no word for it from the start, for the reason given.",
        "",
        "Two choices of ours that differ on purpose: a payment that does not fit the schedule never changes later",
        "interest by itself (a prepayment is agreed and gives new terms), and overdue principal bears the penalty rate",
        "in place of the contract rate.",
    ]
    for name in FILES:
        groups: dict[tuple[str, str], list[str]] = {}
        for case in load(name).values():
            groups.setdefault(judge(name, case), []).append(case["id"].split("/", 1)[1])
        lines += ["", f"## {name}"]
        for verdict in ("agrees", "part way", "inexpressible"):
            found = {reason: ids for (one, reason), ids in groups.items() if one == verdict}
            if found:
                lines += ["", f"**{verdict}** ({sum(map(len, found.values()))})", ""]
            for reason, ids in found.items():
                shown = ", ".join(f"`{identifier}`" for identifier in ids)
                lines.append(f"- {reason} ({len(ids)}): {shown}" if reason else f"- {shown}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__" and "--write" in sys.argv:
    PAGE.write_text(draw_page(), encoding="utf-8")
