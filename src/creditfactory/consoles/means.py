"""What an applicant lives on and owes: cash flow, words beside proofs, debt burden; and how limit and price came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from creditfactory.consoles import figures, trace, words
from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.portrait import Material

BPS = 10_000


@dataclass(frozen=True, slots=True)
class CashPicture:
    """Money in and out by month, oldest first, and what the months come to."""

    inflow: tuple[int, ...]
    outflow: tuple[int, ...]
    summary: str

    @property
    def months(self) -> tuple[tuple[int, int, int], ...]:
        """In, out and what was left, month by month."""
        return tuple((i, o, i - o) for i, o in zip(self.inflow, self.outflow, strict=False))

    @property
    def top(self) -> int:
        """The largest amount of any month."""
        return max((*self.inflow, *self.outflow), default=0)

    @property
    def months_short(self) -> int:
        """How many months spent more than came in."""
        return sum(left < 0 for _i, _o, left in self.months)


@dataclass(frozen=True, slots=True)
class Bar:
    """One amount in a row of bars; ``label`` names the fact it comes from."""

    name: str
    cents: int
    label: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Amounts that should agree, side by side, and in words how far they do."""

    title: str
    bars: tuple[Bar, ...]
    remark: str = ""
    is_odd: bool = False

    @property
    def top(self) -> int:
        """The largest amount."""
        return max((bar.cents for bar in self.bars), default=0)


@dataclass(frozen=True, slots=True)
class Burden:
    """Instalments a month against verified income: before, with this loan, and what the tier allows."""

    income_cents: int
    due_cents: int
    new_cents: int
    most_bps: int | None

    @property
    def before_bps(self) -> int:
        """Share of the income that instalments take now."""
        return self.due_cents * BPS // self.income_cents

    @property
    def after_bps(self) -> int:
        """Share of the income that instalments take with this loan."""
        return (self.due_cents + self.new_cents) * BPS // self.income_cents

    @property
    def is_over(self) -> bool:
        """Whether more is taken than the tier allows."""
        return self.most_bps is not None and self.after_bps > self.most_bps

    @property
    def scale_bps(self) -> int:
        """How far the picture reaches: the whole income at least."""
        return max(BPS, self.after_bps, self.most_bps or 0)


@dataclass(frozen=True, slots=True)
class PricePicture:
    """The rate with one funder and its parts, in basis points a year."""

    funder: str
    annual_rate: Any
    all_in: Any
    parts: tuple[tuple[str, str, int], ...]
    remark: str

    @property
    def total_bps(self) -> int:
        """What the parts add up to."""
        return sum(bps for _code, _name, bps in self.parts)


