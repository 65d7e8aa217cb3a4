"""Policy's marks, tier and lane of many applicants at once, equal to :func:`check_policy` and :func:`choose_lane`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.decision.book import Book
from creditfactory.decision.by_labels import GAP_LABELS
from creditfactory.decision.column_facts import (
    Flags,
    Small,
    Whole,
    clean,
    is_unknown,
    look_each,
    look_each_ratio,
    read_whole,
    read_words,
    stop_broken,
)
from creditfactory.decision.flow import declare_score_facts
from creditfactory.decision.policy import LANES
from creditfactory.kernel import BPS_WHOLE
from creditfactory.rules import (
    SEVERITY,
    VERDICTS,
    ColumnPolicy,
    Policy,
    Rule,
    compile_columns,
    names_made,
    names_read,
    names_wanted,
)
from creditfactory.scoring import Card, score_frame

Marks = NDArray[np.uint8]
LANE_B, LANE_C, DECLINE, REFER, NEEDED = 1, 2, 4, 8, 16
"""What a rule's verdict leaves behind, one bit each, so that the marks of all rules are joined by `or`."""
_CONSEQUENCE_MARKS = {"none": 0, "lane_b": LANE_B, "lane_c": LANE_C, "refer": LANE_C | REFER, "decline": DECLINE}
FLOOR_OF_MARKS: Small = np.array(
    [3 if m & DECLINE else 2 if m & LANE_C else 1 if m & LANE_B else 0 for m in range(32)], "int8"
)
"""The lightest lane that a set of marks still allows, as its place in the lanes."""


@dataclass(frozen=True, slots=True)
class Points:
    """The final card's points and every card's; the chance of bad in basis points. -1 is unknown, for the chance."""

    final: pl.Series
    cards: dict[str, pl.Series]
    chance_bps: Whole
    probability: NDArray[np.float64]

    @property
    def known(self) -> Flags:
        """Where the final card could answer."""
        return self.chance_bps >= 0


@dataclass(frozen=True, slots=True)
class Lanes:
    """Tier (0 is none) and lane of every row, and what makes it: policy, checks and strategy, and the tier.

    ``doubt`` is all but the tier, ``lane`` all together; ``gate_rejects`` and ``list_rejects`` are checks that said no.
    """

    tier: Whole
    policy: Small
    checks: Small
    tier_lane: Small
    doubt: Small
    lane: Small
    gate_rejects: Flags
    list_rejects: Flags
    needs_facts: Flags
    rest_needs_facts: Flags


def rule_marks(rule: Rule) -> NDArray[np.uint8]:
    """The marks that each of a rule's four verdicts leaves, in the order of ``rules.VERDICTS``."""
    marks = []
    for verdict in VERDICTS:
        consequence = rule.consequence(verdict)
        mark = _CONSEQUENCE_MARKS[consequence]
        if verdict in ("missing", "error"):
            gravest = max(SEVERITY[consequence], 0 if rule.missing == "clear" else SEVERITY[rule.then])
            mark |= NEEDED if gravest >= SEVERITY["refer"] else 0
        marks.append(mark)
    return np.array(marks, dtype=np.uint8)


def run_policy(policy: Policy, frame: pl.DataFrame) -> pl.DataFrame:
    """Every rule's verdict of every row, a column ``rule:<name>`` each, and what the policy names."""
    return _in_columns(_Held(policy)).run(frame)


class _Held:
    """A compiled policy as a key: it is one and the same, or another."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.policy is self.policy

    def __hash__(self) -> int:
        return id(self.policy)


@lru_cache(maxsize=64)
def _in_columns(held: _Held) -> ColumnPolicy:
    return compile_columns(held.policy)


def join_marks(policy: Policy, judged: pl.DataFrame, height: int) -> Marks:
    """All rules' marks of every row; without rules there are none."""
    marks = np.zeros(height, dtype=np.uint8)
    for rule in policy.rules:
        marks |= rule_marks(rule)[judged.get_column(f"rule:{rule.name}").to_numpy()]
    return marks


