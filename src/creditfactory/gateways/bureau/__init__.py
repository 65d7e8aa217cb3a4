"""The credit bureau: with the owner's consent, what other lenders know of the owner."""

from creditfactory.gateways.bureau.contract import EXCHANGES, BureauRequest

__all__ = ["EXCHANGES", "BureauRequest"]
