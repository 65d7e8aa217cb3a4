"""Where two sources cannot both be right, or one looks made up: each finding with both numbers and where they stand.

Two weights. A *contradiction* lifts the case to a person by the pack's rules and counts for them. A *sign* is odd by
itself and may have an honest cause: it is shown beside the field, asked about on the telephone, and decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, median, pstdev
from typing import Any, TypeVar

from creditfactory.application import (
    BankFlow,
    BankStatement,
    BureauReport,
    Dossier,
    InvoiceList,
    PaperCheck,
    RegistryExtract,
    TaxRecord,
    UtilityBills,
    find_each_evidence,
    find_evidence,
)
from creditfactory.kernel import BPS_WHOLE, Reason, add_months, months_between
from creditfactory.labels.ability import find_hidden_debt
from creditfactory.labels.statement_sums import NOT_EARNED, find_round_trips, sum_up_statements

E = TypeVar("E")

DEFAULTS: Mapping[str, int] = {
    "declared_over_returned_bps_max": 50_000,
    "invoiced_over_returned_bps_max": 12_000,
    "invoices_differ_bps_max": 1_000,
    "void_share_bps_max": 2_000,
    "refund_share_bps_max": 2_000,
    "sales_over_power_bps_max": 20_000,
    "wages_per_head_cents_min": 100_000,
    "staff_over_insured_bps_max": 80_000,
    "registered_later_months_max": 12,
    "unexplained_repayment_cents_max": 300_000,
    "instalments_seen_bps_min": 5_000,
    "related_share_bps_max": 2_000,
    "even_swing_bps_min": 300,
    "last_month_bulge_bps_max": 25_000,
    "statement_age_days_max": 45,
    "flows_differ_bps_max": 1_000,
}
"""How far sources may lie apart before it is said; a pack's parameters go before these."""

STAFF_MIN = 10
"""Below so many people stated, few insured say nothing: families and day labour."""

