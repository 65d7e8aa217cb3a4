"""Bank statements through a licensed collector: with consent, the totals of each month, oldest month first."""

from creditfactory.gateways.bank_flow.contract import EXCHANGES, BankFlowRequest

__all__ = ["EXCHANGES", "BankFlowRequest"]
