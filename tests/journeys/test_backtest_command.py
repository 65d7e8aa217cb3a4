"""`creditfactory backtest` from a file to figures and a report, in every form that a population comes in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from creditfactory import cli
from creditfactory.batches import backtesting
from creditfactory.gateways.populations import read_population
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.world import load_market, make_dossier

ROOT = Path(__file__).resolve().parents[2]
SBA = ROOT.parent / "shared" / "data" / "sba" / "sba_7a_30k.parquet"
DAY = "2026-11-01"


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dossiers of the simulated market with a made-up fate, one a line."""
    path, market = tmp_path_factory.mktemp("population") / "past.jsonl", load_market("cn-micro")
    with path.open("w", encoding="utf-8") as file:
        for index in range(240):
            outcome = {"bad": index % 9 == 0, "lost_share_bps": 4_000 if index % 9 == 0 else 0}
            whole = {"dossier": make_dossier(market, 5, index), "outcome": outcome, "audit": {"is_female": True}}
            file.write(json.dumps(whole, ensure_ascii=False) + "\n")
    return path


@pytest.fixture(scope="module")
def table(lines: Path) -> Path:
    """The same population as a table of labels."""
    rulebook = load_rulebook("cn-micro", locked=False)
    frames = list(read_population(lines, rulebook, rows=1_000, on=date.fromisoformat(DAY)))
    path = lines.with_suffix(".parquet")
    pl.concat(frames).write_parquet(path)
    pl.concat(frames).write_csv(lines.with_suffix(".csv"))
    return path


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rulebook, but it lends to nobody below 595 points."""
    folder = tmp_path_factory.mktemp("rulebooks") / "cn-micro"
    shutil.copytree(ROOT / "rulebook" / "cn-micro", folder)
    shutil.copy(ROOT / "rulebook" / "reasons.yaml", folder.parent)
    tiers = folder / "tables" / "tier.csv"
    kept = [line for line in tiers.read_text(encoding="utf-8").splitlines() if ",4," not in line and ",5," not in line]
    tiers.write_text("\n".join(kept).replace("< 560,6", "< 595,6") + "\n", encoding="utf-8")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    code = cli.main(["backtest", *map(str, arguments)])
    told = capsys.readouterr()
    assert code == 0, told.err
    found: dict[str, Any] = json.loads(told.out)
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert cli.main(["backtest", *map(str, arguments)]) == 1
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.strip().splitlines()[-1]) < 400
    return told.err


def without_place(summary: dict[str, Any]) -> str:
    """All figures as text, to be compared."""
    return json.dumps(summary, sort_keys=True)


def test_dossiers_parquet_and_csv_give_the_same_figures(
    lines: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """POL-03, POL-04: one population in three forms, one answer; the file's form decides nothing."""
    found = [
        run(capsys, path, "--rulebook", "cn-micro", "--on", DAY) for path in (lines, table, table.with_suffix(".csv"))
    ]
    assert found[0]["rows"] == 240 and found[0]["twins"] > 100
    assert without_place(found[0]) == without_place(found[1]) == without_place(found[2])
    assert found[0]["figures"]["outcome"]["known_share"] == 1.0
    assert sum(found[0]["figures"]["lanes"].values()) == 240


