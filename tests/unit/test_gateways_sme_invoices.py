"""Small firms and their invoices: read whole, traps counted, the first fault named by file, column and row."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from creditfactory.batches import firms
from creditfactory.gateways.sme_invoices import each_firm, read_sme_firms
from creditfactory.kernel import BadInput

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sme-invoices"


def invoice(
    firm: str, number: int, month: int, amount: float, status: str = "有效发票", party: str = "B1"
) -> dict[str, Any]:
    return {
        "enterprise": firm, "invoice_no": number, "date": datetime(2019, month, 9), "counterparty": party,
        "amount": amount, "tax": round(amount * 0.13, 2), "total": round(amount * 1.13, 2), "status": status,
    }  # fmt: skip


def lay_set(folder: Path, *extra: dict[str, Any]) -> Path:
    """Two firms with an outcome and one without; the first sells all year, the second once, the third only buys."""
    folder.mkdir(exist_ok=True)
    (folder / "enterprises_with_outcome.csv").write_text(
        "企业代号,企业名称,信誉评级,是否违约\nE1,***五金有限公司,A,否\nE2,***商贸有限公司,D,是\n", encoding="utf-8"
    )
    (folder / "enterprises_without_outcome.csv").write_text("企业代号,企业名称\nE3,个体经营E3 \n", encoding="utf-8")
    sales = [invoice("E1", month, month, 1_000.0 + month, party=f"B{month % 3}") for month in range(1, 13)]
    old = invoice("E2", 92, 3, 700.0) | {"date": datetime(2018, 3, 9)}
    sales += [invoice("E1", 90, 12, 500.0, " 作废发票"), invoice("E1", 91, 12, -100.005), old, *extra]
    pl.DataFrame(sales).write_parquet(folder / "credit_history_output_invoice.parquet")
    for name in ("credit_history_input", "no_credit_history_output", "no_credit_history_input"):
        pl.DataFrame([invoice("E3" if name.startswith("no") else "E1", 1, 5, 300.0)]).write_parquet(
            folder / f"{name}_invoice.parquet"
        )
    return folder


def test_the_traps_of_the_set_are_counted_and_none_is_dropped(tmp_path: Path) -> None:
    """LAB-01: the state is stripped, void is void, below zero is a refund, and the grade is nowhere."""
    whole = read_sme_firms(lay_set(tmp_path / "set"))
    assert whole.odd == {"state with spaces around it": 1, "void": 1, "refund": 1, "no amount": 0}
    first, second, third = each_firm(whole)
    assert (first.defaulted, second.defaulted, third.defaulted) == (False, True, None)
    assert sum(first.invoices.is_void) == 1
    assert min(first.invoices.net_cents) == -10_001, "half a cent goes away from zero"
    assert third.name == "个体经营E3"
    assert first.invoices.on == tuple(sorted(first.invoices.on))
    assert "A" not in repr(first).split("invoices")[0].replace("SmeFirm", "")


@pytest.mark.parametrize(
    ("extra", "place", "found"),
    [
        (invoice("E1", 99, 1, 5.0, "待定"), "status, row 16", "待定"),
        (invoice("E1", 99, 1, float("nan")), "amount, row 16", "nan"),
        (invoice("E1", 99, 1, 1e15), "amount, row 16", "1,000,000,000,000,000"),
        (invoice("E9", 99, 1, 5.0), "set", "E9"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(tmp_path: Path, extra: dict[str, Any], place: str, found: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_sme_firms(lay_set(tmp_path / "set", extra))
    assert place in caught.value.place
    assert found in caught.value.found


def test_an_empty_folder_names_the_file_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="enterprises_with_outcome"):
        read_sme_firms(tmp_path)


def test_an_import_replaces_the_one_before_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    place.mkdir()
    about = firms.import_firms(lay_set(tmp_path / "set"), place)
    assert (about.firms, about.invoices) == (3, 18)
    row = firms.read_part(place, "firms").row(0, named=True)
    assert row["sales_cents"] == sum(100_000 + 100 * month for month in range(1, 13)) - 10_001
    assert row["customers"] == 3
    assert row["void_bps"] == 10_000 // 14
    with pytest.raises(BadInput):
        firms.import_firms(lay_set(tmp_path / "set", invoice("E1", 99, 1, 5.0, "待定")), place)
    assert firms.read_about(place) == about
    assert firms.read_part(place, "firms").height == 3


def test_a_record_of_another_form_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "firms").mkdir()
    (tmp_path / "firms" / "about.json").write_text('{"form": 0}')
    assert firms.read_about(tmp_path) is None
    with pytest.raises(BadInput, match="firms import DIR"):
        firms.read_part(tmp_path, "firms")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public set of small firms is not beside the checkout")
def test_the_public_set_reaches_the_floors_of_its_single_figures(tmp_path: Path) -> None:
    """LAB-05: 425 firms, 1.1 million invoices; a figure below its floor is broken, far above it leaks."""
    about = firms.import_firms(SHARED, tmp_path)
    assert (about.firms, about.invoices) == (425, 1_099_441)
    kept = firms.read_part(tmp_path, "firms")
    assert kept.height == 425
    assert kept["defaulted"].sum() == 27
    assert "信誉评级" not in kept.columns
    told = firms.measure_whole_record(read_sme_firms(SHARED))
    floors = {"sales": 0.891, "invoices": 0.871, "purchases": 0.786, "counterparties": 0.754, "void_share": 0.684}
    for name, floor in floors.items():
        assert floor - 0.005 <= told[name] <= floor + 0.01, name
