"""Owner and firm, whose credit cannot be told apart: who owns how much, since when, and what stands beside (LAB-05)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from creditfactory.application import BureauReport, RegistryExtract
from creditfactory.kernel import BPS_WHOLE, Scalar
from creditfactory.labels.families.declaring import declare
from creditfactory.labels.family import Missing, Readings
from creditfactory.labels.known import Known
from creditfactory.labels.label import Label, Polarity, Source


def _link(
    source: Source, cut: str, measure: str, unit: str, en: str, zh: str, polarity: Polarity = "neutral", low: int = 0
) -> Label:
    return declare(source, ("linkage", cut, measure), unit, en, zh, polarity, low=low)


_MONTHS_LOW = -2_400
LABELS = (
    _link("registry", "firm", "shareholders", "count", "Shareholders of the firm", "股东人数"),
    _link("registry", "firm", "owner_share_bps", "bps", "The owner's share of the firm", "企业主持股比例", "premium"),
    _link("registry", "firm", "is_sole", "yes or no", "The owner holds all of the firm", "企业主全资持有"),
    _link("registry", "firm", "insured_people", "count", "People in the firm's social security", "参保人数", "premium"),
    _link("registry", "firm", "insured_to_stated_bps", "bps", "People in social security against people stated",
          "参保人数占自述员工比", "premium"),
    _link("registry", "related", "count", "count", "Other firms of the owner", "企业主关联企业数"),
    _link("registry", "related", "closed", "count", "Other firms of the owner that were closed", "已注销关联企业数",
          "adverse"),
    _link("registry", "related", "open", "count", "Other firms of the owner in business", "存续关联企业数"),
    _link("registry", "related", "closed_bps", "bps", "Closed ones among the owner's other firms", "关联企业注销占比",
          "adverse"),
    _link("registry", "age", "stated_before_licence_months", "months",
          "Months in business as stated less months licensed",
          "自述经营月数减营业执照月数", "adverse", _MONTHS_LOW),
    _link("applicant", "age", "owner_at_founding_years", "years", "The owner's age when the business began",
          "开业时年龄"),
    _link("applicant", "age", "business_of_grown_life_bps", "bps", "Time in business against the time as a grown-up",
          "经营年限占成年时长比", "premium"),
    _link("bureau", "age", "credit_before_business_months", "months",
          "Months of credit history before the business began",
          "信用历史早于开业月数", "premium", _MONTHS_LOW),
    _link("bureau", "age", "credit_of_grown_life_bps", "bps", "Credit history against the time as a grown-up",
          "信用历史占成年时长比", "premium"),
)  # fmt: skip


def read_linkage(known: Known) -> Mapping[str, Scalar | Missing]:
    """What joins owner and firm, as far as each side is known."""
    dossier, on = known.dossier, known.dossier.applied_on
    extract, report = known.find(RegistryExtract), known.find(BureauReport)
    found: dict[str, Scalar | Missing] = {}
    if extract is not None:
        found |= _read_firm(extract, dossier.business.employees)
    opened, born = dossier.business.opened_on, dossier.applicant.born_on
    if opened is not None and extract is not None and extract.registered_on is not None:
        found["linkage__age__stated_before_licence_months"] = _months(opened, extract.registered_on)
    grown = None if born is None else max(1, _months(born, on) - 18 * 12)
    if born is not None and opened is not None and grown is not None:
        found["linkage__age__owner_at_founding_years"] = _months(born, opened) // 12
        found["linkage__age__business_of_grown_life_bps"] = max(0, _months(opened, on)) * BPS_WHOLE // grown
    oldest = None if report is None else report.oldest_account_on
    if oldest is not None and opened is not None:
        found["linkage__age__credit_before_business_months"] = _months(oldest, opened)
    if oldest is not None and grown is not None:
        found["linkage__age__credit_of_grown_life_bps"] = max(0, _months(oldest, on)) * BPS_WHOLE // grown
    return found


def _read_firm(extract: RegistryExtract, stated: int | None) -> dict[str, Scalar | Missing]:
    share, related, closed = extract.owner_share_bps, extract.related_firms, extract.related_firms_closed
    found: dict[str, Scalar | Missing] = {
        "linkage__firm__shareholders": extract.shareholders,
        "linkage__firm__owner_share_bps": share,
        "linkage__firm__is_sole": None if share is None else share >= BPS_WHOLE,
        "linkage__firm__insured_people": extract.insured_people,
        "linkage__related__count": related,
        "linkage__related__closed": closed,
    }
    if extract.insured_people is not None and stated:
        found["linkage__firm__insured_to_stated_bps"] = extract.insured_people * BPS_WHOLE // stated
    if related is not None and closed is not None:
        found["linkage__related__open"] = max(0, related - closed)
        found["linkage__related__closed_bps"] = (
            min(BPS_WHOLE, closed * BPS_WHOLE // related) if related else Missing("none_of_kind")
        )
    return found


def _months(since: date, until: date) -> int:
    return (until.toordinal() - since.toordinal()) * 12 // 365


READINGS = (Readings(code="linkage", labels=LABELS, absent="not_comparable", read=read_linkage),)
