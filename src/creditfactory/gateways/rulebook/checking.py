"""Checking a whole rulebook: everything that is wrong with it at once, each by file, row and column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from creditfactory.decision import Dated, Product, Rulebook, RuleText, each_day
from creditfactory.gateways.rulebook.cases import Case, CaseResult, read_cases, try_case
from creditfactory.gateways.rulebook.files import check_lock, find_folder
from creditfactory.gateways.rulebook.findings import (
    ENGINE_CODES,
    SHARED_PLACE,
    Finding,
    check_language,
    check_tables,
    check_units,
)
from creditfactory.gateways.rulebook.loading import Pack, default_folder, read_pack
from creditfactory.gateways.rulebook.mutation import MutationScore, score_cases
from creditfactory.gateways.rulebook.series_files import read_series_faults
from creditfactory.kernel import BadInput, CreditFactoryError
from creditfactory.rules import SEVERITY
from creditfactory.scoring import Card


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, how many cases were run, and how many small changes to the rulebook they would notice."""

    findings: tuple[Finding, ...]
    cases_run: int
    cases_failed: int
    mutation: MutationScore | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing found blocks the rulebook."""
        return not any(finding.kind == "fault" for finding in self.findings)


def check_rulebook(
    pack_or_folder: str | Path, *, locked: bool = False, mutation: bool = False, on: date | None = None
) -> Checked:
    """Everything wrong with a rulebook and, where it can be read at all, with what its own cases expect of it.

    With ``mutation`` the cases are scored as well, where they all hold: see :func:`score_cases`. ``on`` is the day from
    which reviews are due or not.
    """
    pack = read_pack(find_folder(pack_or_folder, default_folder()))
    faults: list[BadInput] = [*(check_lock(pack.folder, pack.hashes) if locked else ()), *pack.faults]
    findings = [_tell(fault) for fault in (*faults, *read_series_faults(pack.folder))]
    rulebook = pack.rulebook()
    if not pack.faults:
        findings += _check_days(rulebook)
    findings += [*_check_reasons(rulebook, is_alone=SHARED_PLACE not in pack.files), *_check_unknowns(rulebook)]
    is_read = not any(f.kind == "fault" for f in findings)
    findings += check_language(rulebook, pack, on=on) if is_read else (*check_tables(rulebook), *check_units(rulebook))
    if any(f.kind == "fault" for f in findings):
        return Checked(tuple(dict.fromkeys(findings)), 0, 0)
    return _run_cases(pack, rulebook, findings, mutation=mutation)


def _run_cases(pack: Pack, rulebook: Rulebook, findings: list[Finding], *, mutation: bool) -> Checked:
    before = len(pack.faults)
    cases = list(read_cases(pack, rulebook))
    results = [c if isinstance(c, CaseResult) else _try(c, rulebook) for c in cases]
    findings += [_tell(fault) for fault in pack.faults[before:]]
    findings += [Finding("fault", r.place, f"{r.name!r}: {d}") for r in results for d in r.differences]
    failed = sum(bool(r.differences) for r in results)
    if not results:
        findings.append(Finding("note", "cases", "no case says what this rulebook must do"))
    is_scored = mutation and not failed and len(pack.faults) == before
    own = [place for place, path in pack.files.items() if path.is_relative_to(pack.folder)]
    score = score_cases(rulebook, [c for c in cases if isinstance(c, Case)], own) if is_scored else None
    return Checked(tuple(dict.fromkeys(findings)), len(results), failed, score)


def _try(case: Case, rulebook: Rulebook) -> CaseResult:
    return CaseResult(case.place, case.name, try_case(case, rulebook.at(case.on)))


def _tell(fault: BadInput) -> Finding:
    return Finding("fault", fault.place, f"found {fault.found}, expected {fault.expected}")


def _check_days(rulebook: Rulebook) -> Iterator[Finding]:
    """Type-check each rule and each product alone, so that no fault hides another, then all of them together."""
    alone = [_alone(rulebook, rules={name: dated}) for name, dated in rulebook.rules.items()]
    alone += [_alone(rulebook, products=(product,)) for product in rulebook.products]
    for part in [*alone, rulebook]:
        try:
            for _ in each_day(part):
                pass
        except BadInput as fault:
            yield _tell(fault)
        except CreditFactoryError as fault:
            yield Finding("fault", rulebook.pack, str(fault))


def _alone(
    rulebook: Rulebook, *, rules: dict[str, Dated[RuleText]] | None = None, products: tuple[Product, ...] = ()
) -> Rulebook:
    return replace(rulebook, rules=rules or {}, products=products, _epochs={}, _policies={})


def _check_reasons(rulebook: Rulebook, *, is_alone: bool = False) -> Iterator[Finding]:
    wanted = dict.fromkeys(ENGINE_CODES, "the engine")
    for name, dated in rulebook.rules.items():
        wanted |= {text.reason: f"rule {name}" for _, text in dated.versions if text is not None}
    for live in rulebook.cards:
        for question in live.card.characteristics:
            said_by = f"card {live.card.name} {live.card.version}"
            wanted |= {one.reason: said_by for _, one in question.classes if one.reason}
    for code, by in sorted(wanted.items()):
        if code not in rulebook.reasons:
            hint = "; the words that packs share are read from ../reasons.yaml, which is not there" if is_alone else ""
            yield Finding("fault", "reasons.yaml", f"{code} has no words, and {by} gives it{hint}")
    for code, words in rulebook.reasons.items():
        if not all(text.strip() for text in (*words.borrower.values(), *words.staff.values())):
            yield Finding("fault", "reasons.yaml", f"{code} has empty words")


def _check_unknowns(rulebook: Rulebook) -> Iterator[Finding]:
    """Where not knowing a fact would do an applicant more good than knowing it."""
    for dated in rulebook.rules.values():
        for day, text in dated.versions:
            if text is None:
                continue
            place = f"{dated.place}: values.{day}"
            if text.missing == "clear":
                yield Finding("note", place, f"an unknown fact passes, because: {text.why}")
            elif SEVERITY[text.missing] < SEVERITY[text.then] < SEVERITY["refer"]:  # type: ignore[index]
                what = f"missing: {text.missing} is lighter than then: {text.then}, so that leaving a fact out helps"
                yield Finding("fault", place, what)
    for live in rulebook.cards:
        if live.card.method == "expert":
            yield from _check_missing_classes(live.card)


def _check_missing_classes(card: Card) -> Iterator[Finding]:
    for question in card.characteristics:
        worst = min(b.points for b in question.bins)
        if question.missing is not None and question.missing.points > worst:
            what = f"{question.label}: missing gives {question.missing.points} points, the worst class {worst}"
            yield Finding("note", f"cards/{card.name}/{card.version}/card.json", f"{what}; leaving it out helps")
