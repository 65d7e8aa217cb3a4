"""A refreshed card is the card that all outcomes together would have given; the gates say no where they should."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import lab, scoring
from creditfactory.cli import main
from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.counts import count_sample, read_counts, read_months, write_months
from creditfactory.lab.gates import BLIND, WORDS, check_golden, has_shape
from creditfactory.lab.manifest import check_manifest
from creditfactory.lab.refreshing import count_months, draw_counted, remember, solve_again, split_months

EFFECTS = {"till": -0.8, "debt": 0.6, "years": -0.4, "queries": 0.3}


def live(seed: int, rows: int, start: date = date(2025, 1, 1), days: int = 360, **changed: float) -> pl.DataFrame:
    """Applicants over some months; ``changed`` gives other effects, ``level`` another base rate."""
    chance = np.random.default_rng(seed)
    asked = {name: chance.normal(size=rows).round(2) for name in EFFECTS}
    effects = EFFECTS | {k: v for k, v in changed.items() if k in EFFECTS}
    odds = changed.get("level", -1.6) + sum(effects[name] * asked[name] for name in asked)
    bad = chance.random(rows) < 1 / (1 + np.exp(-odds))
    day = [start + timedelta(days=int(d)) for d in chance.integers(0, days, rows)]
    return pl.DataFrame({**asked, "bad": bad.astype(int), "day": day, "sex": chance.choice(["f", "m"], rows)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A card's folder, as `cards build` writes it."""
    out = tmp_path_factory.mktemp("cards") / "shop" / "v001"
    plan = lab.CardPlan(target="bad", name="shop", method="divergence", time="day", exclude=("sex",), holdout_share=0)
    lab.write_card(lab.build_card(live(1, 4_000), plan), out)
    return out


@given(seed=st.integers(0, 10_000), cut=st.integers(300, 2_200))
@settings(max_examples=12, deadline=None)
def test_new_outcomes_added_give_the_card_of_a_full_rebuild(folder: Path, seed: int, cut: int) -> None:
    """LAB-03: counts added month by month and solved again equal counting everything anew, to the last point."""
    parent = lab.read_parent(folder)
    known, asked = next(iter(parent.months.values())), [c["label"] for c in parent.card["characteristics"]]
    old, new = live(1, 4_000), live(seed, 2_500, date(2026, 1, 1), level=-1.2, debt=0.2)
    parts = [draw_counted(f, asked, target="bad", weight=None, time="day") for f in (new[:cut], new[cut:])]
    months = dict(parent.months)
    for part in parts:
        for month, counts in split_months(part, known).items():
            months[month] = months[month].add(counts) if month in months else counts
    whole = draw_counted(pl.concat([old, new]), asked, target="bad", weight=None, time="day")
    anew = count_sample(whole, known.classes)
    added = remember(months, lab.Forgetting())
    assert np.array_equal(added.moments.meetings, anew.moments.meetings) and added.moments.rows == anew.moments.rows
    fitted = [solve_again(counts, parent.card, rules=parent.plan.rules) for counts in (added, anew)]
    assert fitted[0].points == fitted[1].points and fitted[0].intercept_points == fitted[1].intercept_points


@given(keep=st.integers(1, 14))
@settings(max_examples=8, deadline=None)
def test_forgetting_is_exact(folder: Path, keep: int) -> None:
    """LAB-03: forgetting months gives what was never counted; a half-life weighs each month by its age."""
    classes = read_counts(folder).classes
    frame = live(5, 3_000, days=360)
    sample = draw_counted(frame, [c.label for c in classes], target="bad", weight=None, time="day")
    months = split_months(sample, count_sample(sample, classes))
    newest = max(months)
    kept = [count_months(m, newest) < keep for m in sorted(months)]
    assert sample.days is not None
    recent = np.array([count_months(f"{d:%Y-%m}", newest) < keep for d in sample.days])
    forgot = remember(months, lab.Forgetting(months=keep))
    anew = count_sample(sample.take(recent), classes)
    assert sum(kept) == min(keep, len(months))
    assert np.array_equal(forgot.moments.meetings, anew.moments.meetings)
    faded = remember(months, lab.Forgetting(half_life=keep))
    weights = np.array([round(2**20 * 0.5 ** (count_months(f"{d:%Y-%m}", newest) / keep)) / 2**20
                        for d in sample.days])  # fmt: skip
    weighed = count_sample(replace(sample, weight=weights), classes)
    assert np.array_equal(faded.moments.meetings, weighed.moments.meetings)


def test_what_each_month_taught_survives_its_file(folder: Path, tmp_path: Path) -> None:
    parent = lab.read_parent(folder)
    sample = draw_counted(live(5, 2_000), list(EFFECTS), target="bad", weight=None, time="day")
    months = split_months(sample, next(iter(parent.months.values())))
    write_months(tmp_path, months)
    again = read_months(tmp_path)
    assert list(again) == sorted(months)
    assert all(np.array_equal(again[m].moments.meetings, months[m].moments.meetings) for m in months)
    with pytest.raises(BadInput, match="one of them"):
        lab.Forgetting(months=3, half_life=3)
    undated = {"": next(iter(months.values())), **months}
    with pytest.raises(BadInput, match="without a month"):
        remember(undated, lab.Forgetting(months=3))


