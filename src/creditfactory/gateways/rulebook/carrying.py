"""Tables carried out of a pack and back into it, as workbooks and DMN models: all of what was asked, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from creditfactory import labels
from creditfactory.decision import Dated
from creditfactory.gateways.dmn.xml_reading import read_model_file
from creditfactory.gateways.dmn.xml_writing import write_model
from creditfactory.gateways.rulebook.files import find_folder
from creditfactory.gateways.rulebook.from_dmn import Carried, Carrying, carry_over
from creditfactory.gateways.rulebook.loading import Pack, default_folder, load_rulebook, read_pack
from creditfactory.gateways.rulebook.table_versions import NewVersion, build_version, write_all
from creditfactory.gateways.rulebook.to_dmn import build_model
from creditfactory.gateways.rulebook.workbook_reading import EditedTable, is_same, read_workbook
from creditfactory.gateways.rulebook.workbooks import Sheet, write_workbook
from creditfactory.kernel import BadInput, Refused
from creditfactory.rules import RowChange, Table, check_table, compare_tables, refuse_name

__all__ = ["Carried", "TableImport", "export_dmn", "export_workbook", "import_dmn", "import_workbook"]


@dataclass(frozen=True, slots=True)
class TableImport:
    """One table of a workbook: how it differs from the last version, what its owner should look at, its new file."""

    table: str
    changes: tuple[RowChange, ...]
    notes: tuple[str, ...] = ()
    file: str = ""


def export_dmn(folder: str | Path, out: Path, *, on: date, names: Iterable[str] | None) -> tuple[str, ...]:
    """Write tables and named values as a DMN 1.5 model; the names of its decisions."""
    rulebook = load_rulebook(folder, locked=False)
    model = build_model(rulebook, on, names)
    if not model.decisions:
        raise BadInput(place=rulebook.pack, found=f"no table in force on {on.isoformat()}", expected="at least one")
    _write_file(out, write_model(model))
    return tuple(node.name for node in model.decisions.values())


def export_workbook(
    folder: str | Path, out: Path, *, on: date, names: Iterable[str] | None
) -> tuple[tuple[str, ...], list[str]]:
    """Write tables into a workbook, one sheet each; the tables' names, and what an older workbook lost."""
    rulebook = load_rulebook(folder, locked=False)
    wanted = list(rulebook.tables) if names is None else list(names)
    meanings = {label.name: label.meaning for label in labels.list_labels(rulebook.pack)}
    sheets = []
    for name in wanted:
        if name not in rulebook.tables:
            refuse_name(rulebook.pack, name, rulebook.tables, "a table of this pack")
        version = _version_on(rulebook.tables[name], on)
        if version is not None:
            sheets.append(Sheet(version[1], version[0], meanings))
        elif names is not None:
            raise BadInput(place=name, found=f"no version in force on {on.isoformat()}", expected="a later day")
    if not sheets:
        raise BadInput(place=rulebook.pack, found=f"no table in force on {on.isoformat()}", expected="at least one")
    told = write_workbook(out, sheets)
    return tuple(sheet.table.name for sheet in sheets), told


def _version_on(dated: Dated[Table], on: date) -> tuple[date, Table] | None:
    table = dated.on(on)
    return None if table is None else (max(start for start in dated.starts if start <= on), table)


def import_workbook(
    path: Path, folder: str | Path, *, start: date, names: Iterable[str] | None, dry_run: bool
) -> list[TableImport]:
    """Read edited tables back as new versions from a day on; nothing is written where anything is wrong."""
    pack = _read_sound(folder)
    latest = {name: (dated.starts[-1], dated.versions[-1][1]) for name, dated in pack.tables.items()}
    edited = read_workbook(path, {name: table for name, (_, table) in latest.items() if table is not None})
    wanted = list(edited) if names is None else list(names)
    for name in wanted:
        if name not in edited:
            refuse_name(path.name, name, edited, "a table that has a sheet in this workbook")
    found: list[TableImport] = []
    versions: list[NewVersion] = []
    for name in wanted:
        since, before = latest[name]
        assert before is not None, "only tables in force are read"
        after = edited[name]
        if is_same(before, after.table):
            found.append(TableImport(name, ()))
            continue
        _check_fresh(name, since, after)
        _check_own(pack, name)
        version = build_version(pack.folder, name, pack.tables[name], after.table, start)
        versions.append(version)
        changes = compare_tables(before, after.table)
        found.append(TableImport(name, changes, tuple(_look_at(after.table)), version.rows_place))
    if versions and not dry_run:
        contents = {version.rows_place: version.rows for version in versions}
        write_all(pack.folder, contents | {version.place: version.text for version in versions})
    return found


def _check_fresh(name: str, since: date, edited: EditedTable) -> None:
    if edited.taken_from != since:
        raise Refused(
            f"{name}: the workbook was taken from the version of {edited.taken_from.isoformat()}, and there is one "
            f"from {since.isoformat()} by now. Export again, and make the changes there."
        )


def _check_own(pack: Pack, name: str) -> None:
    place = f"tables/{name}.yaml"
    if pack.files[place].resolve() != (pack.folder / place).resolve():
        raise Refused(f"{place} belongs to the pack that {pack.folder.name} extends; import it there.")


def _look_at(table: Table) -> list[str]:
    """What a check of the table finds, in words."""
    told = []
    for fault in check_table(table):
        rows = ", ".join(str(line - 1) for line in fault.lines)
        match fault.kind:
            case "unreachable":
                told.append(f"row {rows} can never speak")
            case "overlap":
                told.append(f"rows {rows} both answer for {fault.example}")
            case "gap":
                told.append(f"no row answers for {fault.example}")
            case _:
                told.append(f"too many cases to look through: {fault.example}")
    return told


def import_dmn(path: Path, folder: str | Path, *, start: date, owner: str, dry_run: bool) -> list[Carried]:
    """Carry a DMN model's decisions into a pack: those that our language can say, each other with the reason."""
    model = read_model_file(path)
    pack = _read_sound(folder)
    rulebook = pack.rulebook()
    parameters = {name: p for name, dated in rulebook.parameters.items() if (p := dated.on(start)) is not None}
    taken = {*pack.parameters, *pack.derived, *pack.rules, *pack.tables, *pack.declarations}
    carrying = Carrying(model, pack.declarations, parameters, frozenset(taken), start, owner)
    found = carry_over(carrying)
    if carrying.files and not dry_run:
        there = [place for place in carrying.files if (pack.folder / place).exists()]
        if there:
            raise Refused(f"{there[0]} is there already; move it away first. Nothing was written.")
        write_all(pack.folder, carrying.files)
    return found


def _read_sound(folder: str | Path) -> Pack:
    """A pack that can be read without a fault; into any other nothing is carried."""
    pack = read_pack(find_folder(folder, default_folder()))
    if pack.faults:
        fault = pack.faults[0]
        raise BadInput(place=f"{pack.folder.name}/{fault.place}", found=fault.found, expected=fault.expected)
    return pack


def _write_file(out: Path, content: bytes) -> None:
    waiting = out.with_name(f".{out.name}.new")
    try:
        waiting.write_bytes(content)
        waiting.replace(out)
    finally:
        waiting.unlink(missing_ok=True)
