"""The commands that need no database: decide, schedule, rulebook check; a document or a line in, a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from creditfactory import decision, gateways, labels, loan
from creditfactory.application import Dossier, check_intake
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import BadInput, CreditFactoryError, Reason

Say = Callable[[str], None]
_Series = tuple[labels.Series, ...]


def _read_bytes(name: str) -> bytes:
    if name == "-":
        if sys.stdin is None:
            raise BadInput(place=name, found="a closed stdin", expected="a JSON document, or one a line")
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise BadInput(place=name, found=error.strerror or "no such file", expected="a file that can be read") from None


def _documents(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each document with its place: the whole file if it is one JSON document, else line by line."""
    rows = [(number, row) for number, row in enumerate(content.splitlines(), 1) if row.strip()]
    if not rows:
        raise BadInput(place=name, found="nothing", expected="a JSON document, or one a line")
    if len(rows) == 1 or not any(_is_whole(row) for _, row in rows):
        yield name, content
        return
    for number, row in rows:
        yield f"{name}: line {number}", row


def _is_whole(row: bytes) -> bool:
    """Whether a line is a document by itself (then the file is JSON Lines): braces from its first to its last sign."""
    return row[:1] == b"{" and row.rstrip()[-1:] == b"}"


def run_decide(
    name: str,
    folder: str | None,
    *,
    with_trace: bool,
    say: Say,
    engine: decision.EngineName | None = None,
    what_would_change: bool = False,
) -> int:
    """Decide on each dossier, or ask one engine alone; one that cannot be read gives its sentence on stderr and exit 1.

    The others go on.
    """
    faults = 0
    for place, document in _documents(name, _read_bytes(name)):
        try:
            dossier = gateways.read_dossier(document)
            pack = folder or _read_name(dossier.pack)
            book, series = packs.load_rulebook(pack).at(dossier.applied_on), packs.load_series(pack)
            told = (
                _ask(engine, dossier, book, series) if engine else _decide(dossier, book, series, with_trace=with_trace)
            )
            if what_would_change:
                told["changes"] = _list_changes(dossier, book, series)
            print(json.dumps(told, ensure_ascii=False, allow_nan=False))
        except CreditFactoryError as error:
            faults += 1
            say(f"{place}: {error}")
    return 1 if faults else 0


def _read_name(pack: str) -> str:
    """A pack by its name: a dossier from outside may not point at a folder of its own."""
    if Path(pack).name != pack:
        raise BadInput(place="pack", found=repr(pack[:60]), expected="the name of a pack, such as 'cn-micro'")
    return pack


def _decide(dossier: Dossier, book: decision.Book, series: _Series, *, with_trace: bool) -> dict[str, Any]:
    made = decision.decide(dossier, book, series=series, as_of=_known_at(dossier))
    whole: dict[str, Any] = json.loads(gateways.dump_value(made))
    if with_trace:
        whole["engines"] = [_tell_engine(answer, book) for answer in made.engines]
    else:
        for part in ("labels", "policy", "scores", "lane_choice", "front_gate", "cash_flow", "engines"):
            whole.pop(part)
    whole["words"] = [{"code": reason.code, **_tell(reason, book)} for reason in made.reasons]
    return whole


def _list_changes(dossier: Dossier, book: decision.Book, series: _Series) -> list[Any]:
    """The smallest changes within the applicant's reach that would lead to an offer, or to a lighter lane."""
    made = decision.decide(dossier, book, series=series, as_of=_known_at(dossier))
    facts: dict[str, Any] = {**made.labels.facts, "requested_product": dossier.request.product}
    if made.front_gate is not None:
        needs = made.front_gate.verdict == "refer" and made.front_gate.facts_needed
        facts["gate_verdict"] = "needs_facts" if needs else made.front_gate.verdict
    facts["intake_verdict"] = "reject" if check_intake(dossier, book.parameters).reasons else "pass"
    changes = decision.smallest_changes(facts, book)
    return [json.loads(gateways.dump_value(change)) for change in changes]


