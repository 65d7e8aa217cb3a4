"""Where a loan stands on a day: what is open, what is due, how late it is, and how a payment is shared out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Part = Literal["penalty", "interest", "principal"]
Status = Literal["active", "in_arrears", "paid", "charged_off"]

INTEREST_BEFORE_PRINCIPAL: tuple[Part, ...] = ("penalty", "interest", "principal")
PRINCIPAL_BEFORE_INTEREST: tuple[Part, ...] = ("principal", "interest", "penalty")


@dataclass(frozen=True, slots=True)
class ServicingRules:
    """How payments are shared out and lateness is charged: parameters of the product, never constants.

    ``across="instalment"`` settles the oldest due instalment whole before the next; ``part`` settles one part (all
    penalties, then all interest …) over every due instalment. What is left after all that is due goes towards the
    next instalments (``advance="next"``) or is owed to the borrower (``hold``). From ``non_performing_from_days`` of
    arrears on, ``order_non_performing`` rules instead, if there is one. Overdue principal bears the penalty rate,
    simple and by actual days of 360, in place of the contract rate.
    """

    order: tuple[Part, ...] = INTEREST_BEFORE_PRINCIPAL
    across: Literal["instalment", "part"] = "instalment"
    advance: Literal["next", "hold"] = "next"
    order_non_performing: tuple[Part, ...] | None = None
    non_performing_from_days: int = 91
    penalty_annual_rate: Decimal = Decimal(0)
    tolerance_cents: int = 0


USUAL_RULES = ServicingRules()
"""Penalty, interest, principal, oldest instalment first, no penalty rate: what holds where a product says nothing."""


@dataclass(frozen=True, slots=True)
class Repayment:
    """Money that came in for a loan on a day; the receipt is the payment's own reference."""

    on: date
    cents: int
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class OpenInstalment:
    """What is still unpaid of one instalment."""

    number: int
    due_on: date
    principal_cents: int
    interest_cents: int
    penalty_cents: int


@dataclass(frozen=True, slots=True)
class Position:
    """A loan on a day. Due is what has fallen due by then, arrears what is late by at least a day.

    A loan charged off stays as it was on that day; what comes in later is only counted as recovered.
    """

    on: date
    status: Status
    principal_open_cents: int
    principal_due_cents: int
    interest_due_cents: int
    penalty_due_cents: int
    arrears_cents: int
    arrears_days: int
    next_due_on: date | None
    next_due_cents: int
    principal_paid_cents: int
    interest_paid_cents: int
    penalty_paid_cents: int
    credit_cents: int
    recovered_cents: int
    arrears_days_max: int
    instalments_open: tuple[OpenInstalment, ...]


@dataclass(frozen=True, slots=True)
class Allocation:
    """How one payment is shared out; ``credit_cents`` is what nothing was owed for."""

    principal_cents: int
    interest_cents: int
    penalty_cents: int
    credit_cents: int
    parts: tuple[OpenInstalment, ...]


def allocate(
    payment_cents: int,
    position: Position,
    order: tuple[Part, ...] | None = None,
    *,
    rules: ServicingRules = USUAL_RULES,
) -> Allocation:
    """Share a payment out over what is owed: what is due first, the oldest instalment first.

    An explicit ``order`` overrules that of the rules. The parts name, for each instalment touched, what was paid.

    >>> late = OpenInstalment(3, date(2026, 4, 15), 530_000, 370_000, 1_200)
    >>> position = draw_position(date(2026, 5, 1), [late])
    >>> allocate(400_000, position).parts
    (OpenInstalment(number=3, due_on=datetime.date(2026, 4, 15), principal_cents=28800, interest_cents=370000, \
penalty_cents=1200),)
    """
    lines = [[one.principal_cents, one.interest_cents, one.penalty_cents] for one in position.instalments_open]
    due = sum(one.due_on <= position.on for one in position.instalments_open)
    chosen = order or choose_order(position.arrears_days, rules)
    credit = pour(payment_cents, lines, 0, due, chosen, rules)
    parts = tuple(
        OpenInstalment(
            one.number,
            one.due_on,
            one.principal_cents - line[0],
            one.interest_cents - line[1],
            one.penalty_cents - line[2],
        )
        for one, line in zip(position.instalments_open, lines, strict=True)
        if line != [one.principal_cents, one.interest_cents, one.penalty_cents]
    )
    return Allocation(
        principal_cents=sum(part.principal_cents for part in parts),
        interest_cents=sum(part.interest_cents for part in parts),
        penalty_cents=sum(part.penalty_cents for part in parts),
        credit_cents=credit,
        parts=parts,
    )


