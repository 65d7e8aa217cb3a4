"""The business registry: is there such a firm, does it operate, and is the applicant its legal representative."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import RegistryExtract
from creditfactory.gateways.exchange import Exchange, Firm, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRequest:
    """One extract, on one firm and its owner."""

    application: str
    asked_at: datetime
    person: Person
    firm: Firm


EXCHANGES = (Exchange("extract", RegistryRequest, RegistryExtract),)
