"""Who may say yes to how much: authority by amount (审批权限)."""

from __future__ import annotations

from creditfactory.decision.book import Book
from creditfactory.kernel import Misconfigured


def review_authority(amount_cents: int, book: Book) -> str:
    """The role whose authority reaches to this amount, from the table ``review_authority``.

    An amount that no role may approve is a gap in the rulebook, not a yes.
    """
    answer = book.tables["review_authority"].look_up({"amount_cents": amount_cents})
    role = answer.outputs.get("role")
    if not isinstance(role, str):
        raise Misconfigured(
            f"rulebook {book.pack}: no role may approve {amount_cents} cents; add a row to tables/review_authority.csv"
        )
    return role
