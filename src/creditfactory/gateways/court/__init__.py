"""The courts' public lists: enforcement, dishonest debtors, consumption restriction, judgments."""

from creditfactory.gateways.court.contract import EXCHANGES, CourtRequest

__all__ = ["EXCHANGES", "CourtRequest"]
