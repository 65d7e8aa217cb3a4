"""Statements summed up: month by month what came in and went out, who paid most, what only went round."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from creditfactory.application import BankFlow, BankStatement, pack_column
from creditfactory.identity import find_chain_breaks
from creditfactory.kernel import BPS_WHOLE, BadInput, add_months
from creditfactory.labels import kernels_statements
from creditfactory.labels.statement_lines import SORTS, StatementLines, read_lines

NOT_TURNOVER = frozenset({"own_transfer", "securities", "property"})
"""Money that only changes its place: neither way is it income or cost."""
NOT_EARNED = NOT_TURNOVER | {"loan_in", "refund", "insurance", "gambling"}
"""Money in that no customer paid."""
ROUND_TRIP_DAYS = 3
MONTHS_MAX = 60
ROUND_TRIP_BPS_MIN = 9_500
"""Money in has gone round when so much of it went back."""
MANY_PAYERS = frozenset({"wallet", "cash", "interest"})
"""Money in behind which stand many customers or none: a pay house's or acquirer's settlement names nobody."""
GIVES_BACK = frozenset(SORTS) - NOT_TURNOVER - {"refund", "fee", "tax"}
"""Money out that can be a return of money that came in."""
_EPOCH = date(1970, 1, 1).toordinal()
_MEANINGS = np.array(
    [
        kernels_statements.EARNED * (sort not in NOT_EARNED)
        | kernels_statements.TURNOVER * (sort not in NOT_TURNOVER)
        | kernels_statements.NAMED * (sort not in MANY_PAYERS)
        | kernels_statements.TAKES_BACK * (sort in GIVES_BACK)
        for sort in SORTS
    ],
    np.uint8,
)


def sum_up_statements(statements: Sequence[BankStatement]) -> BankFlow:
    """The one summary of all the accounts' statements, so that it and the lines always agree.

    A month runs from the day of the month on which the latest statement ends to the same day a month earlier, so that
    a year of statements is twelve whole months wherever it begins; a month counts that the longest statement covers
    whole. Money moved between the applicant's own accounts, lent, given back, won or from securities is no inflow.
    The largest payer's share is unknown where no transfer says from whom it came; chain breaks are unknown where no
    statement prints a balance. Raises :class:`BadInput` for no statement at all.

    >>> from datetime import UTC, datetime
    >>> paper = BankStatement(obtained_at=datetime(2026, 3, 1, tzinfo=UTC), account="a", holder="firm", origin="bank",
    ...     from_on=date(2026, 1, 1), to_on=date(2026, 2, 28), on=(date(2026, 1, 9), date(2026, 2, 9)),
    ...     flow_cents=(500_00, -200_00), sort=("sale", "purchase"), party=("c1", "s1"))
    >>> flow = sum_up_statements([paper])
    >>> flow.monthly_inflow_cents, flow.monthly_outflow_cents
    ((50000, 0), (0, 20000))
    """
    if not statements:
        raise BadInput(place="statements", found="none", expected="at least one account's statement")
    return sum_up_lines(read_lines(statements))


def sum_up_lines(lines: StatementLines) -> BankFlow:
    """The same from lines that were read already."""
    statements = lines.statements
    if not lines.is_exact:
        return sum_up_plainly(statements)
    ends = _list_ends(statements)
    starts = np.array(_number_starts(ends), np.int64) - _EPOCH
    inflow, outflow = np.zeros(len(ends), np.int64), np.zeros(len(ends), np.int64)
    payers = np.zeros(max(1, lines.parties), np.int64)
    whole, is_named, is_unnamed = kernels_statements.sum_months(
        lines.offsets, lines.days, lines.flows, lines.sorts, lines.party, _MEANINGS, starts, inflow, outflow, payers
    )
    turned = kernels_statements.sum_all_round_trips(
        lines.offsets, lines.days, lines.flows, lines.sorts, lines.party, lines.parties, _MEANINGS, ROUND_TRIP_DAYS,
        ROUND_TRIP_BPS_MIN,
    )  # fmt: skip
    top = int(payers.max()) if is_named or not is_unnamed else None
    breaks = sum(_count_breaks(lines, number) for number in range(len(statements)))
    return _tell_flow(statements, tuple(inflow.tolist()), tuple(outflow.tolist()), whole, top, turned, breaks)


def _count_breaks(lines: StatementLines, number: int) -> int:
    """How many printed balances of a statement do not follow from the one before."""
    statement = lines.statements[number]
    balances, before = statement.balance_cents, statement.opening_balance_cents
    first, last = int(lines.offsets[number]), int(lines.offsets[number + 1])
    if not balances or len(balances) != last - first:
        return len(find_chain_breaks(statement))
    try:
        printed = pack_column("q", np.int64, balances, last - first)
    except struct.error:
        return len(find_chain_breaks(statement))
    flows = lines.flows[first:last]
    is_opened = before is None or before + statement.flow_cents[0] == balances[0]
    return int(np.count_nonzero(printed[1:] - printed[:-1] != flows[1:])) + (not is_opened)


def _list_ends(statements: Sequence[BankStatement]) -> tuple[date, ...]:
    to_on = max(statement.to_on for statement in statements)
    return list_month_ends(min(statement.from_on for statement in statements), to_on)


def _tell_flow(
    statements: Sequence[BankStatement],
    inflow: tuple[int, ...],
    outflow: tuple[int, ...],
    whole: int,
    top: int | None,
    turned: int,
    breaks: int,
) -> BankFlow:
    """``whole`` is all that was earned, ``top`` what the largest payer paid, ``turned`` what only went round."""
    balances = [statement.balance_cents[-1] for statement in statements if statement.balance_cents]
    return BankFlow(
        obtained_at=max(statement.obtained_at for statement in statements),
        monthly_inflow_cents=inflow,
        monthly_outflow_cents=outflow,
        balance_cents=sum(balances) if balances else None,
        top_payer_share_bps=top * BPS_WHOLE // whole if whole and top is not None else None,
        round_trip_share_bps=min(BPS_WHOLE, turned * BPS_WHOLE // whole) if whole else 0,
        chain_breaks=breaks if balances else None,
    )


def sum_up_plainly(statements: Sequence[BankStatement]) -> BankFlow:
    """The same line by line, for amounts that no column holds; the fast way is tested against it."""
    ends = _list_ends(statements)
    starts = _number_starts(ends)
    inflow, outflow = [0] * len(ends), [0] * len(ends)
    payers: dict[str, int] = defaultdict(int)
    whole = turned = unnamed = 0
    for statement in statements:
        months: dict[date, int] = {}
        for on, flow, sort, party in zip(
            statement.on, statement.flow_cents, _sorts(statement), _parties(statement), strict=True
        ):
            month = months.get(on)
            if month is None:
                month = months[on] = bisect_right(starts, on.toordinal()) - 1
            if flow > 0:
                if sort in NOT_EARNED:
                    continue
                whole += flow
                if 0 <= month < len(ends):
                    inflow[month] += flow
                if sort in MANY_PAYERS:
                    continue
                if party:
                    payers[party] += flow
                else:
                    unnamed += flow
            elif 0 <= month < len(ends) and sort not in NOT_TURNOVER:
                outflow[month] -= flow
        turned += sum(amount for _, amount in find_round_trips(statement))
    top = max(payers.values(), default=0) if payers or not unnamed else None
    breaks = sum(len(find_chain_breaks(statement)) for statement in statements)
    return _tell_flow(statements, tuple(inflow), tuple(outflow), whole, top, turned, breaks)


def list_month_ends(from_on: date, to_on: date) -> tuple[date, ...]:
    """The last day of each whole month between two days, counted back from the later, the oldest first.

    >>> list_month_ends(date(2026, 1, 16), date(2026, 3, 15))
    (datetime.date(2026, 2, 15), datetime.date(2026, 3, 15))
    """
    after = to_on + timedelta(days=1)
    ends = []
    for back in range(MONTHS_MAX):
        if add_months(after, -(back + 1)) < from_on:
            break
        ends.append(add_months(after, -back) - timedelta(days=1))
    return tuple(reversed(ends))


def _number_starts(ends: Sequence[date]) -> list[int]:
    """The number of each month's first day, and of the day after the last month."""
    if not ends:
        return []
    first = add_months(ends[0] + timedelta(days=1), -1)
    return [first.toordinal(), *(end.toordinal() + 1 for end in ends)]


