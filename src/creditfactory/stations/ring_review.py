"""A ring in sight: stopped by the network card, or looked at by the fraud analyst; before anything is paid, and again
before the contract is drawn up and before the money goes out."""

from __future__ import annotations

from dataclasses import replace

from creditfactory import decision, labels, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Stop, Wait, Work
from creditfactory.stations.s10_labels import take_snapshot

SHOWN = 60
"""The most others whose references the analyst is handed; the picture of the neighbourhood shows as many."""


def check_ring(
    case: Case, context: Context, *, kind: str, result: object, snapshot: labels.Labels | None = None
) -> Wait | Stop | None:
    """What speaks against going on, or None: the card stops, the analyst is asked, or the analyst has found a ring.

    ``kind`` is the piece of work: ``ring_review`` before anything is paid, ``ring_recheck`` when a case is looked at
    again. Who was looked at and let pass is not looked at twice by the same kind of work.
    """
    if context.plan.outcomes == "recorded":
        return None
    seen = case.record.work.get(kind)
    if seen is not None and seen.result.get("verdict") == "pass":
        return None
    ring = decision.check_ring(snapshot or take_snapshot(case, context), context.book)
    if seen is not None:
        found = Reason("POL-NET-ANALYST", {"note": str(seen.result.get("note", ""))[:200]})
        return Stop(how="declined", reasons=(found, *ring.reasons), result=result, actor=seen.by)
    if ring.verdict == "stop":
        return Stop(how="declined", reasons=ring.reasons, result=result)
    if ring.verdict != "refer" or _is_seen_before(case, context, ring):
        return None
    others = records.list_neighbours(tenant_id=case.record.tenant_id, application_id=case.record.id, at=context.now)
    role = context.plan.roles.get("ring_review", context.plan.roles.get("gate_review", "fraud_analyst"))
    return Wait(
        waits_for=f"work:{kind}",
        due_at=None,
        reasons=ring.reasons,
        work=Work(
            kind=kind, role=role, due_at=context.after(minutes=30),
            brief={"points": ring.points, "neighbours": list(others[:SHOWN])},
        ),
    )  # fmt: skip


def _is_seen_before(case: Case, context: Context, ring: decision.RingCheck) -> bool:
    """Whether the analyst has let this case pass with a neighbourhood that looked no better than it does now."""
    earlier = case.record.work.get("ring_review")
    if earlier is None or ring.points is None:
        return False
    then = decision.check_ring(take_snapshot(case, replace(context, now=earlier.completed_at)), context.book)
    return then.points is not None and then.points <= ring.points
