"""The firm's line of business: division and section of GB/T 4754 from a code as it was stated."""

from __future__ import annotations

_SECTION_ENDS = (
    (5, "A"), (12, "B"), (43, "C"), (46, "D"), (50, "E"), (52, "F"), (60, "G"), (62, "H"), (65, "I"), (69, "J"),
    (70, "K"), (72, "L"), (75, "M"), (79, "N"), (82, "O"), (83, "P"), (85, "Q"), (90, "R"), (96, "S"), (97, "T"),
)  # fmt: skip


def read_division(industry: str | None) -> str | None:
    """The two-digit division of a GB/T 4754 code, with or without its section's letter before it.

    >>> read_division("F5132"), read_division("62"), read_division("retail")
    ('51', '62', None)
    """
    code = (industry or "").strip().lstrip("ABCDEFGHIJKLMNOPQRST")
    return code[:2] if len(code) >= 2 and code.isascii() and code.isdigit() and section_of(code[:2]) else None


def section_of(division: str) -> str | None:
    """The section that a division belongs to.

    >>> section_of("51"), section_of("62")
    ('F', 'H')
    """
    number = int(division)
    return next((letter for last, letter in _SECTION_ENDS if 0 < number <= last), None)
