"""Is the dossier fit to be worked on: permissions signed, inside the territory, and complete."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from creditfactory.application.dossier import Dossier
from creditfactory.kernel import Reason

CONFIDENCE_WHOLE = 100
"""Reading confidence is given in whole per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCheck:
    """Which permissions are missing and which have run out; nothing may be asked of others before this is clean."""

    missing: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeCheck:
    """Why an application cannot be taken in as it stands; no reasons means that it can."""

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessCheck:
    """What is still missing from a dossier, and what was read with too little certainty."""

    gaps: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


def check_consents(dossier: Dossier, required: tuple[str, ...], days_valid: int, on: date) -> ConsentCheck:
    """Which of the required permissions are missing, and which were signed too long ago.

    A permission signed on the day itself counts; one signed after ``on`` does not exist yet.

    >>> from datetime import UTC, datetime
    >>> from creditfactory.application import Applicant, Business, ChannelPath, Consent, Request
    >>> asked = Dossier(
    ...     pack="cn-micro", reference="A-1", applied_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    ...     request=Request(amount_cents=25_000_000, currency="CNY"), applicant=Applicant(token="t1"),
    ...     business=Business(), channel=ChannelPath(kind="direct", company="own"),
    ...     consents=(Consent(kind="bureau", signed_at=datetime(2026, 3, 1, 9, tzinfo=UTC)),),
    ... )
    >>> check_consents(asked, ("privacy", "bureau"), 30, date(2026, 3, 1)).missing
    ('privacy',)
    >>> check_consents(asked, ("bureau",), 30, date(2026, 5, 1)).expired
    ('bureau',)
    """
    shift = timedelta(minutes=dossier.utc_offset_minutes)
    missing: list[str] = []
    expired: list[str] = []
    for kind in required:
        days = [(c.signed_at + shift).date() for c in dossier.consents if c.kind == kind]
        signed = max((day for day in days if day <= on), default=None)
        if signed is None:
            missing.append(kind)
        elif (on - signed).days > days_valid:
            expired.append(kind)
    reasons = [Reason("CON-MISSING", {"consent": kind}) for kind in missing]
    reasons += [Reason("CON-EXPIRED", {"consent": kind, "days_valid": days_valid}) for kind in expired]
    return ConsentCheck(missing=tuple(missing), expired=tuple(expired), reasons=tuple(reasons))


def check_intake(dossier: Dossier, parameters: Mapping[str, Any]) -> IntakeCheck:
    """Can this application be taken in at all: right pack's currency, inside the territory, amount and term on offer.

    Reads the parameters ``currency``, ``territory_cities`` and ``territory_states`` (none: no territory),
    ``amount_cents_min``, ``amount_cents_max``, ``term_months_max`` and ``roles_accepted`` (ACQ-01, ACQ-02, DEC-01).
    """
    request, reasons = dossier.request, []
    currency = parameters.get("currency")
    if currency is not None and request.currency != currency:
        reasons.append(Reason("INT-CURRENCY", {"currency": request.currency, "currency_expected": currency}))
    reasons += _check_territory(dossier, parameters)
    smallest, largest = parameters.get("amount_cents_min"), parameters.get("amount_cents_max")
    amount = request.amount_cents
    if amount <= 0 or (smallest is not None and amount < smallest):
        reasons.append(Reason("INT-AMOUNT-LOW", {"amount_cents": amount, "amount_cents_min": smallest or 1}))
    if largest is not None and amount > largest:
        reasons.append(Reason("INT-AMOUNT-HIGH", {"amount_cents": amount, "amount_cents_max": largest}))
    term, longest = request.term_months, parameters.get("term_months_max")
    if term is not None and (term <= 0 or (longest is not None and term > longest)):
        reasons.append(Reason("INT-TERM", {"term_months": term, "term_months_max": longest}))
    accepted = parameters.get("roles_accepted")
    if accepted is not None and dossier.applicant.role not in accepted:
        reasons.append(Reason("INT-ROLE", {"role": dossier.applicant.role}))
    return IntakeCheck(reasons=tuple(reasons))


