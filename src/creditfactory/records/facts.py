"""Facts that the line hands into the rooms: the channel as it stands, the neighbours in the network, the funders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from creditfactory.channel import ChannelFacts
from creditfactory.network import Neighbour
from creditfactory.records.connection import run_prepared
from creditfactory.records.loans import COLUMNS, LoanRecord
from creditfactory.records.tables import Loan, RecordedOutcome

QUARTER = timedelta(days=90)
HUB_CAP = 200

FIND_CHANNEL = """
SELECT name, kind, grade, status, quota_cents, deposit_cents, deposit_required_cents
FROM channel WHERE tenant_id = %s::bigint AND code = %s
"""
COUNT_CHANNEL = """
SELECT count(*), count(*) FILTER (WHERE money_at IS NOT NULL),
  COALESCE((SELECT sum(l.open_cents) FROM loan l
            WHERE l.tenant_id = %(tenant)s::bigint AND l.channel = %(code)s AND l.status = 'running'), 0),
  (SELECT count(*) FROM loan l WHERE l.tenant_id = %(tenant)s::bigint AND l.channel = %(code)s AND l.ended_on < %(on)s),
  (SELECT count(*) FROM loan l WHERE l.tenant_id = %(tenant)s::bigint AND l.channel = %(code)s
     AND l.status = 'charged_off' AND l.ended_on < %(on)s)
FROM application a
WHERE a.tenant_id = %(tenant)s::bigint AND a.channel = %(code)s AND a.applied_at >= %(since)s AND a.applied_at < %(at)s
"""

FIND_NEIGHBOURS = """
SELECT * FROM (
  SELECT a.number, mine.kind, other.seen_at, a.person_token = me.person_token,
    (SELECT min(known_at) FROM known_outcome o WHERE o.application_id = a.id) AS bad_at,
    row_number() OVER (PARTITION BY mine.kind ORDER BY other.seen_at DESC, a.id DESC) AS nth
  FROM edge mine
  JOIN edge other ON other.tenant_id = mine.tenant_id AND other.key = mine.key
    AND other.application_id <> mine.application_id
  JOIN application a ON a.id = other.application_id
  JOIN application me ON me.id = mine.application_id
  WHERE mine.application_id = %s::bigint AND mine.seen_at <= %s AND other.seen_at < %s
) AS around WHERE nth <= %s
"""


def load_channel_facts(*, tenant_id: int, code: str, on: date, at: datetime) -> ChannelFacts | None:
    """A channel company as it stands at an instant, with what its applications and loans have come to by then."""
    row = run_prepared(FIND_CHANNEL, [tenant_id, code]).fetchone()
    if row is None:
        return None
    name, kind, grade, status, quota_cents, deposit_cents, deposit_required_cents = row
    told = {"tenant": tenant_id, "code": code, "since": at - QUARTER, "at": at, "on": on}
    counted = run_prepared(COUNT_CHANNEL, told).fetchone()
    assert counted is not None, "a count has its row"
    applications, approvals, exposure, loans_known, bads_known = counted
    return ChannelFacts(
        code=code,
        name=name,
        kind=kind,
        grade=grade,
        status=status,
        quota_open_cents=None if quota_cents is None else max(0, quota_cents - int(exposure)),
        deposit_cents=deposit_cents,
        deposit_required_cents=deposit_required_cents,
        applications_90d=applications,
        approvals_90d=approvals,
        loans_known=loans_known,
        bads_known=bads_known,
    )


def load_neighbours(*, application_id: int, at: datetime) -> tuple[Neighbour, ...]:
    """Other applications that share a thing with this one, the newest of each kind, as known at an instant.

    For pages that name them; what is counted around an application comes from the index.
    """
    rows = run_prepared(FIND_NEIGHBOURS, [application_id, at, at, HUB_CAP]).fetchall()
    return tuple(
        Neighbour(
            application=number,
            tie=kind,
            applied_at=applied_at,
            is_same_applicant=is_same,
            bad_known_at=bad_at,
        )
        for number, kind, applied_at, is_same, bad_at, _ in rows
        if kind != "person"
    )


@dataclass(frozen=True, slots=True)
class FunderRecord:
    """A funder as kept: its terms are the funding room's facts as JSON text."""

    code: str
    name: str
    kind: str
    book_id: int | None
    terms: str
    lent_cents: int


def load_funders(tenant_id: int) -> list[FunderRecord]:
    """The funders open for business, with what stands on their books from us now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.code, f.name, f.kind, f.book_id, f.terms,
              COALESCE((SELECT sum(l.open_cents) FROM loan l WHERE l.book_id = f.book_id AND l.status = 'running'), 0)
            FROM funder f WHERE f.tenant_id = %s AND f.is_open ORDER BY f.code
            """,
            [tenant_id],
        )
        return [
            FunderRecord(code, name, kind, book_id, terms, int(lent_cents))
            for code, name, kind, book_id, terms, lent_cents in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What really became of a past loan."""

    reference: str
    lender: str
    disbursed_on: date
    disbursed_cents: int
    status: str
    charged_off_on: date | None
    loss_cents: int
    weight: float


def load_recorded_outcome(*, tenant_id: int, reference: str) -> Recorded | None:
    """What became of a past loan, for the recorded lender's answers only; no station before it reads this."""
    row = run_prepared(
        "SELECT reference, lender, disbursed_on, disbursed_cents, status, charged_off_on, loss_cents, weight"
        " FROM recorded_outcome WHERE tenant_id = %s::bigint AND reference = %s",
        [tenant_id, reference],
    ).fetchone()
    return Recorded(*row) if row else None


def save_recorded_outcomes(*, tenant_id: int, rows: Sequence[Recorded]) -> None:
    """Keep what became of past loans, for the recorded lender; one that is known already stays as it is."""
    RecordedOutcome.objects.bulk_create(
        [RecordedOutcome(tenant_id=tenant_id, **asdict(row)) for row in rows], ignore_conflicts=True, batch_size=2_000
    )


def load_new_recorded_loans(tenant_id: int, after_id: int) -> list[tuple[LoanRecord, Recorded]]:
    """Loans booked since the one with that id, with what the record says became of them."""
    loans = {
        row[0]: LoanRecord(*row[1:])
        for row in Loan.objects.filter(tenant_id=tenant_id, id__gt=after_id)
        .order_by("id")
        .values_list("application__reference", *COLUMNS)
    }
    outcomes = RecordedOutcome.objects.filter(tenant_id=tenant_id, reference__in=list(loans)).values_list(
        "reference", "lender", "disbursed_on", "disbursed_cents", "status", "charged_off_on", "loss_cents", "weight"
    )
    return sorted(((loans[row[0]], Recorded(*row)) for row in outcomes), key=lambda pair: pair[0].id)
