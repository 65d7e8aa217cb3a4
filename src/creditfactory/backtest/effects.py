"""What each rule does: alone, beside the others, and what would change if it were not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.backtest.cases import Cases, Flags
from creditfactory.decision import FLOOR_OF_MARKS, NEEDED, rule_marks
from creditfactory.rules import VERDICTS, Policy, Verdict

DECLINE_LANE = 3
_LEFT = 31
_SPOKEN: tuple[Verdict, ...] = ("hit", "missing", "error")
GROUND = (
    "check_lane", "tier_lane", "rest_needs_facts", "intake_refuses", "would_lack", "would_profit_cents",
)  # fmt: skip
"""Columns of a decision from which leaving a rule out is reckoned."""
TALLIES = (
    "hit", "missing", "error", "against", "alone", "floor_alone", "offers_lost_alone",
    "offers_gained", "approved_gained", "known_gained", "bads_gained", "expected_bads_gained",
    "profit_gained", "calls_saved", "visits_saved",
)  # fmt: skip
"""What is counted for each rule; the gains are those of leaving it out."""


@dataclass(frozen=True)
class Ground:
    """What a lane and an offer would be whatever policy says: that on which leaving a rule out is reckoned."""

    check_lane: NDArray[np.uint8]
    tier_lane: NDArray[np.uint8]
    rest_needs: Flags
    no_offer: Flags
    refused: Flags
    would_lend: Flags
    would_profit: NDArray[np.float64]

    @classmethod
    def of(cls, decided: pl.DataFrame) -> Ground:
        """Taken from a frame of decisions."""
        would = decided.get_column("would_amount_cents").to_numpy() > 0
        intake = decided.get_column("intake_refuses").to_numpy()
        return cls(
            check_lane=decided.get_column("check_lane").to_physical().to_numpy().astype(np.uint8),
            tier_lane=decided.get_column("tier_lane").to_physical().to_numpy().astype(np.uint8),
            rest_needs=decided.get_column("rest_needs_facts").to_numpy(),
            no_offer=~would & ~decided.get_column("would_lack").to_numpy(),
            refused=intake,
            would_lend=would & ~intake,
            would_profit=decided.get_column("would_profit_cents").cast(pl.Float64).to_numpy(),
        )

    def conclude(self, marks: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Flags]:
        """Lane and offer of every row if policy's rules left these marks."""
        is_known = (marks & NEEDED == 0) & ~self.rest_needs
        graded = np.where((self.tier_lane == DECLINE_LANE) & ~is_known, DECLINE_LANE - 1, self.tier_lane)
        unknown = np.where(is_known, 0, DECLINE_LANE - 1)
        lane = np.maximum.reduce([self.check_lane, graded, unknown, FLOOR_OF_MARKS[marks & 31]])
        lends = (lane != DECLINE_LANE) & self.would_lend & is_known
        lane = np.where(self.refused | (self.no_offer & is_known), DECLINE_LANE, lane)
        return lane.astype(np.uint8), lends


def mark_rules(policy: Policy, decided: pl.DataFrame) -> pl.DataFrame:
    """For each rule a column ``mark:<name>``: what its verdict leaves behind, and the verdict in the two highest bits.

    So told, rows decided by different days' rules can stand together.
    """
    columns = []
    for rule in policy.rules:
        verdicts = decided.get_column(f"rule:{rule.name}").to_numpy()
        marks = rule_marks(rule)[verdicts] | (verdicts.astype(np.uint8) << 6)
        columns.append(pl.Series(f"mark:{rule.name}", marks.astype(np.uint8)))
    return pl.DataFrame(columns)


def tally_rules(marked: pl.DataFrame, cases: Cases) -> pl.DataFrame:
    """Weighted counts of each rule over one part of a population, from its marks; parts add up."""
    weight = cases.weight
    ground = Ground.of(cases.decided)
    told = {name.removeprefix("mark:"): marked.get_column(name).fill_null(0).to_numpy() for name in marked.columns}
    left: dict[str, NDArray[np.uint8]] = {name: (marks & _LEFT).astype(np.uint8) for name, marks in told.items()}
    counts = _count_bits(list(left.values()), len(cases))
    marks = _join(counts)
    lane, lends = ground.conclude(marks)
    _, free = ground.conclude(np.zeros(len(cases), dtype=np.uint8))
    rows: list[dict[str, Any]] = []
    for name, own in left.items():
        touched = np.flatnonzero(own)
        rows.append(
            {
                "rule": name,
                **{word: float(weight[told[name] >> 6 == VERDICTS.index(word)].sum()) for word in _SPOKEN},
                **_tally_effect(cases, ground, own, counts, touched, lane, lends, free),
                "against": float(weight[touched].sum()),
            }
        )
    return pl.DataFrame(rows, schema={"rule": pl.String, **dict.fromkeys(TALLIES, pl.Float64)})


