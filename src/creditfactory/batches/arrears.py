"""Closing a day: how late each running loan is, and which applications have to be looked at for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from creditfactory import records
from creditfactory.kernel import Refused


def close_day(tenant_id: int, on: date, *, look_from_days: int = 30) -> int:
    """Age every running loan at the end of a day; wake the applications that have become late or have been cured.

    ``look_from_days`` is from how many days of arrears early warning looks at a loan. Returns how many were woken.
    """
    ages: list[tuple[int, int]] = []
    woken: list[int] = []
    for loan_id, application_id, days_before, first_unpaid in records.find_first_unpaid(tenant_id, on):
        days = max(0, (on - first_unpaid).days)
        ages.append((loan_id, days))
        if (days_before < look_from_days <= days) or (days_before >= look_from_days and days == 0):
            woken.append(application_id)
    if ages:
        with records.together():
            records.save_ages(ages=ages, on=on, at=records.read_clock(tenant_id).now)
            for application_id in woken:
                records.wake(application_id=application_id)
    return len(woken)


def end_business_day(tenant_id: int, on: date | None = None) -> dict[str, Any]:
    """Close the factory's business date, or every day up to ``on``, and open the next; a closed day stays closed.

    A worker then searches the past, as known at the end of the last day, for patterns around bad applications, and
    looks at every card at work beside the outcomes known by then.
    """
    clock = records.read_clock(tenant_id)
    last = on or clock.business_on
    if last < clock.business_on:
        raise Refused(f"{last} is closed already; the business date is {clock.business_on}.")
    woken, day = 0, clock.business_on
    while day <= last:
        woken += close_day(tenant_id, day, look_from_days=1)
        day += timedelta(days=1)
    reading = records.read_clock(tenant_id)
    for search in ("mine_network", "watch_cards"):
        records.defer(search, queue="shadow", priority=-2, tenant_id=tenant_id, on=last.isoformat())
    records.set_clock(tenant_id, now=reading.now, business_on=day, speed=reading.speed)
    return {
        "closed_through": last.isoformat(), "business_on": day.isoformat(), "applications_woken": woken,
        "pictures_dropped": records.drop_old_papers(on=day, by="end of day", at=reading.now),
        "sessions_forgotten": records.forget_old_sessions(at=reading.now, by="end of day"),
    }  # fmt: skip
