"""Are a borrower's papers real: what a statement's own lines say against it, told with the line it is told by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from operator import sub
from typing import Any

from creditfactory.application import BankStatement, InvoiceList
from creditfactory.identity.names import compare_names, is_masked_whole
from creditfactory.kernel import BPS_WHOLE, Reason

PAPER_LIMITS: Mapping[str, int] = {
    "paper_gap_days_max": 30,
    "paper_round_share_bps_max": 7_000,
    "paper_weekend_share_bps_max": 6_000,
    "paper_lines_for_patterns_min": 60,
    "paper_digit_distance_bps_max": 350,
    "paper_same_lines_bps_max": 2_000,
    "paper_holder_alike_bps_min": 8_500,
}
"""How odd a paper may look before it is said; a pack's parameters go before these."""

PAPER_FINDINGS = (
    "PAP-HOLDER", "PAP-BUREAU-DIFFERS",
    "PAP-CHAIN", "PAP-TOTALS", "PAP-SAME-LINES", "PAP-SAME-FILE", "PAP-EDITED", "PAP-NOT-BANK-EXPORT",
    "PAP-ORDER", "PAP-OPENING", "PAP-TWICE", "PAP-MADE-BEFORE-END", "PAP-GAP", "PAP-PERIOD", "PAP-ROUND", "PAP-WEEKEND",
    "PAP-DIGITS", "PAP-NO-BALANCE", "PAP-UNCLEAR",
)  # fmt: skip
"""Every finding on a paper, the weightiest first; the words of each are in ``reasons.yaml``."""

DIGIT_SHARES = (0.30103, 0.17609, 0.12494, 0.09691, 0.07918, 0.06695, 0.05799, 0.05115, 0.04576)
"""How often each first digit leads an amount that grew by itself."""

AMOUNT_ROUND_CENTS = 100_000
"""Amounts in whole thousands are round."""


def check_holder(shown: str, names: Sequence[str], parameters: Mapping[str, Any] | None = None) -> tuple[Reason, ...]:
    """Whether the name printed on a statement is the applicant's or the firm's; the name itself is not told.

    >>> known = ("李娜", "云帆小微")
    >>> check_holder("李*", known), check_holder("", known), [r.code for r in check_holder("王建国", known)]
    ((), (), ['PAP-HOLDER'])
    """
    known = [name for name in names if name.strip()]
    if is_masked_whole(shown) or not known:
        return ()
    limits = {**PAPER_LIMITS, **(parameters or {})}
    nearest = max(compare_names(shown, name) for name in known)
    if nearest >= limits["paper_holder_alike_bps_min"]:
        return ()
    return (Reason("PAP-HOLDER", {"likeness_bps": nearest}),)


def find_chain_breaks(statement: BankStatement) -> tuple[int, ...]:
    """The lines (from 0) whose printed balance is not the balance before plus what the line moved.

    The first line is held against the opening balance where one is printed. A break is one line: the chain goes on
    from what is printed there, so that one altered line is told at most twice and not for all that follow.

    >>> from datetime import UTC, datetime
    >>> paper = BankStatement(obtained_at=datetime(2026, 3, 1, tzinfo=UTC), account="a", holder="firm",
    ...     origin="upload", from_on=date(2026, 1, 1), to_on=date(2026, 1, 31), opening_balance_cents=1_000,
    ...     on=(date(2026, 1, 2),) * 3, flow_cents=(500, -200, 100), balance_cents=(1_500, 1_300, 9_400))
    >>> find_chain_breaks(paper)
    (2,)
    """
    balances, before = statement.balance_cents, statement.opening_balance_cents
    if not balances:
        return ()
    flows = statement.flow_cents
    is_opened = len(flows) == len(balances) and (before is None or before + flows[0] == balances[0])
    if is_opened and tuple(map(sub, balances[1:], balances)) == flows[1:]:
        return ()
    breaks = []
    for line, (flow, balance) in enumerate(zip(statement.flow_cents, balances, strict=True)):
        if before is not None and before + flow != balance:
            breaks.append(line)
        before = balance
    return tuple(breaks)


