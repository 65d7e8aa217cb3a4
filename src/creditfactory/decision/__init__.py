"""The decision: policy, lane, product, limit, price and offer; what people's checks mean; and the verdict over all."""

from creditfactory.decision.authority import review_authority
from creditfactory.decision.book import (
    EARLIEST,
    Book,
    Dated,
    DerivedText,
    LiveCard,
    Product,
    ReasonWords,
    Rulebook,
    RuleText,
    each_day,
)
from creditfactory.decision.lanes import LaneChoice, choose_lane
from creditfactory.decision.limits import Limit, set_limit
from creditfactory.decision.offers import Candidate, Indication, Offer, indicate_offer, make_offer
from creditfactory.decision.policy import Lane, PolicyVerdict, check_policy, order_reasons
from creditfactory.decision.prices import FundingTerms, Price, price
from creditfactory.decision.product_choice import ProductChoice, choose_product, choose_term
from creditfactory.decision.verdict import Decision, decide, draw_up_offer
from creditfactory.decision.verification import (
    CheckResult,
    OnlineCheckForm,
    PhoneCheckForm,
    SiteVisitForm,
    judge_online_check,
    judge_phone_check,
    judge_site_visit,
)
from creditfactory.decision.words import show_fact, tell_reason

__all__ = [
    "EARLIEST",
    "Book",
    "Candidate",
    "CheckResult",
    "Dated",
    "Decision",
    "DerivedText",
    "FundingTerms",
    "Indication",
    "Lane",
    "LaneChoice",
    "Limit",
    "LiveCard",
    "Offer",
    "OnlineCheckForm",
    "PhoneCheckForm",
    "PolicyVerdict",
    "Price",
    "Product",
    "ProductChoice",
    "ReasonWords",
    "RuleText",
    "Rulebook",
    "SiteVisitForm",
    "check_policy",
    "choose_lane",
    "choose_product",
    "choose_term",
    "decide",
    "draw_up_offer",
    "each_day",
    "indicate_offer",
    "judge_online_check",
    "judge_phone_check",
    "judge_site_visit",
    "make_offer",
    "order_reasons",
    "price",
    "review_authority",
    "set_limit",
    "show_fact",
    "tell_reason",
]