def refresh(folder: Path, frame: pl.DataFrame, **more: object) -> lab.Refreshed:
    fresh, held = lab.split_newest(frame, time="day", holdout_from=None, share=0.3)
    return lab.refresh_card(lab.read_parent(folder), fresh, held, time="day", **more)  # type: ignore[arg-type]


def verdicts(refreshed: lab.Refreshed) -> dict[str, bool | None]:
    return {gate.code: gate.passed for gate in refreshed.gates}


def test_where_the_world_changed_a_refresh_passes_every_gate(folder: Path) -> None:
    """LAB-03: gates on outcomes the refreshed card has not seen, fairness by groups it never reads."""
    frame = live(9, 6_000, date(2026, 1, 1), till=-0.1, debt=1.1, level=-1.2)
    found = refresh(folder, frame, protected=("sex",), forgetting=lab.Forgetting(months=12))
    assert verdicts(found) == dict.fromkeys(WORDS, True), found.gates
    assert found.has_passed and found.built.card["version"] == "v002"
    asked = {c["label"]: c for c in found.built.card["characteristics"]}
    reach = {
        name: max(b["points"] for b in c["bins"]) - min(b["points"] for b in c["bins"]) for name, c in asked.items()
    }
    assert reach["debt"] > 2 * reach.get("till", 0)
    assert all(gate.words["zh"] and gate.words["en"] for gate in found.gates)


def test_by_folds_nothing_is_kept_back_and_nobody_is_judged_by_what_was_learnt_from_him(folder: Path) -> None:
    """LAB-03: the newest outcomes are learnt from and judged on, each by a card that has not seen it."""
    frame = live(9, 4_000, date(2026, 1, 1), till=-0.1, debt=1.1, level=-1.2)
    found = lab.refresh_card(lab.read_parent(folder), frame, time="day")
    assert found.has_passed, found.gates
    assert found.built.card["sample"]["rows"] == 8_000 and found.built.holdout is not None
    assert found.built.holdout.rows == 4_000 and found.built.holdout.auc < found.built.train.auc
    shuffled = frame.with_columns(pl.col("bad").shuffle(seed=1))
    by_chance = lab.refresh_card(lab.read_parent(folder), shuffled, time="day", forgetting=lab.Forgetting(months=6))
    assert by_chance.built.holdout is not None and abs(by_chance.built.holdout.auc - 0.5) < 0.03


