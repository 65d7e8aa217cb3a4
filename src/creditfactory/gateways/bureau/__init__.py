"""The credit bureau: with the owner's consent, what other lenders know of the owner; and what we tell it in turn."""

from creditfactory.gateways.bureau.contract import (
    EXCHANGES,
    BureauRequest,
    LoanLine,
    OutcomeBatch,
    OutcomeReceipt,
    Purpose,
    RefusedLine,
)

__all__ = ["EXCHANGES", "BureauRequest", "LoanLine", "OutcomeBatch", "OutcomeReceipt", "Purpose", "RefusedLine"]
