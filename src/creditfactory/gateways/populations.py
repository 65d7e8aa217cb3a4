"""Populations from their files, in chunks: Parquet or CSV of labels, JSON Lines of dossiers, the public SBA loans."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from creditfactory import labels
from creditfactory.application import Dossier, check_intake
from creditfactory.decision import Rulebook
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.sba import SbaLoan, read_sba
from creditfactory.gateways.strict_json import check_values, read_json
from creditfactory.identity import check_front_gate
from creditfactory.kernel import BadInput, CreditFactoryError, UnknownName, add_months
from creditfactory.rules import Declaration

DTYPES: Mapping[str, Any] = {
    "int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "str": pl.String, "date": pl.String,
}  # fmt: skip
OUTCOME_DTYPES: Mapping[str, Any] = {
    "bad": pl.Boolean, "lost_share_bps": pl.Int64, "lost_cents": pl.Int64, "weight": pl.Float64, "applied_on": pl.Date,
    "approved_before": pl.Boolean, "reference": pl.String, "gate_verdict": pl.String, "intake_verdict": pl.String,
    "requested_product": pl.String,
}  # fmt: skip
SBA_MARK = "loan_nr_chk_dgt"
BAD_WITHIN_MONTHS = 36
DOSSIERS_A_CHUNK = 2_000
LINE_PARTS = ("dossier", "outcome", "audit")
OUTCOME_PARTS = ("bad", "lost_share_bps", "default_month")
_PLAIN: Mapping[str, type] = {"int": int, "float": float, "bool": bool, "str": str, "date": str}


def read_population(path: Path, rulebook: Rulebook, *, rows: int, on: date | None = None) -> Iterator[pl.DataFrame]:
    """A population's frames of at most so many rows, as they stand in the file; nothing of it is held twice.

    A dossier is read as the line reads it: its labels as known when its last evidence came in, the front gate and the
    intake by the rules of its day (or of ``on``).
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise BadInput(place=str(path), found=found, expected="Parquet or CSV of labels, or JSON Lines")
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _read_parquet(path, rulebook, rows)
    if suffix == ".csv":
        return _read_csv(path, rulebook.declarations, rows)
    if suffix in (".jsonl", ".ndjson", ".json"):
        return _read_lines(path, rulebook, on)
    raise BadInput(place=str(path), found=f"a file that ends in {suffix or 'nothing'}",
                   expected=".parquet, .csv, or .jsonl with one dossier a line")  # fmt: skip


def _read_parquet(path: Path, rulebook: Rulebook, rows: int) -> Iterator[pl.DataFrame]:
    try:
        lazy = pl.scan_parquet(path)
        names = lazy.collect_schema().names()
        height = int(lazy.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(place=str(path), found=str(error).splitlines()[0][:120], expected="a Parquet file") from None
    if SBA_MARK in names:
        return read_sba_population(path, rulebook)
    return (lazy.slice(start, rows).collect() for start in range(0, height, rows))


def _read_csv(path: Path, declared: Mapping[str, Declaration], rows: int) -> Iterator[pl.DataFrame]:
    wanted = {name: DTYPES[declaration.type] for name, declaration in declared.items()}
    wanted |= {"reference": pl.String, "applied_on": pl.String}
    try:
        header = _read_header(path)
        known = {name: kind for name, kind in wanted.items() if name in header}
        lazy = pl.scan_csv(path, schema_overrides=known)
        yield from lazy.collect_batches(chunk_size=rows, maintain_order=True)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            place=str(path), found=_tell(error), expected="a CSV in UTF-8 whose labels are of their declared types"
        ) from None


def _read_header(path: Path) -> list[str]:
    """The names of a CSV's columns, each once."""
    with path.open("rb") as file:
        line = file.readline()
    names = pl.read_csv(line).columns
    written = next(csv.reader([line.decode("utf-8-sig")]), [])
    twice = sorted({name for name in written if written.count(name) > 1})
    if twice:
        raise BadInput(place=str(path), found=f"the column {twice[0]!r} twice", expected="each column once")
    return names


def _tell(error: Exception) -> str:
    """What a reader of tables says is wrong, in its first words and without its advice on how to call it."""
    words = " ".join(str(error).split()).removeprefix("found ")
    for advice in (" The current offset", " You might want", " Consider setting"):
        words = words.partition(advice)[0]
    return words[:160]


def _read_lines(path: Path, rulebook: Rulebook, on: date | None) -> Iterator[pl.DataFrame]:
    with path.open("rb") as file:
        numbered = ((number, line) for number, line in enumerate(file, 1) if line.strip())
        while chunk := list(islice(numbered, DOSSIERS_A_CHUNK)):
            rows = [read_line(line, rulebook, on, place=f"{path}: line {number}") for number, line in chunk]
            yield _frame(rows, rulebook.declarations)