def picture_cash(material: Material) -> CashPicture | None:
    """The months of the latest statements that the dossier holds."""
    flows = [e for e in material.case.dossier.get("evidence", ()) if e.get("kind") == "bank_flow"]
    if not flows:
        return None
    flow = max(flows, key=lambda e: str(e.get("obtained_at", "")))
    inflow, outflow = tuple(flow.get("monthly_inflow_cents") or ()), tuple(flow.get("monthly_outflow_cents") or ())
    if not inflow or len(inflow) != len(outflow):
        return None
    picture = CashPicture(inflow, outflow, "")
    currency = material.case.row.currency
    text = _("{n} months: in {into} a month on average, out {out}.").format(
        n=len(inflow), into=figures.short_money(sum(inflow) // len(inflow), currency),
        out=figures.short_money(sum(outflow) // len(outflow), currency),
    )  # fmt: skip
    if picture.months_short:
        gap = "" if is_chinese() else " "
        text += gap + _("More went out than came in in {n} of them.").format(n=picture.months_short)
    return CashPicture(inflow, outflow, text)


def compare_words(material: Material) -> tuple[Comparison, ...]:
    """What the applicant said, beside what statements, invoices and taxes show."""
    found = material.results.get("cash_flow") or {}
    facts = material.facts
    sales = (
        (_("stated"), found.get("declared_monthly_cents"), "declared_sales_12m_cents"),
        (_("through the bank"), found.get("banked_monthly_cents"), "inflow_median_cents"),
        (_("invoiced"), found.get("invoiced_monthly_cents"), "invoiced_12m_cents"),
        (_("verified"), found.get("verified_monthly_sales_cents"), "verified_sales_monthly_cents"),
    )
    income = (
        (_("stated"), facts.get("declared_income_cents"), "declared_income_cents"),
        (_("verified"), found.get("verified_monthly_income_cents"), "verified_income_cents"),
    )
    odd = {item.get("code") for item in found.get("contradictions") or ()}
    rows = []
    for title, bars, codes in (
        (_("Sales a month"), sales, {"CSH-DECLARED", "CSH-INVOICED"}),
        (_("Income a month"), income, {"CSH-INCOME"}),
    ):
        known = tuple(Bar(name, cents, label) for name, cents, label in bars if isinstance(cents, int))
        if len(known) > 1:
            rows.append(Comparison(title, known, _remark_ratio(known), bool(odd & codes)))
    return tuple(rows)


def _remark_ratio(bars: tuple[Bar, ...]) -> str:
    """How what was said stands to what was shown."""
    said, shown = bars[0].cents, bars[-1].cents
    if shown <= 0:
        return _("Nothing of it is borne out.")
    return _("Stated is {share} of verified.").format(share=figures.percent(said / shown, 0))


def weigh_debt(material: Material) -> Burden | None:
    """Instalments now and with this loan; None where the income was not verified."""
    found, facts = material.results.get("cash_flow") or {}, material.facts
    income = found.get("verified_monthly_income_cents") or facts.get("verified_income_cents")
    due = facts.get("monthly_due_cents")
    if due is None and facts.get("has_bureau_record") is False:
        due = 0
    if not isinstance(income, int) or income <= 0 or not isinstance(due, int):
        return None
    tier = (material.results.get("lane") or {}).get("tier")
    most = material.table("limit_by_tier", {"tier": tier}).get("debt_to_income_bps_max") if tier else None
    return Burden(income, due, find_instalment(material), most if isinstance(most, int) else None)


def find_instalment(material: Material) -> int:
    """The month's instalment of this loan: the contract's, else the offer's with the funder that took it; else none."""
    schedule = (material.results.get("contract") or {}).get("schedule") or {}
    if schedule.get("instalments"):
        return int(schedule["instalments"][0]["total_cents"])
    candidate = find_candidate(material)
    return int(candidate.get("instalment_cents") or 0) if candidate else 0


def find_candidate(material: Material) -> Mapping[str, Any] | None:
    """The priced funder that took it, or the first that could be asked."""
    offer = (material.results.get("offer") or {}).get("offer") or {}
    candidates = offer.get("candidates") or ()
    taken = (material.results.get("funder_decision") or {}).get("funder")
    ranked = sorted(
        (r for r in (material.results.get("offer") or {}).get("ranked") or () if r.get("rank")), key=lambda r: r["rank"]
    )
    for name in (taken, *(r["funder"] for r in ranked[:1])):
        for candidate in candidates:
            if name and candidate["funder"] == name:
                return dict(candidate)
    return dict(candidates[0]) if candidates else None


def picture_limit(material: Material) -> tuple[tuple[Bar, ...], int]:
    """What each part of the limit allows, least first and the binding one marked; and the limit that came of it."""
    limit = (material.results.get("offer") or {}).get("limit") or {}
    binding = limit.get("binding")
    bars = tuple(
        Bar(words.word(name, "value"), cents, name, "binds" if name == binding else "")
        for name, cents in sorted((limit.get("parts") or {}).items(), key=lambda part: (part[1], part[0] != binding))
    )
    return bars, int(limit.get("amount_cents") or 0)


def picture_price(material: Material) -> PricePicture | None:
    """What the rate is made of, with the funder that took it or the first in rank."""
    candidate = find_candidate(material)
    price = (candidate or {}).get("price") or {}
    if candidate is None or not price.get("annual_rate"):
        return None
    parts = tuple(
        (code, words.word(code, "component"), int(bps)) for code, bps in (price.get("components") or {}).items() if bps
    )
    total, rate_bps = sum(bps for _c, _n, bps in parts), round(float(price["annual_rate"]) * BPS)
    remark = ""
    if price.get("is_capped"):
        remark = _("The cap held the rate down; the margin gave way.")
    elif rate_bps > total:
        remark = _("The parts come to {sum}; the least rate or the step lifts it to {rate}.").format(
            sum=figures.percent(total / BPS, 2), rate=figures.percent(price["annual_rate"], 2)
        )
    funder = words.partner_name(candidate["funder"], material.case.row.tenant_id)
    return PricePicture(funder, price["annual_rate"], price.get("all_in_nominal"), parts, remark)


def tell_headline(material: Material) -> tuple[str, ...]:
    """The case in three sentences: how it stands, what the score says, what policy says; a fourth of what is paper."""
    row, results = material.case.row, material.results
    said = [trace.tell_standing(material.case)]
    if results.get("scores"):
        said.append(trace.tell_visit(_last(material, "scores"), row))
    if results.get("policy"):
        verdicts = results["policy"].get("verdicts") or ()
        if verdicts:
            said.append(trace.TELLERS["policy"](results["policy"], row))
    if _is_uploaded(material):
        said.append(_("The credit report was handed in on paper; the bureau itself was not heard."))
    return tuple(text for text in said if text)


def _is_uploaded(material: Material) -> bool:
    """Whether the credit report that counts is a paper."""
    return any(
        piece.get("kind") == "bureau" and piece.get("origin") == "upload"
        for piece in material.case.dossier.get("evidence", ())
    )


def _last(material: Material, station: str) -> Any:
    return [visit for visit in material.case.visits if visit.station == station][-1]
