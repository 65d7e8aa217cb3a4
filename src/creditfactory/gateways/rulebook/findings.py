"""What is wrong with a rulebook that can be read: rules that never speak, rows that add nothing, names nobody uses.

Each finding names its file and, where there is one, the row and the column. A fault blocks publishing; a note is for
the owner to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import partial
from typing import Any, Literal

from creditfactory.decision import (
    PARAMETERS_BY_ENGINE,
    STRATEGY_ANSWERS,
    TABLES_BY_ENGINE,
    UNDECIDED,
    Book,
    Dated,
    Rulebook,
    declare_output,
    each_day,
    mentioned_in,
    mentions,
)
from creditfactory.gateways.rulebook.files import PACK, SHARED_REASONS, read_day, read_text, read_yaml
from creditfactory.gateways.rulebook.loading import Pack
from creditfactory.kernel import BadInput
from creditfactory.rules import (
    NUMBER_LIMIT,
    UNITS,
    Branch,
    Declaration,
    Derived,
    Expression,
    Leaf,
    Rule,
    Step,
    Table,
    TableStep,
    TreeStep,
    check_table,
    check_tree,
    check_use,
    declared_spans,
    find_answer,
    find_idle_tests,
    find_span,
    names_read,
)

WRITTEN = ("policy/", "tables/", "strategies/")
SHARED_PLACE = f"../{SHARED_REASONS}"
DAYS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a rulebook: a fault blocks it, a note is for its owner to know.

    >>> print(Finding("fault", "tables/tier.csv, line 4", "this row can never speak"))
    fault · tables/tier.csv, line 4: this row can never speak
    """

    kind: Literal["fault", "note"]
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind} · {self.place}: {self.what}"


def check_language(rulebook: Rulebook, pack: Pack, *, on: date | None = None) -> Iterator[Finding]:
    """Everything that the language lets us see in a rulebook that can be read; ``on`` is the day to review from."""
    written = {
        place: _read(pack, place) for place in pack.files if place.startswith(WRITTEN) and place.endswith("yaml")
    }
    written |= {"line.yaml": _read(pack, "line.yaml")} if "line.yaml" in pack.files else {}
    yield from check_tables(rulebook, written)
    yield from _check_days(rulebook)
    yield from _check_names(rulebook)
    yield from _check_reasons(rulebook, pack)
    yield from check_units(rulebook)
    yield from _check_papers(written, on)
    if rulebook.protected_allowed and not rulebook.is_historical:
        what = "protected attributes may decide in a pack that is not historical, and no law we know lets them"
        yield Finding("fault", "pack.yaml: protected_labels", what)


def _read(pack: Pack, place: str) -> Mapping[str, Any]:
    if place not in pack.files:
        return {}
    return pack.attempt(partial(read_yaml, pack.files[place], place)) or {}


# --- tables


def check_tables(rulebook: Rulebook, written: Mapping[str, Mapping[str, Any]] | None = None) -> Iterator[Finding]:
    """Gaps, overlaps, rows that never speak or add nothing, columns that nobody asks."""
    for name, dated in rulebook.tables.items():
        said = written is None or "no_match" in written.get(dated.place, {})
        for _, table in dated.versions:
            if table is not None:
                yield from _check_table(table, f"tables/{name}.yaml", is_gap_said=said)


def _check_table(table: Table, file: str, *, is_gap_said: bool) -> Iterator[Finding]:
    for fault in (*check_table(table), *check_use(table)):
        row = f"{table.place}, line {fault.lines[0]}" if fault.lines else table.place
        match fault.kind:
            case "unreachable":
                yield Finding("fault", row, "this row can never speak")
            case "redundant":
                yield Finding("fault", row, "without this row the table says the same to everybody")
            case "unused_column":
                yield Finding("fault", f"{table.place}, column {fault.example}", "no row asks about it")
            case "overlap":
                lines = " and ".join(map(str, fault.lines))
                yield Finding("fault", f"{table.place}, lines {lines}", f"these rows both answer for {fault.example}")
            case "gap" if is_gap_said:
                yield Finding("note", table.place, f"no row answers for {fault.example}; no_match says what then holds")
            case "gap":
                what = f"no row answers for {fault.example}, and {file} does not say no_match"
                yield Finding("fault", table.place, what)
            case _:
                yield Finding("note", table.place, f"not looked through for gaps: {fault.example}")


