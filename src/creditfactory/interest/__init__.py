"""What money costs over time: day counts, equal instalments, and the yearly rate hidden in a row of cash flows."""

from creditfactory.interest.annuity import equal_payment, level_payment, round_half_even, round_half_up, round_ratio
from creditfactory.interest.daycount import DAY_COUNTS, DayCount, days_30_360, year_fraction
from creditfactory.interest.returns import RATE_PLACES, all_in_rates, effective_rate, irr_dated, irr_monthly

__all__ = [
    "DAY_COUNTS",
    "RATE_PLACES",
    "DayCount",
    "all_in_rates",
    "days_30_360",
    "effective_rate",
    "equal_payment",
    "irr_dated",
    "irr_monthly",
    "level_payment",
    "round_half_even",
    "round_half_up",
    "round_ratio",
    "year_fraction",
]