def _ask(engine: decision.EngineName, dossier: Dossier, book: decision.Book, series: _Series) -> dict[str, Any]:
    answer = decision.ask_engine(engine, dossier, book, series=series, as_of=_known_at(dossier))
    return {"reference": dossier.reference, **_tell_engine(answer, book)}


def _tell_engine(answer: decision.EngineAnswer, book: decision.Book) -> dict[str, Any]:
    """An engine's answer with each step of its trace in words."""
    whole: dict[str, Any] = json.loads(gateways.dump_value(answer))
    whole["trace"] = [
        {"code": step.code, "facts": dict(step.facts), **_tell(step, book, audiences=("staff",))}
        for step in answer.trace
    ]
    return whole


def _tell(
    reason: Reason, book: decision.Book, *, audiences: tuple[Literal["borrower", "staff"], ...] = ("borrower", "staff")
) -> dict[str, str]:
    languages: tuple[Literal["en", "zh"], ...] = ("en", "zh")
    return {
        f"{audience}_{language}": decision.tell_reason(reason, book, language=language, audience=audience)
        for audience in audiences
        for language in languages
    }


def _known_at(dossier: Dossier) -> datetime:
    """The last instant at which something was added to the dossier."""
    return max([dossier.applied_at, *(evidence.obtained_at for evidence in dossier.evidence)])


def run_schedule(name: str, *, say: Say) -> int:
    """Draw a schedule for each line of terms; a line that cannot be read gives its sentence and exit 1."""
    faults = 0
    for place, document in _documents(name, _read_bytes(name)):
        try:
            terms = loan.read_terms(gateways.read_object(document, whole="terms"))
            print(json.dumps(loan.schedule_as_json(loan.build_schedule(terms)), allow_nan=False))
        except BadInput as error:
            faults += 1
            say(f"{place}: {error}")
    return 1 if faults else 0


def run_rulebook_check(folder: Path, *, say: Say, mutation: bool = True) -> int:
    """Print each finding as a JSON line, and last how the cases were scored; exit 1 if a finding is a fault."""
    checked = packs.check_rulebook(folder, mutation=mutation, on=datetime.now(UTC).date())
    for finding in checked.findings:
        print(json.dumps(json.loads(gateways.dump_value(finding)), ensure_ascii=False))
    cases = f"{checked.cases_run} cases run, {checked.cases_failed} failed"
    found = f"{len(checked.findings)} findings" if checked.findings else "nothing to say against it"
    say(f"{folder}: {found}; {cases}.")
    if checked.mutation is not None:
        _tell_mutation(checked.mutation, say)
    return 0 if checked.is_sound else 1


SURVIVORS_TOLD = 5
"""As many survivors are told in words; the JSON line has them all."""


def _tell_mutation(score: packs.MutationScore, say: Say) -> None:
    """The share of small changes that the cases notice: as one JSON line, and in words."""
    whole = {
        "kind": "mutation",
        "mutants": score.mutants,
        "caught": score.caught,
        "equivalent": len(score.equivalent),
        "survived": len(score.survived),
        "share": round(score.share, 4),
        "by_kind": {kind: {"caught": caught, "mutants": tried} for kind, (caught, tried) in score.kinds.items()},
        "survivors": [asdict(one) for one in score.survived],
        "equivalents": [asdict(one) for one in score.equivalent],
        "unseen": list(score.unseen),
    }
    print(json.dumps(whole, ensure_ascii=False))
    told = f"Of {score.mutants} small changes to the rulebook the cases notice {score.caught}"
    same = f"; {len(score.equivalent)} make no difference to anybody" if score.equivalent else ""
    say(f"{told} ({score.share:.1%} of those that matter){same}; {len(score.survived)} would slip through.")
    for one in score.survived[:SURVIVORS_TOLD]:
        say(f"  {one.place}: {one.what}. A case that shows it: {one.shown_by}")
    if len(score.survived) > SURVIVORS_TOLD:
        say(f"  … and {len(score.survived) - SURVIVORS_TOLD} more, in the JSON line.")
