"""How well the cards tell good from bad, beside the floors: ``python benchmarks/cards.py DATA`` (the folder of sets).

Every SBA figure is what ``creditfactory cards build`` and ``cards validate`` print for the files made here; the other
cards are those that ``creditfactory cards make`` builds, on other draws of the holdout.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from creditfactory.batches import card_making, invoice_cards, sba_cards
from creditfactory.batches.card_recipe import Recipe
from creditfactory.gateways.sba import read_sba
from creditfactory.lab import (
    CardPlan,
    commands,
    draw_sample,
    fit_model,
    measure_auc,
    measure_ks,
    split_sample,
    write_card,
)

ROOT = Path(__file__).resolve().parents[1]
SEEDS = 10

NEVER = (
    "term", "chg_off_date", "chg_off_prin_gr", "balance_gross", "mis_status", "disbursement_date",
    "disbursement_gross", "loan_nr_chk_dgt", "approval_fy",
)  # fmt: skip
LENDER = ("bank", "bank_state", "is_lender_local")
SPLIT = date(2004, 10, 1)


def build(path: Path, folder: Path, **wishes: Any) -> dict[str, Any]:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(io.StringIO()):
        assert (
            commands.build(
                path, target="default", weight="weight", out=folder / "card" / "v001", method="divergence", **wishes
            )
            == 0
        )
    figures: dict[str, Any] = json.loads(told.getvalue())
    return figures


def write_raw(source: Path, folder: Path) -> tuple[Path, Path]:
    """The file's own columns, zeros that mean unknown as unknown, with share, amount per head and sector beside."""
    frame = pl.read_parquet(source).with_columns(
        naics=pl.col("naics").cast(pl.String).replace("0", None),
        guaranteed_share=pl.col("sba_appv") / pl.col("gr_appv"),
        amount_per_employee=pl.col("gr_appv") / pl.max_horizontal("no_emp", pl.lit(1)),
        is_lender_local=pl.col("bank_state") == pl.col("state"),
        sector=pl.when(pl.col("naics") > 0).then(pl.col("naics").cast(pl.String).str.slice(0, 2)),
    )
    everything, vintage = folder / "all.parquet", folder / "vintage.parquet"
    frame.write_parquet(everything)
    frame.filter(pl.col("approval_fy").is_between(1995, 2010)).write_parquet(vintage)
    return everything, vintage


