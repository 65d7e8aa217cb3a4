"""Papers brought to the dossier: whether each may stand for its source, and why not; a credit report above all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from creditfactory import application, gateways
from creditfactory.application import (
    BankStatement,
    BureauReport,
    Dossier,
    Evidence,
    InvoiceList,
    PaperCheck,
    add_evidence,
    find_evidence,
)
from creditfactory.kernel import Reason
from creditfactory.stations.bureau_door import BUREAU, PURPOSE
from creditfactory.stations.case import Case, Context
from creditfactory.stations.line_plan import LinePlan

HEARD = "paper_read"
"""What the line hears of: a paper's evidence that may count from now on."""
AWAY = "UNAVAILABLE"
SEEN_TO = frozenset({"PAP-UNCLEAR"})
"""Findings that a second person has settled by confirming the reading."""
STEADY = ("oldest_account_on", "has_bad_debt")
"""What two reports on one person must agree in, whichever is the older."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The report that may stand for the bureau's own, with its paper; or why each that was handed in may not."""

    report: BureauReport | None = None
    check: PaperCheck | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """The dossier with its papers in it, and what is told of those that stand for a source, or may not."""

    dossier: Dossier
    reasons: tuple[Reason, ...] = ()


def is_away(case: Case, source: str) -> bool:
    """Whether a source was asked as often as the line allows, and stayed away."""
    answer = case.answers.get(f"{case.number}:{source}")
    return answer is not None and answer["status"] != "answered" and answer["body"].get("code") == AWAY


def find_uploaded_report(case: Case, context: Context, *, down: bool) -> Uploaded:
    """The latest credit report handed in for a case that may stand for the bureau's own.

    Nothing is asked and nothing is paid. ``down`` says that the bureau was asked and stayed away.
    """
    fit: list[tuple[BureauReport, PaperCheck]] = []
    against: list[Reason] = []
    for report, check in list_reports(case.record.heard):
        faults = check_uploaded_report(report, check, case.dossier, context.plan, context.now, down=down)
        against += faults
        if not faults:
            fit.append((report, check))
    if not fit:
        return Uploaded(reasons=_tell_once(against))
    report, check = max(fit, key=lambda pair: pair[0].obtained_at)
    return Uploaded(report, check, (tell_taken(report, check),))


def list_reports(heard: tuple[tuple[str, dict[str, Any]], ...]) -> tuple[tuple[BureauReport, PaperCheck], ...]:
    """Every credit report whose reading may count, with its paper, as it was handed in."""
    found = []
    for body in (body for kind, body in heard if kind == HEARD):
        items = [gateways.load_evidence(item) for item in body.get("evidence", ())]
        report = next((item for item in items if isinstance(item, BureauReport)), None)
        check = next((item for item in items if isinstance(item, PaperCheck)), None)
        if report is not None and check is not None:
            found.append((report, check))
    return tuple(found)


def check_uploaded_report(
    report: BureauReport, check: PaperCheck, dossier: Dossier, plan: LinePlan, now: datetime, *, down: bool
) -> tuple[Reason, ...]:
    """Why a report handed in may not stand for the bureau's own; nothing where it may.

    It must be allowed by the line, covered by the same permission as a question to the bureau, within a report's
    lifetime, and nothing may speak against its paper. What the bureau itself has said always goes before it.
    """
    way = plan.find_upload(BUREAU)
    told = find_evidence(dossier, BureauReport, as_of=now)
    if way == "refused":
        return (Reason("PAP-UPLOAD-REFUSED", {"source": BUREAU}),)
    if told is not None and told.origin == "bureau":
        return (Reason("PAP-UPLOAD-SECOND", {"source": BUREAU}),)
    if way == "while_down" and not down:
        return (Reason("PAP-UPLOAD-NOT-DOWN", {"source": BUREAU}),)
    on = (now + timedelta(minutes=dossier.utc_offset_minutes)).date()
    found = list(application.check_bureau_permission(dossier, PURPOSE, plan.bureau_purposes, on))
    made_on = (report.obtained_at + timedelta(minutes=dossier.utc_offset_minutes)).date()
    if not timedelta() <= now - report.obtained_at <= timedelta(days=plan.bureau_days):
        found.append(Reason("PAP-UPLOAD-AGE", {"made_on": made_on.isoformat(), "days": plan.bureau_days}))
    if any(code not in SEEN_TO for code in check.findings):
        first = next(code for code in check.findings if code not in SEEN_TO)
        found.append(Reason("PAP-UPLOAD-DOUBTED", {"finding": first, "findings": len(check.findings)}))
    return tuple(found)


