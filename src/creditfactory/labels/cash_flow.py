"""What the firm really takes in: statements, invoices, taxes and the applicant's own words, held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any

from creditfactory.application import BankFlow, BureauReport, Dossier, PaperCheck, RegistryExtract, TaxRecord
from creditfactory.kernel import BPS_WHOLE, Reason
from creditfactory.labels.contradictions import gather_sources, list_contradictions, list_signs

DEFAULTS: Mapping[str, int] = {
    "flow_months_min": 6,
    "declared_over_banked_bps_max": 15_000,
    "invoiced_over_banked_bps_max": 20_000,
    "declared_income_over_verified_bps_max": 20_000,
    "round_trip_share_bps_max": 3_000,
    "chain_breaks_max": 0,
}
"""How far the sources may lie apart before it counts as a contradiction; a pack's parameters go before these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlow:
    """Monthly figures by source, what the statements bear out, and where the sources contradict each other.

    ``verified_monthly_sales_cents`` is the median month's inflow without money that went straight out again.
    ``verified_monthly_income_cents`` is the median month's own inflow less outflow, with the instalments that the
    bureau says are being paid added back: what is there to pay debts from, before debts; never more than what the
    applicant stated. ``gaps`` names what could not be compared because one side is unknown: no contradiction found
    there is no sign that there is none.
    """

    verified_monthly_income_cents: int | None = None
    verified_monthly_sales_cents: int | None = None
    declared_monthly_cents: int | None = None
    banked_monthly_cents: int | None = None
    taxed_monthly_cents: int | None = None
    invoiced_monthly_cents: int | None = None
    months: int = 0
    contradictions: tuple[Reason, ...] = ()
    gaps: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    signs: tuple[Reason, ...] = ()


def verify_cash_flow(dossier: Dossier, as_of: datetime, parameters: Mapping[str, Any] | None = None) -> CashFlow:
    """Verified sales and income as known at ``as_of``; without enough statements both stay unknown, with the reason.

    Statements that came without a summary are summed up. ``signs`` are what is odd between the sources and decides
    nothing: see :mod:`creditfactory.labels.contradictions`.
    """
    sources = gather_sources(dossier, as_of)
    found = weigh_sources(
        dossier, flow=sources.flow, tax=sources.tax, bureau=sources.bureau, registry=sources.registry,
        papers=sources.papers, parameters=parameters,
    )  # fmt: skip
    return replace(found, signs=list_signs(sources, parameters))


def weigh_sources(
    dossier: Dossier,
    *,
    flow: BankFlow | None,
    tax: TaxRecord | None,
    bureau: BureauReport | None,
    registry: RegistryExtract | None = None,
    papers: Sequence[PaperCheck] = (),
    parameters: Mapping[str, Any] | None = None,
) -> CashFlow:
    """The same, with the pieces of evidence already found, and without looking for signs."""
    limits = DEFAULTS if parameters is None else {k: parameters.get(k, v) for k, v in DEFAULTS.items()}
    declared_12m = dossier.business.declared_sales_12m_cents
    declared = None if declared_12m is None else declared_12m // 12
    invoiced = None if tax is None or tax.invoiced_12m_cents is None else tax.invoiced_12m_cents // 12
    taxed = None if tax is None or tax.tax_12m_cents is None else tax.tax_12m_cents // 12
    gaps = _find_gaps(dossier, flow, tax)
    stated = CashFlow(
        declared_monthly_cents=declared, taxed_monthly_cents=taxed, invoiced_monthly_cents=invoiced, gaps=gaps
    )
    if flow is None:
        return replace(stated, reasons=(Reason("CSH-NO-FLOW"),))
    months = len(flow.monthly_inflow_cents)
    if months != len(flow.monthly_outflow_cents):
        uneven = Reason("CSH-UNEVEN", {"inflow_months": months, "outflow_months": len(flow.monthly_outflow_cents)})
        return replace(stated, months=months, contradictions=(uneven,), reasons=(uneven,))
    if months < limits["flow_months_min"]:
        short = Reason("CSH-SHORT", {"months": months, "flow_months_min": limits["flow_months_min"]})
        return replace(stated, months=months, reasons=(short,))
    kept = BPS_WHOLE - (flow.round_trip_share_bps or 0)
    banked = int(median(flow.monthly_inflow_cents))
    income = _earn(dossier, flow, bureau, kept)
    contradictions = _contradict(dossier, flow, banked, income, stated, limits)
    is_chain_told = any(reason.code == "CSH-CHAIN" for reason in contradictions)
    contradictions += list_contradictions(dossier, registry, papers, is_chain_told=is_chain_told)
    return replace(
        stated,
        verified_monthly_income_cents=income,
        verified_monthly_sales_cents=banked * kept // BPS_WHOLE,
        banked_monthly_cents=banked,
        months=months,
        contradictions=contradictions,
        reasons=contradictions,
    )


def _find_gaps(dossier: Dossier, flow: BankFlow | None, tax: TaxRecord | None) -> tuple[str, ...]:
    """The comparisons that cannot be made; a tax bureau that knows of no invoices says 0."""
    sides: dict[str, object] = {
        "declared_sales_12m_cents": dossier.business.declared_sales_12m_cents,
        "declared_income_cents": dossier.applicant.declared_income_cents,
        **({"tax": None} if tax is None else {"invoiced_12m_cents": tax.invoiced_12m_cents}),
        "round_trip_share_bps": None if flow is None else flow.round_trip_share_bps,
        "chain_breaks": None if flow is None else flow.chain_breaks,
    }
    return tuple(name for name, value in sides.items() if value is None)


def _earn(dossier: Dossier, flow: BankFlow, bureau: BureauReport | None, kept_bps: int) -> int:
    """Monthly income before debts; round trips are taken out on both sides, never below nothing."""
    turned = BPS_WHOLE - kept_bps
    nets = [
        i - o - (i * turned // BPS_WHOLE - min(o, i * turned // BPS_WHOLE))
        for i, o in zip(flow.monthly_inflow_cents, flow.monthly_outflow_cents, strict=True)
    ]
    paying = bureau.monthly_due_cents or 0 if bureau is not None and bureau.has_record else 0
    income = max(0, int(median(nets)) + paying)
    stated = dossier.applicant.declared_income_cents
    return income if stated is None else min(income, max(0, stated))


def _contradict(
    dossier: Dossier,
    flow: BankFlow,
    banked: int,
    income: int,
    stated: CashFlow,
    limits: Mapping[str, Any],
) -> tuple[Reason, ...]:
    """Where two sources cannot both be right, or a source cannot be right by itself."""
    found: list[Reason] = []
    pairs = (
        ("CSH-DECLARED", stated.declared_monthly_cents, banked, "declared_over_banked_bps_max"),
        ("CSH-INVOICED", stated.invoiced_monthly_cents, banked, "invoiced_over_banked_bps_max"),
        ("CSH-INCOME", dossier.applicant.declared_income_cents, income, "declared_income_over_verified_bps_max"),
    )
    for code, said, shown, limit in pairs:
        if said is not None and said * BPS_WHOLE > shown * limits[limit]:
            found.append(Reason(code, {"said_cents": said, "shown_cents": shown}))
    if (flow.round_trip_share_bps or 0) > limits["round_trip_share_bps_max"]:
        found.append(Reason("CSH-ROUND-TRIP", {"round_trip_share_bps": flow.round_trip_share_bps}))
    if (flow.chain_breaks or 0) > limits["chain_breaks_max"]:
        found.append(Reason("CSH-CHAIN", {"chain_breaks": flow.chain_breaks}))
    return tuple(found)
