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


OTHERWISE = "otherwise"
WAYS = ("hold", "go_on", "wait", "stop")
UPLOADS = ("accepted", "while_down", "refused")


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
    sources_down: Mapping[str, str] = field(default_factory=lambda: {OTHERWISE: "hold"})
    sources_wait_hours: float = 24.0
    uploaded: Mapping[str, str] = field(default_factory=lambda: {"bureau": "refused", OTHERWISE: "accepted"})
    bureau_via: str | None = None
    bureau_purposes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    objection_days: int = 20
    stopped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: str = "live"
    charge_off_days: int = 180
    assumptions: Mapping[str, Any] = field(default_factory=dict)

    def find_way(self, source: str) -> str:
        """What the line does when this source stays away: hold, go_on, wait or stop.

        A source that is required is never gone on without, whatever holds for the others.
        """
        way = self.sources_down.get(source, self.sources_down[OTHERWISE])
        may_lack = source in self.sources and source not in self.sources_required
        return "hold" if way == "go_on" and not may_lack else way

    def find_upload(self, source: str) -> str:
        """Whether a paper handed in may stand for this source: accepted, refused, or only while_down."""
        return self.uploaded.get(source, self.uploaded[OTHERWISE])


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
    raw["sources_down"] = _read_ways(raw.get("sources_down", "hold"), raw["sources_required"], book.pack)
    if "uploaded" in raw:
        raw["uploaded"] = _read_uploads(raw["uploaded"], book.pack)
    raw["bureau_purposes"] = _read_purposes(raw.get("bureau_purposes"), raw.get("consent_days", 30), book.pack)
    return LinePlan(absent=absent, **raw)


def _read_ways(written: Any, required: tuple[str, ...], pack: str) -> Mapping[str, str]:
    """One way for all sources, or one for each with ``otherwise`` for those not named."""
    ways = {OTHERWISE: written} if isinstance(written, str) else written
    place = f"{pack}/line.yaml: sources_down"
    if not isinstance(ways, Mapping) or OTHERWISE not in ways:
        raise BadInput(place=place, found=repr(written)[:80], expected=f"{', '.join(WAYS)}, or one for each source")
    for source, way in ways.items():
        if way not in WAYS:
            raise BadInput(place=f"{place}.{source}", found=repr(way), expected=" or ".join(WAYS))
        if way == "go_on" and source in required:
            raise BadInput(
                place=f"{place}.{source}", found="go_on", expected="hold, wait or stop, for the source is required"
            )
    return dict(ways)


def _read_uploads(written: Any, pack: str) -> Mapping[str, str]:
    """For each source whether papers may stand for it; credit reports never where the pack does not name the bureau."""
    place, expected = f"{pack}/line.yaml: uploaded", "one of " + ", ".join(UPLOADS) + " for each source and otherwise"
    if not isinstance(written, Mapping) or OTHERWISE not in written:
        raise BadInput(place=place, found=repr(written)[:80], expected=expected)
    for source, way in written.items():
        if source not in ("bureau", "statements", "invoices", OTHERWISE) or way not in UPLOADS:
            raise BadInput(place=f"{place}.{source}", found=repr(way)[:80], expected=expected)
    return {"bureau": "refused", **written}


def _read_purposes(written: Any, consent_days: int, pack: str) -> Mapping[str, Mapping[str, Any]]:
    """What the bureau may be asked for, with the permissions each purpose needs; not said: to approve a loan."""
    if written is None:
        return {"loan_approval": {"consents": ("bureau",), "days": consent_days}}
    fits = isinstance(written, Mapping) and all(
        isinstance(need, Mapping) and isinstance(need.get("consents"), list | tuple) and type(need.get("days")) is int
        for need in written.values()
    )
    if not fits:
        place, expected = f"{pack}/line.yaml: bureau_purposes", "a purpose with its {consents: […], days: …} for each"
        raise BadInput(place=place, found=repr(written)[:80], expected=expected)
    return {name: {"consents": tuple(need["consents"]), "days": need["days"]} for name, need in written.items()}
