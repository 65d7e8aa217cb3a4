"""The telephone companies: with consent, how long the number has been this person's and how it was kept."""

from creditfactory.gateways.telecom.contract import EXCHANGES, TelecomRequest

__all__ = ["EXCHANGES", "TelecomRequest"]