# --- conditions


def _check_days(rulebook: Rulebook) -> Iterator[Finding]:
    """Rules, trees and products on each day on which they change: what never holds, always holds, or says it twice."""
    seen: set[Finding] = set()
    answered: set[str] = set()
    for book in each_day(rulebook):
        answered = set(book.strategy.outputs)
        known = know_ranges(book)
        found = (*_check_conditions(book, known), *_check_steps(book, known), *_check_twins(book))
        yield from _once(seen, found, book.on)
    if rulebook.rules and not answered.issuperset(STRATEGY_ANSWERS):
        what = "no table or tree with step: lane answers tier and lane, so that every case goes to people"
        yield Finding("note", "strategies", what)


def _once(seen: set[Finding], findings: Iterable[Finding], day: date) -> Iterator[Finding]:
    """Each finding on the first day on which it is one, and that day where the place does not say it."""
    for finding in findings:
        if finding not in seen:
            seen.add(finding)
            told = "" if day.isoformat() in finding.place else f", from {day.isoformat()} on"
            yield replace(finding, what=finding.what + told)


def know_ranges(book: Book) -> dict[str, Declaration]:
    """Everything that a day's rules may read, each number with the range that it can have."""
    known = dict(book.declarations)
    for policy in (book.policy, book.strategy):
        known |= {declared.name: declared for declared in policy.inputs if declared.name not in known}
    known |= _know_points(book)
    for step in (*book.policy.steps, *book.strategy.steps):
        known |= _know_made(step, known)
    return known


def _know_points(book: Book) -> dict[str, Declaration]:
    """The least and the most points that each card of the day can give."""
    found: dict[str, Declaration] = {}
    final = next((c for c in book.cards.values() if c.role == "master" or len(book.cards) == 1), None)
    for card in book.cards.values():
        gains = [[b.points for b in (*q.bins, q.missing, q.other) if b is not None] for q in card.characteristics]
        least, most = (card.intercept_points + sum(map(pick, gains)) for pick in (min, max))
        for name in [f"{card.name}_points", *(["points"] if card is final else [])]:
            found[name] = Declaration(name, "int", "points", min(least, most), max(least, most))
    return found


def _know_made(step: Step, known: Mapping[str, Declaration]) -> dict[str, Declaration]:
    match step:
        case Derived(name=name, value=value) if value.type in ("int", "float"):
            span = find_span(value, declared_spans(known))
            low, high = span if span is not None else (-NUMBER_LIMIT, NUMBER_LIMIT)
            return {name: Declaration(name, value.type, step.unit, max(low, -NUMBER_LIMIT), min(high, NUMBER_LIMIT))}
        case Derived(name=name, value=value):
            return {name: Declaration(name, value.type)}
        case TableStep(table=table):
            return {output.name: declare_output(output, table) for output in table.outputs}
        case TreeStep(output=output, root=root, missing=missing) if output.type == "str":
            answers = {str(answer) for answer in (*_answers(root), missing) if answer is not None}
            return {output.name: replace(output, words=tuple(sorted(answers)))}
        case TreeStep(output=output):
            return {output.name: output}
        case _:
            return {}


def _answers(node: Branch | Leaf) -> list[object]:
    return [node.answer] if isinstance(node, Leaf) else [*_answers(node.then), *_answers(node.otherwise)]


def _check_conditions(book: Book, known: Mapping[str, Declaration]) -> Iterator[Finding]:
    rules = [rule for policy in (book.policy, book.strategy) for rule in policy.rules]
    asked = [(f"{r.place}.when", r.text, r.when) for r in rules if not r.name.endswith(UNDECIDED)]
    for product in book.products:
        if product.condition is not None:
            rule = product.condition.rules[0]
            asked.append((f"{product.place}.eligible", product.eligible_when or "", rule.when))
    for place, text, when in asked:
        answer = find_answer(when, known)
        if answer != "sometimes":
            what = "can never hit" if answer == "never" else "always hits"
            yield Finding("fault", place, f"{text!r} {what}, whatever its facts are within their ranges")
            continue
        for test in find_idle_tests(when, known):
            held = find_answer(test, known)
            where = f"{place}, column {_column(text, test)}"
            yield Finding("fault", where, f"the test of {', '.join(names_read(test))} {held} holds, and adds nothing")


