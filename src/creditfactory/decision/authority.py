"""Who may say yes to how much: authority by amount (审批权限), as the pack's line has it."""

from __future__ import annotations

from creditfactory.decision.book import Book
from creditfactory.kernel import Misconfigured, format_cents


def review_authority(amount_cents: int, book: Book) -> str:
    """The first role whose authority, as ``line.yaml`` lists it, reaches to this amount.

    An amount that no role may approve is a gap in the rulebook, not a yes.
    """
    for row in book.line.get("authority") or ():
        if amount_cents <= row["amount_cents_max"]:
            return str(row["role"])
    raise Misconfigured(
        f"rulebook {book.pack}: no role may approve {format_cents(amount_cents)} {book.currency}; "
        "add one under authority in line.yaml"
    )
