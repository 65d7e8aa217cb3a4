"""What a past borrower paid and when, as far as the file tells, and by which stated assumption where it does not.

The file knows whether a loan was paid in full or charged off, and for the latter the day and the loss. Everything
else is assumption 2026-11-22, and is labelled so wherever a figure rests on it:

- A loan **paid in full** paid each instalment on its due date; where its assumed term runs beyond the day the file
  was drawn, the open principal was paid on that day, without interest for the broken period.
- A loan **charged off** paid each instalment on its due date as long as that fell at least 180 days before the
  charge-off and its principal stayed within what was not lost. The rest of what was not lost came in as principal on
  the day of the charge-off; what was lost was written off that day.
- A charge-off of unknown day is taken to have happened on the day the file was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ARREARS_BEFORE_CHARGE_OFF = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in on a day; ``number`` orders the payments of one loan."""

    number: int
    on: date
    principal_cents: int
    interest_cents: int


@dataclass(frozen=True, slots=True)
class Life:
    """All payments of a loan, and how and when it ended."""

    payments: tuple[Payment, ...]
    ended_on: date
    status: str
    loss_cents: int


Instalments = Sequence[tuple[int, date, int, int]]
"""Number, due date, principal and interest in cents, in order."""


def live_paid(instalments: Instalments, *, observed_on: date) -> Life:
    """The life of a loan that was paid in full.

    >>> life = live_paid([(1, date(2026, 2, 1), 50, 2), (2, date(2026, 3, 1), 50, 1)], observed_on=date(2026, 2, 10))
    >>> [(p.on.isoformat(), p.principal_cents, p.interest_cents) for p in life.payments], life.ended_on.isoformat()
    ([('2026-02-01', 50, 2), ('2026-02-10', 50, 0)], '2026-02-10')
    """
    payments = [Payment(n, due, p, i) for n, due, p, i in instalments if due <= observed_on]
    open_cents = sum(p for _, _, p, _ in instalments) - sum(p.principal_cents for p in payments)
    if open_cents:
        payments.append(Payment(len(payments) + 1, observed_on, open_cents, 0))
    return Life(tuple(payments), payments[-1].on, "paid", 0)


def live_charged_off(
    instalments: Instalments, *, disbursed_on: date, charged_off_on: date | None, loss_cents: int, observed_on: date
) -> Life:
    """The life of a loan that was charged off.

    >>> life = live_charged_off([(1, date(2026, 2, 1), 50, 2), (2, date(2026, 3, 1), 50, 1)], loss_cents=40,
    ...     disbursed_on=date(2026, 1, 1), charged_off_on=date(2026, 8, 15), observed_on=date(2026, 12, 31))
    >>> [(p.on.isoformat(), p.principal_cents, p.interest_cents) for p in life.payments], life.loss_cents
    ([('2026-02-01', 50, 2), ('2026-08-15', 10, 0)], 40)
    """
    ends = max(charged_off_on or observed_on, disbursed_on)
    principal = sum(p for _, _, p, _ in instalments)
    kept = principal - loss_cents
    payments: list[Payment] = []
    repaid = 0
    for number, due, part, interest in instalments:
        if due > ends - ARREARS_BEFORE_CHARGE_OFF or repaid + part > kept:
            break
        payments.append(Payment(number, due, part, interest))
        repaid += part
    if kept > repaid:
        payments.append(Payment(len(payments) + 1, ends, kept - repaid, 0))
    return Life(tuple(payments), ends, "charged_off", loss_cents)
