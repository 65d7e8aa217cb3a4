"""The identity authority and the camera check: is the document real, and is it this person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from creditfactory.application import IdentityCheck
from creditfactory.gateways.exchange import Exchange, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRequest:
    """One check of name, number and phone, with the camera session it belongs to."""

    application: str
    asked_at: datetime
    person: Person
    session: str | None = None


EXCHANGES = (Exchange("check", IdentityRequest, IdentityCheck),)
