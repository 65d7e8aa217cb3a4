"""Cut-offs and lanes that earn most within given limits, found on one half of a population, tried on the other.

What is assumed, and said with every result: a loan's chance of going bad does not depend on its amount, rate or lane,
and nobody walks away from an offer; people who look find a share of what would go bad and turn away a few that would
not; the doubts that raise a lane today (policy, checks, strategy) raise it as they do now; only the tier table changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.backtest.cases import Cases
from creditfactory.backtest.limits import Ceiling
from creditfactory.backtest.searching import Net, Way, find_best, weigh
from creditfactory.backtest.twin import choose_rows
from creditfactory.decision import LANES, Book, decide_frame, offer_at_tier
from creditfactory.kernel import Refused

Goal = Literal["profit", "loans"]
GROUPS_MAX = 60
MACHINE, CALLED, VISITED = 0, 1, 2
USES = ("loans", "bads", "machine_loans", "machine_bads", "calls", "visits", "amount", "profit")
"""What is counted of each group in each tier and lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What people's looking costs and brings; house figures until own outcomes of checks have been counted.

    Of bad loans a call finds ``found_by_call``, a visit ``found_by_visit``; of good ones ``lost_by_call`` and
    ``lost_by_visit`` are turned away or walk away; a minute of work costs ``minute_cents``.
    """

    found_by_call: float = 0.15
    found_by_visit: float = 0.35
    lost_by_call: float = 0.02
    lost_by_visit: float = 0.05
    minute_cents: int = 150
    call_minutes: int = 50
    visit_minutes: int = 305


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One tier of a proposal: from which to which key (points or basis points, the end left out), and its lane."""

    tier: int
    lane: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a set of cut-offs comes to on one half: counts are weighted, a day's are of the days there."""

    applications: float
    loans: float
    bad_rate: float | None
    bad_rate_machine: float | None
    calls_per_day: float
    visits_per_day: float
    amount_cents: float
    profit_cents: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The best cut-offs found and today's, and what they come to on both halves; ``is_proven`` of the half searched.

    ``kept`` says of each limit whether the other half keeps it too: a limit met on the half that was searched is no
    promise.
    """

    goal: Goal
    key: str
    cuts: tuple[Cut, ...]
    found_on: Tally
    held_out: Tally
    today_found_on: Tally
    today_held_out: Tally
    is_proven: bool
    kept: Mapping[str, bool]
    frontier: tuple[Mapping[str, Any], ...] = ()
    assumptions: Assumptions = field(default_factory=Assumptions)


@dataclass(frozen=True)
class _Half:
    """One half of the population, counted by group, tier and lane."""

    counts: dict[str, NDArray[np.float64]]
    applications: float
    days: int


@dataclass(frozen=True)
class _Field:
    """What the search runs over: tiers and the groups' edges, both halves, and today's cut-offs."""

    key: str
    tiers: tuple[int, ...]
    edges: tuple[int, ...]
    rising: bool
    halves: tuple[_Half, _Half]
    today: tuple[tuple[int, ...], tuple[int, ...]]
    first: tuple[int, ...]


def optimise(
    frame: pl.DataFrame,
    book: Book,
    ceilings: Sequence[Ceiling],
    *,
    default_loss_bps: int | None = None,
    assumptions: Assumptions = Assumptions(),
    seed: int = 0,
    may_worsen: bool = False,
) -> Proposal:
    """The tier table that earns most within the limits; where the pack knows no profit, the one that lends to most.

    Unless it ``may_worsen``, nobody gets a worse tier than today at the same points: a dearer price for the sure is
    easy profit on paper only, for here nobody walks away.
    """
    ground = _lay_out(frame, book, default_loss_bps, assumptions, seed, may_worsen)
    goal: Goal = "profit" if bool(np.any(ground.halves[0].counts["profit"])) else "loans"
    way = find_best(_net(ground, ground.halves[0], ceilings, goal))
    found_on, held_out = (_tally(half, way.ends, way.lanes) for half in ground.halves)
    today = [_tally(half, *ground.today) for half in ground.halves]
    kept = {one.name: _use_of(held_out, one.name, ground.halves[1]) <= one.most for one in ceilings}
    return Proposal(
        goal=goal,
        key=ground.key,
        cuts=_cut(ground, way),
        found_on=found_on,
        held_out=held_out,
        today_found_on=today[0],
        today_held_out=today[1],
        is_proven=way.is_proven,
        kept=kept,
        frontier=tuple(_draw_frontier(ground, ceilings, goal)),
        assumptions=assumptions,
    )


def _lay_out(
    frame: pl.DataFrame,
    book: Book,
    default_loss_bps: int | None,
    assumptions: Assumptions,
    seed: int,
    may_worsen: bool,
) -> _Field:
    decided = decide_frame(frame, book)
    table = book.tables["tier"]
    keys = [declared.name for declared in table.inputs]
    if len(keys) != 1 or keys[0] not in ("points", "probability_bps"):
        raise Refused(
            f"The tier table of {book.pack} reads {', '.join(keys)}; cut-offs can be sought for points alone."
        )
    rising = keys[0] == "probability_bps"
    free = (
        (decided.get_column("doubt_lane").to_physical().to_numpy() < LANES.index("decline"))
        & ~decided.get_column("intake_refuses").to_numpy()
        & ~decided.get_column("needs_facts").to_numpy()
        & decided.get_column("points").is_not_null().to_numpy()
    )
    places = {output.name: place for place, output in enumerate(table.outputs)}
    answers = [(row.answers[places["tier"]], row.answers[places["lane"]]) for row in table.rows]
    tiers = tuple(sorted({int(str(tier)) for tier, lane in answers if lane != "decline"}))
    risk = _risk(decided, rising)
    edges = _choose_edges(risk[free])
    group = np.searchsorted(np.array(edges[1:-1], dtype=np.int64), risk, side="right")
    offers = {tier: offer_at_tier(frame, book, tier) for tier in tiers}
    chosen = np.zeros(frame.height, dtype=np.bool_)
    chosen[choose_rows(frame.height, frame.height // 2, seed=seed)] = True
    first, second = (
        _count_half(frame, decided, offers, free & rows, rows, group, len(edges) - 1, default_loss_bps, assumptions)
        for rows in (chosen, ~chosen)
    )
    today = _today(book, tiers, edges, rising)
    begins = (0,) * len(tiers) if may_worsen else (0, *today[0][:-1])
    return _Field(keys[0], tiers, tuple(edges), rising, (first, second), today, begins)


def _risk(decided: pl.DataFrame, rising: bool) -> NDArray[np.int64]:
    """The key by which rows are sorted, the surest lowest."""
    if rising:
        chance = decided.get_column("probability").fill_null(1.0).to_numpy()
        return np.array([round(p * 10_000) for p in chance.tolist()], dtype=np.int64)
    return -decided.get_column("points").fill_null(0).to_numpy().astype(np.int64)


def _choose_edges(risk: NDArray[np.int64]) -> list[int]:
    """Whole-number edges of the groups: every value where there are few, evenly filled groups where there are many."""
    distinct = np.unique(risk)
    if len(distinct) > GROUPS_MAX:
        distinct = np.unique(np.quantile(risk, np.linspace(0, 1, GROUPS_MAX + 1)[:-1], method="lower"))
    if not len(distinct):
        return [0, 1]
    return [*distinct.astype(int).tolist(), int(risk.max()) + 1]


def _count_half(
    frame: pl.DataFrame,
    decided: pl.DataFrame,
    offers: Mapping[int, pl.DataFrame],
    free: NDArray[np.bool_],
    rows: NDArray[np.bool_],
    group: NDArray[np.int64],
    groups: int,
    default_loss_bps: int | None,
    assumptions: Assumptions,
) -> _Half:
    part, inside = frame.filter(pl.Series(free)), group[free]
    doubt = decided.get_column("doubt_lane").to_physical().to_numpy()[free]
    chance = decided.get_column("probability").cast(pl.Float64).to_numpy()[free]
    counts = {name: np.zeros((len(offers), 3, groups)) for name in USES}
    for place, offer in enumerate(offers.values()):
        lent = offer.filter(pl.Series(free)).with_columns(
            pl.lit("A").alias("lane"), pl.Series("probability", chance), pl.lit(0).alias("tier")
        )
        cases = Cases(lent, part, default_loss_bps)
        for lane in range(3):
            for name, values in _expect(cases, np.maximum(doubt, lane), assumptions).items():
                counts[name][place, lane] = np.bincount(inside, weights=values * cases.weight, minlength=groups)
    whole = Cases(decided.filter(pl.Series(rows)), frame.filter(pl.Series(rows)), default_loss_bps)
    days = frame.filter(pl.Series(rows)).get_column("applied_on").n_unique() if "applied_on" in frame.columns else 1
    return _Half(counts, float(whole.weight.sum()), max(1, days))


def _expect(cases: Cases, lane: NDArray[np.uint8], assumed: Assumptions) -> dict[str, NDArray[np.float64]]:
    """What each row comes to in its lane: people find some of the bad, lose some of the good, and cost."""
    bad = np.where(cases.known, cases.bad, np.nan_to_num(cases.chance))
    found = np.select([lane == CALLED, lane == VISITED], [assumed.found_by_call, assumed.found_by_visit], 0.0)
    lost = np.select([lane == CALLED, lane == VISITED], [assumed.lost_by_call, assumed.lost_by_visit], 0.0)
    minutes = np.select([lane == CALLED, lane == VISITED], [assumed.call_minutes, assumed.visit_minutes], 0)
    lends = cases.lends
    bads, goods = np.where(lends, bad * (1 - found), 0.0), np.where(lends, (1 - bad) * (1 - lost), 0.0)
    loans = bads + goods
    carry = np.nan_to_num(cases.profit + cases.expected_loss)
    loss_if_bad = np.where(cases.known & cases.bad, np.nan_to_num(cases.loss), 0.0)
    expected = np.nan_to_num(cases.expected_loss)
    loss = np.where(cases.known, loss_if_bad * (1 - found), expected * (1 - found))
    worked = np.where(lends, minutes * assumed.minute_cents, 0.0)
    is_worth_known = ~np.isnan(cases.profit)
    return {
        "loans": loans,
        "bads": bads,
        "machine_loans": np.where(lane == MACHINE, loans, 0.0),
        "machine_bads": np.where(lane == MACHINE, bads, 0.0),
        "calls": np.where(lends & (lane != MACHINE), 1.0, 0.0),
        "visits": np.where(lends & (lane == VISITED), 1.0, 0.0),
        "amount": loans * cases.amount,
        "profit": np.where(is_worth_known, loans * carry - loss - worked, 0.0),
    }


def _today(
    book: Book, tiers: tuple[int, ...], edges: Sequence[int], rising: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Today's cut-offs as ends of groups: a group counts by its surest applicant."""
    table, name = book.tables["tier"], book.tables["tier"].inputs[0].name
    found = [table.look_up({name: edge if rising else -edge}).outputs for edge in edges[:-1]]
    ends: list[int] = []
    lanes: list[int] = []
    start = 0
    for tier in tiers:
        held = [i for i, answer in enumerate(found) if answer.get("tier") == tier]
        start = max(start, max(held) + 1 if held else start)
        ends.append(start)
        words = [str(found[i].get("lane")) for i in held]
        lanes.append(LANES.index(words[0]) if words and words[0] in LANES[:3] else (lanes[-1] if lanes else 0))
    return tuple(ends), tuple(lanes)


