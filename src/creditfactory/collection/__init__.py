"""Bringing a late borrower back: why they are late, what helps, when they may be contacted, and when to give up."""

from creditfactory.collection.action import (
    CHARGE_OFF_DAYS,
    ChargeOffJudgement,
    NextAction,
    choose_next_action,
    judge_charge_off,
)
from creditfactory.collection.causes import DEFAULT_REASONS, STRATEGY, DefaultReason, Step, choose_step
from creditfactory.collection.contact import (
    USUAL_CONTACT_RULES,
    Contact,
    ContactRules,
    check_contact,
    choose_contact_time,
    is_quiet,
)

__all__ = [
    "CHARGE_OFF_DAYS",
    "DEFAULT_REASONS",
    "STRATEGY",
    "USUAL_CONTACT_RULES",
    "ChargeOffJudgement",
    "Contact",
    "ContactRules",
    "DefaultReason",
    "NextAction",
    "Step",
    "check_contact",
    "choose_contact_time",
    "choose_next_action",
    "choose_step",
    "is_quiet",
    "judge_charge_off",
]
