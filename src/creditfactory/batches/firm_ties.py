"""Firms tied by the customers and suppliers they share: their invoices' counterparties as a network of its own.

A counterparty that many firms have (a utility, a bank, a tax office) ties none of them.
What is known of a firm is whether it defaulted; the set says nothing of when, so nothing here is as of an instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.gateways import sme_invoices
from creditfactory.network import NetworkIndex, Tie, Turned

HUB = 20
"""A counterparty of more firms than this is a hub."""
KEPT = 20
_AT = datetime(2020, 1, 1, tzinfo=UTC)
DRAWS = 2_000
DEALS = 1_000
Grid = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmTies:
    """The graph: each pair of firm and counterparty once, and which firms each of them is tied to, strongest first."""

    ties: pl.DataFrame
    pairs: pl.DataFrame
    hubs: int


def tie_firms(invoices: pl.DataFrame) -> FirmTies:
    """Which firms share counterparties, by invoices that stand; each shared one weighs less the more firms know it."""
    ties = (
        invoices.filter(~pl.col("is_void"))
        .group_by("firm", "party")
        .agg(sells=(pl.col("direction") == "output").any(), buys=(pl.col("direction") == "input").any())
        .with_columns(firms=pl.len().over("party"))
        .sort("firm", "party")
    )
    hubs = ties.filter(pl.col("firms") > HUB)["party"].n_unique()
    shared = ties.filter((pl.col("firms") > 1) & (pl.col("firms") <= HUB))
    other = shared.select(
        pl.col("firm").alias("other"), "party", pl.col("sells").alias("o_sells"), pl.col("buys").alias("o_buys")
    )
    pairs = (
        shared.join(other, on="party")
        .filter(pl.col("firm") != pl.col("other"))
        .group_by("firm", "other")
        .agg(
            buyers=(pl.col("sells") & pl.col("o_sells")).sum().cast(pl.Int64),
            suppliers=(pl.col("buys") & pl.col("o_buys")).sum().cast(pl.Int64),
            shared=pl.len().cast(pl.Int64),
            weight=(1.0 / (pl.col("firms") - 1)).sum(),
        )
        .sort(["firm", "weight", "other"], descending=[False, True, False])
    )
    return FirmTies(ties=ties, pairs=pairs, hubs=hubs)


def load_network(
    graph: FirmTies, firms: tuple[tuple[str, str, bool | None], ...]
) -> tuple[NetworkIndex, dict[str, int]]:
    """The same graph in the network's index: a firm is an application, a counterparty a company it touches."""
    numbers = {code: place for place, (code, _, _) in enumerate(firms, start=1)}
    index = NetworkIndex()
    index.add([Tie(number, "person", code, _AT + number * timedelta(seconds=1)) for code, number in numbers.items()])
    index.add([
        Tie(numbers[row["firm"]], "company", row["party"], _AT + numbers[row["firm"]] * timedelta(seconds=1))
        for row in graph.ties.filter((pl.col("firms") > 1) & (pl.col("firms") <= HUB)).iter_rows(named=True)
    ])  # fmt: skip
    index.turn([Turned(numbers[code], _AT + timedelta(days=1)) for code, _, defaulted in firms if defaulted])
    return index, numbers


def list_neighbours(graph: FirmTies, firms: pl.DataFrame) -> pl.DataFrame:
    """Each firm's strongest neighbours with what is known of them: the table that a firm's page shows."""
    known = firms.select(pl.col("firm").alias("other"), "name", "defaulted")
    return graph.pairs.group_by("firm", maintain_order=True).head(KEPT).join(known, on="other", how="left")


def sum_neighbours(graph: FirmTies, firms: pl.DataFrame) -> pl.DataFrame:
    """Each firm's neighbours in figures: how many, how many with a known outcome, how many of them defaulted."""
    known = firms.select(pl.col("firm").alias("other"), "defaulted")
    return (
        graph.pairs.join(known, on="other", how="left")
        .group_by("firm")
        .agg(
            neighbours=pl.len().cast(pl.Int64),
            known=pl.col("defaulted").is_not_null().sum().cast(pl.Int64),
            defaults=pl.col("defaulted").sum().cast(pl.Int64),
            weight=pl.col("weight").filter(pl.col("defaulted").is_not_null()).sum(),
            bad_weight=pl.col("weight").filter(pl.col("defaulted")).sum(),
        )
        .sort("firm")
    )


