"""The contract: what the borrower signs, with every cost named before signing and the price cap tested.

The cost table follows the rule on stating the all-in cost of personal loans, in force from 2026-08-01: principal, each
item, who is paid, how, and the yearly cost when all goes well, with contingent costs beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from creditfactory.kernel import Reason
from creditfactory.loan.schedule import build_schedule, rate_flows
from creditfactory.loan.terms import Fee, Schedule, Terms

CAP_PLACES = Decimal("0.0001")
"""A cap is tested to one basis point: cents' rounding moves the rate of a small loan by nearly as much."""


@dataclass(frozen=True, slots=True)
class Cap:
    """The most a loan may cost a year, and which of the two yearly rates the law means by it."""

    annual_rate: Decimal
    meaning: Literal["nominal", "effective"]
    source: str


@dataclass(frozen=True, slots=True)
class CostRow:
    """One line of the cost table; the yearly shares of all certain lines add up to the all-in rate."""

    item: str
    payee: str
    method: str
    amount_cents: int
    annualised: Decimal | None
    contingent: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms, the schedule, the costs, and every reason why it may not be signed."""

    terms: Terms
    funder: str
    schedule: Schedule
    cost_table: tuple[CostRow, ...]
    annual_rate_nominal: Decimal | None
    annual_rate_effective: Decimal | None
    reasons: tuple[Reason, ...]


def draft_contract(
    terms: Terms,
    *,
    funder: str,
    fees: Sequence[Fee] = (),
    cap: Cap | None,
    penalty_annual_rate: Decimal | None = None,
) -> Contract:
    """The contract between borrower and funder; it may be signed only when it carries no reason against it.

    Without a cap in force, or without a rate to test, it may not be signed: unknown is never yes.

    >>> from datetime import date
    >>> terms = Terms(25_000_000, Decimal("0.24"), 36, "equal_instalment", date(2026, 9, 1))
    >>> cap = Cap(Decimal("0.24"), "nominal", "金规〔2025〕9号")
    >>> draft_contract(terms, funder="bank-a", cap=cap).reasons
    ()
    >>> insurance = Fee("guarantee insurance", "insurer", 100_000)
    >>> [reason.code for reason in draft_contract(terms, funder="bank-a", fees=[insurance], cap=cap).reasons]
    ['CTR-RATE-ABOVE-CAP']
    """
    schedule = build_schedule(terms, fees=fees)
    nominal, effective = schedule.annual_rate_nominal, schedule.annual_rate_effective
    rows = _draw_costs(terms, funder, schedule)
    if penalty_annual_rate is not None:
        rows += (CostRow("penalty_interest", funder, "on_overdue_principal", 0, penalty_annual_rate, True),)
    return Contract(terms, funder, schedule, rows, nominal, effective, check_cap(nominal, effective, cap))


def check_cap(nominal: Decimal | None, effective: Decimal | None, cap: Cap | None) -> tuple[Reason, ...]:
    """Why the price may not be charged; empty when the rate the law means is within the cap.

    >>> cap = Cap(Decimal("0.24"), "effective", "court practice")
    >>> [reason.code for reason in check_cap(Decimal("0.22"), Decimal("0.2436"), cap)]
    ['CTR-RATE-ABOVE-CAP']
    """
    if cap is None:
        return (Reason("CTR-CAP-UNKNOWN", {}),)
    rate = nominal if cap.meaning == "nominal" else effective
    if rate is None:
        return (Reason("CTR-RATE-UNKNOWN", {"meaning": cap.meaning}),)
    if rate.quantize(CAP_PLACES) > cap.annual_rate:
        facts = {"annual_rate": f"{rate:f}", "cap": f"{cap.annual_rate:f}", "meaning": cap.meaning}
        return (Reason("CTR-RATE-ABOVE-CAP", {**facts, "source": cap.source}),)
    return ()


def _draw_costs(terms: Terms, funder: str, schedule: Schedule) -> tuple[CostRow, ...]:
    """Each item's yearly share is what the nominal rate rises by when it is added to the items above it."""
    rows = [CostRow("principal", "borrower", "paid_out", terms.principal_cents, None)]
    rate, _ = rate_flows(terms, schedule.instalments)
    rows.append(CostRow("interest", funder, terms.method, schedule.total_interest_cents, rate))
    counted: list[Fee] = []
    for fee in schedule.fees:
        times = terms.instalments if fee.method == "each_instalment" else 1
        share: Decimal | None = None
        if not fee.contingent:
            before = rate
            counted.append(fee)
            rate, _ = rate_flows(terms, schedule.instalments, counted)
            share = rate - before if rate is not None and before is not None else None
        rows.append(CostRow(fee.item, fee.payee, fee.method, fee.amount_cents * times, share, fee.contingent))
    return tuple(rows)
