"""Challengers of a card: models from other schools, fitted on the same sample and judged on the same whole points.

None of them decides about anybody. They say how much a readable card leaves on the table, and one of them may teach a
card (:mod:`creditfactory.lab.distilling`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from creditfactory import scoring
from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.cards import CardPlan, choose_characteristics, keep_strongest
from creditfactory.lab.counts import count_sample
from creditfactory.lab.extra import load_ebm
from creditfactory.lab.fitting import Fitted, Scale, fit_divergent_points, fit_points
from creditfactory.lab.judging import Points, fit_level
from creditfactory.lab.sample import Floats, Sample
from creditfactory.lab.saying import Saying

School = Literal[
    "logistic", "divergence", "boosted", "boosted_monotone", "boosted_additive", "gradient_boosting", "ebm"
]
CARD_SCHOOLS: tuple[School, ...] = ("logistic", "divergence")
LIGHTGBM_SCHOOLS: tuple[School, ...] = ("boosted", "boosted_monotone", "boosted_additive")
SCHOOLS: tuple[School, ...] = (*CARD_SCHOOLS, *LIGHTGBM_SCHOOLS, "gradient_boosting")
"""Two cards; boosted trees (LightGBM) left free, bound to each number's direction, and reading one characteristic a
tree, so that it stays a sum of curves as an EBM is; and another house's boosting (scikit-learn)."""
EXTRA_SCHOOLS: tuple[School, ...] = ("ebm",)
"""Asked for by name only, with the extra ``[lab]``: interpret's explainable boosting machine, a sum of curves and of
a few surfaces of two characteristics."""

ROUNDS_MAX = 600
WORDS_MAX = 200
WORD_ROWS_MIN = 20
EBM_SURFACES = 10
EBM_BAGS = 4


class Model(Protocol):
    """What can be judged: whole points where more are better, and the chance of bad that they stand for."""

    @property
    def school(self) -> str:
        """Which school the model is of."""
        ...

    def score(self, sample: Sample) -> Points:
        """The points of each row."""
        ...

    def foretell(self, sample: Sample) -> Floats:
        """The chance of bad of each row."""
        ...


@dataclass(frozen=True, slots=True)
class CardModel:
    """A points card fitted here."""

    school: str
    fitted: Fitted
    left_out: Mapping[str, Saying]

    def score(self, sample: Sample) -> Points:
        """The points of each row."""
        return self.fitted.score(sample)

    def foretell(self, sample: Sample) -> Floats:
        """The chance of bad of each row."""
        return self.fitted.probability(self.fitted.score(sample))


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The card in force, read by the rulebook's own scorer; ``frame`` holds its labels, row for row."""

    school: str
    card: scoring.Card
    frame: pl.DataFrame

    def score(self, sample: Sample) -> Points:
        """The points of each row; :class:`BadInput` where one cannot be scored."""
        points = scoring.score_frame(self.card, self.frame)
        empty = points.null_count()
        if empty:
            found = f"{empty} rows it cannot score"
            raise BadInput(place=f"incumbent {self.card.name}", found=found, expected="its labels in every row")
        return points.to_numpy().astype(np.int64)

    def foretell(self, sample: Sample) -> Floats:
        """The chance of bad of each row."""
        log_odds = self.card.calibration_intercept + self.card.calibration_slope * self.score(sample)
        return np.asarray(1 / (1 + np.exp(-log_odds)))


@dataclass(frozen=True, slots=True)
class Boosted:
    """Boosted trees whose log-odds are told in the card's whole points, levelled so that the bad of the sample sum."""

    school: str
    table: Table
    trees: Any
    rounds: int
    level: float
    scale: Scale

    def score(self, sample: Sample) -> Points:
        """The points of each row."""
        log_odds = read_log_odds(self.trees, self.table.lay(sample)) + self.level
        return np.rint(self.scale.offset - self.scale.factor * log_odds).astype(np.int64)

    def foretell(self, sample: Sample) -> Floats:
        """The chance of bad that the whole points stand for."""
        points = self.score(sample)
        return np.asarray(1 / (1 + np.exp((points - self.scale.offset) / self.scale.factor)))


@dataclass(frozen=True, slots=True)
class Table:
    """How characteristics become a table of numbers for trees: words by their place among the frequent ones.

    A word that the sample showed too seldom is read as the one word "other"; an open answer stays open (not a number).
    """

    names: tuple[str, ...]
    words: Mapping[str, Mapping[str, int]]
    directions: tuple[int, ...]

    @property
    def word_places(self) -> list[int]:
        """The columns that hold words."""
        return [i for i, name in enumerate(self.names) if name in self.words]

    def lay(self, sample: Sample) -> Floats:
        """The table of a sample, a row each."""
        columns: list[npt.NDArray[np.float64]] = []
        for name in self.names:
            column = sample.frame.get_column(name)
            if name in self.words:
                place = dict(self.words[name])
                told = column.replace_strict(place, default=len(place), return_dtype=pl.Float64)
                told = told.to_frame().select(pl.when(column.is_null()).then(None).otherwise(pl.first())).to_series()
                columns.append(told.fill_null(float("nan")).to_numpy())
            else:
                columns.append(column.fill_null(float("nan")).to_numpy().astype(np.float64))
        return np.column_stack(columns)