def score_columns(frame: pl.DataFrame, book: Book) -> Points:
    """Every card's points, then the master card's over them, as :func:`scoring.score_cards` gives them."""
    admission = {name: card for name, card in book.cards.items() if card.role != "master"}
    frame, broken = stop_broken(frame, (label for card in book.cards.values() for label in card.labels), book)
    cards = {name: _score(card, frame, broken) for name, card in admission.items()}
    master = next((card for card in book.cards.values() if card.role == "master"), None)
    final_card: Card | None = master
    if master is not None:
        named = {f"{name}_points": points for name, points in cards.items()}
        whole_frame = frame.with_columns(pl.Series(name, points) for name, points in named.items())
        final = _score(master, whole_frame, broken)
        unanswered = np.zeros(frame.height, dtype=np.bool_)
        for label in master.labels:
            if label in named:
                unanswered |= named[label].is_null().to_numpy()
        final = pl.select(pl.when(pl.Series(~unanswered)).then(final)).to_series()
    elif len(admission) == 1:
        final_card = next(iter(admission.values()))
        final = cards[final_card.name]
    else:
        final = pl.Series([None] * frame.height, dtype=pl.Int64)
    final = final.cast(pl.Int64).alias("points")
    known = final.is_not_null().to_numpy()
    whole = final.fill_null(0).to_numpy()
    chance = np.full(frame.height, -1, dtype=np.int64)
    probability = np.full(frame.height, np.nan)
    if final_card is not None and known.any():
        card = final_card
        probability[known] = look_each_ratio(whole[known], card.probability)
        chance[known] = look_each(whole[known], lambda points: round(card.probability(points) * BPS_WHOLE))
    return Points(final, cards, chance, probability)


def _score(card: Card, frame: pl.DataFrame, broken: Mapping[str, Flags]) -> pl.Series:
    """The card's points, none where a broken word stands in a question that applies."""
    points = score_frame(card, frame)
    for question in card.characteristics:
        if question.label not in broken:
            continue
        stops = pl.Series(broken[question.label])
        if question.applies in frame.columns and frame.get_column(question.applies).dtype == pl.Boolean:
            stops = stops & frame.get_column(question.applies).fill_null(value=False)
        points = pl.select(pl.when(~stops).then(points).alias(card.name)).to_series()
    return points


def choose_lanes(frame: pl.DataFrame, marks: Marks, points: Points, book: Book) -> Lanes:
    """Tier by score, lane by tier, raised by every doubt and by the strategy: :func:`choose_lane` for many."""
    policy = FLOOR_OF_MARKS[marks & 31]
    rest, gate_rejects, list_rejects, gate_needs = _weigh_checks(frame, book)
    scored: list[pl.Series] = [series.alias(f"{name}_points") for name, series in points.cards.items()]
    chance = pl.select(pl.when(pl.Series(points.known)).then(pl.Series(points.chance_bps)).alias("probability_bps"))
    facts = frame.with_columns(*scored, points.final.alias("points"), chance.to_series())
    judged = run_policy(book.strategy, facts)
    needs = gate_needs | _strategy_needs(facts, judged, book)
    needed = needs | (marks & NEEDED > 0)
    tier, by_tier = _grade(points, judged)
    raised = FLOOR_OF_MARKS[join_marks(book.strategy, judged, frame.height) & 31]
    checks = np.maximum(rest, raised).astype(np.int8)
    doubt = np.maximum.reduce([policy, checks, np.where(needed, 2, 0)]).astype(np.int8)
    graded = np.where((by_tier == 3) & needed, 2, by_tier)
    return Lanes(
        tier=tier,
        policy=policy,
        checks=checks,
        tier_lane=by_tier,
        doubt=doubt,
        lane=np.maximum(doubt, graded).astype(np.int8),
        gate_rejects=gate_rejects,
        list_rejects=list_rejects,
        needs_facts=needed,
        rest_needs_facts=needs,
    )


