"""Refreshing a card: new outcomes are added to its sums, old ones forgotten if asked, and it is solved again.

Classes, shapes and questions stay; only points move. A question that has turned round is held flat by its shape and
leaves the card: what ought to take its place, a modeller looks for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from creditfactory import scoring
from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.artefact import draw_golden, read_card_json
from creditfactory.lab.binning import BinningRules
from creditfactory.lab.cards import MASS, OUTCOME, BuiltCard, CardPlan, measure_worth, refer_to, write_card_json
from creditfactory.lab.counts import COUNTS, Counts, count_sample, read_counts, read_months
from creditfactory.lab.curves import count_scores
from creditfactory.lab.doubts import find_doubts
from creditfactory.lab.features import Feature
from creditfactory.lab.fine import draw_fine
from creditfactory.lab.fitting import Fitted, Scale, calibrate, fit_counts
from creditfactory.lab.folder import read_folder
from creditfactory.lab.gates import Gate, Limits, has_passed, run_gates
from creditfactory.lab.judging import Points, draw_bands, judge
from creditfactory.lab.learnt import Learnt, read_learnt, remember_keys
from creditfactory.lab.manifest import MANIFEST, check_manifest
from creditfactory.lab.moments import UNITS, Moments, Wholes
from creditfactory.lab.sample import Flags, Floats, Sample, check_names, draw_sample
from creditfactory.lab.watching import open_window

FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """How fast the past stops counting: not at all, after ``months``, or by half every ``half_life`` months."""

    months: int | None = None
    half_life: float | None = None

    def __post_init__(self) -> None:
        if self.months is not None and self.half_life is not None:
            raise BadInput(place="forgetting", found="a window and a half-life", expected="one of them, or neither")
        for name, value in (("window", self.months), ("half-life", self.half_life)):
            if value is not None and not 0 < value < 1200:
                raise BadInput(place=f"forgetting: {name}", found=f"{value:g}", expected="months, more than 0")

    def weigh(self, age: int) -> int:
        """What a month so many months old still counts, in units.

        >>> Forgetting(months=12).weigh(12), Forgetting(half_life=6).weigh(6) / UNITS
        (0, 0.5)
        """
        if self.months is not None:
            return UNITS if age < self.months else 0
        return UNITS if self.half_life is None else round(UNITS * 0.5 ** (age / self.half_life))


def count_months(months: str, newest: str) -> int:
    """How many months lie between two, as '2026-01'.

    >>> count_months("2025-11", "2026-02")
    3
    """
    (y0, m0), (y1, m1) = (map(int, month.split("-")) for month in (months, newest))
    return (y1 - y0) * 12 + m1 - m0


def remember(months: Mapping[str, Counts], forgetting: Forgetting) -> Counts:
    """What all months together teach, each as far as it still counts; exact for applicants of weight one.

    The month ``""`` has no date: it counts in full, and where anything is to be forgotten it is refused.
    """
    dated = [month for month in months if month]
    if (forgetting.months or forgetting.half_life) and len(dated) < len(months):
        raise BadInput(place="forgetting", found="outcomes without a month", expected="a sample with a time column")
    newest = max(dated, default="")
    parts = []
    for month, counts in sorted(months.items()):
        share = UNITS if not month else forgetting.weigh(count_months(month, newest))
        if share:
            parts.append(counts if share == UNITS else _fade(counts, share))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.add(part)
    return whole


def _fade(counts: Counts, share: int) -> Counts:
    def part(of: Wholes, by: int = share) -> Wholes:
        whole, rest = np.divmod(of, UNITS)
        return np.asarray(whole * by + (rest * by + UNITS // 2) // UNITS)

    m = counts.moments
    faded = Moments(m.layout, part(m.meetings), part(m.units), m.rows)
    return Counts(counts.classes, faded, part(counts.squares, share * share // UNITS))


def split_months(sample: Sample, counts: Counts) -> dict[str, Counts]:
    """The sample counted month by month in the classes of these counts; without days all under ``""``.

    A month without both outcomes goes with the next.
    """
    names = [""] * sample.rows if sample.days is None else [f"{d:%Y-%m}" for d in sample.days]
    keys = np.array(names)
    found: dict[str, Counts] = {}
    held: Flags = np.zeros(sample.rows, dtype=np.bool_)
    last = ""
    for month in sorted(set(names)):
        held |= keys == month
        if sample.bad[held].any() and not sample.bad[held].all():
            found[month] = count_sample(sample.take(held), counts.classes)
            held, last = np.zeros(sample.rows, dtype=np.bool_), month
    if held.any() and last:
        rest = sample.take(held | (keys == last))
        found[last] = count_sample(rest, counts.classes)
    elif held.any():
        raise BadInput(place="new outcomes", found="one outcome only", expected="good and bad applicants")
    return found


def solve_again(counts: Counts, card: Mapping[str, Any], *, rules: BinningRules) -> Fitted:
    """The card's own questions solved anew on these counts, in the card's own scale; not yet calibrated."""
    asked = [c["label"] for c in card["characteristics"]]
    scale = Scale(pdo=card["pdo"], base_points=card["base_points"], base_odds=card["base_odds"])
    return fit_counts(replace(counts, classes=counts.weigh()), scale, rules, only=asked)


@dataclass(frozen=True, slots=True)
class Parent:
    """The card that is refreshed: its JSON, what it knew by month, its plan, and the hashes that name it."""

    card: Mapping[str, Any]
    months: Mapping[str, Counts]
    plan: CardPlan
    hashes: Mapping[str, str] = field(default_factory=dict)
    learnt: Learnt | None = None
    learnt_from: tuple[str, ...] = ()

    def drop_learnt(self, frame: pl.DataFrame, key: str | None, *, data_sha256: str, place: str) -> pl.DataFrame:
        """The rows that were not counted yet; a file that this card or one before it has learnt from is refused."""
        if data_sha256 in self.learnt_from:
            found = "a file this card, or one before it, has learnt from"
            raise BadInput(place=place, found=found, expected="new outcomes alone")
        if self.learnt is None:
            return frame
        if key != self.learnt.key:
            raise BadInput(
                place="key", found=repr(key), expected=f"{self.learnt.key!r}, by which it knows its outcomes"
            )
        fresh = frame.filter(pl.Series(~self.learnt.find(frame)))
        if not fresh.height:
            raise BadInput(place=place, found="outcomes that are all counted already", expected="new outcomes")
        return fresh


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A refreshed card with the gates it went through; ``built`` can be written as a folder."""

    built: BuiltCard
    gates: tuple[Gate, ...]

    @property
    def has_passed(self) -> bool:
        """Whether a person may be asked to sign it."""
        return has_passed(self.gates)

    def summary(self) -> dict[str, Any]:
        """The account of a refresh: both versions, what left the card, figures and gates."""
        return {
            **self.built.summary(),
            "parent": self.built.parent.get("version"),
            "passed": self.has_passed,
            "left_out": self.built.left_out,
            "gates": [gate.as_json() for gate in self.gates],
        }