PAPER_FAULTS = frozenset(
    {"PAP-CHAIN", "PAP-TOTALS", "PAP-SAME-LINES", "PAP-OPENING", "PAP-MADE-BEFORE-END", "PAP-BUREAU-DIFFERS"}
)
"""What a true paper cannot have: such a paper contradicts itself, or the source it stands for."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "CSH-DECLARED": ("business.declared_sales_12m_cents", "bank_flow.monthly_inflow_cents"),
    "CSH-INVOICED": ("tax.invoiced_12m_cents", "bank_flow.monthly_inflow_cents"),
    "CSH-INCOME": ("applicant.declared_income_cents", "bank_flow.monthly_outflow_cents"),
    "CSH-ROUND-TRIP": ("bank_flow.round_trip_share_bps", "bank_statement.flow_cents"),
    "CSH-CHAIN": ("bank_flow.chain_breaks", "bank_statement.balance_cents"),
    "CSH-ROLE": ("applicant.role", "registry.is_legal_representative"),
    "CSH-PAPER": ("paper.findings",),
    "CSH-RETURNED": ("business.declared_sales_12m_cents", "tax.returns"),
    "CSH-INVOICED-RETURNED": ("tax.invoiced_12m_cents", "tax.returns"),
    "CSH-INVOICES-DIFFER": ("invoices.net_cents", "tax.invoiced_12m_cents"),
    "CSH-VOID": ("invoices.is_void",),
    "CSH-REFUNDS": ("invoices.net_cents",),
    "CSH-METERS": ("utilities.quantity", "bank_flow.monthly_inflow_cents"),
    "CSH-WAGES": ("business.employees", "bank_statement.flow_cents"),
    "CSH-STAFF": ("business.employees", "registry.insured_people"),
    "CSH-OPENED": ("business.opened_on", "registry.registered_on"),
    "CSH-HIDDEN-DEBT": ("bank_statement.flow_cents", "bureau.accounts"),
    "CSH-UNSEEN-ACCOUNT": ("bureau.monthly_due_cents", "bank_statement.flow_cents"),
    "CSH-RELATED": ("bank_statement.party",),
    "CSH-EVEN": ("bank_flow.monthly_inflow_cents",),
    "CSH-BULGE": ("bank_flow.monthly_inflow_cents",),
    "CSH-STALE": ("bank_statement.to_on",),
    "CSH-FLOWS-DIFFER": ("bank_flow.monthly_inflow_cents", "bank_statement.flow_cents"),
}
"""The fields that each finding is told beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything that is held against everything else, as known at one instant."""

    dossier: Dossier
    flow: BankFlow | None = None
    statements: tuple[BankStatement, ...] = ()
    tax: TaxRecord | None = None
    bureau: BureauReport | None = None
    registry: RegistryExtract | None = None
    invoices: InvoiceList | None = None
    utilities: UtilityBills | None = None
    papers: tuple[PaperCheck, ...] = ()
    related: frozenset[str] = frozenset()


def gather_sources(dossier: Dossier, as_of: datetime, related: frozenset[str] = frozenset()) -> Sources:
    """The latest of each source that was known by then; statements without a summary are summed up."""

    def latest(kind: type[E]) -> E | None:
        return find_evidence(dossier, kind, as_of=as_of)

    statements = find_each_evidence(dossier, BankStatement, by="account", as_of=as_of)
    flow = latest(BankFlow)
    return Sources(
        dossier=dossier,
        flow=sum_up_statements(statements) if flow is None and statements else flow,
        statements=statements,
        tax=latest(TaxRecord),
        bureau=latest(BureauReport),
        registry=latest(RegistryExtract),
        invoices=latest(InvoiceList),
        utilities=latest(UtilityBills),
        papers=find_each_evidence(dossier, PaperCheck, by="digest", as_of=as_of),
        related=related,
    )


def list_contradictions(
    dossier: Dossier, registry: RegistryExtract | None, papers: Sequence[PaperCheck], *, is_chain_told: bool = False
) -> tuple[Reason, ...]:
    """What cannot both be true beside the figures: the role stated and the registry's, a paper and its own lines.

    ``is_chain_told``: that the balances break was told already from the statements' own summary, and is told once.
    """
    found = []
    denied = registry is not None and registry.is_legal_representative is False
    if dossier.applicant.role == "legal_representative" and denied:
        found.append(Reason("CSH-ROLE", {"said": "legal_representative"}))
    for paper in papers:
        faults = [
            code for code in paper.findings if code in PAPER_FAULTS and not (is_chain_told and code == "PAP-CHAIN")
        ]
        if faults:
            found.append(Reason("CSH-PAPER", {"paper": paper.paper, "finding": faults[0], "findings": len(faults)}))
    return tuple(found)


def list_signs(sources: Sources, parameters: Mapping[str, Any] | None = None) -> tuple[Reason, ...]:
    """Every odd thing between the sources, in a fixed order; a source that is not there says nothing.

    >>> from creditfactory.application import Applicant, Business, ChannelPath, Request
    >>> from datetime import UTC
    >>> asked = Dossier(pack="cn-micro", reference="A-1", applied_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    ...     request=Request(amount_cents=25_000_000, currency="CNY"), applicant=Applicant(token="t1"),
    ...     business=Business(employees=30), channel=ChannelPath(kind="direct", company="own"))
    >>> seen = RegistryExtract(obtained_at=asked.applied_at, status="operating", insured_people=2)
    >>> [(reason.code, dict(reason.facts)) for reason in list_signs(Sources(dossier=asked, registry=seen))]
    [('CSH-STAFF', {'said': 30, 'shown': 2})]
    """
    limits = DEFAULTS if parameters is None else {k: parameters.get(k, v) for k, v in DEFAULTS.items()}
    found: list[Reason] = []
    for check in _CHECKS:
        reason = check(sources, limits)
        if reason is not None:
            found.append(reason)
    return tuple(found)


def _beyond(said: int, shown: int, limit_bps: int) -> bool:
    return said * BPS_WHOLE > shown * limit_bps


def _year_before(sources: Sources) -> tuple[date, date]:
    on = sources.dossier.applied_on
    return add_months(on, -12), on


def _sum_returns(sources: Sources) -> int | None:
    """Sales of the last twelve returns filed, scaled to a year; None for fewer than six."""
    returns = None if sources.tax is None else sources.tax.returns
    if returns is None:
        return None
    filed = [sales for sales, on in zip(returns.sales_cents, returns.filed_on, strict=True) if on is not None][-12:]
    return sum(filed) * 12 // len(filed) if len(filed) >= 6 else None


def _check_returned(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    said, shown = sources.dossier.business.declared_sales_12m_cents, _sum_returns(sources)
    if said is None or shown is None or not _beyond(said, shown, limits["declared_over_returned_bps_max"]):
        return None
    return Reason("CSH-RETURNED", {"said_cents": said, "shown_cents": shown})


def _check_invoiced_returned(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    said = None if sources.tax is None else sources.tax.invoiced_12m_cents
    shown = _sum_returns(sources)
    if said is None or shown is None or not _beyond(said, shown, limits["invoiced_over_returned_bps_max"]):
        return None
    return Reason("CSH-INVOICED-RETURNED", {"said_cents": said, "shown_cents": shown})


def _check_invoices_differ(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """The list handed in against the tax bureau's own total of the same twelve months."""
    lists, tax = sources.invoices, sources.tax
    if lists is None or lists.origin != "upload" or tax is None or tax.invoiced_12m_cents is None:
        return None
    since, until = add_months(tax.obtained_at.date(), -12), tax.obtained_at.date()
    if lists.from_on > since or lists.to_on < add_months(until, -1):
        return None
    rows = zip(lists.on, lists.direction, lists.net_cents, lists.vat_cents, lists.is_void, strict=True)
    said = sum(net + vat for on, way, net, vat, void in rows if way == "output" and not void and since <= on <= until)
    shown = tax.invoiced_12m_cents
    if abs(said - shown) * BPS_WHOLE <= max(said, shown) * limits["invoices_differ_bps_max"]:
        return None
    return Reason("CSH-INVOICES-DIFFER", {"said_cents": said, "shown_cents": shown})


