"""The sums of an import, computed once more from the input file alone, by code the line does not share.

It reads the file's own columns with Polars, works in decimal fractions, and knows of the line only which references
were booked and the assumed rate and term. Where it and the ledger differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from pathlib import Path
from typing import Any

import polars as pl

ASSUMED_ARREARS = timedelta(days=180)


def _cents(amount: float) -> int:
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _payments(principal: int, rate: Decimal, months: int, disbursed: date) -> list[tuple[date, int, int]]:
    """Due date, principal and interest of each equal instalment, the last one taking what rounding left."""
    getcontext().prec = 40
    monthly = rate / 12
    factor = (1 + monthly) ** months
    level = int((principal * monthly * factor / (factor - 1)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    rows, owed = [], principal
    for number in range(1, months + 1):
        interest = int((owed * monthly).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        part = owed if number == months else level - interest
        rows.append((_later(disbursed, number), part, interest))
        owed -= part
    return rows


def sum_from_file(
    path: Path | str,
    booked: Iterable[tuple[str, Decimal, int]],
    *,
    until: date,
    observed_on: date,
) -> dict[str, int]:
    """Account balances in cents for the loans booked, as the file and the stated assumptions give them.

    ``booked`` holds reference, assumed yearly rate and months of each loan.
    """
    terms = {int(reference.removeprefix("SBA-")): (rate, months) for reference, rate, months in booked}
    frame = pl.read_parquet(path).filter(pl.col("loan_nr_chk_dgt").is_in(list(terms)))
    total = {"principal": 0, "cash": 0, "interest": 0, "loss": 0}
    for row in frame.iter_rows(named=True):
        rate, months = terms[row["loan_nr_chk_dgt"]]
        for name, cents in _sum_loan(row, rate, months, until=until, observed_on=observed_on).items():
            total[name] += cents
    return {
        "assets:cash": total["cash"],
        "assets:loans:principal": total["principal"],
        "expense:credit_loss": total["loss"],
        "income:interest": -total["interest"],
    }


def _sum_loan(row: dict[str, Any], rate: Decimal, months: int, *, until: date, observed_on: date) -> dict[str, int]:
    approved = row["approval_date"].date()
    lost_on = row["chg_off_date"].date() if row["chg_off_date"] is not None else None
    disbursed = row["disbursement_date"].date() if row["disbursement_date"] is not None else approved
    is_lost = row["mis_status"] == "CHGOFF"
    if disbursed < approved or (is_lost and lost_on is not None and lost_on < disbursed):
        disbursed = approved
    paid_out = _cents(row["disbursement_gross"])
    loss = min(_cents(row["chg_off_prin_gr"]), paid_out) if is_lost else 0
    rows = _payments(paid_out, rate, months, disbursed)
    flows: list[tuple[date, int, int]] = []
    if not is_lost:
        ends = max(observed_on, disbursed)
        flows = [(due, part, interest) for due, part, interest in rows if due <= ends]
        rest = paid_out - sum(part for _, part, _ in flows)
        flows += [(ends, rest, 0)] if rest else []
        loss_on = until
    else:
        loss_on = max(lost_on or observed_on, disbursed)
        kept, back = paid_out - loss, 0
        for due, part, interest in rows:
            if due > loss_on - ASSUMED_ARREARS or back + part > kept:
                break
            flows.append((due, part, interest))
            back += part
        flows += [(loss_on, kept - back, 0)] if kept > back else []
    came = [(part, interest) for on, part, interest in flows if on <= until]
    principal, interest = sum(p for p, _ in came), sum(i for _, i in came)
    lost = loss if is_lost and loss_on <= until else 0
    return {
        "principal": paid_out - principal - lost,
        "cash": principal + interest - paid_out,
        "interest": interest,
        "loss": lost,
    }
