"""Scoring a rulebook's own cases: which small changes to it would they notice, and which would slip through?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from creditfactory.decision import (
    PARAMETERS_OF_LABELS,
    Book,
    Rulebook,
    RuleText,
    decide,
    decide_labels,
    strategy_facts,
)
from creditfactory.gateways.rulebook.cases import Case, try_case
from creditfactory.gateways.rulebook.mutants import Mutant, list_mutants, names_in
from creditfactory.gateways.rulebook.witnesses import Witness, find_witness
from creditfactory.kernel import CreditFactoryError, Scalar
from creditfactory.rules import Policy, Rule, RuleVerdict, Trace
from creditfactory.scoring import score_cards

POLICY_KEYS = {"verdict", "lane", "reasons", "rules", "values"}
PARTS = ("rules", "derived", "strategies")
INTAKE = ("currency", "amount_cents_min", "amount_cents_max", "term_months_max", "roles_accepted")
"""Parameters of the intake, which a decision on labels looks at as well."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no case notices: where, what, and the facts of a case that would."""

    place: str
    what: str
    kind: str
    shown_by: str


@dataclass(frozen=True)
class MutationScore:
    """How many small changes were tried, and what became of them; ``unseen`` parts no machine decision reads."""

    mutants: int = 0
    caught: int = 0
    equivalent: tuple[Survivor, ...] = ()
    survived: tuple[Survivor, ...] = ()
    unseen: tuple[str, ...] = ()
    kinds: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the changes that make a difference, the share that some case notices."""
        counted = self.mutants - len(self.equivalent)
        return self.caught / counted if counted else 1.0


def score_cases(rulebook: Rulebook, cases: Iterable[Case], files: Collection[str] | None = None) -> MutationScore:
    """Change the rulebook in every small way there is, and count which changes at least one case notices.

    Only what a change can reach is compiled and run again: a rule's own verdict is looked at first, and a case whose
    verdict it leaves as it was is not tried. ``files`` are those that may be changed: a pack that extends another
    answers for its own.
    """
    bench = _Bench(rulebook, tuple(cases))
    caught: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    equivalent: list[Survivor] = []
    survived: list[Survivor] = []
    unseen: dict[str, None] = {}
    for mutant in list_mutants(rulebook):
        if files is not None and mutant.place.split(":")[0] not in files:
            continue
        if bench.is_out_of_sight(mutant):
            unseen[mutant.place] = None
            continue
        try:
            found = bench.try_out(mutant)
        except CreditFactoryError:
            continue  # a change that the check itself refuses is no change to a rulebook
        if found is None:
            tried[mutant.kind] += 1
            caught[mutant.kind] += 1
            continue
        told = Survivor(mutant.place, mutant.what, mutant.kind, found.words)
        if found.is_equivalent:
            equivalent.append(told)
        else:
            tried[mutant.kind] += 1
            survived.append(told)
    return MutationScore(
        mutants=sum(tried.values()) + len(equivalent),
        caught=sum(caught.values()),
        equivalent=tuple(equivalent),
        survived=tuple(survived),
        unseen=tuple(unseen),
        kinds={kind: (caught[kind], tried[kind]) for kind in sorted(tried)},
    )


class _Bench:
    """The cases with what the unchanged rulebook says of them, kept so that a change runs as little as it can."""

    def __init__(self, rulebook: Rulebook, cases: tuple[Case, ...]) -> None:
        self.rulebook = rulebook
        self.days: dict[date, list[_Tried]] = {}
        self.keen: dict[tuple[str, date], list[_Tried]] = {}
        for case in cases:
            book = rulebook.at(case.on)
            if not try_case(case, book):  # a case that fails anyway notices nothing
                self.days.setdefault(case.on, []).append(_Tried(case, book))
        deciding = [one for day in self.days.values() for one in day if one.sees_decision]
        self.read = set(INTAKE).union(*(one.parameters_read for one in deciding), *map(self._probe, self.days))
        held = (text for part in PARTS for dated in getattr(rulebook, part).values() for _, text in dated.versions)
        self.mentioned = frozenset[str]().union(*map(names_in, (*held, *rulebook.products)))

    def _probe(self, day: date) -> set[str]:
        """What the engines read to decide on the usual facts on a day, whether or not a case looks at it."""
        recording = _Recording(self.rulebook.at(day).parameters)
        decide_labels(self.usual, replace(self.rulebook.at(day), parameters=recording))
        return recording.names

    @cached_property
    def usual(self) -> Mapping[str, Scalar]:
        """The facts that most cases are like: what a suggested case may leave unsaid."""
        cases = [tried.case for day in self.days.values() for tried in day if tried.case.like]
        likes = Counter(case.like for case in cases)
        most = likes.most_common(1)[0][0] if likes else ""
        shared = [case.labels for case in cases if case.like == most and case.labels]
        return (
            {name: Counter(facts.get(name) for facts in shared).most_common(1)[0][0] for name in shared[0]}
            if shared
            else {}
        )

    def is_out_of_sight(self, mutant: Mutant) -> bool:
        """Whether a parameter only makes labels, or is read by neither a rule nor the machine's decision."""
        is_read = mutant.name in self.read and mutant.name not in PARAMETERS_OF_LABELS
        return mutant.part == "parameters" and mutant.name not in self.mentioned and not is_read

    def try_out(self, mutant: Mutant) -> Witness | None:
        """Nothing where a case notices the change; else facts on which it shows, or the proof that it never does."""
        if mutant.part != "tables":
            return None if self._is_caught(mutant) else find_witness(self.rulebook, mutant, self.usual)
        if self._is_caught(mutant, lambda one: mutant.name in one.tables):
            return None
        found = find_witness(self.rulebook, mutant, self.usual)
        return None if not found.is_equivalent and self._is_caught(mutant) else found

    def _is_caught(self, mutant: Mutant, among: Callable[[_Tried], bool] = lambda _: True) -> bool:
        """Whether at least one case notices the change on its day; first those that noticed others to the same file."""
        for day, tried in self.days.items():
            if _in_force(self.rulebook, mutant, day):
                change = _Change(self.rulebook, mutant, day, self.rulebook.at(day))
                keen = self.keen.setdefault((mutant.place, day), [])
                one = next((one for one in (*keen, *tried) if among(one) and change.is_noticed_by(one)), None)
                if one is not None:
                    self.keen[mutant.place, day] = [one, *(other for other in keen if other is not one)]
                    return True
        return False


