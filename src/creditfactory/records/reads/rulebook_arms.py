"""How rulebooks compare in practice: champion and challenger side by side, and what a shadow would have decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from creditfactory.records.tables import RulebookRelease, ShadowDecision

EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Arm:
    """What came of the applications of one arm; amounts in cents.

    ``approved`` counts those that were made an offer; ``lanes`` those that came to each lane.
    """

    role: str
    numbers: tuple[int, ...]
    applications: int
    decided: int
    approved: int
    declined: int
    lanes: dict[str, int]
    offered_cents: int
    loans: int
    principal_cents: int
    overdue: int
    charged_off: int
    loss_cents: int

    @property
    def approval_share(self) -> float | None:
        """Offers among the decided; None where nothing is decided yet."""
        return self.approved / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """A challenger's term: the applications it decided on beside those that the champions of those days decided on."""

    release_id: int
    number: int
    share_bps: int
    starts_on: date
    ends_on: date | None
    champion: Arm
    challenger: Arm


@dataclass(frozen=True, slots=True)
class ShadowExample:
    """One application on which the shadow decides otherwise; ``own`` is the version that governs the case."""

    number: str
    own_verdict: str
    own_lane: str
    own_amount_cents: int
    verdict: str
    lane: str
    amount_cents: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """A shadow's term: how often it decides the same, and where it differs.

    ``lanes`` counts by (own lane, shadow's lane), ``verdicts`` by (own verdict, shadow's verdict).
    """

    release_id: int
    number: int
    starts_on: date
    ends_on: date | None
    decided: int
    same: int
    different: int
    errors: int
    lanes: dict[tuple[str, str], int]
    verdicts: dict[tuple[str, str], int]
    own_amount_cents: int
    amount_cents: int
    examples: tuple[ShadowExample, ...]
    last_error: str


COUNT_ARMS = """
SELECT a.release_id = %(release)s AS is_challenger, array_agg(DISTINCT v.number), count(*),
  count(*) FILTER (WHERE a.decided_at IS NOT NULL OR a.status = 'declined'),
  count(o.id), count(*) FILTER (WHERE a.status = 'declined'),
  count(*) FILTER (WHERE a.lane = 'A'), count(*) FILTER (WHERE a.lane = 'B'), count(*) FILTER (WHERE a.lane = 'C'),
  coalesce(sum((o.result::json #>> '{offer,amount_cents}')::bigint), 0),
  count(l.id), coalesce(sum(l.principal_cents), 0), count(*) FILTER (WHERE l.status = 'running' AND l.arrears_days > 0),
  count(*) FILTER (WHERE l.status = 'charged_off'), coalesce(sum(l.loss_cents), 0)
FROM application a
JOIN rulebook_release r ON r.id = a.release_id JOIN rulebook_version v ON v.id = r.version_id
LEFT JOIN visit o ON o.application_id = a.id AND o.station = 'offer' AND o.outcome = 'done'
LEFT JOIN loan l ON l.application_id = a.id
WHERE a.tenant_id = %(tenant)s AND a.applied_on >= %(starts)s
  AND (%(ends)s::date IS NULL OR a.applied_on < %(ends)s::date)
  AND (a.release_id = %(release)s OR r.role = 'champion')
GROUP BY 1
"""


def compare_arms(tenant_id: int) -> tuple[ArmComparison, ...]:
    """Each challenger's term, the latest first."""
    terms = RulebookRelease.objects.filter(tenant_id=tenant_id, role="challenger").exclude(approved_by="")
    return tuple(_compare(release) for release in terms.select_related("version").order_by("-starts_on", "-id"))


def _compare(release: RulebookRelease) -> ArmComparison:
    facts = {
        "tenant": release.tenant_id, "release": release.pk, "starts": release.starts_on, "ends": release.ends_on,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ARMS, facts)
        counted = {row[0]: row[1:] for row in cursor.fetchall()}
    return ArmComparison(
        release_id=release.pk, number=release.version.number, share_bps=release.share_bps,
        starts_on=release.starts_on, ends_on=release.ends_on,
        champion=_arm("champion", counted.get(False)), challenger=_arm("challenger", counted.get(True)),
    )  # fmt: skip


def _arm(role: str, row: tuple[Any, ...] | None) -> Arm:
    if row is None:
        return Arm(role, (), 0, 0, 0, 0, {"A": 0, "B": 0, "C": 0}, 0, 0, 0, 0, 0, 0)
    numbers, applications, decided, approved, declined, a, b, c, *rest = row
    offered, loans, principal, overdue, charged_off, loss = (int(value) for value in rest)
    return Arm(
        role, tuple(numbers), applications, decided, approved, declined, {"A": a, "B": b, "C": c}, offered, loans,
        principal, overdue, charged_off, loss,
    )  # fmt: skip


def list_shadow_reports(tenant_id: int) -> tuple[ShadowReport, ...]:
    """Each shadow's term, the latest first."""
    terms = RulebookRelease.objects.filter(tenant_id=tenant_id, role="shadow").exclude(approved_by="")
    return tuple(_report(release) for release in terms.select_related("version").order_by("-starts_on", "-id"))


def read_shadow_report(tenant_id: int, release_id: int) -> ShadowReport | None:
    """One shadow's term; None if the factory has no such one."""
    terms = RulebookRelease.objects.filter(tenant_id=tenant_id, role="shadow", id=release_id)
    release = terms.select_related("version").first()
    return _report(release) if release else None


def _report(release: RulebookRelease) -> ShadowReport:
    all_of_it = ShadowDecision.objects.filter(release=release)
    told = all_of_it.filter(error="")
    totals = told.aggregate(
        decided=Count("id"), different=Count("id", filter=Q(differs=True)), own=Sum("own_amount_cents"),
        other=Sum("amount_cents"),
    )  # fmt: skip
    failed = all_of_it.exclude(error="").order_by("-id")
    differing = told.filter(differs=True).select_related("application").order_by("-id")[:EXAMPLES]
    return ShadowReport(
        release_id=release.pk, number=release.version.number, starts_on=release.starts_on, ends_on=release.ends_on,
        decided=totals["decided"], same=totals["decided"] - totals["different"], different=totals["different"],
        errors=failed.count(),
        lanes={(own, other): n for own, other, n in _cross(told, "own_lane", "lane")},
        verdicts={(own, other): n for own, other, n in _cross(told, "own_verdict", "verdict")},
        own_amount_cents=totals["own"] or 0, amount_cents=totals["other"] or 0,
        examples=tuple(
            ShadowExample(
                d.application.number, d.own_verdict, d.own_lane, d.own_amount_cents, d.verdict, d.lane, d.amount_cents,
                d.at,
            )
            for d in differing
        ),
        last_error=failed.values_list("error", flat=True).first() or "",
    )  # fmt: skip


def _cross(told: Any, own: str, other: str) -> list[tuple[str, str, int]]:
    return list(told.values_list(own, other).annotate(n=Count("id")).order_by(own, other))
