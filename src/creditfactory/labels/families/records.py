"""Which records came in at all: rules ask this first, so that what nobody has speaks neither for nor against anyone."""

from __future__ import annotations

from collections.abc import Mapping

from creditfactory.application import BureauReport, Evidence, TaxRecord
from creditfactory.kernel import Scalar
from creditfactory.labels.families.sources import SOURCES
from creditfactory.labels.family import Missing, Readings
from creditfactory.labels.known import Known
from creditfactory.labels.label import Label, Source


def _has(name: str, source: Source, en: str, zh: str) -> Label:
    card = SOURCES[source]
    return Label(
        name=name,
        type="bool",
        unit="yes or no",
        meaning={"en": en, "zh": zh},
        source=source,
        packs=("cn-micro",),
        family="records",
        owner=card.owner,
        legal_basis=card.legal_basis,
        sensitivity=card.sensitivity,
    )


LABELS = (
    _has("has_statement_lines", "bank_statement", "Bank statements came in line by line", "有逐笔银行流水"),
    _has("has_invoice_lines", "invoices", "Invoices came in one by one", "有逐张发票"),
    _has("has_meter_bills", "utilities", "Meter bills came in", "有水电气账单"),
    _has("has_tax_returns", "tax", "Tax returns came in month by month", "有逐月纳税申报"),
    _has("has_bureau_accounts", "bureau", "The bureau's report shows its accounts", "征信报告含账户明细"),
    _has("has_bureau_queries", "bureau", "The bureau's report shows its queries", "征信报告含查询明细"),
    _has("has_telecom_record", "telecom", "The telephone company told of the number", "有运营商信息"),
    _has("has_contacts", "contacts", "Contacts were named", "有联系人"),
)


def read_records(known: Known) -> Mapping[str, Scalar | Missing]:
    """Yes or no for each kind of record; nobody's silence is unknown here."""
    latest: Mapping[str, Evidence] = known.latest
    report, tax = latest.get("bureau"), latest.get("tax")
    return {
        "has_statement_lines": "bank_statement" in latest,
        "has_invoice_lines": "invoices" in latest,
        "has_meter_bills": "utilities" in latest,
        "has_tax_returns": isinstance(tax, TaxRecord) and tax.returns is not None,
        "has_bureau_accounts": isinstance(report, BureauReport) and report.has_record and report.accounts is not None,
        "has_bureau_queries": isinstance(report, BureauReport) and report.has_record and report.queries is not None,
        "has_telecom_record": "telecom" in latest,
        "has_contacts": "contacts" in latest,
    }


READINGS = (Readings(code="records", labels=LABELS, absent="not_reported", read=read_records),)
