"""One label held against another: costs against sales, what was invoiced against what came in, debts against income."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from creditfactory.kernel import BPS_WHOLE, Scalar
from creditfactory.labels import kernels_ratios
from creditfactory.labels.label import Label

Kind = Literal["bps", "each", "difference", "growth_gap"]
KINDS: tuple[Kind, ...] = ("bps", "each", "difference", "growth_gap")
RATIO_WHY = ("", "not_comparable", "out_of_range")
"""Why a ratio can be unknown, by number; 0 is known."""
_SAFE = 9 * 10**14


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One label against another, both by name.

    ``bps``: the one in basis points of the other, rounded down; ``each``: so much of the one for each of the other;
    ``difference``: the one less the other; ``growth_gap``: a year's figure against the year before, as growth, less
    the other's growth. Of nothing, or of less than nothing, there is no share: ``not_comparable``.
    """

    label: Label
    over: str
    under: str
    kind: Kind = "bps"

    def tell(self, over: int | None, under: int | None) -> int | None:
        """The figure; unknown where one side is, or where the other is no measure. The reference for the array form.

        >>> Ratio(label=None, over="costs", under="sales").tell(72_000, 90_000)
        8000
        """
        if over is None or under is None or max(abs(over), abs(under)) > _SAFE:
            return None
        if self.kind == "difference":
            return over - under
        if self.kind == "growth_gap":
            return over - BPS_WHOLE - under
        if under <= 0:
            return None
        return over * BPS_WHOLE // under if self.kind == "bps" else over // under


@dataclass(frozen=True, slots=True, eq=False)
class RatioPlan:
    """Ratios ready to be told together: where their two sides stand in an array, or which named labels they are."""

    ratios: tuple[Ratio, ...]
    named: tuple[str, ...]
    over: NDArray[np.intp]
    under: NDArray[np.intp]
    kinds: NDArray[np.int8]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def plan_ratios(ratios: Sequence[Ratio], places: Mapping[str, int]) -> RatioPlan:
    """The plan of ratios over an array of labels with these places; sides without a place are asked for by name."""
    named = tuple(dict.fromkeys(s for r in ratios for s in (r.over, r.under) if s not in places))
    known = {**places, **{name: len(places) + number for number, name in enumerate(named)}}
    bounds = [(r.label.minimum, r.label.maximum) for r in ratios]
    return RatioPlan(
        ratios=tuple(ratios),
        named=named,
        over=np.array([known[r.over] for r in ratios], np.intp),
        under=np.array([known[r.under] for r in ratios], np.intp),
        kinds=np.array([KINDS.index(r.kind) for r in ratios], np.int8),
        low=np.array([low for low, _ in bounds], np.int64),
        high=np.array([high for _, high in bounds], np.int64),
    )


def tell_ratios(
    plan: RatioPlan, values: NDArray[np.int64], is_known: NDArray[np.bool_], named: Mapping[str, Scalar]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Every ratio from an array of labels and the named ones: the figures, and by number why one is unknown."""
    beside = [named.get(name) for name in plan.named]
    whole = [one if isinstance(one, int) else None for one in beside]
    figures = np.array([0 if one is None else max(-_SAFE - 1, min(_SAFE + 1, one)) for one in whole], np.int64)
    has = np.array([one is not None for one in whole], np.bool_)
    found, why = np.empty(len(plan.over), np.int64), np.empty(len(plan.over), np.uint8)
    kernels_ratios.tell_ratios(
        plan.over, plan.under, plan.kinds, plan.low, plan.high, values, is_known, figures, has, _SAFE, found, why
    )
    return found, why