def _column(text: str, test: Expression) -> int:
    """Where in its text a part of a condition begins, near enough for a person to see it."""
    return min((at for name in names_read(test) if (at := text.find(name)) >= 0), default=0) + 1


def _check_steps(book: Book, known: Mapping[str, Declaration]) -> Iterator[Finding]:
    """Forks and rows that nobody comes to, whatever the cards give and the steps before them answer."""
    for step in (*book.policy.steps, *book.strategy.steps):
        if isinstance(step, TableStep):
            yield from _check_reach(step.table, known)
        for fault in check_tree(step.root, known) if isinstance(step, TreeStep) else ():
            what = {
                "never": f"nobody who comes to {fault.text!r} is answered with yes, so that its then is lost",
                "always": f"everybody who comes to {fault.text!r} is answered with yes, so that its else is lost",
                "same": f"{fault.text!r} leads to the same either way",
            }[fault.kind]
            yield Finding("fault", f"{fault.place}.if", what)


def _check_reach(table: Table, known: Mapping[str, Declaration]) -> Iterator[Finding]:
    columns = tuple(replace(c, declaration=known.get(c.declaration.name, c.declaration)) for c in table.columns)
    narrow = replace(table, columns=columns, inputs=tuple(c.declaration for c in columns))
    plain = {fault.lines for fault in check_table(table) if fault.kind == "unreachable"}
    for fault in check_table(narrow):
        if fault.kind == "unreachable" and fault.lines not in plain:
            what = "nothing that the cards, named values or other steps give comes to this row"
            yield Finding("fault", f"{table.place}, line {fault.lines[0]}", what)


def _check_twins(book: Book) -> Iterator[Finding]:
    """Rules of one stage that ask the very same."""
    for policy in (book.policy, book.strategy):
        first: dict[Expression, Rule] = {}
        for rule in policy.rules:
            if rule.name.endswith(UNDECIDED):
                continue
            twin = first.setdefault(rule.when, rule)
            if twin is not rule:
                yield Finding("fault", f"{rule.place}.when", f"asks the very same as {twin.name} ({twin.place})")


# --- names that nobody uses


def _check_names(rulebook: Rulebook) -> Iterator[Finding]:
    """Parameters, named values, tables and answers that nothing reads."""
    written = [text for dated in _texts(rulebook) for _, text in dated.versions if text is not None]
    read = frozenset[str]().union(*(mentioned_in(text) for text in written))
    read |= frozenset[str]().union(*(mentions(product.eligible_when or "") for product in rulebook.products))
    read |= {d.name for dated in rulebook.tables.values() for _, t in dated.versions if t is not None for d in t.inputs}
    for name, parameter in rulebook.parameters.items():
        if name not in read and name not in PARAMETERS_BY_ENGINE:
            yield Finding("fault", parameter.place, f"nothing reads {name}: no rule, tree, product or engine")
    for name, derived in rulebook.derived.items():
        if name not in read:
            yield Finding("note", derived.place, f"nothing reads {name}: no rule, table, tree or product")
    for name, tables in rulebook.tables.items():
        if name not in rulebook.stages and name not in TABLES_BY_ENGINE:
            yield Finding("note", tables.place, f"nothing looks {name} up: it is no step, and no engine asks it")
        answers = {o.name for _, t in tables.versions if t is not None for o in t.outputs}
        for unread in sorted(answers - read - set(STRATEGY_ANSWERS)) if name in rulebook.stages else ():
            yield Finding("note", f"{tables.place}: outputs", f"nothing reads {unread}")
    for trees in rulebook.strategies.values():
        for output in {t.output.name for _, t in trees.versions if t is not None} - read - set(STRATEGY_ANSWERS):
            yield Finding("fault", f"{trees.place}: output", f"nothing reads {output}: no rule and no other tree")


def _texts(rulebook: Rulebook) -> list[Dated[Any]]:
    return [*rulebook.rules.values(), *rulebook.derived.values(), *rulebook.strategies.values()]