def _net(ground: _Field, half: _Half, ceilings: Sequence[Ceiling], goal: Goal) -> Net:
    uses, most = [], []
    for one in ceilings:
        use, ceiling = _limit(half, one)
        uses.append(use)
        most.append(ceiling)
    shape = half.counts[goal].shape
    use = np.array(uses).reshape(len(uses), *shape)
    return Net(half.counts[goal], use, np.array(most, dtype=np.float64), ground.first)


def _limit(half: _Half, one: Ceiling) -> tuple[NDArray[np.float64], float]:
    """A limit as something that adds up over groups: a rate as what is too much of it."""
    counts = half.counts
    match one.name:
        case "bad_rate":
            return counts["bads"] - one.most * counts["loans"], 0.0
        case "bad_rate_machine":
            return counts["machine_bads"] - one.most * counts["machine_loans"], 0.0
        case "amount":
            return counts["amount"], one.most
        case _:
            return counts[one.name.removesuffix("_per_day")], one.most * half.days


def _tally(half: _Half, ends: tuple[int, ...], lanes: tuple[int, ...]) -> Tally:
    sums = {}
    for name in USES:
        net = Net(half.counts[name], np.zeros((0, *half.counts[name].shape)), np.zeros(0))
        sums[name] = weigh(net, ends, lanes).value
    return Tally(
        applications=half.applications,
        loans=sums["loans"],
        bad_rate=sums["bads"] / sums["loans"] if sums["loans"] > 0 else None,
        bad_rate_machine=sums["machine_bads"] / sums["machine_loans"] if sums["machine_loans"] > 0 else None,
        calls_per_day=sums["calls"] / half.days,
        visits_per_day=sums["visits"] / half.days,
        amount_cents=sums["amount"],
        profit_cents=sums["profit"],
    )


