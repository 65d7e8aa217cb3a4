"""The 24 stations, one file each, and the line that joins them."""

from creditfactory.stations.line import FIRST, draw_moves, follow
from creditfactory.stations.line_plan import LinePlan, read_line_plan
from creditfactory.stations.plan import BY_CODE, CODES, STATIONS, StationPlan
from creditfactory.stations.registry import RESULTS, RUNS
from creditfactory.stations.segment import end_case, load_rulebook, run_segment
from creditfactory.stations.submitting import submit_dossier

__all__ = [
    "BY_CODE",
    "CODES",
    "FIRST",
    "RESULTS",
    "RUNS",
    "STATIONS",
    "LinePlan",
    "StationPlan",
    "draw_moves",
    "end_case",
    "follow",
    "load_rulebook",
    "read_line_plan",
    "run_segment",
    "submit_dossier",
]
