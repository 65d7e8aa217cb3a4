"""Families, kinds of secrecy, missing rules and windows of labels, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

FAMILIES: Mapping[str, Any] = {
    "named": _("Declared one by one"), "records": _("What came in at all"),
    "bank": _("Bank statements, line by line"), "bureau_months": _("Bureau: late months"),
    "bureau_opened": _("Bureau: accounts opened"), "bureau_queries": _("Bureau: queries"),
    "bureau_public": _("Bureau: public records"), "bureau_accounts": _("Bureau: accounts as they stand"),
    "bureau_duties": _("Bureau: duties for others"), "bureau_person": _("Bureau: what lenders reported"),
    "invoice": _("VAT invoices"), "meter": _("Meters: quantities"), "meter_bill": _("Meters: bills"),
    "meter_delay": _("Meters: late payment"), "return": _("Tax returns: sales"), "return_tax": _("Tax returns: tax"),
    "registry": _("Business registry: changes"), "court": _("Court cases"), "linkage": _("Owner and firm"),
    "device": _("Device and behaviour"), "identity": _("Camera and papers of identity"),
    "papers": _("Papers handed in"),
    "contacts": _("Contacts"), "telecom": _("Telephone"), "place": _("Places"), "network": _("Network"),
    "channel": _("Channel"), "economy_country": _("The economy"), "economy_industry": _("The industry"),
    "economy_city": _("The city"), "cross": _("Sources against each other"), "protected": _("Protected, audit only"),
}  # fmt: skip
SENSITIVITIES: Mapping[str, Any] = {
    "public": _("public"),
    "internal": _("internal"),
    "personal": _("personal"),
    "financial": _("financial"),
    "sensitive": _("sensitive"),
}
MISSING: Mapping[str, Any] = {
    "unknown": _("Unknown where the source does not tell."),
    "whole_window": _("Unknown where the record does not reach back over the whole window."),
    "what_is_there": _("Taken from what the record holds, however far back it reaches."),
}
ENDS: Mapping[str, Any] = {
    "record": _("counted back from the end of the record, or from the day of looking if that is earlier"),
    "as_of": _("counted back from the day of looking"),
}
KINDS: Mapping[str, Any] = {
    "bps": _("the first as a share of the second, in hundredths of a per cent"),
    "each": _("so much of the first for each of the second"),
    "difference": _("the first less the second"),
    "growth_gap": _("the first as growth on the year, less the second"),
}
SOURCE_NAMES: Mapping[str, Any] = {
    "bank_statement": _("Bank statements, line by line"), "invoices": _("VAT invoices"), "utilities": _("Meters"),
    "contacts": _("Contacts"), "telecom": _("Telephone company"), "paper": _("Papers handed in"),
    "geography": _("Places"), "series": _("Published series"), "audit_vault": _("Audit vault"),
    "debts": _("Debts found on statements"),
}  # fmt: skip
OWNERS: Mapping[str, Any] = {
    "credit-policy": _("Credit policy"), "bureau-desk": _("Bureau desk"),
    "registry-desk": _("Registry and courts desk"),
    "cash-flow-desk": _("Cash flow desk"), "fraud-desk": _("Fraud desk"), "channel-desk": _("Channel desk"),
    "portfolio-desk": _("Portfolio desk"), "compliance": _("Compliance"), "history-desk": _("History desk"),
}  # fmt: skip
