"""One protocol for all: cards and challengers on the same rows, judged on the same holdout, and one card proposed.

What is proposed was chosen by cross-validation on the training rows alone; the holdout judges it and may forbid it.
Nothing here installs anything: a proposal is a file that people read and sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from creditfactory import scoring
from creditfactory.kernel import BadInput
from creditfactory.lab.cards import CardPlan, write_card_json
from creditfactory.lab.certainty import Interval, compare_auc, draw_folds, name_periods, sum_up_folds
from creditfactory.lab.challengers import (
    CARD_SCHOOLS,
    EXTRA_SCHOOLS,
    LIGHTGBM_SCHOOLS,
    SCHOOLS,
    Boosted,
    CardModel,
    Incumbent,
    Model,
    School,
    fit_model,
)
from creditfactory.lab.distilling import DistillingLoss, distil, measure_loss
from creditfactory.lab.extra import load_ebm
from creditfactory.lab.judging import Bands, Judgement, Points, draw_bands, judge, measure_auc
from creditfactory.lab.leakage import Alarm, find_later_days, find_leaks
from creditfactory.lab.progress import Step, stay_silent
from creditfactory.lab.sample import Floats, Sample, check_names, draw_sample, read_weight, split_sample
from creditfactory.lab.standing import (
    Row,
    find_stand_ins,
    judge_fairness,
    measure_shifts,
    tell_groups,
    tell_lift,
    tell_profit,
    tell_swap,
)

ROW = "\0row"
DISTILLED = "distilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePlan:
    """What to compare and how: ``card`` as for building; ``protected`` columns are judged by and never read.

    ``approve`` is the approval share at which swap set and fairness are told; ``gain`` and ``loss`` are assumptions
    about a good and a bad loan, as shares of ``amount`` (or of one).
    """

    card: CardPlan
    schools: tuple[School, ...] = SCHOOLS
    folds: int = 5
    protected: tuple[str, ...] = ()
    segment: str | None = None
    approve: float = 0.7
    gain: float = 0.06
    loss: float = 0.5
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One model's figures: across folds of the training rows, on the training rows, and on the holdout.

    ``against`` is its AUC on the holdout less that of the card it is measured against.
    """

    name: str
    is_readable: bool
    asks: tuple[str, ...]
    folds: Interval | None
    train: Judgement
    holdout: Judgement
    against: Interval | None

    def as_json(self) -> dict[str, Any]:
        """All figures, rounded."""
        return {
            "model": self.name,
            "readable": self.is_readable,
            "characteristics": len(self.asks),
            "cross_validated_auc": None if self.folds is None else self.folds.as_json(),
            "train": self.train.as_json(),
            "holdout": self.holdout.as_json(),
            "auc_against": None if self.against is None else self.against.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was found. ``parts`` holds the tables by name; ``card`` the proposed card, None where none is.

    ``trees`` is the LightGBM challenger that is best across folds, ``holdout`` the rows all were judged on.
    """

    measured_against: str
    standings: tuple[Standing, ...]
    leaks: tuple[Alarm, ...]
    distilling: DistillingLoss | None
    parts: Mapping[str, Any]
    proposal: Mapping[str, Any]
    card: Mapping[str, Any] | None = field(default=None)
    trees: Boosted | None = field(default=None, repr=False)
    holdout: Sample | None = field(default=None, repr=False)

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file beside the report."""
        return {
            "measured_against": self.measured_against,
            "models": [s.as_json() for s in self.standings],
            "leaks": [alarm.as_json() for alarm in self.leaks],
            "distilling": None if self.distilling is None else self.distilling.as_json(),
            **self.parts,
            "proposal": dict(self.proposal),
            "card": None if self.card is None else dict(self.card),
        }

    def summary(self) -> dict[str, Any]:
        """The one-line account."""
        return {
            "against": self.measured_against,
            "models": {
                s.name: {
                    "auc": round(s.holdout.auc, 4), "ks": round(s.holdout.ks, 4),
                    "divergence": round(s.holdout.divergence, 4),
                    "folds": None if s.folds is None else round(s.folds.value, 4),
                    "against": None if s.against is None else [round(s.against.low, 4), round(s.against.high, 4)],
                }
                for s in self.standings
            },
            "distilling": None if self.distilling is None else self.distilling.as_json(),
            "leaks": sorted({a.label for a in self.leaks if a.is_grave}),
            "proposal": dict(self.proposal),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rows:
    """Training rows and holdout, with the frame's other columns row for row."""

    train: Sample
    holdout: Sample
    frame_train: pl.DataFrame
    frame_holdout: pl.DataFrame


def compare(
    frame: pl.DataFrame,
    plan: ComparePlan,
    *,
    incumbent: Mapping[str, Any] | None = None,
    data_sha256: str = "",
    say: Callable[[str], None] = lambda sentence: None,
    step: Step = stay_silent,
) -> Comparison:
    """Fit every school on the training rows, judge all on the holdout, and propose a card or say why none is.

    Raises :class:`BadInput` for a plan or columns that cannot be used.
    """
    _check_plan(plan)
    rows = _split(frame, plan)
    old_train, old_holdout = (None, None) if incumbent is None else _seat(incumbent, rows)
    leaks = find_leaks(rows.train, rules=plan.card.rules)
    if plan.card.time:
        leaks = [*find_later_days(frame.drop(plan.card.exclude), plan.card.time), *leaks]
    for alarm in leaks:
        say(f"look twice: {alarm.says}")
    models, crossed, chances = _fit_all(rows.train, plan, say, step)
    teacher = _best([s for s in plan.schools if s not in CARD_SCHOOLS], crossed)
    if teacher is not None:
        models[DISTILLED] = distil(chances[teacher], rows.train, plan.card)
        say(f"{DISTILLED}: a card taught by {teacher}")
    reference = "incumbent" if incumbent else ("divergence" if "divergence" in models else next(iter(models)))
    points = {name: model.score(rows.holdout) for name, model in models.items()}
    if old_holdout is not None:
        points["incumbent"] = old_holdout.score(rows.holdout)
    standings = [_stand(n, m, m, rows, points, reference, crossed.get(n), plan) for n, m in models.items()]
    if old_train is not None and old_holdout is not None:
        standings.insert(0, _stand("incumbent", old_train, old_holdout, rows, points, reference, None, plan))
    lost = None
    if teacher is not None:
        lost = measure_loss(points[teacher], points[DISTILLED], rows.holdout.bad, rows.holdout.weight)
    cards = [n for n, m in models.items() if isinstance(m, CardModel)]
    best = _best(drop_vetoed(cards, standings) or cards, crossed)
    proposal = _propose(best, {s.name: s for s in standings}, leaks, has_incumbent=incumbent is not None)
    parts = _tell_parts(rows, plan, models, points, best or reference, reference, old_train)
    card = None
    if proposal["propose"] is not None and best is not None:
        card = _write_proposed(best, models[best], rows, plan, data_sha256)
    boosted = _best([s for s in plan.schools if s in LIGHTGBM_SCHOOLS], crossed)
    trees = None if boosted is None else models[boosted]
    assert trees is None or isinstance(trees, Boosted)
    return Comparison(reference, tuple(standings), tuple(leaks), lost, parts, proposal, card, trees, rows.holdout)


def _check_plan(plan: ComparePlan) -> None:
    """Refuse before the long work what would only be found after it."""
    known = (*SCHOOLS, *EXTRA_SCHOOLS)
    for school in plan.schools:
        if school not in known:
            raise BadInput(place="schools", found=repr(school), expected=", ".join(known))
    if not plan.schools or len(set(plan.schools)) < len(plan.schools):
        raise BadInput(place="schools", found=repr(plan.schools), expected="each once, and at least one")
    if not 2 <= plan.folds <= 50:
        raise BadInput(place="folds", found=str(plan.folds), expected="from 2 to 50")
    if not 0 < plan.approve <= 1:
        raise BadInput(place="approval share", found=repr(plan.approve), expected="a share above 0 and up to 1")
    if not (0 < plan.gain < float("inf") and 0 < plan.loss < float("inf")):
        raise BadInput(place="gain and loss", found=f"{plan.gain:g} and {plan.loss:g}", expected="numbers above 0")
    if "ebm" in plan.schools:
        load_ebm()


def _split(frame: pl.DataFrame, plan: ComparePlan) -> _Rows:
    card = plan.card
    check_names(plan.protected, frame.columns, place="protected")
    check_names([c for c in (plan.segment, plan.amount) if c], frame.columns, place="segment or amount")
    if plan.amount is not None:
        read_weight(frame, plan.amount)  # an amount must be known and positive for each
    taken = {card.target, card.weight, card.time} & set(plan.protected)
    if taken:
        raise BadInput(place="protected", found=repr(min(map(str, taken))), expected="neither outcome, weight nor time")
    kept = () if card.only is None else tuple(n for n in card.only if n not in plan.protected)
    sample = draw_sample(
        frame, target=card.target, weight=card.weight, time=card.time, exclude=(*card.exclude, *plan.protected),
        only=None if card.only is None else kept,
    )  # fmt: skip
    if not sample.kinds:
        raise BadInput(place="data", found="no characteristic left", expected="columns a card may read")
    numbered = replace(sample, frame=sample.frame.with_columns(pl.Series(ROW, np.arange(sample.rows))))
    train, holdout = split_sample(
        numbered, holdout_from=card.holdout_from, holdout_share=card.holdout_share, seed=card.seed
    )
    if holdout is None:
        raise BadInput(place="holdout", found="none", expected="a share or a first day: models are judged on it")
    return _Rows(train, holdout, frame[train.frame.get_column(ROW)], frame[holdout.frame.get_column(ROW)])


def _fit_all(
    train: Sample, plan: ComparePlan, say: Callable[[str], None], step: Step
) -> tuple[dict[str, Model], dict[str, Interval], dict[str, Floats]]:
    """Every school on all training rows and fold by fold, and what each foretold for rows it had not seen."""
    folds = draw_folds(train, count=plan.folds, seed=plan.card.seed)
    models: dict[str, Model] = {}
    figures: dict[str, list[float]] = {}
    chances: dict[str, Floats] = {}
    in_fold: dict[str, list[Model]] = {}
    for place, school in enumerate(plan.schools):
        step(place * (plan.folds + 1), len(plan.schools) * (plan.folds + 1), school)
        models[school] = fit_model(school, train, plan.card)
        chances[school], in_fold[school], figures[school] = np.zeros(train.rows), [], []
        for fold in range(plan.folds):
            step(place * (plan.folds + 1) + fold + 1, len(plan.schools) * (plan.folds + 1), school)
            seen, unseen = train.take(folds != fold), train.take(folds == fold)
            model = fit_model(school, seen, plan.card)
            in_fold[school].append(model)
            chances[school][folds == fold] = model.foretell(unseen)
            figures[school].append(measure_auc(model.score(unseen), unseen.bad, unseen.weight))
        say(f"{school}: AUC {np.mean(figures[school]):.4f} across {plan.folds} folds")
    crossed = {name: sum_up_folds(values) for name, values in figures.items()}
    teacher = _best([s for s in plan.schools if s not in CARD_SCHOOLS], crossed)
    if teacher is not None:
        # Each fold's card is taught by the teacher that never saw the fold; what that foretells of its own rows is
        # partly learnt by heart, so this figure is a little too low rather than too high.
        taught = []
        for fold, model in enumerate(in_fold[teacher]):
            seen, unseen = train.take(folds != fold), train.take(folds == fold)
            card = distil(model.foretell(seen), seen, plan.card)
            taught.append(measure_auc(card.score(unseen), unseen.bad, unseen.weight))
        crossed[DISTILLED] = sum_up_folds(taught)
    return models, crossed, chances


def drop_vetoed(names: Sequence[str], standings: Sequence[Standing]) -> list[str]:
    """The cards that the holdout does not speak against: none that is worse beyond chance than what all stand against.

    Folds drawn by chance know nothing of later years; a card that shines there and fails afterwards is not proposed.
    """
    failed = {s.name for s in standings if s.against is not None and s.against.high < 0}
    return [n for n in names if n not in failed]


def _best(names: Sequence[str], crossed: Mapping[str, Interval]) -> str | None:
    known = [n for n in names if n in crossed]
    return max(known, key=lambda n: (crossed[n].value, n), default=None)


def _seat(card: Mapping[str, Any], rows: _Rows) -> tuple[Incumbent, Incumbent]:
    """The card in force on both parts; one that lacks a label or cannot score a row is refused before the long work."""
    read = scoring.read_card(card, place="incumbent")
    check_names(read.labels, rows.frame_train.columns, place="labels the incumbent asks for")
    seats = Incumbent("incumbent", read, rows.frame_train), Incumbent("incumbent", read, rows.frame_holdout)
    for seat, sample in zip(seats, (rows.train, rows.holdout), strict=True):
        seat.score(sample)
    return seats


def _stand(
    name: str, on_train: Model, on_holdout: Model, rows: _Rows, points: Mapping[str, Points], reference: str,
    crossed: Interval | None, plan: ComparePlan,
) -> Standing:  # fmt: skip
    train, holdout = rows.train, rows.holdout
    then = on_train.score(train)
    bands = draw_bands(then, train.weight)
    against = None
    if name != reference:
        against = compare_auc(points[name], points[reference], holdout.bad, holdout.weight, seed=plan.card.seed)
    is_card = isinstance(on_train, CardModel)
    if isinstance(on_train, CardModel):
        asks = tuple(c.label for c in on_train.fitted.classes)
    else:
        asks = on_train.card.labels if isinstance(on_train, Incumbent) else tuple(train.kinds)
    return Standing(
        name, is_card or isinstance(on_train, Incumbent), tuple(asks), crossed,
        judge(then, train.bad, train.weight, on_train.foretell(train), bands),
        judge(points[name], holdout.bad, holdout.weight, on_holdout.foretell(holdout), bands), against,
    )  # fmt: skip


def _propose(
    best: str | None, standings: Mapping[str, Standing], leaks: Sequence[Alarm], *, has_incumbent: bool
) -> dict[str, Any]:
    """Which card is proposed, and why, as a code with its facts and in words; or that none is, and why not."""
    grave = sorted({a.label for a in leaks if a.is_grave})
    if grave:
        return _say_proposal(None, "leaks", labels=", ".join(grave))
    if best is None:
        return _say_proposal(None, "no_card")
    if not has_incumbent:
        return _say_proposal(best, "no_incumbent")
    gap = standings[best].against
    assert gap is not None
    facts = {"low": f"{gap.low:+.4f}", "high": f"{gap.high:+.4f}"}
    return _say_proposal(None, "keep", **facts) if gap.low <= 0 else _say_proposal(best, "better", **facts)


PROPOSALS = {
    "leaks": "first explain or exclude what may be known only later: {labels}",
    "no_card": "no card was among the schools compared",
    "no_incumbent": "the best card across folds; there is no card in force to compare it with",
    "keep": "keep the card in force: the best new one differs by {low} to {high} AUC",
    "better": "the best card across folds, and better than the one in force by {low} to {high} AUC",
}
"""Why a card is proposed or not, in words, by code."""


def _say_proposal(name: str | None, code: str, **facts: str) -> dict[str, Any]:
    return {"propose": name, "why": PROPOSALS[code].format(**facts), "code": code, "facts": facts}


def _tell_parts(
    rows: _Rows, plan: ComparePlan, models: Mapping[str, Model], points: Mapping[str, Points], best: str,
    reference: str, old: Incumbent | None,
) -> dict[str, Any]:  # fmt: skip
    """The tables of the best card on the holdout, and of what would change if it took over."""
    train, holdout, model = rows.train, rows.holdout, models.get(best)
    assert model is not None, "a card was compared"
    mine, chance = points[best], model.foretell(holdout)
    bad, weight = holdout.bad, holdout.weight
    bands: Bands = draw_bands(model.score(train), train.weight)
    amount = None if plan.amount is None else read_weight(rows.frame_holdout, plan.amount)
    others = [n for n in points if n != reference]
    parts: dict[str, Any] = {
        "shown": best,
        "lift": tell_lift(mine, bad, weight, chance),
        "swap": {n: tell_swap(points[n], points[reference], bad, weight, plan.approve) for n in others},
        "profit": {
            n: tell_profit(points[n], bad, weight, gain=plan.gain, loss=plan.loss, amount=amount) for n in points
        },
    }
    if isinstance(model, CardModel):
        parts["shifts"] = measure_shifts(model.fitted.classes, train, holdout)
    if holdout.days is not None:
        parts["periods"] = tell_groups(name_periods(holdout.days), mine, bad, weight, chance, bands)
    if plan.segment is not None:
        values = rows.frame_holdout.get_column(plan.segment).to_list()
        parts["segments"] = tell_groups(values, mine, bad, weight, chance, bands)
    if plan.protected:
        groups = {n: rows.frame_holdout.get_column(n).to_list() for n in plan.protected}
        parts["fairness"] = judge_fairness(groups, mine, bad, weight, chance, plan.approve)
        parts["stand_ins"] = _tell_stand_ins(holdout, groups, model)
    return parts


def _tell_stand_ins(holdout: Sample, groups: Mapping[str, Sequence[Any]], model: Model) -> dict[str, list[Row]]:
    asked = {c.label for c in model.fitted.classes} if isinstance(model, CardModel) else set(holdout.kinds)
    kinds = {n: k for n, k in holdout.kinds.items() if n in asked}
    return find_stand_ins(replace(holdout, kinds=kinds), groups)


def _write_proposed(name: str, model: Model, rows: _Rows, plan: ComparePlan, data_sha256: str) -> dict[str, Any]:
    assert isinstance(model, CardModel)
    train, holdout = rows.train, rows.holdout
    then, now = model.score(train), model.score(holdout)
    bands = draw_bands(then, train.weight)
    performance = {
        "train": judge(then, train.bad, train.weight, model.foretell(train), bands).as_json(),
        "holdout": judge(now, holdout.bad, holdout.weight, model.foretell(holdout), bands).as_json(),
        "bands": {"cuts": list(bands.cuts), "shares": [round(s, 6) for s in bands.shares]},
    }
    return write_card_json(replace(plan.card, method=name), model.fitted, train, performance, data_sha256)
