"""Three years under drift: a card that learns beside one that does not: ``python benchmarks/learning.py [--seeds 5]``.

The people and the truth about them are the simulated market's; what changes in it, and when, is written in
:data:`DRIFTS`. Every month the same applicants come to each way of working; each approves its best by its own card and
learns from those alone. Since the market's truth is known, all are judged on everybody, approved or not. Prints one
JSON line for each drift; what they say stands in docs/learning.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import t

from creditfactory import lab, scoring
from creditfactory.kernel import add_months
from creditfactory.lab.explaining import explain
from creditfactory.lab.gates import earn
from creditfactory.lab.judging import measure_auc, measure_ks
from creditfactory.world.market import Channel, Market, load_market
from creditfactory.world.population import Person, make_person

BEFORE, MONTHS = 12, 36
MATURES = 6
"""Months until an outcome is known: here a loan that fails at all shows it within half a year."""
EVERY = 3
NEWEST = 3
FIRST = date(2025, 1, 1)
APPROVED = 0.6
GAIN, LOSS = 0.10, 0.55
"""Assumed gain on a good loan and loss on a bad one, as shares of the amount."""
ASKED = (
    "age", "education", "years_in_city", "owns_home", "is_company", "months_open", "employees", "trade", "debt_share",
    "instalment_share", "channel", "queries_3m", "late_months", "hour_night",
)  # fmt: skip
NEWCOMER = Channel(
    code="new-app", name="新客宝", kind="online", weight=30, packaging=1.2, grade="B", agents=90,
    quota_cents=10**12, deposit_cents=0, deposit_required_cents=0,
)  # fmt: skip


def draw_base() -> Market:
    """The market before anything changes: a degree is a good sign in it."""
    market = load_market("cn-micro")
    return replace(market, people=replace(market.people, degree_risk=-1.1, default_debt=2.0, default_intercept=-3.1))


def add_mix(market: Market, pull: float) -> Market:
    """More who hide debts, and far more from the channels that package."""
    kinds = dict(market.people.kinds)
    moved = 0.22 * pull
    kinds |= {"honest": kinds["honest"] - moved, "hides_debt": kinds["hides_debt"] + moved}
    cities = tuple(
        replace(c, weight=c.weight * (1 + pull * (2.5 if c.risk > 0 else -0.4))) for c in market.cities
    )  # fmt: skip
    return replace(market, cities=cities, people=replace(market.people, kinds=kinds, debt_of_income=0.17 + 0.10 * pull))


def add_level(market: Market, pull: float) -> Market:
    """Hard times: the odds of default rise for everybody alike."""
    people = market.people
    return replace(market, people=replace(people, default_intercept=people.default_intercept + 0.8 * pull))


def add_reversal(market: Market, pull: float) -> Market:
    """A degree, once a good sign, turns into a bad one."""
    people = market.people
    return replace(market, people=replace(people, degree_risk=people.degree_risk + 2.2 * pull))


def add_channel(market: Market, pull: float) -> Market:
    """A channel that no card has seen brings a fifth of the applicants, many of them packaged."""
    if pull == 0:
        return market
    kinds = dict(market.people.kinds)
    kinds |= {"honest": kinds["honest"] - 0.08 * pull, "packaged": kinds["packaged"] + 0.08 * pull}
    newcomer = replace(NEWCOMER, weight=NEWCOMER.weight * pull)
    return replace(market, channels=(*market.channels, newcomer), people=replace(market.people, kinds=kinds))


Drift = Callable[[Market, float], Market]
DRIFTS: dict[str, tuple[Sequence[Drift], int, int]] = {
    "none": ((), 0, 1),
    "mix": ((add_mix,), 6, 12),
    "level": ((add_level,), 6, 1),
    "reversal": ((add_reversal,), 9, 3),
    "channel": ((add_channel,), 6, 1),
    "all": ((add_mix, add_level, add_reversal, add_channel), 6, 12),
}
"""What changes, from which month on, and over how many months."""


def draw_market(drift: str, month: int, base: Market, kept: dict[tuple[str, float], Market]) -> Market:
    """The market of a month."""
    changes, start, over = DRIFTS[drift]
    pull = min(1.0, max(0.0, (month - start + 1) / over))
    if (drift, pull) not in kept:
        market = base
        for change in changes:
            market = change(market, pull)
        kept[drift, pull] = market
    return kept[drift, pull]


def tell_person(person: Person, chance: np.random.Generator, on: date) -> dict[str, Any]:
    """What the factory sees of a person: papers in their own words, and a bureau that mirrors quality with noise."""
    truth = person.truth
    seen = max(1, person.debt_monthly_cents) / max(1, truth.income_cents)
    return {
        "age": on.year - person.born_on.year, "education": person.education, "years_in_city": person.years_in_city,
        "owns_home": "yes" if person.owns_home else "no", "is_company": "yes" if person.is_company else "no",
        "months_open": (on.year - person.opened_on.year) * 12 + on.month - person.opened_on.month,
        "employees": person.employees, "trade": person.industry.code, "debt_share": round(seen, 3),
        "instalment_share": round(person.amount_cents / person.term_months / max(1, truth.income_cents), 3),
        "channel": person.channel.code, "queries_3m": int(chance.poisson(np.exp(0.3 - 0.35 * truth.quality))),
        "late_months": int(chance.binomial(24, 1 / (1 + np.exp(3.2 + 0.6 * truth.quality)))),
        "hour_night": "yes" if chance.random() < 0.05 else "no",
        "sex": "f" if person.is_female else "m", "bad": int(truth.default_month is not None), "day": on,
    }  # fmt: skip


def draw_applicants(market: Market, seed: int, month: int, rows: int) -> pl.DataFrame:
    """A month's applicants who pass the front gate, with what becomes of each if lent to."""
    chance = np.random.default_rng((seed, month + BEFORE))
    on, found, index = add_months(FIRST, month), [], (month + BEFORE) * 100_000
    while len(found) < rows:
        person = make_person(market, seed, index)
        index += 1
        if person.truth.kind not in ("impostor", "robot"):
            found.append(tell_person(person, chance, on))
    return pl.DataFrame(found, infer_schema_length=None)


