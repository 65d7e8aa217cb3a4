"""Papers handed in for a case: read at the door, kept sealed, and told to the line once they may count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from creditfactory import gateways, identity, publishing, records
from creditfactory.application import BankStatement, Dossier
from creditfactory.gateways import papers
from creditfactory.kernel import BadInput, Reason, Refused
from creditfactory.stations.uploaded import HEARD

CORRECTABLE = ("on", "flow_cents", "balance_cents", "sort")


@dataclass(frozen=True, slots=True)
class PaperTaken:
    """What became of a file at the door: its number, where it stands, and the sentence it was refused by if so."""

    id: int
    status: str
    counts: bool
    fault: str = ""


def take_paper(
    application_id: int, content: bytes, *, name: str, by: str, kind: papers.PaperKind | None = None,
    holder: str | None = None,
) -> PaperTaken:  # fmt: skip
    """Read a file for a case and keep it, whatever came of it.

    A reading without a doubt counts at once; a doubtful one waits for a person to look, and for another to confirm it.
    A file that could not be read is kept as refused with the sentence that says why, and never counts.
    """
    case = records.load_case(application_id)
    if case is None:
        raise Refused("There is no such case.")
    if case.status not in ("moving", "waiting", "held"):
        raise Refused("This case has ended; no paper can be handed in for it any more.")
    dossier = gateways.load_dossier(case.dossier)
    asked = _ask(case, dossier, papers.tidy_name(name), holder)
    media = "application/octet-stream"
    facts: dict[str, Any] = {
        "tenant": case.tenant, "application_id": case.id, "number": case.number, "person_token": case.person_token,
        "name": asked.name, "media": media, "content": content, "by": by, "at": asked.at,
    }  # fmt: skip
    try:
        reading = papers.read_paper(content, asked, kind=kind)
    except BadInput as fault:
        finding = [
            {"code": "PAP-REFUSED", "facts": {"place": fault.place, "found": fault.found, "expected": fault.expected}}
        ]
        taken = records.save_paper(
            **facts,
            paper=kind or "other",
            reading="",
            status="refused",
            findings=json.dumps(finding, ensure_ascii=False),
        )
        return PaperTaken(taken, "refused", counts=False, fault=str(fault))
    others = [e for e in dossier.evidence if isinstance(e, BankStatement)]
    seen = records.count_same_files(digest=reading.check.digest, person_token=case.person_token)
    names = (str(records.open_person(case.person_token).get("name", "")), dossier.business.trade_name or "")
    reading = papers.judge_paper(reading, others=others, seen_before=seen, names=names, asked=asked)
    taken = records.save_paper(
        **facts, paper=reading.check.paper, reading=gateways.dump_value(reading), status="read",
        findings=_dump_findings(reading.findings),
    )  # fmt: skip
    if reading.doubts:
        return PaperTaken(taken, "read", counts=False)
    _let_count(case.id, taken, reading, by)
    return PaperTaken(taken, "read", counts=True)


def open_paper(paper_id: int) -> papers.Reading | None:
    """What was read off a paper, names in clear; None for one that could not be read."""
    text = records.open_reading(paper_id=paper_id)
    return gateways.load_value(papers.Reading, text) if text else None


def correct_line(row: records.PaperRow, line: int, field: str, value: str, *, by: str) -> None:
    """Put one field of one line right, as it stands on the paper; the findings are made anew.

    Raises :class:`BadInput` with the field where the value is none, :class:`Refused` where a reading can no longer be
    changed.
    """
    reading = open_paper(row.id)
    if reading is None or not isinstance(reading.evidence, BankStatement):
        raise Refused("Only the lines of a statement can be put right here.")
    if field not in CORRECTABLE or not 0 <= line < len(reading.lines):
        raise BadInput(place=f"line {line + 1}, {field[:20]}", found="no such field", expected=", ".join(CORRECTABLE))
    column = getattr(reading.evidence, field)
    if not column:
        raise Refused("This statement prints no such column.")
    was, now = column[line], _read_value(field, value, line)
    if was == now:
        return
    statement = papers.mend_statement(reading.evidence, line, **{field: now})
    case = records.load_case(row.application_id)
    assert case is not None, "a paper belongs to a case"
    lines = [item.row for item in reading.lines]
    found = identity.sort_findings(
        [*(r for r in reading.findings if not r.code.startswith(("PAP-CHAIN", "PAP-OPENING", "PAP-TOTALS"))),
         *(r for r in identity.check_statement(statement, rows=lines) if r.code in ("PAP-CHAIN", "PAP-OPENING"))]
    )  # fmt: skip
    shown = replace(
        reading.lines[line], on=statement.on[line], cents=statement.flow_cents[line], sort=statement.sort[line],
        balance_cents=statement.balance_cents[line] if statement.balance_cents else None,
    )  # fmt: skip
    mended = replace(
        reading,
        evidence=statement,
        findings=found,
        lines=(*reading.lines[:line], shown, *reading.lines[line + 1 :]),
        check=replace(reading.check, findings=tuple(dict.fromkeys(reason.code for reason in found))),
    )
    change = {"row": shown.row, "field": field, "was": str(was), "is": str(now)}
    records.correct_paper(
        tenant=case.tenant, number=case.number, paper_id=row.id, reading=gateways.dump_value(mended),
        findings=_dump_findings(found), changes=[change], by=by, at=records.read_clock(case.tenant_id).now,
    )  # fmt: skip


def confirm_reading(row: records.PaperRow, *, by: str) -> None:
    """Let a reading count, by a second person; what counts is the reading as it then stands."""
    case = records.load_case(row.application_id)
    reading = open_paper(row.id)
    if case is None or reading is None:
        raise Refused("There is nothing read off this paper that could count.")
    with records.together():
        records.confirm_paper(
            tenant=case.tenant, number=case.number, paper_id=row.id, by=by, at=records.read_clock(case.tenant_id).now
        )
        _let_count(case.id, row.id, reading, by)


def _ask(case: records.CaseRecord, dossier: Dossier, name: str, holder: str | None) -> papers.Asked:
    on: date = case.applied_on
    book = publishing.find_rulebook(case.rulebook)
    known = {} if book is None else book.at(on).parameters
    return papers.Asked(
        name=name,
        at=records.read_clock(case.tenant_id).now,
        token=records.stand_for,
        words=_load_words(case.rulebook, on),
        holder=holder if holder in ("owner", "firm") else None,  # type: ignore[arg-type]
        holder_name=dossier.business.trade_name,
        parameters={k: v for k, v in known.items() if k.startswith("paper_") and isinstance(v, int)},
    )


def _load_words(digest: str, on: date) -> tuple[papers.SortWord, ...]:
    """The words of the rulebook that governs the case; one without them leaves a line to who the other side is."""
    stored = records.find_rulebook(digest)
    text = None if stored is None else stored.files.get(papers.WORDS_PLACE)
    return papers.read_sort_words(text.decode("utf-8-sig"), on) if text else ()


def _let_count(application_id: int, paper_id: int, reading: papers.Reading, by: str) -> None:
    """Tell the line of the evidence, once for each paper."""
    evidence: list[Mapping[str, Any]] = [
        json.loads(gateways.dump_value(item)) for item in (reading.evidence, reading.check)
    ]
    records.receive_call_back(
        application_id=application_id, source=by, kind=HEARD, key=f"paper:{paper_id}",
        body=json.dumps({"evidence": evidence}, ensure_ascii=False), at=reading.check.obtained_at,
    )  # fmt: skip


def _dump_findings(found: tuple[Reason, ...]) -> str:
    return json.dumps([{"code": reason.code, "facts": dict(reason.facts)} for reason in found], ensure_ascii=False)


def _read_value(field: str, value: str, line: int) -> object:
    place = f"line {line + 1}, {field}"
    try:
        if field == "on":
            return papers.read_moment(value)[0]
        if field == "sort":
            if value not in papers.FLOW_SORTS:
                raise BadInput(place=place, found=repr(value[:20]), expected="one of " + ", ".join(papers.FLOW_SORTS))
            return value
        amount = papers.read_amount(value)
    except ValueError as fault:
        raise BadInput(place=place, found=f"{value[:30]!r} ({fault})", expected="a day or an amount") from None
    if amount is None:
        raise BadInput(place=place, found="nothing", expected="an amount such as 1,234.56")
    return amount
