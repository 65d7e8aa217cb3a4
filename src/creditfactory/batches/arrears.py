"""Closing a day: how late each running loan is, and which applications have to be looked at for it."""

from __future__ import annotations

from datetime import date

from creditfactory import records


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
            records.save_ages(ages=ages, on=on)
            for application_id in woken:
                records.wake(application_id=application_id)
    return len(woken)