def main(data: Path) -> None:
    source = data / sba_cards.FILE
    report_packs(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        everything, vintage = write_raw(source, folder)
        for tag, more in (("lender columns asked", ()), ("lender columns left out", LENDER)):
            seeds = [
                build(everything, folder, exclude=(*NEVER, "approval_date", *more), seed=seed)["holdout"]
                for seed in range(SEEDS)
            ]
            auc, ks = (np.array([s[figure] for s in seeds]) for figure in ("auc", "ks"))
            print(
                f"| 70/30 random, {tag} | {seeds[0]['auc']:.3f} / {seeds[0]['ks']:.3f} "
                f"| {auc.mean():.3f} ± {auc.std(ddof=1):.3f} / {ks.mean():.3f} ± {ks.std(ddof=1):.3f} |"
            )
            held = build(
                vintage, folder, exclude=(*NEVER, *more), time="approval_date", holdout_from=SPLIT
            )["holdout"]  # fmt: skip
            boosted = report_boosted(vintage, (*NEVER, *more))
            print(
                f"| FY1995-2004 → FY2005-2010, {tag} | {held['auc']:.3f} / {held['ks']:.3f} "
                f"| LightGBM {boosted[0]:.3f} / {boosted[1]:.3f} |",
                flush=True,
            )
            known = build(
                write_known(vintage), folder, exclude=(*NEVER, *more), time="approval_date", holdout_from=SPLIT
            )["holdout"]
            print(
                f"| the same as known at the end of 2004, {tag} | {known['auc']:.3f} / {known['ks']:.3f} | |",
                flush=True,
            )
        report_as_known(source, folder)


def write_known(vintage: Path) -> Path:
    """The vintage split with only those outcomes that the end of 2004 knew among the loans learnt from."""
    frame = pl.read_parquet(vintage)
    is_early = pl.col("approval_date").dt.date() < SPLIT
    by_then = (pl.col("chg_off_date").dt.date() <= date(2004, 12, 31)).fill_null(False)
    told = pl.when(is_early).then((pl.col("default") == 1) & by_then).otherwise(pl.col("default") == 1)
    path = vintage.with_name("known.parquet")
    frame.with_columns(default=told.cast(pl.Int8)).write_parquet(path)
    return path


def report_packs(data: Path) -> None:
    """Each card of a public set on ten draws of its holdout; the firms by repeated folds."""
    for pack in ("tw-cards", "ng-repeat", "cn-invoices"):
        for recipe in card_making.plan_pack(ROOT / "rulebook" / pack, data):
            if pack == "cn-invoices":
                told = invoice_cards.judge_repeatedly(recipe)
                auc, ks = told["auc"], told["ks"]
                print(
                    f"| {pack}: {recipe.plan.name}, repeated folds | {auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f}) "
                    f"/ {ks['value']:.3f} ({ks['low']:.3f} to {ks['high']:.3f}) |",
                    flush=True,
                )
                continue
            held = [replace(recipe, plan=replace(recipe.plan, seed=seed)).build().holdout for seed in range(SEEDS)]
            assert all(h is not None for h in held)
            ours = [(h.auc, h.ks) for h in held if h is not None]
            floor = [fit_untuned(recipe, seed) for seed in range(SEEDS)]
            above = [sum(our[n] > their[n] for our, their in zip(ours, floor, strict=True)) for n in (0, 1)]
            print(
                f"| {pack}: {recipe.plan.name} | {ours[0][0]:.3f} / {ours[0][1]:.3f} | {tell_draws(ours)} "
                f"| {floor[0][0]:.3f} / {floor[0][1]:.3f} | {tell_draws(floor)} | {above[0]} / {above[1]} |",
                flush=True,
            )


def tell_draws(figures: list[tuple[float, float]]) -> str:
    """Mean and spread of AUC and of KS."""
    auc, ks = np.array(figures).T
    return f"{auc.mean():.3f} ± {auc.std(ddof=1):.3f} / {ks.mean():.3f} ± {ks.std(ddof=1):.3f}"


def fit_untuned(recipe: Recipe, seed: int) -> tuple[float, float]:
    """AUC and KS of what a floor is, on the card's own columns and rows: tenths and words as classes, logistic."""
    plan = recipe.plan
    sample = draw_sample(recipe.frame, target=plan.target, weight=plan.weight, exclude=plan.exclude, only=plan.only)
    train, held = split_sample(sample, holdout_from=None, holdout_share=plan.holdout_share, seed=seed)
    assert held is not None
    sides: tuple[list[pl.DataFrame], list[pl.DataFrame]] = [], []
    for name, kind in train.kinds.items():
        column = train.frame[name]
        cuts = sorted({column.quantile(tenth / 10) for tenth in range(1, 10)} - {None}) if kind == "number" else []
        for side, part in zip(sides, (column, held.frame[name]), strict=True):
            classes = part.cast(pl.Float64).cut(cuts) if kind == "number" else part
            side.append(pl.DataFrame({name: classes.cast(pl.String).fill_null("unknown")}))
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(max_iter=2_000))
    model.fit(
        pl.concat(sides[0], how="horizontal").to_numpy(), train.bad, logisticregression__sample_weight=train.weight
    )
    goodness = 1 - model.predict_proba(pl.concat(sides[1], how="horizontal").to_numpy())[:, 1]
    return measure_auc(goodness, held.bad, held.weight), measure_ks(goodness, held.bad, held.weight)


def report_boosted(vintage: Path, exclude: tuple[str, ...]) -> tuple[float, float]:
    """AUC and KS of LightGBM on the same columns and split, its rounds found on the latest fifth of the training part."""
    plan = CardPlan(target="default", weight="weight", time="approval_date", holdout_from=SPLIT, exclude=exclude)
    sample = draw_sample(
        pl.read_parquet(vintage), target="default", weight="weight", time="approval_date", exclude=exclude
    )
    train, held = split_sample(sample, holdout_from=SPLIT, holdout_share=0, seed=0)
    assert held is not None
    points = fit_model("boosted", train, plan).score(held)
    return measure_auc(points, held.bad, held.weight), measure_ks(points, held.bad, held.weight)


def report_as_known(source: Path, folder: Path) -> None:
    loans, _ = read_sba(source)
    table = sba_cards.tabulate_labels(loans)
    ripe = sba_cards.draw_known(loans, table, cut_day=date(2014, 7, 1))
    ends = (*sba_cards.CUT_DAYS[1:], date(2015, 1, 1))
    for number, (cut_day, end) in enumerate(zip(sba_cards.CUT_DAYS, ends, strict=True), start=1):
        built = sba_cards.plan_as_known(loans, table, cut_day=cut_day, version=f"v{number:03d}").build()
        write_card(built, folder / built.plan.version, anew=True)
        later = folder / "later.parquet"
        ripe.filter((pl.col("approved_on") >= cut_day) & (pl.col("approved_on") < end)).write_parquet(later)
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            assert commands.validate(folder / built.plan.version, later, weight="weight") == 0
        then = json.loads(told.getvalue())["validation"]
        train, held = built.train, built.holdout
        assert held is not None
        print(
            f"| {built.plan.version} | {cut_day} | {train.rows:,} / {train.bads:,} | {train.auc:.3f} / {train.ks:.3f} "
            f"| {held.auc:.3f} / {held.ks:.3f} | {then['rows']:,} / {then['bads']:,} | {then['auc']:.3f} / {then['ks']:.3f} "
            f"| {then['calibration']['expected']:.2%} / {then['calibration']['observed']:.2%} | {then['psi']:.3f} |"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
