"""Loss given default as a card: points for the share of the money that will not come back.

A loan that lost 30 % of what was owed counts as three tenths of a bad loan and seven tenths of a good one (the
quasi-likelihood of Papke and Wooldridge 1996). The card, its scorer, its pages and its exchange forms are those of any
card; what the points stand for is the expected share lost, and it is judged against the plain mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from creditfactory import scoring
from creditfactory.kernel import BadInput
from creditfactory.lab.cards import BuiltCard, CardPlan, build_card
from creditfactory.lab.sample import Flags, Floats, check_names, read_weight

LOST, MASS = "part_lost", "part_weight"
DRAWS = 400
FIFTHS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LossJudgement:
    """How well expected shares of loss foretell those that came: mean errors in shares, beside those of the plain mean.

    ``explained`` is 1 − (squared error / squared error of the mean learnt in building), with its 95 % range; ``fifths``
    are expected and observed means of the loans in order of their expected loss, a fifth of the weight each.
    """

    rows: int
    expected: float
    observed: float
    error: float
    error_of_mean: float
    explained: float
    explained_low: float
    explained_high: float
    fifths: tuple[tuple[float, float], ...]

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded to what they are worth."""
        told = asdict(self)
        told["fifths"] = [[round(expected, 4), round(observed, 4)] for expected, observed in self.fifths]
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()}


def build_loss_card(frame: pl.DataFrame, plan: CardPlan, *, data_sha256: str = "") -> BuiltCard:
    """A card whose chance is the expected share lost; ``plan.target`` names the column of shares from 0 to 1.

    The holdout is drawn by loan, before loans are split. Raises :class:`BadInput` naming the row that holds no share.
    """
    check_names([plan.target], frame.columns, place="target")
    shares, weight = read_shares(frame, plan.target), read_weight(frame, plan.weight)
    held = _hold_out(frame, plan, shares)
    whole = frame.with_columns(pl.Series(MASS, weight))
    inner = replace(
        plan, target=LOST, weight=MASS, holdout_from=None, holdout_share=0,
        exclude=(*plan.exclude, plan.target, *([plan.weight] if plan.weight else [])),
    )  # fmt: skip
    built = build_card(split_losses(whole.filter(pl.Series(~held)), plan.target), inner, data_sha256=data_sha256)
    mean = float(np.average(shares[~held], weights=weight[~held]))
    card = scoring.read_card(built.card, place="the card just built")
    losses = {"train": judge_losses(expect_losses(card, frame.filter(pl.Series(~held))), shares[~held], weight[~held],
                                    mean, seed=plan.seed).as_json()}  # fmt: skip
    if held.any():
        expected = expect_losses(card, frame.filter(pl.Series(held)))
        losses["holdout"] = judge_losses(expected, shares[held], weight[held], mean, seed=plan.seed).as_json()
    told = dict(built.card)
    told["target"] = plan.target
    told["sample"] = {**told["sample"], "rows": int((~held).sum()), "bads": int((shares[~held] > 0).sum()),
                      "weighted": plan.weight is not None}  # fmt: skip
    told["performance"] = {**told["performance"], "losses": losses}
    return replace(built, plan=plan, card=told)


def split_losses(frame: pl.DataFrame, target: str) -> pl.DataFrame:
    """Each loan as its part that was lost and its part that was not, weighted by their shares; empty parts left out.

    >>> loans = pl.DataFrame({"lost_share": [0.25, 0.0], "part_weight": [1.0, 2.0]})
    >>> split_losses(loans, "lost_share").select("part_lost", "part_weight").rows()
    [(1, 0.25), (0, 0.75), (0, 2.0)]
    """
    lost = frame.with_columns(pl.lit(1, pl.Int8).alias(LOST), pl.col(MASS) * pl.col(target)).with_row_index("_loan")
    kept = frame.with_columns(pl.lit(0, pl.Int8).alias(LOST), pl.col(MASS) * (1 - pl.col(target)))
    both = pl.concat([lost, kept.with_row_index("_loan")])
    return both.filter(pl.col(MASS) > 0).sort("_loan", maintain_order=True).drop("_loan")