def _tally_effect(
    cases: Cases,
    ground: Ground,
    own: NDArray[np.uint8],
    counts: NDArray[np.int16],
    touched: NDArray[np.intp],
    lane: NDArray[np.uint8],
    lends: Flags,
    free: Flags,
) -> dict[str, float]:
    """What the rows that a rule touches would be without it, and what it would stop if it were the only rule."""
    here = _part(ground, touched)
    weight, bits = cases.weight[touched], _bits(own[touched])
    rest = counts[touched] - bits
    without_lane, without = here.conclude(_join(rest))
    _, only = here.conclude(own[touched])
    gained = without & ~lends[touched]
    seen = gained & cases.known[touched]
    chance = np.nan_to_num(cases.chance[touched])
    profit = np.nan_to_num(here.would_profit)
    now = lane[touched]
    return {
        "alone": float(weight[rest.sum(axis=1) == 0].sum()),
        "floor_alone": float(weight[without_lane < now].sum()),
        "offers_lost_alone": float(weight[free[touched] & ~only].sum()),
        "offers_gained": float(weight[gained].sum()),
        "approved_gained": float(
            weight[(without_lane == 0) & without].sum() - weight[(now == 0) & lends[touched]].sum()
        ),
        "known_gained": float(weight[seen].sum()),
        "bads_gained": float(weight[seen & cases.bad[touched]].sum()),
        "expected_bads_gained": float((weight * chance)[gained].sum()),
        "profit_gained": float((weight * profit)[gained].sum()),
        "calls_saved": float(weight[_calls(now)].sum() - weight[_calls(without_lane)].sum()),
        "visits_saved": float(weight[now == 2].sum() - weight[without_lane == 2].sum()),
    }


def _part(ground: Ground, rows: NDArray[np.intp]) -> Ground:
    return Ground(**{name: getattr(ground, name)[rows] for name in Ground.__dataclass_fields__})


def _calls(lane: NDArray[np.uint8]) -> Flags:
    called: Flags = (lane == 1) | (lane == 2)
    return called


def _bits(marks: NDArray[np.uint8]) -> NDArray[np.int16]:
    return np.unpackbits(marks[:, None], axis=1, bitorder="little").astype(np.int16)


def _count_bits(marks: Sequence[NDArray[np.uint8]], height: int) -> NDArray[np.int16]:
    """For each row how many rules left each mark."""
    counts = np.zeros((height, 8), dtype=np.int16)
    for one in marks:
        rows = np.flatnonzero(one)
        counts[rows] += _bits(one[rows])
    return counts


def _join(counts: NDArray[np.int16]) -> NDArray[np.uint8]:
    return np.packbits((counts > 0).astype(np.uint8), axis=1, bitorder="little").reshape(-1)


def tally_overlap(marked: pl.DataFrame, cases: Cases) -> pl.DataFrame:
    """How much weight each two rules speak against together; a rule with itself is its own."""
    names = [name.removeprefix("mark:") for name in marked.columns]
    against = np.stack([marked.get_column(name).fill_null(0).to_numpy() & _LEFT > 0 for name in marked.columns], axis=1)
    spoken = against.astype(np.float32)
    together = spoken.T @ (spoken * cases.weight[:, None].astype(np.float32))
    pairs = [(one, other, float(together[i, j])) for i, one in enumerate(names) for j, other in enumerate(names)]
    return pl.DataFrame(pairs, schema=["rule", "beside", "weight"], orient="row")


def tell_rules(tallies: Sequence[pl.DataFrame], overlaps: Sequence[pl.DataFrame]) -> list[dict[str, Any]]:
    """The effects of all rules over the whole population, those that cost most offers first."""
    whole = pl.concat(tallies).group_by("rule", maintain_order=True).agg(pl.col(TALLIES).sum())
    pairs = pl.concat(overlaps).group_by("rule", "beside", maintain_order=True).agg(pl.col("weight").sum())
    others = pairs.filter(pl.col("rule") != pl.col("beside"), pl.col("weight") > 0).sort("weight", descending=True)
    nearest = {rule: (beside, weight) for rule, beside, weight in others.unique("rule", keep="first").iter_rows()}
    told = []
    for row in whole.iter_rows(named=True):
        beside = nearest.get(row["rule"])
        row["bad_rate_gained"] = row["bads_gained"] / row["known_gained"] if row["known_gained"] else None
        row["most_beside"] = {"rule": beside[0], "share": beside[1] / row["against"]} if beside else None
        told.append(row)
    return sorted(told, key=lambda row: (-row["offers_gained"], -row["against"], row["rule"]))
