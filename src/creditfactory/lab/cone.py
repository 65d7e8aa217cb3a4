"""Least of a convex quadratic where some unknowns may not fall below nought: exact, with the proof of it.

Minimise ½ uᵀQu − qᵀu with u ≥ 0 where bounded. The unknowns held at nought are found by block principal pivoting
(Júdice and Pires 1994), with Murty's single exchanges when blocks no longer help, which cannot cycle for a positive
definite Q. What is left is one set of linear equations, so the answer is as exact as arithmetic, not as a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from creditfactory.lab.sample import Flags, Floats

TOLERANCE = 1e-9
BLOCKS_WITHOUT_GAIN = 3


@dataclass(frozen=True, slots=True)
class Least:
    """Where the least lies, the slope left at each unknown, and which unknowns are free to move there.

    The conditions of the least (Karush, Kuhn and Tucker) are: no slope where an unknown may move, none downwards
    where it is held; ``fault`` is the largest breach of them, on unknowns scaled to Q's diagonal of one.
    """

    at: Floats
    slope: Floats
    moving: Flags
    rounds: int
    fault: float


def find_least(q_matrix: Floats, q_vector: Floats, bounded: Flags, *, start: Flags | None = None) -> Least:
    """The least of ½ uᵀQu − qᵀu with u ≥ 0 where bounded; ``start`` names unknowns thought to move (a past answer).

    >>> import numpy as np
    >>> find_least(np.eye(2), np.array([3.0, -1.0]), np.array([True, True])).at
    array([3., 0.])
    """
    scale = 1 / np.sqrt(np.diagonal(q_matrix))
    matrix, vector = q_matrix * scale[:, None] * scale[None, :], q_vector * scale
    moving = ~bounded | (bounded if start is None else start)
    reach = max(1.0, float(np.abs(vector).max(initial=0.0)))
    fewest, blocks, rounds = len(vector) + 1, BLOCKS_WITHOUT_GAIN, 0
    while True:
        rounds += 1
        at, slope = _settle(matrix, vector, moving)
        wrong = bounded & np.where(moving, at < -TOLERANCE * reach, slope < -TOLERANCE * reach)
        count = int(wrong.sum())
        if not count:
            break
        if count < fewest:
            fewest, blocks = count, BLOCKS_WITHOUT_GAIN
        elif blocks > 0:
            blocks -= 1
        else:
            only = np.zeros_like(wrong)
            only[int(np.flatnonzero(wrong)[-1])] = True
            wrong = only
        moving = moving ^ wrong
    at = np.where(bounded, np.maximum(at, 0.0), at)
    slope = matrix @ at - vector
    breach = np.where(moving, np.abs(slope), np.maximum(-slope, 0.0))
    return Least(at * scale, slope / scale, moving, rounds, float(breach.max(initial=0.0)) / reach)


def _settle(matrix: Floats, vector: Floats, moving: Flags) -> tuple[Floats, Floats]:
    """The answer if just these unknowns move, and the slope it leaves at the others."""
    at = np.zeros_like(vector)
    if moving.any():
        at[moving] = cho_solve(cho_factor(matrix[np.ix_(moving, moving)]), vector[moving])
    slope = matrix @ at - vector
    slope[moving] = 0.0
    return at, slope


def find_least_crossed(q_matrix: Floats, q_vector: Floats, bounded: Flags, crosses: Floats) -> Least:
    """The same least where moreover ``crosses @ u ≥ 0``: an interior-point answer, then made exact on what binds.

    The interior-point solver (clarabel) tells which conditions bind; the equations of those are then solved, so that
    the answer is exact again. Where that polishing would break a condition, the solver's own answer stands.
    """
    import clarabel  # slow to import, and wanted by cards with conditions across characteristics only
    from scipy import sparse

    scale = 1 / np.sqrt(np.diagonal(q_matrix))
    matrix, vector = q_matrix * scale[:, None] * scale[None, :], q_vector * scale
    rows = np.vstack([np.eye(len(vector))[bounded], crosses * scale[None, :]])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-10
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(np.triu(matrix)), -vector, sparse.csc_matrix(-rows), np.zeros(len(rows)),
        [clarabel.NonnegativeConeT(len(rows))], settings,
    )  # fmt: skip
    answer = solver.solve()
    rough = np.array(answer.x, dtype=np.float64)
    reach = max(1.0, float(np.abs(vector).max(initial=0.0)))
    binding = rows[(np.array(answer.z) > 1e-8 * reach) & (rows @ rough < 1e-5 * reach)]
    at = _meet(matrix, vector, binding)
    if float((rows @ at).min(initial=0.0)) < -1e-8 * reach:
        at = rough
    slope = matrix @ at - vector
    pull = np.linalg.lstsq(binding.T, slope, rcond=None)[0] if len(binding) else np.zeros(0)
    left = slope - binding.T @ pull if len(binding) else slope
    fault = max(float(np.abs(left).max(initial=0.0)), float(np.maximum(-pull, 0.0).max(initial=0.0)))
    return Least(at * scale, slope / scale, at > TOLERANCE, int(answer.iterations), fault / reach)


def _meet(matrix: Floats, vector: Floats, binding: Floats) -> Floats:
    """The least where the binding conditions hold as equations."""
    if not len(binding):
        return np.asarray(np.linalg.solve(matrix, vector), dtype=np.float64)
    empty = np.zeros((len(binding), len(binding)))
    whole = np.block([[matrix, binding.T], [binding, empty]])
    found = np.linalg.lstsq(whole, np.concatenate([vector, np.zeros(len(binding))]), rcond=None)[0]
    return np.asarray(found[: len(vector)], dtype=np.float64)
