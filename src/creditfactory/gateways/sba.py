"""Past loans of the US Small Business Administration's 7(a) programme, read as applications with their outcomes.

The public file holds one row a loan. What the lender told the SBA before approval becomes a dossier; what happened
afterwards becomes an :class:`SbaOutcome`, kept apart, so that nothing a decision reads can contain it.

**What is read, and what is not**

- ``reference`` is ``SBA-`` and the loan number in ten digits; the applicant's token is derived from that number and
  stays the same for ever. Applied at: the day of approval, 00:00 UTC (the file knows no earlier day). Currency USD.
- Asked for: the gross amount approved. The term asked for is unknown and stays unknown: the file's ``term`` was
  rewritten after the fact (a multiple of twelve for most paid loans and few charged-off ones) and is never read.
- Industry code 0, "new or existing" 0, "urban or rural" 0, and empty answers are unknown. Franchise codes 0 and 1
  both mean *no franchise*. Zero employees and zero jobs are kept as answered; before fiscal year 1999 the two
  questions on jobs were seldom asked, and the file shows 0 for both "none" and "not asked".
- The lender (name and state) is the one that holds the loan today, not always the one that asked for it: a bank
  founded in 2011 stands beside loans of 1989. It names the channel (kind *direct*) and must not become a feature.
- ``weight`` restores the population: half of the file's loans were charged off by design, 17.6 % in truth.

**Odd rows**, each handled by a rule of its own and counted under its name; no row is ever dropped:

========================================  ============================================================================
rule                                      what is done
========================================  ============================================================================
``paid-with-charge-off``                  recorded as paid, yet with a charge-off date or loss: paid, without either
``charge-off-day-unknown``                charged off without a date: stays charged off, ``charged_off_on`` is None
``loss-above-disbursement``               loss larger than what was paid out: loss is what was paid out (the excess is
                                          interest and cost); the file's figure stays in ``recorded_loss_cents``
``charge-off-without-loss``               charged off with no loss left: kept, loss 0
``disbursement-above-approval``           more paid out than approved (a line of credit drawn again): kept as recorded
``disbursement-day-unknown``              assumed to be the day of approval
``disbursement-before-approval``          moved to the day of approval
``charge-off-before-disbursement``        the day of disbursement is moved back to the day of approval
``fiscal-year-differs``                   the recorded fiscal year is not that of the approval date: the recorded one
                                          chooses the row, the date orders it
``lender-unknown``                        no lender: the channel is ``UNKNOWN LENDER``
========================================  ============================================================================
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl

from creditfactory.application import Applicant, Business, ChannelPath, Dossier, Request, SbaForm
from creditfactory.kernel import BadInput, round_cents

UNKNOWN_LENDER = "UNKNOWN LENDER"

_COLUMNS = (
    "loan_nr_chk_dgt", "city", "state", "bank", "bank_state", "naics", "approval_date", "approval_fy", "no_emp",
    "new_exist", "create_job", "retained_job", "franchise_code", "urban_rural", "rev_line_cr", "low_doc",
    "chg_off_date", "disbursement_date", "disbursement_gross", "mis_status", "chg_off_prin_gr", "gr_appv", "sba_appv",
    "weight",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SbaOutcome:
    """What became of one loan; ``charged_off_on`` is None for a paid loan and for the few whose day is unknown."""

    disbursed_on: date
    disbursed_cents: int
    status: Literal["paid", "charged_off"]
    charged_off_on: date | None
    loss_cents: int
    recorded_loss_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SbaLoan:
    """One past loan: its application, its outcome, how many loans it stands for, and which odd-row rules touched it."""

    dossier: Dossier
    outcome: SbaOutcome
    weight: float
    fiscal_year: int
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SbaCounts:
    """How many rows the file holds, how many were taken, and among those: odd rows by rule, unknown answers by field.

    A row touched by two rules counts under both.
    """

    rows_in_file: int
    rows_taken: int
    odd: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)


def read_sba(
    path: Path | str, fy_from: int | None = None, fy_to: int | None = None, limit: int | None = None
) -> tuple[tuple[SbaLoan, ...], SbaCounts]:
    """The past loans of the fiscal years asked for (both included), in the order of approval date, then loan number.

    ``limit`` takes so many from the beginning of that order. A file that cannot be read, or lacks a column, raises
    :class:`BadInput` naming it.
    """
    frame = _read_frame(Path(path))
    rows_in_file = frame.height
    if fy_from is not None:
        frame = frame.filter(pl.col("approval_fy") >= fy_from)
    if fy_to is not None:
        frame = frame.filter(pl.col("approval_fy") <= fy_to)
    frame = frame.sort("approval_date", "loan_nr_chk_dgt")
    if limit is not None:
        frame = frame.head(limit)
    loans = tuple(read_loan(row) for row in frame.iter_rows(named=True))
    return loans, count_rows(loans, rows_in_file=rows_in_file)


def read_loan(row: Mapping[str, Any]) -> SbaLoan:
    """One row of the file as an application and its outcome, the odd-row rules applied."""
    outcome, odd = _read_outcome(row)
    approved_on = _day(row["approval_date"])
    if row["approval_fy"] != approved_on.year + (approved_on.month >= 10):
        odd.append("fiscal-year-differs")
    if not row["bank"]:
        odd.append("lender-unknown")
    return SbaLoan(
        dossier=_read_dossier(row, approved_on),
        outcome=outcome,
        weight=float(row["weight"]),
        fiscal_year=int(row["approval_fy"]),
        odd=tuple(odd),
    )


def count_rows(loans: Iterable[SbaLoan], *, rows_in_file: int) -> SbaCounts:
    """The odd rows by rule and the unknown answers by field among the loans taken."""
    odd: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    taken = 0
    for loan in loans:
        taken += 1
        odd.update(loan.odd)
        form = loan.dossier.evidence[0]
        assert isinstance(form, SbaForm)
        asked: dict[str, object] = {
            "industry": loan.dossier.business.industry,
            "city": loan.dossier.business.city,
            "lender_state": form.lender_state,
            "is_new_business": form.is_new_business,
            "setting": form.setting,
            "is_revolving": form.is_revolving,
            "is_low_document": form.is_low_document,
        }
        unknown.update(name for name, answer in asked.items() if answer is None)
    return SbaCounts(
        rows_in_file=rows_in_file,
        rows_taken=taken,
        odd=dict(sorted(odd.items())),
        unknown=dict(sorted(unknown.items())),
    )


def _read_frame(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise BadInput(place=str(path), found="no such file", expected="the SBA loans as a Parquet file")
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as failure:
        found = str(failure).splitlines()[0][:120]
        raise BadInput(place=str(path), found=found, expected="the SBA loans as a Parquet file") from failure
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        raise BadInput(
            place=str(path), found=f"no column {', '.join(missing)}", expected="the columns of the SBA 7(a) file"
        )
    for name in ("loan_nr_chk_dgt", "approval_date", "approval_fy", "gr_appv", "disbursement_gross", "weight"):
        empty = frame.get_column(name).null_count()
        if empty:
            raise BadInput(place=f"{path}, column {name}", found=f"{empty} empty rows", expected="a value in every row")
    return frame.select(_COLUMNS)


def _read_dossier(row: Mapping[str, Any], approved_on: date) -> Dossier:
    number = f"{row['loan_nr_chk_dgt']:010d}"
    applied_at = datetime.combine(approved_on, time(), tzinfo=UTC)
    lender = row["bank"] or UNKNOWN_LENDER
    return Dossier(
        pack="us-sba",
        reference=f"SBA-{number}",
        applied_at=applied_at,
        request=Request(amount_cents=_cents(row["gr_appv"]), currency="USD"),
        applicant=Applicant(token="sba-" + hashlib.sha256(f"sba-applicant:{number}".encode()).hexdigest()[:24]),
        business=Business(
            industry=f"{row['naics']:06d}" if row["naics"] else None,
            city=row["city"] or None,
            state=row["state"] or None,
            employees=row["no_emp"],
        ),
        channel=ChannelPath(kind="direct", company=lender),
        evidence=(
            SbaForm(
                obtained_at=applied_at,
                lender=lender,
                lender_state=row["bank_state"] or None,
                guaranteed_cents=_cents(row["sba_appv"]),
                is_new_business={1: False, 2: True}.get(row["new_exist"]),
                jobs_created=row["create_job"],
                jobs_retained=row["retained_job"],
                is_franchise=None if row["franchise_code"] is None else row["franchise_code"] > 1,
                setting=_SETTINGS.get(row["urban_rural"]),
                is_revolving=_YES_NO.get(row["rev_line_cr"]),
                is_low_document=_YES_NO.get(row["low_doc"]),
            ),
        ),
    )


def _read_outcome(row: Mapping[str, Any]) -> tuple[SbaOutcome, list[str]]:
    odd: list[str] = []
    approved_on = _day(row["approval_date"])
    disbursed_cents = _cents(row["disbursement_gross"])
    recorded_loss_cents = _cents(row["chg_off_prin_gr"] or 0.0)
    charged_off_on = None if row["chg_off_date"] is None else _day(row["chg_off_date"])
    status: Literal["paid", "charged_off"] = "charged_off" if row["mis_status"] == "CHGOFF" else "paid"
    loss_cents = recorded_loss_cents
    if status == "paid":
        if charged_off_on is not None or recorded_loss_cents:
            odd.append("paid-with-charge-off")
        charged_off_on, loss_cents = None, 0
    else:
        if charged_off_on is None:
            odd.append("charge-off-day-unknown")
        if recorded_loss_cents > disbursed_cents:
            odd.append("loss-above-disbursement")
            loss_cents = disbursed_cents
        if recorded_loss_cents <= 0:
            odd.append("charge-off-without-loss")
            loss_cents = 0
    if disbursed_cents > _cents(row["gr_appv"]):
        odd.append("disbursement-above-approval")
    disbursed_on, oddness = _disbursed_on(row["disbursement_date"], approved_on, charged_off_on)
    outcome = SbaOutcome(
        disbursed_on=disbursed_on,
        disbursed_cents=disbursed_cents,
        status=status,
        charged_off_on=charged_off_on,
        loss_cents=loss_cents,
        recorded_loss_cents=recorded_loss_cents,
    )
    return outcome, odd + oddness


def _disbursed_on(recorded: datetime | None, approved_on: date, charged_off_on: date | None) -> tuple[date, list[str]]:
    if recorded is None:
        return approved_on, ["disbursement-day-unknown"]
    day = _day(recorded)
    if day < approved_on:
        return approved_on, ["disbursement-before-approval"]
    if charged_off_on is not None and charged_off_on < day:
        return approved_on, ["charge-off-before-disbursement"]
    return day, []


_SETTINGS: Mapping[int | None, Literal["urban", "rural"]] = {1: "urban", 2: "rural"}
_YES_NO: Mapping[str | None, bool] = {"Y": True, "N": False}


def _cents(amount: float) -> int:
    return round_cents(Decimal(str(amount)) * 100)


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
