"""The 24 stations, one file each, and the line that joins them."""

from creditfactory.stations.addresses import read_addresses
from creditfactory.stations.appeals import appeal
from creditfactory.stations.line import FIRST, draw_moves, follow
from creditfactory.stations.line_plan import LinePlan, read_line_plan
from creditfactory.stations.objections import find_plan, name_bureau_party, object_to_bureau
from creditfactory.stations.papers import PaperTaken, confirm_reading, correct_line, open_paper, take_paper
from creditfactory.stations.plan import BY_CODE, CODES, STATIONS, StationPlan
from creditfactory.stations.registry import RESULTS, RUNS
from creditfactory.stations.replaying import Difference, Replay, replay_application, sum_up, tell_replay
from creditfactory.stations.s16_site_visit import COMPARED
from creditfactory.stations.segment import run_segment, withdraw
from creditfactory.stations.servicing import book_repayment
from creditfactory.stations.shadowing import run_shadows
from creditfactory.stations.signing import draft_waiting_contract, name_terms, sign_contract
from creditfactory.stations.sources import name_person
from creditfactory.stations.submitting import submit_dossier
from creditfactory.stations.work_forms import FORMS, check_work

__all__ = [
    "BY_CODE",
    "CODES",
    "COMPARED",
    "FIRST",
    "FORMS",
    "RESULTS",
    "RUNS",
    "STATIONS",
    "Difference",
    "LinePlan",
    "PaperTaken",
    "Replay",
    "StationPlan",
    "appeal",
    "book_repayment",
    "check_work",
    "confirm_reading",
    "correct_line",
    "draft_waiting_contract",
    "draw_moves",
    "find_plan",
    "follow",
    "name_bureau_party",
    "name_person",
    "name_terms",
    "object_to_bureau",
    "open_paper",
    "read_addresses",
    "read_line_plan",
    "replay_application",
    "run_segment",
    "run_shadows",
    "sign_contract",
    "submit_dossier",
    "sum_up",
    "take_paper",
    "tell_replay",
    "withdraw",
]
