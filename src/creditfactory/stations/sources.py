"""Gathering evidence from outside sources, one question each, with what was already in the dossier left in peace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from creditfactory import application, gateways, records
from creditfactory.application import Evidence
from creditfactory.kernel import Reason
from creditfactory.stations.bureau_door import go_to_bureau
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Ask
from creditfactory.stations.uploaded import AWAY, Uploaded, find_uploaded_report


@dataclass(frozen=True, slots=True)
class Source:
    """An outside source: the question's kind and the evidence it answers with.

    ``party`` is who is asked where the source is not a party of its own; ``answer`` the contract's own answer where it
    holds several pieces of evidence.
    """

    kind: str
    evidence: type
    needs: tuple[str, ...]
    party: str | None = None
    answer: type | None = None

    def read(self, body: Mapping[str, Any]) -> tuple[Evidence, ...]:
        """The evidence in an answer: one piece, or one for each account."""
        found: Any = gateways.load_plain(self.answer or self.evidence, dict(body))
        return found.accounts if isinstance(found, gateways.StatementFile) else (found,)


SOURCES: Mapping[str, Source] = {
    "identity": Source("check", application.IdentityCheck, ("person",)),
    "bureau": Source("report", application.BureauReport, ("person", "consent")),
    "registry": Source("extract", application.RegistryExtract, ("person", "firm")),
    "court": Source("search", application.CourtSearch, ("person", "firm")),
    "tax": Source("record", application.TaxRecord, ("person", "firm", "consent")),
    "bank_flow": Source("statements", application.BankFlow, ("person", "firm", "consent")),
    "statements": Source(
        "lines", application.BankStatement, ("person", "firm", "consent"), "bank_flow", gateways.StatementFile
    ),
    "invoices": Source("invoices", application.InvoiceList, ("person", "firm", "consent"), "tax"),
    "utilities": Source("bills", application.UtilityBills, ("person", "firm", "consent")),
    "telecom": Source("record", application.TelecomRecord, ("person", "consent")),
}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came in, what did not and why, the next question if there is one to ask, and what is told of papers."""

    found: tuple[Evidence, ...] = ()
    missing: Mapping[str, str] | None = None
    ask: Ask | None = None
    withheld: tuple[Reason, ...] = ()
    papers: tuple[Reason, ...] = ()
    uploaded: tuple[str, ...] = ()


def gather(case: Case, context: Context, parties: tuple[str, ...]) -> Gathered:
    """Evidence of these sources: in the dossier and fresh, answered, refused, or still to be asked for."""
    found: list[Evidence] = []
    missing: dict[str, str] = {}
    paper = Uploaded()
    for name in parties:
        source = SOURCES[name]
        held = application.find_evidence(case.dossier, source.evidence, as_of=context.now)
        if held is not None and context.now - held.obtained_at <= timedelta(days=context.plan.bureau_days):
            continue
        if name == "bureau":
            door = go_to_bureau(case, context)
            if door.ask is not None or door.refused == AWAY:
                paper = find_uploaded_report(case, context, down=door.ask is None)
            if paper.report is not None and paper.check is not None:
                found += [paper.report, paper.check]
                continue
            if door.ask is not None or door.reasons:
                return Gathered(ask=door.ask, withheld=door.reasons)
            if door.report is not None:
                found.append(door.report)
            else:
                missing[name] = door.refused
            continue
        key, party = f"{case.number}:{name}", source.party or name
        answer = case.answers.get(key)
        if answer is None:
            return Gathered(ask=Ask(party=party, kind=source.kind, key=key, request=_request(case, context, source)))
        if answer["status"] == "answered":
            found += source.read(answer["body"])
        else:
            missing[name] = str(answer["body"].get("code", "refused"))
    used = () if paper.report is None else ("bureau",)
    return Gathered(found=tuple(found), missing=missing, papers=paper.reasons, uploaded=used)


def _request(case: Case, context: Context, source: Source) -> dict[str, Any]:
    """The question in the source's contract; the person's name and numbers are put in when it is sent, not kept."""
    request: dict[str, Any] = {"application": case.record.reference, "asked_at": context.now.isoformat()}
    if "person" in source.needs:
        request["person"] = {"token": case.dossier.applicant.token}
    if "firm" in source.needs:
        business = case.dossier.business
        request["firm"] = {"trade_name": business.trade_name, "city": business.city}
    if "consent" in source.needs:
        versions = [consent.version for consent in case.dossier.consents]
        request["consent"] = max(versions, default="1")
    if source.evidence is application.IdentityCheck:
        sitting = records.find_session_handle(case.record.id)
        request |= {"session": sitting} if sitting is not None else {}
    return request


def name_person(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as it is sent: the token's person put in from the vault, for the asking only."""
    person = request.get("person")
    if not isinstance(person, Mapping):
        return dict(request)
    facts = records.open_person(str(person["token"]))
    return {**request, "person": {**person, **{k: facts[k] for k in ("name", "id_number", "phone") if k in facts}}}
