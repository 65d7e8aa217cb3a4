"""Which labels tell something: those that differ between applicants, and that no other label says already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["informative", "never_known", "constant", "duplicate", "same_order"]
RARE_BPS = 100
"""A label that differs for fewer than one applicant in a hundred is informative, but rarely."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one label tells: nothing, nothing new, or something; ``same_as`` names the label that says it already.

    ``varies_bps`` is the share of applicants who differ from the most frequent state, unknown being one.
    """

    name: str
    verdict: Verdict
    same_as: str = ""
    varies_bps: int = 0


def judge_labels(names: Sequence[str], values: NDArray[np.float64], is_known: NDArray[np.bool_]) -> tuple[Judged, ...]:
    """Every label in the order given, over a population: a row for each applicant, a column for each label.

    A label is a *duplicate* if an earlier one is known for the same applicants with the same values, and is of the
    *same order* if it puts the same applicants in the same order (or in just the opposite): a card can learn nothing
    from it that the other does not tell.

    >>> values = np.array([[1.0, 5, 10, 7, 3], [2.0, 5, 20, 7, 9]])
    >>> judged = judge_labels(list("abcde"), values, np.array([[True] * 4 + [False]] * 2))
    >>> [one.verdict for one in judged]
    ['informative', 'constant', 'same_order', 'constant', 'never_known']
    """
    assert values.shape == is_known.shape == (len(values), len(names)), "a column for each label"
    exact: dict[bytes, str] = {}
    ordered: dict[bytes, str] = {}
    found = []
    for place, name in enumerate(names):
        known = is_known[:, place]
        column = np.where(known, values[:, place], 0.0)
        kinds, ranks = np.unique(column[known], return_inverse=True)
        if len(kinds) < 2:
            found.append(Judged(name, "never_known" if not len(kinds) else "constant"))
            continue
        mask = np.packbits(known).tobytes()
        same = exact.setdefault(mask + column.tobytes(), name)
        rank = ranks.astype(np.int32)
        turned = (len(kinds) - 1 - rank).astype(np.int32)
        like = ordered.setdefault(mask + min(rank.tobytes(), turned.tobytes()), name)
        varies = _count_varying(ranks, len(known))
        if same != name:
            found.append(Judged(name, "duplicate", same, varies))
        elif like != name:
            found.append(Judged(name, "same_order", like, varies))
        else:
            found.append(Judged(name, "informative", "", varies))
    return tuple(found)


def _count_varying(ranks: NDArray[np.intp], size: int) -> int:
    """The share of applicants who do not stand where most do, in basis points."""
    most = max(int(np.bincount(ranks).max()), size - len(ranks))
    return (size - most) * 10_000 // size


def count_verdicts(judged: Sequence[Judged], families: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """How many labels of each family fall under each verdict; ``rare`` are informative ones that seldom differ."""
    found: dict[str, dict[str, int]] = {}
    for one in judged:
        row = found.setdefault(families[one.name], {})
        row[one.verdict] = row.get(one.verdict, 0) + 1
        row["declared"] = row.get("declared", 0) + 1
        if one.verdict == "informative" and one.varies_bps < RARE_BPS:
            row["rare"] = row.get("rare", 0) + 1
    return found
