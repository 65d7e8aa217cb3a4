"""Past loans through the line: submitted in the order of approval, decided, and their recorded outcome played back.

One step is a quarter: its applications are decided, each on its own day; then its three month-ends are closed. The
clock of the factory moves only forward, so a run that was broken off goes on where it stood.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import heappop, heappush
from typing import ParamSpec, TypeVar

import structlog

from creditfactory import loan, records, stations
from creditfactory.batches.arrears import close_day
from creditfactory.batches.playback import Life, live_charged_off, live_paid
from creditfactory.gateways.sba import SbaLoan
from creditfactory.kernel import Refused, add_months, month_end
from creditfactory.records import LoanRecord, TenantRecord

log = structlog.get_logger("history")

STEP_MONTHS = 3
PATIENCE_SECONDS = 120.0
Tell = Callable[[str], None]
T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class HistoryPlan:
    """What to play: the loans in the order of approval, until which day, and when the file was drawn."""

    loans: Sequence[SbaLoan]
    until: date
    observed_on: date


def play_history(tenant: TenantRecord, plan: HistoryPlan, *, tell: Tell = lambda _: None) -> None:
    """Run past loans through the line up to ``plan.until``; safe to call again after it was broken off."""
    patiently(_save_outcomes, tenant, plan.loans)
    waiting = Events(tenant, plan)
    for first, last, due in _steps(plan, patiently(records.read_clock, tenant.id).business_on):
        patiently(_set_day, tenant, first)
        for past in due:
            patiently(stations.submit_dossier, tenant, past.dossier, by="history")
        drain(tenant)
        day = month_end(first)
        while day <= last:
            patiently(_set_day, tenant, day)
            waiting.play(day)
            patiently(close_day, tenant.id, day)
            day = month_end(add_months(day.replace(day=1), 1))
        drain(tenant)
        tell(f"{last}: {len(due)} applications in this quarter")
    patiently(_set_day, tenant, plan.until)
    waiting.play(plan.until)
    patiently(close_day, tenant.id, plan.until)
    drain(tenant)


def _steps(plan: HistoryPlan, begun: date) -> Iterator[tuple[date, date, list[SbaLoan]]]:
    """Quarters from the first application to the end, each with its applications; those closed already are left out."""
    loans = sorted(plan.loans, key=lambda p: (p.dossier.applied_at, p.dossier.reference))
    if not loans:
        return
    start = loans[0].dossier.applied_on
    first = date(start.year, (start.month - 1) // STEP_MONTHS * STEP_MONTHS + 1, 1)
    index = 0
    while first <= plan.until:
        last = month_end(add_months(first, STEP_MONTHS - 1))
        due: list[SbaLoan] = []
        while index < len(loans) and loans[index].dossier.applied_on <= last:
            due.append(loans[index])
            index += 1
        if last >= begun:
            yield first, min(last, plan.until), due
        first = add_months(first, STEP_MONTHS)


def _set_day(tenant: TenantRecord, day: date) -> None:
    """Move the factory's clock to the end of a day; never back."""
    clock = records.read_clock(tenant.id)
    if day > clock.business_on:
        records.set_clock(tenant.id, now=datetime(day.year, day.month, day.day, tzinfo=UTC), business_on=day, speed=0)


def _save_outcomes(tenant: TenantRecord, loans: Sequence[SbaLoan]) -> None:
    records.save_recorded_outcomes(
        tenant_id=tenant.id,
        rows=[
            records.Recorded(
                reference=past.dossier.reference,
                lender=past.dossier.channel.company,
                disbursed_on=past.outcome.disbursed_on,
                disbursed_cents=past.outcome.disbursed_cents,
                status=past.outcome.status,
                charged_off_on=past.outcome.charged_off_on,
                loss_cents=past.outcome.loss_cents,
                weight=past.weight,
            )
            for past in loans
        ],
    )