def read_parent(folder: Path) -> Parent:
    """A card's folder as something that can be refreshed; a card without counts is refused, with what to do."""
    card = read_card_json(folder)
    if card.get("method") != "divergence":
        raise Refused(
            f"{folder} is a card by {card.get('method')!r}; only a divergence card is solved again from its counts."
            " Build it anew."
        )
    if not (folder / COUNTS).is_file():
        raise Refused(f"{folder} has no {COUNTS}: it was not built from data by this lab. Build it anew once.")
    if (folder / MANIFEST).is_file() and (faults := check_manifest(folder)):
        raise Refused(f"{folder} is not as its manifest says, so nothing is learnt on top of it: {'; '.join(faults)}")
    read = scoring.read_card(card, place=str(folder))
    if not (read.pdo and read.pdo > 0 and read.base_points is not None and read.base_odds and read.base_odds > 0):
        raise Refused(f"{folder} states no scale (pdo, base_points, base_odds), so it cannot be solved again in it.")
    asked = [c.label for c in read.characteristics]
    months = read_months(folder)
    if not months:
        months = {((card.get("sample") or {}).get("to") or "")[:7]: read_counts(folder).take(asked)}
    hashes = {
        f"{name}_sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("card.json", COUNTS, MANIFEST)
        if (folder / name).is_file()
    }
    files = [*read_folder(folder).manifest.get("learnt_from", ()), (card.get("sample") or {}).get("data_sha256")]
    return Parent(
        card,
        months,
        _read_plan(folder, card),
        hashes,
        read_learnt(folder),
        tuple(dict.fromkeys(file for file in files if file)),
    )


