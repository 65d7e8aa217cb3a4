"""Where people and funders decided otherwise than the machine proposed: by whom, how, why, and what became of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.core.cache import cache
from django.db import connection

Kind = Literal["against_refer", "against_pass", "exception", "amount_below", "amount_above", "lane", "funder_alter"]
KINDS: tuple[Kind, ...] = (
    "against_refer", "against_pass", "exception", "amount_below", "amount_above", "lane", "funder_alter",
)  # fmt: skip
BY_PEOPLE: tuple[Kind, ...] = KINDS[:-1]
BAD_DAYS = 90
ROUNDING = 100
"""A difference of less than a hundredth is rounding to a product's step, not another opinion."""
ROWS_MOST = 5_000
KEEP_SECONDS = 60
PAGE_ROWS = 50
DOUBTS = ("doubt", "fail")

DECIDED = """
SELECT a.number, a.trade_name, a.amount_cents, a.currency, a.pack, a.applied_on, a.lane, a.tier, a.status,
  coalesce(review.finished_at, funder.finished_at), review.outcome, review.result, review.reasons,
  policy.verdict, gate.verdict, lists.verdict, chosen.lane, chosen.reasons, checks.doubts,
  offer.parts, offer.amount_cents, offer.term_months, offer.candidate, funder.result,
  loan.status, loan.arrears_days, loan.principal_cents, loan.loss_cents
FROM application a
LEFT JOIN LATERAL (SELECT outcome, result, reasons, finished_at FROM visit v WHERE v.application_id = a.id
  AND v.station = 'final_review' AND v.outcome IN ('done', 'declined') ORDER BY v.sequence DESC LIMIT 1) review ON true
LEFT JOIN LATERAL (SELECT result, finished_at FROM visit v WHERE v.application_id = a.id
  AND v.station = 'funder_decision' AND v.outcome = 'done' ORDER BY v.sequence DESC LIMIT 1) funder ON true
LEFT JOIN LATERAL (SELECT result::jsonb ->> 'verdict' AS verdict FROM visit v WHERE v.application_id = a.id
  AND v.station = 'policy' ORDER BY v.sequence DESC LIMIT 1) policy ON true
LEFT JOIN LATERAL (SELECT result::jsonb ->> 'verdict' AS verdict FROM visit v WHERE v.application_id = a.id
  AND v.station = 'front_gate' ORDER BY v.sequence DESC LIMIT 1) gate ON true
LEFT JOIN LATERAL (SELECT result::jsonb ->> 'verdict' AS verdict FROM visit v WHERE v.application_id = a.id
  AND v.station = 'list_check' ORDER BY v.sequence DESC LIMIT 1) lists ON true
LEFT JOIN LATERAL (SELECT result::jsonb ->> 'lane' AS lane, reasons FROM visit v WHERE v.application_id = a.id
  AND v.station = 'lane' ORDER BY v.sequence DESC LIMIT 1) chosen ON true
LEFT JOIN LATERAL (SELECT array_agg(result::jsonb ->> 'verdict') AS doubts FROM visit v WHERE v.application_id = a.id
  AND v.station IN ('online_check', 'phone_check', 'site_visit') AND v.outcome = 'done') checks ON true
LEFT JOIN LATERAL (SELECT kept.result -> 'limit' -> 'parts' AS parts,
    (kept.result -> 'offer' ->> 'amount_cents')::bigint AS amount_cents,
    (kept.result -> 'offer' ->> 'term_months')::int AS term_months,
    jsonb_path_query_first(kept.result, '$.offer.candidates[*] ? (@.funder == $who)',
      jsonb_build_object('who', funder.result::jsonb ->> 'funder')) AS candidate
  FROM (SELECT result::jsonb AS result FROM visit v WHERE v.application_id = a.id AND v.station = 'offer'
    ORDER BY v.sequence DESC LIMIT 1) kept) offer ON true
LEFT JOIN loan ON loan.application_id = a.id
WHERE a.tenant_id = %(tenant)s AND (review.outcome IS NOT NULL OR funder.result IS NOT NULL)
  AND coalesce(review.finished_at, funder.finished_at) >= %(since)s
ORDER BY 10 DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Override:
    """One decision that people or a funder had a hand in; no ``kinds`` means it went as the machine proposed."""

    number: str
    trade_name: str
    currency: str
    pack: str
    applied_on: date
    lane: str
    tier: str
    status: str
    decided_at: datetime
    is_reviewed: bool
    is_approved: bool
    kinds: tuple[Kind, ...]
    by: tuple[str, ...]
    against: tuple[dict[str, Any], ...]
    stated: tuple[dict[str, Any], ...]
    note: str
    exception: str
    asked_cents: int
    proposed_cents: int | None
    given_cents: int | None
    funder: str
    funder_change: str
    loan_status: str
    arrears_days: int | None
    principal_cents: int | None
    loss_cents: int | None

    @property
    def month(self) -> str:
        """The month of the decision."""
        return self.decided_at.strftime("%Y-%m")

    @property
    def is_bad(self) -> bool:
        """Whether its loan was charged off or is more than 90 days late."""
        return self.loan_status == "charged_off" or (self.arrears_days or 0) > BAD_DAYS


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of a count: how many decisions, how many otherwise, and how the loans of each have gone."""

    name: str
    decided: int
    otherwise: int

    @property
    def share(self) -> float | None:
        """The share that was decided otherwise."""
        return self.otherwise / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class Performance:
    """How the loans of a group have gone so far."""

    loans: int = 0
    late: int = 0
    bad: int = 0
    principal_cents: int = 0
    loss_cents: int = 0


