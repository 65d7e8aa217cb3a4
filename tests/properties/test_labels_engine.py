"""One definition, several runs: the compiled kernel, alone and in columns, gives what the plain reference gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditfactory.labels import plain_reference
from creditfactory.labels.family import EVER, MEASURES, Cut, Family, days_back, months_back
from creditfactory.labels.kernels import measure_spread
from creditfactory.labels.planning import WHY_CODES, Plan, measure, plan_labels
from creditfactory.labels.tables import DAY, SUM_MAX, Shape, Table, join_tables, make_table

SORTS = ("sale", "wage", "loan")
SIDES = ("in", "out")
END = 20_000 * DAY + 14 * 60 + 30
LENGTHS = (1, 30, 60, 90)


def make_shape(ends: str) -> Shape:
    """A source with two columns of words."""
    return Shape(
        code=f"tried_{ends}", source="bank_statement", absent="no_statement", ends=ends,  # type: ignore[arg-type]
        columns={"sort": SORTS, "side": SIDES}, read=lambda known: None,
    )  # fmt: skip


CUTS = (
    Cut(code="all", en="all", zh="全部", where={}),
    Cut(code="sale", en="sales", zh="销售", where={"sort": ("sale",)}),
    Cut(code="sale_in", en="sales in", zh="销售入账", where={"sort": ("sale",), "side": ("in",)}),
    Cut(code="cost", en="costs", zh="支出", where={"sort": ("wage", "loan"), "side": ("out",)}),
)


@cache
def make_plan(kind: str, ends: str, missing: str) -> Plan:
    """All measures over all windows, of days or of months."""
    windows = (*days_back(*LENGTHS), EVER) if kind == "days" else (*months_back(1, 2, 3), EVER)
    return plan_labels(
        [
            Family(
                code="tried", shape=make_shape(ends), en="Tried", zh="试", cuts=CUTS, windows=windows, whole="all",
                measures=MEASURES, owner="tests", legal_basis="none", sensitivity="internal", missing=missing,  # type: ignore[arg-type]
            )
        ]
    )  # fmt: skip


AGES = st.one_of(
    st.integers(-3 * DAY, 500 * DAY),
    st.builds(lambda length, more: length * DAY + more, st.sampled_from((*LENGTHS, 120, 180)), st.integers(-2, 2)),
    st.integers(-2, 2),
)
AMOUNTS = st.one_of(
    st.integers(-(10**7), 10**7), st.sampled_from((0, 1, -1, 100, 300, SUM_MAX // 4, SUM_MAX, -SUM_MAX, 2**30, 10**20))
)
EVENTS = st.lists(
    st.tuples(AGES, AMOUNTS, st.sampled_from(("", "a", "b", "c")), st.sampled_from(SORTS), st.sampled_from(SIDES)),
    max_size=40,
)
Lines = list[tuple[int, int, str, str, str]]


def make_events(shape: Shape, lines: Lines, reach_days: int, stale_days: int) -> Table:
    """A table from the ages of its events; minutes are given with the day."""
    at = [END - age for age, *_ in lines]
    return make_table(
        shape,
        days=[minute // DAY for minute in at],
        minutes=[minute % DAY for minute in at],
        amounts=[amount for _, amount, *_ in lines],
        parties=[party for _, _, party, *_ in lines],
        words={"sort": [line[3] for line in lines], "side": [line[4] for line in lines]},
        reaches_from=END // DAY - reach_days,
        reaches_to=END // DAY - stale_days,
    )


def tell_fast(plan: Plan, table: Table, as_of: int = END) -> list[list[tuple[int | None, str]]]:
    """The kernel's answer in the reference's form."""
    values, why = measure(plan, table, np.full(len(table), as_of, np.int64))
    codes = [plan.shape.absent if place == 1 else code for place, code in enumerate(WHY_CODES)]
    return [
        [(None, codes[c]) if c else (v, "") for v, c in zip(row, unknown, strict=True)]
        for row, unknown in zip(values.tolist(), why.tolist(), strict=True)
    ]


def compare(plan: Plan, table: Table, as_of: int = END) -> None:
    fast = tell_fast(plan, table, as_of)
    for one in range(len(table)):
        slow = plain_reference.tell_all(plan, table, one, as_of)
        for part, quick, plain in zip(plan.parts, fast[one], slow, strict=True):
            assert quick == plain, (part.label.name, quick, plain)


@pytest.mark.parametrize("missing", ["whole_window", "what_is_there"])
@pytest.mark.parametrize("ends", ["record", "as_of"])
@pytest.mark.parametrize("kind", ["days", "months"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=EVENTS, reach=st.sampled_from((0, 29, 30, 31, 89, 90, 91, 180, 600)), stale=st.sampled_from((0, 1, 40)))
def test_the_kernel_equals_the_plain_reference(
    kind: str, ends: str, missing: str, lines: Lines, reach: int, stale: int
) -> None:
    """LAB-01: every measure over every window, with the reasons why one is unknown, window edges to the minute."""
    plan = make_plan(kind, ends, missing)
    compare(plan, make_events(plan.shape, lines, reach, stale))


@pytest.mark.parametrize("kind", ["days", "months"])
@settings(max_examples=40, deadline=None)
@given(
    data=st.lists(st.tuples(EVENTS, st.sampled_from((20, 95, 500)), st.sampled_from((0, 3))), min_size=1, max_size=5)
)
def test_many_in_columns_equal_one_by_one(kind: str, data: list[tuple[Lines, int, int]]) -> None:
    """LAB-01: an applicant's labels do not depend on who stands beside; one without a record has none."""
    plan = make_plan(kind, "record", "whole_window")
    tables: list[Table | None] = [make_events(plan.shape, *one) for one in data]
    tables.insert(len(tables) // 2, None)
    together = tell_fast(plan, join_tables(plan.shape, tables))
    for table, row in zip(tables, together, strict=True):
        alone = tell_fast(plan, table)[0] if table is not None else [(None, "no_statement")] * len(plan.parts)
        assert row == alone


@settings(max_examples=60, deadline=None)
@given(lines=EVENTS, later=EVENTS)
def test_what_happens_after_the_instant_changes_nothing(lines: Lines, later: Lines) -> None:
    """LAB-01: events planted after the instant looked from, however many and however large, are not seen."""
    plan = make_plan("days", "as_of", "what_is_there")
    planted = [(-1 - abs(age), *rest) for age, *rest in later]
    plain = make_events(plan.shape, lines, 600, -1_000)
    with_future = make_events(plan.shape, [*lines, *planted], 600, -1_000)  # type: ignore[list-item]
    assert tell_fast(plan, plain) == tell_fast(plan, with_future)


@given(lines=EVENTS)
@settings(max_examples=30, deadline=None)
def test_the_order_in_which_lines_are_told_changes_nothing(lines: Lines) -> None:
    """LAB-01."""
    plan = make_plan("days", "record", "whole_window")
    assert tell_fast(plan, make_events(plan.shape, lines, 600, 0)) == tell_fast(
        plan, make_events(plan.shape, lines[::-1], 600, 0)
    )


@given(
    numbers=st.one_of(
        st.lists(st.integers(0, 50), min_size=2, max_size=40),
        st.lists(st.integers(0, 10**12), min_size=2, max_size=40),
        st.tuples(st.integers(1, 10**9), st.integers(0, 20_000)).map(
            lambda t: [t[0] * (20_000 + t[1]), t[0] * (20_000 - t[1])]
        ),
    )
)
@settings(max_examples=300, deadline=None)
def test_the_spread_is_exact_to_the_half(numbers: list[int]) -> None:
    """Two numbers a(1+x) and a(1-x) spread by exactly x: halves of a basis point are rounded up, never by chance."""
    if not sum(numbers):
        return
    split = [(n >> 20, n & (2**20 - 1)) for n in numbers]
    found = measure_spread(
        len(numbers), sum(numbers), sum(a * a for a, _ in split), sum(a * b for a, b in split),
        sum(b * b for _, b in split),
    )  # fmt: skip
    assert found == plain_reference._spread(numbers)


def test_window_edges_stand_to_the_minute() -> None:
    """A window of 30 days ends with the minute looked from and holds exactly 30 times 1,440 minutes."""
    plan = make_plan("days", "as_of", "what_is_there")
    place = next(n for n, part in enumerate(plan.parts) if part.label.name == "tried__all__count__30d")
    for age, counted in ((-1, 0), (0, 1), (30 * DAY - 1, 1), (30 * DAY, 0)):
        table = make_events(plan.shape, [(age, 100, "a", "sale", "in")], 600, -1)
        assert tell_fast(plan, table)[0][place] == (counted, ""), age


def test_unknown_and_none_are_told_apart() -> None:
    """LAB-01: no source, a source that is too short, and a source that shows nothing are three different answers."""
    plan = make_plan("days", "record", "whole_window")
    place = {part.label.name: n for n, part in enumerate(plan.parts)}
    empty = make_events(plan.shape, [], 60, 0)
    told = tell_fast(plan, empty)[0]
    assert told[place["tried__sale__sum_cents__30d"]] == (0, "")
    assert told[place["tried__sale__mean_cents__30d"]] == (None, "none_in_window")
    assert told[place["tried__sale__share_bps__30d"]] == (None, "whole_is_zero")
    assert told[place["tried__sale__sum_cents__90d"]] == (None, "window_not_reached")
    assert told[place["tried__sale__change_bps__60d"]] == (None, "window_not_reached")
    assert told[place["tried__sale__change_bps__30d"]] == (None, "nothing_before")
    nobody = tell_fast(plan, join_tables(plan.shape, [None]))[0]
    assert set(nobody) == {(None, "no_statement")}


def test_a_word_that_no_cut_asks_for_is_in_none_but_all() -> None:
    plan = make_plan("days", "record", "whole_window")
    place = {part.label.name: n for n, part in enumerate(plan.parts)}
    told = tell_fast(plan, make_events(plan.shape, [(10, 5_00, "a", "loan", "in")], 60, 0))[0]
    assert [told[place[f"tried__{cut}__count__30d"]][0] for cut in ("all", "sale", "cost")] == [1, 0, 0]


def test_a_sum_beyond_reason_makes_amounts_unknown_and_leaves_counts() -> None:
    """A fault in one line never wraps round into a plausible figure."""
    plan = make_plan("days", "record", "whole_window")
    place = {part.label.name: n for n, part in enumerate(plan.parts)}
    lines: Lines = [(10 + n, 2**62, "a", "sale", "in") for n in range(30)]
    told = tell_fast(plan, make_events(plan.shape, lines, 600, 0))[0]
    assert told[place["tried__sale__sum_cents__30d"]] == (None, "out_of_range")
    assert told[place["tried__sale__share_bps__30d"]] == (None, "out_of_range")
    assert told[place["tried__sale__count__30d"]] == (30, "")


def test_the_instant_is_read_on_the_applicants_own_clock() -> None:
    """A quarter to midnight in Greenwich is the next morning in Shanghai."""
    from creditfactory.labels.tables import number_minute

    at = datetime(2026, 3, 1, 23, 45, tzinfo=UTC)
    assert number_minute(at, 480) - number_minute(at, 0) == 480


def test_tables_of_many_keep_their_parties_apart() -> None:
    plan = make_plan("days", "record", "whole_window")
    one = make_events(plan.shape, [(5, 10, "a", "sale", "in"), (4, 10, "b", "sale", "in")], 60, 0)
    both = join_tables(plan.shape, [one, replace(one)])
    place = next(n for n, part in enumerate(plan.parts) if part.label.name == "tried__all__parties__30d")
    assert [row[place] for row in tell_fast(plan, both)] == [(2, ""), (2, "")]
