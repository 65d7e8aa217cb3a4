"""Cards beside challengers on the public sets: ``python benchmarks/challengers.py DATA_FOLDER [--folds N] [--schools A,B]``.

``DATA_FOLDER`` holds ``sba/`` and ``taiwan-cards/``. With the extra ``[lab]``, ``--schools divergence,ebm`` measures the
EBM, and ``--only time`` times every school and tries each LightGBM challenger as ONNX. Prints one JSON line for each part;
what they say stands in docs/challengers.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from creditfactory.lab import CardPlan, ComparePlan, Sample, compare, draw_sample, split_sample, try_methods
from creditfactory.lab.boosted_onnx import build_onnx, try_onnx
from creditfactory.lab.challengers import EXTRA_SCHOOLS, LIGHTGBM_SCHOOLS, SCHOOLS, Boosted, fit_model
from creditfactory.lab.early import draw_early_target, follow_survival, transfer, try_early_targets
from creditfactory.lab.judging import measure_auc
from creditfactory.lab.leakage import find_leaks
from creditfactory.lab.rejects import say_whether_it_helps

AFTER = (
    "chg_off_date", "chg_off_prin_gr", "balance_gross", "mis_status", "disbursement_date", "disbursement_gross",
    "loan_nr_chk_dgt", "approval_fy",
)  # fmt: skip
NEVER = ("term", *AFTER)
SPLIT = date(2004, 10, 1)
KNOWN_BY = date(2005, 1, 1)
PROTECTED = ("SEX", "MARRIAGE")


def read_sba(folder: Path) -> pl.DataFrame:
    """The file's own columns, zeros that mean unknown as unknown, with share, amount per head and sector beside."""
    return pl.read_parquet(folder / "sba" / "sba_7a_30k.parquet").with_columns(
        naics=pl.col("naics").cast(pl.String).replace("0", None),
        guaranteed_share=pl.col("sba_appv") / pl.col("gr_appv"),
        amount_per_employee=pl.col("gr_appv") / pl.max_horizontal("no_emp", pl.lit(1)),
        is_lender_local=pl.col("bank_state") == pl.col("state"),
        sector=pl.when(pl.col("naics") > 0).then(pl.col("naics").cast(pl.String).str.slice(0, 2)),
    )


