"""The lab's binning as scikit-learn expects it: pipelines, clones, frames of any make, and kind refusals."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from creditfactory.kernel import BadInput, UnknownName
from creditfactory.lab.estimator import WoeBinner, read_table
from creditfactory.lab.steadiness import Steadiness


def make_applicants(rows: int = 3_000, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    chance = np.random.default_rng(seed)
    years = chance.integers(0, 20, rows).astype(float)
    trade = chance.choice(["food", "cloth", "tools"], rows)
    bad = chance.random(rows) < 0.45 - 0.018 * years + 0.1 * (trade == "cloth")
    years[chance.random(rows) < 0.1] = np.nan
    frame = pl.DataFrame({"years": years, "trade": trade, "noise": chance.normal(size=rows), "even": np.ones(rows)})
    return frame.with_columns(pl.col("years").fill_nan(None)), bad


def test_it_stands_in_a_pipeline_and_can_be_cloned() -> None:
    """SCR-03: fit, transform, names that come out, clones and cross-validation as scikit-learn has them."""
    frame, bad = make_applicants()
    binner = WoeBinner(shapes={"years": "up"})
    scores = cross_val_score(
        make_pipeline(WoeBinner(), LogisticRegression()), frame.to_numpy(), bad, scoring="roc_auc", cv=3
    )
    assert scores.mean() > 0.6
    fitted = binner.fit(frame, bad)
    assert fitted.get_feature_names_out().tolist() == ["years", "trade"]
    assert "chance" in fitted.left_out_["noise"] or "classes" in fitted.left_out_["noise"]
    assert fitted.left_out_["even"] == "the same for every row"
    assert list(fitted.measure_iv()) == ["years", "trade"]
    woe = fitted.transform(frame)
    order = np.argsort(frame["years"].fill_null(-1).to_numpy(), kind="stable")
    known = frame["years"].is_not_null().to_numpy()[order]
    assert (np.diff(woe[order, 0][known]) >= 0).all()
    codes = clone(binner).set_params(output="code").fit(frame, bad).transform(frame)
    assert codes[:, 0].max() == len(fitted.classes_drawn_["years"])


def test_arrays_of_objects_and_weights_are_taken() -> None:
    frame, bad = make_applicants()
    weight = np.where(bad, 1.0, 3.0)
    array = np.array(
        [[a, b] for a, b in zip(frame["years"].to_list(), frame["trade"].to_list(), strict=True)], dtype=object
    )
    from_array = WoeBinner().fit(array, bad.astype(int), sample_weight=weight)
    from_frame = WoeBinner().fit(frame.select("years", "trade"), bad, sample_weight=weight)
    assert from_array.get_feature_names_out().tolist() == ["x0", "x1"]
    assert np.array_equal(from_array.transform(array), from_frame.transform(frame.select("years", "trade")))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f, b: (f, b[:-1]), "outcomes: found 2,999 of them, expected one for each of 3,000 rows"),
        (lambda f, b: (f, np.zeros(3_000)), "both good and bad outcomes"),
        (lambda f, b: (f, b * 2), "0 or 1"),
        (lambda f, b: (np.full((3_000, 1), np.inf), b), "infinity"),
        (lambda f, b: (np.zeros(3_000), b), "an array of 1 dimensions"),
        (lambda f, b: (f, b, np.ones(2_999)), "weights: found 2,999 of them, expected one for each of 3,000 rows"),
        (lambda f, b: (f, b, -np.ones(3_000)), "weight .sample_weight., row 1: found -1.0, expected a positive number"),
        (lambda f, b: (f, b, np.full(3_000, np.nan)), "row 1: found nan, expected a positive number"),
        (lambda f, b: (f, b, ["heavy"] * 3_000), "weights: found .* expected a positive number for each row"),
        (lambda f, b: (SimpleNamespace(columns=["a", "a"], to_numpy=np.zeros), b), "columns: found 'a' twice"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(spoil: object, says: str) -> None:
    frame, bad = make_applicants()
    with pytest.raises(BadInput, match=says):
        WoeBinner().fit(*spoil(frame, bad))  # type: ignore[operator]


def test_what_was_not_fitted_so_is_refused() -> None:
    frame, bad = make_applicants()
    fitted = WoeBinner().fit(frame, bad)
    with pytest.raises(UnknownName, match="trade"):
        fitted.transform(frame.drop("trade"))
    with pytest.raises(BadInput, match="found words, expected numbers"):
        fitted.transform(frame.with_columns(years=pl.lit("many")))
    with pytest.raises(BadInput, match="2 columns"):
        fitted.transform(np.zeros((5, 2)))
    with pytest.raises(UnknownName, match="shapes"):
        WoeBinner(shapes={"yaers": "up"}).fit(frame, bad)
    assert fitted.transform(frame.with_columns(years=pl.lit(None))).shape == (3_000, 2)
    assert read_table([["1", "a"], ["2", None]]).dtypes == [pl.String, pl.String]


def test_codes_and_months_are_heeded_and_what_is_too_good_is_named() -> None:
    """SCR-03: codes have places of their own; classes that change places by month are joined; a leak is told."""
    chance = np.random.default_rng(1)
    rows = 6_000
    month = chance.integers(0, 12, rows)
    turning = chance.integers(0, 3, rows)
    turn = np.where(month % 2 == 0, 1.0, -1.0)
    log_odds = -1 + (turning == 1) * turn * 1.2 - (turning == 2) * 1.5
    bad = chance.random(rows) < 1 / (1 + np.exp(-log_odds))
    turning[::20] = 99
    days = np.array([f"2024-{m + 1:02d}-09" for m in month], dtype="datetime64[D]")
    frame = pl.DataFrame({"turning": turning, "told_later": bad * 3.0 + chance.random(rows)})
    loose = WoeBinner(shape="free", special={"turning": [99]}).fit(frame, bad)
    steady = clone(loose).set_params(steadiness=Steadiness()).fit(frame, bad, days=days)
    assert loose.classes_drawn_["turning"].cuts == (1.0, 2.0) and steady.classes_drawn_["turning"].cuts == (2.0,)
    assert steady.classes_drawn_["turning"].steady_joins == 1
    price = loose.measure_iv()["turning"] - steady.measure_iv()["turning"]
    assert steady.classes_drawn_["turning"].steady_price == pytest.approx(price, abs=0.002)
    codes = steady.set_params(output="code").transform(
        pl.DataFrame({"turning": [0, 2, 99, None], "told_later": [0.0] * 4})
    )
    assert codes[:, 0].tolist() == [0, 1, 4, 2]
    assert list(loose.looks_odd_) == ["told_later"] and "AUC 1.000" in loose.looks_odd_["told_later"]
    with pytest.raises(BadInput, match="days: found none"):
        steady.fit(frame, bad)


def test_ten_thousand_words_are_pooled_by_size_in_no_time() -> None:
    """Rare words are one class, the frequent a few; a word that nobody has seen is no good news."""
    chance = np.random.default_rng(4)
    risk, words = chance.normal(size=10_000), np.minimum(chance.zipf(1.2, 60_000), 10_000) - 1
    bad = chance.random(60_000) < 1 / (1 + np.exp(1 - risk[words]))
    table = pl.DataFrame({"word": [f"w{i}" for i in words]})
    fitted = WoeBinner().fit(table, bad)
    drawn = fitted.classes_drawn_["word"]
    assert 2 <= len(drawn) <= 12 and drawn.has_other
    assert fitted.transform(pl.DataFrame({"word": ["never seen"]}))[0, 0] == drawn.evidence.woe[len(drawn) + 1]


def test_a_hundred_thousand_words_are_a_few_classes_or_none() -> None:
    """Words that nearly nobody shares tell nothing; they are left out with the reason, in no time."""
    chance = np.random.default_rng(4)
    words = np.array([f"w{i}" for i in range(100_000)], dtype=object)
    bad = chance.random(100_000) < 0.2
    fitted = WoeBinner().fit(words.reshape(-1, 1), bad)
    assert fitted.left_out_ == {"x0": "no word occurs often enough"}
