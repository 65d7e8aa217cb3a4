"""What the extra ``[lab]`` adds: interpret's EBM among the challengers, and boosted trees as ONNX (SCR-03).

Skipped where it is not installed: ``make test-lab`` installs it. That the commands then say so: ``test_lab_compare``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from creditfactory.cli import main
from creditfactory.kernel import BadInput, Refused
from creditfactory.lab import boosted_onnx, hash_file
from creditfactory.lab.cards import CardPlan
from creditfactory.lab.challengers import Boosted, fit_model, read_log_odds
from creditfactory.lab.judging import measure_auc
from creditfactory.lab.sample import Sample, draw_sample

WHY = "the extra [lab] is not installed: make test-lab"
interpret = pytest.importorskip("interpret", reason=WHY)
onnx = pytest.importorskip("onnx", reason=WHY)
onnxruntime = pytest.importorskip("onnxruntime", reason=WHY)

PLAN = CardPlan(target="bad")


def make_frame(seed: int = 0, rows: int = 3_000) -> pl.DataFrame:
    """Debt and years matter, and together more than apart; a town matters; answers of three kinds are left open.

    Amounts carry cents, so that two that differ by one are the same as a short float; one town is seen too seldom to
    be known and two are as far apart as Chinese and a quotation mark.
    """
    chance = np.random.default_rng(seed)
    debt, years = chance.normal(size=rows), chance.integers(0, 20, rows)
    amount = np.round(16_777_216 + chance.integers(-40, 40, rows) / 100, 2)
    town = chance.choice(["Aba", "北京", 'C "au"', "Deng", "Elsewhere"], rows, p=[0.3, 0.3, 0.2, 0.195, 0.005])
    log_odds = -1.6 + 1.1 * debt - 0.1 * (years - 10) + 1.4 * (debt > 0.5) * (years < 6)
    log_odds += 0.8 * (town == "北京") + 0.9 * (amount > 16_777_216)
    bad = chance.random(rows) < 1 / (1 + np.exp(-log_odds))
    frame = pl.DataFrame(
        {"debt": debt, "years": years, "amount": amount, "town": town, "is_owner": chance.random(rows) < 0.5,
         "sector": np.char.add("s", chance.integers(0, 40, rows).astype(str)), "bad": bad.astype(int)}
    )  # fmt: skip
    lost = [pl.Series(chance.random(rows) < 0.06) for _ in range(3)]
    return frame.with_columns(
        pl.when(~lost[0]).then("debt").alias("debt"), pl.when(~lost[1]).then("town").alias("town"),
        pl.when(~lost[2]).then("is_owner").alias("is_owner"),
    )  # fmt: skip


def make_sample(seed: int = 0, rows: int = 3_000) -> Sample:
    return draw_sample(make_frame(seed, rows), target="bad")


def test_an_ebm_learns_meetings_weighs_rows_and_says_the_same_twice() -> None:
    """SCR-03: the explainable boosting machine stands in the same protocol: same rows, whole points, weights, level."""
    train, unseen = make_sample(0, 1_500), make_sample(1, 1_500)
    model = fit_model("ebm", train, PLAN)
    assert isinstance(model, Boosted) and model.school == "ebm"
    points = model.score(unseen)
    assert points.dtype == np.int64 and np.array_equal(fit_model("ebm", train, PLAN).score(unseen), points)
    assert measure_auc(points, unseen.bad, unseen.weight) > 0.75
    assert model.foretell(train).mean() == pytest.approx(train.bad.mean(), abs=0.005)
    assert max(len(term) for term in model.trees.term_features_) == 2, "curves, and surfaces of two characteristics"
    heavy = fit_model("ebm", replace(train, weight=np.where(train.bad, 3.0, 1.0)), PLAN)
    share = 3 * train.bad.sum() / (3 * train.bad.sum() + (~train.bad).sum())
    assert np.average(heavy.foretell(train), weights=np.where(train.bad, 3, 1)) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("school", ["boosted", "boosted_monotone", "boosted_additive"])
def test_the_file_tells_what_the_trees_tell(school: Any) -> None:
    """SCR-03: log-odds, points and chance are the model's own on rows it has not seen, open and strange ones too."""
    model, unseen = fit_model(school, make_sample(0), PLAN), make_sample(1)
    assert isinstance(model, Boosted)
    content = boosted_onnx.build_onnx(model)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == list(model.table.names)
    log_odds, points, chance = session.run(
        ["log_odds", "points", "chance_of_bad"], boosted_onnx.lay_inputs(model, unseen)
    )
    own = read_log_odds(model.trees, model.table.lay(unseen)) + model.level
    assert np.abs(log_odds[:, 0] - own).max() < 1e-9
    assert np.array_equal(points[:, 0], model.score(unseen))
    assert np.abs(chance[:, 0] - model.foretell(unseen)).max() < 1e-6
    tried = boosted_onnx.try_onnx(content, model, unseen)
    assert tried["rows"] == 2 * unseen.rows and tried["points_that_differ"] == 0
    other = fit_model(school, make_sample(2), PLAN)
    assert isinstance(other, Boosted)
    with pytest.raises(Refused, match="not written"):
        boosted_onnx.try_onnx(content, other, unseen)


