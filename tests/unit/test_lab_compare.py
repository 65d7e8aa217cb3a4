"""``cards compare``: one JSON line, a report beside it, a proposal that installs nothing, and kind refusals."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from creditfactory import scoring
from creditfactory.cli import main
from creditfactory.lab import comparing


def write_loans(place: Path, *, rows: int = 2_400, leak: bool = False) -> Path:
    chance = np.random.default_rng(3)
    debt, years = chance.normal(size=rows), chance.integers(0, 20, rows)
    bad = chance.random(rows) < 1 / (1 + np.exp(1.2 - 1.3 * debt + 0.12 * (years - 10)))
    frame = pl.DataFrame(
        {
            "debt": debt, "years": years, "sex": chance.choice(["f", "m"], rows), "bad": bad.astype(int),
            "town": chance.choice(["<b>Aba</b>", "Bei"], rows), "amount": chance.integers(1, 9, rows) * 1_000,
            "on": pl.Series(["2020-01-01"] * rows).str.to_date().dt.offset_by(
                pl.Series([f"{d}d" for d in np.sort(chance.integers(0, 700, rows))])
            ),
        }
    )  # fmt: skip
    if leak:
        frame = frame.with_columns(recovered=pl.col("bad") * 1.0 + pl.Series(chance.normal(size=rows)) * 0.01)
    frame.write_parquet(place)
    return place


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    rc = main(["cards", "compare", *words])
    told = capsys.readouterr()
    lines = told.out.strip().splitlines()
    assert len(lines) <= 1
    return rc, json.loads(lines[0]) if lines else {}, told.err


FEW = ["--schools", "divergence,boosted", "--folds", "2", "--target", "bad"]


def test_all_are_judged_alike_and_the_best_card_is_proposed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SCR-03: same rows for all; protected columns are judged by and never read; the card proposed can be scored."""
    data, out = write_loans(tmp_path / "loans.parquet"), tmp_path / "told" / "report.html"
    rc, told, _ = run(
        [str(data), *FEW, "--time", "on", "--holdout-from", "2021-06-01", "--protected", "sex", "--segment", "town",
         "--amount", "amount", "--out", str(out)], capsys,
    )  # fmt: skip
    assert rc == 0
    assert set(told["models"]) == {"divergence", "boosted", "distilled"}
    assert told["proposal"]["propose"] in {"divergence", "distilled"} and told["leaks"] == []
    whole = json.loads(out.with_suffix(".json").read_text("utf-8"))
    assert {m["holdout"]["rows"] for m in whole["models"]} == {whole["models"][0]["holdout"]["rows"]}
    card = scoring.read_card(whole["card"])
    assert "sex" not in card.labels and "on" not in card.labels
    frame = pl.read_parquet(data).filter(pl.col("on") >= pl.date(2021, 6, 1))
    assert scoring.score_frame(card, frame).null_count() == 0
    assert frame.height == whole["models"][0]["holdout"]["rows"]
    assert {row["group"] for row in whole["fairness"]["sex"]} == {"f", "m"}
    assert sum(row["rows"] for row in whole["periods"]) == frame.height
    page = out.read_text("utf-8")
    assert "<b>Aba</b>" not in page and "&lt;b&gt;Aba" in page and "Protected groups" in page and "<script" not in page
    again, words, err = run([str(data), *FEW, "--out", str(out)], capsys)
    assert (again, words) == (1, {}) and "expected a new file" in err


