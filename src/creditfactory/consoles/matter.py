"""The dossier laid out for the eye: sections with their facts, evidence beside its source, contradictions marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditfactory import labels
from creditfactory.consoles import figures, words
from creditfactory.records import reads

HIDDEN = frozenset({"kind", "obtained_at", "token", "device", "ip"})
ENTRIES_SHOWN = 6
ODD_YES = frozenset(
    {"has_bad_debt", "is_dishonest_listed", "is_consumption_restricted", "is_headless", "is_emulator", "is_trap_filled"}
)
ODD_NO = frozenset({"is_document_valid", "is_name_matched", "is_phone_matched", "is_legal_representative"})
ODD_ABOVE_ZERO = frozenset({"overdue_now_cents", "executed_open", "chain_breaks"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact with its name in words; ``is_odd`` marks what speaks against, ``notes`` are findings told beside it."""

    name: str
    text: str
    is_odd: bool = False
    is_wide: bool = False
    series: tuple[int, ...] = ()
    notes: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class DossierSection:
    """One part of the dossier: what was stated, or one piece of evidence and since when it is known."""

    title: str
    facts: tuple[Fact, ...]
    known_since: str = ""
    is_evidence: bool = False


def lay_out_dossier(
    dossier: Mapping[str, Any], row: reads.CaseRow, findings: tuple[dict[str, Any], ...] = ()
) -> tuple[DossierSection, ...]:
    """The request, the applicant, the firm, the channel, the consents; then each piece of evidence.

    ``findings`` between sources are told beside the fields that they are about.
    """
    notes: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        for place in labels.FINDING_FIELDS.get(str(finding.get("code")), ()):
            notes.setdefault(place, []).append(finding)
    titles = (
        ("request", _("Request")),
        ("business", _("Firm")),
        ("applicant", _("Applicant")),
        ("channel", _("Channel")),
    )
    sections = [DossierSection(title, _facts(dossier.get(name) or {}, row, name, notes)) for name, title in titles]
    consents = tuple(
        Fact(words.word(consent["kind"], "consent"), figures.instant(consent["signed_at"]))
        for consent in dossier.get("consents", ())
    )
    if consents:
        sections.append(DossierSection(_("Consents"), consents))
    for evidence in dossier.get("evidence", ()):
        kind = evidence.get("kind", "")
        sections.append(
            DossierSection(
                words.word(kind, "evidence"), _facts(evidence, row, kind, notes),
                figures.instant(evidence.get("obtained_at")), is_evidence=True,
            )
        )  # fmt: skip
    return tuple(section for section in sections if section.facts)


def _facts(
    values: Mapping[str, Any], row: reads.CaseRow, kind: str, notes: Mapping[str, list[dict[str, Any]]]
) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            words.humane(name),
            _text(name, value, row),
            _is_odd(name, value) or f"{kind}.{name}" in notes,
            isinstance(value, list) and name.startswith("monthly_"),
            tuple(value) if name.startswith("monthly_") and isinstance(value, list) else (),
            tuple(notes.get(f"{kind}.{name}", ())),
        )
        for name, value in values.items()
        if name not in HIDDEN and value is not None and value != []
    )


def _text(name: str, value: Any, row: reads.CaseRow) -> str:
    currency = row.currency
    if isinstance(value, Mapping):
        lines = max((len(part) for part in value.values() if isinstance(part, list)), default=0)
        return ngettext("{n} entry", "{n} entries", lines).format(n=lines)
    if isinstance(value, list) and not name.startswith("monthly_"):
        if len(value) > ENTRIES_SHOWN:
            return ngettext("{n} entry", "{n} entries", len(value)).format(n=len(value))
        return " · ".join(words.told_value(name, item, row) for item in value)
    if isinstance(value, list):
        numbers = [item for item in value if isinstance(item, int)]
        if len(numbers) < 3 or len(numbers) < len(value):
            return " · ".join(words.fact_text(name, item, currency) for item in value)
        low, middle, high = (
            words.fact_text(name, n, currency) for n in (min(numbers), median_low(numbers), max(numbers))
        )
        return _("{n} months, from {low} to {high}, median {middle}").format(
            n=len(numbers), low=low, high=high, middle=middle
        )
    return words.told_value(name, value, row)


def _is_odd(name: str, value: Any) -> bool:
    return (
        (name in ODD_YES and value is True)
        or (name in ODD_NO and value is False)
        or (name in ODD_ABOVE_ZERO and isinstance(value, int) and value > 0)
        or (name == "status" and value in ("abnormal", "revoked", "not_found"))
        or (name == "liveness" and value == "failed")
    )


def gather_signs(case: reads.CaseFile) -> tuple[dict[str, Any], ...]:
    """What is odd between the sources and decides nothing: to be asked about."""
    found: list[dict[str, Any]] = []
    for visit in case.visits:
        if visit.station == "cash_flow" and isinstance(visit.result, Mapping):
            found = list(visit.result.get("signs") or ())
    return tuple(found)


def gather_contradictions(case: reads.CaseFile) -> tuple[dict[str, Any], ...]:
    """Where sources disagree: the cash-flow check's findings and the doubts of those who checked."""
    found: list[dict[str, Any]] = []
    for visit in case.visits:
        result = visit.result if isinstance(visit.result, Mapping) else {}
        if visit.station == "cash_flow":
            found += result.get("contradictions") or ()
        elif visit.station in ("online_check", "phone_check", "site_visit"):
            found += [item for item in visit.reasons if visit.outcome != "not_applicable"]
    return tuple(found)
