"""The divergence card is the best of its kind: by its own conditions, another solver, any logistic card."""

from __future__ import annotations

import clarabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from creditfactory.kernel import BadInput, Refused
from creditfactory.lab.cone import find_least, find_least_crossed
from creditfactory.lab.divergence import RIDGE, Cross, Question, choose_questions, fit_divergence, rank_contributions
from creditfactory.lab.fitting import Scale
from creditfactory.lab.moments import UNITS, Layout, Moments, count_moments

SHAPES = ("free", "up", "down", "peak", "valley")


def make_market(
    seed: int, rows: int = 1_500, width: int = 5
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, list[Question]]:
    """Codes, outcomes, weights and questions of a small invented market; some answers are missing."""
    chance = np.random.default_rng(seed)
    bad = chance.random(rows) < chance.uniform(0.1, 0.5)
    weight = np.where(bad, 1.0, chance.choice([1.0, 2.5]))
    codes, questions = [], []
    for i in range(width):
        classes = int(chance.integers(2, 7))
        shown = chance.normal(size=rows) - chance.uniform(-1, 1) * bad
        code = np.searchsorted(np.quantile(shown, np.arange(1, classes) / classes), shown).astype(np.int64)
        code[chance.random(rows) < 0.1] = classes
        shape = SHAPES[int(chance.integers(len(SHAPES)))]
        turn = int(chance.integers(classes)) if shape in ("peak", "valley") else None
        unknown = ("as_seen", "never_better", "neutral")[int(chance.integers(3))]
        codes.append(code)
        questions.append(
            Question(
                name=f"q{i}",
                classes=classes,
                shape=shape,
                own=(*(True,) * (classes + 1), False),
                turn=turn,
                unknown=unknown,
            )
        )
    return codes, bad, weight, questions


def count(codes: list[np.ndarray], bad: np.ndarray, weight: np.ndarray, questions: list[Question]) -> Moments:
    return count_moments(Layout.of([(q.name, q.classes + 2) for q in questions]), codes, bad, weight)


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_the_least_is_the_other_solvers_and_its_conditions_hold(seed: int) -> None:
    """SCR-03: optimality shown by its conditions, and by an interior-point solver that knows nothing of ours."""
    chance = np.random.default_rng(seed)
    size = int(chance.integers(1, 25))
    root = chance.normal(size=(size, size))
    matrix, vector = root @ root.T + 0.05 * np.eye(size), chance.normal(size=size)
    bounded = chance.random(size) < 0.7
    least = find_least(matrix, vector, bounded)
    assert least.fault < 1e-9 and (least.at[bounded] >= 0).all()
    settings_ = clarabel.DefaultSettings()
    settings_.verbose = False
    rows = -np.eye(size)[bounded]
    cones = [clarabel.NonnegativeConeT(len(rows))] if len(rows) else []
    other = np.array(
        clarabel.DefaultSolver(
            sparse.csc_matrix(np.triu(matrix)), -vector, sparse.csc_matrix(rows), np.zeros(len(rows)), cones, settings_
        ).solve().x
    )  # fmt: skip

    def worth(u: np.ndarray) -> float:
        return float(u @ matrix @ u / 2 - vector @ u)

    assert worth(least.at) <= worth(other) + 1e-7 * (1 + abs(worth(other)))
    crossed = find_least_crossed(matrix, vector, bounded, np.zeros((0, size)))
    assert worth(crossed.at) == pytest.approx(worth(least.at), abs=1e-7)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_no_logistic_card_on_the_same_classes_sets_good_and_bad_further_apart(seed: int) -> None:
    """SCR-03: with free shapes the divergence reached is at least that of any other weights on the same classes.

    Without a ridge this is exact (to the hair on the diagonal that keeps the equations solvable). The house's ridge
    costs at most 1 / (1 + ridge · κ), κ being how much the best card's own spreads add up to beside its spread as a
    whole; whole points cost what moving each weight by up to half a point costs, here below a fiftieth.
    """
    codes, bad, weight, questions = make_market(seed)
    free = [
        Question(name=q.name, classes=q.classes, shape="free", own=(*(True,) * (q.classes + 1), True))
        for q in questions
    ]
    moments = count(codes, bad, weight, free)
    ours = fit_divergence(moments, free, ridge=1e-9)
    assert ours.fault < 1e-8
    design = np.column_stack([(c[:, None] == np.arange(q.classes + 2)) for c, q in zip(codes, free, strict=True)])
    logistic = LogisticRegression(C=100.0, max_iter=300).fit(design, ~bad, sample_weight=weight)
    assert moments.divergence(logistic.coef_[0]) <= ours.divergence * (1 + 1e-6)
    anything = np.random.default_rng(seed).normal(size=moments.layout.width)
    assert moments.divergence(anything) <= ours.divergence * (1 + 1e-6)
    held = fit_divergence(moments, free)
    own = sum(ours.weights[s] @ moments.spread[s, s] @ ours.weights[s] for s in moments.layout.spans())
    share = float(own / (ours.weights @ moments.spread @ ours.weights))
    assert ours.divergence / (1 + RIDGE * share) <= held.divergence * (1 + 1e-6)
    points = np.rint(Scale().factor * held.slope * held.weights)
    assert moments.divergence(points) >= 0.98 * held.divergence or held.divergence < 0.05


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_every_shape_asked_for_is_kept(seed: int) -> None:
    codes, bad, weight, questions = make_market(seed)
    moments = count(codes, bad, weight, questions)
    try:
        found = fit_divergence(moments, questions)
    except Refused:
        return  # no shape asked for fits what this market shows
    shares = np.stack([np.diagonal(m) for m in moments.meetings]).sum(axis=0) / moments.units.sum()
    for question, span in zip(questions, moments.layout.spans(), strict=True):
        weights = found.weights[span]
        steps = np.diff(weights[: question.classes])
        rises = {"up": steps, "down": -steps}.get(question.shape)
        if question.turn is not None:
            sign = 1 if question.shape == "peak" else -1
            rises = sign * np.concatenate([steps[: question.turn], -steps[question.turn :]])
        assert rises is None or (rises >= -1e-9).all()
        answered = slice(0, question.classes)
        average = float(shares[span][answered] @ weights[answered] / shares[span][answered].sum())
        if question.unknown == "neutral":
            assert weights[question.classes] == pytest.approx(average, abs=1e-9)
        if question.unknown == "never_better":
            assert weights[question.classes] <= average + 1e-9