def drain(tenant: TenantRecord, *, patience_seconds: float = 600.0) -> None:
    """Wait until no application of the factory moves; the workers do the moving."""
    best, since = None, time.monotonic()
    while True:
        left = patiently(records.count_moving, tenant.id)
        if left == 0:
            return
        if best is None or left < best:
            best, since = left, time.monotonic()
        if time.monotonic() - since > patience_seconds:
            raise Refused(
                f"{left} applications of {tenant.code} stand still for {patience_seconds:.0f} s: is a worker running?"
            )
        time.sleep(0.02)


def patiently(act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do a thing that is safe to do twice, again after a moment while the database is away."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act(*arguments, **named)
        except records.DATABASE_AWAY as error:
            records.forget_connection()
            if time.monotonic() > deadline:
                raise
            log.warning("database_away", why=type(error).__name__)
            time.sleep(0.3)


class Events:
    """What is still to happen to the loans that were booked, by day."""

    def __init__(self, tenant: TenantRecord, plan: HistoryPlan) -> None:
        self._tenant = tenant
        self._observed_on = plan.observed_on
        self._lives: dict[int, tuple[LoanRecord, Life]] = {}
        self._queue: list[tuple[date, int, int]] = []
        self._known_to = 0

    def play(self, day: date) -> None:
        """Let everything happen that is due by the end of a day, a transaction at a time, each under its own key."""
        self._meet_new_loans()
        due: list[tuple[LoanRecord, Life, int]] = []
        while self._queue and self._queue[0][0] <= day:
            _, loan_id, index = heappop(self._queue)
            due.append((*self._lives[loan_id], index))
        for batch in _batches(due, 2_000):
            patiently(self._pay, batch)
        for record, life, index in due:
            if index == len(life.payments):
                patiently(self._end, record, life)

    def _meet_new_loans(self) -> None:
        for record, recorded in patiently(records.load_new_recorded_loans, self._tenant.id, self._known_to):
            instalments = patiently(records.load_instalments, record.id)
            if recorded.status == "paid":
                life = live_paid(instalments, observed_on=max(self._observed_on, record.disbursed_on))
            else:
                life = live_charged_off(
                    instalments,
                    disbursed_on=record.disbursed_on,
                    charged_off_on=recorded.charged_off_on,
                    loss_cents=recorded.loss_cents,
                    observed_on=self._observed_on,
                )
            self._lives[record.id] = (record, life)
            for index, payment in enumerate(life.payments):
                heappush(self._queue, (payment.on, record.id, index))
            heappush(self._queue, (life.ended_on, record.id, len(life.payments)))
            self._known_to = max(self._known_to, record.id)

    def _pay(self, batch: Sequence[tuple[LoanRecord, Life, int]]) -> None:
        rows, books = [], []
        for record, life, index in batch:
            if index == len(life.payments):
                continue
            payment = life.payments[index]
            rows.append(
                records.NewRepayment(
                    loan_id=record.id,
                    key=f"{record.number}:{payment.number}",
                    on=payment.on,
                    kind="recorded",
                    principal_cents=payment.principal_cents,
                    interest_cents=payment.interest_cents,
                    penalty_cents=0,
                    journal=loan.post_repayment(
                        record.number, record.book, payment.on, receipt=str(payment.number),
                        principal_cents=payment.principal_cents, interest_cents=payment.interest_cents,
                        currency=record.currency,
                    ),
                )
            )  # fmt: skip
            books.append(record.book_id)
        records.save_repayments(tenant_id=self._tenant.id, book_ids=books, rows=rows, at=datetime.now(UTC))

    def _end(self, record: LoanRecord, life: Life) -> None:
        """Close a loan, with its loss if it had one, and have its application look at it."""
        with records.together():
            if life.loss_cents:
                journal = loan.post_charge_off(
                    record.number, record.book, life.loss_cents, life.ended_on, currency=record.currency
                )
                records.post_journals(
                    tenant_id=self._tenant.id, book_ids=[record.book_id], journals=[journal], at=datetime.now(UTC)
                )
            records.end_loan(loan_id=record.id, status=life.status, on=life.ended_on, loss_cents=life.loss_cents)
            records.wake(application_id=record.application_id)


def _batches(rows: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
