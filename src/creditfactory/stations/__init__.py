"""The 24 stations, one file each, and the line that joins them."""

from creditfactory.stations.addresses import read_addresses
from creditfactory.stations.appeals import appeal
from creditfactory.stations.line import FIRST, draw_moves, follow
from creditfactory.stations.line_plan import LinePlan, read_line_plan
from creditfactory.stations.plan import BY_CODE, CODES, STATIONS, StationPlan
from creditfactory.stations.registry import RESULTS, RUNS
from creditfactory.stations.replaying import Difference, Replay, replay_application, sum_up, tell_replay
from creditfactory.stations.segment import run_segment, withdraw
from creditfactory.stations.servicing import book_repayment
from creditfactory.stations.shadowing import run_shadows
from creditfactory.stations.submitting import submit_dossier
from creditfactory.stations.work_forms import FORMS, check_work

__all__ = [
    "BY_CODE",
    "CODES",
    "FIRST",
    "FORMS",
    "RESULTS",
    "RUNS",
    "STATIONS",
    "Difference",
    "LinePlan",
    "Replay",
    "StationPlan",
    "appeal",
    "book_repayment",
    "check_work",
    "draw_moves",
    "follow",
    "read_addresses",
    "read_line_plan",
    "replay_application",
    "run_segment",
    "run_shadows",
    "submit_dossier",
    "sum_up",
    "tell_replay",
    "withdraw",
]
