"""Past SBA loans: each odd row is handled by its rule, counted, and never reaches the dossier."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from creditfactory.application import SbaForm
from creditfactory.gateways.sba import SbaLoan, read_loan, read_sba
from creditfactory.kernel import BadInput

PLAIN: dict[str, Any] = {
    "loan_nr_chk_dgt": 1000000001, "city": "ELKO", "state": "NV", "bank": "FIRST BANK", "bank_state": "CA",
    "naics": 722110, "approval_date": datetime(2001, 3, 5), "approval_fy": 2001, "no_emp": 4, "new_exist": 2,
    "create_job": 1, "retained_job": 2, "franchise_code": 1, "urban_rural": 2, "rev_line_cr": "N", "low_doc": "Y",
    "chg_off_date": None, "disbursement_date": datetime(2001, 4, 30), "disbursement_gross": 50000.0,
    "mis_status": "PIF", "chg_off_prin_gr": 0.0, "gr_appv": 50000.0, "sba_appv": 42500.0, "weight": 49.3,
}  # fmt: skip
FAILED = {"mis_status": "CHGOFF", "chg_off_date": datetime(2003, 1, 2), "chg_off_prin_gr": 30000.0}


def read(**changes: Any) -> SbaLoan:
    return read_loan({**PLAIN, **changes})


def test_a_plain_row_becomes_an_application_and_a_paid_outcome() -> None:
    loan = read()
    dossier, form = loan.dossier, loan.dossier.evidence[0]
    assert isinstance(form, SbaForm)
    assert dossier.reference == "SBA-1000000001"
    assert dossier.applied_at == datetime(2001, 3, 5, tzinfo=UTC) == form.obtained_at
    assert (dossier.request.amount_cents, dossier.request.currency) == (5_000_000, "USD")
    assert dossier.request.term_months is None
    assert (dossier.channel.kind, dossier.channel.company) == ("direct", "FIRST BANK")
    assert (dossier.business.industry, dossier.business.employees) == ("722110", 4)
    assert (form.guaranteed_cents, form.is_new_business, form.setting) == (4_250_000, True, "rural")
    assert (form.is_revolving, form.is_low_document, form.is_franchise) == (False, True, False)
    assert "1000000001" not in dossier.applicant.token
    assert (loan.outcome.status, loan.outcome.loss_cents, loan.odd) == ("paid", 0, ())


@pytest.mark.parametrize(
    ("changes", "rule", "expected"),
    [
        (
            {"chg_off_date": datetime(2003, 1, 2), "chg_off_prin_gr": 900.0},
            "paid-with-charge-off",
            {"status": "paid", "charged_off_on": None, "loss_cents": 0, "recorded_loss_cents": 90_000},
        ),
        (
            {**FAILED, "chg_off_date": None},
            "charge-off-day-unknown",
            {"status": "charged_off", "charged_off_on": None, "loss_cents": 3_000_000},
        ),
        (
            {**FAILED, "chg_off_prin_gr": 60000.0},
            "loss-above-disbursement",
            {"loss_cents": 5_000_000, "recorded_loss_cents": 6_000_000},
        ),
        ({**FAILED, "chg_off_prin_gr": 0.0}, "charge-off-without-loss", {"status": "charged_off", "loss_cents": 0}),
        ({"disbursement_gross": 80000.0}, "disbursement-above-approval", {"disbursed_cents": 8_000_000}),
        ({"disbursement_date": None}, "disbursement-day-unknown", {"disbursed_on": date(2001, 3, 5)}),
        (
            {"disbursement_date": datetime(2001, 1, 1)},
            "disbursement-before-approval",
            {"disbursed_on": date(2001, 3, 5)},
        ),
        (
            {**FAILED, "chg_off_date": datetime(2001, 4, 1)},
            "charge-off-before-disbursement",
            {"disbursed_on": date(2001, 3, 5), "charged_off_on": date(2001, 4, 1)},
        ),
        ({"approval_fy": 2002}, "fiscal-year-differs", {"status": "paid"}),
        ({"bank": None}, "lender-unknown", {"status": "paid"}),
    ],
)
def test_each_odd_row_has_its_rule(changes: dict[str, Any], rule: str, expected: dict[str, Any]) -> None:
    loan = read(**changes)
    assert loan.odd == (rule,)
    assert {name: getattr(loan.outcome, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("changes", "field", "answer"),
    [
        ({"new_exist": 0}, "is_new_business", None),
        ({"new_exist": 1}, "is_new_business", False),
        ({"urban_rural": 0}, "setting", None),
        ({"urban_rural": 1}, "setting", "urban"),
        ({"rev_line_cr": None}, "is_revolving", None),
        ({"rev_line_cr": "Y"}, "is_revolving", True),
        ({"low_doc": None}, "is_low_document", None),
        ({"franchise_code": 0}, "is_franchise", False),
        ({"franchise_code": 68020}, "is_franchise", True),
    ],
)
def test_codes_become_answers_and_unknown_stays_unknown(changes: dict[str, Any], field: str, answer: object) -> None:
    assert getattr(read(**changes).dossier.evidence[0], field) == answer


def test_industry_zero_is_unknown() -> None:
    assert read(naics=0).dossier.business.industry is None


def test_nothing_that_happened_later_reaches_the_dossier() -> None:
    later = {**FAILED, "disbursement_date": datetime(2002, 9, 9), "disbursement_gross": 1.0, "weight": 10.5, "term": 84}
    assert read(**later).dossier == read().dossier


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
    return path


def test_loans_come_in_the_order_of_approval_then_number_and_by_fiscal_year(tmp_path: Path) -> None:
    rows = [
        {**PLAIN, "loan_nr_chk_dgt": 1000000009},
        {**PLAIN, "loan_nr_chk_dgt": 1000000002},
        {**PLAIN, "loan_nr_chk_dgt": 1000000005, "approval_date": datetime(1999, 1, 1), "approval_fy": 1999},
        {**PLAIN, "loan_nr_chk_dgt": 1000000003, "bank": None, **FAILED},
    ]
    path = write_rows(tmp_path / "loans.parquet", rows)
    loans, counts = read_sba(path)
    assert [loan.dossier.reference[-1] for loan in loans] == ["5", "2", "3", "9"]
    assert (counts.rows_in_file, counts.rows_taken, counts.odd) == (4, 4, {"lender-unknown": 1})
    assert [loan.dossier.reference[-1] for loan in read_sba(path, 2000, 2001, 2)[0]] == ["2", "3"]
    assert read_sba(path, fy_to=1999)[1].rows_taken == 1


def test_a_file_that_cannot_be_read_is_named_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="found no such file"):
        read_sba(tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("hello")
    with pytest.raises(BadInput, match=r"text\.parquet"):
        read_sba(tmp_path / "text.parquet")
    lacking = [{k: v for k, v in PLAIN.items() if k != "weight"}]
    with pytest.raises(BadInput, match="no column weight"):
        read_sba(write_rows(tmp_path / "lacking.parquet", lacking))
    empty = write_rows(tmp_path / "empty.parquet", [PLAIN, {**PLAIN, "gr_appv": None}])
    with pytest.raises(BadInput, match="column gr_appv: found 1 empty rows"):
        read_sba(empty)
