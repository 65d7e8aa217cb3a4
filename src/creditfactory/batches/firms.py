"""Firms known by their invoices: labels of each by the same families as any applicant's, kept as a read-only record."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from creditfactory import labels
from creditfactory.batches import firm_ties
from creditfactory.gateways import sme_invoices
from creditfactory.kernel import BadInput

FOLDER = "firms"
FORM = 2
PARTIES_KEPT = 20
FIGURES: dict[str, str] = {
    "sales_cents": "invoice__sales__net_cents__365d",
    "purchases_cents": "invoice__purchases__net_cents__365d",
    "invoices": "invoice__sales__count__365d",
    "customers": "invoice__sales__parties__365d",
    "suppliers": "invoice__purchases__parties__365d",
    "top_customer_bps": "invoice__sales_valid__top_share_bps__365d",
    "void_bps": "invoice__sales_void__count_share_bps__365d",
    "refund_bps": "invoice__sales_refund__share_bps__365d",
    "growth_bps": "invoice__sales__year_change_bps__365d",
    "best_month_bps": "invoice__sales__top_step_share_bps__12m",
    "month_spread_bps": "invoice__sales__step_spread_bps__12m",
    "empty_months": "invoice__sales__empty_steps__12m",
    "days_since": "invoice__sales__days_since__ever",
}
"""What the pages show of a firm, each the label of that name: one definition with every applicant's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmsImport:
    """What one import read, made and took."""

    firms: int
    invoices: int
    from_on: str
    to_on: str
    labels: int
    odd: dict[str, int]
    digest: str
    imported_at: str
    seconds_reading: float
    seconds_labels: float
    form: int = FORM


def import_firms(folder: Path, data_dir: Path) -> FirmsImport:
    """Read the set, compute every firm's labels, and put the record in place of the one before, whole or not at all."""
    began = time.perf_counter()
    whole = sme_invoices.read_sme_firms(folder)
    read = time.perf_counter()
    known = [name for name in labels.CATALOGUE if name.startswith("invoice__")]
    missing = [name for name in FIGURES.values() if name not in labels.CATALOGUE]
    assert not missing, f"no such labels: {missing}"
    rows: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for firm in sme_invoices.each_firm(whole):
        dossier = sme_invoices.make_firm_dossier(firm)
        found = labels.compute(dossier, as_of=firm.invoices.obtained_at)
        figures = {name: found.facts.get(label) for name, label in FIGURES.items()}
        rows.append({"firm": firm.code, "name": firm.name, "defaulted": firm.defaulted, **figures})
        kept.append({"firm": firm.code, **{name: found.facts.get(name) for name in known}})
    done = time.perf_counter()
    about = FirmsImport(
        firms=len(rows), invoices=whole.invoices.height, from_on=whole.from_on.isoformat(),
        to_on=whole.to_on.isoformat(), labels=len(known), odd=whole.odd, digest=whole.digest,
        imported_at=datetime.now(UTC).isoformat(timespec="seconds"), seconds_reading=round(read - began, 2),
        seconds_labels=round(done - read, 2),
    )  # fmt: skip
    _write(data_dir / FOLDER, whole.invoices, rows, kept, about)
    return about


