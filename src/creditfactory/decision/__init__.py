"""The decision: policy, lane, product, limit, price and offer; what people's checks mean; and the verdict over all."""

from creditfactory.decision.agreement import Agreement, measure_agreement
from creditfactory.decision.authority import review_authority
from creditfactory.decision.book import EARLIEST, Book, LiveCard, Product, ReasonWords, Rulebook, each_day
from creditfactory.decision.by_labels import (
    AMOUNT_LABELS,
    CHECKS,
    LabelDecision,
    as_row,
    decide_labels,
    find_conditions,
)
from creditfactory.decision.call_questions import QUESTIONS, CallQuestion, draw_questions, judge_answers, know_answers
from creditfactory.decision.changes import LogEntry, Note, RulebookChange, compare_rulebooks, list_log
from creditfactory.decision.check_forms import (
    CheckResult,
    OnlineCheckForm,
    PhoneCheckForm,
    SitePhoto,
    SiteVisitForm,
)
from creditfactory.decision.column_lanes import FLOOR_OF_MARKS, NEEDED, rule_marks
from creditfactory.decision.columns import STATIONS, decide_frame, offer_at_tier
from creditfactory.decision.engines import ENGINES, EngineAnswer, EngineName
from creditfactory.decision.flow import UNDECIDED, declare_output, declare_score_facts
from creditfactory.decision.flow_map import FlowStep, lay_out_flow
from creditfactory.decision.lanes import LaneChoice, choose_lane, strategy_facts
from creditfactory.decision.limits import Limit, set_limit
from creditfactory.decision.offers import Candidate, Indication, Offer, indicate_offer, make_offer
from creditfactory.decision.policy import (
    LANES,
    Lane,
    PolicyVerdict,
    check_before_asking,
    check_policy,
    draw_bps,
    find_facts_needed,
    order_reasons,
)
from creditfactory.decision.prices import FundingTerms, Price, price, rate_cap
from creditfactory.decision.product_choice import ProductChoice, choose_product, choose_term
from creditfactory.decision.reads import (
    PARAMETERS_BY_ENGINE,
    PARAMETERS_OF_LABELS,
    PARTS,
    STRATEGY_ANSWERS,
    TABLES_BY_ENGINE,
    Part,
)
from creditfactory.decision.rings import RingCheck, check_ring, is_fraud_around, is_tied
from creditfactory.decision.site_accounts import SiteAccounts, SiteCounts, rebuild_accounts
from creditfactory.decision.smallest import Change, LabelChange, smallest_changes
from creditfactory.decision.texts import (
    STAGES,
    Dated,
    DerivedText,
    ForkText,
    RuleText,
    Stage,
    TreeText,
    mentioned_in,
    mentions,
)
from creditfactory.decision.turning_points import find_turning_points
from creditfactory.decision.verdict import Decision, ask_engine, conclude, decide, draw_up_offer
from creditfactory.decision.verification import (
    judge_online_check,
    judge_phone_check,
    judge_site_visit,
)
from creditfactory.decision.words import show_fact, tell_reason
from creditfactory.decision.worth import Worth, carry_share, loss_share, weigh_worth

__all__ = [
    "AMOUNT_LABELS",
    "CHECKS",
    "EARLIEST",
    "ENGINES",
    "FLOOR_OF_MARKS",
    "LANES",
    "NEEDED",
    "PARAMETERS_BY_ENGINE",
    "PARAMETERS_OF_LABELS",
    "PARTS",
    "QUESTIONS",
    "STAGES",
    "STATIONS",
    "STRATEGY_ANSWERS",
    "TABLES_BY_ENGINE",
    "UNDECIDED",
    "Agreement",
    "Book",
    "CallQuestion",
    "Candidate",
    "Change",
    "CheckResult",
    "Dated",
    "Decision",
    "DerivedText",
    "EngineAnswer",
    "EngineName",
    "FlowStep",
    "ForkText",
    "FundingTerms",
    "Indication",
    "LabelChange",
    "LabelDecision",
    "Lane",
    "LaneChoice",
    "Limit",
    "LiveCard",
    "LogEntry",
    "Note",
    "Offer",
    "OnlineCheckForm",
    "Part",
    "PhoneCheckForm",
    "PolicyVerdict",
    "Price",
    "Product",
    "ProductChoice",
    "ReasonWords",
    "RingCheck",
    "RuleText",
    "Rulebook",
    "RulebookChange",
    "SiteAccounts",
    "SiteCounts",
    "SitePhoto",
    "SiteVisitForm",
    "Stage",
    "TreeText",
    "Worth",
    "as_row",
    "ask_engine",
    "carry_share",
    "check_before_asking",
    "check_policy",
    "check_ring",
    "choose_lane",
    "choose_product",
    "choose_term",
    "compare_rulebooks",
    "conclude",
    "decide",
    "decide_frame",
    "decide_labels",
    "declare_output",
    "declare_score_facts",
    "draw_bps",
    "draw_questions",
    "draw_up_offer",
    "each_day",
    "find_conditions",
    "find_facts_needed",
    "find_turning_points",
    "indicate_offer",
    "is_fraud_around",
    "is_tied",
    "judge_answers",
    "judge_online_check",
    "judge_phone_check",
    "judge_site_visit",
    "know_answers",
    "lay_out_flow",
    "list_log",
    "loss_share",
    "make_offer",
    "measure_agreement",
    "mentioned_in",
    "mentions",
    "offer_at_tier",
    "order_reasons",
    "price",
    "rate_cap",
    "rebuild_accounts",
    "review_authority",
    "rule_marks",
    "set_limit",
    "show_fact",
    "smallest_changes",
    "strategy_facts",
    "tell_reason",
    "weigh_worth",
]