def _check_territory(dossier: Dossier, parameters: Mapping[str, Any]) -> list[Reason]:
    """The applicant applies where a branch is: home city and the firm's city both lie in a named branch city."""
    cities, states = parameters.get("territory_cities"), parameters.get("territory_states")
    reasons = []
    if cities is not None:
        for place, city in (("business", dossier.business.city), ("applicant", dossier.applicant.city)):
            if city is None:
                reasons.append(Reason("INT-CITY-UNKNOWN", {"of": place}))
            elif find_city(city, cities) is None:
                reasons.append(Reason("INT-TERRITORY", {"of": place, "city": city}))
    if states is not None:
        state = dossier.business.state
        if state is None:
            reasons.append(Reason("INT-STATE-UNKNOWN", {}))
        elif state.strip().upper() not in states:
            reasons.append(Reason("INT-TERRITORY-STATE", {"state": state}))
    return reasons


def find_city(name: str | None, cities: Collection[str] | Mapping[str, str] | None) -> str | None:
    """The one name under which the rulebook knows a city, however it was written; None where it does not know it.

    ``cities`` is a list of names, or a mapping from the rulebook's names to those in another language.

    >>> known = {"chengdu": "成都", "wuhan": "武汉"}
    >>> find_city("Chengdu ", known), find_city("成都市", known), find_city("Paris", known)
    ('chengdu', 'chengdu', None)
    """
    return find_cities((name,), cities)[0]


def find_cities(
    names: Sequence[str | None], cities: Collection[str] | Mapping[str, str] | None
) -> tuple[str | None, ...]:
    """The same for several names, in their order.

    >>> find_cities(("成都市", None, "Paris"), {"chengdu": "成都"})
    ('chengdu', None, None)
    """
    if not cities:
        return (None,) * len(names)
    known = _tidy_names(tuple(cities.items() if isinstance(cities, Mapping) else ((city, None) for city in cities)))
    return tuple(known.get(_tidy(name)) if name else None for name in names)


@lru_cache(maxsize=64)
def _tidy_names(names: tuple[tuple[str, str | None], ...]) -> Mapping[str, str]:
    """The rulebook's name for every way to write it; the first where two would do."""
    found: dict[str, str] = {}
    for city, other in names:
        for plain in (_tidy(city), _tidy(other)):
            if plain:
                found.setdefault(plain, city)
    return found


def _tidy(name: str | None) -> str:
    return (name or "").strip().casefold().removesuffix("市")


def check_completeness(
    dossier: Dossier,
    fields_needed: tuple[str, ...],
    confidence: Mapping[str, int] | None = None,
    *,
    confidence_min: int = 90,
) -> CompletenessCheck:
    """Which needed fields (``business.city``, ``evidence.registry``) are empty, and which were read uncertainly.

    ``confidence`` gives, per field, the reading's certainty in per cent; a field it does not name was typed by hand.
    """
    gaps = tuple(place for place in fields_needed if not _is_filled(dossier, place))
    sure = confidence or {}
    doubts = tuple(place for place, percent in sorted(sure.items()) if percent < confidence_min)
    reasons = [Reason("ENT-GAP", {"field": place}) for place in gaps]
    reasons += [Reason("ENT-DOUBT", {"field": place, "confidence": sure[place]}) for place in doubts]
    return CompletenessCheck(gaps=gaps, doubts=doubts, reasons=tuple(reasons))


def _is_filled(dossier: Dossier, place: str) -> bool:
    first, _, rest = place.partition(".")
    if first == "evidence":
        return any(e.kind == rest for e in dossier.evidence)
    found: object = dossier
    for name in place.split("."):
        found = getattr(found, name, None)
    return found is not None and found != "" and found != ()
