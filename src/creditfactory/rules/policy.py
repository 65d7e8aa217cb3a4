"""Policy: named values, rules, tables, a tree and points, judged in one pass; every rule answers, none in silence.

A rule is *hit* (its condition holds), *clear* (it does not), *missing* (a fact it needs is unknown) or *error* (a
fact is broken, or cannot be computed). Missing does what the rule says; error never does less than refer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from creditfactory.kernel import Reason, Scalar
from creditfactory.rules.declarations import Declaration, Parameter, read_value, refuse
from creditfactory.rules.expressions import Expression, names_read, parameters_read
from creditfactory.rules.tables import SEVERITY, Consequence, Table

Verdict = Literal["hit", "clear", "missing", "error"]
VERDICTS: tuple[Verdict, ...] = ("clear", "hit", "missing", "error")
ENGINE_VERSION = "2"
"""Stored with every decision: it changes whenever the same rulebook could answer differently."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A value computed once from labels and named, so that rules and tables read it like a label."""

    name: str
    value: Expression
    place: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it stands on a day.

    Of those whom it would decline, ``learn_bps`` in 10,000 are drawn and looked at by people instead, so that what is
    rejected can still be learnt from. ``basis`` says whether the house, the law or a public list asks for the rule.
    """

    name: str
    when: Expression
    then: Consequence
    missing: Literal["lane_b", "lane_c", "refer", "decline", "clear"]
    reason: str
    text: str = ""
    why: str = ""
    place: str = ""
    learn_bps: int = 0
    basis: str = "house"

    def consequence(self, verdict: Verdict) -> Consequence:
        """What follows from a verdict of this rule.

        >>> from creditfactory.rules.expressions import Name
        >>> rule = Rule("executed", Name("is_executed", "bool"), "decline", "clear", "POL-EXECUTED")
        >>> [rule.consequence(v) for v in ("hit", "clear", "missing", "error")]
        ['decline', 'none', 'none', 'refer']
        """
        if verdict == "hit":
            return self.then
        if verdict == "clear":
            return "none"
        unknown: Consequence = "none" if self.missing == "clear" else self.missing
        if verdict == "error" and SEVERITY[unknown] < SEVERITY["refer"]:
            return "refer"
        return unknown


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule said of one applicant, with the values it read."""

    rule: str
    verdict: Verdict
    consequence: Consequence
    reason: Reason | None
    read: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The labels whose lack or fault kept the rule from an answer; none where it answered."""
        if self.reason is None or self.verdict not in ("missing", "error"):
            return ()
        return tuple(str(self.reason.facts.get("labels", "")).split(", "))


@dataclass(frozen=True, slots=True)
class Fork:
    """One fork as it was decided for one applicant: which way it went (None: it could not be decided), and on what."""

    tree: str
    when: str
    went: bool | None
    read: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableStep:
    """A table looked up within the policy; its outputs become names for what follows."""

    table: Table


@dataclass(frozen=True, slots=True)
class Leaf:
    """The end of a tree: its answer."""

    answer: Scalar


@dataclass(frozen=True, slots=True)
class Branch:
    """A fork of a tree."""

    when: Expression
    then: Branch | Leaf
    otherwise: Branch | Leaf
    text: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class TreeStep:
    """A strategy tree: forks from the root to one answer.

    Where a fork cannot be decided for want of a fact, ``missing`` is the answer, or none where that is None; where a
    fact is broken there is never an answer.
    """

    output: Declaration
    root: Branch | Leaf
    missing: Scalar = None


@dataclass(frozen=True, slots=True)
class PointsBand:
    """A band of numbers, from its start (included) on, or a set of words, and the points it gives."""

    points: int
    start: float | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointsQuestion:
    """One question of a points card: the label, its bands in order, and the points for missing and other words."""

    label: str
    bands: tuple[PointsBand, ...]
    missing_points: int | None = None
    other_points: int | None = None


@dataclass(frozen=True, slots=True)
class PointsStep:
    """A points card within the policy; its sum becomes a name for what follows, unknown where an answer is missing."""

    output: str
    intercept: int
    questions: tuple[PointsQuestion, ...]


Step = Derived | Rule | TableStep | TreeStep | PointsStep


class Run(NamedTuple):
    """The short answer of a policy: the rules that are not clear as 4 × place + verdict, and the values it named."""

    notes: tuple[int, ...]
    outputs: tuple[Scalar, ...]


class Trace(NamedTuple):
    """The full answer: one entry per step in order, plain values only, ready to be kept as JSON."""

    entries: list[tuple[Any, ...]]
    notes: tuple[int, ...]
    outputs: tuple[Scalar, ...]


@dataclass(frozen=True)
class Policy:
    """A compiled policy: judge one applicant fast, or with a trace of everything that was read."""

    rules: tuple[Rule, ...]
    steps: tuple[Step, ...]
    inputs: tuple[Declaration, ...]
    outputs: tuple[str, ...]
    source: str = field(repr=False)
    run: Callable[[Mapping[str, Scalar]], Run] = field(repr=False, compare=False)
    trace: Callable[[Mapping[str, Scalar]], Trace] = field(repr=False, compare=False)

    def judge(self, labels: Mapping[str, Scalar]) -> tuple[RuleVerdict, ...]:
        """Every rule's verdict in the order of the rulebook, each no with its reason and the values read."""
        return self.tell(self.trace(labels), labels)

    def tell(self, traced: Trace, labels: Mapping[str, Scalar]) -> tuple[RuleVerdict, ...]:
        """The verdicts of a run that was traced."""
        by_name = {entry[1]: entry for entry in traced.entries if entry[0] == "rule"}
        return tuple(self._tell(rule, by_name[rule.name], labels) for rule in self.rules)

    def consequence(self, run: Run | Trace) -> Consequence:
        """The gravest consequence of a run.

        A policy that says nothing against an applicant answers ``none``.
        """
        found: list[Consequence] = [self.rules[n >> 2].consequence(VERDICTS[n & 3]) for n in run.notes]
        return max(found, key=SEVERITY.__getitem__, default="none")

    def values(self, run: Run | Trace) -> dict[str, Scalar]:
        """The named values of a run: derived values, table answers, points, the tree's answer."""
        return dict(zip(self.outputs, run.outputs, strict=True))

    def paths(self, traced: Trace) -> tuple[Fork, ...]:
        """The way an applicant went through each tree, fork by fork, from a run that was traced."""
        trees = {step.output.name: step.root for step in self.steps if isinstance(step, TreeStep)}
        found: list[Fork] = []
        for entry in traced.entries:
            if entry[0] != "tree":
                continue
            node = trees[entry[1]]
            for went, read in entry[2]:
                assert isinstance(node, Branch), "a path ends at a leaf"
                found.append(Fork(entry[1], node.text, went, read))
                node = node.then if went else node.otherwise
        return tuple(found)

    def _tell(self, rule: Rule, entry: tuple[Any, ...], labels: Mapping[str, Scalar]) -> RuleVerdict:
        verdict: Verdict = entry[2]
        read: Mapping[str, Scalar] = entry[4]
        consequence = rule.consequence(verdict)
        if verdict == "clear":
            return RuleVerdict(rule.name, verdict, consequence, None, read)
        if verdict == "hit":
            facts: dict[str, Scalar] = {**read, **parameters_read(rule.when)}
            return RuleVerdict(rule.name, verdict, consequence, Reason(rule.reason, facts), read)
        code = "POL-FACT-MISSING" if verdict == "missing" else "POL-FACT-BROKEN"
        unknown = self._find_unknown([name for name, value in read.items() if value is None], labels)
        reason = Reason(code, {"by": rule.name, "labels": ", ".join(unknown)})
        return RuleVerdict(rule.name, verdict, consequence, reason, read)

    def _find_unknown(self, names: list[str], labels: Mapping[str, Scalar]) -> list[str]:
        """The labels behind what is unknown; a named value itself where all its labels are known (0 divided, say)."""
        makers = {name: step for step in self.steps for name in names_made(step)}
        declared = {d.name: d for d in self.inputs}
        found: dict[str, None] = {}
        for name in names:
            if name in declared:
                found[name] = None
                continue
            roots: list[str] = []
            waiting = [name]
            while waiting:
                for wanted in names_wanted(makers[waiting.pop()]):
                    (waiting if wanted in makers else roots).append(wanted)
            lost = [n for n in roots if read_value(declared[n], labels.get(n))[0] != "known"]
            found |= dict.fromkeys(lost or [name])
        return list(found)


