"""Long records that come in line by line: bank statements, invoices, meters, returns, changes, cases; amounts in cents.

Tables are columns: the same position in every column is one line. A record handed in again later goes before the
earlier one of the same account; what was known at an instant is what had been handed in by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from creditfactory.application.columns import LineColumns, pack_lines

FlowSort = Literal[
    "sale", "purchase", "wage", "rent", "tax", "social_security", "utility", "logistics", "loan_in", "loan_repayment",
    "card_repayment", "own_transfer", "person_transfer", "cash", "wallet", "fee", "interest", "refund", "securities",
    "property", "insurance", "gambling", "consumption", "other",
]  # fmt: skip
"""What a line of a statement is for; the sign of the flow says which way."""
FLOW_SORTS: tuple[str, ...] = get_args(FlowSort)
_PLACES = {word: place for place, word in enumerate(FLOW_SORTS)}


Relation = Literal["spouse", "parent", "child", "sibling", "friend", "colleague", "partner", "other"]


class _Packed:
    """Room beside the fields for the columns of lines: they say nothing that the fields do not."""

    __slots__ = ("_columns",)
    _columns: LineColumns


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement(_Packed):
    """One account's lines, oldest first; ``flow_cents`` is plus for money in and minus for money out.

    ``minute`` is the minute of the day on the account's own clock, -1 where the statement does not print one.
    ``party`` holds tokens of the other side, empty where unknown. ``balance_cents`` is the printed running balance,
    an empty column where none is printed.
    """

    kind: Literal["bank_statement"] = "bank_statement"
    obtained_at: datetime
    account: str
    holder: Literal["owner", "firm"]
    origin: Literal["bank", "upload"]
    bank: str | None = None
    from_on: date
    to_on: date
    opening_balance_cents: int | None = None
    on: tuple[date, ...] = ()
    minute: tuple[int, ...] = ()
    flow_cents: tuple[int, ...] = ()
    balance_cents: tuple[int, ...] = ()
    party: tuple[str, ...] = ()
    sort: tuple[FlowSort, ...] = ()

    @property
    def columns(self) -> LineColumns:
        """The lines as columns, packed when first asked for; columns of unequal length raise ValueError."""
        try:
            return self._columns
        except AttributeError:
            object.__setattr__(self, "_columns", self._pack())
            return self._columns

    def _pack(self) -> LineColumns:
        size = len(self.on)
        for column in (self.minute, self.flow_cents, self.party, self.sort):
            if len(column) != size and (column or column is self.flow_cents):
                raise ValueError(f"statement {self.account!r}: columns of {size} and of {len(column)} lines")
        return pack_lines(
            self.on,
            self.minute or (-1,) * size,
            self.flow_cents,
            self.party or ("",) * size,
            map(_PLACES.__getitem__, self.sort or ("other",) * size),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceList:
    """VAT invoices of the firm, oldest first; ``net_cents`` is below zero for a refund (a red invoice)."""

    kind: Literal["invoices"] = "invoices"
    obtained_at: datetime
    origin: Literal["tax_bureau", "upload"] = "tax_bureau"
    from_on: date
    to_on: date
    number: tuple[str, ...] = ()
    on: tuple[date, ...] = ()
    direction: tuple[Literal["output", "input"], ...] = ()
    net_cents: tuple[int, ...] = ()
    vat_cents: tuple[int, ...] = ()
    party: tuple[str, ...] = ()
    is_void: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityBills:
    """Meters of the place of business, month by month; ``quantity`` in kWh, tons of water, cubic metres of gas."""

    kind: Literal["utilities"] = "utilities"
    obtained_at: datetime
    month: tuple[date, ...] = ()
    meter: tuple[Literal["electricity", "water", "gas"], ...] = ()
    quantity: tuple[int, ...] = ()
    bill_cents: tuple[int, ...] = ()
    due_on: tuple[date, ...] = ()
    paid_on: tuple[date | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxReturns:
    """The firm's returns, month by month; ``filed_on`` is None where none was filed."""

    month: tuple[date, ...] = ()
    sales_cents: tuple[int, ...] = ()
    tax_cents: tuple[int, ...] = ()
    due_on: tuple[date, ...] = ()
    filed_on: tuple[date | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryChanges:
    """What changed in the firm's entry, and the marks against it."""

    on: tuple[date, ...] = ()
    what: tuple[
        Literal[
            "legal_representative", "shareholders", "capital", "address", "scope", "name", "branch", "abnormal_listed",
            "abnormal_lifted", "penalty", "share_pledge", "equipment_mortgage", "other",
        ],
        ...,
    ] = ()  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtCases:
    """Cases of owner and firm."""

    filed_on: tuple[date, ...] = ()
    party: tuple[Literal["owner", "firm"], ...] = ()
    role: tuple[Literal["plaintiff", "defendant", "executed"], ...] = ()
    cause: tuple[Literal["loan", "sale", "rent", "labour", "tort", "family", "criminal", "other"], ...] = ()
    amount_cents: tuple[int, ...] = ()
    closed_on: tuple[date | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactList:
    """The people an applicant names to be reached through, by tokens; read only with the consent to do so."""

    kind: Literal["contacts"] = "contacts"
    obtained_at: datetime
    relation: tuple[
        Literal["spouse", "parent", "child", "sibling", "friend", "colleague", "partner", "other"], ...
    ] = ()
    phone: tuple[str, ...] = ()
    city: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TelecomRecord:
    """What the applicant's telephone company says of the number."""

    kind: Literal["telecom"] = "telecom"
    obtained_at: datetime
    tenure_months: int | None = None
    is_in_service: bool | None = None
    is_real_name: bool | None = None
    is_virtual_operator: bool | None = None
    stops_12m: int | None = None
    home_city: str | None = None
    number_sims: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCheck:
    """What was read off and found out about one paper handed in; findings are reason codes, worst first."""

    kind: Literal["paper"] = "paper"
    obtained_at: datetime
    paper: Literal[
        "id_card_front", "id_card_back", "licence", "bank_statement", "bureau_report", "invoices", "lease", "photo",
        "selfie", "utility_bill", "other",
    ]  # fmt: skip
    digest: str
    likeness: str | None = None
    producer: str | None = None
    made_at: datetime | None = None
    changed_at: datetime | None = None
    pages: int | None = None
    lines: int | None = None
    confidence: int | None = None
    findings: tuple[str, ...] = ()
    seen_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the form was filled in, and on what: counts and shares the page measured, never what was typed."""

    pastes: int | None = None
    corrections: int | None = None
    focus_losses: int | None = None
    keys: int | None = None
    typing_spread_bps: int | None = None
    pointer_straight_bps: int | None = None
    pointer_pause_ms: int | None = None
    touches: int | None = None
    scrolls: int | None = None
    tilt_changes: int | None = None
    proof_ms: int | None = None
    proof_bits: int | None = None
    fields_autofilled: int | None = None
    field_seconds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMarks:
    """What the device says of itself, as far as the page may ask."""

    platform: Literal["android", "ios", "windows", "macos", "linux", "harmony", "other"] | None = None
    browser: str | None = None
    screen_pixels: int | None = None
    cores: int | None = None
    memory_gb: int | None = None
    zone_minutes: int | None = None
    language: str | None = None
    is_proxy: bool | None = None
    is_rooted: bool | None = None
    is_automated: bool | None = None
    has_camera: bool | None = None
    has_touch: bool | None = None
    canvas: str | None = None
    ip_city: str | None = None
    gps_city: str | None = None
    gps_accuracy_m: int | None = None
    is_gps_mocked: bool | None = None
    battery_bps: int | None = None
    is_charging: bool | None = None