def _in_force(rulebook: Rulebook, mutant: Mutant, day: date) -> bool:
    if mutant.part == "products":
        return any(p.place == mutant.place for p in rulebook.at(day).products)
    starts = [start for start, _ in getattr(rulebook, mutant.part)[mutant.name].versions if start <= day]
    return bool(starts) and starts[-1] == mutant.starts_on


class _Tried:
    """One case with what it looks at, and what the unchanged rulebook answers for it."""

    def __init__(self, case: Case, book: Book) -> None:
        self.case, self.book = case, book
        expect = case.expect
        self.sees_decision = case.dossier is not None or "decision" in expect
        rules = set(expect.get("rules", ())) if isinstance(expect.get("rules"), Mapping) else set()
        self.sees_policy = self.sees_decision or bool(POLICY_KEYS & set(expect))
        self.sees_strategy = self.sees_decision or "strategy" in expect or not rules <= set(self._policy_rules)
        self.tables = set(expect.get("tables", ()))
        self.rules = rules

    @cached_property
    def _policy_rules(self) -> set[str]:
        return {rule.name for rule in self.book.policy.rules}

    @cached_property
    def labels(self) -> Mapping[str, Scalar]:
        """The labels by hand, or those of the dossier."""
        if self.case.dossier is None:
            return self.case.labels
        return decide(self.case.dossier, self.book, as_of=self.case.as_of).labels.facts

    @cached_property
    def verdicts(self) -> dict[str, tuple[str, str]]:
        """Each policy rule's verdict and what follows."""
        return _tell(self.book.policy.judge(self.labels))

    @cached_property
    def strategy_facts(self) -> tuple[Mapping[str, Scalar], ...]:
        """What the strategy reads of this case: with what the case is given, and, for a whole decision, without."""
        plain = strategy_facts(self.labels, score_cards(self.book.cards, self.labels))
        given = {**plain, **self.case.given}
        return (given, plain) if self.case.given and self.sees_decision else (given,)

    @cached_property
    def strategy_told(self) -> tuple[Any, ...]:
        """What the unchanged strategy answers."""
        return tuple(_run(self.book.strategy, facts) for facts in self.strategy_facts)

    @cached_property
    def parameters_read(self) -> set[str]:
        """The parameters that the engines read by their names while they decide on these facts."""
        recording = _Recording(self.book.parameters)
        book = replace(self.book, parameters=recording)
        if self.case.dossier is not None:
            decide(self.case.dossier, book, as_of=self.case.as_of)
        else:
            decide_labels(self.case.labels, book)
        return recording.names


