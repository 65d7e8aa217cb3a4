"""What goes in and out of the API's doors, by name: read by machines, shown on the documentation page."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

EVENT_KEY_LENGTH_MAX = 100
NAME_LENGTH_MAX = 64
PAGE_LENGTH_MAX = 100


class Fault(Schema):
    """What is wrong with a request: one sentence, and for bad input the place, what was found, what was expected."""

    message: str
    place: str | None = None
    found: str | None = None
    expected: str | None = None


class NotSignedFault(Schema):
    """Why a request does not show who it is from."""

    message: str
    fault: Literal["missing", "unknown_key", "stale", "wrong", "replayed"]


class TooManyFault(Schema):
    """Too many requests in a minute; ``Retry-After`` says in how many seconds the next one is taken."""

    message: str
    per_minute_max: int


class Words(Schema):
    """A reason's code, and the borrower's words for it in both languages.

    A key with the right *explain* is also given what staff read, with the figures.
    """

    code: str
    borrower_en: str
    borrower_zh: str
    staff_en: str | None = None
    staff_zh: str | None = None


class Submitted(Schema):
    """The number under which an application stands."""

    case: str
    reference: str
    is_new: bool


class Waiting(Schema):
    """What an application waits for, in words."""

    en: str
    zh: str


class State(Schema):
    """Where an application stands: its status and station, what it waits for until when, and why it ended if it did."""

    case: str
    reference: str
    status: Literal["moving", "waiting", "held", "declined", "withdrawn", "expired", "closed"]
    station: str
    waits_for: str
    lane: str
    reason: str
    applied_at: str
    due_at: str | None = None
    waiting: Waiting | None = None
    reasons: list[Words] = Field(default_factory=list)


class Page(Schema):
    """Some of one's applications, the newest first; ``next`` begins the page after it, null at the end."""

    applications: list[State]
    next: str | None = None


class Terms(Schema):
    """A loan on offer: how much for how long, the yearly rate, the law's all-in rates, the monthly instalment."""

    amount_cents: int
    term_months: int
    annual_rate: str
    all_in_nominal: str | None = None
    all_in_effective: str | None = None
    instalment_cents: int


class OfferTold(Schema):
    """What would be lent; ``counter`` is set where it is not what was asked for, with the reason told."""

    case: str | None = None
    product: str | None = None
    method: str | None = None
    terms: Terms | None = None
    counter: Terms | None = None
    due_at: str | None = None
    reasons: list[Words] = Field(default_factory=list)


class EngineTold(Schema):
    """One engine's answer: its version, what it read, what it gave, each step in words."""

    name: Literal["score", "fraud", "limit", "product"]
    version: str
    inputs: dict[str, Any]
    output: dict[str, Any]
    trace: list[str]


class DecisionTold(Schema):
    """The machine's decision: approve, refer to people, or decline, with the offer, the reasons and what stays open.

    ``conditions`` name what was not looked at and the line still will. ``engines`` come with the right *explain*.
    """

    reference: str
    verdict: Literal["approve", "refer", "decline"]
    lane: Literal["A", "B", "C", "decline"]
    tier: int | None = None
    conditions: list[str]
    offer: OfferTold
    reasons: list[Words]
    rulebook: str
    engine: str
    case: str | None = None
    is_new: bool | None = None
    engines: list[EngineTold] | None = None


class Event(Schema):
    """What a borrower tells of an application; the same key twice is one event."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["consents_signed", "details_submitted", "contract_signed", "withdrawn", "use_proof", "appeal"]
    key: str = Field(min_length=1, max_length=EVENT_KEY_LENGTH_MAX)
    body: dict[str, Any] = Field(default_factory=dict)


class Status(Schema):
    """What became of what was told: taken anew, or known already."""

    status: str


class Take(Schema):
    """Who wants to work, in which role."""

    model_config = ConfigDict(extra="forbid")
    role: str
    by: str = Field(min_length=1, max_length=NAME_LENGTH_MAX)


class Taken(Schema):
    """A piece of work, with what is known for it."""

    number: int
    case: str
    reference: str
    station: str
    kind: str
    brief: dict[str, Any]
    due_at: str


class Complete(Schema):
    """The result of a piece of work."""

    model_config = ConfigDict(extra="forbid")
    by: str = Field(min_length=1, max_length=NAME_LENGTH_MAX)
    result: dict[str, Any]


class Clock(Schema):
    """What time it is in the factory, its business date, and how fast its clock runs."""

    now: str
    business_on: str
    speed: float
