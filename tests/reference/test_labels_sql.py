"""The same labels as SQL: one long statement in DuckDB gives what the kernel gives, corrections and reach included."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory.labels.computing import plan_pack
from creditfactory.labels.long_sql import write_settling, write_sql
from creditfactory.labels.planning import Plan
from creditfactory.labels.reference_table import LAST_DAY, make_reference_table
from creditfactory.labels.tables import DAY, Table, join_tables
from tests.properties.test_labels_engine import END, EVENTS, Lines, make_events, make_plan, tell_fast


def load_table(base: duckdb.DuckDBPyConnection, table: Table, as_of: int) -> None:
    """A table and its reach as relations."""
    columns = list(table.shape.columns)
    base.execute(
        f"CREATE OR REPLACE TABLE events (applicant INT, happened BIGINT, amount BIGINT, party INT"
        f"{''.join(f', word_{column} VARCHAR' for column in columns)})"
    )
    base.execute("CREATE OR REPLACE TABLE reach (applicant INT, reaches_from BIGINT, reaches_to BIGINT, as_of BIGINT)")
    for one in range(len(table)):
        first, last = int(table.offsets[one]), int(table.offsets[one + 1])
        rows = [
            (
                one, int(table.happened[i]), int(table.amounts[i]),
                int(table.party[i]) if table.party[i] >= 0 else None,
                *(words[int(table.words[row, i])] for row, words in enumerate(table.shape.columns.values())),
            )
            for i in range(first, last)
        ]  # fmt: skip
        if rows:
            base.executemany(f"INSERT INTO events VALUES ({', '.join('?' * len(rows[0]))})", rows)
        base.execute(
            "INSERT INTO reach VALUES (?, ?, ?, ?)",
            [one, int(table.reaches_from[one]), int(table.reaches_to[one]), as_of],
        )


def ask(base: duckdb.DuckDBPyConnection, plan: Plan, size: int) -> list[list[tuple[int | None, str]]]:
    """The statement's answer in the order of the plan."""
    rows = base.execute(write_sql(plan)).fetchall()
    told: dict[tuple[int, str], tuple[int | None, str]] = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    assert len(told) == len(rows) == size * len(plan.parts)
    return [[told[one, part.label.name] for part in plan.parts] for one in range(size)]


def differ(plan: Plan, left: list[Any], right: list[Any]) -> list[Any]:
    return [
        (one, part.label.name, a, b)
        for one, (row, other) in enumerate(zip(left, right, strict=True))
        for part, a, b in zip(plan.parts, row, other, strict=True)
        if a != b
    ]


@pytest.mark.parametrize(("kind", "missing"), [("days", "whole_window"), ("months", "what_is_there")])
@pytest.mark.parametrize("ends", ["record", "as_of"])
@settings(max_examples=12, deadline=None)
@given(
    data=st.lists(st.tuples(EVENTS, st.sampled_from((20, 95, 500)), st.sampled_from((0, 3))), min_size=1, max_size=3)
)
def test_the_statement_gives_what_the_kernel_gives(
    kind: str, missing: str, ends: str, data: list[tuple[Lines, int, int]]
) -> None:
    """LAB-01: every measure and every reason why one is unknown."""
    plan = make_plan(kind, ends, missing)
    table = join_tables(plan.shape, [*(make_events(plan.shape, *one) for one in data), None])
    with duckdb.connect() as base:
        load_table(base, table, END)
        assert differ(plan, ask(base, plan, len(table)), tell_fast(plan, table)) == []


@pytest.mark.parametrize("plan", plan_pack("cn-micro").plans, ids=lambda plan: plan.shape.code)
def test_every_family_gives_the_same_as_sql(plan: Plan) -> None:
    """LAB-01: all labels of all families on a table in which every cut finds something."""
    as_of = (LAST_DAY + 1) * DAY - 1
    table = make_reference_table(plan, lines=600)
    with duckdb.connect() as base:
        load_table(base, table, as_of)
        assert differ(plan, ask(base, plan, 1), tell_fast(plan, table, as_of)) == []


def test_corrections_handed_in_later_are_not_seen_earlier() -> None:
    """Of each account the latest statement known by the instant; a correction goes before what it corrects."""
    plan = make_plan("days", "record", "whole_window")
    count = next(part.label.name for part in plan.parts if part.label.name == "tried__all__sum_cents__30d")
    with duckdb.connect() as base:
        base.execute(
            "CREATE TABLE reports "
            "(applicant INT, record INT, report INT, known_at BIGINT, reaches_from BIGINT, reaches_to BIGINT)"
        )
        base.execute(
            "CREATE TABLE lines "
            "(report INT, happened BIGINT, amount BIGINT, party INT, word_sort VARCHAR, word_side VARCHAR)"
        )
        base.execute("CREATE TABLE asked (applicant INT, known_by BIGINT, as_of BIGINT)")
        reach = (END - 60 * DAY, END + DAY)
        base.executemany(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?)",
            [(1, 7, 1, 100, *reach), (1, 7, 2, 200, *reach), (1, 8, 3, 150, *reach)],
        )
        base.executemany(
            "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)",
            [(1, END - 5, 500, 1, "sale", "in"), (2, END - 5, 900, 1, "sale", "in"), (3, END - 9, 40, 2, "sale", "in")],
        )
        base.execute(write_settling(("sort", "side")))
        for known_by, total in ((99, None), (100, 500), (149, 500), (150, 540), (199, 540), (200, 940)):
            base.execute("DELETE FROM asked")
            base.execute("INSERT INTO asked VALUES (1, ?, ?)", [known_by, END])
            row = base.execute(
                f"SELECT value FROM ({write_sql(plan).rsplit('ORDER BY', 1)[0]}) WHERE label = ?", [count]
            )
            assert row.fetchone() == (total,), known_by


def test_the_warehouse_dialect_differs_only_where_it_must() -> None:
    """Spark SQL: whole division, dates and long numbers are its own; nothing of the other engine is left."""
    plan = make_plan("months", "record", "whole_window")
    text = write_sql(plan, dialect="spark")
    assert "//" not in text
    assert "HUGEINT" not in text
    assert "INTERVAL" not in text
    assert text.count("add_months") > 0
