"""A card's folder: what it holds, that it is what its manifest says, and that its counts simply add up."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from creditfactory import lab
from creditfactory.kernel import BadInput
from creditfactory.lab.counts import tell_counts, unpack_json


def draw_firms(rows: int = 1200, seed: int = 0) -> pl.DataFrame:
    """Made-up firms: years and trade tell something, some years are open; each stands for one or three."""
    chance = np.random.default_rng(seed)
    years = chance.integers(0, 20, rows)
    trade = chance.choice(["food", "shop", "cars"], rows)
    risk = 1 / (1 + np.exp(0.9 + 0.12 * (years - 8) - 0.9 * (trade == "food")))
    return pl.DataFrame({
        "years": [None if u < 0.1 else int(y) for y, u in zip(years, chance.random(rows), strict=True)],
        "trade": trade, "stands_for": chance.choice([1.0, 3.0], rows), "bad": (chance.random(rows) < risk).astype(int),
    })  # fmt: skip


PLAN = lab.CardPlan(target="bad", weight="stands_for", method="divergence", name="shop")
BUILT = lab.build_card(draw_firms(), PLAN, data_sha256="0" * 64)


def test_the_folder_holds_all_that_a_signer_needs(tmp_path: Path) -> None:
    """LAB-03: definitions, golden applicants, counts and hashes lie beside the card; one changed byte is told."""
    lab.write_card(BUILT, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} >= {
        "card.json", "features.json", "golden.json", "model_card.md", "counts.json.gz", "manifest.json",
    }  # fmt: skip
    assert len(json.loads((tmp_path / "golden.json").read_text())["applicants"]) >= 200
    features = json.loads((tmp_path / "features.json").read_text())["features"]
    assert [f["label"] for f in features] == [c["label"] for c in BUILT.card["characteristics"]]
    assert all(f["definition"]["zh"] and f["definition"]["en"] and f["as_of"]["zh"] for f in features)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["data"]["sha256"] == "0" * 64 and manifest["plan"]["target"] == "bad"
    assert lab.check_manifest(tmp_path) == []
    (tmp_path / "card.json").write_text("{}")
    (tmp_path / "golden.json").unlink()
    assert lab.check_manifest(tmp_path) == ["card.json has other content", "golden.json is not there"]


def test_the_same_sample_gives_the_same_folder_byte_by_byte(tmp_path: Path) -> None:
    for name in ("one", "two"):
        lab.write_card(lab.build_card(draw_firms(), PLAN, data_sha256="0" * 64), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def fill(folder: Path, meanwhile: Callable[[], None]) -> None:
    with lab.whole_folder(folder) as place:
        (place / "card.json").write_text("{}")
        meanwhile()


def be_stopped() -> None:
    raise KeyboardInterrupt


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    """Whoever stops in the middle leaves nothing; of two who write at once the first has the folder."""
    out = tmp_path / "v001"
    with pytest.raises(KeyboardInterrupt):
        fill(out, be_stopped)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BadInput, match="a folder that is there already"):
        fill(out, lambda: fill(out, lambda: None))
    with lab.whole_folder(out, anew=True) as other:
        (other / "golden.json").write_text("{}")
    assert [p.name for p in out.iterdir()] == ["golden.json"]
    assert [p.name for p in tmp_path.iterdir()] == ["v001"]


def test_counts_come_back_whole_and_new_outcomes_are_only_added(tmp_path: Path) -> None:
    """LAB-03: what was kept and what is new give the card that counting everything anew gives, to the last point."""
    lab.write_counts(tmp_path, BUILT.counts)
    kept = lab.read_counts(tmp_path)
    assert kept.moments.layout == BUILT.counts.moments.layout
    assert (kept.moments.meetings == BUILT.counts.moments.meetings).all()
    assert (kept.moments.units == BUILT.counts.moments.units).all() and kept.moments.rows == BUILT.counts.moments.rows
    old, new = (draw(seed) for draw, seed in ((draw_sample, 0), (draw_sample, 1)))
    both = lab.draw_sample(pl.concat([draw_firms(seed=0), draw_firms(seed=1)]), target="bad", weight="stands_for")
    added = lab.count_sample(old, kept.classes).add(lab.count_sample(new, kept.classes))
    anew = lab.count_sample(both, kept.classes)
    assert (added.moments.meetings == anew.moments.meetings).all() and (added.squares == anew.squares).all()
    scale, rules = lab.Scale(), lab.BinningRules()
    assert lab.fit_counts(added, scale, rules).points == lab.fit_counts(anew, scale, rules).points


def draw_sample(seed: int) -> lab.Sample:
    return lab.draw_sample(draw_firms(seed=seed), target="bad", weight="stands_for")


def test_evidence_follows_from_the_counts() -> None:
    """Weight of evidence from kept counts is that of the sample itself."""
    for before, now in zip(BUILT.counts.classes, BUILT.counts.weigh(), strict=True):
        assert now.evidence.woe == pytest.approx(before.evidence.woe, abs=1e-6)
        assert now.evidence.iv == pytest.approx(before.evidence.iv, abs=1e-6)


def test_counts_that_are_none_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        lab.read_counts(tmp_path)
    for content in (
        b"no",
        gzip.compress(b"[1]"),
        gzip.compress(b'{"form": "creditfactory counts 1", "unit": 1048576}'),
        gzip.compress(b"[" * 100_000),
        gzip.compress(json.dumps(tell_counts(BUILT.counts) | {"totals": [1, 1]}).encode()),
        gzip.compress(json.dumps(tell_counts(BUILT.counts) | {"rows": [-5, 7]}).encode()),
    ):
        (tmp_path / "counts.json.gz").write_bytes(content)
        with pytest.raises(BadInput, match=r"counts\.json\.gz"):
            lab.read_counts(tmp_path)
    with pytest.raises(ValueError, match="more than 100 bytes"):
        unpack_json(gzip.compress(b" " * 101), most=100)
    other = lab.count_sample(draw_sample(1), BUILT.counts.classes[:1])
    with pytest.raises(BadInput, match="other classes"):
        BUILT.counts.add(other)
