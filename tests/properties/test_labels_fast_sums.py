"""What was made quick gives what is said slowly: statements summed up, repayments, accounts, edges of windows."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, get_args

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditfactory import labels
from creditfactory.application import BankStatement, BureauAccounts, BureauReport, FlowSort, find_city
from creditfactory.identity import find_chain_breaks
from creditfactory.labels import kernels
from creditfactory.labels.computing import measure_families, plan_pack
from creditfactory.labels.families import bureau_standing
from creditfactory.labels.families.bureau_words import ACCOUNT_KINDS, LENDERS, NOT_BANKS, ONLINE, PURPOSES, SECURITIES
from creditfactory.labels.family import Window
from creditfactory.labels.known import find_known
from creditfactory.labels.micro import measure_swing
from creditfactory.labels.planning import Edge, measure
from creditfactory.labels.ratios import KINDS, Ratio, plan_ratios, tell_ratios
from creditfactory.labels.statement_lines import read_lines
from creditfactory.labels.statement_sums import sum_up_lines, sum_up_plainly
from creditfactory.labels.tables import join_tables, number_minute, pack_table
from creditfactory.service.reference_applicants import make_applicants

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
SORTS: tuple[Any, ...] = get_args(FlowSort)
FLOWS = st.one_of(
    st.sampled_from((-100_000, 100_000, -95_000, 95_000, 0, 50_000)),
    st.integers(-(10**8), 10**8),
)
HUGE = st.one_of(FLOWS, st.sampled_from((9 * 10**14, -(10**16), 10**20)))


def draw_column(draw: st.DrawFn, size: int, one: st.SearchStrategy[Any]) -> tuple[Any, ...]:
    return tuple(draw(st.lists(one, min_size=size, max_size=size)))


@st.composite
def statements(draw: st.DrawFn, flows: st.SearchStrategy[int] = FLOWS) -> BankStatement:
    """One account's statement, with or without parties, reasons and balances, in order or not."""
    size = draw(st.integers(0, 40))
    column = partial(draw_column, draw, size)
    days = draw(st.integers(20, 420))
    flow = column(flows)
    balances, balance = [], draw(st.integers(-1_000, 10**6))
    opening = draw(st.sampled_from((None, balance, balance + 1)))
    for cents in flow:
        balance += cents + draw(st.sampled_from((0, 0, 0, 1)))
        balances.append(balance)
    on = column(st.integers(-5, days + 2).map(lambda back: DAY - timedelta(days=back)))
    return BankStatement(
        obtained_at=NOW, account=draw(st.sampled_from("abc")), holder=draw(st.sampled_from(("owner", "firm"))),
        origin="bank", from_on=DAY - timedelta(days=days), to_on=DAY, opening_balance_cents=opening,
        on=on if draw(st.booleans()) else tuple(sorted(on)), flow_cents=flow,
        balance_cents=tuple(balances) if draw(st.booleans()) else (),
        party=column(st.sampled_from(("", "p", "q", "r"))) if draw(st.booleans()) else (),
        sort=column(st.sampled_from(SORTS)) if draw(st.booleans()) else (),
    )  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some=st.lists(statements(), min_size=1, max_size=3))
def test_statements_summed_up_in_columns_equal_line_by_line(some: list[BankStatement]) -> None:
    """LAB-05: months, largest payer, round trips and broken balances."""
    lines = read_lines(some)
    assert lines.is_exact
    assert sum_up_lines(lines) == sum_up_plainly(some)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some=st.lists(statements(HUGE), min_size=1, max_size=2))
def test_amounts_that_no_column_holds_are_summed_up_all_the_same(some: list[BankStatement]) -> None:
    assert labels.sum_up_statements(some) == sum_up_plainly(some)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(one=statements())
def test_breaks_of_a_chain_are_those_that_are_seen_line_by_line(one: BankStatement) -> None:
    before, found = one.opening_balance_cents, []
    for line, (flow, balance) in enumerate(zip(one.flow_cents, one.balance_cents, strict=False)):
        if before is not None and before + flow != balance:
            found.append(line)
        before = balance
    assert find_chain_breaks(one) == tuple(found)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some=st.lists(statements().filter(lambda s: bool(s.party)), min_size=1, max_size=3), is_known=st.booleans())
def test_repayments_found_by_columns_are_those_found_line_by_line(some: list[BankStatement], is_known: bool) -> None:
    """WIL-01: debts that nobody mentioned."""
    report = BureauReport(obtained_at=NOW, has_record=False) if is_known else None
    quick = labels.find_hidden_debt(some, report, lines=read_lines(some))
    assert quick == labels.find_hidden_debt(some, report)


