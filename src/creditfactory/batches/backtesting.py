"""A back-test from end to end: a population from its file, chunk by chunk through one or two rulebooks, to its figures.

Every chunk is decided by :func:`decide_chunk`, a plain function of a frame and a plan that can travel to another
process; :func:`run_chunks` is the only place that says where it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from typing import Any

import numpy as np
import polars as pl

from creditfactory import backtest, decision, labels
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import BadInput

CHUNK_ROWS = 100_000
FRAUD = "fraud-team"
"""Whose rules are the anti-fraud part."""
EPOCH = date(1970, 1, 1).toordinal()
OTHER = "before:"
KEPT = (*backtest.KEPT, *backtest.GROUND)
"""How the columns of the rulebook compared with are marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is tried on what: rulebooks by their folders, the day whose rules decide (none: each row's own day)."""

    rulebook: str
    against: str | None = None
    on: date | None = None
    against_on: date | None = None
    segment: str | None = None
    twins: int = 200
    place: str = "population"
    sample: int = 20_000
    missing_sample: int = 4_000
    limits: tuple[backtest.Ceiling, ...] = ()
    seed: int = 0

    def of_before(self) -> Plan:
        """The plan by which the rulebook compared with decides: the same, on a day of its own if one is named."""
        return replace(self, on=self.against_on or self.on)


@dataclass
class Gathered:
    """What is kept of all chunks: the few columns that figures need, and what was counted on the way."""

    decided: list[pl.DataFrame] = field(default_factory=list)
    before: list[pl.DataFrame] = field(default_factory=list)
    population: list[pl.DataFrame] = field(default_factory=list)
    tallies: list[pl.DataFrame] = field(default_factory=list)
    overlaps: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    twins: int = 0


def run_chunks(
    frames: Iterable[pl.DataFrame], decide: Callable[[pl.DataFrame], pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    """Each chunk's decisions beside its outcomes, in order; another engine gives the same frames from elsewhere."""
    return map(decide, frames)


Run = Callable[[Iterable[pl.DataFrame], Callable[[pl.DataFrame], pl.DataFrame]], Iterator[pl.DataFrame]]


def decide_chunk(chunk: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """One chunk decided by the plan's rulebook, and by the one compared with, with its outcomes beside.

    Some of its rows are decided one by one as well, and a difference refuses the whole.
    """
    columns = [*_decide(chunk, plan.rulebook, plan).get_columns()]
    if plan.against is not None:
        other = _decide(chunk, plan.against, plan.of_before())
        columns += [column.alias(OTHER + column.name) for column in other.get_columns()]
    beside = [name for name in dict.fromkeys((*backtest.OUTCOMES, plan.segment)) if name in chunk.columns]
    columns += [chunk.get_column(name).alias(f"of:{name}") for name in beside]
    return pl.DataFrame(columns)


def _decide(chunk: pl.DataFrame, folder: str, plan: Plan) -> pl.DataFrame:
    """Decide each row by the rules of its day, rows of one stretch of days together, in the order of the chunk."""
    rulebook = load(folder)
    if plan.on is not None or "applied_on" not in chunk.columns:
        book = rulebook.at(plan.on or last_day(rulebook))
        return _with_every_rule(_decide_checked(chunk, book, plan), rulebook)
    days = chunk.get_column("applied_on")
    first = rulebook.first_day
    if first is not None and bool((days < first).any()):
        early = int((days < first).sum())
        raise BadInput(
            place=f"{plan.place}: column applied_on",
            found=f"{early} rows before {first.isoformat()}",
            expected=f"days on which {rulebook.pack} has rules, or one day for all with --on",
        )
    cuts = [day.toordinal() - EPOCH for day in rulebook.change_days]
    codes = pl.Series(np.searchsorted(cuts, days.to_physical().to_numpy(), side="right"))
    parts = []
    for code in codes.unique().sort().to_list():
        rows = (codes == code).arg_true()
        part = chunk[rows]
        book = rulebook.at(part.get_column("applied_on").min())  # type: ignore[arg-type]
        parts.append(_decide_checked(part, book, plan).with_columns(rows.alias("_row")))
    whole = pl.concat(parts, how="diagonal_relaxed").sort("_row").drop("_row")
    return _with_every_rule(whole, rulebook)


def _decide_checked(frame: pl.DataFrame, book: decision.Book, plan: Plan) -> pl.DataFrame:
    decided = decision.decide_frame(frame, book)
    backtest.check_twins(frame, decided, book, backtest.choose_rows(frame.height, plan.twins))
    marked = backtest.mark_rules(book.policy, decided)
    return decided.select(KEPT).with_columns(pl.col("product").cast(pl.String)).hstack(marked)


def _with_every_rule(decided: pl.DataFrame, rulebook: decision.Rulebook) -> pl.DataFrame:
    """The same columns whatever the day: a rule that was not in force left no mark."""
    texts = {name: [text for _, text in dated.versions if text] for name, dated in rulebook.rules.items()}
    names = [f"mark:{name}" for name, written in texts.items() if any(text.stage == "policy" for text in written)]
    absent = [pl.lit(0, dtype=pl.UInt8).alias(name) for name in names if name not in decided.columns]
    marks = [pl.col(name).fill_null(0) for name in names if name in decided.columns]
    return decided.with_columns(*absent, *marks).select(*KEPT, *names)


@lru_cache(maxsize=4)
def load(folder: str) -> decision.Rulebook:
    """A rulebook by its folder, read once in each process."""
    return packs.load_rulebook(folder, locked=False)


def last_day(rulebook: decision.Rulebook) -> date:
    """The last day on which anything in the rulebook changes: what is in force from then on."""
    return max(rulebook.change_days)


def gather(answers: Iterable[pl.DataFrame], plan: Plan, tell: Callable[[str], None]) -> Gathered:
    """Keep of each chunk what the figures need, and count its rules at once."""
    kept = Gathered()
    loss = default_loss_bps(load(plan.rulebook), plan)
    for answer in answers:
        beside = answer.select(pl.col("^of:.*$").name.map(lambda name: name.removeprefix("of:")))
        decided = answer.select(pl.exclude(f"^({OTHER}|of:).*$"))
        cases = backtest.Cases(decided, beside, loss)
        marked = decided.select(pl.col("^mark:.*$"))
        if marked.width:
            kept.tallies.append(backtest.tally_rules(marked, cases))
            kept.overlaps.append(backtest.tally_overlap(marked, cases))
        kept.decided.append(decided.select(backtest.KEPT))
        kept.population.append(beside)
        if plan.against is not None:
            before = answer.select(pl.col(f"^{OTHER}.*$").name.map(lambda name: name.removeprefix(OTHER)))
            kept.before.append(before.select(backtest.KEPT))
        kept.rows += answer.height
        kept.twins += min(plan.twins, answer.height) * (1 if plan.against is None else 2)
        tell(f"{kept.rows:,} decided")
    return kept


def default_loss_bps(rulebook: decision.Rulebook, plan: Plan) -> int | None:
    """What a bad loan loses of its amount where the population does not tell: the price's own assumption."""
    parameters = rulebook.at(plan.on or last_day(rulebook)).parameters
    lgd, exposure = parameters.get("lgd_bps"), parameters.get("exposure_at_default_bps")
    return None if lgd is None or exposure is None else int(lgd) * int(exposure) // 10_000


def run_backtest(
    frames: Iterable[pl.DataFrame],
    plan: Plan,
    *,
    tell: Callable[[str], None] = lambda words: None,
    run: Run = run_chunks,
) -> dict[str, Any]:
    """All figures of a back-test as plain values, ready for JSON and for the report; ``run`` says where it runs."""
    sample = backtest.Sample(plan.sample, seed=plan.seed)
    kept = gather(run(sample.watch(frames), partial(decide_chunk, plan=plan)), plan, tell)
    if not kept.rows:
        raise BadInput(place=plan.place, found="no rows", expected="at least one applicant")
    rulebook = load(plan.rulebook)
    loss = default_loss_bps(rulebook, plan)
    population = pl.concat(kept.population, how="diagonal_relaxed")
    cases = backtest.Cases(pl.concat(kept.decided, how="diagonal_relaxed"), population, loss)
    summary: dict[str, Any] = {
        "rulebook": _name(rulebook, plan),
        "rows": kept.rows,
        "twins": kept.twins,
        "figures": asdict(backtest.measure(cases)),
        "funnel": backtest.measure_funnel(cases),
        "tiers": _by(cases, cases.decided.get_column("tier")),
        "rules": backtest.tell_rules(kept.tallies, kept.overlaps) if kept.tallies else [],
    }
    if "applied_on" in population.columns:
        summary["months"] = _by(cases, population.get_column("applied_on").dt.to_string("%Y-%m"))
    if plan.segment is not None:
        summary["segments"] = _by(cases, population.get_column(plan.segment))
    summary["grey_zone"] = asdict(backtest.measure_grey(cases))
    summary |= _look_deeper(sample, plan, loss, tell)
    summary["names"] = _name_things(rulebook, summary)
    past = backtest.compare_with_past(cases)
    if past is not None:
        summary["swap_with_past"] = asdict(past)
    if plan.against is not None:
        before = backtest.Cases(pl.concat(kept.before, how="diagonal_relaxed"), population, loss)
        summary["against"] = _name(load(plan.against), plan.of_before())
        summary["figures_before"] = asdict(backtest.measure(before))
        summary["swap"] = asdict(backtest.compare(before, cases))
    return summary


def _look_deeper(sample: backtest.Sample, plan: Plan, loss: int | None, tell: Callable[[str], None]) -> dict[str, Any]:
    """What is decided anew many times over, so on a sample only: the five parts, missing facts, the best cut-offs."""
    rulebook = load(plan.rulebook)
    frame = sample.take()
    day = plan.on or (frame.get_column("applied_on").max() if "applied_on" in frame.columns else last_day(rulebook))
    assert isinstance(day, date)
    book = rulebook.at(day)
    conditions = decision.find_conditions(frame.columns, book)
    fraud = [name for name, dated in rulebook.rules.items() if any(t and t.owner == FRAUD for _, t in dated.versions)]
    tell(f"the five parts, on {frame.height:,} rows by the rules of {day}")
    parts = backtest.measure_parts(frame, book, fraud_rules=fraud, default_loss_bps=loss)
    few = frame[backtest.choose_rows(frame.height, plan.missing_sample)]
    tell(f"missing facts, on {few.height:,} rows")
    missing = backtest.measure_missing(few, book, default_loss_bps=loss)
    found: dict[str, Any] = {
        "conditions": conditions,
        "sample": {"rows": frame.height, "rows_missing": few.height, "on": day.isoformat()},
        "parts": {name: asdict(figures) for name, figures in parts.items()},
        "missing": [asdict(loss) for loss in missing],
    }
    if plan.limits:
        tell("cut-offs")
        best = backtest.optimise(frame, book, plan.limits, default_loss_bps=loss, seed=plan.seed)
        limits = {one.name: one.most for one in plan.limits}
        found["proposal"] = {**asdict(best), "limits": limits, "table": backtest.write_tier_table(best)}
    return found


def _name_things(rulebook: decision.Rulebook, summary: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """What rules and labels are called, in both languages."""
    names: dict[str, Mapping[str, str]] = {}
    for row in summary["rules"]:
        texts = [text for _, text in rulebook.rules[row["rule"]].versions if text is not None]
        names[row["rule"]] = dict(texts[-1].description) if texts else {}
    for loss in summary["missing"]:
        label = labels.CATALOGUE.get(loss["label"])
        names[loss["label"]] = dict(label.meaning) if label is not None else {}
    return names


def _by(cases: backtest.Cases, groups: pl.Series) -> dict[str, Any]:
    return {name: asdict(figures) for name, figures in backtest.measure_by(cases, groups).items()}


def _name(rulebook: decision.Rulebook, plan: Plan) -> Mapping[str, Any]:
    return {
        "pack": rulebook.pack,
        "digest": rulebook.digest,
        "on": plan.on.isoformat() if plan.on else None,
        "change_days": len(rulebook.change_days),
    }