def test_chunks_change_nothing(
    table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(capsys, table, "--rulebook", "cn-micro", "--on", DAY)
    monkeypatch.setattr(backtesting, "CHUNK_ROWS", 31)
    pieces = run(capsys, table, "--rulebook", "cn-micro", "--on", DAY)
    for key in ("figures", "funnel", "tiers", "months", "grey_zone", "parts", "missing"):
        assert json.dumps(whole[key], sort_keys=True) == json.dumps(pieces[key], sort_keys=True)
    for one, other in zip(whole["rules"], pieces["rules"], strict=True):
        assert one["rule"] == other["rule"] and one["profit_gained"] == pytest.approx(other["profit_gained"])


def test_against_another_rulebook_with_a_report_and_a_proposal(
    table: Path, stricter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """POL-03, POL-05: the swap set adds up, the report is one file in both languages, the cut-offs are a table."""
    out, tiers = tmp_path / "report.html", tmp_path / "tier.csv"
    found = run(
        capsys, table, "--rulebook", "cn-micro", "--against", stricter, "--on", DAY, "--segment", "industry_section",
        "--optimise", "bad_rate<=0.12,visits_per_day<=40", "--out", out, "--table", tiers,
    )  # fmt: skip
    cells = {name: cell["applications"] for name, cell in found["swap"]["cells"].items()}
    assert sum(cells.values()) == 240 and cells["in_out"] == 0 < cells["out_in"]
    assert found["figures"]["offered"] - found["figures_before"]["offered"] == cells["out_in"]
    assert sum(group["rows"] for group in found["segments"].values()) == 240
    page = out.read_text(encoding="utf-8")
    assert page.count("<svg") >= 10 and page.count('lang="en"') == 1
    assert "Swap set" in page and "置换分析" in page
    assert not re.search(r"(src|href)=|https?://(?!www\.w3\.org)", page)
    assert not re.search(r"\{[a-z_]+\}", re.sub(r"<style>.*?</style>", "", page, flags=re.S)), (
        "a word was not filled in"
    )
    rows = tiers.read_text(encoding="utf-8").splitlines()
    assert rows[0] == "points,tier,lane,note" and rows[-1].endswith(",decline,")
    copy = tmp_path / "draft" / "cn-micro"
    shutil.copytree(ROOT / "rulebook" / "cn-micro", copy)
    shutil.copy(ROOT / "rulebook" / "reasons.yaml", copy.parent)
    shutil.copy(tiers, copy / "tables" / "tier.csv")
    drafted = run(capsys, table, "--rulebook", copy, "--against", "cn-micro", "--on", DAY)
    assert drafted["rulebook"]["digest"] != drafted["against"]["digest"]


def test_what_labels_cannot_show_is_named(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Law 4: a check that nobody told of is a condition of every figure, said in the answer."""
    bare = tmp_path / "bare.parquet"
    pl.read_parquet(table).drop("gate_verdict", "intake_verdict").write_parquet(bare)
    assert run(capsys, bare, "--rulebook", "cn-micro", "--on", DAY)["conditions"] == [
        "front_gate", "list_check", "territory",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "options", "said"),
    [
        ({}, ["--on", "soon"], "--on: found 'soon'"),
        ({}, ["--optimise", "luck<=3"], "--optimise"),
        ({}, ["--segment", "colour"], "--segment: found 'colour'"),
        ({}, ["--sample-twin", "0"], "--sample-twin"),
        ({"bad": ["perhaps"] * 240}, [], "column bad"),
        ({"applied_on": ["1999-01-01"] * 240}, [], "rows before"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    columns: dict[str, list[str]], options: list[str], said: str,
) -> None:  # fmt: skip
    odd = tmp_path / "odd.parquet"
    pl.read_parquet(table).with_columns(pl.Series(k, v) for k, v in columns.items()).write_parquet(odd)
    assert said in refused(capsys, odd, "--rulebook", "cn-micro", *options)


def test_files_that_are_none_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in {
        "gone.parquet": None, "broken.parquet": b"PAR?", "notes.txt": b"x", "empty.jsonl": b"",
        "lines.jsonl": b'{"dossier": {"pack": "cn-micro"}}\n', "half.jsonl": b'{"dossier": ',
    }.items():  # fmt: skip
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        assert name in refused(capsys, path, "--rulebook", "cn-micro")


def test_a_spoilt_twin_stops_the_command(
    table: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """POL-04: where the columns erred by a cent on any sampled row no figure would be told."""
    honest = backtesting.decision.decide_frame

    def spoilt(frame: pl.DataFrame, book: Any) -> pl.DataFrame:
        return honest(frame, book).with_columns(pl.col("amount_cents") + 1)

    monkeypatch.setattr(backtesting.decision, "decide_frame", spoilt)
    assert "differ on row" in refused(capsys, table, "--rulebook", "cn-micro", "--on", DAY)


def test_no_database_and_no_web_framework_is_needed() -> None:
    """A back-test reads rulebooks from disk; it runs where neither is installed."""
    code = "import sys, creditfactory.batches.backtesting as b; assert 'django' not in sys.modules, 'Django was loaded'"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-400:]


def test_real_past_loans(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """POL-03: the public SBA loans, each by the rules of its own day; the bad rate restored by their weights."""
    if not SBA.is_file():
        pytest.skip("the public SBA loans are not here")
    few = tmp_path / "sba.parquet"
    pl.read_parquet(SBA).sort("loan_nr_chk_dgt").gather_every(15).write_parquet(few)
    found = run(capsys, few, "--rulebook", "us-sba")
    assert found["rows"] == 2_000 and found["figures"]["outcome"]["known_share"] > 0.99
    assert found["figures"]["profit_cents"] is None, "the file knows no costs, so no profit is made up"
    assert found["swap_with_past"]["cells"]["out_in"]["rows"] == 0
    assert len(found["months"]) > 100
