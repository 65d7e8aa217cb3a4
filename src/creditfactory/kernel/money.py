"""Money is whole cents; rates are decimal strings; both are rounded only where a rule says so."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Cents = NewType("Cents", int)
"""An amount in the smallest unit of its currency, never a float."""

BPS_WHOLE = 10_000
"""Basis points in one whole: 10,000 bps = 100 %."""


def round_cents(amount: Decimal) -> int:
    """Round a decimal amount of cents to whole cents, halves away from zero.

    >>> round_cents(Decimal("903810.5")), round_cents(Decimal("-0.5"))
    (903811, -1)
    """
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def round_down_to(amount_cents: int, step_cents: int) -> int:
    """Round a non-negative amount down to a whole number of steps.

    >>> round_down_to(26_543_210, 100_000)
    26500000
    """
    return amount_cents // step_cents * step_cents


def share_of(amount_cents: int, bps: int) -> int:
    """The given share of an amount, in cents, halves away from zero.

    >>> share_of(25_000_000, 150)
    375000
    """
    return round_cents(Decimal(amount_cents) * bps / BPS_WHOLE)


def format_cents(amount_cents: int) -> str:
    """An amount in whole units and cents, grouped by thousands, without a currency mark.

    >>> format_cents(26_000_050), format_cents(-5)
    ('260,000.50', '-0.05')
    """
    sign = "-" if amount_cents < 0 else ""
    units, cents = divmod(abs(amount_cents), 100)
    return f"{sign}{units:,}.{cents:02d}"
