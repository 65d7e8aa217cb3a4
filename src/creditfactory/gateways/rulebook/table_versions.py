"""A new dated version of a table beside the old ones: the past is never edited, and nothing is half written."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from creditfactory.decision import Dated
from creditfactory.kernel import BadInput, Refused
from creditfactory.rules import Table, texts_of

ENTRY = re.compile(r"(?P<indent>[ \t]+)(?P<day>['\"]?\d{4}-\d\d-\d\d['\"]?)\s*:")


@dataclass(frozen=True, slots=True)
class NewVersion:
    """One table's next version: its rows' file and the table's file with one more line."""

    table: str
    start: date
    rows_place: str
    rows: bytes
    place: str
    text: bytes


def build_version(folder: Path, name: str, dated: Dated[Table], table: Table, start: date) -> NewVersion:
    """The two files of a table's next version, which starts after every version there is."""
    last = dated.starts[-1]
    place = f"tables/{name}.yaml"
    if start <= last:
        raise Refused(
            f"{place}: the last version holds from {last.isoformat()}, and the past is never edited. "
            f"Let the new one hold from a later day (--from), found {start.isoformat()}."
        )
    rows_file = f"{name}-{start.isoformat()}.csv"
    if (folder / "tables" / rows_file).exists():
        raise Refused(f"tables/{rows_file} is there already; move it away, or choose another day.")
    before = (folder / place).read_bytes()
    text = add_entry(before.decode("utf-8"), start, rows_file, place)
    return NewVersion(name, start, f"tables/{rows_file}", write_rows(table), place, text.encode("utf-8"))


def add_entry(text: str, start: date, file: str, place: str) -> str:
    """The text of a table's file with one more day under ``values:``; all else stays as it is.

    >>> print(add_entry("hit: unique\\nvalues:\\n  2025-01-01: a.csv  # first\\nmissing: refer\\n",
    ...     date(2026, 1, 1), "b.csv", "t.yaml"))
    hit: unique
    values:
      2025-01-01: a.csv  # first
      2026-01-01: b.csv
    missing: refer
    <BLANKLINE>
    """
    lines = text.splitlines(keepends=True)
    ending = "\r\n" if "\r\n" in text else "\n"
    at = next((i for i, line in enumerate(lines) if re.match(r"values\s*:", line)), None)
    if at is None:
        raise BadInput(place=place, found="no values: on a line of its own", expected="the table's dated versions")
    flow = re.match(r"(values\s*:\s*\{.*?)\s*(\}.*)$", lines[at].rstrip("\r\n"))
    if flow:
        lines[at] = f"{flow[1]}, {start.isoformat()}: {file}{flow[2]}{ending}"
        return "".join(lines)
    last, indent = None, "  "
    for i in range(at + 1, len(lines)):
        if lines[i].strip() and not lines[i][0].isspace() and not lines[i].startswith("#"):
            break
        entry = ENTRY.match(lines[i])
        if entry:
            last, indent = i, entry["indent"]
    if last is None:
        raise BadInput(
            place=f"{place}: values", found="no days below it", expected="lines such as 2026-01-01: rows.csv"
        )
    if not lines[last].endswith(("\n", "\r")):
        lines[last] += ending
    lines.insert(last + 1, f"{indent}{start.isoformat()}: {file}{ending}")
    return "".join(lines)


def write_rows(table: Table) -> bytes:
    """A table's rows as its CSV file."""
    has_notes = any(row.note for row in table.rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    header = [*(column.name for column in table.inputs), *(output.name for output in table.outputs)]
    writer.writerow([*header, "note"] if has_notes else header)
    for row in table.rows:
        texts = texts_of(row)
        writer.writerow(texts if has_notes else texts[:-1])
    return out.getvalue().encode("utf-8")


def write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files of a pack, all or none: what was there comes back where one cannot be written."""
    before: dict[Path, bytes | None] = {}
    waiting: list[tuple[Path, Path]] = []
    try:
        for place, content in contents.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            waiting.append((Path(name), target))
            with os.fdopen(handle, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        for ready, target in waiting:
            before[target] = target.read_bytes() if target.exists() else None
            ready.replace(target)
    except BaseException:
        for target, content_before in before.items():
            with contextlib.suppress(OSError):
                if content_before is None:
                    target.unlink(missing_ok=True)
                else:
                    target.write_bytes(content_before)
        for ready, _ in waiting:
            with contextlib.suppress(OSError):
                ready.unlink(missing_ok=True)
        raise
