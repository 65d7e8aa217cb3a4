"""``cards build`` and ``cards validate``: figures on stdout, one clear sentence for what cannot be used."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from creditfactory.kernel import BadInput
from creditfactory.lab import CardPlan, build_card, commands, validate_card

FIGURES = {"auc", "ks", "gini", "divergence", "psi", "calibration"}


def draw_applicants(rows: int = 1500, seed: int = 0) -> pl.DataFrame:
    """Made-up applicants: age of firm and trade tell something, the coin nothing, some answers are left open."""
    chance = np.random.default_rng(seed)
    years = chance.integers(0, 20, rows)
    trade = chance.choice(["food", "shop", "cars"], rows, p=[0.3, 0.5, 0.2])
    log_odds = -1.2 - 0.12 * (years - 8) + 0.9 * (trade == "food")
    return pl.DataFrame(
        {
            "years": [None if u < 0.1 else int(y) for y, u in zip(years, chance.random(rows), strict=True)],
            "trade": trade,
            "owns_home": chance.random(rows) < 0.5,
            "coin": chance.normal(size=rows),
            "day": [date(2020, 1, 1) + timedelta(days=int(d)) for d in np.sort(chance.integers(0, 900, rows))],
            "stands_for": chance.choice([1.0, 3.0], rows),
            "bad": (chance.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int),
        }
    )


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser(prog="creditfactory cards")
    commands.add_arguments(parser.add_subparsers(required=True))
    chosen = parser.parse_args([str(a) for a in arguments])
    status: int = chosen.run(chosen)
    return status


@pytest.fixture
def applicants(tmp_path: Path) -> Path:
    path = tmp_path / "applicants.csv"
    draw_applicants().write_csv(path)
    return path


def build_and_read(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert run("build", *arguments) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return told


def test_build_ends_with_one_line_of_figures_and_writes_the_folder(
    applicants: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "shop" / "v003"
    told = build_and_read(
        capsys, applicants, "--target", "bad", "--weight", "stands_for", "--exclude", "day", "--out", out
    )
    assert told["method"] == "logistic"
    assert set(told["characteristics"]) == {"years", "trade"}
    assert set(told["train"]) >= FIGURES and set(told["holdout"]) >= FIGURES
    assert 0.6 < told["holdout"]["auc"] < 0.85
    assert told["holdout"]["gini"] == pytest.approx(2 * told["holdout"]["auc"] - 1, abs=2e-6)
    assert told["train"]["calibration"]["expected"] == pytest.approx(told["train"]["calibration"]["observed"], abs=1e-6)
    card = json.loads((out / "card.json").read_text())
    assert (card["name"], card["version"], card["target"], card["pdo"]) == ("shop", "v003", "bad", 20)
    assert card["sample"]["weighted"] and len(card["sample"]["data_sha256"]) == 64
    assert "sampling weight" in (out / "model_card.md").read_text()
    assert len(json.loads((out / "golden.json").read_text())["applicants"]) >= 60


def test_the_same_plan_gives_the_same_card_and_another_seed_another_holdout(
    applicants: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cards = []
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        out = tmp_path / "shop" / folder / "v001"
        build_and_read(capsys, applicants, "--target", "bad", "--name", "shop", "--seed", seed, "--out", out)
        cards.append((out / "card.json").read_text())
    assert cards[0] == cards[1] != cards[2]


def test_weight_target_time_and_excluded_columns_never_enter_the_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = draw_applicants().with_columns(told_later=pl.col("bad") * 5, stands_for=1.0 + pl.col("bad"))
    path = tmp_path / "a.parquet"
    frame.write_parquet(path)
    told = build_and_read(
        capsys, path, "--target", "bad", "--weight", "stands_for", "--time", "day", "--holdout-from", "2021-06-01",
        "--exclude", "told_later", "--out", tmp_path / "v001",
    )  # fmt: skip
    assert not {"told_later", "stands_for", "bad", "day"} & set(told["characteristics"])
    held = frame.filter(pl.col("day") >= date(2021, 6, 1))
    assert told["holdout"]["rows"] == held.height and told["holdout"]["bads"] == held["bad"].sum()
    card = json.loads((tmp_path / "v001" / "card.json").read_text())
    assert card["sample"]["to"] < "2021-06-01"


def test_a_column_that_knows_the_outcome_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.parquet"
    draw_applicants().with_columns(told_later=pl.col("bad") * 5).write_parquet(path)
    told = build_and_read(capsys, path, "--target", "bad", "--exclude", "day", "--out", tmp_path / "v001")
    assert any(w["en"].startswith("told_later alone reaches AUC 1.000") and w["grave"] for w in told["warnings"])
    model_card = (tmp_path / "v001" / "model_card.md").read_text()
    assert "told_later alone" in model_card and "told_later 单独 AUC 即达 1.000" in model_card


def test_a_card_of_several_small_leaks_is_named_as_a_whole_and_strict_says_no(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """LAB-03: no column passes .90 alone, the card reaches .97: the strongest are named, in words and in the card."""
    frame, chance = draw_applicants(4000).drop("day"), np.random.default_rng(1)
    bad = frame["bad"].to_numpy()
    hints = {f"hint_{i}": bad + chance.normal(scale=0.95, size=4000) for i in range(8)}
    path, plan = tmp_path / "a.parquet", ("--target", "bad", "--method", "divergence")
    frame.with_columns(**{name: pl.Series(values) for name, values in hints.items()}).write_parquet(path)
    told = build_and_read(capsys, path, *plan, "--out", tmp_path / "v001")
    assert told["holdout"]["auc"] > 0.95 and {w["kind"] for w in told["warnings"] if w["grave"]} == {"card too good"}
    [whole] = [w for w in told["warnings"] if w["kind"] == "card too good"]
    assert "hint_" in whole["en"] and "评分卡整体 AUC" in whole["zh"]
    model_card = (tmp_path / "v001" / "model_card.md").read_text()
    assert whole["en"] in model_card and whole["zh"] in model_card
    assert run("build", path, *plan, "--strict", "--out", tmp_path / "v002") == 1
    said = capsys.readouterr()
    assert f"GRAVE: {whole['en']}" in said.err and json.loads(said.out)["warnings"] == told["warnings"]
    assert (tmp_path / "v002" / "card.json").is_file(), "written all the same, to be looked at"


def test_a_small_class_of_bad_alone_is_named_by_its_evidence() -> None:
    """Its AUC is below .90, for few hold it; its information value is not."""
    frame = draw_applicants(4000)
    flagged = pl.when((pl.col("bad") == 1) & (pl.int_range(4000) % 3 > 0)).then(pl.lit("yes")).otherwise(pl.lit("no"))
    built = build_card(frame.with_columns(seized=flagged).drop("day"), CardPlan(target="bad"))
    [odd] = [one for one in built.warnings if one.kind == "too good"]
    assert odd.label == "seized" and odd.is_grave and "information value" in odd.says and "信息值" in odd.says.chinese


@pytest.mark.parametrize(
    ("turned", "kind", "zh"), [(1.0, "holdout reversed", "方向相反"), (0.4, "holdout fall", "所学未能保持")]
)
def test_a_holdout_that_does_not_bear_the_card_out_is_said(
    turned: float, kind: str, zh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """LAB-03: what ranked before the holdout turns round in it, wholly or in part."""
    frame, chance = draw_applicants(4000), np.random.default_rng(2)
    late = (frame["day"] >= date(2021, 6, 1)).to_numpy()
    spoilt = late & (chance.random(4000) < turned)
    years = np.where(spoilt, 19 - frame["years"].fill_null(9).to_numpy(), frame["years"].fill_null(9).to_numpy())
    path = tmp_path / "a.parquet"
    frame.with_columns(years=years).drop("trade", "owns_home", "coin").write_parquet(path)
    plan = ("--target", "bad", "--time", "day", "--holdout-from", "2021-06-01")
    told = build_and_read(capsys, path, *plan, "--out", tmp_path / "v001")
    [doubt] = [w for w in told["warnings"] if w["grave"]]
    assert doubt["kind"] == kind and zh in doubt["zh"]
    assert run("build", path, *plan, "--strict", "--out", tmp_path / "v002") == 1
    capsys.readouterr()
    told = build_and_read(capsys, path, "--target", "bad", "--exclude", "day", "--out", tmp_path / "v003", "--strict")
    assert not [w for w in told["warnings"] if w["grave"]]


def test_validate_gives_the_same_figures_on_the_same_rows_and_tells_a_shift(
    applicants: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "shop" / "v001"
    built = build_and_read(capsys, applicants, "--target", "bad", "--exclude", "day", "--holdout", "0", "--out", out)
    assert built["holdout"] is None
    assert run("validate", out, applicants) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["not_scored"] == 0
    assert told["validation"] == built["train"]
    moved = tmp_path / "moved.parquet"
    draw_applicants(seed=9).with_columns(years=pl.lit(1), trade=pl.lit("food")).write_parquet(moved)
    assert run("validate", out, moved, "--target", "bad") == 0
    assert json.loads(capsys.readouterr().out)["validation"]["psi"] > 1


def test_codes_and_steadiness_reach_the_card_its_model_card_and_the_table_by_month(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SCR-02: codes have classes of their own from the command to the scorer; classes are told by month."""
    frame = draw_applicants(3000).with_columns(
        years=pl.when(pl.int_range(3000) % 9 == 0).then(999).otherwise("years"),
        bad=pl.when(pl.int_range(3000) % 9 == 0).then((pl.int_range(3000) % 18 == 0).cast(pl.Int64)).otherwise("bad"),
    )
    path, out = tmp_path / "a.parquet", tmp_path / "shop" / "v001"
    frame.write_parquet(path)
    told = build_and_read(
        capsys, path, "--target", "bad", "--time", "day", "--steady", "0.3", "--special", "*=-1",
        "--special", "years=999", "--holdout", "0", "--out", out,
    )  # fmt: skip
    card = json.loads((out / "card.json").read_text())
    years = next(c for c in card["characteristics"] if c["label"] == "years")
    assert [one["values"] for one in years["special"]] == [[999], [-1]]
    seen, unseen = years["special"]
    assert seen["bad_rate"] == pytest.approx(0.5, abs=0.01) and unseen["bad_rate"] is None
    assert unseen["points"] == min(b["points"] for b in (*years["bins"], seen))
    assert max(b["to"] or 0 for b in years["bins"]) < 999
    model_card = (out / "model_card.md").read_text()
    assert (
        f"in `years`: 999 ({seen['points']} points); -1" in model_card and "more than 30% of the months" in model_card
    )
    assert any(one["labels"]["years"] == 999 for one in json.loads((out / "golden.json").read_text())["applicants"])
    assert run("validate", out, path) == 0
    assert json.loads(capsys.readouterr().out)["validation"] == told["train"]
    assert run("classes", out, path, "--time", "day") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    coded = [row for row in rows if row["label"] == "years" and row["class"] == "= 999"]
    assert len(coded) == 31 and sum(row["rows"] for row in coded[1:]) == coded[0]["rows"] == 334
    whole = next(row for row in rows if row["label"] == "years" and row["period"] == row["class"] == "all")
    assert whole["iv"] == pytest.approx(years["iv"], abs=1e-5) and whole["psi"] == 0