def _strategy_needs(facts: pl.DataFrame, judged: pl.DataFrame, book: Book) -> Flags:
    """Where the strategy lacks a fact that could refer or decline; points that no card could give are no such fact."""
    needs = np.zeros(facts.height, dtype=np.bool_)
    scored = declare_score_facts(book.cards)
    for rule in book.strategy.rules:
        verdicts = judged.get_column(f"rule:{rule.name}").to_numpy()
        lacking = rule_marks(rule)[verdicts] & NEEDED > 0
        if not lacking.any():
            continue
        roots = _find_roots(book.strategy, names_read(rule.when))
        points_known = np.ones(facts.height, dtype=np.bool_)
        label_unknown = np.zeros(facts.height, dtype=np.bool_)
        for name in roots:
            if name in scored:
                points_known &= facts.get_column(name).is_not_null().to_numpy()
            else:
                label_unknown |= clean(facts, [name], book).to_series().is_null().to_numpy()
        needs |= lacking & (points_known | label_unknown)
    return needs


def _find_roots(policy: Policy, names: Iterable[str]) -> list[str]:
    """The labels and points behind some names."""
    makers = {name: step for step in policy.steps for name in names_made(step)}
    roots: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in makers:
            waiting.extend(names_wanted(makers[name]))
        else:
            roots[name] = None
    return list(roots)


def _weigh_checks(frame: pl.DataFrame, book: Book) -> tuple[Small, Flags, Flags, Flags]:
    """The lane that the checks allow; where the gate and the lists say no; where the gate still needs a fact."""
    needed = book.parameters.get("lane_checks_needed", ())
    floor = np.zeros(frame.height, dtype=np.int8)
    rejects = []
    for check, column, words, doubt in (
        ("front_gate", "gate_verdict", ("pass", "refer", "reject", "needs_facts"), 1),
        ("list_check", "list_verdict", ("clear", "refer", "reject"), 2),
    ):
        if column not in frame.columns:
            rejects.append(np.zeros(frame.height, dtype=np.bool_))
            continue
        told = read_words(frame, column)
        refers = told.is_in([words[1], "needs_facts"]).fill_null(value=False).to_numpy()
        reject = (told == words[2]).fill_null(value=False).to_numpy()
        lanes = np.where(reject, 3, np.where(refers, doubt, 0))
        if check in needed:
            made = told.is_in(list(words)).fill_null(value=False).to_numpy()
            lanes = np.where(made, lanes, 2)
        floor = np.maximum(floor, lanes.astype(np.int8))
        rejects.append(reject)
    if "cash_flow" in needed:
        contradictions = read_whole(frame, "contradictions", book)
        floor = np.maximum(floor, np.where(contradictions.values > 0, 2, 0).astype(np.int8))
        floor = np.maximum(floor, np.where(read_whole(frame, "verified_income_cents", book).known, 0, 2)).astype("int8")
        gaps = np.zeros(frame.height, dtype=np.bool_)
        for name in GAP_LABELS:
            gaps |= is_unknown(frame, name, book)
        floor = np.maximum(floor, gaps.astype(np.int8))
    gate_needs = (read_words(frame, "gate_verdict") == "needs_facts").fill_null(value=False).to_numpy()
    return floor, rejects[0], rejects[1], gate_needs


def _grade(points: Points, judged: pl.DataFrame) -> tuple[Whole, Small]:
    """Tier (0 is none) and its lane; too few points decline, but only where no fact is still needed."""
    height = len(points.final)
    tier, lane = np.zeros(height, dtype=np.int64), np.full(height, 2, dtype=np.int8)
    if {"tier", "lane"} <= set(judged.columns) and judged.get_column("tier").dtype.is_integer():
        tiers = judged.get_column("tier").cast(pl.Int64)
        words = judged.get_column("lane").cast(pl.String)
        places = words.replace_strict(
            {word: place for place, word in enumerate(LANES)}, default=None, return_dtype=pl.Int8
        )
        answered = points.known & tiers.is_not_null().to_numpy() & places.is_not_null().to_numpy()
        tier = np.where(answered, tiers.fill_null(0).to_numpy(), 0)
        lane = np.where(answered, places.fill_null(2).to_numpy(), 2).astype(np.int8)
    return tier, lane