def order_steps(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps in the order given, but each only after those that make the names it reads."""
    waiting = list(steps)
    made = {name for step in waiting for name in names_made(step)}
    done: set[str] = set()
    ordered: list[Step] = []
    while waiting:
        later = []
        for step in waiting:
            if all(name in done or name not in made for name in names_wanted(step)):
                ordered.append(step)
                done.update(names_made(step))
            else:
                later.append(step)
        if len(later) == len(waiting):
            stuck = ", ".join(sorted(n for s in waiting for n in names_made(s)))
            place = getattr(waiting[0], "place", "") or "policy"
            refuse(place, f"{stuck} in a circle", "values that do not need themselves")
        waiting = later
    return tuple(ordered)


def names_made(step: Step) -> tuple[str, ...]:
    """The names a step gives to what follows."""
    match step:
        case Derived(name=name):
            return (name,)
        case TableStep(table=table):
            return tuple(o.name for o in table.outputs)
        case TreeStep(output=output):
            return (output.name,)
        case PointsStep(output=name):
            return (name,)
        case _:
            return ()


def names_wanted(step: Step) -> tuple[str, ...]:
    """The names a step reads, labels and named values alike."""
    match step:
        case Derived(value=value):
            return names_read(value)
        case Rule(when=when):
            return names_read(when)
        case TableStep(table=table):
            return tuple(d.name for d in table.inputs)
        case TreeStep(root=root):
            return tuple(dict.fromkeys(_tree_names(root)))
        case PointsStep(questions=questions):
            return tuple(q.label for q in questions)


def _tree_names(node: Branch | Leaf) -> list[str]:
    if isinstance(node, Leaf):
        return []
    return [*names_read(node.when), *_tree_names(node.then), *_tree_names(node.otherwise)]


def known_parameters(values: Mapping[str, Any]) -> dict[str, Parameter]:
    """Parameters by name from plain values, for trying an expression out.

    >>> known_parameters({"age_min": 22})["age_min"].value
    22
    """
    return {name: Parameter(name, value) for name, value in values.items()}
