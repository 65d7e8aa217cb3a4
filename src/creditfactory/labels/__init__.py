"""Named facts about an applicant, declared once, computed from what was known at one instant."""

from creditfactory.labels.ability import HiddenDebt, assess_ability, find_hidden_debt
from creditfactory.labels.cash_flow import CashFlow, verify_cash_flow
from creditfactory.labels.catalogue import CATALOGUE, NAMED, PURPOSES, declarations, explain_label, list_labels
from creditfactory.labels.computing import compute, list_named, warm
from creditfactory.labels.contradictions import FIELDS as FINDING_FIELDS
from creditfactory.labels.equity import EquityCheck, EquityLines, check_equity
from creditfactory.labels.examples import show_lines, show_made_up
from creditfactory.labels.families import FAMILIES, RATIOS, READINGS
from creditfactory.labels.families.economy import SERIES_BY_NAME
from creditfactory.labels.families.sources import LEGAL_BASES, SOURCES
from creditfactory.labels.informing import RARE_BPS, Judged, count_verdicts, judge_labels
from creditfactory.labels.label import WHY_MISSING, Label, Labels
from creditfactory.labels.lineage import Lineage, trace_label
from creditfactory.labels.protected import PROTECTED
from creditfactory.labels.series import SERIES_MEASURES, Series, SeriesDeclaration, SeriesPoint
from creditfactory.labels.snapshot import Facts, KeptLabels, Whys, keep_labels, open_labels
from creditfactory.labels.stability import PSI_ACT, PSI_WATCH, Bar, Moved, Spread, measure_stability, spread_out
from creditfactory.labels.statement_sums import sum_up_statements
from creditfactory.labels.sub_scores import SubScore, SubScorePart
from creditfactory.labels.willingness import assess_willingness

__all__ = [
    "CATALOGUE",
    "FAMILIES",
    "FINDING_FIELDS",
    "LEGAL_BASES",
    "NAMED",
    "PROTECTED",
    "PSI_ACT",
    "PSI_WATCH",
    "PURPOSES",
    "RARE_BPS",
    "RATIOS",
    "READINGS",
    "SERIES_BY_NAME",
    "SERIES_MEASURES",
    "SOURCES",
    "WHY_MISSING",
    "Bar",
    "CashFlow",
    "EquityCheck",
    "EquityLines",
    "Facts",
    "HiddenDebt",
    "Judged",
    "KeptLabels",
    "Label",
    "Labels",
    "Lineage",
    "Moved",
    "Series",
    "SeriesDeclaration",
    "SeriesPoint",
    "Spread",
    "SubScore",
    "SubScorePart",
    "Whys",
    "assess_ability",
    "assess_willingness",
    "check_equity",
    "compute",
    "count_verdicts",
    "declarations",
    "explain_label",
    "find_hidden_debt",
    "judge_labels",
    "keep_labels",
    "list_labels",
    "list_named",
    "measure_stability",
    "open_labels",
    "show_lines",
    "show_made_up",
    "spread_out",
    "sum_up_statements",
    "trace_label",
    "verify_cash_flow",
    "warm",
]
