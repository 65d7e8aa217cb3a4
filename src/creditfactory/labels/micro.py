"""The labels of a micro business in China: person, firm, bureau, courts, taxes, statements, proofs, surroundings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import isqrt
from statistics import median
from typing import Any

from creditfactory.application import (
    BankFlow,
    BureauReport,
    Dossier,
    Evidence,
    InstalmentProof,
    InsurancePolicyProof,
    PaperCheck,
    RegistryExtract,
    TaxRecord,
    find_cities,
    find_each_evidence,
)
from creditfactory.channel import ChannelFacts, rate_bads
from creditfactory.kernel import BPS_WHOLE, Scalar, months_between, years_between
from creditfactory.labels.ability import count_ability, find_hidden_debt, sum_new_debt, weigh_debts
from creditfactory.labels.cash_flow import weigh_sources
from creditfactory.labels.catalogue import MICRO, NAMED, PURPOSES
from creditfactory.labels.known import Known
from creditfactory.labels.statement_lines import StatementLines
from creditfactory.labels.statement_sums import sum_up_lines
from creditfactory.labels.willingness import count_willingness, read_pattern

PRIOR_BAD_SHARE_BPS = 300
"""The house's own bad share, towards which a channel with few known loans is drawn."""
PRIOR_LOANS = 50

_BY_SOURCE: dict[str, tuple[str, ...]] = {
    source: tuple(n for n, label in NAMED.items() if label.source == source and label.packs == MICRO)
    for source in {label.source for label in NAMED.values()}
}
_BUREAU_FIELDS = tuple(n for n in _BY_SOURCE["bureau"] if n in BureauReport.__dataclass_fields__)
_TAX_FIELDS = tuple(n for n in _BY_SOURCE["tax"] if n != "tax_grade")
_NETWORK_FIELDS = tuple(n for n in _BY_SOURCE["network"] if n != "has_network_view")
_CHANNEL_FIELDS = tuple(n for n in _BY_SOURCE["channel"] if n not in ("channel_kind", "has_channel_facts"))
_SECTION_ENDS = (
    (5, "A"), (12, "B"), (43, "C"), (46, "D"), (50, "E"), (52, "F"), (60, "G"), (62, "H"), (65, "I"), (69, "J"),
    (70, "K"), (72, "L"), (75, "M"), (79, "N"), (82, "O"), (83, "P"), (85, "Q"), (90, "R"), (96, "S"), (97, "T"),
)  # fmt: skip


def label_micro(
    known: Known, parameters: Mapping[str, Any] | None, found: dict[str, Scalar], why: dict[str, str]
) -> None:
    """Fill in the labels of pack ``cn-micro``."""
    dossier, as_of, latest, lines = known.dossier, known.as_of, known.latest, known.lines
    network, channel = known.network, known.channel
    if "bank_flow" not in latest and lines is not None:
        latest = {**latest, "bank_flow": sum_up_lines(lines)}
    papers = find_each_evidence(dossier, PaperCheck, by="digest", as_of=as_of) if "paper" in latest else ()
    _label_request(dossier, None if parameters is None else parameters.get("territory_cities"), found, why)
    _label_registry(dossier, latest.get("registry"), found, why)
    _label_bureau(dossier, latest.get("bureau"), found, why)
    _copy(latest.get("court"), _BY_SOURCE["court"], "no_court", found, why)
    tax, flow = latest.get("tax"), latest.get("bank_flow")
    _copy(tax, _TAX_FIELDS, "no_tax", found, why)
    found["tax_grade"] = tax.grade if isinstance(tax, TaxRecord) else None
    if found["tax_grade"] is None:
        why["tax_grade"] = "no_tax" if tax is None else "not_reported"
    _label_flow(flow, found, why)
    _label_cross_check(dossier, latest, papers, parameters, found, why)
    _label_debts(dossier, latest.get("bureau"), lines, parameters, found, why)
    _label_proofs(latest, found, why)
    _copy(latest.get("device"), _BY_SOURCE["device"], "no_device", found, why)
    _copy(latest.get("identity"), _BY_SOURCE["identity"], "no_identity", found, why)
    found["has_network_view"] = network is not None
    _copy(network, _NETWORK_FIELDS, "no_network", found, why)
    if network is not None and network.own_loans_repaid is not None and network.own_arrears_days_max is None:
        why["own_arrears_days_max"] = "no_own_loan"
    _label_channel(dossier, channel, found, why)