@dataclass
class Way:
    """One way of working: whether it learns, how it forgets, what share of the refused it lends to as a test."""

    name: str
    learns: bool = False
    half_life: float | None = None
    tests: float = 0.0
    parent: lab.Parent | None = None
    reference: lab.Reference | None = None
    lent: list[pl.DataFrame] = field(default_factory=list)
    counted: int = -1
    figures: list[dict[str, float]] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    alarms: list[tuple[int, str]] = field(default_factory=list)


def draw_ways() -> list[Way]:
    """The ways that are compared."""
    return [
        Way("frozen"), Way("learns", learns=True), Way("forgets", learns=True, half_life=9),
        Way("forgets and tests", learns=True, half_life=9, tests=0.10),
    ]  # fmt: skip


def build_first(frame: pl.DataFrame) -> tuple[lab.Parent, lab.Reference]:
    """The first card, on a pilot year in which everybody was lent to; it is watched by those it would have approved."""
    plan = lab.CardPlan(
        target="bad", name="drift", method="divergence", only=ASKED, time="day", holdout_share=0, weight="mass"
    )
    built = lab.build_card(frame.with_columns(mass=pl.lit(1.0)), plan)
    asked = [c["label"] for c in built.card["characteristics"]]
    month = f"{max(frame['day']):%Y-%m}"
    window = lab.open_window(scoring.read_card(built.card), frame, target="bad")
    lent = window.take(window.points >= np.quantile(window.points, 1 - APPROVED))
    return lab.Parent(built.card, {month: built.counts.take(asked)}, built.plan), lab.draw_reference(lent)


def run_month(way: Way, month: int, frame: pl.DataFrame, chance: np.random.Generator) -> None:
    """Score, judge on everybody, lend to the best, and keep what will be known of them."""
    assert way.parent is not None
    card = scoring.read_card(way.parent.card)
    window = lab.open_window(card, frame, target="bad")
    order = np.argsort(-window.points + chance.random(window.rows) * 0.5, kind="stable")
    chosen = np.zeros(window.rows, dtype=np.bool_)
    chosen[order[: round(APPROVED * window.rows)]] = True
    lent = window.take(chosen)
    tested = ~chosen & (chance.random(window.rows) < way.tests)
    spent = float(np.where(window.bad[tested], -LOSS, GAIN).sum()) / window.rows
    way.figures.append({
        "auc": measure_auc(window.points, window.bad, window.weight),
        "ks": measure_ks(window.points, window.bad, window.weight),
        "bad_rate": float(lent.bad.mean()), "foretold": float(lent.chance.mean()),
        "profit": earn(window, share=APPROVED, gain=GAIN, loss=LOSS) + spent,
    })  # fmt: skip
    mass = np.where(tested, 1 / way.tests if way.tests else 1.0, 1.0)
    way.lent.append(frame.with_columns(mass=pl.Series(mass)).filter(pl.Series(chosen | tested)))


def learn(way: Way, month: int) -> None:
    """What the loop does when a quarter ends: explain the newest outcomes, refresh, pass the gates, be signed."""
    assert way.parent is not None and way.reference is not None
    known = month - MATURES
    if known < NEWEST:
        return
    newest = pl.concat(way.lent[known - NEWEST + 1 : known + 1])
    card = scoring.read_card(way.parent.card)
    told = explain(lab.open_window(card, newest, target="bad", weight="mass"), way.reference)
    way.alarms.append((month, told.kind))
    if not way.learns:
        return
    fresh = pl.concat(way.lent[way.counted + 1 : known + 1])
    refreshed = lab.refresh_card(
        way.parent, fresh, target="bad", weight="mass", time="day",
        forgetting=lab.Forgetting(half_life=way.half_life), limits=lab.Limits(approve=APPROVED), protected=("sex",),
    )  # fmt: skip
    if not refreshed.has_passed:
        way.refused.update(gate.code for gate in refreshed.gates if gate.passed is False)
        return
    way.opened.append(month)
    way.counted = known
    built = refreshed.built
    way.parent, way.reference = lab.Parent(built.card, built.months, built.plan), built.reference


