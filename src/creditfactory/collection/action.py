"""What to do next about a late loan, and when to give it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from creditfactory.collection.causes import DEFAULT_REASONS, ContactChannel, choose_step
from creditfactory.collection.contact import (
    USUAL_CONTACT_RULES,
    Contact,
    ContactRules,
    check_contact,
    choose_contact_time,
)
from creditfactory.kernel import Reason, Scalar, UnknownName
from creditfactory.loan import Position

CHARGE_OFF_DAYS = 180


@dataclass(frozen=True, slots=True)
class NextAction:
    """The next step and its channel; held while reasons stand against it, and then not before the time given."""

    action: str
    channel: ContactChannel
    verdict: Literal["do", "hold", "nothing"]
    not_before: datetime | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ChargeOffJudgement:
    """Whether the loan should be charged off now, and why or why not."""

    verdict: Literal["charge_off", "wait", "not_applicable"]
    reasons: tuple[Reason, ...]


def choose_next_action(
    position: Position,
    default_reason: str | None,
    at: datetime,
    contacts: Sequence[Contact] = (),
    rules: ContactRules = USUAL_CONTACT_RULES,
    *,
    has_consent: bool = False,
    charge_off_days: int = CHARGE_OFF_DAYS,
) -> NextAction:
    """The measure that answers why this borrower is late (COL-02), and whether it may be taken at this hour.

    An unknown reason (none) is answered by finding it out. ``at`` is the borrower's local time.

    >>> from datetime import date
    >>> from creditfactory.loan import OpenInstalment, draw_position
    >>> late = draw_position(date(2026, 3, 2), [OpenInstalment(1, date(2026, 2, 27), 500, 300, 0)])
    >>> choose_next_action(late, "forgetful", datetime(2026, 3, 2, 10, 0)).action
    'remind'
    >>> choose_next_action(late, "dispute", datetime(2026, 3, 2, 10, 0)).action
    'open_complaint'
    """
    if default_reason is not None and default_reason not in DEFAULT_REASONS:
        known = ", ".join(DEFAULT_REASONS)
        raise UnknownName(place="default_reason", found=repr(default_reason)[:60], expected=f"one of {known}")
    if position.arrears_days == 0 or position.status not in ("in_arrears", "charged_off"):
        return NextAction("none", "none", "nothing", None, (Reason("COL-NOT-LATE", {"status": position.status}),))
    why = Reason("COL-STEP", {"arrears_days": position.arrears_days, "default_reason": default_reason or "unknown"})
    if position.status == "in_arrears" and position.arrears_days >= charge_off_days:
        due = Reason("COL-CHARGE-OFF-DUE", {"arrears_days": position.arrears_days, "days_min": charge_off_days})
        return NextAction("charge_off", "none", "do", None, (due,))
    step = choose_step(default_reason, position.arrears_days)
    assert step is not None, "every strategy begins on the first late day"
    frozen = default_reason is not None and DEFAULT_REASONS[default_reason].contact_frozen
    against = check_contact(step.channel, at, contacts, rules, has_consent=has_consent, is_disputed=frozen)
    if not against:
        return NextAction(step.action, step.channel, "do", None, (why,))
    only_late = all(reason.code == "COL-QUIET-HOURS" for reason in against)
    not_before = choose_contact_time(at, rules) if only_late else None
    return NextAction(step.action, step.channel, "hold", not_before, (why, *against))


def judge_charge_off(position: Position, *, days_min: int = CHARGE_OFF_DAYS) -> ChargeOffJudgement:
    """Whether to give the loan up: from so many days late on, while principal is open and it has not been before.

    >>> from datetime import date
    >>> from creditfactory.loan import OpenInstalment, draw_position
    >>> late = draw_position(date(2026, 9, 1), [OpenInstalment(1, date(2026, 2, 15), 500, 300, 0)])
    >>> judge_charge_off(late).verdict
    'charge_off'
    """
    if position.status == "charged_off":
        return ChargeOffJudgement("not_applicable", (Reason("LON-ALREADY-CHARGED-OFF", {}),))
    if position.principal_open_cents == 0:
        return ChargeOffJudgement("not_applicable", (Reason("LON-NOTHING-OPEN", {}),))
    facts: dict[str, Scalar] = {"arrears_days": position.arrears_days, "days_min": days_min}
    if position.arrears_days < days_min:
        return ChargeOffJudgement("wait", (Reason("COL-NOT-LATE-ENOUGH", facts),))
    return ChargeOffJudgement("charge_off", (Reason("COL-CHARGE-OFF-DUE", facts),))
