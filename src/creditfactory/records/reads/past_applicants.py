"""Past applicants as a population: the facts they were decided on, and how their loans have gone so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creditfactory.records.tables import Loan, Visit

BAD_AFTER_DAYS = 90


@dataclass(frozen=True, slots=True)
class PastApplicant:
    """One applicant's facts in the text they were kept in; ``is_bad`` is None while nobody can know."""

    number: str
    applied_on: date
    text: str
    was_lent: bool
    is_bad: bool | None
    lost_share_bps: int | None


def list_past_applicants(tenant_id: int, *, rows: int) -> tuple[PastApplicant, ...]:
    """The latest applicants whose facts were taken, at most so many, the oldest of them first.

    A loan is bad once it is charged off or more than 90 days late, and good once it is paid back.
    """
    taken = Visit.objects.filter(application__tenant_id=tenant_id, station="labels", outcome="done").order_by("-id")
    latest: dict[int, tuple[str, date, str]] = {}
    columns = ("application_id", "application__number", "application__applied_on", "result")
    for key, number, applied_on, result in taken.values_list(*columns)[:rows]:
        latest.setdefault(key, (number, applied_on, result))
    loans = {loan.application_id: loan for loan in Loan.objects.filter(application_id__in=list(latest))}
    found = []
    for key, (number, applied_on, result) in latest.items():
        loan = loans.get(key)
        is_bad = None if loan is None else _judge(loan)
        lost = min(10_000, loan.loss_cents * 10_000 // loan.principal_cents) if loan is not None and is_bad else None
        found.append(PastApplicant(number, applied_on, result, loan is not None, is_bad, lost))
    return tuple(reversed(found))


def _judge(loan: Loan) -> bool | None:
    if loan.status == "charged_off" or loan.arrears_days > BAD_AFTER_DAYS:
        return True
    return False if loan.status == "paid" else None
