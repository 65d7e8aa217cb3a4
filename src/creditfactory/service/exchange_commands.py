"""``creditfactory rulebook evaluate``, ``import`` and ``export``: DMN models and Excel workbooks, in and out."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from creditfactory.gateways import dmn
from creditfactory.kernel import BadInput

if TYPE_CHECKING:
    from creditfactory.gateways.rulebook.carrying import Carried

Say = Callable[[str], None]

_EVALUATE = """example:
  creditfactory rulebook evaluate docs/examples/lending.dmn docs/examples/lending.jsonl
  head -1 docs/examples/lending.jsonl | creditfactory rulebook evaluate docs/examples/lending.dmn --decision Routing
"""

_IMPORT = """example:
  creditfactory rulebook import tables.xlsx --into rulebook/cn-micro --from 2027-01-01 --dry-run
  creditfactory rulebook import lending.dmn --into rulebook/cn-micro --from 2027-01-01 --owner credit-policy
"""
_EXPORT = """example:
  creditfactory rulebook export rulebook/cn-micro --all --format xlsx --out tables.xlsx
  creditfactory rulebook export rulebook/cn-micro --table tier --format dmn --out tier.dmn
"""


def add_arguments(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``evaluate`` under ``creditfactory rulebook``; the choice lands in ``run``."""
    evaluate = kinds.add_parser(
        "evaluate", help="evaluate a DMN model on JSON Lines of inputs", epilog=_EVALUATE,
        description="Evaluate a DMN model (1.1 to 1.5) on JSON Lines of inputs; one JSON object of results a line.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    evaluate.add_argument("model", type=Path, metavar="MODEL.dmn", help="the model, DMN 1.1 to 1.5")
    evaluate.add_argument("file", nargs="?", default="-", metavar="FILE", help="inputs as JSON Lines; - is stdin")
    asked = evaluate.add_mutually_exclusive_group()
    asked.add_argument("--decision", metavar="NAME", help="the decision to make (the model's only top decision)")
    asked.add_argument("--all", action="store_true", help="make every decision of the model")
    evaluate.add_argument("--at", type=_read_moment, metavar="TIME", help="what now() and today() are (the time now)")
    evaluate.set_defaults(run=_run_evaluate)
    _let_file_stand_last(evaluate)
    _add_import(kinds)
    _add_export(kinds)


def _let_file_stand_last(parser: argparse.ArgumentParser) -> None:
    """Let FILE stand behind the options as well: argparse by itself takes it for given once MODEL has been read."""
    plain = parser.parse_known_args

    def parse(given: Sequence[str], into: argparse.Namespace | None = None) -> tuple[argparse.Namespace, list[str]]:
        options, rest = [], []
        waiting = list(given)
        while waiting:
            word = waiting.pop(0)
            if word == "--":
                rest += waiting
                break
            if word == "-" or not word.startswith("-"):
                rest.append(word)
                continue
            options.append(word)
            if word in ("--decision", "--at") and waiting:
                options.append(waiting.pop(0))
        return plain([*options, "--", *rest] if rest else options, into)

    parser.parse_known_args = parse  # type: ignore[assignment, method-assign]


def _add_import(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    importing = kinds.add_parser(
        "import", help="carry an edited workbook or a DMN model into a pack", epilog=_IMPORT,
        description="Carry an edited workbook (.xlsx), or a DMN model (.dmn, .xml), into a pack, from a day on. "
        "Each change is told before anything is written; what cannot be carried over is named.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    importing.add_argument("file", type=Path, metavar="FILE", help="an .xlsx workbook, or a .dmn model")
    importing.add_argument("--into", required=True, metavar="PACKDIR", help="the pack's folder")
    importing.add_argument(
        "--from", dest="start", required=True, type=_read_day, metavar="DATE", help="the day it holds from"
    )
    importing.add_argument("--table", action="append", metavar="NAME", help="only this table of a workbook")
    importing.add_argument("--owner", default="imported", metavar="WHO", help="who answers for what a model brings")
    importing.add_argument("--dry-run", action="store_true", help="only tell what would change")
    importing.set_defaults(run=_run_import)


def _add_export(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    exporting = kinds.add_parser(
        "export", help="write a pack's tables as DMN or as an Excel workbook", epilog=_EXPORT,
        description="Write a pack's tables as a DMN 1.5 model, or as an Excel workbook; one that is there keeps its "
        "formats and comments.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    exporting.add_argument("folder", metavar="PACKDIR", help="the pack's folder")
    asked = exporting.add_mutually_exclusive_group(required=True)
    asked.add_argument("--table", action="append", metavar="NAME", help="a table; may be given several times")
    asked.add_argument("--all", action="store_true", help="every table (and, as DMN, every named value)")
    exporting.add_argument("--format", choices=("dmn", "xlsx"), required=True, help="DMN 1.5, or an Excel workbook")
    exporting.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write")
    exporting.add_argument("--on", type=_read_day, metavar="DATE", help="as it stands on this day (today)")
    exporting.set_defaults(run=_run_export)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a day like 2026-11-23") from None


def _read_moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a time like 2026-11-23T10:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _run_evaluate(arguments: argparse.Namespace) -> int:
    return evaluate(
        arguments.model, arguments.file, decision=arguments.decision, is_all=arguments.all,
        at=arguments.at or datetime.now(UTC), say=_say,
    )  # fmt: skip


def _run_import(arguments: argparse.Namespace) -> int:
    from creditfactory.gateways.rulebook import carrying

    kind = arguments.file.suffix.lower()
    if kind in (".dmn", ".xml"):
        carried = carrying.import_dmn(
            arguments.file, arguments.into, start=arguments.start, owner=arguments.owner, dry_run=arguments.dry_run
        )
        return _tell_carried(carried, dry_run=arguments.dry_run)
    if kind != ".xlsx":
        raise BadInput(
            place=str(arguments.file), found=f"a {kind or 'nameless kind of'} file", expected=".xlsx or .dmn"
        )
    imported = carrying.import_workbook(
        arguments.file, arguments.into, start=arguments.start, names=arguments.table, dry_run=arguments.dry_run
    )
    told = "would be written" if arguments.dry_run else "written"
    for table in imported:
        _say(f"{table.table}: " + (f"{len(table.changes)} changes, {table.file} {told}" if table.file else "no change"))
        for change in table.changes:
            _say(f"  {change}")
        for note in table.notes:
            _say(f"  look again: {note}")
        _print({"table": table.table, "file": table.file or None, "changes": [str(change) for change in table.changes]})
    return 0


def _tell_carried(carried: Sequence[Carried], *, dry_run: bool) -> int:
    """Say what became of each decision; exit 1 where none could be carried over."""
    told = "would be written" if dry_run else "written"
    for one in carried:
        for note in one.notes:
            _say(f"{one.decision}: look again: {note}")
        fate = f"{', '.join(one.files)} {told}" if one.files else f"left out: {one.left_out}"
        _say(f"{one.decision}: {fate}")
        _print({"decision": one.decision, "files": list(one.files), "left_out": one.left_out or None})
    return 0 if any(one.files for one in carried) else 1


def _run_export(arguments: argparse.Namespace) -> int:
    from creditfactory.gateways.rulebook import carrying

    on = arguments.on or datetime.now(UTC).date()
    told: list[str] = []
    if arguments.out.is_dir() or not arguments.out.parent.is_dir():
        found = f"{arguments.out}, a folder" if arguments.out.is_dir() else f"no folder {arguments.out.parent}"
        raise BadInput(place="--out", found=found, expected="a file to write, in a folder that is there")
    if arguments.format == "dmn":
        names = carrying.export_dmn(arguments.folder, arguments.out, on=on, names=arguments.table)
    else:
        if arguments.out.suffix.lower() != ".xlsx":
            raise BadInput(place="--out", found=str(arguments.out), expected="a file that ends in .xlsx")
        names, told = carrying.export_workbook(arguments.folder, arguments.out, on=on, names=arguments.table)
    for sentence in told:
        _say(sentence)
    _say(f"{len(names)} written to {arguments.out}, as of {on.isoformat()}.")
    _print({"file": str(arguments.out), "on": on.isoformat(), "names": list(names)})
    return 0


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def evaluate(path: Path, file: str, *, decision: str | None, is_all: bool, at: datetime | None, say: Say) -> int:
    """Print a line of results for each line of inputs; exit 1 where any could not be decided."""
    model = dmn.Model(dmn.read_model_file(path))
    names = model.decisions if is_all else (model.choose(decision),)
    if not names:
        raise BadInput(place=str(path), found="no decision", expected="a model with decisions")
    evaluator = dmn.Evaluator(model, names, is_all=is_all, at=at, say=say)
    for fault in evaluator.faults:
        say(fault)
    for result in evaluator.evaluate(_read_lines(file)):
        sys.stdout.write(result + "\n")
    if evaluator.failed:
        say(f"{evaluator.failed:,} could not be evaluated; see the lines with an error.")
    return 1 if evaluator.failed else 0


def _read_lines(name: str) -> Iterator[str]:
    """The lines of a file or of stdin, as UTF-8."""
    try:
        if name == "-":
            if sys.stdin is None:
                raise BadInput(place=name, found="a closed stdin", expected="JSON Lines of inputs")
            stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="strict")
            yield from stream
            stream.detach()
            return
        with Path(name).open(encoding="utf-8-sig") as opened:
            yield from opened
    except UnicodeDecodeError:
        raise BadInput(place=name, found="bytes that are not UTF-8", expected="JSON Lines in UTF-8") from None
    except OSError as fault:
        raise BadInput(place=name, found=fault.strerror or "no such file", expected="JSON Lines of inputs") from None


def _say(words: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(words + "\n")