def _copy(source: object, names: tuple[str, ...], absent: str, found: dict[str, Scalar], why: dict[str, str]) -> None:
    """Labels that are the source's own fields, named as the source names them."""
    if source is None:
        why.update(dict.fromkeys(names, absent))
        return
    for name in names:
        value = getattr(source, name)
        if value is None:
            why[name] = "not_reported"
        else:
            found[name] = value


def _label_request(dossier: Dossier, cities: Any, found: dict[str, Scalar], why: dict[str, str]) -> None:
    request, person, firm = dossier.request, dossier.applicant, dossier.business
    local = dossier.applied_at + timedelta(minutes=dossier.utc_offset_minutes)
    found["requested_amount_cents"] = request.amount_cents
    found["requested_term_months"] = request.term_months
    found["purpose"] = request.purpose if request.purpose in PURPOSES else None
    if request.purpose is not None and found["purpose"] is None:
        why["purpose"] = "out_of_range"
    found["applied_minute_of_day"] = local.hour * 60 + local.minute
    found["applied_weekday"] = local.isoweekday()
    on = dossier.applied_on
    if person.born_on is not None:
        found["age_years"] = years_between(person.born_on, on)
    found["applicant_role"], found["education"] = person.role, person.education
    if person.education is not None:
        found["has_bachelor_degree"] = person.education in ("bachelor", "postgraduate")
    found["years_in_city"], found["owns_home"] = person.years_in_city, person.owns_home
    found["declared_income_cents"] = person.declared_income_cents
    if person.city is not None and firm.city is not None:
        home, trade = find_cities((person.city, firm.city), cities)
        same_words = person.city.strip().casefold() == firm.city.strip().casefold()
        found["is_home_city"] = same_words or (home is not None and home == trade)
    division = _read_division(firm.industry)
    if division is not None:
        found["industry_division"], found["industry_section"] = division, _section(division)
    if firm.opened_on is not None:
        found["business_months"] = months_between(firm.opened_on, on)
    found["employees"] = firm.employees
    found["declared_sales_12m_cents"] = firm.declared_sales_12m_cents


def _read_division(industry: str | None) -> str | None:
    """The two-digit division of a GB/T 4754 code, with or without its section's letter before it."""
    code = (industry or "").strip().lstrip("ABCDEFGHIJKLMNOPQRST")
    return code[:2] if len(code) >= 2 and code.isascii() and code.isdigit() and _section(code[:2]) else None


def _section(division: str) -> str | None:
    number = int(division)
    return next((letter for last, letter in _SECTION_ENDS if 0 < number <= last), None)


def _label_registry(dossier: Dossier, extract: Evidence | None, found: dict[str, Scalar], why: dict[str, str]) -> None:
    if not isinstance(extract, RegistryExtract):
        why.update(dict.fromkeys(_BY_SOURCE["registry"], "no_registry"))
        return
    why.update(dict.fromkeys(_BY_SOURCE["registry"], "not_reported"))
    found["registry_status"] = extract.status
    if extract.registered_on is not None:
        found["licence_months"] = months_between(extract.registered_on, dossier.applied_on)
    found["is_legal_representative"] = extract.is_legal_representative
    found["registry_changes_12m"] = extract.changes_12m
    found["registry_capital_cents"] = extract.capital_cents
    _forget_known(why, found, _BY_SOURCE["registry"])


