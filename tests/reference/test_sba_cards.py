"""The SBA cards of the rulebook: built again from the file, blind to what came later, and free of banned columns."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from creditfactory import labels, scoring
from creditfactory.batches import sba_cards
from creditfactory.gateways.sba import SbaLoan, read_sba

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT.parent / "shared" / "data" / "sba" / "sba_7a_30k.parquet"
PACK = ROOT / "rulebook" / "us-sba"
needs_file = pytest.mark.skipif(not FILE.exists(), reason="the public SBA loans are not beside this checkout")

BANNED = (
    "term",
    "chg_off",
    "charge",
    "loss",
    "balance",
    "mis_status",
    "status",
    "disburs",
    "default",
    "weight",
    "lender",
)


def read_versions() -> list[tuple[date, dict[str, Any], Path]]:
    live = tomllib.loads((PACK / "live.toml").read_text(encoding="utf-8"))["card"]
    folders = [(entry["from"], PACK / "cards" / entry["name"] / entry["version"]) for entry in live]
    return [(day, json.loads((f / "card.json").read_text(encoding="utf-8")), f) for day, f in folders]


@cache
def read_loans() -> tuple[tuple[SbaLoan, ...], pl.DataFrame]:
    loans, _ = read_sba(FILE)
    return loans, sba_cards.tabulate_labels(loans)


def test_each_card_knew_only_what_lay_before_its_first_day() -> None:
    versions = read_versions()
    assert [day for day, _, _ in versions] == sorted(sba_cards.CUT_DAYS)
    for live_from, card, _ in versions:
        assert date.fromisoformat(card["sample"]["known_by"]) < live_from
        assert date.fromisoformat(card["sample"]["to"]) <= live_from - timedelta(days=3 * 365)


def test_no_banned_column_is_asked_and_each_label_is_declared_for_the_pack() -> None:
    declared = {label.name for label in labels.list_labels("us-sba")}
    for _, card, _ in read_versions():
        asked = [c["label"] for c in card["characteristics"]]
        assert asked and set(asked) <= declared
        assert not [(label, word) for label in asked for word in BANNED if word in label]


def test_the_golden_applicants_reach_their_points() -> None:
    for _, card, folder in read_versions():
        read = scoring.read_card(card)
        golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["applicants"]
        assert len(golden) >= 60 and len({g["points"] for g in golden}) > 1
        for applicant in golden:
            answer = scoring.score(read, applicant["labels"])
            assert answer.points == applicant["points"]
            assert answer.probability == pytest.approx(applicant["probability"], abs=1e-11)


@needs_file
@pytest.mark.parametrize("number", range(len(sba_cards.CUT_DAYS)))
def test_the_published_card_is_the_one_the_file_gives(number: int) -> None:
    loans, table = read_loans()
    cut_day, published, _ = read_versions()[number]
    built = sba_cards.plan_as_known(loans, table, cut_day=cut_day, version=published["version"]).build()
    assert built.card["characteristics"] == published["characteristics"]
    assert built.card["intercept_points"] == published["intercept_points"]
    assert built.card["sample"] == published["sample"]


def fate_after(loan: SbaLoan, cut_day: date, chance: np.random.Generator) -> SbaLoan:
    """The same loan with whatever happened on or after the cut day told otherwise."""
    outcome = loan.outcome
    if outcome.charged_off_on is not None and outcome.charged_off_on < cut_day:
        return loan
    if outcome.status == "charged_off" and outcome.charged_off_on is None:
        return loan
    if chance.random() < 0.5:
        told = replace(outcome, status="paid", charged_off_on=None, loss_cents=0, recorded_loss_cents=0)
    else:
        later = max(cut_day, outcome.disbursed_on) + timedelta(days=int(chance.integers(0, 4000)))
        told = replace(outcome, status="charged_off", charged_off_on=later, loss_cents=7, recorded_loss_cents=7)
    return replace(loan, outcome=told)


@needs_file
@pytest.mark.parametrize("cut_day", [date(1994, 1, 1), date(2000, 1, 1), date(2007, 1, 1)])
def test_outcomes_after_the_cut_day_cannot_change_the_card(cut_day: date) -> None:
    loans, table = read_loans()
    chance = np.random.default_rng(7)
    told_otherwise = tuple(fate_after(loan, cut_day, chance) for loan in loans)
    changed = sum(a.outcome != b.outcome for a, b in zip(loans, told_otherwise, strict=True))
    assert changed > 10_000
    first = sba_cards.plan_as_known(loans, table, cut_day=cut_day, version="v001").build()
    second = sba_cards.plan_as_known(told_otherwise, table, cut_day=cut_day, version="v001").build()
    assert second.card == first.card


@needs_file
def test_outcomes_before_the_cut_day_do_change_it() -> None:
    loans, table = read_loans()
    cut_day = date(2000, 1, 1)
    spared = tuple(
        replace(loan, outcome=replace(loan.outcome, status="paid", charged_off_on=None))
        if loan.dossier.business.state in ("CA", "TX", "NY")
        else loan
        for loan in loans
    )
    first = sba_cards.plan_as_known(loans, table, cut_day=cut_day, version="v001").build()
    assert sba_cards.plan_as_known(spared, table, cut_day=cut_day, version="v001").build().card != first.card


@needs_file
def test_the_known_sample_is_what_a_plain_query_gives() -> None:
    loans, table = read_loans()
    cut_day = date(2003, 1, 1)
    known = sba_cards.draw_known(loans, table, cut_day=cut_day)
    raw = pl.read_parquet(FILE).with_columns(
        pl.col("approval_date").dt.date(), pl.col("chg_off_date").dt.date(),
        ripe=pl.col("approval_date").dt.offset_by("36mo").dt.date(), fell=pl.col("mis_status") == "CHGOFF",
    )  # fmt: skip
    raw = raw.filter(
        (pl.col("approval_date") >= date(1988, 10, 1)) & (pl.col("ripe") < cut_day)
        & ~(pl.col("fell") & pl.col("chg_off_date").is_null())
    )  # fmt: skip
    bads = raw.filter(pl.col("fell") & (pl.col("chg_off_date") <= pl.col("ripe")))
    assert (known.height, known[sba_cards.TARGET].sum()) == (raw.height, bads.height)
    assert known["weight"].sum() == pytest.approx(raw["weight"].sum())
    assert known.filter(pl.col(sba_cards.TARGET) == 1)["sba_amount_cents"].sum() == int(bads["gr_appv"].sum() * 100)