class _Recording(dict[str, Any]):
    """Parameters that note which of them is asked for; those copied wholesale count only where an engine names them."""

    def __init__(self, held: Mapping[str, Any]) -> None:
        super().__init__(held)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter, noted as read."""
        self.names.add(name)
        return super().get(name, default)


def _tell(verdicts: Iterable[RuleVerdict]) -> dict[str, tuple[str, str]]:
    return {v.rule: (v.verdict, v.consequence) for v in verdicts}


def _run(strategy: Policy, facts: Mapping[str, Scalar]) -> tuple[Any, ...]:
    traced = strategy.trace(facts)
    return _tell(strategy.tell(traced, facts)), strategy.values(traced)


class _Change:
    """One change on one day, built only as far as a case asks for it."""

    def __init__(self, rulebook: Rulebook, mutant: Mutant, day: date, book: Book) -> None:
        self.mutant, self.day, self.book = mutant, day, book
        self.changed = mutant.put_into(rulebook)
        rules = {name: text for name, dated in rulebook.rules.items() if (text := dated.on(day)) is not None}
        if mutant.part == "parameters":
            texts = {name: text for name, text in rules.items() if mutant.name in names_in(text)}
        else:
            texts = {mutant.name: rules[mutant.name]} if mutant.part == "rules" else {}
        self.policy_rules = [n for n, text in texts.items() if text.stage == "policy"]
        self.needs_all = mutant.part == "derived" or (
            mutant.part == "tables" and rulebook.stages.get(mutant.name) == "policy"
        ) or (mutant.part == "parameters" and self._is_in_derived(rulebook))  # fmt: skip
        self.touches_strategy = self._may_touch_strategy(rulebook, texts)

    def _is_in_derived(self, rulebook: Rulebook) -> bool:
        return any(self.mutant.name in names_in(dated.on(self.day)) for dated in rulebook.derived.values())

    def _may_touch_strategy(self, rulebook: Rulebook, texts: Mapping[str, RuleText]) -> bool:
        mutant = self.mutant
        if mutant.part == "parameters":
            trees = any(mutant.name in names_in(dated.on(self.day)) for dated in rulebook.strategies.values())
            return trees or any(text.stage == "lane" for text in texts.values())
        lane = mutant.part == "rules" and any(text.stage == "lane" for text in texts.values())
        return lane or mutant.part == "strategies" or (
            mutant.part == "tables" and rulebook.stages.get(mutant.name) == "lane"
        )  # fmt: skip

    def is_noticed_by(self, tried: _Tried) -> bool:
        """Whether the case differs under the change; only tried where something it looks at may be another."""
        return self._may_differ(tried) and bool(try_case(tried.case, self.changed_book))

    def _may_differ(self, tried: _Tried) -> bool:
        mutant = self.mutant
        if self.needs_all:
            return True
        if mutant.part == "products":
            return tried.sees_decision
        if mutant.part == "tables":
            if mutant.name in tried.tables:
                return True
            return self._strategy_differs(tried) if self.touches_strategy else tried.sees_decision
        if tried.sees_policy and any(self._verdict_differs(name, tried) for name in self.policy_rules):
            return True
        if self.touches_strategy and self._strategy_differs(tried):
            return True
        if mutant.part != "parameters" or not tried.sees_decision:
            return False
        return self.is_in_products or mutant.name in INTAKE or mutant.name in tried.parameters_read

    @cached_property
    def is_in_products(self) -> bool:
        """Whether a product's condition reads the parameter that is changed."""
        return any(self.mutant.name in names_in(product) for product in self.book.products)

    def _verdict_differs(self, name: str, tried: _Tried) -> bool:
        before = tried.verdicts[name]
        if self.mutant.value is None:
            return before[1] != "none" or name in tried.rules
        return _tell(self.small.judge(tried.labels))[name] != before

    def _strategy_differs(self, tried: _Tried) -> bool:
        if not tried.sees_strategy:
            return False
        after = self.changed_book.strategy
        return tuple(_run(after, facts) for facts in tried.strategy_facts) != tried.strategy_told

    @cached_property
    def small(self) -> Policy:
        """Only the changed rules of the policy, compiled by themselves."""
        kept = {name: self.changed.rules[name] for name in self.policy_rules}
        return _cut(self.changed, rules=kept).at(self.day).policy

    @cached_property
    def changed_book(self) -> Book:
        """The day's book under the change: what it does not touch is the unchanged book's."""
        if self.needs_all:
            return self.changed.at(self.day)
        book = self.book
        if self.policy_rules:
            dropped = self.policy_rules[0] if self.mutant.value is None else None
            policy = _without(book.policy, dropped) if dropped else _patch(book.policy, self.small)
            book = replace(book, policy=policy)
        if self.touches_strategy:
            lane = {n: d for n, d in self.changed.rules.items() if (t := d.on(self.day)) and t.stage == "lane"}
            whole = _cut(self.changed, rules=lane, strategies=self.changed.strategies, tables=self.changed.tables)
            small = replace(whole, cards=self.changed.cards).at(self.day)
            book = replace(book, strategy=small.strategy)
        if self.mutant.part == "tables":
            table = self.changed.tables[self.mutant.name].on(self.day)
            assert table is not None, "a table is changed, never taken away"
            book = replace(book, tables={**book.tables, self.mutant.name: table})
        if self.mutant.part == "parameters":
            values = {n: p.value for n, d in self.changed.parameters.items() if (p := d.on(self.day)) is not None}
            book = replace(book, parameters=values)
        if self.mutant.part == "products" or (self.mutant.part == "parameters" and self.is_in_products):
            book = replace(book, products=_cut(self.changed, products=self.changed.products).at(self.day).products)
        return book


