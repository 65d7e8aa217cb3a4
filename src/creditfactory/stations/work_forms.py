"""What each kind of work hands in, checked before it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from creditfactory import collection, decision, gateways
from creditfactory.kernel import BadInput, UnknownName


@dataclass(frozen=True, slots=True, kw_only=True)
class DataEntryForm:
    """The fields a clerk read from the papers, by section."""

    details: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReviewForm:
    """Whether the fraud analyst lets the applicant pass."""

    verdict: Literal["pass", "reject"]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReviewForm:
    """Whether a list's hit is somebody else, or the applicant."""

    verdict: Literal["clear", "hit"]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewForm:
    """The credit officer's decision; the amount may be cut, never raised."""

    decision: Literal["approve", "decline"]
    amount_cents: int | None = None
    reason: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionForm:
    """What a collector did, whom it reached, why the borrower is late, and what was promised."""

    was_reached: bool
    default_reason: str | None = None
    promised_on: str | None = None
    promised_cents: int | None = None
    note: str = ""


FORMS: Mapping[str, Any] = {
    "data_entry": DataEntryForm,
    "gate_review": GateReviewForm,
    "list_review": ListReviewForm,
    "online_check": decision.OnlineCheckForm,
    "phone_check": decision.PhoneCheckForm,
    "site_visit": decision.SiteVisitForm,
    "review": ReviewForm,
    "second_review": ReviewForm,
    "collection": CollectionForm,
}


def check_work(kind: str, result: Mapping[str, Any]) -> None:
    """Refuse a result that does not fit its kind of work, naming the field."""
    form = FORMS.get(kind)
    if form is None:
        raise UnknownName(place="kind", found=repr(kind), expected="one of " + ", ".join(FORMS))
    known = form.__dataclass_fields__
    for name in result:
        if name not in known:
            raise BadInput(place=name, found="an unknown field", expected="one of " + ", ".join(known))
    read = gateways.load_plain(form, dict(result))
    if isinstance(read, DataEntryForm):
        gateways.check_details(result["details"])
    if isinstance(read, CollectionForm) and read.default_reason not in (None, *collection.DEFAULT_REASONS):
        raise BadInput(
            place="default_reason",
            found=repr(read.default_reason),
            expected="one of " + ", ".join(collection.DEFAULT_REASONS),
        )
    if isinstance(read, ReviewForm) and read.amount_cents is not None and read.amount_cents <= 0:
        raise BadInput(place="amount_cents", found=str(read.amount_cents), expected="an amount above nothing")
