"""How well the SBA cards tell good from bad, beside the floors: ``python benchmarks/cards.py SBA.parquet``.

Every figure is what ``creditfactory cards build`` and ``cards validate`` print for the files made here.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from creditfactory.batches import sba_cards
from creditfactory.gateways.sba import read_sba
from creditfactory.lab import commands, write_card

NEVER = (
    "term", "chg_off_date", "chg_off_prin_gr", "balance_gross", "mis_status", "disbursement_date",
    "disbursement_gross", "loan_nr_chk_dgt", "approval_fy",
)  # fmt: skip
LENDER = ("bank", "bank_state", "is_lender_local")
SPLIT = date(2004, 10, 1)


def build(path: Path, folder: Path, **wishes: Any) -> dict[str, Any]:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(io.StringIO()):
        assert commands.build(path, target="default", weight="weight", out=folder / "card" / "v001", **wishes) == 0
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


def main(source: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        everything, vintage = write_raw(source, folder)
        for tag, more in (("lender columns asked", ()), ("lender columns left out", LENDER)):
            seeds = [
                build(everything, folder, exclude=(*NEVER, "approval_date", *more), seed=seed)["holdout"]
                for seed in range(10)
            ]
            auc, ks = (np.array([s[figure] for s in seeds]) for figure in ("auc", "ks"))
            print(
                f"| 70/30 random, {tag} | {seeds[0]['auc']:.3f} / {seeds[0]['ks']:.3f} "
                f"| {auc.mean():.3f} ± {auc.std(ddof=1):.3f} / {ks.mean():.3f} ± {ks.std(ddof=1):.3f} |"
            )
            held = build(
                vintage, folder, exclude=(*NEVER, *more), time="approval_date", holdout_from=SPLIT
            )["holdout"]  # fmt: skip
            print(f"| FY1995-2004 → FY2005-2010, {tag} | {held['auc']:.3f} / {held['ks']:.3f} | one split |")
        report_as_known(source, folder)


def report_as_known(source: Path, folder: Path) -> None:
    loans, _ = read_sba(source)
    table = sba_cards.tabulate_labels(loans)
    ripe = sba_cards.draw_known(loans, table, cut_day=date(2014, 7, 1))
    ends = (*sba_cards.CUT_DAYS[1:], date(2015, 1, 1))
    for number, (cut_day, end) in enumerate(zip(sba_cards.CUT_DAYS, ends, strict=True), start=1):
        built = sba_cards.plan_as_known(loans, table, cut_day=cut_day, version=f"v{number:03d}").build()
        write_card(built, folder / built.plan.version)
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
