"""Is this a person, is it this person, are these papers real; and does anybody's list hold their name."""

from creditfactory.identity.documents import KEPT_BACK, PaperFindings, PaperMarks, check_stated, judge_paper
from creditfactory.identity.duplicates import Duplicates, SeenPicture, count_bits_apart, find_duplicates
from creditfactory.identity.faces import FaceMatch, judge_faces, measure_similarity
from creditfactory.identity.front_gate import FrontGate, check_front_gate
from creditfactory.identity.lists import ListCheck, ListHit, check_lists
from creditfactory.identity.liveness import Asked, FrameSigns, Liveness, Sitting, judge_liveness
from creditfactory.identity.names import compare_names, is_masked_whole
from creditfactory.identity.numbers import (
    IdNumber,
    check_id_number,
    is_card_number,
    is_credit_code,
    is_mobile_number,
    is_virtual_number,
    read_id_number,
)
from creditfactory.identity.paper_text import FieldFound, TextLine, find_paper, read_paper_fields
from creditfactory.identity.papers import (
    PAPER_FINDINGS,
    check_holder,
    check_invoices,
    check_same_lines,
    check_statement,
    find_chain_breaks,
    sort_findings,
)
from creditfactory.identity.proof import ProofCheck, check_proof, choose_bits, find_answer, issue_challenge
from creditfactory.identity.rhythm import Rhythm, measure_rhythm
from creditfactory.identity.signals import SIGNALS, Signal, Velocity, read_signals, spread_bps
from creditfactory.identity.sitting import build_paper_check, draw_challenge, join_authority, join_identity_check

__all__ = [
    "KEPT_BACK",
    "PAPER_FINDINGS",
    "SIGNALS",
    "Asked",
    "Duplicates",
    "FaceMatch",
    "FieldFound",
    "FrameSigns",
    "FrontGate",
    "IdNumber",
    "ListCheck",
    "ListHit",
    "Liveness",
    "PaperFindings",
    "PaperMarks",
    "ProofCheck",
    "Rhythm",
    "SeenPicture",
    "Signal",
    "Sitting",
    "TextLine",
    "Velocity",
    "build_paper_check",
    "check_front_gate",
    "check_holder",
    "check_id_number",
    "check_invoices",
    "check_lists",
    "check_proof",
    "check_same_lines",
    "check_stated",
    "check_statement",
    "choose_bits",
    "compare_names",
    "count_bits_apart",
    "draw_challenge",
    "find_answer",
    "find_chain_breaks",
    "find_duplicates",
    "find_paper",
    "is_card_number",
    "is_credit_code",
    "is_masked_whole",
    "is_mobile_number",
    "is_virtual_number",
    "issue_challenge",
    "join_authority",
    "join_identity_check",
    "judge_faces",
    "judge_liveness",
    "judge_paper",
    "measure_rhythm",
    "measure_similarity",
    "read_id_number",
    "read_paper_fields",
    "read_signals",
    "sort_findings",
    "spread_bps",
]
