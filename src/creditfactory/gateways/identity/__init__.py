"""The identity authority and the camera check: is the document real, and is it this person."""

from creditfactory.gateways.identity.contract import EXCHANGES, IdentityRequest

__all__ = ["EXCHANGES", "IdentityRequest"]
