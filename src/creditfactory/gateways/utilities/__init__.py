"""The power, water and gas companies: with consent, what the meters at the place of business read and who paid when."""

from creditfactory.gateways.utilities.contract import EXCHANGES, UtilitiesRequest

__all__ = ["EXCHANGES", "UtilitiesRequest"]