def _label_bureau(dossier: Dossier, report: Evidence | None, found: dict[str, Scalar], why: dict[str, str]) -> None:
    if not isinstance(report, BureauReport):
        why.update(dict.fromkeys(_BY_SOURCE["bureau"], "no_bureau"))
        return
    why.update(dict.fromkeys(_BY_SOURCE["bureau"], "not_reported" if report.has_record else "no_bureau_record"))
    found["has_bureau_record"] = report.has_record
    if not report.has_record:  # a report that knows no record knows of nothing in it
        why.pop("has_bureau_record")
        return
    for name in _BUREAU_FIELDS:
        found[name] = getattr(report, name)
    if report.card_limit_cents is not None and report.card_used_cents is not None:
        if report.card_limit_cents > 0:
            found["card_use_bps"] = report.card_used_cents * BPS_WHOLE // report.card_limit_cents
        else:
            why["card_use_bps"] = "not_comparable"
    if report.oldest_account_on is not None:
        found["credit_history_months"] = months_between(report.oldest_account_on, report.obtained_at.date())
    found.update(read_pattern(report, _local_day(dossier, report.obtained_at)))
    _forget_known(why, found, _BY_SOURCE["bureau"])


def _local_day(dossier: Dossier, at: datetime) -> date:
    """The applicant's own day at an instant."""
    return (at + timedelta(minutes=dossier.utc_offset_minutes)).date()


def _label_debts(
    dossier: Dossier,
    report: Evidence | None,
    lines: StatementLines | None,
    parameters: Mapping[str, Any] | None,
    found: dict[str, Scalar],
    why: dict[str, str],
) -> None:
    """Debts against income, those nobody mentioned among them, and the two sub-scores."""
    names = _BY_SOURCE["debts"]
    bureau = report if isinstance(report, BureauReport) else None
    hidden = find_hidden_debt(() if lines is None else lines.statements, bureau, lines=lines)
    new_debt = None
    if bureau is not None:
        new_debt = sum_new_debt(bureau.accounts, _local_day(dossier, bureau.obtained_at)) if bureau.has_record else 0
    found.update(weigh_debts(dossier.request, found, hidden, new_debt, parameters))
    found["willingness_points"] = count_willingness(found, parameters)
    found["ability_points"] = count_ability(found, parameters)
    why.update(dict.fromkeys(names, "no_bureau" if bureau is None else "not_comparable"))
    if hidden.why:
        hidden_names = ("statement_repaid_cents", "unexplained_repaid_cents", "unexplained_lenders")
        why.update(dict.fromkeys(hidden_names, hidden.why))
    if bureau is not None and not bureau.has_record:
        why["willingness_points"] = "no_bureau_record"
    _forget_known(why, found, names)


def _label_flow(flow: Evidence | None, found: dict[str, Scalar], why: dict[str, str]) -> None:
    names = _BY_SOURCE["bank_flow"]
    if not isinstance(flow, BankFlow):
        why.update(dict.fromkeys(names, "no_bank_flow"))
        return
    why.update(dict.fromkeys(names, "not_reported"))
    inflow, outflow = flow.monthly_inflow_cents, flow.monthly_outflow_cents
    found["inflow_months"] = len(inflow)
    found["balance_cents"], found["chain_breaks"] = flow.balance_cents, flow.chain_breaks
    found["top_payer_share_bps"] = flow.top_payer_share_bps
    found["round_trip_share_bps"] = flow.round_trip_share_bps
    if inflow:
        middle, total = int(median(inflow)), sum(inflow)
        found["inflow_median_cents"] = middle
        if middle > 0:
            found["lowest_month_bps"] = min(inflow) * BPS_WHOLE // middle
        if total > 0:
            found["inflow_swing_bps"] = measure_swing(inflow)
    if len(inflow) == len(outflow) and inflow:
        found["net_flow_median_cents"] = int(median(i - o for i, o in zip(inflow, outflow, strict=True)))
    before = sum(inflow[-6:-3]) if len(inflow) >= 6 else 0
    if before > 0:
        found["inflow_trend_bps"] = sum(inflow[-3:]) * BPS_WHOLE // before
    else:
        why["inflow_trend_bps"] = "too_short"
    _forget_known(why, found, names)


