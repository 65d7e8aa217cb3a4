"""Knowing before doing: a rulebook tried on a population, with every figure that a change of policy turns on."""

from creditfactory.backtest.cases import KEPT, Cases
from creditfactory.backtest.effects import GROUND, mark_rules, tally_overlap, tally_rules, tell_rules
from creditfactory.backtest.figures import MINUTES, Figures, measure, measure_by, measure_funnel
from creditfactory.backtest.grey import GreyZone, measure_grey
from creditfactory.backtest.intervals import Share, measure_share, wilson
from creditfactory.backtest.limits import Ceiling, read_ceilings
from creditfactory.backtest.missing import Loss, measure_missing
from creditfactory.backtest.optimising import Assumptions, Proposal, optimise, write_tier_table
from creditfactory.backtest.parts import PARTS, measure_parts
from creditfactory.backtest.population import CHECK_WORDS, OUTCOMES, find_strangers, tidy_population
from creditfactory.backtest.sampling import Sample
from creditfactory.backtest.swaps import SwapSet, compare, compare_with_past
from creditfactory.backtest.twin import check_twins, choose_rows

__all__ = [
    "CHECK_WORDS",
    "GROUND",
    "KEPT",
    "MINUTES",
    "OUTCOMES",
    "PARTS",
    "Assumptions",
    "Cases",
    "Ceiling",
    "Figures",
    "GreyZone",
    "Loss",
    "Proposal",
    "Sample",
    "Share",
    "SwapSet",
    "check_twins",
    "choose_rows",
    "compare",
    "compare_with_past",
    "find_strangers",
    "mark_rules",
    "measure",
    "measure_by",
    "measure_funnel",
    "measure_grey",
    "measure_missing",
    "measure_parts",
    "measure_share",
    "optimise",
    "read_ceilings",
    "tally_overlap",
    "tally_rules",
    "tell_rules",
    "tidy_population",
    "wilson",
    "write_tier_table",
]
