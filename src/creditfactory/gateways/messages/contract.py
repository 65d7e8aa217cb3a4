"""Messages to people: a text by template, with facts filled in; the address comes from the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from creditfactory.gateways.exchange import Exchange, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRequest:
    """One message to one person."""

    application: str
    asked_at: datetime
    person: Person
    way: Literal["sms", "email", "app"]
    template: str
    language: Literal["zh", "en"] = "zh"
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswer:
    """Whether the message was handed over."""

    reference: str
    verdict: Literal["sent", "failed"]


EXCHANGES = (Exchange("send", MessageRequest, MessageAnswer),)
