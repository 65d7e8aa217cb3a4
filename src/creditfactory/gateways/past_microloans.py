"""Repeat micro-loans and the loans before them, read from a public set of 4,368 borrowers in Nigeria.

Three CSV files: the loan asked for with its outcome, earlier loans with their dates of opening, first due day, first
payment and closing, and what a form says of the borrower. A borrower's form that lies there twice is read once (its
first line); most have none that says everything. Days of birth, branches and bank names are not read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from creditfactory.kernel import BadInput

LOANS, EARLIER, FORMS = "trainperf.csv", "trainprevloans.csv", "traindemographics.csv"
OUTCOMES = {"Good": 0, "Bad": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Microloans:
    """Loans asked for (``customer, opened_at, amount, due, term_days, number, bad``), loans before them
    (``customer, opened_at, amount, term_days, first_due_at, first_paid_at, closed_at``), forms, and the files' sha256.
    """

    loans: pl.DataFrame
    earlier: pl.DataFrame
    forms: pl.DataFrame
    digest: str


def read_microloans(folder: Path) -> Microloans:
    """The set in a folder, whole or not at all; the first thing that cannot be is refused by file and column."""
    raw = {name: _read(folder / name) for name in (LOANS, EARLIER, FORMS)}
    loans = raw[LOANS].select(
        customer="customerid", opened_at=_instant("creationdate"), amount=_number("loanamount"),
        due=_number("totaldue"), term_days=_number("termdays"), number=_number("loannumber"),
        bad=pl.col("good_bad_flag").replace_strict(OUTCOMES, default=None, return_dtype=pl.Int8),
    )  # fmt: skip
    earlier = raw[EARLIER].select(
        customer="customerid", opened_at=_instant("creationdate"), amount=_number("loanamount"),
        term_days=_number("termdays"), first_due_at=_instant("firstduedate"), first_paid_at=_instant("firstrepaiddate"),
        closed_at=_instant("closeddate"),
    )  # fmt: skip
    for name, frame in ((LOANS, loans), (EARLIER, earlier)):
        for column in frame.columns:
            if frame[column].null_count() and column not in ("first_paid_at", "closed_at"):
                row = int(frame[column].is_null().arg_true()[0]) + 2
                raise BadInput(
                    place=f"{folder / name}, row {row}", found=f"no {column}", expected="a value in each row"
                )
    twice = loans["customer"].is_duplicated()
    if twice.any():
        raise BadInput(place=str(folder / LOANS), found=f"{loans['customer'].filter(twice)[0]} twice", expected="once")
    forms = raw[FORMS].unique("customerid", keep="first", maintain_order=True)
    told = forms.select(
        customer="customerid", account_type=_word("bank_account_type"), employment=_word("employment_status_clients")
    )
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in raw)).hexdigest()
    return Microloans(loans=loans, earlier=earlier, forms=told, digest=digest)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema_length=0)
    except (OSError, pl.exceptions.PolarsError) as failure:
        found = (str(failure).splitlines() or ["nothing readable"])[0][:120]
        raise BadInput(place=str(path), found=found, expected="the micro-loans as CSV") from failure


def _instant(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)


def _number(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64, strict=False)


def _word(column: str) -> pl.Expr:
    word = pl.col(column).str.strip_chars()
    return pl.when(word != "").then(word)
