"""What officers hand in from the three checks by people, and what a check comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from creditfactory.decision.site_accounts import SiteCounts
from creditfactory.kernel import Reason, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineCheckForm:
    """What the online officer saw; None means that it could not be found out."""

    is_licence_genuine: bool | None = None
    is_address_found: bool | None = None
    is_address_matching: bool | None = None
    is_trading_online: bool | None = None
    is_phone_in_service: bool | None = None
    is_phone_shared_with_others: bool | None = None
    are_pictures_reused: bool | None = None
    new_court_cases: int | None = None
    is_street_view_matching: bool | None = None
    is_shop_trading_since_opening: bool | None = None
    is_employer_phone_reused: bool | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCheckForm:
    """What the applicant said on the recorded call, block by block; None means not asked or not answered."""

    was_reached: bool
    recording: str | None = None
    is_identity_answered: bool | None = None
    is_purpose_confirmed: bool | None = None
    purpose_said: str | None = None
    sales_monthly_said_cents: int | None = None
    employees_said: int | None = None
    debts_said_cents: int | None = None
    was_fee_taken_by_broker: bool | None = None
    was_form_filled_by_other: bool | None = None
    sounds_coached: bool | None = None
    is_consent_read_back: bool | None = None
    answers: Mapping[str, int | None] = field(default_factory=dict)
    long_pauses: int | None = None
    is_reading_out: bool | None = None
    is_prompted: bool | None = None
    has_voices_behind: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePhoto:
    """One photo as it was taken: what it shows, when and where, and its fingerprint."""

    what: str
    digest: str
    taken_at: datetime | None = None
    distance_m: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVisitForm:
    """What the field investigator saw and rebuilt; the equity figures are those of the accounts made on site."""

    is_controller_present: bool | None = None
    is_operating: bool | None = None
    is_licence_original_seen: bool | None = None
    is_purpose_plausible: bool | None = None
    photos: int = 0
    distance_m: int | None = None
    sales_monthly_seen_cents: int | None = None
    profit_monthly_seen_cents: int | None = None
    initial_capital_cents: int | None = None
    profits_retained_cents: int | None = None
    withdrawals_cents: int | None = None
    revaluation_cents: int = 0
    assets_cents: int | None = None
    debts_shown_cents: int | None = None
    private_debts_found_cents: int = 0
    mutual_guarantors: int = 0
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    photo_marks: tuple[SitePhoto, ...] = ()
    counts: SiteCounts | None = None
    character_grade: int | None = None
    product_grade: int | None = None
    backing_grade: int | None = None
    power_kwh_month: int | None = None
    water_tons_month: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check by people came to: ok, doubt (the reviewer weighs it), or fail."""

    check: Literal["online_check", "phone_check", "site_visit"]
    verdict: Literal["ok", "doubt", "fail"]
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
