"""A card of losses: its level is the mean, it finds what was planted, and it is judged against one mean for all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from creditfactory import lab, scoring
from creditfactory.batches.card_making import plan_pack
from creditfactory.kernel import BadInput

PACK = Path(__file__).resolve().parents[2] / "rulebook" / "losses"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PLAN = lab.CardPlan(target="lost", name="loss", role="loss", method="divergence")


def make_loans(rows: int = 4_000, seed: int = 3) -> pl.DataFrame:
    """Losses of one fifth below a cover of 50, of three fifths above, all or nothing or between by chance."""
    chance = np.random.default_rng(seed)
    cover = chance.integers(0, 100, rows)
    mean = np.where(cover < 50, 0.2, 0.6)
    lost = np.where(chance.random(rows) < 0.5, chance.random(rows) < mean, chance.beta(4 * mean, 4 * (1 - mean)))
    return pl.DataFrame({"cover": cover, "shoe_size": chance.integers(36, 46, rows), "lost": lost.astype(np.float64)})


def test_planted_losses_are_found_and_the_level_is_the_mean() -> None:
    """SCR-03: loss given default beside the cards, by the same scorer."""
    frame = make_loans()
    built = lab.build_loss_card(frame, PLAN)
    assert [c["label"] for c in built.card["characteristics"]] == ["cover"]
    losses = built.card["performance"]["losses"]
    assert losses["train"]["expected"] == pytest.approx(losses["train"]["observed"], abs=2e-4)
    lost, foretold = frame["lost"].to_numpy(), np.where(frame["cover"].to_numpy() < 50, 0.2, 0.6)
    best = 1 - float(np.var(lost - foretold) / np.var(lost))
    assert losses["holdout"]["explained"] == pytest.approx(best, abs=0.05)
    card = scoring.read_card(built.card)
    low, high = (scoring.score(card, {"cover": cover}).probability for cover in (80, 10))
    assert low == pytest.approx(0.6, abs=0.04) and high == pytest.approx(0.2, abs=0.04)


def test_a_loan_is_split_by_what_it_lost_and_held_out_whole() -> None:
    frame = make_loans(600).with_columns(pl.Series("times", np.linspace(0.5, 2.0, 600)))
    whole = frame.with_columns(pl.col("times").alias("part_weight"))
    parts = lab.split_losses(whole, "lost")
    assert parts["part_weight"].sum() == pytest.approx(frame["times"].sum())
    lost = parts.filter(pl.col("part_lost") == 1)["part_weight"].sum()
    assert lost == pytest.approx((frame["times"] * frame["lost"]).sum())
    told = lab.build_loss_card(frame, replace(PLAN, weight="times", holdout_share=0.25)).card
    assert told["sample"]["rows"] == 450
    assert told["performance"]["losses"]["holdout"]["rows"] == 150


@pytest.mark.parametrize(
    ("spoilt", "place", "found"),
    [
        (pl.lit(1.2), "column lost, row 1", "1.2"),
        (pl.lit(None, pl.Float64), "column lost, row 1", "None"),
        (pl.lit("much"), "column lost", "String values"),
        (pl.lit(0.4), "column lost", "0.4 in every row"),
    ],
)
def test_what_is_no_share_is_refused_by_its_row(spoilt: pl.Expr, place: str, found: str) -> None:
    with pytest.raises(BadInput) as refusal:
        lab.build_loss_card(make_loans(200).with_columns(lost=spoilt), PLAN)
    assert place in str(refusal.value) and found in str(refusal.value)


def test_recoveries_are_foretold_better_than_by_their_mean() -> None:
    """SCR-03: on 2,545 observed losses the card explains a fifth out of sample; nothing else of the file is read."""
    if not (SHARED / "corporate" / "lgd.csv").is_file():
        pytest.skip("the public data set corporate/lgd.csv is not beside this checkout")
    recipe = next(plan_pack(PACK, SHARED))
    assert recipe.frame.columns == ["loan_to_value", "purpose", "share_lost"]
    losses = recipe.build().card["performance"]["losses"]["holdout"]
    assert losses["explained_low"] > 0.12
    assert losses["error"] < 0.9 * losses["error_of_mean"]
