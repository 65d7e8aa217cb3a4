"""One and many decide alike: columns answer as one decision does, whatever is unknown, broken or extreme."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import decision, rules
from creditfactory.decision.by_labels import CHECKS
from creditfactory.decision.column_offers import PARTS
from creditfactory.decision.limits import PARTS as LIVE_PARTS
from creditfactory.gateways.populations import DTYPES, read_line
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.world import load_market, make_dossier

DAYS = {"cn-micro": date(2026, 7, 1), "us-sba": date(2006, 7, 1)}
WRONG: dict[str, Any] = {"int": pl.Float64, "float": pl.String, "bool": pl.Int64, "str": pl.Int64, "date": pl.Int64}
PEOPLE = 60


@cache
def book_of(pack: str) -> decision.Book:
    return load_rulebook(pack, locked=False).at(DAYS[pack])


@cache
def people() -> tuple[dict[str, Any], ...]:
    """Labels of applicants of the simulated market: sound ones and others, as they come."""
    rulebook, market = load_rulebook("cn-micro", locked=False), load_market("cn-micro")
    lines = (json.dumps(make_dossier(market, 7, index), ensure_ascii=False).encode() for index in range(PEOPLE))
    rows = [read_line(line, rulebook, DAYS["cn-micro"], place="market") for line in lines]
    names = (*rulebook.declarations, *CHECKS)
    return tuple({**{name: row.get(name) for name in names}, "list_verdict": "clear"} for row in rows)


@cache
def turns(pack: str) -> dict[str, list[Any]]:
    return {name: sorted(values, key=repr) for name, values in decision.find_turning_points(book_of(pack)).items()}


def values_for(pack: str, declared: rules.Declaration) -> st.SearchStrategy[Any]:
    """Values of a label: unknown, at a turning point or a step beside it, anywhere in its range, or beyond it."""
    near = turns(pack).get(declared.name, [])
    if declared.type == "bool":
        return st.sampled_from([None, True, False])
    if declared.type == "int":
        points = [int(p) + d for p in near if isinstance(p, int | float) for d in (-1, 0, 1)] or [0]
        low, high = int(declared.lowest), int(declared.highest)
        extremes = [low - 1, low, high, high + 1, -(2**62), 2**62]
        return st.one_of(st.none(), st.sampled_from(points), st.integers(low, high), st.sampled_from(extremes))
    if declared.type == "float":
        points = [float(p) for p in near if isinstance(p, int | float)] or [0.5]
        return st.one_of(st.none(), st.sampled_from(points), st.floats(0, 2), st.just(float("nan")))
    words = [*declared.words, *(w for w in near if isinstance(w, str)), "no such word"]
    return st.one_of(st.none(), st.sampled_from(words))


@st.composite
def rows_of(draw: st.DrawFn, pack: str) -> list[dict[str, Any]]:
    declared = book_of(pack).declarations
    rows = []
    for _ in range(draw(st.integers(1, 12))):
        if pack == "cn-micro":
            row = dict(draw(st.sampled_from(people())))
        else:
            row = {name: draw(values_for(pack, d)) for name, d in declared.items()}
            row |= {name: draw(st.sampled_from([None, *words])) for name, words in CHECKS.items()}
            row["sba_amount_cents"] = draw(st.sampled_from([5_000_000, 25_000_000, 120_000_000, None]))
        for name in draw(st.lists(st.sampled_from(sorted(declared)), max_size=4)):
            row[name] = draw(values_for(pack, declared[name]))
        for name in draw(st.lists(st.sampled_from(sorted(CHECKS)), max_size=1)):
            row[name] = draw(st.sampled_from([None, *CHECKS[name]]))
        rows.append(row)
    return rows


def build_frame(pack: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = {name: DTYPES[d.type] for name, d in book_of(pack).declarations.items()}
    schema |= {name: pl.String for name in rows[0] if name not in schema}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def each_difference(frame: pl.DataFrame, book: decision.Book) -> Iterator[tuple[int, str, Any, Any]]:
    decided = decision.decide_frame(frame, book)
    assert decided.height == frame.height
    for place, facts in enumerate(frame.iter_rows(named=True)):
        many = decided.row(place, named=True)
        for name, one in decision.as_row(decision.decide_labels(facts, book)).items():
            found = rules.VERDICTS[many[name]] if name.startswith("rule:") else many[name]
            if found != one:
                yield place, name, one, found


@pytest.mark.parametrize("pack", sorted(DAYS))
@settings(max_examples=60)
@given(st.data())
def test_many_are_decided_as_one(pack: str, data: st.DataObject) -> None:
    """POL-04, SCR-01, SCR-05, DEC-08: policy, cards, tier, lane, product, limit, price and worth, value by value."""
    frame = build_frame(pack, data.draw(rows_of(pack)))
    assert list(each_difference(frame, book_of(pack))) == []


@pytest.mark.parametrize("pack", sorted(DAYS))
@settings(max_examples=40)
@given(st.data())
def test_columns_that_are_gone_or_of_another_type_read_as_one_reads_them(pack: str, data: st.DataObject) -> None:
    """A column that is not there is unknown everywhere, one of another type broken wherever it is filled."""
    book = book_of(pack)
    frame = build_frame(pack, data.draw(rows_of(pack)))
    names = sorted(book.declarations)
    frame = frame.drop(data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True)), strict=False)
    for name in data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
        if name in frame.columns:
            frame = frame.with_columns(pl.col(name).cast(WRONG[book.declarations[name].type], strict=False))
    frame = frame.drop([name for name in CHECKS if data.draw(st.booleans())], strict=False)
    assert list(each_difference(frame, book)) == []


def test_the_difference_would_be_seen() -> None:
    """A twin that errs by one unit anywhere is caught: the property is able to fail."""
    book = book_of("cn-micro")
    frame = build_frame("cn-micro", list(people()))
    other = load_rulebook("cn-micro", locked=False).at(DAYS["cn-micro"])
    object.__setattr__(
        other, "parameters", {**other.parameters, "operating_bps": other.parameters["operating_bps"] + 12}
    )
    many = decision.decide_frame(frame, other)
    rates = [decision.as_row(decision.decide_labels(f, book))["annual_rate_bps"] for f in frame.iter_rows(named=True)]
    assert many.get_column("annual_rate_bps").to_list() != rates


def test_the_sample_reaches_every_answer() -> None:
    """The applicants that the property starts from are approved, referred to both lanes, and declined."""
    decided = decision.decide_frame(build_frame("cn-micro", list(people())), book_of("cn-micro"))
    assert set(decided.get_column("lane").to_list()) == {"A", "B", "C", "decline"}
    assert (decided.get_column("amount_cents") > 0).sum() > PEOPLE // 4


def test_every_part_of_a_limit_has_a_form_in_columns() -> None:
    """SCR-05, DEC-08: a new part of the limit cannot be forgotten in back-tests."""
    assert set(PARTS) == set(LIVE_PARTS)


def test_a_frame_without_rows_is_decided() -> None:
    assert decision.decide_frame(build_frame("cn-micro", list(people())).head(0), book_of("cn-micro")).height == 0