def find_round_trips(statement: BankStatement) -> tuple[tuple[int, int], ...]:
    """Money in that goes back to the same side within three days, at once or in parts: the line it came in on, and it.

    Money lent, moved between own accounts or given back for returned goods is not looked at: it is no inflow. What is
    paid on to others for goods is trade, not a round trip, however fast.
    """
    parties, flows = _parties(statement), statement.flow_cents
    paid = {party for party, flow in zip(parties, flows, strict=True) if flow < 0}
    both = {party for party, flow in zip(parties, flows, strict=True) if flow > 0 and party in paid} - {""}
    if not both:
        return ()
    came: dict[str, deque[list[int]]] = defaultdict(deque)
    back: dict[int, int] = defaultdict(int)
    for line, (on, flow, sort, party) in enumerate(zip(statement.on, flows, _sorts(statement), parties, strict=True)):
        if party not in both or flow == 0:
            continue
        waiting = came[party]
        while waiting and (on - statement.on[waiting[0][0]]).days > ROUND_TRIP_DAYS:
            waiting.popleft()
        if flow > 0 and sort not in NOT_EARNED:
            waiting.append([line, flow])
        elif flow < 0 and sort in GIVES_BACK:
            left = -flow
            while waiting and left > 0:
                taken = min(left, waiting[0][1])
                back[waiting[0][0]] += taken
                left -= taken
                waiting[0][1] -= taken
                if not waiting[0][1]:
                    waiting.popleft()
    return tuple(
        (line, flows[line])
        for line, amount in sorted(back.items())
        if amount * BPS_WHOLE >= flows[line] * ROUND_TRIP_BPS_MIN
    )


def _sorts(statement: BankStatement) -> Sequence[str]:
    return statement.sort or ("other",) * len(statement.on)


def _parties(statement: BankStatement) -> Sequence[str]:
    return statement.party or ("",) * len(statement.on)
