"""What an applicant can change, in which direction and how: by acting, by showing papers, by asking otherwise, by time.

Age, schooling, the industry, what courts and other lenders have on record of the past, protected facts, and what the
house knows of others are not here: nobody is told to become somebody else, or to say something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Way = Literal["ask", "act", "show", "wait"]
"""Ask for something else; act (pay down, settle, put in order); show what is missing; wait."""


@dataclass(frozen=True, slots=True)
class Changeable:
    """One label that a person can move: how, and whether it can go down, up, or only to one of some words."""

    way: Way
    goes: Literal["down", "up", "words"]
    words: tuple[str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A share that follows from an amount: ``share = amount · 10,000 // (times · whole)``."""

    amount: str
    share: str
    whole: str
    times: int = 1


CHANGEABLE: Mapping[str, Changeable] = {
    "requested_amount_cents": Changeable("ask", "down"),
    "sba_amount_cents": Changeable("ask", "down"),
    "requested_term_months": Changeable("ask", "up"),
    "card_used_cents": Changeable("act", "down"),
    "unsecured_balance_cents": Changeable("act", "down"),
    "monthly_due_cents": Changeable("act", "down"),
    "overdue_now_cents": Changeable("act", "down"),
    "online_lenders": Changeable("act", "down"),
    "guarantees_cents": Changeable("act", "down"),
    "executed_open": Changeable("act", "down"),
    "registry_status": Changeable("act", "words", ("operating",)),
    "is_phone_matched": Changeable("act", "words", (True,)),
    "sba_guaranteed_cents": Changeable("ask", "down"),
    "inflow_months": Changeable("show", "up"),
    "queries_1m": Changeable("wait", "down"),
    "queries_3m": Changeable("wait", "down"),
    "queries_6m": Changeable("wait", "down"),
    "overdue_months_24m": Changeable("wait", "down"),
    "overdue_run_24m": Changeable("wait", "down"),
    "own_applications_90d": Changeable("wait", "down"),
    "registry_changes_12m": Changeable("wait", "down"),
    "licence_months": Changeable("wait", "up"),
    "credit_history_months": Changeable("wait", "up"),
    "years_in_city": Changeable("wait", "up"),
    "insurance_years_paid": Changeable("wait", "up"),
    "mortgage_months_paid": Changeable("wait", "up"),
    "car_months_paid": Changeable("wait", "up"),
}
LINKS: tuple[Link, ...] = (
    Link("card_used_cents", "card_use_bps", "card_limit_cents"),
    Link("monthly_due_cents", "debt_to_income_bps", "verified_income_cents"),
    Link("unsecured_balance_cents", "unsecured_to_sales_bps", "verified_sales_monthly_cents", times=12),
)
"""Shares that move with an amount; they are never changed by themselves."""
EFFORT: Mapping[Way, int] = {"ask": 0, "show": 1, "act": 2, "wait": 3}
"""Of changes that are equally many, those that cost the applicant least come first."""
SHOWN: frozenset[str] = frozenset(
    {"request", "applicant", "business", "registry", "bureau", "court", "tax", "bank_flow", "proofs", "sba_form"}
)
"""Sources of labels that an applicant can bring, or let the house ask for, where they are missing."""
