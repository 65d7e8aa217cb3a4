"""The words that every room speaks: money, dates, reasons, and the failures of the world."""

from creditfactory.kernel.dates import add_months, month_end, months_between, years_between
from creditfactory.kernel.errors import (
    BadInput,
    CreditFactoryError,
    Misconfigured,
    Refused,
    Stale,
    TimedOut,
    Unavailable,
    UnknownName,
)
from creditfactory.kernel.money import BPS_WHOLE, Cents, format_cents, round_cents, round_down_to, share_of
from creditfactory.kernel.reasons import Reason, Scalar

__all__ = [
    "BPS_WHOLE",
    "BadInput",
    "Cents",
    "CreditFactoryError",
    "Misconfigured",
    "Reason",
    "Refused",
    "Scalar",
    "Stale",
    "TimedOut",
    "Unavailable",
    "UnknownName",
    "add_months",
    "format_cents",
    "month_end",
    "months_between",
    "round_cents",
    "round_down_to",
    "share_of",
    "years_between",
]
