"""May the bureau be asked about this person, for this purpose, on this day: consent and purpose before any question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from creditfactory.application.checks import check_consents
from creditfactory.application.dossier import Consent, Dossier
from creditfactory.kernel import Reason


def check_bureau_permission(
    dossier: Dossier, purpose: str, purposes: Mapping[str, Mapping[str, Any]], on: date
) -> tuple[Reason, ...]:
    """Why the bureau may not be asked; nothing where it may.

    ``purposes`` gives, for each purpose that may be asked for at all, the ``consents`` it needs and for how many
    ``days`` a signature carries it. A purpose that is not listed is none: the question is never sent.

    >>> from datetime import UTC, datetime
    >>> from creditfactory.application import Applicant, Business, ChannelPath, Request
    >>> asked = Dossier(
    ...     pack="cn-micro", reference="A-1", applied_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    ...     request=Request(amount_cents=25_000_000, currency="CNY"), applicant=Applicant(token="t1"),
    ...     business=Business(), channel=ChannelPath(kind="direct", company="own"),
    ...     consents=(Consent(kind="bureau", signed_at=datetime(2026, 3, 1, 9, tzinfo=UTC)),),
    ... )
    >>> allowed = {"loan_approval": {"consents": ["bureau"], "days": 30}}
    >>> [r.code for r in check_bureau_permission(asked, "loan_approval", allowed, date(2026, 3, 5))]
    []
    >>> [r.code for r in check_bureau_permission(asked, "marketing", allowed, date(2026, 3, 5))]
    ['BUR-PURPOSE']
    """
    needed = purposes.get(purpose)
    if needed is None:
        return (Reason("BUR-PURPOSE", {"purpose": purpose}),)
    return check_consents(dossier, tuple(needed["consents"]), int(needed["days"]), on).reasons


def find_bureau_consent(dossier: Dossier, kinds: tuple[str, ...], on: date) -> Consent | None:
    """The earliest of the latest signatures of these permissions, the one that runs out first; None if one lacks."""
    shift = timedelta(minutes=dossier.utc_offset_minutes)
    latest: list[Consent] = []
    for kind in kinds:
        signed = [c for c in dossier.consents if c.kind == kind and (c.signed_at + shift).date() <= on]
        if not signed:
            return None
        latest.append(max(signed, key=lambda c: c.signed_at))
    return min(latest, key=lambda c: c.signed_at, default=None)
