"""Credit card accounts with six months of bills, payments and delays, read from a public set of 30,000 in Taiwan.

The months run newest to oldest: delays ``PAY_0`` (the latest), then ``PAY_2`` to ``PAY_6``; bills and payments 1 to 6.
Delay codes: -2 nothing used, -1 paid in full, 0 revolving (the first and last are undocumented; this is how they are
read), 1 to 9 months late. Sex and marriage are not read at all; the outcome is kept under its own name.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from creditfactory.kernel import BadInput

DELAYS = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
BILLS = tuple(f"BILL_AMT{month}" for month in range(1, 7))
PAYMENTS = tuple(f"PAY_AMT{month}" for month in range(1, 7))
LIMIT, OUTCOME = "LIMIT_BAL", "default.payment.next.month"
READ = (LIMIT, *DELAYS, *BILLS, *PAYMENTS, OUTCOME)
PROTECTED = ("SEX", "MARRIAGE")
"""Columns of the file that may never decide."""


def read_card_accounts(path: Path) -> pl.DataFrame:
    """The accounts as whole numbers, one a row; whatever cannot be is refused by column and row."""
    try:
        raw = pl.read_csv(path, infer_schema_length=0)
    except (OSError, pl.exceptions.PolarsError) as failure:
        found = (str(failure).splitlines() or ["nothing readable"])[0][:120]
        raise BadInput(place=str(path), found=found, expected="the card accounts as CSV") from failure
    missing = [name for name in READ if name not in raw.columns]
    if missing:
        raise BadInput(place=str(path), found=f"no column {missing[0]}", expected=f"{', '.join(READ[:3])} and so on")
    frame = raw.select(pl.col(name).cast(pl.Float64, strict=False) for name in READ)
    for name, valid in {
        LIMIT: pl.col(LIMIT) > 0,
        OUTCOME: pl.col(OUTCOME).is_in([0.0, 1.0]),
        **{name: pl.col(name).is_between(-2, 9) for name in DELAYS},
        **{name: pl.col(name).is_finite() for name in BILLS},
        **{name: pl.col(name).is_finite() & (pl.col(name) >= 0) for name in PAYMENTS},
    }.items():
        odd = frame.select((~valid).fill_null(True)).to_series()
        if odd.any():
            row = int(odd.arg_true()[0])
            raise BadInput(
                place=f"{path}, row {row + 2}, {name}", found=repr(raw[name][row]), expected="a number that can be"
            )
    return frame.cast(pl.Int64)
