"""The tables, by subject."""

from creditfactory.records.tables.audit import AuditEvent
from creditfactory.records.tables.bureau import BureauQuery, BureauRecord
from creditfactory.records.tables.channels import Channel, Funder
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
from creditfactory.records.tables.persons import Edge, ListEntry, Person
from creditfactory.records.tables.rulebooks import RulebookFile, RulebookRelease, RulebookVersion, ShadowDecision
from creditfactory.records.tables.tenancy import Book, Clock, PartnerKey, Tenant, UsedNonce

__all__ = [
    "Application",
    "AuditEvent",
    "Book",
    "BureauQuery",
    "BureauRecord",
    "CallBack",
    "Channel",
    "Clock",
    "DeadLetter",
    "Dossier",
    "Edge",
    "Entry",
    "Funder",
    "HistoryRun",
    "Instalment",
    "Journal",
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
    "UsedNonce",
    "Visit",
    "WorkItem",
]
