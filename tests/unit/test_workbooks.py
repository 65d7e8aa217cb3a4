"""Tables as workbooks, out and in again; what a spreadsheet makes of a cell is read right or refused by name."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from creditfactory.gateways.rulebook import check_rulebook, load_rulebook
from creditfactory.gateways.rulebook.carrying import export_workbook, import_workbook
from creditfactory.kernel import BadInput, Refused, UnknownName

UNIT = Path(__file__).resolve().parents[1] / "packs" / "unit"
DAY, NEXT = date(2026, 7, 1), date(2027, 1, 1)
FIRST = 10
POINTS, INDUSTRY, TIER, RATE, NOTE = "B", "C", "D", "E", "F"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(UNIT, tmp_path / "unit"))


@pytest.fixture
def book(pack: Path) -> Path:
    path = pack.parent / "tables.xlsx"
    export_workbook(pack, path, on=DAY, names=None)
    return path


def edit(path: Path, change: Callable[[Any], None]) -> None:
    opened = openpyxl.load_workbook(path)
    change(opened["tier"])
    opened.save(path)


def put(path: Path, **cells: Any) -> None:
    def change(sheet: Any) -> None:
        for name, value in cells.items():
            sheet[name].value = value

    edit(path, change)


def bring_in(pack: Path, book: Path, *, dry_run: bool = False, start: date = NEXT) -> Any:
    return import_workbook(book, pack, start=start, names=None, dry_run=dry_run)


def files_of(pack: Path) -> dict[str, bytes]:
    return {p.relative_to(pack).as_posix(): p.read_bytes() for p in pack.rglob("*") if p.is_file()}


def test_a_sheet_says_what_its_columns_mean(book: Path) -> None:
    """The table as a person reads it."""
    sheet = openpyxl.load_workbook(book)["tier"]
    assert [sheet[f"{c}7"].value for c in "BCDEF"] == ["points", "industry", "tier", "annual_rate", "note"]
    assert sheet["B2"].value == "按评分与行业分级 · Tier by points and industry"
    assert (sheet["B3"].value, sheet["B4"].value, sheet["B5"].value) == ("first", "credit-policy", "2026-01-01")
    assert sheet["B9"].value == "test · int · 0 to 1000"
    assert sheet["D9"].value == "answer · str · T1, T2, T3"
    assert [sheet[f"{c}11"].value for c in "BCDEF"] == [
        "[600..700)",
        "not(transport)",
        "T2",
        "0.21",
        "haulage is dearer",
    ]
    assert sheet.freeze_panes == "B10"
    listed = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert listed == ['"T1,T2,T3"']
    assert all(sheet.column_dimensions[c].width >= 12 for c in "ABCDEF")


def test_out_and_in_without_an_edit_changes_nothing(pack: Path, book: Path) -> None:
    before = files_of(pack)
    assert [(t.table, t.changes, t.file) for t in bring_in(pack, book)] == [("tier", (), "")]
    export_workbook(pack, book, on=DAY, names=["tier"])
    assert not bring_in(pack, book)[0].changes and files_of(pack) == before


def test_every_pack_of_the_house_goes_out_and_in_unchanged(tmp_path: Path) -> None:
    packs = Path(__file__).resolve().parents[2] / "rulebook"
    for name in ("cn-micro", "us-sba"):
        book = tmp_path / f"{name}.xlsx"
        export_workbook(packs / name, book, on=date(2026, 6, 1), names=None)
        assert all(
            not t.file for t in import_workbook(book, packs / name, start=date(2099, 1, 1), names=None, dry_run=True)
        )


def test_an_edit_becomes_a_new_dated_version_and_the_past_stays(pack: Path, book: Path) -> None:
    """CMP-04: each changed cell told in words, and a version that holds from its day on."""
    before = files_of(pack)

    def change(sheet: Any) -> None:
        sheet["E10"].value = 0.17
        sheet["B12"].value = "(500..600)"
        sheet["C12"].value, sheet["D12"].value, sheet["E12"].value = "-", "T3", "0.26"
        for column, value in zip("BCDE", ["[550..600]", "transport", "T3", "0.24"], strict=True):
            sheet[f"{column}13"].value = value

    edit(book, change)
    fourth = "points [550..600], industry transport, tier T3, annual_rate 0.24"
    told = bring_in(pack, book, dry_run=True)
    assert files_of(pack) == before, "a dry run writes nothing"
    assert [str(c) for c in told[0].changes] == [
        "row 1 changed (points >= 700, tier T1, annual_rate 0.17): annual_rate: 0.18 → 0.17",
        "row 3 added: points (500..600), tier T3, annual_rate 0.26",
        f"row 4 changed ({fourth}): points: (550..700) → [550..600]",
    ]
    assert told[0].file == "tables/tier-2027-01-01.csv"
    assert any("no row answers for" in note for note in told[0].notes)
    assert bring_in(pack, book) == told
    after = files_of(pack)
    assert {p for p in after if after[p] != before.get(p)} == {"tables/tier.yaml", "tables/tier-2027-01-01.csv"}
    yaml = after["tables/tier.yaml"].decode()
    assert yaml.replace("  2027-01-01: tier-2027-01-01.csv\n", "") == before["tables/tier.yaml"].decode()
    rulebook = load_rulebook(pack, locked=False)
    answers = [
        rulebook.at(day).table("tier").look_up({"points": 700, "industry": "retail"}).outputs for day in (DAY, NEXT)
    ]
    assert [a["annual_rate"] for a in answers] == ["0.18", "0.17"]
    assert check_rulebook(pack).is_sound


def test_a_workbook_of_an_older_version_is_not_taken(pack: Path, book: Path) -> None:
    put(book, E10="0.17")
    bring_in(pack, book)
    put(book, E10="0.16")
    with pytest.raises(Refused, match="taken from the version of 2026-01-01, and there is one from 2027-01-01"):
        bring_in(pack, book, start=date(2028, 1, 1))


def test_the_past_is_not_edited(pack: Path, book: Path) -> None:
    put(book, E10="0.17")
    before = files_of(pack)
    with pytest.raises(Refused, match="the past is never edited"):
        bring_in(pack, book, start=date(2026, 1, 1))
    assert files_of(pack) == before


def test_nothing_is_half_written(pack: Path, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(book, E10="0.17")
    before = files_of(pack)
    plain = Path.replace

    def fail(self: Path, target: Any) -> Any:
        if str(target).endswith(".yaml"):
            raise OSError(28, "No space left on device")
        return plain(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        bring_in(pack, book)
    assert files_of(pack) == before


def test_formats_and_comments_outlive_an_export(pack: Path, book: Path) -> None:
    def paint(sheet: Any) -> None:
        sheet["E11"].font = Font(bold=True, color="FF0000")
        sheet["E11"].comment = Comment("agreed with pricing", "li")
        sheet["B12"].fill = PatternFill("solid", fgColor="FFFF00")
        sheet["B12"].comment = Comment("look at this again", "li")
        sheet.column_dimensions["F"].width = 60
        sheet.row_dimensions[11].height = 40

    edit(book, paint)
    opened = openpyxl.load_workbook(book)
    opened.create_sheet("my own notes")["A1"] = "keep me"
    opened.save(book)
    rows = (pack / "tables/tier.csv").read_text().splitlines()
    (pack / "tables/tier.csv").write_text("\n".join([rows[0], "[900..1000],-,T1,0.16,the best", *rows[1:]]) + "\n")
    _, told = export_workbook(pack, book, on=DAY, names=None)
    sheet = openpyxl.load_workbook(book)["tier"]
    assert sheet["B10"].value == "[900..1000]" and sheet["E12"].value == "0.21"
    assert sheet["E12"].font.bold and sheet["E12"].comment.text == "agreed with pricing"
    assert not sheet["E11"].font.bold and sheet["E11"].comment is None
    assert sheet["B13"].comment.text == "look at this again" and sheet["B13"].fill.fgColor.rgb == "00FFFF00"
    assert sheet.column_dimensions["F"].width == 60 and sheet.row_dimensions[12].height == 40
    assert openpyxl.load_workbook(book)["my own notes"]["A1"].value == "keep me"
    assert told == []
    (pack / "tables/tier.csv").write_text("\n".join([rows[0], rows[1]]) + "\n")
    _, told = export_workbook(pack, book, on=DAY, names=None)
    assert "'look at this again' went with the row it stood on" in " ".join(told)
    assert openpyxl.load_workbook(book)["tier"]["B11"].value is None


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"B10": "≥ 700"}, ">= 700"),
        ({"B11": "［600．．700）"}, "[600..700)"),
        ({"C12": "“catering”"}, '"catering"'),
        ({"C11": "not（transport，catering）"}, "not(transport,catering)"),
        ({"B10": 700}, "700"),
        ({"B10": 700.0}, "700"),
        ({"B10": "  >= 700 \u00a0"}, ">= 700"),
        ({"B10": None}, "-"),
        ({"B10": "－"}, "-"),
    ],
)
def test_what_a_chinese_keyboard_or_excel_puts_is_read_as_meant(
    pack: Path, book: Path, cells: dict[str, Any], wanted: str
) -> None:
    put(book, **cells)
    bring_in(pack, book)
    table = load_rulebook(pack, locked=False).at(NEXT).table("tier")
    name = next(iter(cells))
    assert table.rows[int(name[1:]) - FIRST].cells[0 if name[0] == POINTS else 1].text == wanted


@pytest.mark.parametrize(
    ("cells", "place", "why"),
    [
        ({"B10": "=1+1"}, "tier!B10", "a formula"),
        ({"D10": "=C10"}, "tier!D10", "a formula"),
        ({"F10": '=HYPERLINK("http://x")'}, "tier!F10", "a formula"),
        ({"B10": "#DIV/0!"}, "tier!B10", "the error"),
        ({"B10": datetime(2026, 5, 1)}, "tier!B10", "a date or time"),
        ({"B10": time(5, 1)}, "tier!B10", "a date or time"),
        ({"B10": True}, "tier!B10", "TRUE"),
        ({"B10": "70%"}, "tier!B10", "without %"),
        ({"B10": ">= abc"}, "tier!B10", "a number for points"),
        ({"B10": "[5..1]"}, "tier!B10", "the lower end first"),
        ({"C10": "retial"}, "tier!C10", "did you mean 'retail'"),
        ({"D10": "T4"}, "tier!D10", "one of T1, T2, T3"),
        ({"D10": None}, "tier!D10", "an empty cell"),
        ({"E10": "cheap"}, "tier!E10", "a rate for annual_rate"),
        ({"E10": None}, "tier!E10", "a rate for annual_rate"),
        ({"H12": "stray"}, "tier!H12", "nothing right of the notes"),
        ({"C7": "trade"}, "tier!C7", "the column industry"),
        ({"B1": "tear"}, "tier!B1", "did you mean 'tier'"),
        ({"B5": "soon"}, "tier!B5", "the day of the version"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_cell(
    pack: Path, book: Path, cells: dict[str, Any], place: str, why: str
) -> None:
    before = files_of(pack)
    put(book, **cells)
    with pytest.raises(BadInput) as fault:
        bring_in(pack, book)
    assert fault.value.place == place and why in str(fault.value)
    assert files_of(pack) == before


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda s: s.merge_cells("B10:B11"), "tier!B10:B11"),
        (lambda s: setattr(s.row_dimensions[11], "hidden", True), "tier!11:11"),
        (lambda s: setattr(s.column_dimensions["C"], "hidden", True), "tier!C:C"),
        (lambda s: s.delete_rows(FIRST, 5), "tier"),
        (lambda s: s.delete_cols(3), "tier!C7"),
        (lambda s: setattr(s["E10"], "number_format", "0%") or setattr(s["B10"], "value", 700)
         or setattr(s["B10"], "number_format", "0%"), "tier!B10"),
    ],
)  # fmt: skip
def test_what_hides_or_joins_cells_is_refused(
    pack: Path, book: Path, change: Callable[[Any], None], place: str
) -> None:
    edit(book, change)
    with pytest.raises(BadInput) as fault:
        bring_in(pack, book)
    assert fault.value.place == place


def test_a_rate_shown_as_a_percentage_is_the_rate(pack: Path, book: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["E10"].value, sheet["E10"].number_format = 0.175, "0.0%"

    edit(book, change)
    assert str(bring_in(pack, book)[0].changes[0]).endswith("annual_rate: 0.18 → 0.175")


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no .xlsx"),
        (b"PK\x03\x04 broken", "no .xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an old .xls, or a workbook under a password"),
        (archive(**{"xl/vbaProject.bin": b"x"}), "macros"),
        (archive(**{"xl/workbook.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "a document type"),
        (archive(**{"a.txt": b"x"}), "cannot be read"),
        (archive(**{f"{n}.xml": b"" for n in range(2100)}), "unpacks without end"),
    ],
)
def test_what_is_no_plain_workbook_is_refused(pack: Path, content: bytes, why: str) -> None:
    path = pack.parent / "odd.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=why):
        bring_in(pack, path)


def test_a_workbook_without_tables_and_unknown_names_are_refused(pack: Path, book: Path) -> None:
    empty = pack.parent / "empty.xlsx"
    openpyxl.Workbook().save(empty)
    with pytest.raises(BadInput, match="no sheet of a table"):
        bring_in(pack, empty)
    with pytest.raises(UnknownName, match="did you mean 'tier'"):
        export_workbook(pack, book, on=DAY, names=["teir"])
    with pytest.raises(UnknownName, match="did you mean 'tier'"):
        import_workbook(book, pack, start=NEXT, names=["teir"], dry_run=True)
