"""The evidence that outside sources and the borrower give; each record says when it was known, none is derived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from creditfactory.application.bureau_file import BureauAccounts, BureauDuties, BureauQueries, PublicRecords
from creditfactory.application.statements import (
    BankStatement,
    Behaviour,
    ContactList,
    CourtCases,
    DeviceMarks,
    InvoiceList,
    PaperCheck,
    RegistryChanges,
    TaxReturns,
    TelecomRecord,
    UtilityBills,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauReport:
    """What the credit bureau says of the owner: the summary, and where it is known every account behind it (cents).

    ``origin`` says who brought it: the bureau itself, or the applicant, as a paper handed in.
    """

    kind: Literal["bureau"] = "bureau"
    obtained_at: datetime
    origin: Literal["bureau", "upload"] = "bureau"
    has_record: bool
    card_limit_cents: int | None = None
    card_used_cents: int | None = None
    loan_count: int | None = None
    loan_balance_cents: int | None = None
    unsecured_balance_cents: int | None = None
    monthly_due_cents: int | None = None
    overdue_now_cents: int | None = None
    overdue_months_24m: int | None = None
    overdue_run_24m: int | None = None
    has_bad_debt: bool | None = None
    queries_1m: int | None = None
    queries_3m: int | None = None
    queries_6m: int | None = None
    online_lenders: int | None = None
    guarantees_cents: int | None = None
    oldest_account_on: date | None = None
    report_number: str | None = None
    accounts: BureauAccounts | None = None
    queries: BureauQueries | None = None
    duties: BureauDuties | None = None
    public: PublicRecords | None = None
    phones_reported: int | None = None
    addresses_reported: int | None = None
    employers_reported: int | None = None
    has_dispute: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryExtract:
    """What the business registry says of the firm."""

    kind: Literal["registry"] = "registry"
    obtained_at: datetime
    status: Literal["operating", "abnormal", "revoked", "not_found"]
    registered_on: date | None = None
    is_legal_representative: bool | None = None
    changes_12m: int | None = None
    capital_cents: int | None = None
    changes: RegistryChanges | None = None
    shareholders: int | None = None
    owner_share_bps: int | None = None
    insured_people: int | None = None
    related_firms: int | None = None
    related_firms_closed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtSearch:
    """What the courts' public lists say of owner and firm."""

    kind: Literal["court"] = "court"
    obtained_at: datetime
    executed_open: int
    is_dishonest_listed: bool
    is_consumption_restricted: bool
    judgments_24m: int | None = None
    cases: CourtCases | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRecord:
    """What the tax bureau says of the firm's last twelve months; grade ``none`` where it grades the firm not at all."""

    kind: Literal["tax"] = "tax"
    obtained_at: datetime
    grade: Literal["A", "B", "M", "C", "D", "none"] | None = None
    tax_12m_cents: int | None = None
    invoiced_12m_cents: int | None = None
    invoiced_months_12m: int | None = None
    returns: TaxReturns | None = None
    arrears_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFlow:
    """The bank statements' totals: what came in and went out, month by month, oldest month first."""

    kind: Literal["bank_flow"] = "bank_flow"
    obtained_at: datetime
    monthly_inflow_cents: tuple[int, ...]
    monthly_outflow_cents: tuple[int, ...]
    balance_cents: int | None = None
    top_payer_share_bps: int | None = None
    round_trip_share_bps: int | None = None
    chain_breaks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSession:
    """How the application was typed in, and on what; tokens stand for device and address."""

    kind: Literal["device"] = "device"
    obtained_at: datetime
    device: str
    ip: str
    typing_ms_median: int | None = None
    pointer_moves: int | None = None
    form_seconds: int | None = None
    is_headless: bool | None = None
    is_emulator: bool | None = None
    is_trap_filled: bool | None = None
    behaviour: Behaviour | None = None
    marks: DeviceMarks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheck:
    """What camera, document reading and the identity authority say of the person."""

    kind: Literal["identity"] = "identity"
    obtained_at: datetime
    is_document_valid: bool | None = None
    is_name_matched: bool | None = None
    is_phone_matched: bool | None = None
    liveness: Literal["passed", "failed", "not_done"] = "not_done"
    face_similarity_bps: int | None = None
    is_injected: bool | None = None
    is_replayed: bool | None = None
    challenges_asked: int | None = None
    challenges_passed: int | None = None
    faces_seen_before: int | None = None
    document_confidence: int | None = None
    is_document_copied: bool | None = None
    is_number_consistent: bool | None = None
    method: Literal["camera", "files", "authority"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurancePolicyProof:
    """A life or pension policy the applicant keeps up."""

    kind: Literal["insurance_policy"] = "insurance_policy"
    obtained_at: datetime
    annual_premium_cents: int
    years_paid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentProof:
    """A mortgage or a car loan the applicant pays, by its monthly instalment."""

    kind: Literal["mortgage", "car_loan"]
    obtained_at: datetime
    instalment_cents: int
    months_paid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SbaForm:
    """What the lender's form told the US Small Business Administration before approval; no outcome in it."""

    kind: Literal["sba_form"] = "sba_form"
    obtained_at: datetime
    lender: str
    lender_state: str | None = None
    guaranteed_cents: int
    is_new_business: bool | None = None
    jobs_created: int | None = None
    jobs_retained: int | None = None
    is_franchise: bool | None = None
    setting: Literal["urban", "rural"] | None = None
    is_revolving: bool | None = None
    is_low_document: bool | None = None


Evidence = (
    BureauReport
    | RegistryExtract
    | CourtSearch
    | TaxRecord
    | BankFlow
    | DeviceSession
    | IdentityCheck
    | InsurancePolicyProof
    | InstalmentProof
    | SbaForm
    | BankStatement
    | InvoiceList
    | UtilityBills
    | ContactList
    | TelecomRecord
    | PaperCheck
)