@given(st.integers(0, 10_000), st.integers(1, 1_400))
@settings(max_examples=25, deadline=None)
def test_new_outcomes_are_added_to_the_last_unit(seed: int, known: int) -> None:
    """LAB-03: what was known plus what is new is the same as counting all anew, and gives the very same card."""
    codes, bad, weight, questions = make_market(seed)
    if len(set(bad[:known])) < 2 or len(set(bad[known:])) < 2:
        return
    whole = count(codes, bad, weight, questions)
    before = count([c[:known] for c in codes], bad[:known], weight[:known], questions)
    after = before.add(count([c[known:] for c in codes], bad[known:], weight[known:], questions))
    assert np.array_equal(after.meetings, whole.meetings) and np.array_equal(after.units, whole.units)
    assert after.rows == whole.rows
    try:
        start = fit_divergence(before, questions).moving
        again = fit_divergence(after, questions, start=start)
    except Refused:
        return
    anew = fit_divergence(whole, questions)
    points = [np.rint(40 * f.slope * f.weights).astype(int) for f in (again, anew)]
    assert np.array_equal(*points)


def test_counts_are_what_counting_one_by_one_gives() -> None:
    codes, bad, weight, questions = make_market(3, rows=200, width=3)
    moments = count(codes, bad, weight, questions)
    expected = np.zeros_like(moments.meetings)
    for row in range(200):
        places = [int(c[row]) + start for c, start in zip(codes, moments.layout.starts, strict=False)]
        for a in places:
            for b in places:
                expected[int(bad[row]), a, b] += round(float(weight[row]) * UNITS)
    assert np.array_equal(moments.meetings, expected)


def test_a_condition_across_characteristics_is_kept() -> None:
    codes, bad, weight, _ = make_market(11, width=2)
    sizes = [int(c.max()) for c in codes]
    questions = [
        Question(name=f"q{i}", classes=n, shape="free", own=(*(True,) * (n + 1), False)) for i, n in enumerate(sizes)
    ]
    moments = count(codes, bad, weight, questions)
    spans = moments.layout.spans()

    def lift(found: np.ndarray, name: int, place: int) -> float:
        return float(found[spans[name].start + place] - found[spans[name].start])

    plain = fit_divergence(moments, questions)
    first, second = (0, sizes[0] - 1), (1, sizes[1] - 1)
    if lift(plain.weights, *first) > lift(plain.weights, *second):
        first, second = second, first
    cross = Cross(better=(f"q{first[0]}", first[1]), worse=(f"q{second[0]}", second[1]))
    bound = fit_divergence(moments, questions, crosses=(cross,))
    assert lift(bound.weights, *first) >= lift(bound.weights, *second) - 1e-7
    assert bound.divergence <= plain.divergence and bound.fault < 1e-6
    with pytest.raises(BadInput, match="class 99"):
        fit_divergence(moments, questions, crosses=(Cross(better=("q0", 99), worse=("q1", 0)),))


def test_what_adds_most_is_chosen_first_and_leaving_it_out_costs_most() -> None:
    """SCR-02: characteristics are selected by what each adds beside the others."""
    chance = np.random.default_rng(5)
    bad = chance.random(4_000) < 0.3
    strong = (chance.random(4_000) < np.where(bad, 0.2, 0.8)).astype(np.int64)
    weak = (chance.random(4_000) < np.where(bad, 0.45, 0.55)).astype(np.int64)
    noise = chance.integers(0, 2, 4_000)
    questions = [
        Question(name=n, classes=2, shape="free", own=(True, True, False, False)) for n in ("noise", "weak", "strong")
    ]
    moments = count([noise, weak, strong], bad, np.ones(4_000), questions)
    assert [name for name, _ in choose_questions(moments, questions)][:2] == ["strong", "weak"]
    assert rank_contributions(moments, questions)[0][0] == "strong"


def test_nothing_to_tell_is_refused_in_words() -> None:
    same = np.zeros(50, dtype=np.int64)
    bad = np.arange(50) < 10
    questions = [Question(name="q", classes=1, shape="free", own=(True, False, False))]
    with pytest.raises(Refused, match="no characteristic"):
        fit_divergence(count([same], bad, np.ones(50), questions), questions)
    with pytest.raises(BadInput, match="one outcome only"):
        count([same], np.zeros(50, dtype=bool), np.ones(50), questions)
    with pytest.raises(BadInput, match="'q' twice"):
        Layout.of([("q", 2), ("q", 3)])
