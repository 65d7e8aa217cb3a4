"""Early warning: which signs, on a loan still running, say that it may go wrong, and how loudly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from creditfactory.kernel import Reason, Scalar
from creditfactory.loan import Position

Level = Literal["none", "yellow", "orange", "red"]
Test = Literal["yes", "at_least", "at_most"]
_LOUDNESS: dict[Level, int] = {"none": 0, "yellow": 1, "orange": 2, "red": 3}


@dataclass(frozen=True, slots=True)
class Signal:
    """One sign: the fact it reads, from where on it speaks, and how loudly."""

    code: str
    fact: str
    test: Test
    limit: float
    level: Level


@dataclass(frozen=True, slots=True)
class Alert:
    """What the signs add up to. Facts nobody has are named, so that silence is not taken for health."""

    level: Level
    signals: tuple[str, ...]
    reasons: tuple[Reason, ...]
    unknown: tuple[str, ...]


USUAL_SIGNALS: tuple[Signal, ...] = (
    Signal("EWS-DEREGISTERED", "deregistered", "yes", 1, "red"),
    Signal("EWS-EXECUTED", "executed_new", "yes", 1, "red"),
    Signal("EWS-PHONE-OFF", "phone_off_days", "at_least", 7, "red"),
    Signal("EWS-OVERDUE-ELSEWHERE", "overdue_elsewhere", "yes", 1, "orange"),
    Signal("EWS-COURT-CASE", "court_case_new", "yes", 1, "orange"),
    Signal("EWS-NEW-LENDERS", "new_lenders_90d", "at_least", 3, "orange"),
    Signal("EWS-INFLOW-FALL", "inflow_change", "at_most", -0.30, "orange"),
    Signal("EWS-TAX-FALL", "tax_change_seasonal", "at_most", -0.20, "orange"),
    Signal("EWS-POWER-FALL", "power_change", "at_most", -0.40, "orange"),
    Signal("EWS-GUARANTEE-CHAIN", "guarantee_chain_default", "yes", 1, "orange"),
    Signal("EWS-CLUSTER", "same_broker_late_90d", "at_least", 3, "orange"),
    Signal("EWS-AUTO-DEBIT-MISSED", "auto_debits_missed_90d", "at_least", 1, "yellow"),
    Signal("EWS-PARTIAL-PAYMENT", "partial_payments_90d", "at_least", 1, "yellow"),
    Signal("EWS-INQUIRIES", "inquiries_90d", "at_least", 6, "yellow"),
    Signal("EWS-UTILISATION-JUMP", "utilisation_change", "at_least", 0.30, "yellow"),
    Signal("EWS-LEGAL-PERSON-CHANGED", "legal_person_changed", "yes", 1, "yellow"),
    Signal("EWS-ADDRESS-CHANGED", "address_changed", "yes", 1, "yellow"),
    Signal("EWS-INDUSTRY-FALL", "industry_index_change", "at_most", -0.10, "yellow"),
)
"""Market practice; each limit is a parameter of the rulebook wherever a pack says so."""


def check_warnings(
    position: Position,
    facts: Mapping[str, Scalar],
    *,
    signals: Sequence[Signal] = USUAL_SIGNALS,
    yellows_to_orange: int = 3,
    late_steps: Sequence[tuple[int, Level]] = ((1, "yellow"), (8, "orange"), (31, "red")),
) -> Alert:
    """The alert that a loan's own lateness and the facts about its borrower give rise to.

    The loudest sign sets the level; several quiet ones together are heard as a louder one. A fact of the wrong kind
    is a fault: it speaks as a yellow sign instead of passing for good news.

    >>> from datetime import date
    >>> from creditfactory.loan import draw_position
    >>> alert = check_warnings(draw_position(date(2026, 5, 1), []), {"inflow_change": -0.45})
    >>> alert.level, alert.signals
    ('orange', ('EWS-INFLOW-FALL',))
    """
    found: list[tuple[Level, Reason]] = []
    unknown: list[str] = []
    late = [level for days, level in late_steps if position.arrears_days >= days]
    if late:
        facts_late: dict[str, Scalar] = {"arrears_days": position.arrears_days, "arrears_cents": position.arrears_cents}
        found.append((late[-1], Reason("EWS-LATE", facts_late)))
    for signal in signals:
        value = facts.get(signal.fact)
        if value is None:
            unknown.append(signal.fact)
            continue
        number = _read_number(value, signal.test)
        if number is None:
            found.append(("yellow", Reason("EWS-FACT-BROKEN", {"fact": signal.fact, "found": str(value)[:40]})))
        elif _speaks(number, signal):
            found.append((signal.level, Reason(signal.code, {"fact": signal.fact, "value": value})))
    level: Level = max((level for level, _ in found), key=_LOUDNESS.__getitem__, default="none")
    if level == "yellow" and len(found) >= yellows_to_orange:
        level = "orange"
    found.sort(key=lambda one: -_LOUDNESS[one[0]])
    reasons = tuple(reason for _, reason in found)
    return Alert(level, tuple(reason.code for reason in reasons), reasons, tuple(unknown))


def _read_number(value: Scalar, test: Test) -> float | None:
    """The value as the test reads it, or none when it is of the wrong kind."""
    if isinstance(value, bool) or test == "yes":
        return float(value) if isinstance(value, bool) and test == "yes" else None
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    return None


def _speaks(number: float, signal: Signal) -> bool:
    return number <= signal.limit if signal.test == "at_most" else number >= signal.limit