def _check_void(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    if sources.invoices is None:
        return None
    since, until = _year_before(sources)
    lists = sources.invoices
    rows = zip(lists.on, lists.direction, lists.is_void, strict=True)
    sales = [void for on, way, void in rows if way == "output" and since <= on <= until]
    if len(sales) < 20 or not _beyond(sum(sales), len(sales), limits["void_share_bps_max"]):
        return None
    return Reason("CSH-VOID", {"said": len(sales), "shown": sum(sales)})


def _check_refunds(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    if sources.invoices is None:
        return None
    since, until = _year_before(sources)
    lists = sources.invoices
    rows = zip(lists.on, lists.direction, lists.net_cents, lists.is_void, strict=True)
    sales = [net for on, way, net, void in rows if way == "output" and not void and since <= on <= until]
    sold, back = sum(net for net in sales if net > 0), -sum(net for net in sales if net < 0)
    if not sold or not _beyond(back, sold, limits["refund_share_bps_max"]):
        return None
    return Reason("CSH-REFUNDS", {"said_cents": sold, "shown_cents": back})


def _check_meters(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """Sales that grew far faster than the current that they need: last three months against the three before."""
    bills, flow = sources.utilities, sources.flow
    if bills is None or flow is None or len(flow.monthly_inflow_cents) < 6:
        return None
    months: dict[date, int] = defaultdict(int)
    for month, meter, quantity in zip(bills.month, bills.meter, bills.quantity, strict=True):
        if meter == "electricity":
            months[month] += quantity
    used = [months[month] for month in sorted(months)][-6:]
    earned = flow.monthly_inflow_cents[-6:]
    if len(used) < 6 or not sum(used[:3]) or not sum(earned[:3]) or not sum(used[3:]):
        return None
    grown = sum(earned[3:]) * BPS_WHOLE // sum(earned[:3])
    powered = sum(used[3:]) * BPS_WHOLE // sum(used[:3])
    if not _beyond(grown, powered, limits["sales_over_power_bps_max"]):
        return None
    return Reason("CSH-METERS", {"said_bps": grown, "shown_bps": powered})


def _monthly(sources: Sources, sorts: frozenset[str]) -> int | None:
    """Money out of these sorts, per month of the longest statement; None below three months."""
    if not sources.statements:
        return None
    days = max((s.to_on - s.from_on).days + 1 for s in sources.statements)
    if days < 85:
        return None
    paid = -sum(
        flow
        for s in sources.statements
        for flow, sort in zip(s.flow_cents, s.sort, strict=False)
        if flow < 0 and sort in sorts
    )
    return paid * 30 // days


def _check_wages(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    people, paid = sources.dossier.business.employees, _monthly(sources, frozenset({"wage"}))
    if people is None or people < 3 or paid is None or not any(s.holder == "firm" for s in sources.statements):
        return None
    if paid >= people * limits["wages_per_head_cents_min"]:
        return None
    return Reason("CSH-WAGES", {"said": people, "shown_cents": paid})


def _check_staff(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    people = sources.dossier.business.employees
    insured = None if sources.registry is None else sources.registry.insured_people
    if people is None or insured is None or people < STAFF_MIN:
        return None
    if insured == 0 and sources.dossier.applicant.role == "sole_trader":
        return None  # a sole trader's entry shows nobody insured, however many work there
    if not _beyond(people, insured, limits["staff_over_insured_bps_max"]):
        return None
    return Reason("CSH-STAFF", {"said": people, "shown": insured})


def _check_opened(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    said = sources.dossier.business.opened_on
    shown = None if sources.registry is None else sources.registry.registered_on
    if said is None or shown is None or shown <= said:
        return None
    if months_between(said, shown) <= limits["registered_later_months_max"]:
        return None
    return Reason("CSH-OPENED", {"said_on": said.isoformat(), "shown_on": shown.isoformat()})


def _check_hidden_debt(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """Repayments on the statements that no account of the bureau's explains; money that only goes round is none."""
    hidden = find_hidden_debt(sources.statements, sources.bureau)
    if not hidden.parties or hidden.unexplained_monthly_cents is None:
        return None
    came, went = _sum_parties(sources.statements, frozenset(hidden.parties))
    lenders = [party for party in hidden.parties if came[party] * 10 < went[party] * 8]
    months = max(1, max((s.to_on - s.from_on).days + 1 for s in sources.statements) // 30)
    unexplained = min(hidden.unexplained_monthly_cents, sum(went[party] for party in lenders) // months)
    if unexplained <= limits["unexplained_repayment_cents_max"]:
        return None
    repaid = hidden.repaid_monthly_cents or 0
    return Reason(
        "CSH-HIDDEN-DEBT", {"said_cents": repaid - unexplained, "shown_cents": repaid, "lenders": len(lenders)}
    )


def _sum_parties(
    statements: Sequence[BankStatement], parties: frozenset[str]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """What came from each of these sides and what went to them."""
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    for s in statements:
        for flow, party in zip(s.flow_cents, s.party, strict=False):
            if party in parties:
                (came if flow > 0 else went)[party] += abs(flow)
    return came, went


def _check_unseen_account(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """Instalments that the bureau knows of and no statement shows: another account pays them."""
    due = None if sources.bureau is None else sources.bureau.monthly_due_cents
    paid = _monthly(sources, frozenset({"loan_repayment", "card_repayment"}))
    if due is None or paid is None or due < 100_000 or paid * BPS_WHOLE >= due * limits["instalments_seen_bps_min"]:
        return None
    return Reason("CSH-UNSEEN-ACCOUNT", {"said_cents": due, "shown_cents": paid})


def _check_related(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """Sales from sides that are related, or that get nearly all of it back over the months: no outside customer."""
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    whole = tripped = 0
    for s in sources.statements:
        for flow, sort, party in zip(s.flow_cents, s.sort, s.party, strict=False):
            if flow > 0 and sort not in NOT_EARNED:
                whole += flow
                came[party] += flow
            elif flow < 0 and sort not in ("refund", "own_transfer"):
                went[party] -= flow
        tripped += sum(amount for _, amount in find_round_trips(s))
    own = {
        party: amount
        for party, amount in came.items()
        if party and (party in sources.related or went[party] * 10 >= amount * 8)
    }
    shown = sum(own.values()) - tripped
    if not whole or not _beyond(shown, whole, limits["related_share_bps_max"]):
        return None
    return Reason("CSH-RELATED", {"said_cents": whole, "shown_cents": shown, "parties": len(own)})


def _check_even(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """Inflow as even as a salary's: no trade earns nearly the same every month."""
    if sources.flow is None or len(sources.flow.monthly_inflow_cents) < 6:
        return None
    months = sources.flow.monthly_inflow_cents
    if fmean(months) <= 0:
        return None
    swing = round(pstdev(months) / fmean(months) * BPS_WHOLE)
    if swing >= limits["even_swing_bps_min"]:
        return None
    return Reason("CSH-EVEN", {"shown_bps": swing, "months": len(months)})


def _check_bulge(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """A last month far above all others: money put there to be seen."""
    if sources.flow is None or len(sources.flow.monthly_inflow_cents) < 6:
        return None
    *before, last = sources.flow.monthly_inflow_cents
    usual = int(median(before))
    if not usual or not _beyond(last, usual, limits["last_month_bulge_bps_max"]):
        return None
    return Reason("CSH-BULGE", {"said_cents": last, "shown_cents": usual})


def _check_stale(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """Statements that end long before the application: what came after is not shown."""
    on = sources.dossier.applied_on
    for s in sources.statements:
        if on - s.to_on > timedelta(days=limits["statement_age_days_max"]):
            return Reason("CSH-STALE", {"shown_on": s.to_on.isoformat(), "days": (on - s.to_on).days})
    return None


def _check_flows_differ(sources: Sources, limits: Mapping[str, int]) -> Reason | None:
    """The collector's totals against the statements' own lines, over the months that both have."""
    given, papers = sources.flow, [s for s in sources.statements if s.origin == "upload"]
    if given is None or not papers or len(papers) < len(sources.statements):
        return None
    summed = sum_up_statements(papers).monthly_inflow_cents
    months = min(len(summed), len(given.monthly_inflow_cents))
    if months < 3:
        return None
    said, shown = sum(summed[-months:]), sum(given.monthly_inflow_cents[-months:])
    if abs(said - shown) * BPS_WHOLE <= max(said, shown) * limits["flows_differ_bps_max"]:
        return None
    return Reason("CSH-FLOWS-DIFFER", {"said_cents": said // months, "shown_cents": shown // months})


_CHECKS: tuple[Callable[[Sources, Mapping[str, int]], Reason | None], ...] = (
    _check_hidden_debt, _check_related, _check_flows_differ, _check_returned, _check_invoiced_returned,
    _check_invoices_differ, _check_void, _check_refunds, _check_meters, _check_wages, _check_staff, _check_opened,
    _check_unseen_account, _check_even, _check_bulge, _check_stale,
)  # fmt: skip
