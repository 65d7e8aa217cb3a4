"""The equity check (权益检验): what the owner should have by what was put in and earned, against what is there.

Three layers of three lines each: put in (capital at the start, later contributions, revaluation), kept (profit of the
months in business, less what the household took, less what went elsewhere), and there today (assets, less debts
shown, less debts found). Much less there than there should be: hidden debts or losses. Much more: dressed-up sales.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from creditfactory.kernel import BPS_WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityLines:
    """The nine lines in cents; a line nobody found out is None, and then nothing can be concluded."""

    capital_cents: int | None = None
    contributed_cents: int | None = 0
    revaluation_cents: int | None = 0
    profits_cents: int | None = None
    withdrawn_cents: int | None = None
    spent_elsewhere_cents: int | None = 0
    assets_cents: int | None = None
    debts_shown_cents: int | None = None
    debts_found_cents: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityCheck:
    """Expected and actual equity, and what their distance means.

    ``missing_cents`` is the debt or loss that would explain a shortfall; ``deviation_bps`` is above nothing where
    there is less than there should be.
    """

    verdict: Literal["fits", "short", "over", "negative", "unknown"]
    expected_cents: int | None = None
    actual_cents: int | None = None
    deviation_bps: int | None = None
    missing_cents: int | None = None
    unknown: tuple[str, ...] = ()


def check_equity(lines: EquityLines, *, deviation_bps_max: int) -> EquityCheck:
    """Does what is there fit what should be there, within the share that the rulebook allows?

    >>> shop = EquityLines(capital_cents=30_000_000, profits_cents=40_000_000, withdrawn_cents=10_000_000,
    ...                    assets_cents=70_000_000, debts_shown_cents=30_000_000)
    >>> found = check_equity(shop, deviation_bps_max=1_500)
    >>> found.verdict, found.missing_cents
    ('short', 20000000)
    """
    values = {name: getattr(lines, name) for name in EquityLines.__slots__}
    unknown = tuple(name for name, value in values.items() if value is None)
    if unknown:
        return EquityCheck(verdict="unknown", unknown=unknown)
    put_in = values["capital_cents"] + values["contributed_cents"] + values["revaluation_cents"]
    kept = values["profits_cents"] - values["withdrawn_cents"] - values["spent_elsewhere_cents"]
    expected = put_in + kept
    actual = values["assets_cents"] - values["debts_shown_cents"] - values["debts_found_cents"]
    if expected <= 0:
        return EquityCheck(verdict="negative", expected_cents=expected, actual_cents=actual)
    deviation = (expected - actual) * BPS_WHOLE // expected
    verdict: Literal["fits", "short", "over"] = "fits"
    if abs(deviation) > deviation_bps_max:
        verdict = "short" if deviation > 0 else "over"
    return EquityCheck(
        verdict=verdict, expected_cents=expected, actual_cents=actual, deviation_bps=deviation,
        missing_cents=max(0, expected - actual),
    )  # fmt: skip