def _cut(rulebook: Rulebook, **kept: Any) -> Rulebook:
    """The rulebook with only these of its parts, and all that others may read."""
    policy_tables = {n: d for n, d in rulebook.tables.items() if rulebook.stages.get(n) == "policy"}
    empty: dict[str, Any] = {"rules": {}, "strategies": {}, "tables": policy_tables, "cards": (), "products": ()}
    parts = {**empty, **kept}
    stages = {name: stage for name, stage in rulebook.stages.items() if name in parts["tables"]}
    return replace(rulebook, **parts, stages=stages, _epochs={}, _policies={})


def _without(policy: Policy, name: str) -> Policy:
    """The policy without one of its rules."""
    return replace(policy, rules=tuple(rule for rule in policy.rules if rule.name != name))


def _patch(policy: Policy, small: Policy) -> Policy:
    """The policy with some of its rules in place of those it has by the same names."""
    changed: dict[str, Rule] = {rule.name: rule for rule in small.rules}

    def trace(labels: Mapping[str, Scalar]) -> Trace:
        whole, part = policy.trace(labels), small.trace(labels)
        told = {entry[1]: entry for entry in part.entries if entry[0] == "rule"}
        entries = [told.get(entry[1], entry) if entry[0] == "rule" else entry for entry in whole.entries]
        return Trace(entries, whole.notes, whole.outputs)

    return replace(policy, rules=tuple(changed.get(rule.name, rule) for rule in policy.rules), trace=trace)
