"""Where a label comes from, down to the field of the dossier, and what is made of it further on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from creditfactory.labels.catalogue import explain_label
from creditfactory.labels.expanding import is_meant, name_label
from creditfactory.labels.families import FAMILIES, RATIOS, READINGS
from creditfactory.labels.families.sources import LEGAL_BASES, SOURCES
from creditfactory.labels.family import Cut, Family, Measure, Window
from creditfactory.labels.ratios import Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """One label's way: the dossier's field, the lines taken, the stretch of time, the figure made; and what uses it.

    ``lines`` are the words by which lines are chosen, column by column, empty where all of them are. ``over`` and
    ``under`` are the two labels of a ratio. ``used_in`` are labels made of this one.
    """

    name: str
    field: str
    table: str = ""
    lines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    cut: Cut | None = None
    measure: Measure | None = None
    window: Window | None = None
    ends: str = ""
    reading: str = ""
    over: str = ""
    under: str = ""
    kind: str = ""
    used_in: tuple[str, ...] = ()
    owner: str = ""
    legal_basis: Mapping[str, str] | None = None
    is_basis_checked: bool = False


def trace_label(name: str) -> Lineage:
    """The lineage of a label; an unknown name is refused.

    >>> way = trace_label("bank__sale__sum_cents__90d")
    >>> way.field, way.lines
    ('evidence[bank_statement]', (('direction', ('in',)), ('sort', ('sale',))))
    """
    label = explain_label(name)
    card = SOURCES.get(label.source)
    basis = LEGAL_BASES.get(label.legal_basis or (card.legal_basis if card else ""))
    way = Lineage(
        name=name,
        field=card.field if card else "",
        used_in=_find_uses().get(name, ()),
        owner=label.owner or (card.owner if card else ""),
        legal_basis=None if basis is None else {"en": basis.en, "zh": basis.zh},
        is_basis_checked=basis is not None and basis.is_checked,
        reading=_find_readings().get(name, ""),
    )
    if name in _find_ratios():
        ratio = _find_ratios()[name]
        return replace(way, over=ratio.over, under=ratio.under, kind=ratio.kind)
    if name not in _find_parts():
        return way
    family, cut, measure, window = _find_parts()[name]
    lines = tuple((column, words) for column, words in cut.where.items())
    return replace(
        way, table=family.shape.code, lines=lines, cut=cut, measure=measure, window=window, ends=family.shape.ends
    )


@cache
def _find_parts() -> Mapping[str, tuple[Family, Cut, Measure, Window]]:
    return {
        name_label(family, cut, measure, window): (family, cut, measure, window)
        for family in FAMILIES
        for cut in family.cuts
        for window in family.windows
        for measure in family.measures
        if is_meant(family, cut, measure, window)
    }


@cache
def _find_ratios() -> Mapping[str, Ratio]:
    return {ratio.label.name: ratio for ratio in RATIOS}


@cache
def _find_readings() -> Mapping[str, str]:
    return {label.name: readings.code for readings in READINGS for label in readings.labels}


@cache
def _find_uses() -> Mapping[str, tuple[str, ...]]:
    uses: dict[str, tuple[str, ...]] = {}
    for ratio in RATIOS:
        for side in (ratio.over, ratio.under):
            uses[side] = (*uses.get(side, ()), ratio.label.name)
    return uses