def test_an_answer_open_for_the_first_time_takes_the_models_way() -> None:
    """SCR-03: where training saw no open number, LightGBM reads one as nought; the file does the same."""
    known = make_frame(3).drop_nulls()
    model = fit_model("boosted", draw_sample(known, target="bad"), PLAN)
    assert isinstance(model, Boosted)
    assert boosted_onnx.try_onnx(boosted_onnx.build_onnx(model), model, make_sample(4))["points_that_differ"] == 0


def test_names_the_file_needs_and_words_it_cannot_tell_apart_are_refused() -> None:
    named = draw_sample(make_frame(5, 600).rename({"debt": "points"}), target="bad")
    model = fit_model("boosted", named, PLAN)
    assert isinstance(model, Boosted)
    with pytest.raises(BadInput, match="column points"):
        boosted_onnx.build_onnx(model)
    empty = make_frame(5, 2_000).with_columns(pl.col("town").fill_null("").replace("北京", ""))
    sample = draw_sample(empty, target="bad")
    model = fit_model("boosted", sample, PLAN)
    assert isinstance(model, Boosted)
    with pytest.raises(Refused, match="empty word"):
        boosted_onnx.try_onnx(boosted_onnx.build_onnx(model), model, sample)
    trees = fit_model("gradient_boosting", sample, PLAN)
    assert isinstance(trees, Boosted)
    with pytest.raises(BadInput, match="one of boosted"):
        boosted_onnx.build_onnx(trees)


def test_compare_hands_out_the_best_challenger_and_says_it_decides_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SCR-03: the EBM is judged beside the others and may teach a card; the file has a sheet; neither is proposed."""
    data, out = tmp_path / "loans.parquet", tmp_path / "told" / "trees.onnx"
    make_frame(6, 1_200).write_parquet(data)
    words = ["cards", "compare", str(data), "--target", "bad", "--folds", "2", "--onnx", str(out)]
    assert main([*words, "--schools", "divergence,boosted,boosted_monotone,ebm"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"ebm", "distilled"} <= set(told["models"]) and told["proposal"]["propose"] in {"divergence", "distilled"}
    sheet = json.loads((tmp_path / "told" / "trees.onnx.json").read_text("utf-8"))
    best = max(("boosted", "boosted_monotone"), key=lambda name: told["models"][name]["folds"])
    assert told["onnx"]["model"] == sheet["model"] == best and sheet["decides"] is False
    assert sheet["data_sha256"] == hash_file(data) and sheet["tried"]["points_that_differ"] == 0
    assert sheet["onnx_sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert [one["name"] for one in sheet["inputs"]] == ["debt", "years", "amount", "town", "is_owner", "sector"]
    town = sheet["inputs"][3]
    assert set(town["words"]) == {"Aba", "北京", 'C "au"', "Deng"} and town["other"] == 4 and town["open_answer"] == ""
    assert all(one["unit"] for one in sheet["inputs"]) and "不对任何人作出决定" in sheet["says"]["zh"]
    graph = onnx.load(out).graph
    session = onnxruntime.InferenceSession(out.read_bytes(), providers=["CPUExecutionProvider"])
    feed = {one.name: np.array([[{"town": "Nowhere"}.get(one.name, "")]], dtype=object) for one in session.get_inputs()}
    feed |= {one["name"]: np.array([[np.nan]]) for one in sheet["inputs"] if one["type"].startswith("double")}
    (chance,) = session.run(["chance_of_bad"], feed)
    assert 0 < chance[0, 0] < 1 and "decides nothing" in graph.doc_string
    assert main(words) == 1 and "expected a new file" in capsys.readouterr().err