def test_columns_that_can_tell_nothing_are_left_out_with_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty thousand names, nothing known, one value throughout: the card is built without them, and says why."""
    rows = 20_000
    path = tmp_path / "a.parquet"
    draw_applicants(rows).drop("day").with_columns(
        ticket=pl.Series([f"t{i}" for i in range(rows)]), fax=pl.lit(None, dtype=pl.Float64), land=pl.lit("CN")
    ).write_parquet(path)
    assert run("build", path, "--target", "bad", "--out", tmp_path / "v001") == 0
    said = capsys.readouterr().err
    for sentence in (
        "ticket: no word occurs often enough",
        "fax: unknown for every row",
        "land: the same for every row",
    ):
        assert f"left out {sentence}" in said


def replaced(column: str, values: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(pl.Series(column, values, strict=False))


def first_row(column: str, value: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(pl.Series(column, [value, *frame[column].to_list()[1:]], strict=False))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (replaced("bad", [0] * 1500), "column bad: found only 0 (good), expected both good and bad outcomes"),
        (replaced("bad", [1] * 1500), "column bad: found only 1 (bad), expected both good and bad outcomes"),
        (first_row("bad", 2), "column bad, row 1: found 2, expected 0 or 1"),
        (first_row("bad", None), "column bad: found 1 unknown outcomes, expected 0 or 1 in every row"),
        (replaced("bad", ["yes", "no"] * 750), "column bad: found String values, expected 0 (good) or 1 (bad)"),
        (first_row("coin", float("inf")), "column coin, row 1: found infinity, expected a finite number"),
        (first_row("stands_for", -1.0), "column stands_for, row 1: found -1.0, expected a positive number"),
        (first_row("stands_for", float("nan")), "column stands_for, row 1: found nan, expected a positive number"),
        (first_row("stands_for", None), "column stands_for, row 1: found None, expected a positive number"),
        (lambda frame: frame.head(40), "expected at least 100 rows, 10 good, 10 bad"),
        (lambda frame: frame.head(0), "found no rows, expected at least 100 rows"),
        (lambda frame: frame.drop("bad"), "target: found 'bad', expected a column of the data"),
        (lambda frame: frame.drop("stands_for"), "weight or time: found 'stands_for'"),
        (lambda frame: frame.select("coin", "bad", "stands_for"), "no characteristic tells good from bad"),
        (
            lambda frame: frame.select(
                "bad",
                "stands_for",
                pl.when(pl.col("coin") > 1).then(pl.lit("N/A")).otherwise(pl.col("coin").cast(str)).alias("x"),
            ),
            "the first that does not is 'N/A'",
        ),
        (lambda frame: frame.select("bad", "stands_for", pl.lit(None).alias("x")), "columns: found x: "),
    ],
)
def test_data_that_cannot_be_used_is_refused_in_one_sentence(
    spoil: Callable[[pl.DataFrame], pl.DataFrame],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "spoilt.parquet"
    spoil(draw_applicants()).write_parquet(path)
    assert run("build", path, "--target", "bad", "--weight", "stands_for", "--out", tmp_path / "v001") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err.splitlines()[-1]
    assert not (tmp_path / "v001").exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--exclude", "yaers"), "exclude: found 'yaers', expected a column of the data (nearest: years)"),
        (("--shape", "years"), "--shape: found 'years', expected NAME=auto|monotone|free|up|down|peak|valley"),
        (("--shape", "nobody=up"), "shape: found 'nobody', expected a column of the data"),
        (("--holdout", "1.5"), "holdout: found 1.5, expected a share between 0 and 1"),
        (
            ("--holdout-from", "2021-01-01"),
            "holdout-from: found no time column, expected the time column named as well",
        ),
        (("--time", "day", "--holdout-from", "2031-01-01"), "found 0 rows held out with 0 bad, expected good and bad"),
        (("--time", "trade", "--holdout-from", "2021-01-01"), "column trade: found values that are not dates"),
        (("--special", "years=old"), "--special: found 'years=old', expected NAME=N,N, or *=N,N for every number"),
        (("--special", "yaers=99"), "special: found 'yaers', expected a column of the data (nearest: years)"),
        (("--steady", "0.2"), "--steady: found no time column, expected the time column named as well"),
        (("--steady", "2", "--time", "day"), "--steady: found 2.0, expected a share of the months"),
    ],
)
def test_a_wish_that_the_data_cannot_meet_is_refused(
    more: tuple[str, ...], sentence: str, applicants: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("build", applicants, "--target", "bad", "--out", tmp_path / "v001", *more) == 1
    assert sentence in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.csv", None, "none.csv: found no such file"),
        ("a.xlsx", b"x", "a.xlsx: found a file ending in '.xlsx', expected a CSV or Parquet file"),
        ("a.parquet", b"not parquet", "expected a readable PARQUET file"),
        ("a.csv", b"bad,x,x\n1,2,3\n", "a.csv, line 1: found 'x' twice, expected each column name once"),
        ("a.csv", "bad,行业\n1,2\n".encode("gb18030"), "found text in another encoding, expected a CSV file in UTF-8"),
        ("a.csv", b"bad\tx\n1\t2\n", "a.csv, line 1: found bad\tx, expected columns separated by commas"),
        ("a.csv", b",".join(b"c%d" % i for i in range(20_001)), "found 20,001 columns, expected at most 20,000"),
        ("a.csv", b"x" * 200_000, "expected a readable CSV file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    name: str, content: bytes | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert run("build", path, "--target", "bad", "--out", tmp_path / "v001") == 1
    assert sentence in capsys.readouterr().err


def test_a_column_that_knows_the_outcome_has_no_part_in_a_divergence_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named for what it is, and a table for a spreadsheet holds no formula."""
    told, out, table = tmp_path / "told.parquet", tmp_path / "shop" / "v001", tmp_path / "classes.csv"
    leak = pl.when(pl.col("bad") == 1).then(pl.lit("written off")).otherwise(pl.lit("paid")).alias("fate")
    frame = draw_applicants().with_columns(leak).rename({"years": "=years"})
    frame.write_parquet(told)
    build_and_read(capsys, told, "--target", "bad", "--method", "divergence", "--out", out)
    card = (out / "model_card.md").read_text()
    assert "`fate`: tells good from bad without a fault: it knows the outcome" in card
    assert run("classes", out, told, "--out", table) == 0
    assert "\n'=years," in table.read_text()
    frame.select("fate", "bad").write_parquet(told)
    assert run("build", told, "--target", "bad", "--method", "divergence", "--out", tmp_path / "none" / "v001") == 1
    assert "fate: tells good from bad without a fault" in capsys.readouterr().err


