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
from creditfactory.identity.proof import ProofCheck, check_proof, choose_bits, find_answer, issue_challenge
from creditfactory.identity.signals import SIGNALS, Signal, Velocity, read_signals, spread_bps

__all__ = [
    "PAPER_FINDINGS",
    "SIGNALS",
    "FrontGate",
    "ListCheck",
    "ListHit",
    "ProofCheck",
    "Signal",
    "Velocity",
    "check_front_gate",
    "check_invoices",
    "check_lists",
    "check_proof",
    "check_same_lines",
    "check_statement",
    "choose_bits",
    "find_answer",
    "find_chain_breaks",
    "issue_challenge",
    "read_signals",
    "sort_findings",
    "spread_bps",
]