def know_by(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    """The outcomes as known on a day: a loan charged off later still counts as good before the day."""
    early = (pl.col("approval_date").dt.date() < SPLIT) & (pl.col("chg_off_date").dt.date() >= day)
    return frame.with_columns(default=pl.when(early).then(0).otherwise(pl.col("default")).cast(pl.Int8))


def tell(part: str, figures: Any) -> None:
    print(
        json.dumps({"part": part, **figures} if isinstance(figures, dict) else {"part": part, "told": figures}),
        flush=True,
    )


def plan_sba(folds: int) -> ComparePlan:
    card = CardPlan(target="default", weight="weight", time="approval_date", holdout_from=SPLIT, exclude=NEVER)
    return ComparePlan(card=card, folds=folds, amount="gr_appv")


def plan_taiwan(folds: int, exclude: tuple[str, ...] = ()) -> ComparePlan:
    return ComparePlan(
        card=CardPlan(target="default.payment.next.month", exclude=exclude), folds=folds, protected=PROTECTED
    )


def compare_all(folder: Path, folds: int, schools: tuple[Any, ...]) -> None:
    sba = read_sba(folder)
    vintage = sba.filter(pl.col("approval_fy").is_between(1995, 2010))
    cards = pl.read_csv(folder / "taiwan-cards" / "UCI_Credit_Card.csv", infer_schema_length=None)
    for tag, frame, plan in (
        ("Taiwan collection", cards.filter(pl.col("PAY_0") >= 1), plan_taiwan(folds)),
        ("SBA vintage", vintage, plan_sba(folds)),
        ("SBA as known by the end of 2004", know_by(vintage, KNOWN_BY), plan_sba(folds)),
        ("Taiwan behaviour", cards, plan_taiwan(folds)),
    ):
        plan = replace(plan, schools=schools)
        found = compare(frame, plan, say=lambda sentence: print(sentence, file=sys.stderr))
        tell(tag, {**found.summary(), "fairness": found.parts.get("fairness"), "stand_ins": found.parts.get("stand_ins"),
                   "swap": found.parts["swap"]})  # fmt: skip


def alarm_term(folder: Path) -> None:
    """The trap of the file: with everything left in, which columns are named?"""
    sample = draw_sample(read_sba(folder), target="default", weight="weight", exclude=("loan_nr_chk_dgt",))
    tell("leaks named with nothing excluded", [f"{a.label} ({a.kind})" for a in find_leaks(sample)])


def try_rejects(folder: Path, seeds: int) -> None:
    sba = draw_sample(read_sba(folder), target="default", weight="weight", exclude=(*NEVER, "approval_date", "zip"))
    cards = pl.read_csv(folder / "taiwan-cards" / "UCI_Credit_Card.csv", infer_schema_length=None)
    taiwan = draw_sample(cards, target="default.payment.next.month", exclude=PROTECTED)
    for tag, sample in (("SBA 70/30", sba), ("Taiwan behaviour", taiwan)):
        for seed in range(seeds):
            tried = try_methods(sample, CardPlan(target="bad"), share=0.5, seed=seed)
            tell(
                f"reject inference, {tag}, seed {seed}",
                {"methods": [t.as_json() for t in tried], "says": say_whether_it_helps(tried)},
            )


def try_early(folder: Path) -> None:
    """Charged off by month 6 … 36, against the final outcome; survival; and small loans teaching large ones."""
    frame = read_sba(folder).filter(pl.col("approval_fy").is_between(1995, 2004)).with_columns(
        months=((pl.col("chg_off_date") - pl.col("approval_date")).dt.total_days() / 30.44)
    )  # fmt: skip
    plan = CardPlan(target="default", method="divergence")
    sample = draw_sample(frame, target="default", weight="weight", exclude=(*NEVER, "approval_date", "months", "zip"))
    numbered = Sample(sample.frame.with_columns(row=pl.Series(np.arange(sample.rows))), sample.kinds, sample.bad,
                      sample.weight, None, sample.left_out)  # fmt: skip
    train, holdout = split_sample(numbered, holdout_from=None, holdout_share=0.3, seed=0)
    assert holdout is not None
    months = [None if m is None else max(int(m), 0) for m in frame["months"][train.frame["row"]].to_list()]
    watched = [999] * train.rows
    early = {by: np.array(draw_early_target(months, watched, by=by), dtype=bool) for by in (6, 12, 18, 24, 36)}
    tell("early targets, SBA FY1995-2004", [t.as_json() for t in try_early_targets(train, holdout, early, plan)])
    all_months = frame["months"].to_list()
    failed = np.array([m is not None and 0 <= m <= 60 for m in all_months])
    curve = follow_survival([int(min(m, 60)) if m is not None and m >= 0 else 60 for m in all_months], failed)
    tell("survival, sample of half bad", {str(m): round(curve.at(m), 4) for m in (6, 12, 24, 36, 60)})
    amount = frame["gr_appv"].to_numpy()
    limit = np.quantile(amount, 0.75)
    large, small = sample.take(amount > limit), sample.take(amount <= limit)
    few, unseen = split_sample(large, holdout_from=None, holdout_share=0.5, seed=0)
    assert unseen is not None
    for rows in (300, 600, few.rows):
        taken = few.take(np.random.default_rng(0).permutation(few.rows) < rows)
        told = {}
        for trust in (0.0, 0.3, 0.6, 1.0):
            points = transfer(small, taken, plan, trust=trust).score(unseen)
            told[str(trust)] = round(measure_auc(points, unseen.bad, unseen.weight), 4)
        tell(f"small loans teach large ones, {taken.rows} large", told)


def time_fits(folder: Path) -> None:
    """Seconds on one core to fit each school on all training rows; with the extra, the file of the trees is tried."""
    sba = read_sba(folder).filter(pl.col("approval_fy").is_between(1995, 2010))
    cards = pl.read_csv(folder / "taiwan-cards" / "UCI_Credit_Card.csv", infer_schema_length=None)
    taiwan = draw_sample(cards, target="default.payment.next.month", exclude=PROTECTED)
    later = draw_sample(sba, target="default", weight="weight", time="approval_date", exclude=NEVER)
    for tag, (train, hold) in (
        ("Taiwan behaviour", split_sample(taiwan, holdout_from=None, holdout_share=0.3, seed=0)),
        ("SBA vintage", split_sample(later, holdout_from=SPLIT, holdout_share=0, seed=0)),
    ):
        assert hold is not None
        seconds = {}
        for school in (*SCHOOLS, *EXTRA_SCHOOLS):
            begun = time.perf_counter()
            model = fit_model(school, train, CardPlan(target="bad"))
            seconds[school] = round(time.perf_counter() - begun, 1)
            if school in LIGHTGBM_SCHOOLS:
                assert isinstance(model, Boosted)
                content = build_onnx(model)
                tell(f"{school} as ONNX, {tag}", {"bytes": len(content), **try_onnx(content, model, hold)})
        tell(f"seconds a fit, {tag}", seconds)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--schools", default=",".join(SCHOOLS))
    asked.add_argument("--folds", type=int, default=5)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--only", choices=("compare", "leaks", "rejects", "early", "time"))
    wished = asked.parse_args()
    if wished.only in (None, "leaks"):
        alarm_term(wished.folder)
    if wished.only in (None, "early"):
        try_early(wished.folder)
    if wished.only in (None, "rejects"):
        try_rejects(wished.folder, wished.seeds)
    if wished.only in (None, "compare"):
        compare_all(wished.folder, wished.folds, tuple(wished.schools.split(",")))
    if wished.only == "time":
        time_fits(wished.folder)


if __name__ == "__main__":
    main()