CENTS = st.one_of(st.integers(0, 10**7), st.sampled_from((0, 90, 100, 10**14, 10**20)))


@st.composite
def accounts(draw: st.DrawFn) -> BureauAccounts:
    size = draw(st.integers(0, 12))
    column = partial(draw_column, draw, size)
    days = st.integers(0, 3_000).map(lambda back: DAY - timedelta(days=back))
    return BureauAccounts(
        kind=column(st.sampled_from(ACCOUNT_KINDS)), lender=column(st.sampled_from(LENDERS)),
        lender_token=column(st.sampled_from(("", "x", "y", "z"))), security=column(st.sampled_from(SECURITIES)),
        purpose=column(st.sampled_from(PURPOSES)), opened_on=column(days),
        closed_on=column(st.one_of(st.none(), days)), limit_cents=column(CENTS), balance_cents=column(CENTS),
        due_cents=column(CENTS), paid_cents=column(CENTS), overdue_cents=column(CENTS),
        overdue_over_30_cents=column(CENTS), overdue_over_90_cents=column(CENTS),
        months=("N",) * size, reported_on=(DAY,) * size,
    )  # fmt: skip


def tell_plainly(held: BureauAccounts, cut: str, measure: str) -> int | None:
    """One measure of one kind of account, as an officer would count it."""
    top = 10**13
    rows = []
    for i, kind in enumerate(held.kind):
        is_open, lender, purpose = held.closed_on[i] is None, held.lender[i], held.purpose[i]
        loan = kind == "loan"
        line = kind in ("revolving_loan", "revolving_line")
        age = (NOW.date().toordinal() - held.opened_on[i].toordinal()) * 12 // 365
        free, lent = held.security[i] == "unsecured", loan or line
        belongs = {
            "all": True, "loans": loan, "lines": line, "cards": kind in ("card", "quasi_card"), "borrowed": lent,
            "banks": lender == "bank", "nonbanks": lender in NOT_BANKS, "online": lender in ONLINE,
            "consumer_finance": lender == "consumer_finance", "unsecured": free, "unsecured_loans": lent and free,
            "secured": lent and not free, "business": lent and purpose == "business",
            "consumption": lent and purpose == "consumption", "home": purpose == "home", "car": purpose == "car",
            "young": age < 12, "late": held.overdue_cents[i] > 0,
        }  # fmt: skip
        over = {"over": True, "over_loans": lent, "over_nonbanks": lender in NOT_BANKS}
        if over[cut] and not is_open if cut in over else belongs[cut] and is_open:
            limit, balance = min(top, held.limit_cents[i]), min(top, held.balance_cents[i])
            use = balance * 10_000 // limit if limit > 0 else -1
            rows.append((i, limit, balance, use, age))

    def add(column: tuple[int, ...]) -> int:
        return sum(min(top, column[i]) for i, *_ in rows)

    limits, balances, due = add(held.limit_cents), add(held.balance_cents), add(held.due_cents)
    told: dict[str, int | None] = {
        "count": len(rows), "lenders": len({held.lender_token[i] for i, *_ in rows}), "limit_cents": limits,
        "balance_cents": balances, "due_cents": due, "overdue_cents": add(held.overdue_cents),
        "nearly_full": sum(row[3] >= 9_000 for row in rows),
        "overdue_30_cents": add(held.overdue_over_30_cents), "overdue_90_cents": add(held.overdue_over_90_cents),
        "use_bps": balances * 10_000 // limits if limits else None,
        "paid_bps": min(10_000, add(held.paid_cents) * 10_000 // due) if due else None,
    }  # fmt: skip
    if rows:
        best = max(row[3] for row in rows)
        told |= {
            "limit_max_cents": max(row[1] for row in rows), "limit_mean_cents": limits // len(rows),
            "balance_max_cents": max(row[2] for row in rows), "use_max_bps": best if best >= 0 else None,
            "oldest_months": max(row[4] for row in rows), "newest_months": min(row[4] for row in rows),
            "mean_months": sum(row[4] for row in rows) // len(rows),
        }  # fmt: skip
    return told.get(measure)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(held=accounts())
def test_accounts_measured_together_equal_counting_one_by_one(held: BureauAccounts) -> None:
    """WIL-01: every measure of every kind of account; amounts beyond reason count as the greatest."""
    figures = bureau_standing._measure(held, NOW.date().toordinal()).ravel()[bureau_standing._FLAT].tolist()
    for label, figure in zip(bureau_standing.LABELS, figures, strict=True):
        plain = tell_plainly(held, label.cut, label.measure)
        assert figure == (-1 if plain is None else plain), label.name


WINDOWS = (*labels.FAMILIES[0].windows, Window("3m", months=3), Window("24m", months=24), Window("ever"))


@settings(max_examples=300, deadline=None)
@given(
    end=st.integers(-20_000_000, 60_000_000), window=st.one_of(st.none(), st.sampled_from(WINDOWS)),
    times=st.integers(1, 2), years=st.integers(0, 3),
)  # fmt: skip
def test_edges_of_windows_are_those_of_the_calendar(end: int, window: Window | None, times: int, years: int) -> None:
    """LAB-01: leap days, short months and the turn of the year, to the minute, from 1931 to 2084."""
    edge = Edge(window, times=times, years=years)
    found = np.empty(1, np.int64)
    kernels.find_edges(np.array([edge.asked], np.int64), 0, 1, end, found)
    assert found[0] == edge.minute(end)


SIDES = st.one_of(st.none(), st.integers(-(10**6), 10**6), st.sampled_from((0, 9 * 10**14, 9 * 10**14 + 1, -(10**15))))


@settings(max_examples=200, deadline=None)
@given(over=SIDES, under=SIDES, kind=st.sampled_from(KINDS), is_named=st.booleans())
def test_ratios_told_together_equal_one_by_one(over: int | None, under: int | None, kind: Any, is_named: bool) -> None:
    """LAB-05."""
    label = labels.RATIOS[0].label
    ratio = Ratio(label=label, over="one", under="other", kind=kind)
    plan = plan_ratios([ratio], {"one": 0} if is_named else {"one": 0, "other": 1})
    held = [over] if is_named else [over, under]
    values, why = tell_ratios(
        plan, np.array([one or 0 for one in held], np.int64), np.array([one is not None for one in held], np.bool_),
        {"other": under} if is_named else {},
    )  # fmt: skip
    plain = ratio.tell(over, under)
    is_fine = plain is not None and label.minimum <= plain <= label.maximum  # type: ignore[operator]
    assert (values[0], why[0]) == ((plain, 0) if is_fine else (0, 1 if plain is None else 2))


@given(name=st.sampled_from((None, "", "Chengdu ", "成都市", "wuhan", "Paris")), is_list=st.booleans())
def test_a_city_is_known_however_it_is_written(name: str | None, is_list: bool) -> None:
    known = {"chengdu": "成都", "wuhan": "武汉"}
    other = {"Chengdu ": "chengdu", "wuhan": "wuhan"} | ({} if is_list else {"成都市": "chengdu"})
    assert find_city(name, list(known) if is_list else known) == other.get(name or "")


@settings(max_examples=200, deadline=None)
@given(sums=st.lists(st.integers(0, 10**9), min_size=1, max_size=24).filter(any))
def test_the_swing_of_months_in_whole_numbers_is_the_deviation_against_the_mean(sums: list[int]) -> None:
    """WIL-01."""
    assert abs(measure_swing(sums) - statistics.pstdev(sums) / statistics.fmean(sums) * 10_000) <= 0.5 + 1e-6


def test_all_sources_in_one_call_are_each_source_by_itself() -> None:
    """LAB-01, LAB-02: a dossier with every paper, one source short, and the day before any paper came in."""
    expanded = plan_pack("cn-micro")
    for one in islice(make_applicants(), 6):
        for as_of in (one.as_of, one.as_of - timedelta(days=4_000)):
            known = find_known(one.dossier, as_of)
            size = int(expanded.places[-1])
            values, why = np.zeros(size, np.int64), np.zeros(size, np.uint8)
            measure_families(expanded, known, values, why)
            minute = np.array([number_minute(as_of, one.dossier.utc_offset_minutes)], np.int64)
            for number, plan in enumerate(expanded.plans):
                part = slice(*expanded.places[number : number + 2])
                told = plan.shape.read(known)
                table = join_tables(plan.shape, [None if told is None else pack_table(plan.shape, told)])
                alone, code = measure(plan, table, minute)
                assert (values[part] == alone[0]).all(), plan.shape.code
                assert expanded.asked is not None
                assert (why[part] == expanded.asked.codes[number][code[0]]).all(), plan.shape.code


def test_a_figure_beyond_all_columns_is_out_of_range_and_not_nothing() -> None:
    """LAB-01: below everything as well as above."""
    facts = next(iter(make_applicants()))
    for quota in (10**30, -(10**30)):
        assert facts.channel is not None
        odd = replace(facts.channel, quota_open_cents=quota)
        taken = labels.compute(facts.dossier, channel=odd, as_of=facts.as_of)
        name = "channel__record__quota_open_cents"
        assert (taken[name], taken.why_missing[name]) == (None, "out_of_range")
