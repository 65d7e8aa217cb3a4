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
class RingReviewForm:
    """Whether the applicant belongs to a ring, and which of the others in the picture, by case number, belong to it."""

    verdict: Literal["pass", "reject"]
    members: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingLoanForm:
    """What early warning does about a loan whose borrower was named as one of a ring."""

    action: Literal["watch", "call_in", "cleared"]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReviewForm:
    """Whether a list's hit is somebody else, or the applicant."""

    verdict: Literal["clear", "hit"]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewForm:
    """The credit officer's decision; the amount may be cut, never raised.

    ``exception`` says why the loan may be made although facts that policy needs are unknown.
    """

    decision: Literal["approve", "decline"]
    amount_cents: int | None = None
    reason: str | None = None
    note: str = ""
    exception: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealForm:
    """Whether a decline stands after a person has looked again, and on what grounds."""

    decision: Literal["stands", "apply_anew"]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionForm:
    """Whether what we told the bureau was wrong, and if so how it should have read."""

    verdict: Literal["right", "wrong"]
    status: str | None = None
    balance_cents: int | None = None
    overdue_cents: int | None = None
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
    "ring_review": RingReviewForm,
    "ring_recheck": RingReviewForm,
    "ring_second": RingReviewForm,
    "ring_named": RingReviewForm,
    "ring_trace": RingReviewForm,
    "ring_loan": RingLoanForm,
    "list_review": ListReviewForm,
    "online_check": decision.OnlineCheckForm,
    "phone_check": decision.PhoneCheckForm,
    "site_visit": decision.SiteVisitForm,
    "second_visit": decision.SiteVisitForm,
    "bureau_objection": ObjectionForm,
    "review": ReviewForm,
    "second_review": ReviewForm,
    "collection": CollectionForm,
    "appeal": AppealForm,
}


def check_work(kind: str, result: Mapping[str, Any], brief: Mapping[str, Any] | None = None) -> None:
    """Refuse a result that does not fit its kind of work, or what its ``brief`` asks for, naming the field."""
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
    if isinstance(read, decision.SiteVisitForm):
        _check_visit(read)
    if isinstance(read, ReviewForm):
        _check_review(read, brief or {})
    if isinstance(read, RingReviewForm):
        _check_ring(read, brief)


def _check_ring(form: RingReviewForm, brief: Mapping[str, Any] | None) -> None:
    """Only who is in the picture can be named, and nobody belongs to a ring that was not found."""
    if form.members and form.verdict == "pass":
        raise BadInput(place="members", found=", ".join(form.members[:6]), expected="nobody, where no ring was found")
    shown = {str(other["number"]) for other in (brief or {}).get("neighbours") or ()}
    strange = [number for number in form.members if number not in shown]
    if strange and brief is not None:
        raise BadInput(place="members", found=", ".join(strange[:6]), expected="numbers of cases in the picture")


def _check_visit(form: decision.SiteVisitForm) -> None:
    """Instants have their zone, and a visit ends after it begins."""
    for name, instant in (
        ("arrived_at", form.arrived_at), ("left_at", form.left_at),
        *((f"photo_marks[{n}].taken_at", mark.taken_at) for n, mark in enumerate(form.photo_marks)),
    ):  # fmt: skip
        if instant is not None and instant.tzinfo is None:
            raise BadInput(place=name, found=instant.isoformat(), expected="an instant with its zone")
    if form.arrived_at is not None and form.left_at is not None and form.left_at < form.arrived_at:
        raise BadInput(place="left_at", found=form.left_at.isoformat(), expected="an instant after arrived_at")


def _check_review(form: ReviewForm, brief: Mapping[str, Any]) -> None:
    """An amount is an amount; whoever approves while facts are needed says why the loan may be made without them."""
    if form.amount_cents is not None and form.amount_cents <= 0:
        raise BadInput(place="amount_cents", found=str(form.amount_cents), expected="an amount above nothing")
    needed = brief.get("facts_needed") or ()
    if form.decision == "approve" and needed and not form.exception.strip():
        unknown = ", ".join(str(name) for name in needed[:6])
        expected = f"why the loan may be made although these are unknown: {unknown}"
        raise BadInput(place="exception", found="nothing", expected=expected)