def _read_plan(folder: Path, card: Mapping[str, Any]) -> CardPlan:
    told = read_folder(folder)
    plan, features = told.plan, {label: Feature(**one) for label, one in told.features.items()}
    rules = plan.get("rules", {})
    return CardPlan(
        target=card["target"], name=card["name"], version=card["version"], method="divergence",
        weight=plan.get("weight"), time=plan.get("time"), owner=plan.get("owner", "lab"),
        purpose=plan.get("purpose", ""), limits=tuple(plan.get("limits", ())), features=features,
        key=plan.get("key"), role=card.get("role", "admission"), seed=int(plan.get("seed", 0)),
        scale=Scale(pdo=card["pdo"], base_points=card["base_points"], base_odds=card["base_odds"]),
        rules=BinningRules(unknown=rules.get("unknown", "as_seen")),
        known_by=date.fromisoformat(plan["known_by"]) if plan.get("known_by") else None,
    )  # fmt: skip


def next_version(version: str) -> str:
    """The version after this one.

    >>> next_version("v001"), next_version("v099"), next_version("2026b")
    ('v002', 'v100', '2026b-next')
    """
    number = version[1:]
    return f"v{int(number) + 1:0{len(number)}d}" if version[:1] == "v" and number.isdigit() else f"{version}-next"


def refresh_card(
    parent: Parent, fresh: pl.DataFrame, held: pl.DataFrame | None = None, *, target: str | None = None,
    weight: str | None = None, time: str | None = None, forgetting: Forgetting | None = None, folds: int = FOLDS,
    protected: Sequence[str] = (), limits: Limits | None = None, version: str | None = None, data_sha256: str = "",
    known_by: date | None = None, key: str | None = None,
) -> Refreshed:  # fmt: skip
    """Learn from ``fresh`` outcomes and be judged, beside the card as it was, on outcomes that were not learnt from.

    Those are the ``held`` ones where they are given. Else the fresh ones are dealt into folds, each judged by a card
    that learnt from all but its own: sums can be taken apart as they are added, and no month has to be kept back.
    """
    target = target or str(parent.card["target"])
    before = scoring.read_card(parent.card)
    judged = fresh if held is None else held
    judged = judged.filter(scoring.score_frame(before, judged).is_not_null())
    fresh = judged if held is None else fresh
    asked = [str(c["label"]) for c in parent.card["characteristics"]]
    sample, test = (draw_counted(f, asked, target=target, weight=weight, time=time) for f in (fresh, judged))
    plan = replace(
        parent.plan, version=version or next_version(parent.plan.version), target=str(parent.card["target"]),
        weight=weight, time=time, known_by=known_by, key=key,
    )  # fmt: skip
    learner = _Learner(parent, plan, forgetting or Forgetting(), asked)
    months, whole, fitted = learner.learn(sample)
    if held is None:
        points, chance = learner.score_by_folds(sample, folds)
    else:
        points = fitted.score(test)
        chance = fitted.probability(points)
    built = _build(plan, fitted, sample, _Judged(test, points, chance), whole, parent, data_sha256)
    learnt = None if key is None else remember_keys(fresh, key) if parent.learnt is None else parent.learnt.add(fresh)
    built = replace(built, learnt=learnt, learnt_from=parent.learnt_from)
    built = replace(built, months=months, parent={"version": str(parent.card["version"]), **parent.hashes})
    read = scoring.read_card(built.card)
    told = judged.with_columns(pl.Series(OUTCOME, test.bad), pl.Series(MASS, test.weight))
    old, new = (open_window(card, told, target=OUTCOME, weight=MASS) for card in (before, read))
    assert built.reference is not None
    gates = run_gates(
        old, replace(new, points=points, chance=chance), built.reference, fitted, read, draw_golden(built.card),
        protected={name: judged.get_column(name).to_list() for name in protected}, limits=limits, seed=plan.seed,
    )  # fmt: skip
    return Refreshed(built, gates)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Applicants by whom a refreshed card is judged, with the points and chances of cards that had not seen them."""

    sample: Sample
    points: Points
    chance: Floats


@dataclass(frozen=True, slots=True)
class _Learner:
    """What the parent knew by month, ready to learn from a sample of new outcomes."""

    parent: Parent
    plan: CardPlan
    forgetting: Forgetting
    asked: Sequence[str]

    def learn(self, sample: Sample) -> tuple[dict[str, Counts], Counts, Fitted]:
        """What is known with these outcomes, by month and in all, and the card solved on it, calibrated on them."""
        months = {month: counts.take(self.asked) for month, counts in self.parent.months.items()}
        for month, counts in split_months(sample, next(iter(months.values()))).items():
            months[month] = months[month].add(counts) if month in months else counts
        whole = remember(months, self.forgetting)
        fitted = solve_again(whole, self.parent.card, rules=self.plan.rules)
        return months, whole, calibrate(fitted, sample, self.plan.scale)

    def score_by_folds(self, sample: Sample, folds: int) -> tuple[Points, Floats]:
        """Each applicant's points and chance of bad by a card that learnt from the others only.

        Folds are drawn without looking at outcomes: with as many bad in each, every level would be right by itself.
        """
        fold = np.random.default_rng(self.plan.seed).permutation(sample.rows) % folds
        points, chance = np.zeros(sample.rows, dtype=np.int64), np.zeros(sample.rows)
        for one in range(folds):
            _, _, fitted = self.learn(sample.take(fold != one))
            points[fold == one] = fitted.score(sample.take(fold == one))
            chance[fold == one] = fitted.probability(points[fold == one])
        return points, chance


def split_newest(
    frame: pl.DataFrame, *, time: str | None, holdout_from: date | None, share: float, seed: int = 0
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is learnt from and what is judged on: the newest are held back, or a draw where nobody has a day."""
    if not 0 < share < 1:
        raise BadInput(place="holdout", found=repr(share), expected="a share between 0 and 1")
    if time is None:
        if holdout_from is not None:
            raise BadInput(place="holdout-from", found="no time column", expected="the time column named as well")
        late = np.zeros(frame.height, dtype=np.bool_)
        rows = np.random.default_rng(seed).permutation(frame.height)
        late[rows[: round(share * frame.height)]] = True
    else:
        check_names([time], frame.columns, place="time")
        days = frame.get_column(time)
        days = days.str.to_date(strict=False) if days.dtype == pl.String else days.cast(pl.Date, strict=False)
        if days.null_count():
            raise BadInput(place=f"column {time}", found="values that are not dates", expected="a date in every row")
        first = holdout_from or days.sort()[min(frame.height - 1, round((1 - share) * frame.height))]
        late = (days >= first).to_numpy()
    if late.all() or not late.any():
        found = f"{int((~late).sum())} rows before and {int(late.sum())} held out"
        raise BadInput(place="holdout", found=found, expected="rows on both sides")
    return frame.filter(pl.Series(~late)), frame.filter(pl.Series(late))


