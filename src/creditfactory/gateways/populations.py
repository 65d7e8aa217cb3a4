"""Populations from their files, in chunks: Parquet or CSV of labels, JSON Lines of dossiers, the public SBA loans."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
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
from creditfactory.identity import check_front_gate
from creditfactory.kernel import BadInput, CreditFactoryError, add_months
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


def read_population(path: Path, rulebook: Rulebook, *, rows: int, on: date | None = None) -> Iterator[pl.DataFrame]:
    """A population's frames of at most so many rows, as they stand in the file; nothing of it is held twice.

    A dossier is read as the line reads it: its labels as known when its last evidence came in, the front gate and the
    intake by the rules of its day (or of ``on``).
    """
    if not path.is_file():
        raise BadInput(place=str(path), found="no such file", expected="Parquet or CSV of labels, or JSON Lines")
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
        with path.open("rb") as file:
            header = pl.read_csv(file.readline()).columns
        known = {name: kind for name, kind in wanted.items() if name in header}
        lazy = pl.scan_csv(path, schema_overrides=known)
        yield from lazy.collect_batches(chunk_size=rows, maintain_order=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        found = " ".join(str(error).split())[:160]
        raise BadInput(
            place=str(path), found=found, expected="a CSV whose labels are of their declared types"
        ) from None


def _read_lines(path: Path, rulebook: Rulebook, on: date | None) -> Iterator[pl.DataFrame]:
    with path.open("rb") as file:
        numbered = ((number, line) for number, line in enumerate(file, 1) if line.strip())
        while chunk := list(islice(numbered, DOSSIERS_A_CHUNK)):
            rows = [read_line(line, rulebook, on, place=f"{path}: line {number}") for number, line in chunk]
            yield _frame(rows, rulebook.declarations)


def read_line(line: bytes, rulebook: Rulebook, on: date | None, *, place: str) -> dict[str, Any]:
    """One dossier, alone or as ``{"dossier": …, "outcome": …}``, as a row of labels with its outcome."""
    try:
        whole = json.loads(line)
        if not isinstance(whole, dict):
            raise BadInput(place="line", found=str(whole)[:40], expected="a dossier in braces")
        dossier = read_dossier(whole.get("dossier", whole))
        row = label_dossier(dossier, rulebook, on)
        if "dossier" in whole:
            row |= _read_outcome(whole.get("outcome") or {})
            row |= {n: v for n, v in (whole.get("audit") or {}).items() if n in rulebook.declarations}
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(place=place, found=str(error)[:120], expected="one JSON object a line") from None
    except CreditFactoryError as error:
        raise BadInput(place=place, found=str(error), expected="a dossier that can be read") from None
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


def _read_outcome(outcome: Any) -> dict[str, Any]:
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