def _use_of(tally: Tally, name: str, half: _Half) -> float:
    uses = {
        "bad_rate": tally.bad_rate or 0.0,
        "bad_rate_machine": tally.bad_rate_machine or 0.0,
        "loans_per_day": tally.loans / half.days,
        "amount_per_day": tally.amount_cents / half.days,
        "amount": tally.amount_cents,
    }
    return uses[name] if name in uses else float(getattr(tally, name))


def _cut(ground: _Field, way: Way) -> tuple[Cut, ...]:
    """The way as ranges of the table's own key; what is left is declined."""
    cuts, start = [], 0
    for tier, end, lane in zip(ground.tiers, way.ends, way.lanes, strict=True):
        if end > start:
            cuts.append(_range(ground, tier, LANES[lane], start, end))
            start = end
    if start < len(ground.edges) - 1 or not cuts:
        cuts.append(_range(ground, ground.tiers[-1] + 1, "decline", start, len(ground.edges) - 1))
    return tuple(cuts)


def _range(ground: _Field, tier: int, lane: str, start: int, end: int) -> Cut:
    first = None if start == 0 else ground.edges[start]
    last = None if end == len(ground.edges) - 1 else ground.edges[end]
    if ground.rising:
        return Cut(tier=tier, lane=lane, low=first, high=last)
    low = None if last is None else -last + 1
    return Cut(tier=tier, lane=lane, low=low, high=None if first is None else -first + 1)


