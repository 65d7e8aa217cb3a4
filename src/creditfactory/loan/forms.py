"""The outside form of terms and schedules: what the ``creditfactory schedule`` door reads and writes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import cast

from creditfactory.interest import DAY_COUNTS, DayCount
from creditfactory.kernel import BadInput, UnknownName
from creditfactory.loan.terms import (
    EQUAL_OVERS,
    FEE_TIMES,
    METHODS,
    MONTH_ENDS,
    ROUNDINGS,
    STEP_ROUNDINGS,
    EqualOver,
    Fee,
    FeeTime,
    Grace,
    Method,
    MonthEnd,
    Rounding,
    Schedule,
    StepRounding,
    Terms,
)

PRINCIPAL_CENTS_MAX = 10**15
INSTALMENTS_MAX = 1_200
ANNUAL_RATE_MAX = Decimal(100)
_RATE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,18})?")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2999, 12, 31)
_NEEDED = ("principal_cents", "annual_rate", "instalments", "method", "disbursed_on")
_OPTIONAL = (
    "day_count",
    "first_due_on",
    "grace",
    "rounding",
    "instalment_step_cents",
    "instalment_step_rounding",
    "instalment_cents",
    "equal_over",
    "month_end",
    "due_day",
    "period_months",
    "period_days",
    "fees",
)


def read_terms(form: Mapping[str, object]) -> Terms:
    """Terms from their outside form; what cannot be read is named, with what was found and what was expected.

    >>> read_terms({"principal_cents": 25000000, "annual_rate": "0.18", "instalments": 36,
    ...             "method": "equal_instalment", "disbursed_on": "2026-01-15"}).annual_rate
    Decimal('0.18')
    >>> read_terms({"principal_cents": 2.5, "annual_rate": "0.18", "instalments": 36,
    ...             "method": "equal_instalment", "disbursed_on": "2026-01-15"})
    Traceback (most recent call last):
    creditfactory.kernel.errors.BadInput: principal_cents: found 2.5, expected a whole number from 1 to 1000000000000000
    """
    if not isinstance(form, Mapping):
        raise BadInput(place="terms", found=_shown(form), expected="an object with the terms of one loan")
    _check_names(form, "", needed=_NEEDED, known=_NEEDED + _OPTIONAL)
    instalments = _whole(form, "instalments", 1, INSTALMENTS_MAX)
    principal = _whole(form, "principal_cents", 1, PRINCIPAL_CENTS_MAX)
    terms = Terms(
        principal_cents=principal,
        annual_rate=_rate(form, "annual_rate"),
        instalments=instalments,
        method=cast(Method, _word(form, "method", METHODS)),
        disbursed_on=_day(form, "disbursed_on"),
        day_count=cast(DayCount, _word(form, "day_count", DAY_COUNTS, "30/360")),
        first_due_on=_day(form, "first_due_on") if form.get("first_due_on") is not None else None,
        grace=_grace(form.get("grace"), instalments),
        rounding=cast(Rounding, _word(form, "rounding", ROUNDINGS, "half_up")),
        instalment_step_cents=_whole(form, "instalment_step_cents", 1, max(1, principal // instalments), 1),
        instalment_step_rounding=cast(StepRounding, _word(form, "instalment_step_rounding", STEP_ROUNDINGS, "nearest")),
        instalment_cents=_maybe_whole(form, "instalment_cents", 1, PRINCIPAL_CENTS_MAX),
        equal_over=cast(EqualOver, _word(form, "equal_over", EQUAL_OVERS, "all_periods")),
        month_end=cast(MonthEnd, _word(form, "month_end", MONTH_ENDS, "clamp")),
        due_day=_maybe_whole(form, "due_day", 1, 31),
        period_months=_whole(form, "period_months", 1, 120, 1),
        period_days=_maybe_whole(form, "period_days", 1, 366),
        fees=_fees(form.get("fees")),
    )
    _check_dates(terms)
    return terms


def schedule_as_json(schedule: Schedule) -> dict[str, object]:
    """A schedule in its outside form: amounts in cents, rates as decimal strings, dates as ISO 8601.

    >>> from creditfactory.loan.schedule import build_schedule
    >>> terms = Terms(100_00, Decimal("0.12"), 1, "equal_instalment", date(2026, 1, 15))
    >>> schedule_as_json(build_schedule(terms))["instalments"]
    [{'due_on': '2026-02-15', 'principal_cents': 10000, 'interest_cents': 100, 'total_cents': 10100, \
'balance_cents': 0}]
    """
    nominal, effective = schedule.annual_rate_nominal, schedule.annual_rate_effective
    return {
        "instalments": [
            {
                "due_on": row.due_on.isoformat(),
                "principal_cents": row.principal_cents,
                "interest_cents": row.interest_cents,
                "total_cents": row.total_cents,
                "balance_cents": row.balance_cents,
            }
            for row in schedule.instalments
        ],
        "total_interest_cents": schedule.total_interest_cents,
        "annual_rate_nominal": None if nominal is None else f"{nominal:f}",
        "annual_rate_effective": None if effective is None else f"{effective:f}",
    }


def _check_dates(terms: Terms) -> None:
    if terms.first_due_on is not None and terms.first_due_on <= terms.disbursed_on:
        raise BadInput(place="first_due_on", found=terms.first_due_on.isoformat(), expected="a day after disbursed_on")
    if terms.period_days is not None and terms.period_months != 1:
        raise BadInput(place="period_days", found=str(terms.period_days), expected="no period_months beside it")
    span = terms.instalments * (terms.period_days or terms.period_months * 31)
    start = terms.first_due_on or terms.disbursed_on
    if start.toordinal() + span > _LATEST.toordinal():
        raise BadInput(place="instalments", found=str(terms.instalments), expected="a last due date before year 3000")


def _check_names(form: Mapping[str, object], prefix: str, *, needed: Sequence[str], known: Sequence[str]) -> None:
    for name in form:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UnknownName(place=f"{prefix}{_shown(name)}", found="an unknown field", expected=f"a known one{hint}")
    for name in needed:
        if form.get(name) is None:
            raise BadInput(place=f"{prefix}{name}", found="nothing", expected="a value: this field is needed")


def _maybe_whole(form: Mapping[str, object], name: str, low: int, high: int) -> int | None:
    return None if form.get(name) is None else _whole(form, name, low, high)


def _whole(
    form: Mapping[str, object], name: str, low: int, high: int, default: int | None = None, prefix: str = ""
) -> int:
    value = form.get(name)
    if value is None and default is not None:
        return default
    if type(value) is not int or not low <= value <= high:
        raise BadInput(place=prefix + name, found=_shown(value), expected=f"a whole number from {low} to {high}")
    return value


def _word(form: Mapping[str, object], name: str, words: Sequence[str], default: str = "", prefix: str = "") -> str:
    value = form.get(name)
    if value is None and default:
        return default
    if not isinstance(value, str) or value.lower() not in words:
        raise BadInput(place=prefix + name, found=_shown(value), expected="one of " + ", ".join(words))
    return value.lower()  # ACT/365 and act/365 are one and the same


def _day(form: Mapping[str, object], name: str) -> date:
    value = form.get(name)
    if type(value) is date:
        value = value.isoformat()
    if isinstance(value, str) and len(value) == 10:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if _EARLIEST <= day <= _LATEST:
            return day
    raise BadInput(place=name, found=_shown(value), expected="a day from 1900 on, written as 2026-01-15")


def _rate(form: Mapping[str, object], name: str) -> Decimal:
    value = form.get(name)
    fault = BadInput(
        place=name, found=_shown(value), expected='a yearly rate as a decimal string such as "0.18", from 0 to 100'
    )
    if not isinstance(value, (str, Decimal)) or not _RATE.fullmatch(str(value)):
        raise fault
    rate = Decimal(value)
    if rate > ANNUAL_RATE_MAX:
        raise fault
    return rate


def _grace(value: object, instalments: int) -> Grace:
    if value is None:
        return Grace()
    if not isinstance(value, Mapping):
        raise BadInput(place="grace", found=_shown(value), expected="an object with principal, interest or free")
    _check_names(value, "grace.", needed=(), known=("principal", "interest", "free"))
    most = instalments - 1
    return Grace(
        principal=_whole(value, "principal", 0, most, 0, "grace."),
        interest=_whole(value, "interest", 0, most, 0, "grace."),
        free=_whole(value, "free", 0, instalments, 0, "grace."),
    )


def _fees(value: object) -> tuple[Fee, ...]:
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        raise BadInput(place="fees", found=_shown(value), expected="a list of fees")
    return tuple(_fee(fee, f"fees[{index}].") for index, fee in enumerate(value))


def _fee(value: object, prefix: str) -> Fee:
    if not isinstance(value, Mapping):
        raise BadInput(place=prefix.rstrip("."), found=_shown(value), expected="an object with item and amount_cents")
    known = ("item", "payee", "amount_cents", "method", "contingent")
    _check_names(value, prefix, needed=("item", "payee", "amount_cents"), known=known)
    texts: list[str] = []
    for name in ("item", "payee"):
        text = value[name]
        if not isinstance(text, str) or not text.strip() or len(text) > 100:
            raise BadInput(place=prefix + name, found=_shown(text), expected="a short text")
        texts.append(text)
    contingent = value.get("contingent", False)
    if not isinstance(contingent, bool):
        raise BadInput(place=prefix + "contingent", found=_shown(contingent), expected="true or false")
    return Fee(
        item=texts[0],
        payee=texts[1],
        amount_cents=_whole(value, "amount_cents", 0, PRINCIPAL_CENTS_MAX, prefix=prefix),
        method=cast(FeeTime, _word(value, "method", FEE_TIMES, "at_disbursement", prefix)),
        contingent=contingent,
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
