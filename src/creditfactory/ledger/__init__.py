"""Double entry: every journal balances, has one key so that it is booked once, and is never edited."""

from creditfactory.ledger.journal import (
    Entry,
    Journal,
    check_balance,
    draw_journal,
    reverse_journal,
    trial_balance,
)

__all__ = ["Entry", "Journal", "check_balance", "draw_journal", "reverse_journal", "trial_balance"]
