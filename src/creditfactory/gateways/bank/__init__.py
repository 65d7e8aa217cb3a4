"""A funding bank: it is handed a recommendation, and decides for itself; the platform cannot set its decision."""

from creditfactory.gateways.bank.contract import CALL_BACKS, EXCHANGES, BankDecision, RecommendRequest

__all__ = ["CALL_BACKS", "EXCHANGES", "BankDecision", "RecommendRequest"]