def fit_model(school: School, train: Sample, plan: CardPlan) -> Model:
    """The model of one school on the sample; the same sample and plan give the same model.

    Raises :class:`BadInput` for an unknown school and :class:`Refused` where nothing tells good from bad.
    """
    if school not in (*SCHOOLS, *EXTRA_SCHOOLS):
        raise BadInput(place="school", found=repr(school), expected=", ".join((*SCHOOLS, *EXTRA_SCHOOLS)))
    if school in CARD_SCHOOLS:
        return fit_card(school, train, plan)
    return fit_boosted(school, train, plan)


def fit_card(school: str, train: Sample, plan: CardPlan) -> CardModel:
    """A points card of one school."""
    classes, left_out, _ = choose_characteristics(train, plan)
    if not classes:
        raise Refused("no characteristic tells good from bad in this sample, so no card was built")
    if school == "divergence":
        fitted = fit_divergent_points(train, count_sample(train, keep_strongest(classes)), plan.scale, plan.rules)
    else:
        fitted = fit_points(train, classes, plan.scale)
    return CardModel(school, fitted, {**left_out, **fitted.left_out})


def fit_boosted(school: School, train: Sample, plan: CardPlan) -> Boosted:
    """Boosted trees: the number of rounds is found on a fifth of the sample held back, then all of it is read.

    Where the sample has days, the fifth is its latest; nothing of any holdout is ever looked at. An EBM holds back
    rows of its own, another draw for each of its bags, whatever their days.
    """
    table = draw_table(train, plan, is_bound=school == "boosted_monotone")
    if not table.names:
        raise Refused("no characteristic is left to build a challenger on")
    rows = table.lay(train)
    later = hold_back(train, plan.seed)
    scale = plan.scale
    if school == "gradient_boosting":
        trees, rounds = _fit_histograms(rows, train, table, plan.seed)
    elif school == "ebm":
        trees, rounds = _fit_ebm(rows, train, table, plan.seed)
    else:
        rounds = _count_rounds(school, rows, train, later, table, plan.seed)
        trees = _fit_lightgbm(school, rows, train, table, plan.seed, rounds)
    level = fit_level(read_log_odds(trees, rows), train.bad, train.weight)
    return Boosted(school, table, trees, rounds, level, scale)


def draw_table(train: Sample, plan: CardPlan, *, is_bound: bool = False) -> Table:
    """The table's columns; bound, each number keeps the direction its best monotone classes have in the sample."""
    words: dict[str, Mapping[str, int]] = {}
    directions = []
    for name, kind in train.kinds.items():
        if kind == "word":
            counts = train.frame.get_column(name).drop_nulls().value_counts(sort=False)
            often = sorted(((-rows, word) for word, rows in counts.iter_rows() if rows >= WORD_ROWS_MIN))[:WORDS_MAX]
            words[name] = {word: place for place, (_, word) in enumerate(often)}
            directions.append(0)
        else:
            directions.append(find_direction(train, name, plan) if is_bound else 0)
    return Table(tuple(train.kinds), words, tuple(directions))


def find_direction(train: Sample, name: str, plan: CardPlan) -> int:
    """1 where more of a number means more bad, -1 where less does, 0 where it turns or says nothing.

    >>> import polars as pl
    >>> from creditfactory.lab.sample import draw_sample
    >>> frame = pl.DataFrame({"debt": list(range(400)), "bad": [0] * 250 + [1] * 150})
    >>> find_direction(draw_sample(frame, target="bad"), "debt", CardPlan(target="bad"))
    1
    """
    from creditfactory.lab.binning import draw_classes

    drawn = draw_classes(train, name, shape=plan.shapes.get(name, "auto"), rules=plan.rules)
    return 0 if isinstance(drawn, str) else {"up": -1, "down": 1}.get(drawn.shape, 0)


def hold_back(train: Sample, seed: int, share: float = 0.2) -> npt.NDArray[np.bool_]:
    """A share of the sample to find the number of rounds on: the latest days, or a draw where there are none."""
    order = np.random.default_rng(seed).permutation(train.rows)
    if train.days is not None:
        day = np.array([d.toordinal() for d in train.days])[order]
        order = order[np.argsort(-day, kind="stable")]
    held = np.zeros(train.rows, dtype=np.bool_)
    held[order[: round(train.rows * share)]] = True
    return held


