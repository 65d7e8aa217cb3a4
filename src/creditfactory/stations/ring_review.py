"""A ring in sight: stopped by the network card or looked at by the fraud analyst, before the bureau is asked and again
before contract and money. Whoever else the analyst names is called back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from creditfactory import decision, labels, records
from creditfactory.kernel import Reason
from creditfactory.stations import line
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Stop, Wait, Work, order_work
from creditfactory.stations.plan import BY_CODE
from creditfactory.stations.s10_labels import take_snapshot

SHOWN = 60
"""The most others whom the analyst is handed; the picture of the neighbourhood shows as many."""
SECOND = "ring_second"
KINDS = ("ring_review", "ring_recheck", SECOND)


def check_ring(
    case: Case,
    context: Context,
    *,
    kind: str,
    result: object,
    snapshot: labels.Labels | None = None,
    may_ask: bool = True,
) -> Wait | Stop | None:
    """What speaks against going on, or None: the card stops, the analyst is asked, or the analyst has found a ring.

    ``kind`` is the piece of work: ``ring_review`` before the bureau is asked, ``ring_recheck`` when a case is looked at
    again. Who was let pass is not looked at twice, unless points have fallen or somebody new has come to stand around;
    nor is anybody with nobody around, of whom a picture shows nothing. ``may_ask`` is False where only the card's own
    word counts. An analyst's no is the end where a known fraud stands around, else a second analyst has to say it too.
    """
    if context.plan.outcomes == "recorded":
        return None
    snapshot = snapshot or take_snapshot(case, context)
    ring = decision.check_ring(snapshot, context.book)
    seen = case.record.work.get(kind)
    if seen is not None and seen.result.get("verdict") != "pass":
        return _end_by_analysts(case, context, kind, ring, result, alone=decision.is_fraud_around(snapshot))
    if ring.verdict not in ("refer", "stop"):
        return None
    others = _list_others(case, context)
    if _is_seen_before(case, context, ring, others):
        return None
    if ring.verdict == "stop":
        return _stop_by_card(case, context, ring, others, result)
    return _ask_analyst(case, context, kind, ring.reasons, others, points=ring.points) if may_ask and others else None


def _end_by_analysts(
    case: Case, context: Context, kind: str, ring: decision.RingCheck, result: object, *, alone: bool
) -> Wait | Stop | None:
    """An analyst has found a ring: the end where one word is enough, else once a second analyst has found it, too."""
    first, second = case.record.work[kind], case.record.work.get(SECOND)
    if not alone and (second is None or second.completed_at < first.completed_at):
        others = first.brief.get("neighbours") or ()
        return _ask_analyst(case, context, SECOND, ring.reasons, others, points=ring.points, maker=first.by)
    last = kind if alone or second is None else SECOND
    seen = case.record.work[last]
    if seen.result.get("verdict") == "pass":
        return None
    found = Reason("POL-NET-ANALYST", {"note": str(seen.result.get("note", ""))[:200]})
    return _stop(case, context, last, (found, *ring.reasons), result)


def call_back_named(case: Case, context: Context) -> Wait | Stop | None:
    """A case named as one of a ring elsewhere goes to a second person at its next move; None where none has, or may.

    Once the payment has been ordered it is early warning that hears of it.
    """
    named = case.told.get(records.NAMED)
    is_late = BY_CODE[case.record.station].number > BY_CODE[line.MONEY_OUT].number
    if named is None or is_late or f"{case.number}:disburse" in case.record.answers:
        return None
    seen = case.record.work.get(records.NAMED)
    reason = Reason("POL-NET-NAMED", {"case": str(named.get("case", ""))})
    if seen is None:
        others = _list_others(case, context)
        return _ask_analyst(case, context, records.NAMED, (reason,), others, maker=str(named.get("by", "")))
    if seen.result.get("verdict") == "pass":
        return None
    return _stop(case, context, records.NAMED, (reason,), None)


def _stop(case: Case, context: Context, kind: str, reasons: tuple[Reason, ...], result: object) -> Stop:
    """The end of a case by an analyst's word; in the same transaction everybody named with it hears of it."""
    seen = case.record.work[kind]
    members = [str(number) for number in seen.result.get("members") or ()]

    def name_others() -> None:
        around = [str(other["number"]) for other in seen.brief.get("neighbours") or ()]
        records.name_ring(
            tenant_id=case.record.tenant_id, tenant=case.record.tenant, case=case.number, members=members,
            around=around, by=seen.by, at=context.now,
        )  # fmt: skip

    return Stop(how="declined", reasons=reasons, result=result, actor=seen.by, effect=name_others)


def _stop_by_card(
    case: Case, context: Context, ring: decision.RingCheck, others: Sequence[Mapping[str, Any]], result: object
) -> Stop:
    """The end of a case by the card's word, which makes nobody a known fraud; where others stand around, a person still
    looks whether it was a ring, and who else belongs to it."""
    if not others:
        return Stop(how="declined", reasons=ring.reasons, result=result)
    work = _write_work(context, records.TRACED, others, points=ring.points)

    def trace() -> None:
        records.open_work(case=case.record, order=order_work(work, ring.reasons), at=context.now)

    return Stop(how="declined", reasons=ring.reasons, result=result, effect=trace)


def _ask_analyst(
    case: Case,
    context: Context,
    kind: str,
    reasons: tuple[Reason, ...],
    others: Sequence[Mapping[str, Any]],
    *,
    points: int | None = None,
    maker: str = "",
) -> Wait:
    work = _write_work(context, kind, others, points=points, maker=maker)
    return Wait(waits_for=f"work:{kind}", due_at=None, reasons=reasons, work=work)


def _write_work(
    context: Context, kind: str, others: Sequence[Mapping[str, Any]], *, points: int | None, maker: str = ""
) -> Work:
    role = context.plan.roles.get("ring_review", context.plan.roles.get("gate_review", "fraud_analyst"))
    brief = {"points": points, "neighbours": list(others)}
    return Work(kind=kind, role=role, due_at=context.after(minutes=30), brief=brief, maker=maker)


def _list_others(case: Case, context: Context) -> list[dict[str, Any]]:
    found = records.list_neighbours(tenant_id=case.record.tenant_id, application_id=case.record.id, at=context.now)
    return [asdict(other) for other in found[:SHOWN]]


def _is_seen_before(
    case: Case, context: Context, ring: decision.RingCheck, others: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether the analyst has let this case pass with these around and with points no better than they are now."""
    looks = [case.record.work[kind] for kind in KINDS if kind in case.record.work]
    if not looks or ring.points is None:
        return False
    latest = max(looks, key=lambda look: look.completed_at)
    known = {other["number"] for other in latest.brief.get("neighbours") or ()}
    if any(other["shares"] and other["number"] not in known for other in others):
        return False
    then = decision.check_ring(take_snapshot(case, replace(context, now=latest.completed_at)), context.book)
    return then.points is not None and then.points <= ring.points