def test_a_card_that_is_there_is_not_written_over(
    applicants: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "v001"
    out.mkdir()
    (out / "card.json").write_text("signed")
    assert run("build", applicants, "--target", "bad", "--out", out) == 1
    assert f"{out}: found a folder that is there already, expected a new folder" in capsys.readouterr().err
    assert (out / "card.json").read_text() == "signed"


def test_validate_names_the_label_that_the_data_lacks(
    applicants: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "v001"
    build_and_read(capsys, applicants, "--target", "bad", "--exclude", "day", "--out", out)
    lacking = tmp_path / "lacking.parquet"
    draw_applicants().drop("years").write_parquet(lacking)
    assert run("validate", out, lacking) == 1
    assert "labels the card asks for: found 'years'" in capsys.readouterr().err
    assert run("validate", tmp_path / "nowhere", lacking) == 1
    assert "expected a card's folder with card.json in it" in capsys.readouterr().err


@pytest.mark.parametrize("told", [None, {"cuts": "x", "shares": 1}, {"cuts": [1, 2], "shares": [1]}, {"cuts": [2, 1]}])
def test_bands_that_are_none_are_refused(told: object, applicants: Path, tmp_path: Path) -> None:
    card = {
        "name": "a", "version": "v001", "target": "bad", "method": "expert", "intercept_points": 600,
        "characteristics": [
            {"label": "coin", "type": "number", "bins": [{"from": None, "to": None, "points": 1}], "missing": None}
        ],
        "calibration": {"slope": -0.03, "intercept": 14}, "performance": {"bands": told},
    }  # fmt: skip
    with pytest.raises(BadInput, match=r"performance\.bands: found .*, expected the bands of the building sample"):
        validate_card(card, pl.read_csv(applicants))


def test_wrong_usage_exits_with_two_and_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run("build", "a.csv", "--out", "b")
    assert stop.value.code == 2
    with pytest.raises(SystemExit) as stop:
        run("build", "--help")
    assert stop.value.code == 0 and "example:" in capsys.readouterr().out