def measure_ties(folder: Path) -> dict[str, Any]:
    """How well known defaults among a firm's neighbours tell whether it defaulted itself, and what luck and size do.

    Each firm is told by the others' outcomes, never its own. That alone pushes a measure below one half where most
    firms are tied to most, because a firm that defaulted has one default fewer around it; so each measure stands
    beside what it is when outcomes are dealt anew among firms of like size (thirds by ties), and beside the number of
    neighbours alone. ``chance`` is how often dealing gives as much. The interval is of 2,000 redraws of the firms.
    """
    whole = sme_invoices.read_sme_firms(folder)
    graph = tie_firms(whole.invoices)
    labelled = {code: defaulted for code, _, defaulted in whole.firms if defaulted is not None}
    places = {code: place for place, code in enumerate(labelled)}
    bad = np.array(list(labelled.values()))
    weights = np.zeros((len(bad), len(bad)))
    for row in graph.pairs.filter(pl.col("firm").is_in(list(places)) & pl.col("other").is_in(list(places))).iter_rows(
        named=True
    ):
        weights[places[row["firm"]], places[row["other"]]] = row["weight"]
    index, numbers = load_network(graph, whole.firms)
    seen = [index.look_around(numbers[code], as_of=_AT + timedelta(days=2)).values for code in labelled]
    near = np.array([float(view["network__proximity__bads__all"] or 0) for view in seen])
    neighbours = np.array([float((graph.pairs["firm"] == code).sum()) for code in labelled])
    return {
        "firms": len(whole.firms), "labelled": len(bad), "defaulted": int(bad.sum()),
        "counterparties": graph.ties["party"].n_unique(), "ties": graph.ties.height, "hubs_folded": graph.hubs,
        "tied_firms": graph.pairs["firm"].n_unique(), "with_known_neighbour": int((weights.sum(axis=1) > 0).sum()),
        "known_neighbours_median": float(np.median((weights > 0).sum(axis=1))),
        "auc": {
            "share": _measure(share_bads((weights > 0).astype(float), bad), bad)
            | _deal((weights > 0).astype(float), bad, neighbours),
            "weighed_share": _measure(share_bads(weights, bad), bad) | _deal(weights, bad, neighbours),
            "closeness_to_bads": _measure(near, bad),
            "few_neighbours": _measure(-neighbours, bad),
        },
    }  # fmt: skip


def share_bads(weights: Grid, bad: NDArray[np.bool_]) -> Grid:
    """Each row's share of defaults among its neighbours by weight, drawn to the share of all where it has few.

    >>> share_bads(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([True, False])).tolist()
    [0.25, 0.75]
    """
    rest = bad.mean()  # one for all: a rest without the firm's own outcome would give that outcome away
    found: Grid = (weights @ bad + rest) / (weights.sum(axis=1) + 1)
    return found


def _deal(weights: Grid, bad: NDArray[np.bool_], size: Grid) -> dict[str, float]:
    """The measure when outcomes are dealt anew among firms of like size, and how often that gives as much."""
    chance = np.random.default_rng(0)
    thirds = np.searchsorted(np.quantile(size, [1 / 3, 2 / 3]), size)
    real = _auc(share_bads(weights, bad), bad)
    dealt = []
    for _ in range(DEALS):
        anew = bad.copy()
        for third in range(3):
            rows = np.flatnonzero(thirds == third)
            anew[rows] = bad[chance.permutation(rows)]
        dealt.append(_auc(share_bads(weights, anew), anew))
    as_much = (1 + sum(one >= real for one in dealt)) / (1 + DEALS)
    return {"dealt_mean": round(float(np.mean(dealt)), 3), "chance": round(as_much, 3)}


def _measure(values: Grid, bad: NDArray[np.bool_]) -> dict[str, float]:
    """The chance that of two firms the one that defaulted has the higher value, and its 95 per cent interval."""
    chance = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        rows = chance.integers(0, len(bad), len(bad))
        if 0 < bad[rows].sum() < len(rows):
            drawn.append(_auc(values[rows], bad[rows]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"auc": round(_auc(values, bad), 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def _auc(values: Grid, bad: NDArray[np.bool_]) -> float:
    bads, goods = values[bad][:, None], values[~bad][None, :]
    return float(((bads > goods) + 0.5 * (bads == goods)).mean())
