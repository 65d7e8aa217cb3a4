"""JSON for machines: signed requests of brokers, borrowers, banks and the simulated market."""

from creditfactory.api.doors import api

__all__ = ["api"]
