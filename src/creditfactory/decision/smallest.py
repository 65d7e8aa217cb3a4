"""For one applicant: the smallest changes that would have led to an offer, or to a lighter lane."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from typing import Any, Literal

import polars as pl

from creditfactory.decision.book import Book
from creditfactory.decision.by_labels import LabelDecision, decide_labels
from creditfactory.decision.changeable import CHANGEABLE, EFFORT, LINKS, SHOWN, Way
from creditfactory.decision.columns import decide_frame
from creditfactory.decision.turning_points import find_turning_points
from creditfactory.kernel import BPS_WHOLE, Scalar
from creditfactory.labels import CATALOGUE
from creditfactory.rules import Declaration

LABELS_JOINED_MAX = 14
"""So many labels are tried together, those that matter most; more would take long and say little."""
VALUES_JOINED_MAX = 3
TRIED_MAX = 60_000
RANK_NO_OFFER, RANK_DECLINED = 3, 4
_TYPES: Mapping[str, Any] = {
    "int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "str": pl.String, "date": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """One label that would be otherwise, and how a person can bring that about."""

    label: str
    was: Scalar
    becomes: Scalar
    by: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One to three labels changed together, and what would then be decided; decided again, not guessed."""

    labels: tuple[LabelChange, ...]
    verdict: str
    lane: str
    tier: int | None
    amount_cents: int
    annual_rate_bps: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """One label moved to a value: by which way, past how many turning points, and how far against what it was."""

    label: str
    value: Scalar
    way: Way
    steps: int
    size: float


def smallest_changes(
    facts: Mapping[str, Any],
    book: Book,
    *,
    wanted: Literal["offer", "lighter"] = "lighter",
    most: int = 3,
    show: int = 5,
) -> tuple[Change, ...]:
    """The smallest sets of one, two or three labels whose change leads to an offer, or to a lighter lane.

    The values tried are those at which a rule, a table, a card or a product turns, on the side that a person can
    reach; every answer is decided again. A label that is not there counts as unknown. Empty: nothing that few changes
    within the applicant's reach would do.
    """
    told = {name: facts.get(name) for name in book.declarations}
    beside = {name: value for name, value in facts.items() if name not in book.declarations}
    now = decide_labels({**told, **beside}, book)
    rank = rank_of(now)
    goal = min(rank - 1, RANK_NO_OFFER - 1) if wanted == "offer" else rank - 1
    if goal < 0:
        return ()
    moves = find_moves(told, now, book)
    trial = _Trial(told, beside, book)
    found: list[tuple[Move, ...]] = []
    singles: list[tuple[Move, ...]] = [(move,) for name in moves for move in moves[name]]
    ranks = trial.rank(singles)
    found += _nearest(singles, ranks, goal)
    joined = _choose_joined(moves, trial, singles, ranks)
    for count in range(2, most + 1):
        if len(found) >= show:
            break
        sets = _combine(joined, count, found)
        found += [trial.shrink(one, moves, goal) for one in _nearest(sets, trial.rank(sets), goal)[: show * 2]]
    found.sort(key=_cost)
    return tuple(_tell(one, told, beside, book, goal) for one in _distinct(found)[:show])


def rank_of(decided: LabelDecision) -> int:
    """How good an answer is: 0 to 2 an offer in lane A, B or C, then no offer yet, then no.

    The lower the better.
    """
    if decided.verdict == "decline":
        return RANK_DECLINED
    return "ABC".index(decided.lane) if decided.offer.amount_cents > 0 else RANK_NO_OFFER


def find_moves(told: Mapping[str, Scalar], now: LabelDecision, book: Book) -> dict[str, list[Move]]:
    """For each label within reach the values worth trying, the nearest first."""
    turns = find_turning_points(book)
    moves: dict[str, list[Move]] = {}
    for name, declared in book.declarations.items():
        if declared.protected:
            continue
        value = told.get(name)
        label = CATALOGUE.get(name)
        if value is None and label is not None and label.source in SHOWN and name in turns:
            moves[name] = list(_show(declared, turns[name]))
        elif name in CHANGEABLE and value is not None:
            points = {*turns.get(name, ()), *_linked_points(name, told, turns)}
            moves[name] = list(_reach(declared, value, points, now, book))
    return {name: found for name, found in moves.items() if found}


def _show(declared: Declaration, points: Iterable[Scalar]) -> Iterator[Move]:
    """Values that a missing fact may turn out to have, one between each two turning points."""
    listed = list(dict.fromkeys(_around(declared, points)))
    for place, value in enumerate(listed):
        yield Move(declared.name, value, "show", 1, place / (len(listed) + 1))


