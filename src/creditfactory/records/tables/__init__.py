"""The tables, by subject."""

from creditfactory.records.tables.audit import AuditEvent
from creditfactory.records.tables.borrower import ApplySession, KeptPaper
from creditfactory.records.tables.bureau import BureauQuery, BureauRecord
from creditfactory.records.tables.channels import Channel, Funder
from creditfactory.records.tables.learning import CardRefresh, CardWatch
from creditfactory.records.tables.line import (
    Application,
    CallBack,
    DeadLetter,
    Dossier,
    HistoryRun,
    LineMove,
    Question,
    RecordedOutcome,
    Timer,
    Visit,
    WorkItem,
)
from creditfactory.records.tables.money import Entry, Instalment, Journal, LedgerAccount, Loan, Repayment
from creditfactory.records.tables.papers import UploadedPaper
from creditfactory.records.tables.persons import Edge, ForgottenApplication, KnownOutcome, ListEntry, Person
from creditfactory.records.tables.rulebooks import RulebookFile, RulebookRelease, RulebookVersion, ShadowDecision
from creditfactory.records.tables.tenancy import Book, Clock, PartnerKey, Tenant, UsedNonce

__all__ = [
    "Application",
    "ApplySession",
    "AuditEvent",
    "Book",
    "BureauQuery",
    "BureauRecord",
    "CallBack",
    "CardRefresh",
    "CardWatch",
    "Channel",
    "Clock",
    "DeadLetter",
    "Dossier",
    "Edge",
    "Entry",
    "ForgottenApplication",
    "Funder",
    "HistoryRun",
    "Instalment",
    "Journal",
    "KeptPaper",
    "KnownOutcome",
    "LedgerAccount",
    "LineMove",
    "ListEntry",
    "Loan",
    "PartnerKey",
    "Person",
    "Question",
    "RecordedOutcome",
    "Repayment",
    "RulebookFile",
    "RulebookRelease",
    "RulebookVersion",
    "ShadowDecision",
    "Tenant",
    "Timer",
    "UploadedPaper",
    "UsedNonce",
    "Visit",
    "WorkItem",
]
