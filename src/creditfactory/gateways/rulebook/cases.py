"""A rulebook's own examples: only the facts that matter, and what must come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

from creditfactory.application import Dossier
from creditfactory.decision import CHECKS, Book, Rulebook, as_row, decide, decide_labels, strategy_facts
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook.files import read_day, read_yaml
from creditfactory.gateways.rulebook.loading import Pack
from creditfactory.kernel import BadInput, CreditFactoryError, Scalar
from creditfactory.rules import SEVERITY, Consequence, RuleVerdict, refuse, refuse_name
from creditfactory.scoring import Scores, score_cards

KEYS = {"name", "as_of", "like", "labels", "each", "without", "given", "dossier", "rows", "expect"}
ROW_KEYS = KEYS - {"like", "rows"}
LABEL_EXPECTS = {"verdict", "lane", "reasons", "rules", "points", "values", "tables", "strategy", "decision"}
LANES: dict[Consequence, str] = {"none": "A", "lane_b": "B", "lane_c": "C", "refer": "C", "decline": "decline"}
GIVEN = (*CHECKS, "requested_product")
"""What a case of labels may be given beside labels, points and tiers: what people and others found."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case, ready to be tried: on which day, on which labels (or whole dossier), and what must come of it."""

    place: str
    name: str
    on: date
    expect: Mapping[str, Any]
    labels: Mapping[str, Scalar] = field(default_factory=dict)
    given: Mapping[str, Scalar] = field(default_factory=dict)
    dossier: Dossier | None = None
    like: str = ""

    @property
    def as_of(self) -> datetime:
        """The instant from which a dossier's case looks: the end of its day."""
        assert self.dossier is not None, "only a dossier is looked at from an instant"
        return max(datetime.combine(self.on, time(23, 59, 59), UTC), self.dossier.applied_at)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case and how it differs from what was expected; no difference is a pass."""

    place: str
    name: str
    differences: tuple[str, ...]


def read_cases(pack: Pack, rulebook: Rulebook) -> Iterator[Case | CaseResult]:
    """Every case of a pack, each row of a case by itself; one that cannot be read comes as its fault."""
    bases = {p.removeprefix("cases/like/").removesuffix(".yaml"): p for p in pack.files if p.startswith("cases/like/")}
    read: dict[str, dict[str, Any]] = {}

    def read_base(name: str) -> dict[str, Any]:
        if name not in read:
            read[name] = read_yaml(pack.files[bases[name]], bases[name])
        return read[name]

    for place in sorted(pack.files):
        if not place.startswith("cases/") or place.startswith("cases/like/") or not place.endswith(".yaml"):
            continue
        raw = pack.attempt(partial(read_yaml, pack.files[place], place))
        if raw is None:
            continue
        listed = raw["cases"] if isinstance(raw.get("cases"), list) else [raw]
        for number, case in enumerate(listed, start=1):
            where = f"{place}: cases[{number}]" if "cases" in raw else place
            for row, at in _split_rows(case, where):
                yield _read_case(row, at, bases, read_base, rulebook)


def try_case(case: Case, book: Book) -> tuple[str, ...]:
    """How what a rulebook says of a case differs from what is expected; a rulebook that breaks on it differs."""
    try:
        found = _decide(case, book) if case.dossier is not None else _Found(case, book)
        return tuple(_compare(case.expect, found))
    except CreditFactoryError as fault:
        return (str(fault),)


def _split_rows(case: Any, place: str) -> Iterator[tuple[Any, str]]:
    """A case without rows as it is; with rows, each row over what they share; with ``each``, one for every value."""
    if not isinstance(case, dict) or "rows" not in case:
        yield from _split_each(case, place)
        return
    rows = case["rows"]
    if not isinstance(rows, list) or not rows:
        yield BadInput(place=f"{place}.rows", found=repr(rows)[:60], expected="a list of rows"), place
        return
    shared = {key: value for key, value in case.items() if key != "rows"}
    for number, row in enumerate(rows, start=1):
        where = f"{place}.rows[{number}]"
        if not isinstance(row, dict) or not set(row) <= ROW_KEYS:
            expected = f"only {', '.join(sorted(ROW_KEYS))}"
            yield BadInput(place=where, found=repr(row)[:60], expected=expected), where
            continue
        parts = [k for k in ("labels", "given", "expect", "dossier") if k in shared or k in row]
        joined = {k: _join(shared.get(k, {}), row.get(k, {})) for k in parts}
        yield from _split_each({"name": f"{case.get('name', place)} ({number})", **shared, **row, **joined}, where)


def _split_each(case: Any, place: str) -> Iterator[tuple[Any, str]]:
    if not isinstance(case, dict) or "each" not in case:
        yield case, place
        return
    each = case["each"]
    if not isinstance(each, dict) or len(each) != 1 or not all(isinstance(v, list) and v for v in each.values()):
        expected = "one label, or dossier.… of a dossier, with the list of its values, such as purpose: [stock, rent]"
        yield BadInput(place=f"{place}.each", found=repr(each)[:60], expected=expected), place
        return
    ((fact, values),) = each.items()
    rest = {key: value for key, value in case.items() if key != "each"}
    part, *path = str(fact).split(".") if "." in str(fact) else ("labels", str(fact))
    for value in values:
        held: Any = value
        for step in reversed(path):
            held = {step: held}
        joined = {part: _join(rest.get(part, {}), held)}
        yield {**rest, "name": f"{case.get('name', place)}: {value}", **joined}, f"{place}, {fact} {value}"


def _read_case(
    case: Any, place: str, bases: Mapping[str, str], read_base: Callable[[str], dict[str, Any]], rulebook: Rulebook
) -> Case | CaseResult:
    name = str(case.get("name", place)) if isinstance(case, dict) else place
    try:
        if isinstance(case, BadInput):
            raise case
        whole = _complete(case, place, bases, read_base)
        on = read_day(whole.get("as_of"), f"{place}.as_of")
        book = rulebook.at(on)
        labels, given, expect = whole.get("labels", {}), whole.get("given", {}), whole["expect"]
        like = str(whole.get("like", ""))
        if "dossier" in whole:
            return Case(place, name, on, expect, dossier=_read_dossier(whole, place), like=like)
        for label in labels:
            if label not in book.declarations:
                refuse_name(f"{place}.labels", str(label), book.declarations, "a declared label")
        known = {*GIVEN, *(d.name for t in book.tables.values() for d in t.inputs), *_strategy_names(book)}
        for fact in given:
            if fact not in known or fact in book.declarations:
                refuse_name(f"{place}.given", str(fact), known, "points, a tier or a check that cards or people give")
        for key in expect:
            if key not in LABEL_EXPECTS:
                refuse_name(f"{place}.expect", str(key), LABEL_EXPECTS, f"one of {', '.join(sorted(LABEL_EXPECTS))}")
        return Case(place, name, on, expect, labels=labels, given=given, like=like)
    except CreditFactoryError as fault:
        return CaseResult(place, name, (str(fault),))


def _strategy_names(book: Book) -> set[str]:
    return {d.name for d in book.strategy.inputs} - set(book.declarations)


def _read_dossier(case: Mapping[str, Any], place: str) -> Dossier:
    """The dossier; evidence may be written by its kind, and was then obtained when the application came in."""
    raw = case["dossier"]
    if isinstance(raw, dict) and isinstance(raw.get("evidence"), dict):
        at = raw.get("applied_at")
        listed = [{"kind": k, "obtained_at": at, **(e or {})} for k, e in raw["evidence"].items() if e is not None]
        raw = {**raw, "evidence": listed}
    try:
        return read_dossier(raw)
    except BadInput as fault:
        raise BadInput(place=f"{place}.dossier.{fault.place}", found=fault.found, expected=fault.expected) from None


def _complete(
    case: Any, place: str, bases: Mapping[str, str], read_base: Callable[[str], dict[str, Any]]
) -> dict[str, Any]:
    """The case with the facts of the one it is like beneath its own, and without those it takes away."""
    if not isinstance(case, dict) or not isinstance(case.get("expect"), dict):
        refuse(place, repr(case), "name, as_of, labels or dossier, and expect")
    unknown = set(case) - KEYS
    if unknown:
        refuse(place, repr(min(unknown, key=str)), f"only {', '.join(sorted(KEYS))}")
    for key in ("labels", "given"):
        if not isinstance(case.get(key, {}), dict):
            refuse(f"{place}.{key}", repr(case[key]), "facts by their names")
    if "like" in case:
        if case["like"] not in bases:
            refuse_name(f"{place}.like", str(case["like"]), bases, "a file in cases/like")
        base = read_base(case["like"])
        case = {
            **base,
            **case,
            **{k: _join(base.get(k, {}), case.get(k, {})) for k in ("labels", "dossier") if k in base},
        }
    for path in case.get("without", []):
        part: Any = case.get("dossier", case.get("labels"))
        *parents, last = str(path).split(".")
        for step in parents:
            part = part.get(step) if isinstance(part, dict) else None
        if not isinstance(part, dict) or last not in part:
            refuse(f"{place}.without", repr(path), "a fact that the case has")
        del part[last]
    return dict(case)


def _join(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: _join(base.get(key), over[key]) if key in over else _copy(base[key]) for key in {**base, **over}}
    return over


def _copy(value: Any) -> Any:
    return {key: _copy(part) for key, part in value.items()} if isinstance(value, dict) else value


class _Found(dict[str, Any]):
    """What a rulebook says of labels given by hand, part by part, each computed only when it is asked for."""

    def __init__(self, case: Case, book: Book) -> None:
        super().__init__()
        self.case, self.book = case, book

    def get(self, key: str, default: Any = None) -> Any:
        """One part of the answer."""
        if key not in self:
            if key not in LABEL_EXPECTS:
                return default
            self[key] = getattr(self, f"_find_{key}")()
        return self[key]

    @property
    def verdicts(self) -> tuple[RuleVerdict, ...]:
        if "_verdicts" not in self:
            self["_verdicts"] = self.book.policy.judge(self.case.labels)
        return self["_verdicts"]  # type: ignore[no-any-return]

    def _gravest(self) -> Consequence:
        return max((v.consequence for v in self.verdicts), key=SEVERITY.__getitem__, default="none")

    def _find_verdict(self) -> str:
        gravest = self._gravest()
        return gravest if gravest in ("refer", "decline") else "pass"

    def _find_lane(self) -> str:
        return LANES[self._gravest()]

    def _find_reasons(self) -> list[str]:
        return [v.reason.code for v in self.verdicts if v.reason is not None]

    def _find_rules(self) -> dict[str, Any]:
        found = {v.rule: v for v in self.verdicts}
        if not set(self.case.expect.get("rules", ())) <= set(found):
            found |= {v.rule: v for v in self._run_strategy()[0]}
        return {name: _Verdict(v.verdict, v.consequence) for name, v in found.items()}

    def _scores(self) -> Scores:
        if "_scores" not in self:
            self["_scores"] = score_cards(self.book.cards, self.case.labels)
        return self["_scores"]  # type: ignore[no-any-return]

    def _find_points(self) -> dict[str, Any]:
        scores = self._scores()
        master = {} if scores.master is None else {scores.master.card: scores.master.points}
        return {**{name: answer.points for name, answer in scores.cards.items()}, **master}

    def _find_values(self) -> dict[str, Scalar]:
        return self.book.policy.values(self.book.policy.run(self.case.labels))

    def _run_strategy(self) -> tuple[tuple[RuleVerdict, ...], dict[str, Scalar]]:
        if "_strategy" not in self:
            facts = {**strategy_facts(self.case.labels, self._scores()), **self.case.given}
            traced = self.book.strategy.trace(facts)
            self["_strategy"] = self.book.strategy.tell(traced, facts), self.book.strategy.values(traced)
        return self["_strategy"]  # type: ignore[no-any-return]

    def _find_strategy(self) -> dict[str, Scalar]:
        """What tables and trees of the strategy answer, and the lightest lane that its rules still allow."""
        verdicts, values = self._run_strategy()
        gravest: list[Consequence] = [v.consequence for v in verdicts]
        return {**values, "floor": LANES[max(gravest, key=SEVERITY.__getitem__, default="none")]}

    def _find_tables(self) -> dict[str, Any]:
        wanted = self.case.expect.get("tables", {})
        facts = {**self.case.labels, **self.get("values"), **self.case.given}
        answers = {name: self.book.tables[name].look_up(facts) for name in wanted if name in self.book.tables}
        return {name: _Answer(a.outputs, _Verdict(a.verdict, a.consequence)) for name, a in answers.items()}

    def _find_decision(self) -> dict[str, Any]:
        """The whole machine's decision on these labels, as one row, with its reasons and what the limit is made of."""
        told = {name: value for name, value in self.case.given.items() if name in GIVEN}
        decided = decide_labels({**self.case.labels, **told}, self.book)
        offers = decided.offer.candidates
        return {
            **as_row(decided),
            "reasons": [reason.code for reason in decided.reasons],
            "needs": list(decided.lane_choice.facts_needed),
            "parts": dict(decided.limit.parts) if decided.limit is not None else {},
            "price": dict(offers[0].price.components) if offers else {},
        }


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A verdict with what follows from it; a case may ask for the first alone or for both."""

    verdict: str
    consequence: str

    def __str__(self) -> str:
        return f"{self.verdict}, so {self.consequence}"

    def is_as(self, wanted: Any) -> bool:
        return bool(wanted == self.verdict or wanted == [self.verdict, self.consequence])


class _Answer(dict[str, Any]):
    """A table's answers; a case may instead ask for its verdict and what follows where there is none."""

    def __init__(self, outputs: Mapping[str, Any], verdict: _Verdict) -> None:
        super().__init__(outputs)
        self.verdict = verdict


