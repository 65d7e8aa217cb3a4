"""Ten thousand applicants on two thousand chance cards: points live, in columns, and after PMML and back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from creditfactory import scoring
from creditfactory.gateways.pmml import read_pmml, write_pmml

CARDS, EACH = 2_000, 5
ASKED = ("amount", "ratio", "trade", "flag")
WORDS = ("food", "tools", "cloth", "汉 字", 'quo"ted \\ one')
SCHEMA = {"amount": pl.Int64, "ratio": pl.Float64, "trade": pl.String, "flag": pl.Boolean, "known": pl.Boolean}
Chance = np.random.Generator


def draw_question(chance: Chance, label: str) -> dict[str, Any]:
    """A question of some classes; numbers at times with codes, any at times missing, other or not applicable."""

    def worth() -> dict[str, Any]:
        return {"points": int(chance.integers(-60, 60))}

    question: dict[str, Any] = {"label": label, "missing": worth() if chance.random() < 0.7 else None}
    if label in ("amount", "ratio"):
        scale = 1 if label == "amount" else 0.1
        drawn = np.unique(np.sort(chance.integers(-9, 10, int(chance.integers(0, 5)))))
        cuts = [int(c) if label == "amount" else float(c * scale) for c in drawn]
        question |= {
            "type": "number",
            "bins": [{"from": a, "to": b, **worth()} for a, b in pairwise([None, *cuts, None])],
        }
        if chance.random() < 0.4:
            question["special"] = [{"values": [-1, 999], **worth()}, {"values": [7], **worth()}][
                : chance.integers(1, 3)
            ]
    else:
        words = ["yes", "no"] if label == "flag" else list(WORDS[: chance.integers(1, 6)])
        question |= {"type": "word", "bins": [{"words": [word], **worth()} for word in words]}
        question["other"] = worth() if chance.random() < 0.5 else None
    if chance.random() < 0.2:
        question |= {"applies": "known", "absent": worth()}
    return question


def draw_card(chance: Chance) -> dict[str, Any]:
    """A card of one to four questions."""
    asked = chance.permutation(len(ASKED))[: chance.integers(1, 5)]
    return {
        "name": "c", "version": "v001", "target": "bad", "method": "expert",
        "intercept_points": int(chance.integers(300, 700)),
        "characteristics": [draw_question(chance, ASKED[i]) for i in asked],
        "calibration": {"slope": -0.034657, "intercept": 1.25},
    }  # fmt: skip


def draw_applicant(chance: Chance) -> dict[str, Any]:
    """An applicant at edges, codes and gaps more often than life has them."""
    amount = [int(chance.integers(-11, 12)), -1, 7, 999, None][int(chance.integers(0, 5))]
    ratio = [float(chance.integers(-11, 12)) * 0.1, float(chance.normal()), -1.0, 999.0, None][
        int(chance.integers(0, 5))
    ]
    trade = [*WORDS, "never seen", None][int(chance.integers(0, 7))]
    flag, known = ([True, False, None][int(chance.integers(0, 3))] for _ in range(2))
    return {"amount": amount, "ratio": ratio, "trade": trade, "flag": flag, "known": known}


def test_ten_thousand_cards_and_applicants_have_one_answer_by_every_reading() -> None:
    """SCR-02: points live = points columnar = points after the PMML round trip, codes among them."""
    chance = np.random.default_rng(20260)
    scored = coded = 0
    for _ in range(CARDS):
        raw, people = draw_card(chance), [draw_applicant(chance) for _ in range(EACH)]
        card, back = scoring.read_card(raw), scoring.read_card(read_pmml(write_pmml(raw)))
        live = [scoring.score(card, one).points for one in people]
        assert scoring.score_frame(card, pl.DataFrame(people, schema=SCHEMA)).to_list() == live
        assert [scoring.score(back, one).points for one in people] == live
        codes = [[one.values for one in q.special] for q in card.characteristics]
        assert [[one.values for one in q.special] for q in back.characteristics] == codes
        scored += sum(points is not None for points in live)
        coded += sum(one[q.label] in s.values for one in people for q in card.characteristics for s in q.special)
    assert scored > CARDS * EACH // 3 and coded > CARDS * EACH // 20, "most cards answer, and codes were met"