def test_a_card_in_force_is_kept_where_the_new_one_is_no_better(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SCR-06: measured against itself nothing is proposed; against a card of one weak answer the new one is."""
    data = write_loans(tmp_path / "loans.parquet")
    for name, exclude in (("same", "on,sex"), ("weak", "on,sex,debt")):
        words = ["cards", "build", str(data), "--target", "bad", "--exclude", exclude, "--out", str(tmp_path / name)]
        assert main(words) == 0
    capsys.readouterr()
    told = {}
    for name in ("same", "weak"):
        rc, told[name], _ = run(
            [str(data), *FEW, "--exclude", "on", "--protected", "sex", "--incumbent", str(tmp_path / name)], capsys
        )
        assert rc == 0 and told[name]["against"] == "incumbent"
    assert told["same"]["proposal"]["propose"] is None and "keep the card in force" in told["same"]["proposal"]["why"]
    assert told["weak"]["proposal"]["propose"] is not None
    assert told["weak"]["models"]["incumbent"]["auc"] < told["same"]["models"]["incumbent"]["auc"] - 0.05


def test_nothing_is_proposed_while_a_leak_is_unexplained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SCR-06: the column is named, on the error stream and in the answer."""
    data = write_loans(tmp_path / "loans.parquet", leak=True)
    words = [str(data), "--schools", "divergence", "--folds", "2", "--target", "bad", "--exclude", "on"]
    rc, told, err = run(words, capsys)
    assert rc == 0 and told["leaks"] == ["recovered"] and told["proposal"]["propose"] is None
    assert "recovered alone reaches AUC" in err


@pytest.mark.parametrize("spoil", [{"label": "debts"}, {"missing": None}])
def test_an_incumbent_that_cannot_be_seated_is_refused_before_anything_is_fitted(
    spoil: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SCR-06: names, and rows it could not score, are looked at before the long work."""
    data = write_loans(tmp_path / "loans.parquet", rows=400)
    words = [str(data), "--target", "bad", "--exclude", "on,sex"]
    assert main(["cards", "build", *words, "--out", str(tmp_path / "old")]) == 0
    place = tmp_path / "old" / "card.json"
    card = json.loads(place.read_text("utf-8"))
    card["characteristics"][0] |= spoil
    place.write_text(json.dumps(card), "utf-8")
    pl.read_parquet(data).with_columns(debt=pl.when(pl.col("years") > 0).then("debt")).write_parquet(data)
    monkeypatch.setattr(comparing, "_fit_all", lambda *_: pytest.fail("fitted before the incumbent was looked at"))
    rc, _, err = run([*words, "--incumbent", str(tmp_path / "old")], capsys)
    assert rc == 1 and ("nearest: debt" in err or "rows it cannot score" in err)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--protected", "sexx"], "nearest: sex"),
        (["--protected", "bad"], "neither outcome, weight nor time"),
        (["--schools", "oracle"], "'oracle'"),
        (["--holdout", "0"], "models are judged on it"),
        (["--folds", "1"], "folds"),
        (["--approve", "2"], "approval share"),
        (["--schools", "logistic,logistic"], "each once"),
        (["--gain", "-1"], "gain and loss"),
        (["--out", "report.docx"], "ends in .html or .pdf"),
        (["--incumbent", "nowhere"], "no such file"),
        (["--onnx", "trees.bin"], "ends in .onnx"),
        (["--onnx", "trees.onnx"], "one of boosted"),
    ],
)
def test_what_cannot_be_compared_is_said(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_loans(tmp_path / "loans.parquet", rows=400)
    base = [str(data), "--target", "bad", "--schools", "logistic", "--folds", "2", "--exclude", "on"]
    rc, told, err = run([*base, *words], capsys)
    assert (rc, told) == (1, {}) and says in err and len(err.strip().splitlines()[-1]) < 400


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--schools", "divergence,ebm"], "The school ebm needs interpret-core"),
        (["--schools", "boosted", "--onnx", "trees.onnx"], "ONNX needs onnx and onnxruntime"),
    ],
)
def test_what_the_extra_would_bring_is_said_before_the_long_work(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SCR-03: without the extra ``[lab]``, one sentence says what is missing and how to get it; nothing is written."""
    for name in ("interpret", "interpret.glassbox", "onnx", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.chdir(tmp_path)
    data = write_loans(tmp_path / "loans.parquet", rows=400)
    rc, told, err = run([str(data), "--target", "bad", "--exclude", "on", *words], capsys)
    assert (rc, told) == (1, {}) and len(err.strip().splitlines()) == 1
    assert says in err and "make lab" in err and [p.name for p in tmp_path.iterdir()] == ["loans.parquet"]


def test_what_a_sample_costs_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """AQ-04: large slow loans cost several times the money and the years of small quick ones for the same lesson."""
    same = ["cards", "cost", "--auc", "0.7", "--better-than", "0.65", "--bad-rate", "0.05", "--loss", "0.6"]
    assert main([*same, "--amount", "30000", "--per-month", "2000", "--months", "12"]) == 0
    small = json.loads(capsys.readouterr().out)
    assert main([*same, "--amount", "250000", "--per-month", "240", "--months", "36"]) == 0
    large = json.loads(capsys.readouterr().out)
    assert small["loans"] == large["loans"] > 1_000 and large["lent"] > 8 * small["lent"]
    assert large["years"] > 3 > 1.5 > small["years"]
    assert main([*same[:3], "0.6", *same[4:], "--amount", "1", "--per-month", "1", "--months", "1"]) == 1
    assert "more than the bar of 0.65" in capsys.readouterr().err
