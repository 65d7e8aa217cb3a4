"""How well a card tells good from bad: on its integer points, weighted as the sample is weighted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from creditfactory.lab.sample import Flags, Floats

Points = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Promised beside observed: bad rates in all, and the slope of observed on promised log-odds (1 is perfect)."""

    expected: float
    observed: float
    slope: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The figures of one card on one sample; ``psi`` is against the sample the card was built on."""

    rows: int
    bads: int
    auc: float
    ks: float
    gini: float
    divergence: float
    psi: float
    calibration: Calibration

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded to what they are worth."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Bands:
    """Ten bands of points, about a tenth of the building sample each, with their shares: the measure of a shift."""

    cuts: tuple[int, ...]
    shares: tuple[float, ...]


def judge(points: Points, bad: Flags, weight: Floats, probability: Floats, bands: Bands) -> Judgement:
    """All figures of a card on a sample."""
    auc = measure_auc(points, bad, weight)
    return Judgement(
        rows=len(points),
        bads=int(bad.sum()),
        auc=auc,
        ks=measure_ks(points, bad, weight),
        gini=2 * auc - 1,
        divergence=measure_divergence(points, bad, weight),
        psi=measure_psi(points, weight, bands),
        calibration=measure_calibration(probability, bad, weight),
    )


def measure_auc(points: npt.NDArray[Any], bad: Flags, weight: Floats) -> float:
    """The chance that a good applicant has more points than a bad one, half for a tie.

    >>> import numpy as np
    >>> measure_auc(np.array([10, 20, 20, 30]), np.array([True, True, False, False]), np.ones(4))
    0.875
    """
    goods, bads = _mass_by_points(points, bad, weight)
    bads_below = np.cumsum(bads) - bads
    return float((goods * (bads_below + bads / 2)).sum() / (goods.sum() * bads.sum()))


def measure_ks(points: npt.NDArray[Any], bad: Flags, weight: Floats) -> float:
    """The largest gap between the shares of bad and of good applicants below a number of points.

    >>> import numpy as np
    >>> measure_ks(np.array([10, 20, 20, 30]), np.array([True, True, False, False]), np.ones(4))
    0.5
    """
    goods, bads = _mass_by_points(points, bad, weight)
    return float(np.abs(np.cumsum(bads) / bads.sum() - np.cumsum(goods) / goods.sum()).max())


def measure_divergence(points: npt.NDArray[Any], bad: Flags, weight: Floats) -> float:
    """(mean of good − mean of bad)² over the mean of the two variances; 0 where all have the same points.

    >>> import numpy as np
    >>> measure_divergence(np.array([0, 2, 4, 6]), np.array([True, True, False, False]), np.ones(4))
    16.0
    """
    values = points.astype(np.float64)
    spread = 0.0
    means = []
    for outcome in (False, True):
        of, w = values[bad == outcome], weight[bad == outcome]
        mean = float(np.average(of, weights=w))
        means.append(mean)
        spread += float(np.average((of - mean) ** 2, weights=w)) / 2
    gap = (means[0] - means[1]) ** 2
    return gap / spread if spread > 0 else (0.0 if gap == 0 else float("inf"))


def draw_bands(points: Points, weight: Floats, count: int = 10) -> Bands:
    """Bands of about equal weight; fewer than asked for where many applicants share the same points."""
    order = np.argsort(points, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    at = np.minimum(np.searchsorted(reached, np.arange(1, count) / count, side="left"), len(order) - 1)
    cuts = tuple(int(c) for c in np.unique(points[order][at]) if c > points.min())
    return Bands(cuts, tuple(float(s) for s in _band_shares(points, weight, cuts)))


def measure_psi(points: Points, weight: Floats, bands: Bands) -> float:
    """How far the points have moved since the card was built: Σ (now − then) · ln(now / then) over the bands."""
    floor = 1e-6
    then = np.maximum(np.array(bands.shares), floor)
    now = np.maximum(_band_shares(points, weight, bands.cuts), floor)
    return float(((now - then) * np.log(now / then)).sum())


def measure_calibration(probability: Floats, bad: Flags, weight: Floats) -> Calibration:
    """What the card promised beside what came, and the slope that would put its log-odds right."""
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    _, slope = fit_log_odds(np.log(p / (1 - p)), bad, weight)
    observed = float(np.average(bad.astype(np.float64), weights=weight))
    return Calibration(expected=float(np.average(p, weights=weight)), observed=observed, slope=slope)


def fit_log_odds(x: Floats, bad: Flags, weight: Floats) -> tuple[float, float]:
    """Intercept and slope of the log-odds of bad on one number, by Newton's method on the weighted likelihood.

    Where the number separates good from bad entirely, or never varies, the slope is held finite by a small ridge.
    """
    y, w = bad.astype(np.float64), weight / weight.mean()
    mid = float(np.average(x, weights=w))
    scale = float(np.sqrt(np.average((x - mid) ** 2, weights=w)))
    if scale < 1e-12:
        rate = float(np.average(y, weights=w))
        return float(np.log(rate / (1 - rate))), 0.0
    z = (x - mid) / scale
    design = np.column_stack([np.ones_like(z), z])
    ridge = np.diag([1e-6, 1e-3])
    beta = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -35, 35)))
        gradient = design.T @ (w * (y - p)) - ridge @ beta
        curvature = (design * (w * p * (1 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, gradient)
        beta = beta + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < 1e-12:
            break
    return float(beta[0] - beta[1] * mid / scale), float(beta[1] / scale)


def fit_level(log_odds: Floats, bad: Flags, weight: Floats) -> float:
    """What to add to the log-odds so that the chances of bad sum to the bad there were, weighted.

    >>> import numpy as np
    >>> round(fit_level(np.zeros(4), np.array([True, False, False, False]), np.ones(4)), 4)
    -1.0986
    """
    observed = float(np.average(bad.astype(np.float64), weights=weight))
    low, high = -60.0 - float(log_odds.max()), 60.0 - float(log_odds.min())
    for _ in range(200):
        level = (low + high) / 2
        promised = float(np.average(1 / (1 + np.exp(-np.clip(log_odds + level, -700, 700))), weights=weight))
        low, high = (level, high) if promised < observed else (low, level)
    return (low + high) / 2


def _mass_by_points(points: npt.NDArray[Any], bad: Flags, weight: Floats) -> tuple[Floats, Floats]:
    _, place = np.unique(points, return_inverse=True)
    goods = np.bincount(place, weights=weight * ~bad).astype(np.float64)
    bads = np.bincount(place, weights=weight * bad).astype(np.float64)
    return goods, bads


def _band_shares(points: Points, weight: Floats, cuts: tuple[int, ...]) -> Floats:
    band = np.searchsorted(np.array(cuts, dtype=np.int64), points, side="right")
    mass: Floats = np.bincount(band, weights=weight, minlength=len(cuts) + 1).astype(np.float64)
    return mass / float(weight.sum())


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return round(value, 6) if isinstance(value, float) else value
