"""Station 1 · 渠道开拓准入: may this channel hand in applications today?"""

from __future__ import annotations

from creditfactory import channel, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop

RESULT = channel.Admission


def run(case: Case, context: Context) -> Outcome:
    """Admit the channel the applicant came through, or decline what it hands in, with the reasons."""
    company = case.dossier.channel.company
    if company in context.stopped.get("channels", ()):
        return Stop(how="declined", reasons=(Reason("CHN-STOPPED", {"channel": company}),))
    facts = load_channel(case, context)
    admission = channel.check_admission(facts, case.dossier, context.book.parameters)
    if admission.reasons:
        return Stop(how="declined", reasons=admission.reasons, result=admission)
    return Done(result=admission)


def load_channel(case: Case, context: Context) -> channel.ChannelFacts | None:
    """The channel company as it stands now; None if nobody knows it. What is handed out is kept with the visit."""
    if context.given is not None:
        return context.given.channel
    facts = records.load_channel_facts(
        tenant_id=case.record.tenant_id, code=case.dossier.channel.company, on=context.on, at=context.now
    )
    context.note(channel=facts)
    return facts
