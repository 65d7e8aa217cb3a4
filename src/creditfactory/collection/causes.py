"""Why borrowers are late, and what helps in each case: the default reasons and the steps that answer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ContactChannel = Literal["none", "app", "sms", "call", "letter", "visit"]


@dataclass(frozen=True, slots=True)
class DefaultReason:
    """One reason for being late, in the words of both languages."""

    code: str
    en: str
    zh: str
    contact_frozen: bool = False


DEFAULT_REASONS: Mapping[str, DefaultReason] = {
    reason.code: reason
    for reason in (
        DefaultReason("forgetful", "Forgot the due date", "疏忽大意"),
        DefaultReason("technical", "The payment system failed", "技术逾期"),
        DefaultReason("wrong_debit_details", "The account for auto-debit is wrong", "错误信息"),
        DefaultReason("over_obligation", "Owes more each month than income allows", "理财较差"),
        DefaultReason("hardship", "Loss of work, marriage, or a loss in the family", "个人困境"),
        DefaultReason("dispute", "Disputes the debt or the service", "争议", contact_frozen=True),
        DefaultReason("deliberate", "Able but unwilling", "恶意逃债"),
        DefaultReason("lost_contact", "Cannot be reached", "失联"),
        DefaultReason("insolvent", "Cannot pay any more", "无力偿还"),
        DefaultReason("sales_slump", "Sales have fallen", "经营下滑"),
        DefaultReason("receivable_stuck", "A customer does not pay", "货款被拖欠"),
        DefaultReason("illness", "Illness or accident", "疾病或意外"),
        DefaultReason("fraud", "Packaged by a broker or fraud", "中介包装或欺诈"),
        DefaultReason("borrowed_name", "Borrowed in another's name", "被顶名"),
    )
}
"""The eight reasons of collectors' practice, and those that small businesses add."""


@dataclass(frozen=True, slots=True)
class Step:
    """From so many days late on, do this, through this channel."""

    from_days: int
    action: str
    channel: ContactChannel


_FIND_OUT = (Step(1, "remind", "app"), Step(3, "remind", "sms"), Step(5, "find_reason", "call"))
_FORBEAR = (
    Step(1, "verify_hardship", "call"),
    Step(5, "offer_forbearance", "call"),
    Step(91, "offer_settlement", "call"),
)
_RESTRUCTURE = (Step(1, "offer_new_due_day", "call"), Step(8, "offer_restructuring", "call"))
_LATE_LEGAL = (Step(61, "lawyer_letter", "letter"), Step(91, "litigate", "none"))

STRATEGY: Mapping[str | None, tuple[Step, ...]] = {
    None: (*_FIND_OUT, Step(31, "find_reason", "visit"), *_LATE_LEGAL),
    "forgetful": (
        Step(1, "retry_debit", "app"),
        Step(2, "remind", "sms"),
        Step(4, "remind", "call"),
        Step(31, "senior_collector", "call"),
        *_LATE_LEGAL,
    ),
    "technical": (Step(1, "fix_payment", "none"), Step(4, "fix_payment", "call")),
    "wrong_debit_details": (Step(1, "rebind_account", "app"), Step(3, "rebind_account", "call")),
    "over_obligation": (*_RESTRUCTURE, Step(91, "offer_settlement", "call")),
    "hardship": _FORBEAR,
    "illness": _FORBEAR,
    "sales_slump": (*_RESTRUCTURE, Step(31, "review_business", "visit"), Step(91, "offer_settlement", "call")),
    "receivable_stuck": (
        Step(1, "review_receivable", "call"),
        Step(8, "offer_forbearance", "call"),
        Step(61, "offer_restructuring", "call"),
    ),
    "dispute": (Step(1, "open_complaint", "none"),),
    "deliberate": (
        Step(1, "senior_collector", "call"),
        Step(15, "lawyer_letter", "letter"),
        Step(31, "litigate", "none"),
        Step(61, "search_assets", "none"),
    ),
    "lost_contact": (
        Step(1, "trace_lawfully", "none"),
        Step(31, "lawyer_letter", "letter"),
        Step(61, "litigate", "none"),
    ),
    "insolvent": (Step(1, "offer_settlement", "call"), Step(91, "prepare_charge_off", "none")),
    "fraud": (Step(1, "refer_to_police", "none"), Step(8, "claim_broker_deposit", "none")),
    "borrowed_name": (Step(1, "investigate_identity", "visit"), Step(15, "refer_to_police", "none")),
}
"""What to do for each reason and each lateness; under none, the reason has yet to be found."""


def choose_step(default_reason: str | None, arrears_days: int) -> Step | None:
    """The step that this lateness calls for, the last one whose day has come.

    >>> choose_step("forgetful", 3).action, choose_step("hardship", 40).action, choose_step("forgetful", 0)
    ('remind', 'offer_forbearance', None)
    """
    steps = [step for step in STRATEGY[default_reason] if arrears_days >= step.from_days]
    return steps[-1] if steps else None
