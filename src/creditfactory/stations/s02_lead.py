"""Station 2 · 营销获客与预评估: whose lead is it, and what could the applicant roughly expect?"""

from __future__ import annotations

from dataclasses import dataclass

from creditfactory import channel, decision
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Done, Outcome, Stop


@dataclass(frozen=True, slots=True)
class Lead:
    """The one path the lead is credited to, and the indicative offer."""

    attribution: channel.Attribution
    indication: decision.Indication


RESULT = Lead


def run(case: Case, context: Context) -> Outcome:
    """Credit the lead to one path and indicate an offer from what the applicant declares."""
    lead = Lead(channel.attribute_lead(case.dossier), decision.indicate_offer(case.dossier, context.book))
    if lead.attribution.reasons:
        return Stop(how="declined", reasons=lead.attribution.reasons, result=lead)
    return Done(result=lead, reasons=lead.indication.reasons)
