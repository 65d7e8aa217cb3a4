"""Junk in any file of a card's folder: every command says in one sentence which file, and does nothing by half."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from creditfactory import lab
from creditfactory.cli import main
from creditfactory.kernel import CreditFactoryError
from creditfactory.lab.counts import write_months
from creditfactory.lab.manifest import hash_folder
from creditfactory.lab.refreshing import split_months
from creditfactory.lab.sample import draw_sample

GONE = object()
JUNK = (GONE, None, "x", -1, 1e300, float("nan"), [], {}, [None], True, 10**30, [[1]])
TRIES = 40
"""About how many kinds of junk are tried in a file, going round from place to place."""
READERS = {
    "card.json": ("validate", "classes", "xlsx", "document", "watch", "refresh"),
    "features.json": ("document", "xlsx", "refresh"),
    "golden.json": ("document", "xlsx"),
    "manifest.json": ("document", "refresh"),
    "findings.json": ("document", "xlsx"),
    "scores.json": ("document",),
    "counts.json.gz": ("document", "classes"),
    "months.json.gz": ("refresh",),
    "reference.json.gz": ("watch",),
    "fine.json.gz": ("tune",),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A refreshable card on made-up shops, with everything that can lie beside it, and the shops."""
    home, chance = tmp_path_factory.mktemp("shop"), np.random.default_rng(0)
    years, town = chance.integers(0, 20, 300), chance.choice(["Aba", "Bo"], 300)
    bad = (chance.random(300) < 0.5 - 0.02 * years + 0.1 * (town == "Bo")).astype(int)
    days = [date(2026, 1, 1) + timedelta(days=int(d)) for d in chance.integers(0, 60, 300)]
    frame = pl.DataFrame({"years": years, "town": town, "bad": bad, "day": days, "even": [1] * 300})
    frame.write_parquet(home / "shops.parquet")
    told = {name: {"en": "years", "zh": "年"} for name in ("definition", "as_of")}
    feature = lab.Feature(label="years", source="form", unit="years", reason="SCO-YEARS", **told)
    plan = lab.CardPlan(target="bad", time="day", method="divergence", special={"years": (7,)}, limits=(told["as_of"],),
                        features={"years": feature})  # fmt: skip
    built = lab.build_card(frame, plan, data_sha256="ab" * 32)
    lab.write_card(built, home / "v001")
    asked = [c.label for c in built.fitted.classes]
    sample = draw_sample(frame, target="bad", time="day", only=asked)
    write_months(home / "v001", split_months(sample, built.counts.take(asked)))
    return home


def walk(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a JSON value; of a list its first two parts stand for all."""
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, part in parts:
        yield from walk(part, (*at, key))


def spoil(value: Any, at: tuple[str | int, ...], junk: Any) -> Any:
    if not at:
        return {} if junk is GONE else junk
    whole = deepcopy(value)
    within = whole
    for key in at[:-1]:
        within = within[key]
    if junk is GONE:
        del within[at[-1]]
    else:
        within[at[-1]] = junk
    return whole


def read(file: Path) -> Any:
    body = file.read_bytes()
    return json.loads(gzip.decompress(body) if file.suffix == ".gz" else body)


def write(file: Path, value: Any) -> None:
    body = json.dumps(value).encode()
    file.write_bytes(gzip.compress(body, 1) if file.suffix == ".gz" else body)


def tune(folder: Path) -> None:
    told = lab.read_folder(folder)
    fine = lab.read_fine(told.files[lab.FINE])
    for raw in told.raw["characteristics"]:
        if raw["label"] in fine.questions:
            shape = fine.questions[raw["label"]].units.shape
            lab.tune(told.raw, fine, raw["label"], starts=(0,), shape=shape, rules=lab.BinningRules())


@pytest.mark.parametrize("name", READERS)
def test_junk_in_a_file_of_a_card_s_folder_is_refused_or_harmless(
    name: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """LAB-03: a wrong type, a missing key, nothing, not a number, far too much: one sentence, never a fault of ours."""
    folder, shops = tmp_path / "v001", str(home / "shops.parquet")
    words = {
        "validate": ["validate", str(folder), shops],
        "classes": ["classes", str(folder), shops],
        "xlsx": ["export", str(folder), "--to", "xlsx", "--out", str(tmp_path / "out.xlsx")],
        "document": ["document", str(folder), "--language", "zh", "--out", str(tmp_path / "out.html")],
        "watch": ["watch", str(folder), shops, "--time", "day"],
        "refresh": ["refresh", str(folder), shops, "--time", "day", "--out", str(tmp_path / "v002")],
    }
    shutil.copytree(home / "v001", folder)
    whole, refused, turn = read(folder / name), 0, 0
    places = list(walk(whole))
    for at in places[:: 1 + len(places) // TRIES]:
        for step in range(1 + TRIES // 2 // len(places)):
            turn += 1
            write(folder / name, spoil(whole, at, JUNK[(turn + step) % len(JUNK)]))
            if name != "manifest.json":  # else refresh stops at the hashes and nothing behind them is tried
                write(folder / "manifest.json", {**read(home / "v001" / "manifest.json"), "files": hash_folder(folder)})
            reader = READERS[name][turn % len(READERS[name])]
            if reader == "tune":
                try:
                    tune(folder)
                except CreditFactoryError as refusal:
                    assert "\n" not in str(refusal)
                    refused += 1
                continue
            code, told = main(["cards", *words[reader]]), capsys.readouterr()
            said = told.err.strip().splitlines()
            assert "A fault in the program" not in told.err, (at, turn, reader)
            refused += code == 1 and bool(said) and "expected" in said[-1]
            for made in (tmp_path / "out.xlsx", tmp_path / "out.html"):
                assert code == 0 or not made.exists(), "nothing half-written"
                made.unlink(missing_ok=True)
            shutil.rmtree(tmp_path / "v002", ignore_errors=True)
    assert refused > turn / 4, "junk is seen, not read over"
