"""Is this a person, is it this person, are these papers real; and does anybody's list hold their name."""

from creditfactory.identity.front_gate import FrontGate, check_front_gate
from creditfactory.identity.lists import ListCheck, ListHit, check_lists
from creditfactory.identity.papers import (
    PAPER_FINDINGS,
    check_invoices,
    check_same_lines,
    check_statement,
    find_chain_breaks,
    sort_findings,
)

__all__ = [
    "PAPER_FINDINGS",
    "FrontGate",
    "ListCheck",
    "ListHit",
    "check_front_gate",
    "check_invoices",
    "check_lists",
    "check_same_lines",
    "check_statement",
    "find_chain_breaks",
    "sort_findings",
]