def read_line(line: bytes, rulebook: Rulebook, on: date | None, *, place: str) -> dict[str, Any]:
    """One dossier, alone or as ``{"dossier": …, "outcome": …}``, as a row of labels with its outcome."""
    try:
        whole = _read_group(read_json(line, whole="line"), "line")
        check_values(whole, may_be_negative=None, whole="line")
        is_alone = "dossier" not in whole
        if not is_alone:
            _check_names(whole, LINE_PARTS, "line")
        row = label_dossier(read_dossier(whole if is_alone else _read_group(whole["dossier"], "dossier")), rulebook, on)
        if not is_alone:
            row |= _read_outcome(_read_group(whole.get("outcome"), "outcome"))
            row |= _read_audit(_read_group(whole.get("audit"), "audit"), rulebook.declarations)
    except BadInput as error:
        where = place if error.place == "line" else f"{place}: {error.place}"
        raise type(error)(place=where, found=error.found, expected=error.expected) from None
    except CreditFactoryError as error:
        raise BadInput(place=place, found=str(error), expected="a dossier that can be read") from None
    return row


def _read_group(value: object, place: str) -> Mapping[str, Any]:
    if value is None and place in ("outcome", "audit"):
        return {}
    if not isinstance(value, dict):
        raise BadInput(place=place, found=repr(value)[:40], expected="a group of fields in braces")
    return value


def _check_names(group: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    for name in group:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            expected = f"one of {', '.join(known)}{hint}"
            raise UnknownName(place=place, found=f"the field {name[:40]!r}", expected=expected)


def _read_audit(audit: Mapping[str, Any], declared: Mapping[str, Declaration]) -> dict[str, Any]:
    """Protected facts that only audits look at; those the rulebook knows nothing of are left out."""
    row = {name: value for name, value in audit.items() if name in declared}
    for name, value in row.items():
        kind = _PLAIN[declared[name].type]
        if value is not None and type(value) is not kind and not (kind is float and type(value) is int):
            raise BadInput(place=f"audit.{name}", found=repr(value)[:40], expected=f"a value of type {kind.__name__}")
    return row


def label_dossier(dossier: Dossier, rulebook: Rulebook, on: date | None) -> dict[str, Any]:
    """A dossier's labels with what the intake and the front gate say of it, by the rules of a day."""
    if dossier.pack != rulebook.pack and dossier.pack not in ("cn-micro", "us-sba"):
        raise BadInput(place="pack", found=repr(dossier.pack), expected=f"{rulebook.pack!r}, the rulebook's pack")
    as_of = max([dossier.applied_at, *(evidence.obtained_at for evidence in dossier.evidence)])
    parameters = rulebook.at(on or dossier.applied_on).parameters
    row: dict[str, Any] = dict(labels.compute(dossier, as_of=as_of, parameters=parameters).facts)
    row["applied_on"], row["reference"] = dossier.applied_on, dossier.reference
    row["requested_product"] = dossier.request.product
    row["intake_verdict"] = "reject" if check_intake(dossier, parameters).reasons else "pass"
    if "front_gate" in parameters.get("lane_checks_needed", ()):
        gate = check_front_gate(dossier, parameters, as_of=as_of)
        needs = gate.verdict == "refer" and gate.facts_needed
        row["gate_verdict"] = "needs_facts" if needs else gate.verdict
    return row


def _read_outcome(outcome: Mapping[str, Any]) -> dict[str, Any]:
    _check_names(outcome, OUTCOME_PARTS, "outcome")
    bad, lost = outcome.get("bad"), outcome.get("lost_share_bps")
    if bad is not None and not isinstance(bad, bool):
        raise BadInput(place="outcome.bad", found=repr(bad)[:40], expected="true, false, or null where it is unknown")
    if lost is not None and (type(lost) is not int or not 0 <= lost <= 10_000):
        raise BadInput(place="outcome.lost_share_bps", found=repr(lost)[:40], expected="a whole number up to 10,000")
    return {"bad": bad, "lost_share_bps": lost}


def read_sba_population(path: Path, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """The public SBA loans: bad is a charge-off within three years of approval, as the cards have it; all were lent."""
    loans, _ = read_sba(path)
    numbered = iter(loans)
    while chunk := list(islice(numbered, DOSSIERS_A_CHUNK * 5)):
        yield _frame(list(map(partial(_label_sba, rulebook=rulebook), chunk)), rulebook.declarations)


def _label_sba(loan: SbaLoan, rulebook: Rulebook) -> dict[str, Any]:
    dossier, outcome = loan.dossier, loan.outcome
    row: dict[str, Any] = dict(labels.compute(dossier, as_of=dossier.applied_at, parameters={}).facts)
    row["applied_on"], row["reference"] = dossier.applied_on, dossier.reference
    row["weight"], row["approved_before"] = loan.weight, True
    window = add_months(dossier.applied_on, BAD_WITHIN_MONTHS)
    is_bad = outcome.status == "charged_off"
    row["bad"] = (
        None if is_bad and outcome.charged_off_on is None else is_bad and _is_by(outcome.charged_off_on, window)
    )
    if row["bad"] and outcome.disbursed_cents:
        row["lost_share_bps"] = min(10_000, outcome.loss_cents * 10_000 // outcome.disbursed_cents)
    return row


def _is_by(day: date | datetime | None, last: date) -> bool:
    return day is not None and day <= last


def _frame(rows: list[dict[str, Any]], declared: Mapping[str, Declaration]) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    schema = {n: OUTCOME_DTYPES[n] if n in OUTCOME_DTYPES else DTYPES[declared[n].type] for n in names
              if n in OUTCOME_DTYPES or n in declared}  # fmt: skip
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