@dataclass(frozen=True, slots=True)
class OverrideReport:
    """Everything that was decided with people or a funder since a day, and what of it was decided otherwise."""

    rows: tuple[Override, ...]
    total: int
    page: int
    pages: int
    reviewed: int
    otherwise: int
    by_kind: tuple[Tally, ...]
    by_person: tuple[Tally, ...]
    by_reason: tuple[Tally, ...]
    by_month: tuple[Tally, ...]
    overridden: Performance
    others: Performance
    is_cut: bool = False


def read_overrides(
    tenant_id: int, *, since: datetime, kind: str = "", person: str = "", reason: str = "", month: str = "",
    lane: str = "", page: int = 1, page_rows: int | None = PAGE_ROWS,
) -> OverrideReport:  # fmt: skip
    """The decisions since an instant, counted; the list holds those decided otherwise that match, the latest first."""
    decided = _read_decided(tenant_id, since)
    otherwise = [one for one in decided if one.kinds]
    chosen = [
        one
        for one in otherwise
        if (not kind or kind in one.kinds) and (not person or person in one.by) and (not lane or one.lane == lane)
        and (not month or one.month == month) and (not reason or reason in {item["code"] for item in one.against})
    ]  # fmt: skip
    pages = max(1, -(-len(chosen) // page_rows)) if page_rows else 1
    page = min(max(1, page), pages)
    shown = chosen[(page - 1) * page_rows : page * page_rows] if page_rows else chosen
    reviewed = [one for one in decided if one.is_reviewed]
    return OverrideReport(
        rows=tuple(shown), total=len(chosen), page=page, pages=pages,
        reviewed=len(reviewed), otherwise=sum(_by_people(one) for one in reviewed),
        by_kind=tuple(
            Tally(name, len(decided) if name == "funder_alter" else len(reviewed),
                  sum(name in one.kinds for one in otherwise)) for name in KINDS
        ),
        by_person=_tally(reviewed, lambda one: one.by),
        by_reason=_tally(reviewed, lambda one: tuple(dict.fromkeys(item["code"] for item in one.against))),
        by_month=tuple(sorted(_tally(reviewed, lambda one: (one.month,)), key=lambda tally: tally.name)),
        overridden=_perform(one for one in reviewed if _by_people(one)),
        others=_perform(one for one in reviewed if not _by_people(one)),
        is_cut=len(decided) == ROWS_MOST,
    )  # fmt: skip


def _read_decided(tenant_id: int, since: datetime) -> list[Override]:
    """The decisions since an instant, the latest first; read anew at most once a minute."""
    key = f"overrides:{tenant_id}:{since.isoformat()}"
    kept: list[Override] | None = cache.get(key)
    if kept is None:
        with connection.cursor() as cursor:
            cursor.execute(DECIDED, {"tenant": tenant_id, "since": since, "most": ROWS_MOST})
            kept = [_read(*row) for row in cursor.fetchall()]
        cache.set(key, kept, KEEP_SECONDS)
    return kept


def _by_people(one: Override) -> bool:
    return any(kind in BY_PEOPLE for kind in one.kinds)


def _tally(decided: Sequence[Override], names: Any) -> tuple[Tally, ...]:
    """How many decisions, and how many otherwise, under each name; the most otherwise first."""
    all_of: Counter[str] = Counter(name for one in decided for name in names(one))
    against: Counter[str] = Counter(name for one in decided if _by_people(one) for name in names(one))
    return tuple(Tally(name, all_of[name], against[name]) for name in sorted(all_of, key=lambda n: (-against[n], n)))


def _perform(group: Iterable[Override]) -> Performance:
    loans = [one for one in group if one.loan_status]
    return Performance(
        loans=len(loans),
        late=sum((one.arrears_days or 0) > 0 for one in loans),
        bad=sum(one.is_bad for one in loans),
        principal_cents=sum(one.principal_cents or 0 for one in loans),
        loss_cents=sum(one.loss_cents or 0 for one in loans),
    )


def _read(
    number: str, trade_name: str, asked: int, currency: str, pack: str, applied_on: date, lane: str, tier: str,
    status: str, decided_at: datetime, outcome: str | None, review_text: str | None, stated_text: str | None,
    policy: str | None, gate: str | None, lists: str | None, machine_lane: str | None, lane_reasons: str | None,
    doubts: list[str] | None, parts: Any, offered: int | None, term: int | None, candidate: Any,
    funder_text: str | None, loan_status: str | None, arrears_days: int | None, principal: int | None, loss: int | None,
) -> Override:  # fmt: skip
    review, funder = _mapping(review_text), _mapping(funder_text)
    proposed = _propose(_mapping(parts))
    is_approved = outcome == "done" and review.get("decision") == "approve"
    is_declined = outcome == "declined" and review.get("decision") == "decline"
    given = review.get("amount_cents") if is_approved else None
    change = _change_of(funder, offered, term, _mapping(candidate))
    kinds = judge(
        is_approved=is_approved, is_declined=is_declined, given_cents=given, asked_cents=asked, proposed_cents=proposed,
        machine_says=(policy or "", gate or "", lists or ""), doubts=tuple(d for d in doubts or () if d in DOUBTS),
        exception=str(review.get("exception") or ""), lane=lane, machine_lane=machine_lane or "", funder_change=change,
    )  # fmt: skip
    return Override(
        number=number, trade_name=trade_name, currency=currency, pack=pack, applied_on=applied_on, lane=lane, tier=tier,
        status=status, decided_at=decided_at, is_reviewed=outcome is not None, is_approved=is_approved, kinds=kinds,
        by=tuple(review.get("reviewed_by") or ()), against=_reasons(lane_reasons), stated=_reasons(stated_text),
        note=str(review.get("note") or ""), exception=str(review.get("exception") or ""), asked_cents=asked,
        proposed_cents=proposed, given_cents=given, funder=str(funder.get("funder") or ""), funder_change=change,
        loan_status=loan_status or "", arrears_days=arrears_days, principal_cents=principal, loss_cents=loss,
    )  # fmt: skip


def judge(
    *, is_approved: bool, is_declined: bool, given_cents: int | None, asked_cents: int, proposed_cents: int | None,
    machine_says: tuple[str, str, str], doubts: tuple[str, ...], exception: str, lane: str, machine_lane: str,
    funder_change: str,
) -> tuple[Kind, ...]:  # fmt: skip
    """In which ways a decision went otherwise than the machine's; none where people did what it proposed.

    ``machine_says`` are the verdicts of policy, gate and lists. An amount left at what was asked for is no statement,
    nor is one that differs by rounding only.

    >>> plain = {"asked_cents": 30_000_000, "proposed_cents": 30_000_000, "machine_says": ("pass", "pass", "clear"),
    ...     "doubts": (), "exception": "", "lane": "B", "machine_lane": "B", "funder_change": ""}
    >>> judge(is_approved=True, is_declined=False, given_cents=20_000_000, **plain)
    ('amount_below',)
    >>> judge(is_approved=False, is_declined=True, given_cents=None, **plain)
    ('against_pass',)
    """
    found: list[Kind] = []
    is_doubted = machine_says[0] == "refer" or machine_says[1] == "refer" or machine_says[2] == "refer"
    if is_approved and (is_doubted or doubts):
        found.append("against_refer")
    if is_declined and not is_doubted and not doubts and machine_says[0] == "pass":
        found.append("against_pass")
    if is_approved and exception:
        found.append("exception")
    if is_approved and given_cents is not None and proposed_cents is not None:
        slack = proposed_cents // ROUNDING
        if given_cents < proposed_cents - slack:
            found.append("amount_below")
        elif given_cents > proposed_cents + slack and given_cents != asked_cents:
            found.append("amount_above")
    if machine_lane in ("A", "B", "C") and lane and lane != machine_lane:
        found.append("lane")
    if funder_change:
        found.append("funder_alter")
    return tuple(found)


def _propose(parts: Mapping[str, Any]) -> int | None:
    """What the machine would have lent without the reviewer: the least of the other parts of the limit."""
    others = [int(cents) for name, cents in parts.items() if name != "review"]
    return min(others) if others else None


def _change_of(funder: Mapping[str, Any], offered: int | None, term: int | None, candidate: Mapping[str, Any]) -> str:
    """What the funder altered of what it was offered, each as name, offered and taken; nothing where it took all."""
    if not funder:
        return ""
    asked = {
        "amount_cents": candidate.get("amount_cents") or offered,
        "annual_rate": (candidate.get("price") or {}).get("annual_rate"),
        "term_months": candidate.get("term_months") or term,
    }
    changes = [
        f"{name}:{was}:{funder[name]}"
        for name, was in asked.items()
        if was and funder.get(name) is not None and Decimal(str(was)) != Decimal(str(funder[name]))
    ]
    return " ".join(changes)


def _reasons(text: str | None) -> tuple[dict[str, Any], ...]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return ()
    return tuple(item for item in found if isinstance(item, dict) and item.get("code"))


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
