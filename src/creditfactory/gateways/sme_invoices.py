"""Small Chinese firms and their VAT invoices, read from a public, anonymised set of 425 firms and 1.1 million invoices.

Four Parquet files hold the invoices (``output`` what was sold, ``input`` what was bought), two CSV files the firms,
of which 123 with an outcome. Rules for what the files hold, each counted under its name, no row ever dropped:

- The state is stripped before it is compared: ``有效发票`` stands, ``作废发票`` is void. Another word is refused.
- An amount below zero is a refund (a red invoice) and stands; cents are rounded half away from zero.
- The other side is a code of its own in each half of the set; the same code in both directions is one side.
- The credit grade (信誉评级) is nearly the outcome and is never read; the outcome (是否违约) is kept apart from
  everything a label could be made from.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from creditfactory.application import Applicant, Business, ChannelPath, Dossier, InvoiceList, Request
from creditfactory.kernel import BadInput

HALVES = ("credit_history", "no_credit_history")
FIRM_FILES = ("enterprises_with_outcome.csv", "enterprises_without_outcome.csv")
WAYS = ("output", "input")
COLUMNS = ("enterprise", "invoice_no", "date", "counterparty", "amount", "tax", "status")
STATES = {"有效发票": False, "作废发票": True}
OUTCOMES = {"是": True, "否": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmeFirm:
    """One firm: its code, its masked name, its invoices, and apart from them whether it defaulted (None: unknown)."""

    code: str
    name: str
    invoices: InvoiceList
    defaulted: bool | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmeFirms:
    """The whole set: one frame of invoices with its days, and the firms."""

    invoices: pl.DataFrame
    firms: tuple[tuple[str, str, bool | None], ...]
    from_on: date
    to_on: date
    odd: dict[str, int]
    digest: str


def read_sme_firms(folder: Path) -> SmeFirms:
    """The set in a folder, whole or not at all: the first thing that cannot be is refused by file, column and row."""
    firms = [row for name in FIRM_FILES for row in _read_firms(folder / name)]
    codes = [code for code, _, _ in firms]
    doubled = next((code for code in codes if codes.count(code) > 1), None)
    if doubled is not None:
        raise BadInput(place=str(folder), found=f"{doubled} twice", expected="each firm once")
    frames = [_read_invoices(folder / f"{half}_{way}_invoice.parquet", way) for half in HALVES for way in WAYS]
    whole = pl.concat(frames)
    strangers = set(whole["firm"].unique()) - set(codes)
    if strangers:
        raise BadInput(place=str(folder), found=f"invoices of {min(strangers)}", expected="a firm of the two lists")
    first, last = whole["on"].min(), whole["on"].max()
    assert isinstance(first, date) and isinstance(last, date), "a set has invoices"
    return SmeFirms(
        invoices=whole.drop("padded").sort("firm", "on", "number", maintain_order=True),
        firms=tuple(firms),
        from_on=first,
        to_on=last,
        odd={
            "state with spaces around it": int(whole["padded"].sum()),
            "void": int(whole["is_void"].sum()),
            "refund": int((whole["net_cents"] < 0).sum()),
            "no amount": int((whole["net_cents"] == 0).sum()),
        },
        digest=_digest(folder),
    )


def each_firm(whole: SmeFirms) -> Iterator[SmeFirm]:
    """The firms one by one in the lists' order, each with its invoices, the oldest first; some may have none."""
    obtained = datetime.combine(whole.to_on + timedelta(days=1), time(), tzinfo=UTC)
    parts = {str(key[0]): part for key, part in whole.invoices.partition_by("firm", as_dict=True).items()}
    empty = whole.invoices.clear()
    for code, name, defaulted in whole.firms:
        part = parts.get(code, empty)
        yield SmeFirm(
            code=code,
            name=name,
            defaulted=defaulted,
            invoices=InvoiceList(
                obtained_at=obtained, origin="tax_bureau", from_on=whole.from_on, to_on=whole.to_on,
                number=tuple(part["number"].to_list()), on=tuple(part["on"].to_list()),
                direction=tuple(part["direction"].to_list()), net_cents=tuple(part["net_cents"].to_list()),
                vat_cents=tuple(part["vat_cents"].to_list()), party=tuple(part["party"].to_list()),
                is_void=tuple(part["is_void"].to_list()),
            ),
        )  # fmt: skip


