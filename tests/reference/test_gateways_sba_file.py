"""The real SBA file, read by the import and counted again by queries that share no code with it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from creditfactory.gateways.sba import read_sba

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sba" / "sba_7a_30k.parquet"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the public SBA loans are not beside this checkout")


def test_every_row_is_taken_once_and_the_odd_ones_are_counted() -> None:
    loans, counts = read_sba(FILE)
    raw = pl.read_parquet(FILE)
    bad = pl.col("mis_status") == "CHGOFF"
    expected = {
        "paid-with-charge-off": ~bad & (pl.col("chg_off_date").is_not_null() | (pl.col("chg_off_prin_gr") > 0)),
        "charge-off-day-unknown": bad & pl.col("chg_off_date").is_null(),
        "loss-above-disbursement": bad & (pl.col("chg_off_prin_gr") > pl.col("disbursement_gross")),
        "charge-off-without-loss": bad & (pl.col("chg_off_prin_gr") == 0),
        "disbursement-above-approval": pl.col("disbursement_gross") > pl.col("gr_appv"),
        "disbursement-day-unknown": pl.col("disbursement_date").is_null(),
        "disbursement-before-approval": pl.col("disbursement_date") < pl.col("approval_date"),
        "charge-off-before-disbursement": bad & (pl.col("chg_off_date") < pl.col("disbursement_date")),
        "lender-unknown": pl.col("bank").is_null(),
    }
    assert {k: v for k, v in counts.odd.items() if k in expected} == {
        k: raw.filter(v).height for k, v in expected.items()
    }
    assert (counts.odd["paid-with-charge-off"], counts.odd["loss-above-disbursement"]) == (103, 90)
    assert counts.rows_taken == counts.rows_in_file == len({loan.dossier.reference for loan in loans}) == 30_000
    assert len({loan.dossier.applicant.token for loan in loans}) == 30_000
    assert sum(loan.dossier.request.amount_cents for loan in loans) == int(raw["gr_appv"].sum() * 100)
    assert sum(loan.outcome.disbursed_cents for loan in loans) == int(raw["disbursement_gross"].sum() * 100)
    losses = raw.filter(bad).select(pl.min_horizontal("chg_off_prin_gr", "disbursement_gross").sum()).item()
    assert sum(loan.outcome.loss_cents for loan in loans) == int(losses * 100)
    assert all(loan.outcome.disbursed_on >= loan.dossier.applied_on for loan in loans)
