"""What was read off one paper: the evidence, what speaks against it, and what a person should look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from creditfactory.application import BankStatement, BureauReport, FlowSort, InvoiceList, PaperCheck
from creditfactory.gateways.papers.words import SortWord
from creditfactory.kernel import Reason

PaperKind = Literal["bank_statement", "bureau_report", "invoices"]
Token = Callable[[str, str], str]
"""From a kind (``account``, ``party``) and a name or number to what stands for it: the same for the same, always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the reader is told: when it was handed in, whose it is said to be, the words in force, the vault's tokens.

    ``holder_name`` is the applicant's or the firm's own name where it is known: money from there is one's own.
    """

    name: str
    at: datetime
    token: Token
    words: tuple[SortWord, ...] = ()
    holder: Literal["owner", "firm"] | None = None
    holder_name: str | None = None
    parameters: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """One field that was guessed at or could not be read for certain: a person says what it is."""

    field: str
    row: int
    page: int
    read: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line as it stands on the paper, names in clear: it is sealed wherever it is kept."""

    page: int
    row: int
    on: date
    minute: int
    cents: int
    balance_cents: int | None
    party: str
    memo: str
    sort: FlowSort | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One paper read whole."""

    evidence: BankStatement | InvoiceList | BureauReport
    check: PaperCheck
    findings: tuple[Reason, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    lines: tuple[ReadLine, ...] = field(default=(), repr=False)
    holder_name: str = field(default="", repr=False)
    account_shown: str = field(default="", repr=False)