def run_seed(drift: str, seed: int, rows: int, base: Market) -> list[Way]:
    """All ways through one history."""
    kept: dict[tuple[str, float], Market] = {}
    past = [draw_applicants(base, seed, month, rows) for month in range(-BEFORE, 0)]
    first = build_first(pl.concat(past))
    ways = draw_ways()
    for way in ways:
        way.parent, way.reference = first
    for month in range(MONTHS):
        frame = draw_applicants(draw_market(drift, month, base, kept), seed, month, rows)
        for way in ways:
            run_month(way, month, frame, np.random.default_rng((seed, month)))
            if month % EVERY == EVERY - 1:
                learn(way, month)
    return ways


def sum_up(drift: str, runs: list[list[Way]]) -> dict[str, Any]:
    """Quarter by quarter and in all, each way beside the frozen card on the same applicants, over the seeds."""
    told: dict[str, Any] = {"drift": drift, "seeds": len(runs), "ways": {}}
    names = ("auc", "ks", "bad_rate", "foretold", "profit")
    figures = {
        way.name: np.array([[[f[n] for n in names] for f in run[place].figures] for run in runs])
        for place, way in enumerate(runs[0])
    }
    quarters = {name: f.reshape(len(runs), MONTHS // 3, 3, -1).mean(axis=2) for name, f in figures.items()}
    for place, way in enumerate(runs[0]):
        each = [run[place] for run in runs]
        gap = figures[way.name][:, 12:].mean(axis=1) - figures["frozen"][:, 12:].mean(axis=1)
        wide = float(t.ppf(0.975, len(runs) - 1)) if len(runs) > 1 else float("nan")
        half = wide * gap.std(axis=0, ddof=min(1, len(runs) - 1)) / np.sqrt(len(runs))
        last = figures[way.name][:, -12:].mean(axis=(0, 1))
        told["ways"][way.name] = {
            "quarters": {n: np.round(quarters[way.name].mean(axis=0)[:, i], 4).tolist() for i, n in enumerate(names)},
            "last_year": dict(zip(names, np.round(last, 4).tolist(), strict=True)),
            "against_frozen": {
                n: [round(float(gap.mean(axis=0)[i]), 5), round(float(half[i]), 5)] for i, n in enumerate(names)
            },
            "proposals": round(float(np.mean([len(w.opened) for w in each])), 2),
            "refused_by": dict(sum((w.refused for w in each), Counter())),
            "watched": dict(Counter(kind for w in each for _, kind in w.alarms)),
            "watched_by_month": {
                m: dict(Counter(kind for w in each for at, kind in w.alarms if at == m))
                for m in sorted({at for w in each for at, _ in w.alarms})
            },
        }  # fmt: skip
    return told


def draw_picture(runs: list[dict[str, Any]], place: Path) -> None:
    """AUC on everybody who applied, quarter by quarter, the frozen card beside one that learns and forgets."""
    import altair as alt

    rows = [
        {"drift": run["drift"], "card": way, "quarter": quarter + 1, "AUC": auc}
        for run in runs
        for way in ("frozen", "forgets")
        for quarter, auc in enumerate(run["ways"][way]["quarters"]["auc"])
    ]
    lines = alt.Chart(alt.Data(values=rows), width=250, height=150).mark_line(point=True).encode(
        x=alt.X("quarter:O", title="quarter"), y=alt.Y("AUC:Q", scale=alt.Scale(zero=False)),
        color=alt.Color("card:N", scale=alt.Scale(range=["#b4530a", "#1b5e9b"])),
    )  # fmt: skip
    lines.facet(facet=alt.Facet("drift:N", title=None), columns=3).save(str(place))


def main() -> None:
    """Run the drifts that are asked for, or draw what was run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draw", type=Path, metavar="JSONL", help="draw earlier runs into docs/pictures/learning.svg")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000, help="applicants a month")
    parser.add_argument("--drifts", default=",".join(DRIFTS))
    arguments = parser.parse_args()
    if arguments.draw is not None:
        runs = [json.loads(line) for line in arguments.draw.read_text("utf-8").splitlines()]
        draw_picture(runs, Path(__file__).parents[1] / "docs" / "pictures" / "learning.svg")
        return
    base = draw_base()
    for drift in arguments.drifts.split(","):
        histories = []
        for seed in range(1, arguments.seeds + 1):
            histories.append(run_seed(drift, seed, arguments.rows, base))
            last = {w.name: round(float(np.mean([f["auc"] for f in w.figures[-12:]])), 4) for w in histories[-1]}
            print(f"{drift} seed {seed}: AUC of the last year {last}", file=sys.stderr)
        print(json.dumps(sum_up(drift, histories)), flush=True)


if __name__ == "__main__":
    main()
