"""The night rule in three versions, replayed on one population whose truth is known (docs/night.md)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from creditfactory import backtest, decision, rules
from creditfactory.gateways.populations import read_population
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.world.applications import make_past_applicant
from creditfactory.world.market import load_market

VERSIONS = {1: date(2025, 3, 1), 2: date(2025, 8, 1), 3: date(2026, 3, 1)}
RULEBOOK = load_rulebook("cn-night", locked=False)
NIGHT = pl.col("applied_minute_of_day").is_between(120, 299)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """One population with, for each version, whether a loan is offered and in which lane."""
    market = load_market("night")
    path = tmp_path_factory.mktemp("night") / "past.jsonl"
    lines = [json.dumps(make_past_applicant(market, 11, index), ensure_ascii=False) for index in range(2_500)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    read = list(read_population(path, RULEBOOK, rows=100_000, on=VERSIONS[3]))
    frame = backtest.tidy_population(pl.concat(read, how="diagonal_relaxed"), RULEBOOK.declarations, place=str(path))
    answers = {}
    for number, day in VERSIONS.items():
        decided = decision.decide_frame(frame, RULEBOOK.at(day))
        assert backtest.check_twins(frame, decided, RULEBOOK.at(day), backtest.choose_rows(frame.height, 60)) == 60
        answers[f"lends_{number}"] = decided["amount_cents"].fill_null(0) > 0
        answers[f"lane_{number}"] = decided["lane"].cast(pl.String)
    return frame.with_columns(**answers)


def bad_rate(rows: pl.DataFrame) -> float:
    return float(rows["bad"].mean())  # type: ignore[arg-type]


def test_version_one_rejects_the_whole_night(replayed: pl.DataFrame) -> None:
    """POL-01: from two to five nobody passes, however good; by night fewer would have paid back."""
    night, by_day = replayed.filter(NIGHT), replayed.filter(~NIGHT)
    assert night.height > 500 and not night["lends_1"].any() and set(night["lane_1"]) == {"decline"}
    assert bad_rate(night) > bad_rate(by_day)
    assert by_day["lends_1"].equals(by_day["lends_3"], check_names=False), "the night rule decides the night only"


@pytest.mark.parametrize("number", [2, 3])
def test_premium_labels_rescue_good_customers_for_later_review(replayed: pl.DataFrame, number: int) -> None:
    """POL-02, POL-03: whom a version lets through goes to later review, never to the instant lane, and pays back."""
    night = replayed.filter(NIGHT)
    rescued = night.filter(pl.col(f"lends_{number}"))
    assert rescued.height > 40 and set(rescued[f"lane_{number}"]) <= {"B", "C"}
    good = rescued.filter(~pl.col("bad")).height
    assert good > 0.8 * rescued.height, "most of those rescued are good customers"
    assert bad_rate(rescued) < 0.75 * bad_rate(night)


def test_version_three_reads_only_what_the_law_lets_decide() -> None:
    """POL-02: version 2 reads a protected attribute; version 3 and all that is live do not."""

    def reads(day: date) -> set[str]:
        return {name for rule in RULEBOOK.at(day).policy.rules for name in rules.names_read(rule.when)}

    assert "is_female" in reads(VERSIONS[2]) and "is_female" not in reads(VERSIONS[1]) | reads(VERSIONS[3])
    assert RULEBOOK.is_historical and not load_rulebook("cn-micro", locked=False).is_historical
    sex: Any = RULEBOOK.declarations["is_female"]
    assert sex.protected and load_rulebook("cn-micro", locked=False).declarations["is_female"].protected


def test_who_lacks_every_premium_label_stays_declined(replayed: pl.DataFrame) -> None:
    """POL-02: the exception is for premium labels alone."""
    plain = replayed.filter(NIGHT & ~pl.col("has_bachelor_degree"))
    assert not plain.filter(~pl.col("is_female"))["lends_2"].any()
    assert not plain.filter(~pl.col("owns_home"))["lends_3"].any()
    assert plain.height > 100