def draw_counted(
    frame: pl.DataFrame, asked: Sequence[str], *, target: str, weight: str | None, time: str | None
) -> Sample:
    """Outcomes as a sample of just the card's own questions, kept even where a column says the same of everybody."""
    sample = draw_sample(frame, target=target, weight=weight, time=time, only=asked)
    lost = [label for label in asked if label not in sample.kinds]
    if not lost:
        return sample
    plain = {label: frame.get_column(label).cast(pl.Float64, strict=False) for label in lost}
    words = {
        label: frame.get_column(label).cast(pl.String)
        for label in lost
        if frame.schema[label] in (pl.String, pl.Boolean, pl.Categorical)
    }
    kinds = {**sample.kinds, **{label: "word" if label in words else "number" for label in lost}}
    whole = sample.frame.with_columns(**{**plain, **words}) if sample.frame.width else pl.DataFrame({**plain, **words})
    return replace(sample, frame=whole, kinds=kinds)  # type: ignore[arg-type]


def _build(
    plan: CardPlan, fitted: Fitted, sample: Sample, judged: _Judged, whole: Counts, parent: Parent, data_sha256: str
) -> BuiltCard:
    points, test = fitted.score(sample), judged.sample
    bands = draw_bands(points, sample.weight)
    train = judge(points, sample.bad, sample.weight, fitted.probability(points), bands)
    holdout = judge(judged.points, test.bad, test.weight, judged.chance, bands)
    performance = {
        "train": train.as_json(), "holdout": holdout.as_json(),
        "bands": {"cuts": list(bands.cuts), "shares": [round(s, 6) for s in bands.shares]},
    }  # fmt: skip
    card = write_card_json(plan, fitted, sample, performance, data_sha256)
    before = parent.card.get("sample") or {}
    good, bad = whole.moments.rows
    card["sample"] |= {"rows": good + bad, "bads": bad, "from": before.get("from") or card["sample"]["from"]}
    scores = {
        "train": count_scores(points, sample.bad, sample.weight),
        "holdout": count_scores(judged.points, test.bad, test.weight),
    }
    doubts = find_doubts(sample, fitted.classes, train, holdout, scores)
    return BuiltCard(
        plan, card, train, holdout, dict(fitted.left_out), tuple(doubts), fitted, whole, scores,
        draw_fine(sample, fitted, version=plan.version), refer_to(scoring.read_card(card), sample),
        without=measure_worth(fitted, {"train": sample}),
    )  # fmt: skip