def check_statement(
    statement: BankStatement,
    *,
    rows: Sequence[int] = (),
    pages: Sequence[int] = (),
    printed: Mapping[str, int] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> tuple[Reason, ...]:
    """What a statement's own lines say against it, the weightiest first; nothing found is no proof that it is real.

    ``rows`` and ``pages`` say where each line stands on the paper. ``printed`` holds what the paper itself sums up:
    ``in_cents``, ``out_cents``, ``closing_cents``, ``count_in``, ``count_out``, each only where it is printed.
    """
    limits = read_limits(parameters)

    def place(line: int) -> dict[str, int]:
        """Where a line stands, as a person counts: rows and pages from 1."""
        at = {"row": rows[line] if rows else line + 1}
        return {**at, "page": pages[line]} if pages else at

    found: list[Reason] = []
    breaks = find_chain_breaks(statement)
    for line in breaks[:5]:
        before = statement.balance_cents[line - 1] if line else statement.opening_balance_cents
        expected = (before or 0) + statement.flow_cents[line]
        shown = statement.balance_cents[line]
        facts = {**place(line), "shown_cents": shown, "expected_cents": expected, "breaks": len(breaks)}
        found.append(Reason("PAP-OPENING" if line == 0 else "PAP-CHAIN", facts))
    if statement.flow_cents and not statement.balance_cents:
        found.append(Reason("PAP-NO-BALANCE", {"lines": len(statement.flow_cents)}))
    found += check_totals(statement, printed or {})
    found += _check_order(statement, place)
    found += _check_twice(statement, place)
    found += _check_cover(statement, place, limits)
    found += check_patterns(statement, limits)
    return sort_findings(found)


def read_limits(parameters: Mapping[str, Any] | None) -> Mapping[str, int]:
    """The limits in force: the pack's own, and the house's where the pack says nothing."""
    return PAPER_LIMITS if parameters is None else {k: parameters.get(k, v) for k, v in PAPER_LIMITS.items()}


def sort_findings(found: Sequence[Reason]) -> tuple[Reason, ...]:
    """Findings in order of weight; those of one kind stay in the order of the paper."""
    order = {code: place for place, code in enumerate(PAPER_FINDINGS)}
    return tuple(sorted(found, key=lambda reason: order.get(reason.code, len(order))))


def check_totals(statement: BankStatement, printed: Mapping[str, int]) -> list[Reason]:
    """The printed totals against the lines they claim to sum up."""
    flows = statement.flow_cents
    summed = {
        "in_cents": sum(flow for flow in flows if flow > 0),
        "out_cents": -sum(flow for flow in flows if flow < 0),
        "count_in": sum(flow > 0 for flow in flows),
        "count_out": sum(flow < 0 for flow in flows),
    }
    if statement.balance_cents:
        summed["closing_cents"] = statement.balance_cents[-1]
    return [
        Reason("PAP-TOTALS", {"total": name, "shown_cents" if name.endswith("_cents") else "shown": printed[name],
                              "expected_cents" if name.endswith("_cents") else "expected": value})
        for name, value in summed.items() if name in printed and printed[name] != value
    ]  # fmt: skip


def _check_order(statement: BankStatement, place: Any) -> list[Reason]:
    """Lines handed over as oldest first that go back in time."""
    back = [line + 1 for line, (a, b) in enumerate(pairwise(statement.on)) if b < a]
    return [Reason("PAP-ORDER", {**place(back[0]), "lines": len(back)})] if back else []


def _check_twice(statement: BankStatement, place: Any) -> list[Reason]:
    """The very same line printed twice, minute, balance and all: an honest bank's balance moves with each line."""
    if not statement.balance_cents:
        return []
    seen: dict[tuple[object, ...], int] = {}
    for line, key in enumerate(
        zip(statement.on, statement.minute or (-1,) * len(statement.on), statement.flow_cents,
            statement.balance_cents, strict=True)
    ):  # fmt: skip
        if key in seen and key[2]:
            return [Reason("PAP-TWICE", {**place(line), "first_row": place(seen[key])["row"]})]
        seen[key] = line
    return []


def _check_cover(statement: BankStatement, place: Any, limits: Mapping[str, int]) -> list[Reason]:
    """Days without a line, and lines outside of the period that the paper claims."""
    found = []
    outside = [line for line, on in enumerate(statement.on) if not statement.from_on <= on <= statement.to_on]
    if outside:
        found.append(Reason("PAP-PERIOD", {**place(outside[0]), "lines": len(outside)}))
    days = sorted(set(statement.on))
    widest = max(((b - a).days, b) for a, b in pairwise(days)) if len(days) > 1 else (0, statement.to_on)
    if widest[0] > limits["paper_gap_days_max"]:
        line = statement.on.index(widest[1])
        found.append(Reason("PAP-GAP", {**place(line), "days": widest[0]}))
    return found


def check_patterns(statement: BankStatement, limits: Mapping[str, int]) -> list[Reason]:
    """Signs that lines were thought up: too round, too even over the week, first digits that no trade has.

    Each is weak by itself, and none is looked for on a few lines.
    """
    flows = [flow for flow in statement.flow_cents if flow]
    if len(flows) < limits["paper_lines_for_patterns_min"]:
        return []
    found = []
    rounded = sum(flow % AMOUNT_ROUND_CENTS == 0 for flow in flows) * BPS_WHOLE // len(flows)
    if rounded > limits["paper_round_share_bps_max"]:
        found.append(Reason("PAP-ROUND", {"share_bps": rounded}))
    weekend = sum(on.isoweekday() > 5 for on in statement.on) * BPS_WHOLE // len(statement.on)
    if weekend > limits["paper_weekend_share_bps_max"]:
        found.append(Reason("PAP-WEEKEND", {"share_bps": weekend}))
    distance = measure_first_digits(flows)
    if distance > limits["paper_digit_distance_bps_max"]:
        found.append(Reason("PAP-DIGITS", {"distance_bps": distance}))
    return found


def measure_first_digits(amounts: Sequence[int]) -> int:
    """How far the first digits lie from those of amounts that grew by themselves: mean distance in basis points.

    >>> measure_first_digits([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) < measure_first_digits([7] * 10)
    True
    """
    counts = Counter(int(str(abs(amount))[0]) for amount in amounts if amount)
    whole = sum(counts.values())
    if not whole:
        return 0
    apart = sum(abs(counts[digit] / whole - share) for digit, share in enumerate(DIGIT_SHARES, start=1))
    return round(apart / len(DIGIT_SHARES) * BPS_WHOLE)


def check_same_lines(
    statement: BankStatement, others: Sequence[BankStatement], parameters: Mapping[str, Any] | None = None
) -> tuple[Reason, ...]:
    """Lines that stand in another account's statement too, day, amount and balance alike: one was copied.

    Statements of the same account may well overlap, and are not held against each other.
    """
    limits = read_limits(parameters)
    own = _line_keys(statement)
    if len(own) < 10:
        return ()
    for other in others:
        if other.account == statement.account:
            continue
        shared = len(own & _line_keys(other))
        if shared * BPS_WHOLE > len(own) * limits["paper_same_lines_bps_max"]:
            return (Reason("PAP-SAME-LINES", {"lines": shared, "of": len(own)}),)
    return ()


def _line_keys(statement: BankStatement) -> set[tuple[date, int, int]]:
    balances = statement.balance_cents or (0,) * len(statement.on)
    return set(zip(statement.on, statement.flow_cents, balances, strict=True))


def check_invoices(invoices: InvoiceList, *, rows: Sequence[int] = ()) -> tuple[Reason, ...]:
    """What a list of invoices says against itself: a number twice, days outside its period."""
    found = []
    seen: dict[tuple[str, str], int] = {}
    for line, key in enumerate(zip(invoices.direction, invoices.number, strict=True)):
        if key in seen and key[1]:
            row = rows[line] if rows else line + 1
            found.append(Reason("PAP-TWICE", {"row": row, "first_row": rows[seen[key]] if rows else seen[key] + 1}))
            break
        seen[key] = line
    outside = [line for line, on in enumerate(invoices.on) if not invoices.from_on <= on <= invoices.to_on]
    if outside:
        row = rows[outside[0]] if rows else outside[0] + 1
        found.append(Reason("PAP-PERIOD", {"row": row, "lines": len(outside)}))
    return sort_findings(found)
