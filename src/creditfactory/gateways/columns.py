"""Tables kept as columns, checked as tables: every column as long as the others, every line one that can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from creditfactory.application import (
    STATUS_CODES,
    BankStatement,
    BureauAccounts,
    BureauDuties,
    BureauQueries,
    ContactList,
    CourtCases,
    InvoiceList,
    PublicRecords,
    RegistryChanges,
    TaxReturns,
    UtilityBills,
)

Fault = tuple[tuple[int | str, ...], str, str]
"""Where, what was found, what was expected."""

TABLES: tuple[type, ...] = (
    BankStatement, BureauAccounts, BureauDuties, BureauQueries, ContactList, CourtCases, InvoiceList, PublicRecords,
    RegistryChanges, TaxReturns, UtilityBills,
)  # fmt: skip
MAY_BE_EMPTY: Mapping[type, frozenset[str]] = {BankStatement: frozenset({"balance_cents"})}
"""Columns that a table may lack altogether: a statement that prints no running balance."""

MAY_BE_BELOW_ZERO: Mapping[type, frozenset[str]] = {
    BankStatement: frozenset({"flow_cents", "balance_cents", "opening_balance_cents"}),
    InvoiceList: frozenset({"net_cents", "vat_cents"}),
}
"""Amounts that may lie below zero, by table; no other amount of a table may."""

HAPPENED: Mapping[type, tuple[str, ...]] = {
    BankStatement: ("on",), InvoiceList: ("on",), BureauAccounts: ("opened_on", "closed_on"), BureauQueries: ("on",),
    PublicRecords: ("on",), RegistryChanges: ("on",), CourtCases: ("filed_on",), TaxReturns: ("month",),
    UtilityBills: ("month",),
}  # fmt: skip
"""The days of a table on which something has happened, so that none lies after the record itself."""

LINES_MAX = 50_000
MINUTES_OF_DAY = 1_440
MONTHS_KEPT = 60
YEAR_MIN, YEAR_MAX = 1900, 2200


def find_table_fault(value: object, place: tuple[int | str, ...] = ()) -> Fault | None:
    """The first thing that cannot be in a table held in this value or in a part of it; None if all is well.

    >>> find_table_fault(TaxReturns(month=(date(2026, 1, 1),)))
    (('sales_cents',), 'a column of 0', '1 as in month: one value a line in every column')
    """
    kind: type = type(value)
    if kind in _TABLES:
        fault = _check_table(value, kind, place)
        if fault is not None:
            return fault
    for name in _parts_of(kind):
        part = getattr(value, name)
        if part is not None:
            fault = find_table_fault(part, (*place, name))
            if fault is not None:
                return fault
    return None


def find_future_line(value: object, on: date, place: tuple[int | str, ...] = ()) -> Fault | None:
    """The first line of a table that lies after the day on which the record was obtained: it cannot have known it.

    Days on which something falls due, and bills noted as paid later, may lie ahead.

    >>> find_future_line(RegistryChanges(on=(date(2026, 3, 2),), what=("name",)), date(2026, 3, 1))
    (('on', 0), '2026-03-02', 'a day not after 2026-03-01, when this record was obtained')
    """
    kind: type = type(value)
    for name in HAPPENED.get(kind, ()):
        for line, day in enumerate(getattr(value, name)):
            if day is not None and day > on:
                return (*place, name, line), str(day), f"a day not after {on}, when this record was obtained"
    for name in _parts_of(kind):
        part = getattr(value, name)
        fault = None if part is None else find_future_line(part, on, (*place, name))
        if fault is not None:
            return fault
    return None


_TABLES = frozenset(TABLES)


@lru_cache(maxsize=128)
def _parts_of(kind: type) -> tuple[str, ...]:
    """The fields of a shape that hold shapes of their own."""
    if not is_dataclass(kind):
        return ()
    shaped = ("BureauAccounts", "BureauQueries", "BureauDuties", "PublicRecords", "RegistryChanges", "CourtCases",
              "TaxReturns")  # fmt: skip
    return tuple(f.name for f in fields(kind) if any(name in str(f.type) for name in shaped))


@lru_cache(maxsize=64)
def columns_of(kind: type) -> tuple[str, ...]:
    """The columns of a table, in its own order."""
    return tuple(f.name for f in fields(kind) if str(f.type).startswith("tuple["))


def _check_table(table: Any, kind: type, place: tuple[int | str, ...]) -> Fault | None:
    columns = columns_of(kind)
    first = columns[0]
    lines = len(getattr(table, first))
    if lines > LINES_MAX:
        return (*place, first), f"{lines:,} lines", f"at most {LINES_MAX:,}"
    for name in columns:
        found = len(getattr(table, name))
        if found != lines and not (found == 0 and name in MAY_BE_EMPTY.get(kind, ())):
            return (*place, name), f"a column of {found}", f"{lines} as in {first}: one value a line in every column"
    below = MAY_BE_BELOW_ZERO.get(kind, frozenset())
    for name in columns:
        if name.endswith("_cents") and name not in below:
            for line, amount in enumerate(getattr(table, name)):
                if amount < 0:
                    return (*place, name, line), str(amount), "a number from 0 up"
    fault = _check_years(table, kind)
    check = _OWN_CHECKS.get(kind)
    return _placed(fault or (None if check is None else check(table)), place)


@lru_cache(maxsize=64)
def _days_of(kind: type) -> tuple[str, ...]:
    """The fields of a table that hold days, one or a column of them."""
    return tuple(f.name for f in fields(kind) if str(f.type).startswith(("date |", "tuple[date")) or f.type == "date")


def _check_years(table: Any, kind: type) -> Fault | None:
    """Days that a calendar reckons with: a day before or after the years 1 and 9999 would have no neighbours."""
    expected = f"a day from {YEAR_MIN} to {YEAR_MAX}"
    for name in _days_of(kind):
        found = getattr(table, name)
        for line, day in enumerate(found if isinstance(found, tuple) else (found,)):
            if day is not None and not YEAR_MIN <= day.year <= YEAR_MAX:
                return ((name, line) if isinstance(found, tuple) else (name,)), str(day), expected
    return None


def _placed(fault: Fault | None, place: tuple[int | str, ...]) -> Fault | None:
    return None if fault is None else ((*place, *fault[0]), fault[1], fault[2])


def _check_order(days: tuple[date, ...]) -> Fault | None:
    for line, (before, on) in enumerate(pairwise(days), start=1):
        if on < before:
            return ("on", line), f"{on} after {before}", "the oldest line first"
    return None


def _check_period(table: Any) -> Fault | None:
    if table.to_on < table.from_on:
        return ("to_on",), str(table.to_on), f"a day not before {table.from_on}, where it begins"
    return None


def _check_statement(statement: BankStatement) -> Fault | None:
    for line, minute in enumerate(statement.minute):
        if not -1 <= minute < MINUTES_OF_DAY:
            return ("minute", line), str(minute), "a minute of the day from 0 to 1439, or -1 where none is printed"
    return _check_period(statement) or _check_order(statement.on)


def _check_invoices(invoices: InvoiceList) -> Fault | None:
    return _check_period(invoices) or _check_order(invoices.on)


def _check_accounts(accounts: BureauAccounts) -> Fault | None:
    for line, months in enumerate(accounts.months):
        odd = months.strip(STATUS_CODES)
        if odd or len(months) > MONTHS_KEPT:
            found = f"{odd[:1]!r} in it" if odd else f"{len(months)} letters"
            return ("months", line), found, f"up to {MONTHS_KEPT} letters of {STATUS_CODES}, the newest month first"
    for line, (opened, closed) in enumerate(zip(accounts.opened_on, accounts.closed_on, strict=True)):
        if closed is not None and closed < opened:
            return ("closed_on", line), str(closed), f"a day not before {opened}, when it was opened"
    return None


_OWN_CHECKS: Mapping[type, Callable[[Any], Fault | None]] = {
    BankStatement: _check_statement,
    InvoiceList: _check_invoices,
    BureauAccounts: _check_accounts,
}
