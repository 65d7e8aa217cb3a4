"""Firms tied by the customers and suppliers they share: counted right, hubs folded, measured without giving away."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from creditfactory.batches import firm_ties

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sme-invoices"
FIRMS = (("E1", "One", True), ("E2", "Two", False), ("E3", "Three", None), ("E4", "Four", False))


def draw(*rows: tuple[str, str, str], void: tuple[str, str, str] | None = None) -> pl.DataFrame:
    told = [(*row, False) for row in rows] + ([(*void, True)] if void else [])
    return pl.DataFrame(told, schema=["firm", "direction", "party", "is_void"], orient="row")


def test_who_shares_customers_and_suppliers_is_counted_by_side() -> None:
    """LAB-05: the counterparty graph of the firms, void invoices left out."""
    graph = firm_ties.tie_firms(
        draw(
            ("E1", "output", "B1"), ("E1", "output", "B1"), ("E2", "output", "B1"), ("E2", "input", "A1"),
            ("E1", "input", "A1"), ("E3", "input", "B1"), void=("E4", "output", "B1"),
        )
    )  # fmt: skip
    rows = {(row["firm"], row["other"]): row for row in graph.pairs.iter_rows(named=True)}
    assert (rows["E1", "E2"]["buyers"], rows["E1", "E2"]["suppliers"], rows["E1", "E2"]["shared"]) == (1, 1, 2)
    assert (rows["E1", "E3"]["buyers"], rows["E1", "E3"]["suppliers"], rows["E1", "E3"]["shared"]) == (0, 0, 1)
    assert rows["E1", "E2"]["weight"] == pytest.approx(1.5) == rows["E2", "E1"]["weight"]
    assert not any("E4" in pair for pair in rows)
    frame = pl.DataFrame(FIRMS, schema=["firm", "name", "defaulted"], orient="row")
    around = {row["firm"]: row for row in firm_ties.sum_neighbours(graph, frame).iter_rows(named=True)}
    assert (around["E2"]["neighbours"], around["E2"]["known"], around["E2"]["defaults"]) == (2, 1, 1)
    assert firm_ties.list_neighbours(graph, frame).filter(pl.col("firm") == "E1")["other"].to_list() == ["E2", "E3"]


def test_a_counterparty_of_many_ties_nobody() -> None:
    everyone = [(f"E{n}", "output", "Power") for n in range(firm_ties.HUB + 1)]
    graph = firm_ties.tie_firms(draw(*everyone))
    assert (graph.hubs, graph.pairs.height) == (1, 0)
    assert firm_ties.tie_firms(draw(*everyone[:-1])).pairs.height == firm_ties.HUB * (firm_ties.HUB - 1)


def test_the_graph_stands_in_the_networks_index() -> None:
    """GRA-01: the same index as the applications': firms by what they share, defaults around them."""
    graph = firm_ties.tie_firms(draw(("E1", "output", "B1"), ("E2", "output", "B1"), ("E3", "input", "A9")))
    index, numbers = firm_ties.load_network(graph, FIRMS)
    assert index.applications == 4
    later = datetime(2020, 1, 3, tzinfo=UTC)
    seen = index.look_around(numbers["E2"], as_of=later).values
    assert (seen["network__company__others__all"], seen["network__company__bads__all"]) == (1, 1)
    assert index.look_around(numbers["E3"], as_of=later).values["network__company__others__all"] is None


def test_defaults_dealt_blindly_among_all_neighbours_tell_nothing() -> None:
    """Where all are tied to all, leaving a firm's own outcome out gives it away: the dealt measure shows it."""
    chance = np.random.default_rng(5)
    bad = chance.random(90) < 0.25
    weights = np.ones((90, 90)) - np.eye(90)
    assert firm_ties._auc(firm_ties.share_bads(weights, bad), bad) == 0.0
    dealt = firm_ties._deal(weights, bad, np.arange(90.0))
    assert dealt == {"dealt_mean": 0.0, "chance": 1.0}


@pytest.mark.skipif(not SHARED.exists(), reason="the public set of SME invoices is not beside the repository")
def test_the_real_firms_are_tied_and_measured_as_said() -> None:
    """LAB-05, GRA-01: 425 firms; the plain share tells nothing that luck would not, the weighed one somewhat more."""
    told = firm_ties.measure_ties(SHARED)
    assert (told["firms"], told["labelled"], told["defaulted"]) == (425, 123, 27)
    assert told["auc"]["share"]["chance"] > 0.2
    assert told["auc"]["weighed_share"]["low"] > 0.5 and told["auc"]["weighed_share"]["chance"] < 0.05
    assert told["auc"]["few_neighbours"]["auc"] > told["auc"]["weighed_share"]["auc"]