def make_firm_dossier(firm: SmeFirm) -> Dossier:
    """The firm as an applicant of whom only the invoices are known: what its labels are computed from."""
    return Dossier(
        pack="cn-micro",
        reference=f"SME-{firm.code}",
        applied_at=firm.invoices.obtained_at,
        utc_offset_minutes=0,
        request=Request(amount_cents=1, currency="CNY"),
        applicant=Applicant(token=f"sme-{firm.code}"),
        business=Business(trade_name=firm.name),
        channel=ChannelPath(kind="direct", company="sme-invoices"),
        evidence=(firm.invoices,),
    )


def _read_firms(path: Path) -> list[tuple[str, str, bool | None]]:
    """Code, name and outcome; the grade beside them is passed over."""
    try:
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    except OSError as fault:
        raise BadInput(place=str(path), found=fault.strerror or "no file", expected="the list of firms") from None
    except UnicodeDecodeError:
        raise BadInput(place=str(path), found="bytes that are not UTF-8", expected="UTF-8 text") from None
    for needed in ("企业代号", "企业名称"):
        if needed not in (rows.fieldnames or ()):
            raise BadInput(place=str(path), found="no such column", expected=f"the column {needed}")
    found = []
    for line, row in enumerate(rows, start=2):
        code, name, outcome = (row.get(key) for key in ("企业代号", "企业名称", "是否违约"))
        if not code or not name:
            raise BadInput(place=f"{path}, line {line}", found="an empty code or name", expected="both")
        if outcome is not None and outcome.strip() not in OUTCOMES:
            raise BadInput(place=f"{path}, line {line}", found=repr(outcome[:20]), expected="是 or 否")
        found.append((code.strip(), name.strip(), None if outcome is None else OUTCOMES[outcome.strip()]))
    return found


def _read_invoices(path: Path, way: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path, columns=list(COLUMNS))
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise BadInput(
            place=str(path), found=str(fault).splitlines()[0][:120], expected="columns " + ", ".join(COLUMNS)
        ) from None
    for name in COLUMNS:
        if frame[name].null_count():
            row = int(frame[name].is_null().arg_true()[0])
            raise BadInput(place=f"{path}, {name}, row {row + 1}", found="nothing", expected="a value")
    for name in ("amount", "tax"):
        column = frame[name].cast(pl.Float64)
        odd = (~column.is_finite() | (column.abs() > 1e13)).arg_true()
        if len(odd):
            found = column[int(odd[0])]
            shown = f"{found:,}" if math.isfinite(found) else str(found)
            raise BadInput(place=f"{path}, {name}, row {int(odd[0]) + 1}", found=shown, expected="an amount in yuan")
    states = frame["status"].str.strip_chars()
    strange = (~states.is_in(list(STATES))).arg_true()
    if len(strange):
        row = int(strange[0])
        raise BadInput(
            place=f"{path}, status, row {row + 1}", found=repr(frame["status"][row][:20]), expected=" or ".join(STATES)
        )
    return frame.select(
        firm=pl.col("enterprise").str.strip_chars(),
        number=pl.col("invoice_no").cast(pl.String),
        on=pl.col("date").cast(pl.Date),
        direction=pl.lit(way),
        net_cents=_to_cents("amount"),
        vat_cents=_to_cents("tax"),
        party=pl.col("counterparty").str.strip_chars(),
        is_void=states == "作废发票",
        padded=states != frame["status"],
    )


def _to_cents(name: str) -> pl.Expr:
    """Yuan as whole cents, half away from zero."""
    cents = pl.col(name).cast(pl.Float64) * 100
    return ((cents.abs() + 0.5).floor() * cents.sign()).cast(pl.Int64)


def _digest(folder: Path) -> str:
    """One hash over all files, so that what was computed from them can be told."""
    found = hashlib.sha256()
    names = (*FIRM_FILES, *(f"{half}_{way}_invoice.parquet" for half in HALVES for way in WAYS))
    for name in names:
        found.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return found.hexdigest()