def read_log_odds(trees: Any, rows: Floats) -> Floats:
    """The log-odds of bad as the trees tell them."""
    if hasattr(trees, "decision_function"):
        return np.asarray(trees.decision_function(rows), dtype=np.float64)
    return np.asarray(trees.predict(rows, raw_score=True), dtype=np.float64)


def _settings(school: School, table: Table, seed: int) -> dict[str, Any]:
    wishes: dict[str, Any] = {
        "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 60, "lambda_l2": 5.0,
        "bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.7, "cat_smooth": 50.0, "cat_l2": 20.0,
        "max_cat_threshold": 32, "seed": seed, "deterministic": True, "force_row_wise": True, "num_threads": 1,
        "verbose": -1,
    }  # fmt: skip
    if school == "boosted_monotone":
        wishes |= {"monotone_constraints": list(table.directions), "monotone_constraints_method": "intermediate"}
    if school == "boosted_additive":
        wishes |= {"interaction_constraints": [[i] for i in range(len(table.names))], "num_leaves": 4}
        wishes |= {"feature_fraction": 1.0}
    return wishes


def _fit_lightgbm(school: School, rows: Floats, train: Sample, table: Table, seed: int, rounds: int) -> Any:
    import lightgbm  # slow to import

    weight = train.weight / train.weight.mean()
    pool = lightgbm.Dataset(
        rows, train.bad.astype(np.float64), weight=weight, categorical_feature=table.word_places, free_raw_data=True,
        params={"verbose": -1, "num_threads": 1},
    )  # fmt: skip
    return lightgbm.train(_settings(school, table, seed), pool, num_boost_round=rounds)


def _count_rounds(
    school: School, rows: Floats, train: Sample, later: npt.NDArray[np.bool_], table: Table, seed: int
) -> int:
    """How many rounds the part held back asks for; a fixed hundred where it holds one outcome only."""
    if train.bad[later].all() or not train.bad[later].any() or train.bad[~later].all() or not train.bad[~later].any():
        return 100
    import lightgbm

    weight = train.weight / train.weight.mean()
    told = {"verbose": -1, "num_threads": 1}
    first, second = (
        lightgbm.Dataset(
            rows[part], train.bad[part].astype(np.float64), weight=weight[part],
            categorical_feature=table.word_places, params=told,
        )
        for part in (~later, later)
    )  # fmt: skip
    found = lightgbm.train(
        _settings(school, table, seed) | {"metric": "binary_logloss"}, first, num_boost_round=ROUNDS_MAX,
        valid_sets=[second.set_reference(first)], callbacks=[lightgbm.early_stopping(50, verbose=False)],
    )  # fmt: skip
    return max(int(found.best_iteration), 10)


def _fit_histograms(rows: Floats, train: Sample, table: Table, seed: int) -> tuple[Any, int]:
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]  # slow to import

    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=60, l2_regularization=5.0, max_iter=ROUNDS_MAX,
        early_stopping=True, validation_fraction=0.2, n_iter_no_change=50, random_state=seed,
        categorical_features=table.word_places or None,
    )  # fmt: skip
    trees.fit(rows, train.bad.astype(np.int64), sample_weight=train.weight / train.weight.mean())
    return trees, int(trees.n_iter_)


def _fit_ebm(rows: Floats, train: Sample, table: Table, seed: int) -> tuple[Any, int]:
    machine = load_ebm()(
        feature_names=list(table.names), interactions=EBM_SURFACES, outer_bags=EBM_BAGS, n_jobs=1, random_state=seed,
        feature_types=["nominal" if name in table.words else "continuous" for name in table.names],
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its pictures, which nobody draws here, leave open answers out
        machine.fit(rows, train.bad.astype(np.int64), sample_weight=train.weight / train.weight.mean())
    return machine, int(np.max(machine.best_iteration_))


def with_chances(sample: Sample, chance: Floats) -> Sample:
    """The sample with each applicant split into a bad part of weight ``chance`` and a good part of the rest.

    >>> import polars as pl
    >>> from creditfactory.lab.sample import draw_sample
    >>> sample = draw_sample(pl.DataFrame({"x": range(100), "bad": [0, 1] * 50}), target="bad")
    >>> soft = with_chances(sample, np.full(100, 0.25))
    >>> soft.rows, float(soft.weight[soft.bad].sum())
    (200, 25.0)
    """
    chance = np.clip(chance, 1e-4, 1 - 1e-4)
    twice = pl.concat([sample.frame, sample.frame])
    bad = np.repeat([True, False], sample.rows)
    weight = np.concatenate([sample.weight * chance, sample.weight * (1 - chance)])
    days = None if sample.days is None else sample.days * 2
    return replace(sample, frame=twice, bad=bad, weight=weight, days=days)