def choose_order(arrears_days: int, rules: ServicingRules) -> tuple[Part, ...]:
    """Which part is settled first: another order may rule once the loan is non-performing."""
    if rules.order_non_performing is not None and arrears_days >= rules.non_performing_from_days:
        return rules.order_non_performing
    return rules.order


_PLACE: dict[Part, int] = {"principal": 0, "interest": 1, "penalty": 2}


def pour(
    cents: int, lines: list[list[int]], first: int, due: int, order: tuple[Part, ...], rules: ServicingRules
) -> int:
    """Take a payment off the open lines in place, due ones first, and return what nothing was owed for."""
    places = [_PLACE[part] for part in order]
    if rules.across == "instalment":
        steps = [(index, place) for index in range(first, due) for place in places]
    else:
        steps = [(index, place) for place in places for index in range(first, due)]
    for index, place in steps:
        if not cents:
            return 0
        paid = min(cents, lines[index][place])
        lines[index][place] -= paid
        cents -= paid
    if rules.advance == "next":
        for index in range(max(first, due), len(lines)):
            for place in places:
                if not cents:
                    return 0
                paid = min(cents, lines[index][place])
                lines[index][place] -= paid
                cents -= paid
    return cents


def draw_position(
    on: date,
    instalments_open: list[OpenInstalment],
    *,
    paid: tuple[int, int, int] = (0, 0, 0),
    credit_cents: int = 0,
    recovered_cents: int = 0,
    arrears_days_max: int = 0,
    charged_off: bool = False,
    tolerance_cents: int = 0,
) -> Position:
    """The position that these open instalments make on a day; arrears within the tolerance do not count.

    >>> late = OpenInstalment(3, date(2026, 4, 15), 530_000, 370_000, 0)
    >>> position = draw_position(date(2026, 5, 1), [late])
    >>> position.status, position.arrears_days, position.arrears_cents
    ('in_arrears', 16, 900000)
    """
    due = [one for one in instalments_open if one.due_on <= on]
    late = [one for one in due if one.due_on < on]
    arrears = sum(one.principal_cents + one.interest_cents + one.penalty_cents for one in late)
    is_late = arrears > tolerance_cents
    days = (on - late[0].due_on).days if is_late else 0
    coming = next((one for one in instalments_open if one.due_on > on), None)
    status: Status = "in_arrears" if is_late else ("active" if instalments_open else "paid")
    return Position(
        on=on,
        status="charged_off" if charged_off else status,
        principal_open_cents=sum(one.principal_cents for one in instalments_open),
        principal_due_cents=sum(one.principal_cents for one in due),
        interest_due_cents=sum(one.interest_cents for one in due),
        penalty_due_cents=sum(one.penalty_cents for one in due),
        arrears_cents=arrears if is_late else 0,
        arrears_days=days,
        next_due_on=coming.due_on if coming else None,
        next_due_cents=coming.principal_cents + coming.interest_cents if coming else 0,
        principal_paid_cents=paid[0],
        interest_paid_cents=paid[1],
        penalty_paid_cents=paid[2],
        credit_cents=credit_cents,
        recovered_cents=recovered_cents,
        arrears_days_max=max(arrears_days_max, days),
        instalments_open=tuple(instalments_open),
    )
