"""Checking a whole rulebook: everything that is wrong with it at once, each by file, row and column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from creditfactory.decision import Dated, Product, Rulebook, RuleText, each_day
from creditfactory.gateways.rulebook.cases import run_cases
from creditfactory.gateways.rulebook.files import check_lock, find_folder
from creditfactory.gateways.rulebook.findings import ENGINE_CODES, Finding, check_language, check_tables, check_units
from creditfactory.gateways.rulebook.loading import default_folder, read_pack
from creditfactory.kernel import BadInput, CreditFactoryError


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and how many cases were run."""

    findings: tuple[Finding, ...]
    cases_run: int
    cases_failed: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing found blocks the rulebook."""
        return not any(finding.kind == "fault" for finding in self.findings)


def check_rulebook(pack_or_folder: str | Path, *, locked: bool = False) -> Checked:
    """Everything wrong with a rulebook and, where it can be read at all, with what its own cases expect of it."""
    pack = read_pack(find_folder(pack_or_folder, default_folder()))
    faults: list[BadInput] = [*(check_lock(pack.folder, pack.hashes) if locked else ()), *pack.faults]
    findings = [_tell(fault) for fault in faults]
    rulebook = pack.rulebook()
    if not pack.faults:
        findings += _check_days(rulebook)
    findings += [*_check_reasons(rulebook), *_note_unknown_passes(rulebook)]
    is_read = not any(f.kind == "fault" for f in findings)
    findings += check_language(rulebook, pack) if is_read else (*check_tables(rulebook), *check_units(rulebook))
    cases_run = cases_failed = 0
    if not any(f.kind == "fault" for f in findings):
        before = len(pack.faults)
        results = run_cases(pack, rulebook)
        findings += [_tell(fault) for fault in pack.faults[before:]]
        findings += [Finding("fault", r.place, f"{r.name!r}: {d}") for r in results for d in r.differences]
        cases_run, cases_failed = len(results), sum(bool(r.differences) for r in results)
        if not results:
            findings.append(Finding("note", "cases", "no case says what this rulebook must do"))
    return Checked(tuple(dict.fromkeys(findings)), cases_run, cases_failed)


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


def _check_reasons(rulebook: Rulebook) -> Iterator[Finding]:
    wanted = dict.fromkeys(ENGINE_CODES, "the engine")
    for name, dated in rulebook.rules.items():
        wanted |= {text.reason: f"rule {name}" for _, text in dated.versions if text is not None}
    for live in rulebook.cards:
        for question in live.card.characteristics:
            bins = [b for b in (*question.bins, question.missing, question.other) if b is not None]
            wanted |= {b.reason: f"card {live.card.name} {live.card.version}" for b in bins if b.reason}
    for code, by in sorted(wanted.items()):
        if code not in rulebook.reasons:
            yield Finding("fault", "reasons.yaml", f"{code} has no words, and {by} gives it")
    for code, words in rulebook.reasons.items():
        if not all(text.strip() for text in (*words.borrower.values(), *words.staff.values())):
            yield Finding("fault", "reasons.yaml", f"{code} has empty words")


def _note_unknown_passes(rulebook: Rulebook) -> Iterator[Finding]:
    for dated in rulebook.rules.values():
        for day, text in dated.versions:
            if text is not None and text.missing == "clear":
                yield Finding("note", f"{dated.place}: values.{day}", f"an unknown fact passes, because: {text.why}")