def _check_reasons(rulebook: Rulebook, pack: Pack) -> Iterator[Finding]:
    """Words that no rule and no card ever says; of the shared ones those that no pack beside this one says."""
    texts = [text for dated in rulebook.rules.values() for _, text in dated.versions if text is not None]
    said = {*ENGINE_CODES, *ENGINE_MAY_SAY, *(text.reason for text in texts)}
    for live in rulebook.cards:
        for q in live.card.characteristics:
            said |= {one.reason for _, one in q.classes if one.reason}
    for place in ("reasons.yaml", SHARED_PLACE):
        unsaid = [code for code in _read(pack, place) if str(code).startswith(RULE_CODES) and code not in said]
        beside = _read_beside(pack) if unsaid and place == SHARED_PLACE else ""
        for code in unsaid:
            if code not in beside:
                yield Finding("note", f"{place}: {code}", "no rule and no card gives it")
    if "POL-LEARN" not in rulebook.reasons and any(text.learn_bps for text in texts):
        yield Finding("fault", "reasons.yaml", "POL-LEARN has no words, and a rule lets some through to learn from")


def _read_beside(pack: Pack) -> str:
    """Everything that the rules and cards of the packs beside this one say."""
    folders = (path.parent for path in pack.folder.parent.glob(f"*/{PACK}") if path.parent != pack.folder)
    files = [
        p for folder in folders for pattern in ("policy/**/*.yaml", "cards/**/card.json") for p in folder.glob(pattern)
    ]
    return "".join(read_text(path, path.name) for path in files)


RULE_CODES = ("POL-", "SCO-")
ENGINE_CODES = (
    "POL-FACT-MISSING",
    "POL-FACT-BROKEN",
    "POL-TABLE-NO-ROW",
    "POL-TABLE-CONFLICT",
    "SCO-FACT-ABSENT",
    "SCO-FACT-MISSING",
    "SCO-FACT-BROKEN",
    "SCO-POINTS-LOST",
)
"""The reasons that the engine itself gives in every pack."""
ENGINE_MAY_SAY = ("POL-LEARN", "SCO-NO-CARD")
"""The reasons that the engine gives where a pack has it so."""


# --- units and papers


def check_units(rulebook: Rulebook) -> Iterator[Finding]:
    """Units that nobody knows, and numbers without one."""
    asked = [(f"labels.yaml: {d.name}", d.unit, d.type in ("int", "float")) for d in rulebook.declarations.values()]
    for dated in rulebook.parameters.values():
        first = next(version for _, version in dated.versions if version is not None)
        is_number = isinstance(first.value, int | float) and not isinstance(first.value, bool)
        asked.append((f"{dated.place}: unit", first.unit, is_number))
    asked += [(f"{d.place}: unit", t.unit, False) for d in rulebook.derived.values() for _, t in d.versions if t]
    for place, unit, is_number in asked:
        if unit and unit not in UNITS:
            near = get_close_matches(unit, UNITS, n=1)
            what = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(UNITS)}"
            yield Finding("fault", place, f"unknown unit {unit!r}; {what}")
        elif is_number and not unit:
            yield Finding("note", place, "a number without a unit, which no unit can be compared with")


def _check_papers(written: Mapping[str, Mapping[str, Any]], on: date | None) -> Iterator[Finding]:
    """Owner, reference of each dated version, and the day of the next review."""
    for place, raw in written.items():
        references = raw.get("reference")
        listed = {str(day) for day in references} if isinstance(references, dict) else set()
        values = raw.get("values")
        lacking = [str(day) for day in values if str(day) not in listed] if isinstance(values, dict) else []
        if lacking:
            more = f" and {len(lacking) - DAYS_TOLD} later days" if len(lacking) > DAYS_TOLD else ""
            days = ", ".join(lacking[:DAYS_TOLD]) + more
            yield Finding("note", f"{place}: reference", f"no reference for what holds from {days}")
        if "owner" not in raw:
            yield Finding("note", f"{place}: owner", "nobody answers for it")
        if "review_by" not in raw:
            yield Finding("note", f"{place}: review_by", "no day of review")
            continue
        try:
            due = read_day(raw["review_by"], f"{place}: review_by")
        except BadInput as fault:
            yield Finding("fault", fault.place, f"found {fault.found}, expected {fault.expected}")
            continue
        if on is not None and due < on:
            yield Finding("note", f"{place}: review_by", f"was to be reviewed by {due.isoformat()}")
