"""The figures of a back-test, counted by hand beside."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from creditfactory import backtest
from creditfactory.decision import LANES, STATIONS
from creditfactory.kernel import BadInput, Refused
from creditfactory.rules import Declaration
from tests.properties.test_decision_columns import book_of, build_frame, people

LABELS = {"queries_3m": Declaration("queries_3m", "int", minimum=0), "owns_home": Declaration("owns_home", "bool")}


def build_cases(rows: list[dict[str, Any]], **population: list[Any]) -> backtest.Cases:
    """Decided applicants by hand: lane, amount, chance, rate; loss and profit follow as the test says."""
    decided = pl.DataFrame(
        [
            {
                "verdict": "decline" if r["lane"] == "decline" else "approve" if r["lane"] == "A" else "refer",
                "lane": r["lane"],
                "tier": r.get("tier", 1),
                "points": r.get("points", 600),
                "probability": r.get("chance", 0.1),
                "stopped_at": r.get("stopped_at", ""),
                "needs_facts": r.get("needs_facts", False),
                "product": "loan",
                "amount_cents": r.get("amount", 0),
                "annual_rate_bps": r.get("rate") if r.get("amount") else None,
                "term_months": 12,
                "expected_loss_cents": r.get("loss") if r.get("amount") else None,
                "profit_cents": r.get("profit") if r.get("amount") else None,
                "policy_lane": r.get("policy_lane", "A"),
                "would_amount_cents": r.get("amount", 0),
            }
            for r in rows
        ]
    ).with_columns(
        pl.col("lane", "policy_lane").cast(pl.Enum(list(LANES))),
        pl.col("stopped_at").cast(pl.Enum(list(STATIONS))),
    )
    return backtest.Cases(decided, pl.DataFrame(population), default_loss_bps=5_000)


SIX = [
    {"lane": "A", "amount": 1_000, "chance": 0.1, "rate": 2_000, "loss": 50, "profit": 100},
    {"lane": "B", "amount": 2_000, "chance": 0.2, "rate": 1_000, "loss": 80, "profit": 60},
    {"lane": "C", "amount": 0, "needs_facts": True},
    {"lane": "C", "amount": 4_000, "chance": 0.3, "rate": 2_400, "loss": 10, "profit": 20},
    {"lane": "decline", "stopped_at": "policy"},
    {"lane": "decline", "stopped_at": "lane"},
]
BESIDE: dict[str, list[Any]] = {
    "bad": [False, True, None, None, True, None],
    "lost_share_bps": [None, 2_500, None, None, None, None],
    "weight": [1.0, 2.0, 1.0, 1.0, 3.0, 1.0],
    "applied_on": [date(2026, month, day) for month, day in ((1, 5), (1, 5), (1, 6), (2, 1), (1, 6), (1, 6))],
}


def test_every_figure_by_hand() -> None:
    """POL-03, CRF: counts are weighted, outcomes counted on the known only."""
    figures = backtest.measure(build_cases(SIX, **BESIDE))
    assert (figures.rows, figures.applications, figures.offered, figures.declined) == (6, 9.0, 4.0, 4.0)
    assert figures.lanes == {"A": 1.0, "B": 2.0, "C": 2.0, "decline": 4.0}
    assert figures.approved == 1.0 and figures.needs_facts == 1.0
    assert figures.amount_cents == 1_000 + 2 * 2_000 + 4_000
    assert figures.annual_rate_average == pytest.approx((0.2 * 1_000 + 0.1 * 4_000 + 0.24 * 4_000) / 9_000)
    assert figures.expected_loss_cents == 50 + 2 * 80 + 10 and figures.profit_cents == 100 + 2 * 60 + 20
    outcome = figures.outcome
    assert outcome.known_share == pytest.approx(3 / 4) and outcome.bad_rate.value == pytest.approx(2 / 3)
    assert outcome.expected_bad_rate == pytest.approx((0.1 + 2 * 0.2 + 0.3) / 4)
    assert outcome.loss_cents == 2 * 500
    assert outcome.earned_cents == (100 + 50 - 0) + 2 * (60 + 80 - 500)


def test_a_bad_loan_without_its_loss_loses_what_the_price_assumes() -> None:
    cases = build_cases(SIX[:2], bad=[True, True], lost_cents=[None, 77])
    assert cases.loss.tolist() == [500.0, 77.0]


def test_people_work_by_the_day() -> None:
    """DEC-05, DEC-06: a call in lanes B and C, a visit in lane C; nothing for who is declined."""
    work = backtest.measure(build_cases(SIX, **BESIDE)).workload
    assert (work.calls, work.visits, work.days) == (4.0, 2.0, 3)
    assert work.calls_a_day == pytest.approx(4 / 3) and work.visits_a_day_p95 == 1.0
    called, visited = (sum(backtest.MINUTES[lane].values()) for lane in ("B", "C"))
    assert work.minutes == 2 * called + 2 * visited


def test_the_funnel_only_narrows_and_ends_at_the_machine() -> None:
    funnel = backtest.measure_funnel(build_cases(SIX, **BESIDE))
    counts = list(funnel.values())
    assert counts[0] == 9.0 and counts == sorted(counts, reverse=True)
    assert funnel["policy"] == 6.0 and funnel["lane"] == 5.0 and funnel["approved_by_machine"] == 1.0


def test_nothing_known_is_said_as_nothing() -> None:
    """Where nobody's fate is known no bad rate is made up."""
    outcome = backtest.measure(build_cases(SIX)).outcome
    assert outcome.bad_rate.value is None and outcome.loss_cents is None and outcome.known_share == 0.0


