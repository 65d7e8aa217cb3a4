"""Knowing before doing: a rulebook tried on a population, with every figure that a change of policy turns on."""

from creditfactory.backtest.cases import KEPT, Cases
from creditfactory.backtest.effects import GROUND, mark_rules, tally_overlap, tally_rules, tell_rules
from creditfactory.backtest.figures import MINUTES, Figures, measure, measure_by, measure_funnel
from creditfactory.backtest.intervals import Share, measure_share, wilson
from creditfactory.backtest.population import CHECK_WORDS, OUTCOMES, find_strangers, tidy_population
from creditfactory.backtest.swaps import SwapSet, compare, compare_with_past
from creditfactory.backtest.twin import check_twins, choose_rows

__all__ = [
    "CHECK_WORDS",
    "GROUND",
    "KEPT",
    "MINUTES",
    "OUTCOMES",
    "Cases",
    "Figures",
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
    "measure_share",
    "tally_overlap",
    "tally_rules",
    "tell_rules",
    "tidy_population",
    "wilson",
]
