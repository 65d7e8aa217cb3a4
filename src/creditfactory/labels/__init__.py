"""Named facts about an applicant, declared once, computed from what was known at one instant."""

from creditfactory.labels.cash_flow import CashFlow, verify_cash_flow
from creditfactory.labels.catalogue import CATALOGUE, PURPOSES, declarations, explain_label, list_labels
from creditfactory.labels.computing import compute
from creditfactory.labels.families.economy import SERIES_BY_NAME
from creditfactory.labels.label import WHY_MISSING, Label, Labels
from creditfactory.labels.series import SERIES_MEASURES, Series, SeriesDeclaration, SeriesPoint
from creditfactory.labels.statement_sums import sum_up_statements

__all__ = [
    "CATALOGUE",
    "PURPOSES",
    "SERIES_BY_NAME",
    "SERIES_MEASURES",
    "WHY_MISSING",
    "CashFlow",
    "Label",
    "Labels",
    "Series",
    "SeriesDeclaration",
    "SeriesPoint",
    "compute",
    "declarations",
    "explain_label",
    "list_labels",
    "sum_up_statements",
    "verify_cash_flow",
]
