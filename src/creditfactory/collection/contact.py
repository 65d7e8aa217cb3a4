"""When a borrower may be contacted, how often, and by whom: limits that the law sets and the rulebook dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from creditfactory.collection.causes import ContactChannel
from creditfactory.kernel import Reason

Whom = Literal["borrower", "third_party"]


@dataclass(frozen=True, slots=True)
class ContactRules:
    """The limits in force. The defaults are the banking association's guide of 2026-01-30 (金融机构个人消费类贷款催收
    工作指引), which we apply to business loans too: no contact from 22:00 to 08:00 without consent, six unanswered
    calls a day and number, home visits by two with consent, others only to ask for a lost borrower's whereabouts."""

    quiet_from: time = time(22)
    quiet_until: time = time(8)
    unanswered_calls_a_day_max: int = 6
    contacts_a_week_max: int | None = None
    visit_needs_consent: bool = True
    source: str = "CBA guide on collecting consumer loans, 2026-01-30"


USUAL_CONTACT_RULES = ContactRules()


@dataclass(frozen=True, slots=True)
class Contact:
    """An attempt to reach somebody about a loan, in the borrower's local time."""

    at: datetime
    channel: ContactChannel
    answered: bool = False
    whom: Whom = "borrower"


def check_contact(
    channel: ContactChannel,
    at: datetime,
    contacts: Sequence[Contact],
    rules: ContactRules = USUAL_CONTACT_RULES,
    *,
    whom: Whom = "borrower",
    has_consent: bool = False,
    is_lost: bool = False,
    is_disputed: bool = False,
) -> tuple[Reason, ...]:
    """Why this contact may not be made now; empty when it may. ``at`` is the borrower's local time.

    ``has_consent`` says that the borrower agreed to be contacted at this hour or visited. While the debt is disputed,
    the complaint desk speaks with the borrower, and collectors do not.

    >>> [reason.code for reason in check_contact("call", datetime(2026, 3, 2, 22, 0), [])]
    ['COL-QUIET-HOURS']
    """
    if channel == "none":
        return ()
    reasons: list[Reason] = []
    if is_quiet(at.time(), rules) and not has_consent:
        hours = {"quiet_from": f"{rules.quiet_from:%H:%M}", "quiet_until": f"{rules.quiet_until:%H:%M}"}
        reasons.append(Reason("COL-QUIET-HOURS", {**hours, "at": f"{at:%H:%M}"}))
    if is_disputed:
        reasons.append(Reason("COL-DISPUTED", {}))
    if whom == "third_party" and not is_lost:
        reasons.append(Reason("COL-THIRD-PARTY", {}))
    if channel == "visit" and rules.visit_needs_consent and not has_consent:
        reasons.append(Reason("COL-VISIT-CONSENT", {}))
    unanswered = sum(one.channel == "call" and not one.answered and one.at.date() == at.date() for one in contacts)
    if channel == "call" and unanswered >= rules.unanswered_calls_a_day_max:
        limit = rules.unanswered_calls_a_day_max
        reasons.append(Reason("COL-CALLS-TODAY", {"calls": unanswered, "calls_max": limit}))
    if rules.contacts_a_week_max is not None:
        week = sum(at - timedelta(days=7) < one.at <= at for one in contacts)
        if week >= rules.contacts_a_week_max:
            limit = rules.contacts_a_week_max
            reasons.append(Reason("COL-CONTACTS-WEEK", {"contacts": week, "contacts_max": limit}))
    return tuple(reasons)


def is_quiet(moment: time, rules: ContactRules = USUAL_CONTACT_RULES) -> bool:
    """Whether the borrower is to be left in peace at this time of day.

    >>> [is_quiet(time(hour)) for hour in (7, 8, 21, 22)]
    [True, False, False, True]
    """
    start, end = rules.quiet_from, rules.quiet_until
    return start <= moment < end if start <= end else moment >= start or moment < end


def choose_contact_time(at: datetime, rules: ContactRules = USUAL_CONTACT_RULES) -> datetime:
    """The earliest moment from now on that is not in the quiet hours.

    >>> choose_contact_time(datetime(2026, 3, 2, 23, 30))
    datetime.datetime(2026, 3, 3, 8, 0)
    """
    if not is_quiet(at.time(), rules):
        return at
    morning = at.replace(hour=rules.quiet_until.hour, minute=rules.quiet_until.minute, second=0, microsecond=0)
    return morning if morning > at else morning + timedelta(days=1)
