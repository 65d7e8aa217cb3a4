"""Cards beside challengers on the public sets: ``python benchmarks/challengers.py DATA_FOLDER [--ebm PY] [--folds N]``.

``DATA_FOLDER`` holds ``sba/`` and ``taiwan-cards/``. ``PY`` is a Python of its own that has interpret-core, whose EBM is
then fitted on the very same rows. Prints one JSON line for each part; what they say stands in docs/challengers.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from creditfactory.lab import CardPlan, ComparePlan, Sample, compare, draw_sample, split_sample, try_methods
from creditfactory.lab.early import draw_early_target, follow_survival, transfer, try_early_targets
from creditfactory.lab.judging import measure_auc, measure_ks
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
EBM = """
import json, sys
import numpy as np, polars as pl
from interpret.glassbox import ExplainableBoostingClassifier
train, hold = (pl.read_parquet(sys.argv[1] + "/" + n + ".parquet") for n in ("train", "hold"))
names = [c for c in train.columns if c not in ("bad", "weight")]
import pandas as pd
def lay(f):
    return {n: f[n].to_list() for n in names}
X, Z = (pd.DataFrame(lay(f)) for f in (train, hold))
kinds = ["continuous" if train.schema[n].is_numeric() else "nominal" for n in names]
told = {}
for tag, meet in (("ebm", 0), ("ebm_10_interactions", 10)):
    model = ExplainableBoostingClassifier(interactions=meet, feature_types=kinds, n_jobs=1, outer_bags=4, random_state=0)
    model.fit(X, train["bad"].to_numpy(), sample_weight=train["weight"].to_numpy() / train["weight"].mean())
    told[tag] = model.predict_proba(Z)[:, 1].tolist()
print(json.dumps(told))
"""


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


def compare_all(folder: Path, folds: int) -> None:
    sba = read_sba(folder)
    vintage = sba.filter(pl.col("approval_fy").is_between(1995, 2010))
    cards = pl.read_csv(folder / "taiwan-cards" / "UCI_Credit_Card.csv", infer_schema_length=None)
    for tag, frame, plan in (
        ("Taiwan collection", cards.filter(pl.col("PAY_0") >= 1), plan_taiwan(folds)),
        ("SBA vintage", vintage, plan_sba(folds)),
        ("SBA as known by the end of 2004", know_by(vintage, KNOWN_BY), plan_sba(folds)),
        ("Taiwan behaviour", cards, plan_taiwan(folds)),
    ):
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


def ask_ebm(folder: Path, python: Path) -> None:
    sba = read_sba(folder).filter(pl.col("approval_fy").is_between(1995, 2010))
    cards = pl.read_csv(folder / "taiwan-cards" / "UCI_Credit_Card.csv", infer_schema_length=None)
    taiwan = draw_sample(cards, target="default.payment.next.month", exclude=PROTECTED)
    later = draw_sample(sba, target="default", weight="weight", time="approval_date", exclude=NEVER)
    for tag, (train, hold) in (
        ("Taiwan behaviour", split_sample(taiwan, holdout_from=None, holdout_share=0.3, seed=0)),
        ("SBA vintage", split_sample(later, holdout_from=SPLIT, holdout_share=0, seed=0)),
    ):
        assert hold is not None
        with tempfile.TemporaryDirectory() as place:
            for name, sample in (("train", train), ("hold", hold)):
                sample.frame.with_columns(bad=pl.Series(sample.bad.astype(np.int8)), weight=pl.Series(sample.weight)
                                          ).write_parquet(Path(place) / f"{name}.parquet")  # fmt: skip
            said = subprocess.run([str(python), "-c", EBM, place], check=True, capture_output=True, text=True).stdout
        for name, chance in json.loads(said).items():
            points = np.rint(-500 * np.array(chance))
            tell(f"{name}, {tag}", {"auc": round(measure_auc(points, hold.bad, hold.weight), 4),
                                    "ks": round(measure_ks(points, hold.bad, hold.weight), 4)})  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--ebm", type=Path)
    asked.add_argument("--folds", type=int, default=5)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--only", choices=("compare", "leaks", "rejects", "early", "ebm"))
    wished = asked.parse_args()
    if wished.only in (None, "leaks"):
        alarm_term(wished.folder)
    if wished.only in (None, "early"):
        try_early(wished.folder)
    if wished.only in (None, "rejects"):
        try_rejects(wished.folder, wished.seeds)
    if wished.only in (None, "compare"):
        compare_all(wished.folder, wished.folds)
    if wished.ebm is not None and wished.only in (None, "ebm"):
        ask_ebm(wished.folder, wished.ebm)


if __name__ == "__main__":
    main()
