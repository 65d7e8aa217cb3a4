"""Servicing: a loan's position on any day, replayed from its schedule and the payments that came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from creditfactory.interest import round_half_up
from creditfactory.kernel import BadInput
from creditfactory.loan.position import (
    USUAL_RULES,
    OpenInstalment,
    Position,
    Repayment,
    ServicingRules,
    choose_order,
    draw_position,
    pour,
)
from creditfactory.loan.terms import Schedule

PENALTY_YEAR_DAYS = 360


def age(
    schedule: Schedule,
    repayments: Sequence[Repayment],
    on: date,
    *,
    rules: ServicingRules = USUAL_RULES,
    charged_off_on: date | None = None,
) -> Position:
    """Where the loan stands at the end of a day, given all that was paid by then.

    Nothing is stored and patched: a payment found late or taken back is put into the list or left out of it, and the
    whole life is replayed. Payments after a charge-off are recoveries and change nothing else.

    >>> from creditfactory.loan.schedule import build_schedule
    >>> from creditfactory.loan.terms import Terms
    >>> from decimal import Decimal
    >>> schedule = build_schedule(Terms(120_000, Decimal(0), 12, "equal_instalment", date(2026, 1, 15)))
    >>> position = age(schedule, [Repayment(date(2026, 2, 15), 10_000)], date(2026, 4, 1))
    >>> position.principal_open_cents, position.arrears_days, position.arrears_cents
    (110000, 17, 10000)
    """
    replay = _Replay(schedule, rules)
    until = on if charged_off_on is None else min(on, charged_off_on)
    recovered = 0
    for repayment in _in_order(repayments):
        if repayment.on > on:
            break
        if charged_off_on is not None and repayment.on > charged_off_on:
            recovered += repayment.cents
        else:
            replay.pay(repayment)
    replay.move_to(until)
    return draw_position(
        on if charged_off_on is None or on < charged_off_on else charged_off_on,
        replay.open_instalments(),
        paid=(replay.paid[0], replay.paid[1], replay.paid[2]),
        credit_cents=replay.credit,
        recovered_cents=recovered,
        arrears_days_max=replay.arrears_days_max,
        charged_off=charged_off_on is not None and on >= charged_off_on,
        tolerance_cents=rules.tolerance_cents,
    )


def _in_order(repayments: Sequence[Repayment]) -> list[Repayment]:
    for index, repayment in enumerate(repayments):
        if repayment.cents <= 0:
            raise BadInput(
                place=f"repayments[{index}].cents", found=str(repayment.cents), expected="a payment above nothing"
            )
    return sorted(repayments, key=lambda repayment: repayment.on)


@dataclass(slots=True)
class _Overdue:
    """What one late instalment has run up: principal times days, exact whatever the days it is looked at."""

    cent_days: int = 0
    penalty_paid: int = 0


class _Replay:
    """A loan's life so far, moved forward day by payment day."""

    def __init__(self, schedule: Schedule, rules: ServicingRules) -> None:
        self.rows = schedule.instalments
        self.rules = rules
        self.lines = [[row.principal_cents, row.interest_cents, 0] for row in self.rows]
        self.overdue = [_Overdue() for _ in self.rows]
        self.rate = Fraction(rules.penalty_annual_rate) / PENALTY_YEAR_DAYS
        self.first = 0  # every instalment before this one is settled
        self.due = 0  # every instalment before this one has fallen due
        self.day = date.min
        self.credit = 0
        self.paid = [0, 0, 0]
        self.arrears_days_max = 0

    def move_to(self, day: date) -> None:
        """Let time pass: instalments fall due, overdue principal runs up its penalty, held credit is used."""
        while self.due < len(self.rows) and self.rows[self.due].due_on <= day:
            falls_due = self.rows[self.due].due_on
            self._accrue(falls_due)
            self.due += 1
            if self.credit:
                self._take(self.credit, falls_due)
        self._accrue(day)

    def pay(self, repayment: Repayment) -> None:
        """Take a payment in on its day."""
        self.move_to(repayment.on)
        self._take(self.credit + repayment.cents, repayment.on)

    def _take(self, cents: int, day: date) -> None:
        before = [sum(line[place] for line in self.lines[self.first :]) for place in range(3)]
        penalties = [line[2] for line in self.lines]
        order = choose_order(self._arrears_days(day), self.rules)
        self.credit = pour(cents, self.lines, self.first, self.due, order, self.rules)
        for place in range(3):
            self.paid[place] += before[place] - sum(line[place] for line in self.lines[self.first :])
        for index in range(self.first, self.due):
            self.overdue[index].penalty_paid += penalties[index] - self.lines[index][2]
        while self.first < len(self.lines) and not any(self.lines[self.first]):
            self.first += 1

    def _accrue(self, day: date) -> None:
        if day <= self.day:
            return
        for index in range(self.first, self.due):
            since = max(self.day, self.rows[index].due_on)
            self.overdue[index].cent_days += self.lines[index][0] * (day - since).days
            if self.rate:
                run_up = self.overdue[index].cent_days * self.rate
                charged = round_half_up(run_up.numerator, run_up.denominator)
                self.lines[index][2] = charged - self.overdue[index].penalty_paid
        self.arrears_days_max = max(self.arrears_days_max, self._arrears_days(day))
        self.day = day

    def _arrears_days(self, day: date) -> int:
        late = [index for index in range(self.first, self.due) if self.rows[index].due_on < day]
        late = [index for index in late if any(self.lines[index])]
        if sum(sum(self.lines[index]) for index in late) <= self.rules.tolerance_cents or not late:
            return 0
        return (day - self.rows[late[0]].due_on).days

    def open_instalments(self) -> list[OpenInstalment]:
        """What is still unpaid, oldest first."""
        return [
            OpenInstalment(row.number, row.due_on, line[0], line[1], line[2])
            for row, line in zip(self.rows[self.first :], self.lines[self.first :], strict=True)
            if any(line)
        ]
