"""The custodian bank: moves the funder's money straight to the borrower, and tells of every repayment."""

from creditfactory.gateways.custodian.contract import (
    CALL_BACKS,
    EXCHANGES,
    DisburseRequest,
    DueInstalment,
    Receipt,
    RepaymentNotice,
)

__all__ = ["CALL_BACKS", "EXCHANGES", "DisburseRequest", "DueInstalment", "Receipt", "RepaymentNotice"]