def tell_taken(report: BureauReport, check: PaperCheck) -> Reason:
    """That a paper stands for the bureau's own answer."""
    made_on = report.obtained_at.date().isoformat()
    return Reason("PAP-UPLOAD-TAKEN", {"source": BUREAU, "made_on": made_on, "digest": check.digest[:12]})


def compare_reports(report: BureauReport, check: PaperCheck, dossier: Dossier, now: datetime) -> PaperCheck:
    """The paper with one finding more where its report and the bureau's own cannot both be true.

    Only what does not change from one day to the next is compared: whether there is a record, the oldest account,
    and bad debt; balances may have moved in between.
    """
    told = find_evidence(dossier, BureauReport, as_of=now)
    if told is None or told.origin != "bureau":
        return check
    differs = told.has_record != report.has_record or any(
        None not in (ours, theirs) and ours != theirs
        for ours, theirs in ((getattr(told, name), getattr(report, name)) for name in STEADY)
    )
    return replace(check, findings=(*check.findings, "PAP-BUREAU-DIFFERS")) if differs else check


def stands_for(case: Case, context: Context, source: str) -> bool:
    """Whether a paper in hand spares the case to wait, to be held or to end for a source that stays away."""
    return source == BUREAU and find_uploaded_report(case, context, down=True).report is not None


def bring_papers(case: Case, context: Context) -> Brought:
    """The dossier with every paper that may count and is not in it yet.

    What a bank, the tax bureau or the credit bureau said itself stands before what was handed in on paper: such a
    paper is noted with its findings, and its figures are left out. So is one that the line does not take for its
    source; the reasons say why.
    """
    dossier, reasons = case.dossier, list[Reason]()
    known = {e.digest for e in dossier.evidence if isinstance(e, PaperCheck)}
    for kind, body in case.record.heard:
        if kind != HEARD:
            continue
        found = [gateways.load_evidence(item) for item in body.get("evidence", ())]
        check = next((item for item in found if isinstance(item, PaperCheck)), None)
        if check is None or check.digest in known:
            continue
        known.add(check.digest)
        brought: list[Evidence] = []
        for item in found:
            if isinstance(item, BureauReport):
                why = check_uploaded_report(item, check, dossier, context.plan, context.now, down=is_away(case, BUREAU))
                reasons += why or (tell_taken(item, check),)
                check = compare_reports(item, check, dossier, context.now)
            elif isinstance(item, BankStatement | InvoiceList):
                why = _check_lines(item, case, context)
                reasons += why
            else:
                continue
            brought += () if why else (item,)
        dossier = add_evidence(dossier, *brought, check)
    return Brought(dossier, _tell_once(reasons))


def _check_lines(item: BankStatement | InvoiceList, case: Case, context: Context) -> tuple[Reason, ...]:
    """Why lines handed in on paper may not stand for the bank's or the tax bureau's own."""
    source = "statements" if isinstance(item, BankStatement) else "invoices"
    way = context.plan.find_upload(source)
    if way == "refused":
        return (Reason("PAP-UPLOAD-REFUSED", {"source": source}),)
    account = item.account if isinstance(item, BankStatement) else None
    held = [e for e in case.dossier.evidence if isinstance(e, type(item)) and e.origin != "upload"]
    if any(getattr(e, "account", None) == account for e in held):
        return (Reason("PAP-UPLOAD-SECOND", {"source": source}),)
    if way == "while_down" and not is_away(case, source):
        return (Reason("PAP-UPLOAD-NOT-DOWN", {"source": source}),)
    return ()


def _tell_once(reasons: list[Reason]) -> tuple[Reason, ...]:
    return tuple(reason for at, reason in enumerate(reasons) if reason not in reasons[:at])