SAYS_NO: dict[str, Callable[[], pl.DataFrame]] = {
    "worth": lambda: live(11, 3_000, date(2026, 1, 1)),
    "enough": lambda: live(12, 450, date(2026, 1, 1), level=-2.0),
    "level": lambda: pl.concat(
        [live(13, 3_000, date(2026, 1, 1), 100), live(14, 1_500, date(2026, 6, 1), 30, level=-0.4)]
    ),
    "stability": lambda: pl.concat(
        [live(13, 3_000, date(2026, 1, 1), 100),
         live(14, 1_500, date(2026, 6, 1), 30).with_columns(pl.col("till") + 2.5)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", SAYS_NO)
def test_a_gate_says_no_where_it_should(folder: Path, code: str) -> None:
    """LAB-03: nothing learnt, too little to judge by, a promise broken, other applicants: each is stopped."""
    found = refresh(folder, SAYS_NO[code]())
    assert verdicts(found)[code] is False and not found.has_passed


def test_gates_see_a_worse_card_an_unfair_one_a_broken_shape_and_wrong_golden_points(folder: Path) -> None:
    frame = live(21, 4_000, date(2026, 1, 1))
    good = scoring.read_card(lab.read_card_json(folder))
    blind = replace(good, characteristics=tuple(c for c in good.characteristics if c.label != "till"))
    windows = [lab.open_window(card, frame, target="bad") for card in (good, blind)]
    fitted = refresh(folder, frame).built.fitted
    golden = lab.draw_golden(lab.read_card_json(folder))
    groups = np.where(frame.get_column("till").to_numpy() > 0.3, "high", "low").tolist()
    gates = {
        g.code: g for g in lab.run_gates(windows[0], windows[1], lab.draw_reference(windows[1]), fitted, good, golden)
    }
    assert gates["ranking"].passed is False and gates["worth"].passed is False
    assert gates["fairness"].passed is None and "fairness" in BLIND
    back = lab.run_gates(
        windows[1], windows[0], lab.draw_reference(windows[0]), fitted, good, golden, protected={"till": groups}
    )
    told = {g.code: g for g in back}
    assert told["ranking"].passed and told["worth"].passed
    assert told["fairness"].passed is False, "who has a low till is approved less than before"
    assert check_golden(good, golden).passed
    golden[3]["points"] += 1
    assert check_golden(good, golden).passed is False
    classes, points = fitted.classes[0], list(fitted.points[0])
    assert has_shape(classes, points)
    points[0], points[1] = points[1], points[0]
    assert not has_shape(classes, points)


def test_the_command_writes_the_next_version_with_its_parent_or_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, dull = tmp_path / "new.parquet", tmp_path / "dull.parquet"
    live(9, 6_000, date(2026, 1, 1), till=-0.1, debt=1.1, level=-1.2).write_parquet(data)
    live(11, 3_000, date(2026, 1, 1)).write_parquet(dull)
    out = tmp_path / "v002"
    asked = ["cards", "refresh", str(folder), str(data), "--time", "day", "--half-life", "6", "--out", str(out)]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] and told["parent"] == "v001" and told["version"] == "v002"
    assert check_manifest(out) == []
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["parent"]["version"] == "v001" and len(manifest["parent"]["counts.json.gz_sha256"]) == 64
    assert min(lab.read_parent(out).months) <= "2025-12" and len(lab.read_parent(out).months) > 6
    twice = ["cards", "refresh", str(out), str(data), "--time", "day", "--out", str(tmp_path / "v009")]
    assert main(twice) == 1, "the same outcomes are not counted twice"
    assert "a file this card, or one before it, has learnt from" in capsys.readouterr().err
    main(["cards", "refresh", str(out), str(dull), "--time", "day", "--out", str(tmp_path / "v010")])
    assert "look twice: 2026-01, 2026-02" in capsys.readouterr().err
    assert main(asked) == 1, "a folder that is there is never written over"
    assert "there already" in capsys.readouterr().err
    refused = tmp_path / "v003"
    assert main(["cards", "refresh", str(folder), str(dull), "--time", "day", "--out", str(refused)]) == 1
    assert not refused.exists() and not json.loads(capsys.readouterr().out)["passed"]
    assert main(["cards", "watch", str(folder), str(data), "--time", "day", "--segment", "sex"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert seen["explanation"]["kind"] in ("shift", "change") and len(seen["segments"]["sex"]) == 2


def test_a_card_that_cannot_be_refreshed_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    expert = {**lab.read_card_json(folder), "method": "expert"}
    (tmp_path / "card.json").write_text(json.dumps(expert))
    with pytest.raises(Refused, match="Build it anew"):
        lab.read_parent(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps({**expert, "method": "divergence"}))
    with pytest.raises(Refused, match=r"no counts\.json\.gz"):
        lab.read_parent(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps({**expert, "method": "divergence", "pdo": None}))
    (tmp_path / "counts.json.gz").write_bytes((folder / "counts.json.gz").read_bytes())
    with pytest.raises(Refused, match="states no scale"):
        lab.read_parent(tmp_path)
    (tmp_path / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    with pytest.raises(Refused, match=r"not as its manifest says.*card\.json has other content"):
        lab.read_parent(tmp_path)


def test_an_outcome_is_counted_once_whatever_file_it_comes_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """LAB-03: by its key a row is known again two versions later, in other bytes and order; a new one counts."""
    old, new = live(1, 2_000), live(9, 3_000, date(2026, 1, 1), till=-0.1, debt=1.1, level=-1.2)
    old, new = (
        f.with_columns(loan=pl.Series([f"{n}-{i}" for i in range(f.height)])) for n, f in (("a", old), ("b", new))
    )
    plan = lab.CardPlan(target="bad", name="shop", method="divergence", time="day", exclude=("sex",), key="loan")
    lab.write_card(lab.build_card(old, plan, data_sha256="ab" * 32), tmp_path / "v001")
    first = lab.read_parent(tmp_path / "v001")
    assert first.learnt is not None and len(first.learnt.hashes) == first.card["sample"]["rows"] == 1_400
    new.write_parquet(tmp_path / "new.parquet")
    refresh = ["cards", "refresh", "--time", "day", "--out"]
    assert main([*refresh, str(tmp_path / "v002"), str(tmp_path / "v001"), str(tmp_path / "new.parquet")]) == 0
    second = lab.read_parent(tmp_path / "v002")
    assert second.learnt is not None and len(second.learnt.hashes) == 4_400
    assert second.learnt_from[0] == "ab" * 32 and len(second.learnt_from) == 2
    held = old.filter(pl.Series(~first.learnt.find(old)))
    old.sample(fraction=1.0, shuffle=True, seed=1).write_csv(tmp_path / "old-again.csv")
    capsys.readouterr()
    main([*refresh, str(tmp_path / "v003"), str(tmp_path / "v002"), str(tmp_path / "old-again.csv")])
    said = capsys.readouterr().err
    assert "1,400 rows counted already, left out" in said and f"learning from {held.height:,} rows" in said
    new.write_csv(tmp_path / "new-again.csv")
    for data, says in (("new-again.csv", "all counted already"), ("new.parquet", "this card, or one before it")):
        assert main([*refresh, str(tmp_path / "v004"), str(tmp_path / "v002"), str(tmp_path / data)]) == 1
        assert says in capsys.readouterr().err
    keyless = [
        *refresh,
        str(tmp_path / "v004"),
        str(tmp_path / "v002"),
        str(tmp_path / "new-again.csv"),
        "--key",
        "day",
    ]
    assert main(keyless) == 1 and "'loan', by which it knows its outcomes" in capsys.readouterr().err
