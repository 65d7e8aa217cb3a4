"""Policy's marks, tier and lane of many applicants at once, equal to :func:`check_policy` and :func:`choose_lane`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory import rules
from creditfactory.decision.book import Book
from creditfactory.decision.by_labels import AMOUNT_LABELS, GAP_LABELS
from creditfactory.decision.column_facts import (
    Flags,
    Small,
    Whole,
    is_unknown,
    look_each,
    look_each_ratio,
    read_whole,
    read_words,
)
from creditfactory.decision.policy import LANES
from creditfactory.kernel import BPS_WHOLE
from creditfactory.rules import SEVERITY, VERDICTS, Policy, Rule
from creditfactory.scoring import Card, score_frame

Marks = NDArray[np.uint8]
LANE_B, LANE_C, DECLINE, REFER, INCOMPLETE, NEEDED = 1, 2, 4, 8, 16, 32
"""What a rule's verdict leaves behind, one bit each, so that the marks of all rules are joined by `or`."""
_CONSEQUENCE_MARKS = {"none": 0, "lane_b": LANE_B, "lane_c": LANE_C, "refer": LANE_C | REFER, "decline": DECLINE}
FLOOR_OF_MARKS: Small = np.array(
    [3 if m & DECLINE else 2 if m & LANE_C else 1 if m & LANE_B else 0 for m in range(64)], "int8"
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
    """Tier (0 is none) and lane of every row: policy's, that of all else, and both; and the checks that said no."""

    tier: Whole
    policy: Small
    rest: Small
    lane: Small
    gate_rejects: Flags
    list_rejects: Flags
    needs_facts: Flags


def rule_marks(rule: Rule) -> NDArray[np.uint8]:
    """The marks that each of a rule's four verdicts leaves, in the order of ``rules.VERDICTS``."""
    marks = []
    for verdict in VERDICTS:
        consequence = rule.consequence(verdict)
        mark = _CONSEQUENCE_MARKS[consequence]
        if verdict in ("missing", "error"):
            gravest = max(SEVERITY[consequence], 0 if rule.missing == "clear" else SEVERITY[rule.then])
            mark |= (INCOMPLETE if consequence != "none" else 0) | (NEEDED if gravest >= SEVERITY["refer"] else 0)
        marks.append(mark)
    return np.array(marks, dtype=np.uint8)


def run_policy(policy: Policy, frame: pl.DataFrame) -> pl.DataFrame:
    """Every rule's verdict of every row, a column ``rule:<name>`` each."""
    compile_columns: Any = getattr(rules, "compile_columns", None)
    if compile_columns is not None:
        answer: pl.DataFrame = compile_columns(policy).run(frame)
        return answer
    rows = np.zeros((frame.height, len(policy.rules)), dtype=np.uint8)
    for place, row in enumerate(frame.iter_rows(named=True)):
        for note in policy.run(row).notes:
            rows[place, note >> 2] = note & 3
    return pl.DataFrame({f"rule:{rule.name}": rows[:, i] for i, rule in enumerate(policy.rules)})


def join_marks(policy: Policy, judged: pl.DataFrame) -> Marks:
    """All rules' marks of every row."""
    marks = np.zeros(judged.height, dtype=np.uint8)
    for rule in policy.rules:
        marks |= rule_marks(rule)[judged.get_column(f"rule:{rule.name}").to_numpy()]
    return marks


def score_columns(frame: pl.DataFrame, book: Book) -> Points:
    """Every card's points, then the master card's over them, as :func:`scoring.score_cards` gives them."""
    admission = {name: card for name, card in book.cards.items() if card.role != "master"}
    cards = {name: score_frame(card, frame) for name, card in admission.items()}
    master = next((card for card in book.cards.values() if card.role == "master"), None)
    final_card: Card | None = master
    if master is not None:
        named = {f"{name}_points": points for name, points in cards.items()}
        final = score_frame(master, frame.with_columns(pl.Series(name, points) for name, points in named.items()))
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


def choose_lanes(frame: pl.DataFrame, marks: Marks, points: Points, book: Book) -> Lanes:
    """Tier by score, lane by tier, raised by every doubt, as :func:`choose_lane` does it for one."""
    policy = FLOOR_OF_MARKS[marks & 63]
    rest, gate_rejects, list_rejects = _weigh_checks(frame, book)
    tier, by_tier = _grade(points, marks & INCOMPLETE > 0, book)
    rest = np.maximum(rest, by_tier)
    lane = np.maximum(policy, rest)
    amount = np.where(lane == 0, _by_amount(frame, book), 0).astype(np.int8)
    return Lanes(
        tier=tier,
        policy=policy,
        rest=np.maximum(rest, np.where(rest == 0, _by_amount(frame, book), 0)).astype(np.int8),
        lane=np.maximum(lane, amount).astype(np.int8),
        gate_rejects=gate_rejects,
        list_rejects=list_rejects,
        needs_facts=marks & NEEDED > 0,
    )


def _weigh_checks(frame: pl.DataFrame, book: Book) -> tuple[Small, Flags, Flags]:
    needed = book.parameters.get("lane_checks_needed", ())
    floor = np.zeros(frame.height, dtype=np.int8)
    rejects = []
    for check, column, words, doubt in (
        ("front_gate", "gate_verdict", ("pass", "refer", "reject"), 1),
        ("list_check", "list_verdict", ("clear", "refer", "reject"), 2),
    ):
        if column not in frame.columns:
            rejects.append(np.zeros(frame.height, dtype=np.bool_))
            continue
        told = read_words(frame, column)
        refers = (told == words[1]).fill_null(value=False).to_numpy()
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
    return floor, rejects[0], rejects[1]


def _grade(points: Points, incomplete: Flags, book: Book) -> tuple[Whole, Small]:
    """The tier of every row (0 where none) and its lane; low points decline only where no fact of policy is missing."""
    tier = np.zeros(len(points.final), dtype=np.int64)
    lane = np.full(len(points.final), 2, dtype=np.int8)
    known = points.known
    if known.any():
        whole = points.final.fill_null(0).to_numpy()[known]
        chance = points.chance_bps[known]
        keys = whole * (BPS_WHOLE + 1) + chance

        def look(key: int) -> int:
            at, bad = divmod(key, BPS_WHOLE + 1)
            answer = book.tables["tier"].look_up({"points": at, "bad_bps": bad}).outputs
            found, word = answer.get("tier"), answer.get("lane")
            return found * 4 + LANES.index(word) if isinstance(found, int) and word in LANES else -1

        found = look_each(keys, look)
        tier[known] = np.where(found >= 0, found // 4, 0)
        lane[known] = np.where(found >= 0, found % 4, 2)
    lane = np.where((lane == 3) & incomplete, 2, lane).astype(np.int8)
    fraud, line = points.cards.get("fraud"), book.parameters.get("fraud_points_lane_c_below")
    if fraud is not None and line is not None:
        low = (fraud < line).fill_null(value=False).to_numpy() & (tier > 0)
        lane = np.where(low, np.maximum(lane, 2), lane).astype(np.int8)
    return tier, lane


def _by_amount(frame: pl.DataFrame, book: Book) -> Small:
    """Lane B where the amount asked for is above what the instant lane lends, or unknown."""
    most = book.parameters.get("lane_a_amount_cents_max")
    if most is None:
        return np.zeros(frame.height, dtype=np.int8)
    name = next((name for name in AMOUNT_LABELS if name in frame.columns), AMOUNT_LABELS[0])
    amount = read_whole(frame, name, book)
    lifted: Small = (~(amount.known & (amount.values <= most))).astype(np.int8)
    return lifted
