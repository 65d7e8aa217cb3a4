"""The credit insurer: its own review before any policy, and its own payment of claims."""

from creditfactory.gateways.insurer.contract import (
    CALL_BACKS,
    EXCHANGES,
    ClaimAnswer,
    ClaimRequest,
    InsurerDecision,
    ReviewRequest,
)

__all__ = ["CALL_BACKS", "EXCHANGES", "ClaimAnswer", "ClaimRequest", "InsurerDecision", "ReviewRequest"]