def _around(declared: Declaration, points: Iterable[Scalar]) -> Iterator[Scalar]:
    if declared.type == "bool":
        yield from (True, False)
    elif declared.type == "str":
        yield from (word for word in points if isinstance(word, str) and (not declared.words or word in declared.words))
    elif declared.type == "int":
        for point in sorted(p for p in points if isinstance(p, int | float)):
            yield from (
                v for v in (int(point) - 1, int(point), int(point) + 1) if declared.lowest <= v <= declared.highest
            )


def _reach(declared: Declaration, value: Scalar, points: set[Scalar], now: LabelDecision, book: Book) -> Iterator[Move]:
    """Values on the side to which a person can move the label, the nearest first."""
    reach = CHANGEABLE[declared.name]
    if reach.goes == "words":
        yield from (Move(declared.name, word, reach.way, 1, 1.0) for word in reach.words if word != value)
        return
    if not isinstance(value, int) or isinstance(value, bool):
        return
    numbers = {int(p) + d for p in points if isinstance(p, int | float) for d in (-1, 0, 1)}
    if reach.way == "ask":
        numbers |= _asked(declared.name, value, now, book)
    is_down = reach.goes == "down"
    inside = [n for n in numbers if declared.lowest <= n <= declared.highest and (n < value if is_down else n > value)]
    for steps, number in enumerate(sorted(inside, reverse=is_down), 1):
        yield Move(declared.name, number, reach.way, steps, abs(number - value) / max(abs(value), 1))


