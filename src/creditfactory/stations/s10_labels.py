"""Station 10 · 标签与关系网络: every named fact about the applicant, and who stands around."""

from __future__ import annotations

from collections import Counter

from creditfactory import labels, records
from creditfactory.gateways import rulebook
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome
from creditfactory.stations.s01_channel_admission import load_channel

RESULT = labels.Labels


def run(case: Case, context: Context) -> Outcome:
    """Take the snapshot that all later stations decide on, from what is known now and nothing later."""
    snapshot = take_snapshot(case, context)
    why = snapshot.why_missing
    unknown = why.count_codes() if isinstance(why, labels.Whys) else Counter(why.values())
    return Done(
        result=snapshot, reasons=tuple(Reason("LBL-UNKNOWN", {"why": why, "labels": n}) for why, n in unknown.items())
    )


def take_snapshot(case: Case, context: Context) -> labels.Labels:
    """Every label as known now, with the look around and the channel as they stand."""
    own = records.load_own_loans(
        tenant_id=case.record.tenant_id,
        person_token=case.dossier.applicant.token,
        application_id=case.record.id,
        on=context.on,
    )
    return labels.compute(
        case.dossier,
        network=records.look_around(
            tenant_id=case.record.tenant_id, application_id=case.record.id, at=context.now, own_loans=own
        ),
        channel=load_channel(case, context),
        series=rulebook.load_series(case.dossier.pack),
        as_of=context.now,
        parameters=context.book.parameters,
    )
