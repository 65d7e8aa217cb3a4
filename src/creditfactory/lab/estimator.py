"""The lab's binning for people who think in scikit-learn: fit, transform, pipelines, clones, names that come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from creditfactory.kernel import BadInput
from creditfactory.lab.binning import (
    EVERY,
    BinningRules,
    Classes,
    Shape,
    draw_classes,
    name_codes,
)
from creditfactory.lab.leakage import find_too_good
from creditfactory.lab.sample import Sample, check_names, draw_sample, read_characteristics
from creditfactory.lab.steadiness import Steadiness

TARGET, WEIGHT, DAYS = "outcome (y)", "weight (sample_weight)", "day (days)"


class WoeBinner(TransformerMixin, BaseEstimator):
    """Replaces each characteristic by its class's weight of evidence (or by the class's number).

    ``fit`` takes a frame (Polars, pandas, or anything with columns) or a two-dimensional array, outcomes of 0 good and
    1 bad, and optional weights. A characteristic with nothing to tell is left out and named in ``left_out_`` with the
    reason, one too good to be true in ``looks_odd_``. ``shape`` is asked of every number, ``shapes`` of those named;
    ``special`` gives the numbers that are codes, by characteristic or under ``*`` for all. With ``steadiness`` and the
    applicants' days at ``fit``, classes that do not keep from month to month are joined.

    >>> import numpy as np
    >>> chance = np.random.default_rng(0)
    >>> years = chance.integers(0, 20, 2_000)
    >>> bad = chance.random(2_000) < 0.5 - 0.02 * years
    >>> binner = WoeBinner(shape="up").fit(years.reshape(-1, 1), bad)
    >>> young, old = binner.transform(np.array([[1], [19]])).ravel()
    >>> binner.get_feature_names_out().tolist(), bool(young < old)
    (['x0'], True)
    """

    def __init__(
        self,
        *,
        shape: Shape = "auto",
        shapes: Mapping[str, Shape] | None = None,
        special: Mapping[str, Sequence[float]] | None = None,
        steadiness: Steadiness | None = None,
        output: Literal["woe", "code"] = "woe",
        share_min: float = 0.02,
        bins_max: int = 12,
        class_price: float = 6.0,
    ) -> None:
        self.shape = shape
        self.shapes = shapes
        self.special = special
        self.steadiness = steadiness
        self.output = output
        self.share_min = share_min
        self.bins_max = bins_max
        self.class_price = class_price

    def fit(self, X: Any, y: Any, sample_weight: Any = None, days: Any = None) -> WoeBinner:  # noqa: N803  their names
        """Draw the classes of every characteristic; ``days`` are the applicants' days, asked for by ``steadiness``."""
        frame = read_table(X)
        shapes, special = self.shapes or {}, {k: tuple(v) for k, v in (self.special or {}).items()}
        check_names(shapes, frame.columns, place="shapes")
        check_names((label for label in special if label != EVERY), frame.columns, place="special")
        if self.steadiness is not None and days is None:
            raise BadInput(place="days", found="none", expected="the day of each row, since steadiness is asked for")
        sample = _draw_sample(frame, y, sample_weight, days)
        rules = BinningRules(
            share_min=self.share_min, bins_max=self.bins_max, class_price=self.class_price, steadiness=self.steadiness
        )
        self.feature_names_in_ = np.array(frame.columns, dtype=object)
        self.n_features_in_ = len(frame.columns)
        self.left_out_ = dict(sample.left_out)
        self.classes_drawn_: dict[str, Classes] = {}
        self.looks_odd_: dict[str, str] = {}
        for label in sample.kinds:
            shape = shapes.get(label, self.shape if sample.kinds[label] == "number" else "auto")
            codes = name_codes(special, label) if sample.kinds[label] == "number" else ()
            drawn = draw_classes(sample, label, shape=shape, rules=rules, special=codes)
            if isinstance(drawn, str):
                self.left_out_[label] = drawn
                continue
            self.classes_drawn_[label] = drawn
            if (odd := find_too_good(drawn, sample)) is not None:
                self.looks_odd_[label] = odd.says
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float64]:  # noqa: N803
        """Rows by kept characteristics: weights of evidence, or class numbers with missing after the last class."""
        check_is_fitted(self, "classes_drawn_")
        frame = read_table(X, names=[str(name) for name in self.feature_names_in_])
        check_names(self.classes_drawn_, frame.columns, place="columns")
        columns = read_characteristics(frame.select(list(self.classes_drawn_)))
        out = np.empty((frame.height, len(self.classes_drawn_)))
        for place, (label, classes) in enumerate(self.classes_drawn_.items()):
            kind, column = columns[label]
            if kind != classes.kind and column.null_count() < len(column):
                raise BadInput(
                    place=f"column {label}", found=f"{kind}s", expected=f"{classes.kind}s, as when it was fitted"
                )
            if kind != classes.kind:
                column = column.cast(pl.Float64 if classes.kind == "number" else pl.String)
            codes = classes.encode(column)
            out[:, place] = codes if self.output == "code" else classes.evidence.woe[codes]
        return out

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> npt.NDArray[Any]:
        """The characteristics that were kept, in their order."""
        check_is_fitted(self, "classes_drawn_")
        return np.array(list(self.classes_drawn_), dtype=object)

    def measure_iv(self) -> dict[str, float]:
        """Information value of each kept characteristic, largest first."""
        check_is_fitted(self, "classes_drawn_")
        found = {label: float(classes.evidence.iv) for label, classes in self.classes_drawn_.items()}
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _draw_sample(frame: pl.DataFrame, y: Any, sample_weight: Any, days: Any) -> Sample:
    outcome = np.asarray(y).ravel()
    try:
        weight = np.ones(frame.height) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64).ravel()
    except (TypeError, ValueError) as failure:
        raise BadInput(place="weights", found=str(failure)[:80], expected="a positive number for each row") from failure
    added = [(TARGET, "outcomes", outcome), (WEIGHT, "weights", weight)]
    if days is not None:
        added.append((DAYS, "days", np.asarray(days)))
    for _, name, found in added:
        if len(found) != frame.height:
            expected = f"one for each of {frame.height:,} rows"
            raise BadInput(place=name, found=f"{len(found):,} of them", expected=expected)
    whole = frame.with_columns(*(pl.Series(column, found) for column, _, found in added))
    return draw_sample(whole, target=TARGET, weight=WEIGHT, time=None if days is None else DAYS)