def test_a_swap_set_by_hand() -> None:
    """POL-05: who is in and who is out, each group with its own bad rate."""
    before = build_cases(SIX, **BESIDE)
    other = [*SIX[:1], {"lane": "decline", "stopped_at": "policy"}, *SIX[2:4], SIX[1], SIX[5]]
    after = build_cases(other, **BESIDE)
    swap = backtest.compare(before, after)
    assert {name: cell.applications for name, cell in swap.cells.items()} == {
        "in_in": 2.0, "in_out": 2.0, "out_in": 3.0, "out_out": 2.0,
    }  # fmt: skip
    assert swap.cells["in_out"].bad_rate.value == 1.0 and swap.cells["out_in"].bad_rate.value == 1.0
    assert swap.cells["in_in"].bad_rate.value == 0.0 and swap.cells["in_in"].known_share == pytest.approx(0.5)
    assert swap.cells["in_out"].profit_cents == 2 * 60 and swap.cells["out_in"].profit_cents == 3 * 60


def test_a_swap_set_against_the_past() -> None:
    cases = build_cases(SIX, approved_before=[True, True, True, False, True, None])
    past = backtest.compare_with_past(cases)
    assert past is not None
    assert {name: cell.rows for name, cell in past.cells.items()} == {
        "in_in": 2,
        "in_out": 2,
        "out_in": 1,
        "out_out": 1,
    }
    assert backtest.compare_with_past(build_cases(SIX)) is None


def test_wilson_is_that_of_the_books() -> None:
    """Newcombe 1998, method 3: 81 of 263 gives 0.2553 to 0.3662."""
    assert backtest.wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    light = backtest.measure_share(np.array([True, False]), np.array([1.0, 1.0]))
    heavy = backtest.measure_share(np.array([True, False]), np.array([1e6, 1e6]))
    assert light == heavy


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"bad": ["yes", "no"]}, "column bad"),
        ({"weight": [1.0, 0.0]}, "column weight"),
        ({"applied_on": ["2026-02-30", "2026-01-01"]}, "column applied_on"),
        ({"lost_share_bps": [5, -1]}, "column lost_share_bps"),
        ({"gate_verdict": ["pass", "maybe"]}, "column gate_verdict"),
    ],
)
def test_a_population_that_cannot_be_read_is_refused_by_its_column(columns: dict[str, list[Any]], found: str) -> None:
    with pytest.raises(BadInput, match=found):
        backtest.tidy_population(pl.DataFrame({"queries_3m": [1, 2], **columns}), LABELS, place="past.csv")


def test_no_label_at_all_is_no_population() -> None:
    with pytest.raises(BadInput, match="no column that is a label"):
        backtest.tidy_population(pl.DataFrame({"name": ["x"]}), LABELS, place="past.csv")
    assert backtest.find_strangers(["querys_3m", "colour"], LABELS) == {"querys_3m": "queries_3m"}


def test_a_whole_number_kept_as_a_fraction_is_one_again_and_a_real_fraction_is_not() -> None:
    tidy = backtest.tidy_population(pl.DataFrame({"queries_3m": [2.0, None]}), LABELS, place="p")
    assert tidy.get_column("queries_3m").to_list() == [2, None]
    left = backtest.tidy_population(pl.DataFrame({"queries_3m": [2.5, 1.0]}), LABELS, place="p")
    assert left.get_column("queries_3m").dtype == pl.Float64


@pytest.mark.parametrize("text", ["", "bad_rate<0.1", "luck<=1", "bad_rate<=2", "visits_per_day<=1,visits_per_day<=2"])
def test_limits_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--optimise"):
        backtest.read_ceilings(text)


def test_a_difference_between_the_two_ways_stops_everything() -> None:
    """POL-04: no figure is told that the live decision would not bear out."""
    frame, book = build_frame("cn-micro", list(people()[:20])), book_of("cn-micro")
    decided = backtest_decide(frame)
    assert backtest.check_twins(frame, decided, book, list(range(20))) == 20
    wrong = decided.with_columns((pl.col("amount_cents") + 1).alias("amount_cents"))
    with pytest.raises(Refused, match="amount_cents: one by one"):
        backtest.check_twins(frame, wrong, book, [3])


def backtest_decide(frame: pl.DataFrame) -> pl.DataFrame:
    from creditfactory.decision import decide_frame

    return decide_frame(frame, book_of("cn-micro"))


def test_a_sample_is_the_same_however_the_population_is_cut() -> None:
    whole = pl.DataFrame({"n": range(1_000)})

    def sample(size: int) -> list[int]:
        kept = backtest.Sample(50)
        for _ in kept.watch(whole.slice(start, size) for start in range(0, 1_000, size)):
            pass
        return kept.take().get_column("n").to_list()

    assert sample(1_000) == sample(37) == sample(8) and len(sample(37)) == 50
    assert max(np.diff(sample(37))) < 120
