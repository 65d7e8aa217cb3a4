"""Classes drawn by hand: what the page tells from counts is what scoring the changed card on the sample gives."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from creditfactory import lab, scoring
from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.binning import BinningRules, Shape
from creditfactory.lab.cards import BuiltCard, CardPlan, build_card
from creditfactory.lab.fine import read_fine, write_fine
from creditfactory.lab.tuning import HAND_SHAPES, find_starts, join_anew, read_starts, redraw_card, tune
from tests.properties.test_lab_cards import draw_frame

RULES = BinningRules()


def build(seed: int, method: str) -> BuiltCard:
    plan = CardPlan(target="bad", weight="weight", method=method, holdout_share=0.0, special={"age": (11, 99)})
    try:
        return build_card(draw_frame(seed, 900), plan)
    except Refused:
        assume(False)
        raise


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000), method=st.sampled_from(["logistic", "divergence"]), shape=st.sampled_from(HAND_SHAPES)
)
def test_the_divergence_told_at_once_is_that_of_the_changed_card(seed: int, method: str, shape: Shape) -> None:
    """SCR-03: drawn by hand, joined or cut anywhere, the effect on the card is exact, and the card scores as told."""
    built = build(seed, method)
    fine = read_fine(write_fine(built.fine))
    chance = np.random.default_rng(seed)
    sample = lab.draw_sample(draw_frame(seed, 900), target="bad", weight="weight")
    for raw in built.card["characteristics"]:
        question = fine.questions[raw["label"]]
        own = find_starts(question, raw)
        same = tune(built.card, fine, raw["label"], starts=own, shape=question.units.shape, rules=RULES)
        assert not same.is_changed and same.now == same.before
        assert same.now.card_divergence == pytest.approx(built.train.divergence, rel=1e-4, abs=1e-6)
        assert same.now.iv == pytest.approx(raw["iv"], abs=1e-6)
        classes = next(c for c in built.fitted.classes if c.label == raw["label"])
        codes = classes.encode(sample.frame.get_column(raw["label"]))
        alone = lab.measure_auc(classes.evidence.woe[codes], sample.bad, sample.weight)
        assert same.now.auc == pytest.approx(alone, abs=1e-6)
        inner = sorted(chance.choice(np.arange(1, len(question.units)), min(3, len(question.units) - 1), replace=False))
        starts = (0, *(int(i) for i in inner))
        drawn = tune(built.card, fine, raw["label"], starts=starts, shape=shape, rules=RULES)
        card = redraw_card(built.card, fine, drawn, version="v002", note={"why": "tried by hand"})
        points = scoring.score_frame(scoring.read_card(card), sample.frame).to_numpy()
        assert lab.measure_divergence(points, sample.bad, sample.weight) == pytest.approx(
            drawn.now.card_divergence, rel=1e-9, abs=1e-9
        )
        assert sum(one.rows for one in (*drawn.classes, *drawn.tail)) == sample.rows
        if method == "divergence" and shape in ("up", "down"):
            steps = [b.points - a.points for a, b in pairwise(drawn.classes)]
            assert all(step >= 0 if shape == "up" else step <= 0 for step in steps)
        best = tune(built.card, fine, raw["label"], starts=join_anew(fine, question, "free", RULES), shape="free",
                    rules=RULES)  # fmt: skip
        assert best.now.iv >= 0


def test_what_is_no_drawing_and_no_file_of_counts_is_refused() -> None:
    built = build(3, "divergence")
    body = write_fine(built.fine)
    assert body == write_fine(read_fine(body)), "the same counts give the same bytes"
    question = built.fine.questions["age"]
    assert read_starts("0,3,6", question) == (0, 3, 6)
    for text in ("", "3", "0,6,3", "0,99", "0,x", "0," * 5_000):
        with pytest.raises(BadInput, match="classes: found"):
            read_starts(text, question)
    told = json.loads(gzip.decompress(body))
    for spoilt in (b"", body[:-9], gzip.compress(b"[]"), gzip.compress(json.dumps(told | {"form": "x"}).encode()),
                   gzip.compress(json.dumps(told | {"characteristics": [told["characteristics"][0] | {"counts": [[1]]}]}).encode())):  # fmt: skip # noqa: E501
        with pytest.raises(BadInput, match="fine counts 1"):
            read_fine(spoilt)
