"""The business registry: is there such a firm, does it operate, and is the applicant its legal representative."""

from creditfactory.gateways.registry.contract import EXCHANGES, RegistryRequest

__all__ = ["EXCHANGES", "RegistryRequest"]
