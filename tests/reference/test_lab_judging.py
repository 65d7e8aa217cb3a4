"""The lab's figures against scikit-learn's and the textbook's, with ties and with weights."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve

from creditfactory import lab
from creditfactory.lab.judging import fit_level, fit_log_odds


def draw(seed: int, rows: int = 700) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    bad = chance.random(rows) < 0.3
    points = np.round(600 + 12 * chance.normal(size=rows) - 9 * bad).astype(np.int64)
    return points, bad, chance.choice([0.5, 1.0, 7.25], rows)


@pytest.mark.parametrize("seed", range(8))
def test_auc_and_ks_are_scikit_learns(seed: int) -> None:
    points, bad, weight = draw(seed)
    auc = roc_auc_score(bad, -points, sample_weight=weight)
    # every distinct number of points must be a threshold, or the widest gap may be skipped
    false_rate, true_rate, _ = roc_curve(bad, -points, sample_weight=weight, drop_intermediate=False)
    assert lab.measure_auc(points, bad, weight) == pytest.approx(auc, abs=1e-12)
    assert lab.measure_ks(points, bad, weight) == pytest.approx(np.abs(true_rate - false_rate).max(), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_whole_weights_are_rows_written_so_often(seed: int) -> None:
    points, bad, _ = draw(seed, rows=200)
    times = np.random.default_rng(seed).integers(1, 5, 200)
    often, often_bad = np.repeat(points, times), np.repeat(bad, times)
    ones, weight = np.ones(len(often)), times.astype(float)
    for measure in (lab.measure_auc, lab.measure_ks, lab.measure_divergence):
        assert measure(points, bad, weight) == pytest.approx(measure(often, often_bad, ones), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_calibration_line_is_the_logistic_regression(seed: int) -> None:
    points, bad, weight = draw(seed)
    x = (points - 600) / 20
    model = LogisticRegression(C=1e9, tol=1e-10, max_iter=2000).fit(x[:, None], bad, sample_weight=weight)
    intercept, slope = fit_log_odds(x.astype(float), bad, weight)
    assert slope == pytest.approx(model.coef_[0, 0], abs=1e-3)
    assert intercept == pytest.approx(model.intercept_[0], abs=1e-3)


def test_the_level_makes_the_chances_sum_to_the_bad() -> None:
    points, bad, weight = draw(3)
    log_odds = -0.03 * points.astype(float)
    chance = 1 / (1 + np.exp(-(log_odds + fit_level(log_odds, bad, weight))))
    assert (chance * weight).sum() == pytest.approx((bad * weight).sum(), rel=1e-9)


def test_divergence_is_the_textbooks() -> None:
    points, bad, _ = draw(1)
    good_points, bad_points = points[~bad], points[bad]
    expected = (good_points.mean() - bad_points.mean()) ** 2 / ((good_points.var() + bad_points.var()) / 2)
    assert lab.measure_divergence(points, bad, np.ones(len(bad))) == pytest.approx(expected)


def test_a_sample_has_not_moved_from_itself_and_a_moved_one_has() -> None:
    points, _, weight = draw(5)
    bands = lab.draw_bands(points, weight)
    assert lab.measure_psi(points, weight, bands) == pytest.approx(0, abs=1e-12)
    assert lab.measure_psi(points + 10, weight, bands) > 0.25
    assert sum(bands.shares) == pytest.approx(1)
