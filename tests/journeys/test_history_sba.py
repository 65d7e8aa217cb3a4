"""Two thousand real past loans through the line: none lost, none twice, every account equal to its independent sum.

FAC-01, AQ-02: the report's independent sums come from ``batches.independent``, which reads the input file with Polars
and shares no code with the line; here the principal accounts are summed a third time, straight from the file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

SBA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sba" / "sba_7a_30k.parquet"
LOANS = int(os.environ.get("CREDITFACTORY_HISTORY_LOANS", "2000"))

pytestmark = pytest.mark.skipif(not SBA.exists(), reason=f"the public SBA file is not at {SBA}")


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The report of an import as a user starts it, and the folder of its database."""
    data = tmp_path_factory.mktemp("history")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment.pop("CREDITFACTORY_CONN_MAX_AGE", None)
    done = subprocess.run(
        [
            sys.executable, "-m", "creditfactory", "history", "import", "sba", str(SBA), "--limit", str(LOANS),
            "--until", "2010-12-31", "--data", str(data),
        ],
        env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=1500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return json.loads(done.stdout), data


def test_none_is_lost_and_none_is_there_twice(imported: tuple[dict[str, Any], Path]) -> None:
    """Every loan approved by the last day is one case, and ended or stands where a case can stand."""
    report, _ = imported
    frame = pl.read_parquet(SBA).sort("approval_date", "loan_nr_chk_dgt")
    chosen = frame[[index * frame.height // LOANS for index in range(LOANS)]]
    due = chosen.filter(pl.col("approval_date").dt.date() <= pl.date(2010, 12, 31)).height
    assert report["cases"]["total"] == due
    assert sum(report["cases"]["by_status"].values()) == due
    assert set(report["cases"]["by_status"]) <= {"waiting", "closed", "declined"}
    assert report["loans"].keys() == {"running", "paid", "charged_off"}


def test_each_account_equals_its_independent_sum(imported: tuple[dict[str, Any], Path]) -> None:
    """To the cent: cash, loans outstanding, interest, losses."""
    report, _ = imported
    assert set(report["accounts"]) == {
        "assets:cash", "assets:loans:principal", "expense:credit_loss", "income:interest",
    }  # fmt: skip
    for account, sums in report["accounts"].items():
        assert sums["ledger_cents"] == sums["independent_cents"] != 0, account
    assert sum(sums["ledger_cents"] for sums in report["accounts"].values()) == 0


def test_losses_are_the_files_own(imported: tuple[dict[str, Any], Path]) -> None:
    """A third sum, of losses alone: those booked and those refused make up all that the file records."""
    report, _ = imported
    frame = pl.read_parquet(SBA).sort("approval_date", "loan_nr_chk_dgt")
    chosen = frame[[index * frame.height // LOANS for index in range(LOANS)]].filter(
        (pl.col("approval_date").dt.date() <= pl.date(2010, 12, 31)) & (pl.col("mis_status") == "CHGOFF")
    )
    recorded = round(100 * chosen.select(pl.min_horizontal("chg_off_prin_gr", "disbursement_gross").sum()).item())
    told = report["declined"]["recorded_loss_cents"] + report["approved"]["recorded_loss_cents"]
    assert told == recorded
    assert report["accounts"]["expense:credit_loss"]["ledger_cents"] <= report["approved"]["recorded_loss_cents"]


def test_absent_stations_say_why(imported: tuple[dict[str, Any], Path]) -> None:
    """Missing evidence is recorded as not applicable with its reason, never invented."""
    report, _ = imported
    absent = {row["station"] for row in report["not_applicable"] if row["why"] == "LIN-ABSENT"}
    assert {"consent", "front_gate", "data_pull", "phone_check", "site_visit"} <= absent
    no_card = [row for row in report["not_applicable"] if row["station"] == "scores"]
    assert no_card and all(row["why"] == "SCO-NO-CARD" for row in no_card)
