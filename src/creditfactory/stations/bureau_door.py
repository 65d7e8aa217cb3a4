"""The bureau's door: permission and purpose first, a held report before a new question, every question counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from creditfactory import application, gateways, records
from creditfactory.application import BureauReport, Consent
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Ask

BUREAU = "bureau"
HOP = "licensed_bureau"
PURPOSE = "loan_approval"


@dataclass(frozen=True, slots=True)
class Door:
    """What the door says: a question to ask, a report in hand, a refusal, or reasons not to ask at all."""

    ask: Ask | None = None
    report: BureauReport | None = None
    refused: str = ""
    reasons: tuple[Reason, ...] = ()


def name_source(ask: Ask) -> str:
    """The source a question is for; a question that is for none, such as one to a bank, gives its key's last word.

    >>> name_source(Ask(party="licensed_bureau", kind="report", key="A-1:bureau", request={}))
    'bureau'
    """
    return ask.key.rpartition(":")[2]


def go_to_bureau(case: Case, context: Context) -> Door:
    """One report on the owner for this application, asked at most once within the lifetime of a report.

    Without a permission that holds today for this purpose nothing is sent, and the need is noted as withheld. A
    report on the same person for the same purpose that is still in its lifetime is used again and costs nothing.
    """
    key = f"{case.number}:{BUREAU}"
    answer = case.answers.get(key)
    if answer is not None:
        return _read_answer(answer)
    on = (context.now + timedelta(minutes=case.dossier.utc_offset_minutes)).date()
    reasons = application.check_bureau_permission(case.dossier, PURPOSE, context.plan.bureau_purposes, on)
    if reasons:
        _note(case, context, key=f"{key}:withheld", outcome="withheld", why=reasons[0].code, at=context.now)
        return Door(reasons=reasons)
    consent = find_consent(case, context, on)
    held = records.find_bureau_report(
        tenant_id=case.record.tenant_id, person_token=case.dossier.applicant.token, purpose=PURPOSE,
        since=context.now - timedelta(days=context.plan.bureau_days), until=context.now,
    )  # fmt: skip
    if held is not None:
        door = _read_answer(held.answer)
        if door.report is not None:
            _note(
                case, context, key=f"{key}:reused", outcome="reused", at=context.now, consent=consent,
                report_at=door.report.obtained_at, source_key=held.key,
            )  # fmt: skip
            return door
    return Door(ask=_build_question(case, context, key, consent))


def find_consent(case: Case, context: Context, on: Any) -> Consent | None:
    """The signature that carries the question."""
    needed = context.plan.bureau_purposes.get(PURPOSE)
    return None if needed is None else application.find_bureau_consent(case.dossier, tuple(needed["consents"]), on)


def _build_question(case: Case, context: Context, key: str, consent: Consent | None) -> Ask:
    """The question in its contract's form, to the licensed bureau where the pack says that it must pass there."""
    request: dict[str, Any] = {
        "application": case.record.reference,
        "asked_at": context.now.isoformat(),
        "person": {"token": case.dossier.applicant.token},
        "consent": "" if consent is None else consent.version,
        "consent_signed_at": None if consent is None else consent.signed_at.isoformat(),
        "purpose": PURPOSE,
        "institution": case.record.tenant,
    }
    return Ask(party=context.plan.bureau_via or BUREAU, kind="report", key=key, request=request)


def _read_answer(answer: Mapping[str, Any]) -> Door:
    if answer["status"] != "answered":
        return Door(refused=str(answer["body"].get("code", "refused")))
    body = answer["body"]
    return Door(report=gateways.load_plain(BureauReport, body.get("report", body)))


def count_answer(case: Case, context: Context, ask: Ask, answer: Mapping[str, Any], at: datetime) -> None:
    """Count a question to the bureau as its answer is kept: an answer is paid for, a refusal is not."""
    if name_source(ask) != BUREAU or ask.kind != "report" or answer["status"] == "accepted":
        return
    door = _read_answer(answer)
    if door.refused == "UNAVAILABLE":
        return
    prices = context.book.parameters.get("bureau_query_price_cents") or {}
    on = (context.now + timedelta(minutes=case.dossier.utc_offset_minutes)).date()
    _note(
        case, context, key=ask.key, outcome="refused" if door.report is None else "paid", why=door.refused[:48],
        at=at, consent=find_consent(case, context, on), party=ask.party,
        price_cents=0 if door.report is None else int(prices.get(PURPOSE, 0)),
        report_at=None if door.report is None else door.report.obtained_at,
    )  # fmt: skip


def _note(
    case: Case, context: Context, *, key: str, outcome: str, at: datetime, why: str = "", party: str = "",
    consent: Consent | None = None, price_cents: int = 0, report_at: datetime | None = None, source_key: str = "",
) -> None:  # fmt: skip
    records.count_bureau_query(
        records.BureauNeed(
            tenant_id=case.record.tenant_id, application_id=case.record.id,
            person_token=case.dossier.applicant.token, purpose=PURPOSE,
            party=party or context.plan.bureau_via or BUREAU, key=key, outcome=outcome, why=why,
            consent="" if consent is None else consent.version,
            consent_signed_at=None if consent is None else consent.signed_at,
            price_cents=price_cents, asked_at=at, business_on=context.on, report_at=report_at, source_key=source_key,
        )
    )  # fmt: skip
