"""What a pack's ``line.yaml`` decides once for all its cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from creditfactory.decision import Book
from creditfactory.kernel import BadInput
from creditfactory.stations.plan import BY_CODE


@dataclass(frozen=True, slots=True)
class Authority:
    """Up to which amount a role may approve alone."""

    role: str
    amount_cents_max: int


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often to try again, and how long to wait: ``first_seconds``, then ``factor`` times as long each time."""

    attempts: int = 6
    first_seconds: float = 30.0
    factor: float = 2.0

    def wait_seconds(self, attempts_made: int) -> float:
        """How long to wait after so many failed attempts."""
        return self.first_seconds * self.factor ** max(0, attempts_made - 1)


@dataclass(frozen=True, slots=True)
class LinePlan:
    """The line as one pack runs it."""

    absent: Mapping[str, Mapping[str, str]]
    consents: tuple[str, ...] = ()
    consent_days: int = 30
    fields_needed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sources_required: tuple[str, ...] = ()
    gate_sources: tuple[str, ...] = ()
    offer_days: int = 7
    borrower_days: int = 3
    bureau_days: int = 30
    roles: Mapping[str, str] = field(default_factory=dict)
    authority: tuple[Authority, ...] = ()
    backoff: Backoff = Backoff()
    lender: str = "bank"
    insurer: str | None = None
    custodian: str = "custodian"
    funders_tried_max: int = 3
    sources_down: str = "hold"
    stopped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: str = "live"
    charge_off_days: int = 180
    assumptions: Mapping[str, Any] = field(default_factory=dict)


FIELDS = set(LinePlan.__dataclass_fields__)


_PLANS: dict[tuple[str, str, object], LinePlan] = {}


def read_line_plan(book: Book) -> LinePlan:
    """The plan in force on the book's day; a station or key it does not know is refused by name."""
    key = (book.pack, book.digest, book.on)
    if key not in _PLANS:
        _PLANS[key] = _read(book)
    return _PLANS[key]


def _read(book: Book) -> LinePlan:
    raw = dict(book.line)
    for key in raw:
        if key not in FIELDS:
            raise BadInput(
                place=f"{book.pack}/line.yaml: {key}", found="an unknown key", expected=", ".join(sorted(FIELDS))
            )
    absent = dict(raw.pop("absent", {}) or {})
    for code, why in absent.items():
        place = f"{book.pack}/line.yaml: absent.{code}"
        if code not in BY_CODE:
            raise BadInput(place=place, found="no such station", expected="one of the 24")
        if not isinstance(why, Mapping) or set(why) != {"en", "zh"}:
            raise BadInput(place=place, found=repr(why)[:60], expected="why, as {en: …, zh: …}")
    for key in ("consents", "fields_needed", "sources", "sources_required", "gate_sources"):
        raw[key] = tuple(raw.get(key) or ())
    raw["authority"] = tuple(Authority(**row) for row in raw.get("authority") or ())
    raw["backoff"] = Backoff(**(raw.get("backoff") or {}))
    raw["stopped"] = {kind: tuple(names or ()) for kind, names in (raw.get("stopped") or {}).items()}
    if raw.get("sources_down", "hold") not in ("hold", "go_on"):
        raise BadInput(
            place=f"{book.pack}/line.yaml: sources_down", found=repr(raw["sources_down"]), expected="hold or go_on"
        )
    return LinePlan(absent=absent, **raw)