def _asked(name: str, value: int, now: LabelDecision, book: Book) -> set[int]:
    """Amounts and terms that products offer, below or above what was asked for."""
    if name == "requested_term_months":
        return {term for p in book.products for term in p.terms_months}
    asked = set(now.limit.parts.values()) if now.limit is not None else set()
    for p in book.products:
        span = max(0, value - p.amount_cents_min)
        steps = max(1, span // p.amount_step_cents // 10)
        asked |= {p.amount_cents_min + i * steps * p.amount_step_cents for i in range(11)}
        asked |= {part // p.amount_step_cents * p.amount_step_cents for part in tuple(asked)}
    return {a for a in asked if a > 0}


def _linked_points(name: str, told: Mapping[str, Scalar], turns: Mapping[str, set[Scalar]]) -> set[Scalar]:
    """The amounts at which a share that follows from this label turns."""
    found: set[Scalar] = set()
    for link in LINKS:
        whole = told.get(link.whole)
        if link.amount == name and isinstance(whole, int) and whole > 0:
            shares = [int(p) for p in turns.get(link.share, ()) if isinstance(p, int | float)]
            found |= {share * link.times * whole // BPS_WHOLE for share in shares}
    return found


def apply_moves(told: Mapping[str, Scalar], moves: Iterable[Move]) -> dict[str, Scalar]:
    """The facts with these changes, and the shares that follow from them."""
    changed = {**told, **{move.label: move.value for move in moves}}
    for link in LINKS:
        amount, whole = changed.get(link.amount), changed.get(link.whole)
        if told.get(link.amount) != amount and isinstance(amount, int) and isinstance(whole, int) and whole > 0:
            changed[link.share] = amount * BPS_WHOLE // (link.times * whole)
    return changed


class _Trial:
    """One applicant, decided again under many changes at once."""

    def __init__(self, told: Mapping[str, Scalar], beside: Mapping[str, Any], book: Book) -> None:
        self.told, self.beside, self.book = told, beside, book
        self.schema = {name: _TYPES[declared.type] for name, declared in book.declarations.items()}

    def rank(self, sets: list[tuple[Move, ...]]) -> list[int]:
        """How good the answer to each set of changes is, by :func:`rank_of`."""
        if not sets:
            return []
        rows = [apply_moves(self.told, moves) for moves in sets]
        columns = {name: [row.get(name) for row in rows] for name in self.schema}
        frame = pl.DataFrame(columns, schema=self.schema, strict=False)
        frame = frame.with_columns(pl.lit(value).alias(name) for name, value in self.beside.items())
        decided = decide_frame(frame, self.book)
        lane = decided.get_column("lane").to_physical().cast(pl.Int64)
        lends = decided.get_column("amount_cents") > 0
        better = pl.select(pl.when(lane == 3).then(RANK_DECLINED).when(lends).then(lane).otherwise(RANK_NO_OFFER))
        return better.to_series().to_list()

    def shrink(self, one: tuple[Move, ...], moves: Mapping[str, list[Move]], goal: int) -> tuple[Move, ...]:
        """The same labels, each moved no further than needed."""
        for place, move in enumerate(one):
            nearer = [m for m in moves[move.label] if m.steps < move.steps]
            sets = [(*one[:place], near, *one[place + 1 :]) for near in nearer]
            fits = [s for s, rank in zip(sets, self.rank(sets), strict=True) if rank <= goal]
            if fits:
                one = fits[0]
        return one


def _nearest(sets: list[tuple[Move, ...]], ranks: list[int], goal: int) -> list[tuple[Move, ...]]:
    """Of those that reach the goal the nearest for each set of labels, the cheapest first."""
    best: dict[tuple[str, ...], tuple[Move, ...]] = {}
    for one, rank in zip(sets, ranks, strict=True):
        labels = tuple(move.label for move in one)
        if rank <= goal and (labels not in best or _cost(one) < _cost(best[labels])):
            best[labels] = one
    return sorted(best.values(), key=_cost)


def _cost(moves: tuple[Move, ...]) -> tuple[int, int, int, float, tuple[str, ...]]:
    return (
        len(moves), sum(EFFORT[m.way] for m in moves), sum(m.steps for m in moves), sum(m.size for m in moves),
        tuple(m.label for m in moves),
    )  # fmt: skip


def _choose_joined(
    moves: Mapping[str, list[Move]], trial: _Trial, singles: list[tuple[Move, ...]], ranks: list[int]
) -> dict[str, list[Move]]:
    """The labels worth joining, each with a few values: near, middle and far."""
    blamed = _blamed(trial)
    order = sorted(moves, key=lambda name: (name not in blamed, EFFORT[moves[name][0].way], name))
    chosen = {}
    for name in order[:LABELS_JOINED_MAX]:
        listed = moves[name]
        places = sorted({0, len(listed) // 2, len(listed) - 1})
        chosen[name] = [listed[place] for place in places][:VALUES_JOINED_MAX]
    return chosen


def _blamed(trial: _Trial) -> set[str]:
    """The labels that stand in the reasons of today's answer, and those the limit lacks or is bound by."""
    decided = decide_labels({**trial.told, **trial.beside}, trial.book)
    names: set[str] = set()
    for verdict in (*decided.policy.verdicts, *decided.lane_choice.verdicts):
        if verdict.consequence != "none":
            names |= {*verdict.read, *verdict.unknown}
    for answer in decided.scores.cards.values():
        names |= {part.label for part in answer.parts if part.points < part.best_points}
    shares = {link.share: link.amount for link in LINKS}
    return names | {shares[name] for name in names if name in shares} | {"requested_amount_cents", "monthly_due_cents"}


def _combine(joined: Mapping[str, list[Move]], count: int, found: list[tuple[Move, ...]]) -> list[tuple[Move, ...]]:
    """Sets of so many labels, none of which holds a smaller set that already does."""
    enough = [frozenset(move.label for move in one) for one in found]
    sets: list[tuple[Move, ...]] = []
    for labels in combinations(joined, count):
        if any(one <= frozenset(labels) for one in enough):
            continue
        sets.extend(product(*(joined[name] for name in labels)))
        if len(sets) > TRIED_MAX:
            break
    return sets[:TRIED_MAX]


def _distinct(found: list[tuple[Move, ...]]) -> list[tuple[Move, ...]]:
    kept: list[tuple[Move, ...]] = []
    for one in found:
        labels = frozenset(move.label for move in one)
        if not any(frozenset(move.label for move in other) <= labels for other in kept):
            kept.append(one)
    return kept


def _tell(
    moves: tuple[Move, ...], told: Mapping[str, Scalar], beside: Mapping[str, Any], book: Book, goal: int
) -> Change:
    decided = decide_labels({**apply_moves(told, moves), **beside}, book)
    assert rank_of(decided) <= goal, "a change that is told has been decided one by one as well"
    best = decided.offer.candidates[0] if decided.offer.candidates else None
    rate = None if best is None or best.price.annual_rate is None else int(best.price.annual_rate * Decimal(BPS_WHOLE))
    return Change(
        labels=tuple(
            LabelChange(label=m.label, was=told.get(m.label), becomes=m.value, by=m.way) for m in moves
        ),
        verdict=decided.verdict,
        lane=decided.lane,
        tier=decided.tier,
        amount_cents=decided.offer.amount_cents if decided.verdict != "decline" else 0,
        annual_rate_bps=rate,
    )  # fmt: skip