def measure_swing(sums: Sequence[int]) -> int:
    """Standard deviation of months against their mean in basis points, to the nearest, in whole numbers throughout.

    >>> measure_swing([90_000, 110_000])
    1000
    """
    total = sum(sums)
    squares = len(sums) * sum(one * one for one in sums) - total * total
    return (isqrt(4 * BPS_WHOLE * BPS_WHOLE * squares // (total * total)) + 1) // 2


def _label_cross_check(
    dossier: Dossier,
    latest: Mapping[str, Evidence],
    papers: tuple[PaperCheck, ...],
    parameters: Mapping[str, Any] | None,
    found: dict[str, Scalar],
    why: dict[str, str],
) -> None:
    flow, tax, bureau = latest.get("bank_flow"), latest.get("tax"), latest.get("bureau")
    registry = latest.get("registry")
    cash = weigh_sources(
        dossier,
        flow=flow if isinstance(flow, BankFlow) else None,
        tax=tax if isinstance(tax, TaxRecord) else None,
        bureau=bureau if isinstance(bureau, BureauReport) else None,
        registry=registry if isinstance(registry, RegistryExtract) else None,
        papers=papers,
        parameters=parameters,
    )
    names = _BY_SOURCE["cross_check"]
    why.update(dict.fromkeys(names, "no_bank_flow" if flow is None else "not_comparable"))
    sales, income = cash.verified_monthly_sales_cents, cash.verified_monthly_income_cents
    found["verified_sales_monthly_cents"], found["verified_income_cents"] = sales, income
    if cash.banked_monthly_cents is not None and not cash.gaps:
        found["contradictions"] = len(cash.contradictions)
    if cash.declared_monthly_cents is not None and cash.banked_monthly_cents:
        found["declared_to_banked_bps"] = cash.declared_monthly_cents * BPS_WHOLE // cash.banked_monthly_cents
    due, unsecured = found.get("monthly_due_cents"), found.get("unsecured_balance_cents")
    if isinstance(due, int) and income:
        found["debt_to_income_bps"] = due * BPS_WHOLE // income
    if isinstance(unsecured, int) and sales:
        found["unsecured_to_sales_bps"] = unsecured * BPS_WHOLE // (12 * sales)
    _forget_known(why, found, names)


def _label_proofs(latest: Mapping[str, Evidence], found: dict[str, Scalar], why: dict[str, str]) -> None:
    why.update(dict.fromkeys(_BY_SOURCE["proofs"], "no_proof"))
    policy = latest.get("insurance_policy")
    if isinstance(policy, InsurancePolicyProof):
        found["insurance_premium_cents"] = policy.annual_premium_cents
        found["insurance_years_paid"] = policy.years_paid
    for kind, name in (("mortgage", "mortgage"), ("car_loan", "car")):
        proof = latest.get(kind)
        if isinstance(proof, InstalmentProof):
            found[f"{name}_instalment_cents"], found[f"{name}_months_paid"] = proof.instalment_cents, proof.months_paid
    _forget_known(why, found, _BY_SOURCE["proofs"])


def _label_channel(
    dossier: Dossier, channel: ChannelFacts | None, found: dict[str, Scalar], why: dict[str, str]
) -> None:
    found["channel_kind"], found["has_channel_facts"] = dossier.channel.kind, channel is not None
    if channel is None:
        why.update(dict.fromkeys(_CHANNEL_FIELDS, "no_channel"))
        return
    found["channel_grade"] = channel.grade
    found["channel_applications_90d"] = channel.applications_90d
    found["channel_bad_share_bps"] = rate_bads(channel, prior_share_bps=PRIOR_BAD_SHARE_BPS, prior_loans=PRIOR_LOANS)
    if channel.deposit_required_cents > 0:
        cover = channel.deposit_cents * BPS_WHOLE // channel.deposit_required_cents
        found["channel_deposit_cover_bps"] = cover
    else:
        found["channel_deposit_cover_bps"] = BPS_WHOLE


def _forget_known(why: dict[str, str], found: Mapping[str, Scalar], names: tuple[str, ...]) -> None:
    for name in names:
        if found.get(name) is not None:
            why.pop(name, None)
