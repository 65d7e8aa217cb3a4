"""Accounts rebuilt on site from what can be counted: sales, profit and loss, cash flow, balance sheet, equity (B.2).

Three ways lead to the month's sales, none of them the owner's word: customers counted, goods turned over, the till of
a day. Where two of them lie far apart, or all far from what was said, the form says so while it is being filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from creditfactory.kernel import BPS_WHOLE
from creditfactory.labels import EquityCheck, EquityLines, check_equity

DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCounts:
    """What was counted and asked on site; amounts a month unless they say otherwise; None: not found out."""

    customers_a_day: int | None = None
    ticket_cents: int | None = None
    days_open: int | None = None
    stock_cents: int | None = None
    stock_days: int | None = None
    till_day_cents: int | None = None
    margin_bps: int | None = None
    rent_cents: int | None = None
    wages_cents: int | None = None
    other_costs_cents: int | None = None
    household_cents: int | None = None
    debt_service_cents: int | None = None
    months_open: int | None = None
    capital_cents: int | None = None
    spent_elsewhere_cents: int | None = None
    receivables_cents: int | None = None
    equipment_cents: int | None = None
    cash_cents: int | None = None
    deposits_cents: int | None = None
    bank_debt_cents: int | None = None
    supplier_debt_cents: int | None = None
    other_debt_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAccounts:
    """Profit and loss, cash flow and balance sheet of a month as rebuilt; None where a needed count is missing."""

    ways: Mapping[str, int]
    sales_cents: int | None = None
    spread_bps: int | None = None
    gross_cents: int | None = None
    profit_cents: int | None = None
    free_cents: int | None = None
    assets_cents: int | None = None
    debts_cents: int | None = None
    equity: EquityCheck | None = None
    missing: tuple[str, ...] = ()


def rebuild_accounts(counts: SiteCounts, *, deviation_bps_max: int) -> SiteAccounts:
    """The accounts as far as the counts carry; what is missing is named, and nothing is guessed in its place.

    >>> shop = SiteCounts(customers_a_day=80, ticket_cents=5_000, days_open=26, stock_cents=4_000_000, stock_days=12,
    ...                   margin_bps=3_000, rent_cents=800_000, wages_cents=1_200_000, other_costs_cents=200_000)
    >>> found = rebuild_accounts(shop, deviation_bps_max=1_500)
    >>> dict(found.ways), found.sales_cents, found.profit_cents
    ({'customers': 10400000, 'stock': 14285714}, 12342857, 1502857)
    """
    ways = _estimate_sales(counts)
    sales = int(median(ways.values())) if ways else None
    spread = (max(ways.values()) - min(ways.values())) * BPS_WHOLE // sales if sales and len(ways) > 1 else None
    gross = None if sales is None or counts.margin_bps is None else sales * counts.margin_bps // BPS_WHOLE
    costs = _add(counts.rent_cents, counts.wages_cents, counts.other_costs_cents)
    profit = None if gross is None or costs is None else gross - costs
    taken = _add(counts.household_cents, counts.debt_service_cents)
    free = None if profit is None or taken is None else profit - taken
    assets = _add(
        counts.stock_cents, counts.receivables_cents, counts.equipment_cents, counts.cash_cents, counts.deposits_cents
    )
    debts = _add(counts.bank_debt_cents, counts.supplier_debt_cents, counts.other_debt_cents)
    equity = _check(counts, profit, assets, debts, deviation_bps_max)
    return SiteAccounts(
        ways=ways, sales_cents=sales, spread_bps=spread, gross_cents=gross, profit_cents=profit, free_cents=free,
        assets_cents=assets, debts_cents=debts, equity=equity,
        missing=tuple(name for name in SiteCounts.__slots__ if getattr(counts, name) is None),
    )  # fmt: skip


def _estimate_sales(counts: SiteCounts) -> dict[str, int]:
    """The month's sales by each way that was counted."""
    ways: dict[str, int] = {}
    if counts.customers_a_day is not None and counts.ticket_cents is not None and counts.days_open is not None:
        ways["customers"] = counts.customers_a_day * counts.ticket_cents * counts.days_open
    if counts.stock_cents is not None and counts.stock_days and counts.margin_bps is not None:
        cost = counts.stock_cents * DAYS_A_MONTH // counts.stock_days
        ways["stock"] = cost * BPS_WHOLE // max(1, BPS_WHOLE - counts.margin_bps)
    if counts.till_day_cents is not None and counts.days_open is not None:
        ways["till"] = counts.till_day_cents * counts.days_open
    return ways


def _add(*parts: int | None) -> int | None:
    """The sum; unknown where a part is."""
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _check(
    counts: SiteCounts, profit: int | None, assets: int | None, debts: int | None, deviation_bps_max: int
) -> EquityCheck:
    months = counts.months_open
    return check_equity(
        EquityLines(
            capital_cents=counts.capital_cents,
            profits_cents=None if profit is None or months is None else profit * months,
            withdrawn_cents=None
            if counts.household_cents is None or months is None
            else counts.household_cents * months,
            spent_elsewhere_cents=counts.spent_elsewhere_cents or 0,
            assets_cents=assets,
            debts_shown_cents=debts,
        ),
        deviation_bps_max=deviation_bps_max,
    )