def _write(
    place: Path, invoices: pl.DataFrame, rows: list[dict[str, Any]], kept: list[dict[str, Any]], about: FirmsImport
) -> None:
    fresh = place.with_name(f"{FOLDER}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    figures = {"firm": pl.String, "name": pl.String, "defaulted": pl.Boolean} | dict.fromkeys(FIGURES, pl.Int64)
    pl.DataFrame(rows, schema=figures).write_parquet(fresh / "firms.parquet")
    names = [name for name in kept[0] if name != "firm"]
    pl.DataFrame(kept, schema={"firm": pl.String} | dict.fromkeys(names, pl.Int64)).write_parquet(
        fresh / "labels.parquet"
    )
    sum_months(invoices).write_parquet(fresh / "months.parquet")
    rank_parties(invoices).write_parquet(fresh / "parties.parquet")
    graph, listed = firm_ties.tie_firms(invoices), pl.DataFrame(rows, schema=figures)
    firm_ties.list_neighbours(graph, listed).write_parquet(fresh / "neighbours.parquet")
    firm_ties.sum_neighbours(graph, listed).write_parquet(fresh / "around.parquet")
    (fresh / "about.json").write_text(json.dumps(asdict(about), ensure_ascii=False, indent=1), encoding="utf-8")
    old = place.with_name(f"{FOLDER}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def sum_months(invoices: pl.DataFrame) -> pl.DataFrame:
    """Each firm's calendar months: sales and purchases that stand, refunds and void invoices of the sales."""
    is_sale, stands = pl.col("direction") == "output", ~pl.col("is_void")
    net = pl.col("net_cents")
    return (
        invoices.group_by("firm", pl.col("on").dt.truncate("1mo").alias("month"))
        .agg(
            sales_cents=net.filter(is_sale & stands).sum(),
            purchases_cents=net.filter(~is_sale & stands).sum(),
            refund_cents=-net.filter(is_sale & stands & (net < 0)).sum(),
            void_cents=net.filter(is_sale & ~stands).abs().sum(),
            invoices=(is_sale & stands).sum().cast(pl.Int64),
            voids=(is_sale & ~stands).sum().cast(pl.Int64),
        )
        .sort("firm", "month")
    )


def rank_parties(invoices: pl.DataFrame) -> pl.DataFrame:
    """Each firm's largest customers and suppliers of its last twelve months on record, with their share."""
    last = invoices["on"].max()
    recent = invoices.filter(~pl.col("is_void") & (pl.col("on") > pl.lit(last).dt.offset_by("-1y")))
    return (
        recent.group_by("firm", "direction", "party")
        .agg(net_cents=pl.col("net_cents").sum(), invoices=pl.len().cast(pl.Int64))
        .with_columns(whole_cents=pl.col("net_cents").sum().over("firm", "direction"))
        .sort("firm", "direction", "net_cents", "party", descending=[False, False, True, False])
        .group_by("firm", "direction", maintain_order=True)
        .head(PARTIES_KEPT)
    )


def read_about(data_dir: Path) -> FirmsImport | None:
    """What was imported last; None where nothing was, or what is there was written by another form of the program."""
    try:
        found = json.loads((data_dir / FOLDER / "about.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return FirmsImport(**found) if found.get("form") == FORM else None


def read_part(data_dir: Path, part: str) -> pl.DataFrame:
    """One table of the record: ``firms``, ``months``, ``parties``, ``labels``, ``neighbours`` or ``around``."""
    path = data_dir / FOLDER / f"{part}.parquet"
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError):
        raise BadInput(
            place=str(path), found="no imported firms", expected="a record: creditfactory firms import DIR"
        ) from None


def measure_singles(folder: Path) -> dict[str, Any]:
    """How well each figure alone tells the firms that defaulted: AUC over the whole record, and by labels of a year.

    Whichever way round a figure tells more is taken. Ties count half. The figures of the whole record are those that
    others have published floors for.
    """
    whole = sme_invoices.read_sme_firms(folder)
    bad = _list_outcomes(whole)
    by_label: dict[str, dict[str, float | None]] = {name: {} for name in FIGURES}
    for firm in sme_invoices.each_firm(whole):
        if firm.defaulted is None:
            continue
        facts = labels.compute(sme_invoices.make_firm_dossier(firm), as_of=firm.invoices.obtained_at).facts
        for name, label in FIGURES.items():
            value = facts.get(label)
            by_label[name][firm.code] = None if value is None else float(value)  # type: ignore[arg-type]
    return {
        "firms": len(bad), "defaulted": sum(bad.values()), "whole_record": measure_whole_record(whole),
        "labels": {name: round(_auc(values, bad), 3) for name, values in by_label.items()},
    }  # fmt: skip


def measure_whole_record(whole: sme_invoices.SmeFirms) -> dict[str, float]:
    """How well each figure of a firm's whole record alone tells the firms that defaulted: AUC, ties count half."""
    bad = _list_outcomes(whole)
    simple = _sum_whole(whole.invoices).filter(pl.col("firm").is_in(list(bad)))
    return {
        name: round(_auc(dict(zip(simple["firm"], simple[name], strict=True)), bad), 3)
        for name in simple.columns if name != "firm"
    }  # fmt: skip


def _list_outcomes(whole: sme_invoices.SmeFirms) -> dict[str, bool]:
    return {code: defaulted for code, _, defaulted in whole.firms if defaulted is not None}


def _sum_whole(invoices: pl.DataFrame) -> pl.DataFrame:
    is_sale, stands = pl.col("direction") == "output", ~pl.col("is_void")
    last = invoices["on"].max()
    return invoices.group_by("firm").agg(
        sales=pl.col("net_cents").filter(is_sale & stands).sum(),
        invoices=(is_sale & stands).sum(),
        purchases=pl.col("net_cents").filter(~is_sale & stands).sum(),
        counterparties=pl.col("party").filter(is_sale & stands).n_unique(),
        days_since=(pl.lit(last) - pl.col("on").filter(is_sale).max()).dt.total_days(),
        void_share=(is_sale & ~stands).sum() / is_sale.sum().clip(1),
    )


def _auc(values: dict[str, float | None], bad: dict[str, bool]) -> float:
    """The chance that a firm that defaulted and one that did not are told apart; an unknown value counts lowest."""
    goods = [
        -1e18 if values.get(code) is None else float(values[code] or 0) for code, is_bad in bad.items() if not is_bad
    ]
    bads = [-1e18 if values.get(code) is None else float(values[code] or 0) for code, is_bad in bad.items() if is_bad]
    wins = sum((g > b) + 0.5 * (g == b) for g in goods for b in bads)
    share = wins / (len(goods) * len(bads))
    return max(share, 1 - share)