def write_tier_table(proposal: Proposal) -> str:
    """The proposal as a tier table's rows, to be put into a draft and signed by somebody else.

    >>> cuts = (Cut(tier=1, lane="A", low=620, high=None), Cut(tier=6, lane="decline", low=None, high=620))
    >>> none = Tally(applications=0, loans=0, bad_rate=None, bad_rate_machine=None, calls_per_day=0, visits_per_day=0,
    ...              amount_cents=0, profit_cents=0)
    >>> print(write_tier_table(Proposal(goal="profit", key="points", cuts=cuts, found_on=none, held_out=none,
    ...     today_found_on=none, today_held_out=none, is_proven=True, kept={})))
    points,tier,lane,note
    >= 620,1,A,
    < 620,6,decline,
    """
    lines = [f"{proposal.key},tier,lane,note"]
    for cut in proposal.cuts:
        if cut.low is None and cut.high is None:
            cell = "-"
        elif cut.low is None:
            cell = f"< {cut.high}"
        elif cut.high is None:
            cell = f">= {cut.low}"
        else:
            cell = f"[{cut.low}..{cut.high})"
        lines.append(f"{cell},{cut.tier},{cut.lane},")
    return "\n".join(lines)


def _draw_frontier(ground: _Field, ceilings: Sequence[Ceiling], goal: Goal) -> list[dict[str, Any]]:
    """The best that can be had at each bad rate, all other limits as they are."""
    first = ground.halves[0].counts
    loans, bads = first["loans"][0, 0].sum(), first["bads"][0, 0].sum()
    if not loans:
        return []
    worst = max(float(bads / loans), 0.001)
    others = [one for one in ceilings if one.name != "bad_rate"]
    points = []
    for share in (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 1.0):
        limits = [*others, Ceiling("bad_rate", round(worst * share, 5))]
        way = find_best(_net(ground, ground.halves[0], limits, goal))
        tallies = [_tally(half, way.ends, way.lanes) for half in ground.halves]
        points.append(
            {"bad_rate_most": limits[-1].most, "found_on": asdict(tallies[0]), "held_out": asdict(tallies[1])}
        )
    return points


def with_assumptions(**given: float) -> Assumptions:
    """The house's assumptions with some of them replaced."""
    return replace(Assumptions(), **given)  # type: ignore[arg-type]
