"""The funders who might lend, as the funding room wants them."""

from __future__ import annotations

from dataclasses import replace

from creditfactory import funding, gateways, records
from creditfactory.stations.case import Case, Context


def load_funder_facts(case: Case, context: Context) -> tuple[funding.FunderFacts, ...]:
    """The funders open for business, less what they have lent already and less those whose switch is off.

    A past loan has one funder only: the lender on record. What is handed out is kept with the visit.
    """
    if context.given is not None and context.given.funders is not None:
        return context.given.funders
    facts = (_recorded_lender(case),) if context.plan.lender == "recorded" else _read_funders(case, context)
    context.note(funders=facts)
    return facts


def _read_funders(case: Case, context: Context) -> tuple[funding.FunderFacts, ...]:
    stopped = context.stopped.get("funders", ())
    facts = []
    for record in records.load_funders(case.record.tenant_id):
        if record.code in stopped:
            continue
        terms = gateways.load_value(funding.FunderFacts, record.terms)
        quota = terms.quota_open_cents
        facts.append(terms if quota is None else replace(terms, quota_open_cents=max(0, quota - record.lent_cents)))
    return tuple(facts)


def _recorded_lender(case: Case) -> funding.FunderFacts:
    name = case.dossier.channel.company
    return funding.FunderFacts(code=name, name=name, kind="sba_lender", cost_bps=0)
