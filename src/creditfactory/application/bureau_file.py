"""The bureau's report account by account, as the second-generation personal credit report has it; amounts in cents.

Tables are columns: the same position in every column is one account, one query, one duty. Source of the parts and the
codes: the credit reference centre's second-generation personal report (docs/sources.md#bureau).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

AccountKind = Literal["loan", "revolving_loan", "revolving_line", "card", "quasi_card"]
LenderKind = Literal[
    "bank", "consumer_finance", "microloan", "trust", "auto_finance", "online_lender", "housing_fund", "other"
]
AccountState = Literal["normal", "overdue", "bad_debt", "settled", "closed", "not_active", "frozen"]
Security = Literal["unsecured", "mortgage", "pledge", "guarantee", "mixed"]
AccountPurpose = Literal["card", "home", "car", "business", "consumption", "study", "other"]
QueryReason = Literal[
    "loan_approval", "card_approval", "guarantee_review", "insurance_review", "after_loan", "own", "other"
]
PublicKind = Literal[
    "tax_arrears", "judgment", "enforcement", "penalty", "telecom_arrears", "housing_fund", "pension", "relief"
]

STATUS_CODES = "N1234567BDZCG*#"
"""One letter a month: N paid, 1 to 7 months late (7 is more than six), B bad debt, D a guarantor paid, Z goods given
instead, C settled, G ended otherwise, * not yet used, # unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauAccounts:
    """Accounts, one a position; ``limit_cents`` is a card's or line's limit and for a loan the sum lent.

    ``months`` are up to 60 letters of :data:`STATUS_CODES`, the newest month first; the newest is that of
    ``reported_on``.
    """

    kind: tuple[AccountKind, ...] = ()
    lender: tuple[LenderKind, ...] = ()
    lender_token: tuple[str, ...] = ()
    opened_on: tuple[date, ...] = ()
    closed_on: tuple[date | None, ...] = ()
    reported_on: tuple[date, ...] = ()
    state: tuple[AccountState, ...] = ()
    security: tuple[Security, ...] = ()
    purpose: tuple[AccountPurpose, ...] = ()
    limit_cents: tuple[int, ...] = ()
    balance_cents: tuple[int, ...] = ()
    due_cents: tuple[int, ...] = ()
    paid_cents: tuple[int, ...] = ()
    overdue_cents: tuple[int, ...] = ()
    overdue_over_30_cents: tuple[int, ...] = ()
    overdue_over_90_cents: tuple[int, ...] = ()
    terms: tuple[int | None, ...] = ()
    terms_left: tuple[int | None, ...] = ()
    months: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauQueries:
    """Who asked the bureau about this person, when and what for."""

    on: tuple[date, ...] = ()
    lender: tuple[LenderKind, ...] = ()
    lender_token: tuple[str, ...] = ()
    reason: tuple[QueryReason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauDuties:
    """Duties to pay for others: guarantees given and loans shared."""

    role: tuple[Literal["guarantor", "co_borrower"], ...] = ()
    lender: tuple[LenderKind, ...] = ()
    opened_on: tuple[date, ...] = ()
    until_on: tuple[date | None, ...] = ()
    duty_cents: tuple[int, ...] = ()
    balance_cents: tuple[int, ...] = ()
    is_overdue: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRecords:
    """What public bodies reported to the bureau."""

    kind: tuple[PublicKind, ...] = ()
    on: tuple[date, ...] = ()
    amount_cents: tuple[int, ...] = ()
    is_open: tuple[bool, ...] = ()