def read_table(table: Any, *, names: Sequence[str] | None = None) -> pl.DataFrame:
    """Anything with rows and columns as a frame; an array's columns are called x0, x1, … or by ``names``."""
    if isinstance(table, pl.DataFrame):
        return table
    if hasattr(table, "columns") and hasattr(table, "to_numpy"):
        labels = [str(name) for name in table.columns]
        twice = [name for name, count in Counter(labels).items() if count > 1]
        if twice:
            raise BadInput(place="columns", found=f"{twice[0]!r} twice", expected="each name once")
        return pl.DataFrame({name: _read_column(table[name].to_numpy(), name) for name in labels})
    rows = np.asarray(table)
    if rows.ndim != 2:
        raise BadInput(place="data", found=f"an array of {rows.ndim} dimensions", expected="rows by columns")
    labels = (
        list(names) if names is not None and len(names) == rows.shape[1] else [f"x{i}" for i in range(rows.shape[1])]
    )
    if names is not None and len(names) != rows.shape[1]:
        raise BadInput(place="data", found=f"{rows.shape[1]} columns", expected=f"{len(names)}, as when it was fitted")
    return pl.DataFrame({name: _read_column(rows[:, i], name) for i, name in enumerate(labels)})


def _read_column(values: npt.NDArray[Any], name: str) -> pl.Series:
    if values.dtype.kind in "biuf":
        return pl.Series(name, values)
    plain = [None if value is None or value != value else value for value in values.tolist()]
    if all(isinstance(value, bool | int | float) or value is None for value in plain):
        return pl.Series(name, [None if value is None else float(value) for value in plain])
    return pl.Series(name, [None if value is None else str(value) for value in plain])