def read_shares(frame: pl.DataFrame, target: str) -> Floats:
    """The column of losses as shares of what was owed; anything outside 0 to 1 is refused with its row."""
    column = frame.get_column(target)
    if not column.dtype.is_numeric():
        raise BadInput(place=f"column {target}", found=f"{column.dtype} values", expected="shares from 0 to 1")
    shares: Floats = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    odd = ~((shares >= 0) & (shares <= 1))
    if odd.any():
        row = int(odd.argmax())
        raise BadInput(place=f"column {target}, row {row + 1}", found=repr(column[row]), expected="a share from 0 to 1")
    if float(shares.max()) - float(shares.min()) < 1e-9:
        raise BadInput(place=f"column {target}", found=f"{shares[0]:g} in every row", expected="losses that differ")
    return shares


def expect_losses(card: scoring.Card, frame: pl.DataFrame) -> Floats:
    """The share each loan is expected to lose, by the rulebook's own scorer."""
    points = scoring.score_frame(card, frame)
    if points.null_count():
        row = int(points.is_null().arg_true()[0])
        raise BadInput(place=f"row {row + 1}", found="a loan the card cannot score", expected="the card's labels")
    log_odds = card.calibration_intercept + card.calibration_slope * points.to_numpy()
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def judge_losses(expected: Floats, shares: Floats, weight: Floats, mean: float, *, seed: int = 0) -> LossJudgement:
    """Expected beside observed losses, against one mean for all; the range is that of other loans drawn."""
    wrong, plain = weight * (shares - expected) ** 2, weight * (shares - mean) ** 2
    chance = np.random.default_rng(seed)
    drawn = np.sort([_explain(wrong[i], plain[i]) for i in chance.integers(len(shares), size=(DRAWS, len(shares)))])
    order = np.argsort(expected, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    fifth = np.minimum((reached * FIFTHS - 1e-12).astype(np.int64), FIFTHS - 1)
    parts = [order[fifth == i] for i in range(FIFTHS)]
    return LossJudgement(
        rows=len(shares),
        expected=float(np.average(expected, weights=weight)),
        observed=float(np.average(shares, weights=weight)),
        error=float(np.average(np.abs(shares - expected), weights=weight)),
        error_of_mean=float(np.average(np.abs(shares - mean), weights=weight)),
        explained=_explain(wrong, plain),
        explained_low=float(drawn[int(DRAWS * 0.025)]),
        explained_high=float(drawn[int(DRAWS * 0.975)]),
        fifths=tuple(
            (float(np.average(expected[p], weights=weight[p])), float(np.average(shares[p], weights=weight[p])))
            for p in parts
            if len(p)
        ),
    )


def tell_losses(losses: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The lines of the model card that a card of losses has beside those of any card."""
    lines = ["| sample | loans | expected loss | observed | mean error | of the plain mean | explained (95 % range) |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, told in losses.items():
        span = f"{told['explained']:.3f} ({told['explained_low']:.3f} to {told['explained_high']:.3f})"
        lines.append(
            f"| {name} | {told['rows']:,} | {told['expected']:.1%} | {told['observed']:.1%} | {told['error']:.3f} "
            f"| {told['error_of_mean']:.3f} | {span} |"
        )
    return lines


def _explain(wrong: Floats, plain: Floats) -> float:
    return 1 - float(wrong.sum()) / float(plain.sum())


def _hold_out(frame: pl.DataFrame, plan: CardPlan, shares: Floats) -> Flags:
    """Which loans are kept for judging: those from a day on, else a seeded draw of the share."""
    if plan.holdout_from is not None:
        if plan.time is None:
            raise BadInput(place="holdout-from", found="no time column", expected="the time column named as well")
        check_names([plan.time], frame.columns, place="time")
        held = (frame.get_column(plan.time).cast(pl.Date) >= plan.holdout_from).to_numpy()
    else:
        if not 0 <= plan.holdout_share < 1:
            raise BadInput(place="holdout", found=repr(plan.holdout_share), expected="a share from 0 to below 1")
        drawn = np.random.default_rng(plan.seed).permutation(len(shares))
        held = drawn < round(len(shares) * plan.holdout_share)
    if held.all():
        raise BadInput(place="holdout", found="every loan held out", expected="loans to build the card on")
    return np.asarray(held, dtype=np.bool_)
