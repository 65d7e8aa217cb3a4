"""Station 6 · 反欺诈前门: a robot, an impostor, or the person; before anything is paid for."""

from __future__ import annotations

from dataclasses import asdict

from creditfactory import application, identity, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop, Wait, Work
from creditfactory.stations.sources import gather

RESULT = identity.FrontGate


def run(case: Case, context: Context) -> Outcome:
    """Reject robots and false papers, refer what is doubtful to a fraud analyst, let the rest pass (IDF-01).

    Whoever the session alone shows to be a machine is stopped before even the identity authority is asked.
    """
    velocity = load_velocity(case, context)
    first = identity.check_front_gate(case.dossier, context.book.parameters, velocity=velocity, is_identity_due=False)
    if first.verdict == "reject":
        return Stop(how="declined", reasons=first.reasons, result=first)
    gathered = gather(case, context, context.plan.gate_sources)
    if gathered.ask is not None:
        return gathered.ask
    dossier = application.add_evidence(case.dossier, *gathered.found) if gathered.found else case.dossier
    gate = identity.check_front_gate(dossier, context.book.parameters, velocity=velocity)
    if gate.verdict == "reject":
        return Stop(how="declined", reasons=gate.reasons, result=gate)
    if gate.verdict == "pass":
        return Done(result=gate, dossier=dossier)
    seen = case.record.work.get("gate_review")
    if seen is None:
        return Wait(
            waits_for="work:gate_review",
            due_at=None,
            reasons=gate.reasons,
            work=Work(
                kind="gate_review",
                role=context.plan.roles["gate_review"],
                brief={"signals": dict(gate.signals), "points": gate.points, "hits": dict(gate.hits)},
                due_at=context.after(minutes=30),
            ),
        )
    if seen.result.get("verdict") == "pass":
        return Done(result=gate, reasons=gate.reasons, dossier=dossier, actor=seen.by)
    reasons = (Reason("GTE-ANALYST", {"note": str(seen.result.get("note", ""))[:200]}), *gate.reasons)
    return Stop(how="declined", reasons=reasons, result=gate, actor=seen.by)


def load_velocity(case: Case, context: Context) -> identity.Velocity | None:
    """How often device, address, phone and person were seen around this application; kept with the visit."""
    if context.given is not None:
        return context.given.velocity
    counted = records.count_velocity(application_id=case.record.id, at=context.now)
    velocity = identity.Velocity(**asdict(counted))
    context.note(velocity=velocity)
    return velocity