def _decide(case: Case, book: Book) -> dict[str, Any]:
    """What the whole machine part decides on a dossier."""
    assert case.dossier is not None, "a case of a dossier has one"
    decided = decide(case.dossier, book, as_of=case.as_of)
    found: dict[str, Any] = {}
    for key in case.expect:
        value: Any = decided
        for step in str(key).split("."):
            if isinstance(value, Mapping):
                value = value.get(step, _ABSENT)
            elif isinstance(value, tuple):
                value = value[int(step)] if step.isdigit() and int(step) < len(value) else _ABSENT
            else:
                value = getattr(value, step, _ABSENT)
        if value is _ABSENT and key not in ("rules", "points"):
            what = "a part of the decision, such as verdict, lane or limit.amount_cents"
            refuse(f"{case.place}.expect", repr(key), what)
        found[key] = value
    found["reasons"] = [reason.code for reason in decided.reasons]
    found["rules"] = {v.rule: _Verdict(v.verdict, v.consequence) for v in decided.policy.verdicts}
    found["points"] = {name: answer.points for name, answer in decided.scores.cards.items()}
    return found


_ABSENT = object()


def _compare(expect: Mapping[str, Any], found: Mapping[str, Any], under: str = "") -> list[str]:
    """How what was found differs from what was expected, part by part; of reasons, those expected must be there."""
    differences = []
    for key, wanted in expect.items():
        got = found.get(key, _ABSENT)
        if got is _ABSENT:
            differences.append(f"{under}{key} is not there, expected {wanted}")
        elif key == "reasons":
            if any(code not in got for code in wanted) or (got and not wanted):
                told = ", ".join(wanted) or "none"
                differences.append(f"{under}reasons are {', '.join(got) or 'none'}, expected {told}")
        elif isinstance(got, _Answer) and not isinstance(wanted, dict):
            got = got.verdict
            if not got.is_as(wanted):
                differences.append(f"{under}{key} is {got}, expected {wanted}")
        elif isinstance(got, _Verdict):
            if not got.is_as(wanted):
                both = isinstance(wanted, list)
                told = ", so ".join(wanted) if both else wanted
                differences.append(f"{under}{key} is {got if both else got.verdict}, expected {told}")
        elif isinstance(wanted, dict) and isinstance(got, Mapping):
            differences += _compare(wanted, got, f"{under}{key}.")
        elif _plain(got) != wanted:
            differences.append(f"{under}{key} is {_plain(got)}, expected {wanted}")
    return differences


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return str(value)
    return value if isinstance(value, str | int | float | bool | list | dict) or value is None else str(value)
