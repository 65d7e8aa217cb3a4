"""From the dossier to its labels: each pack's labels as they were known at one instant."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creditfactory.application import Dossier, pack_column
from creditfactory.channel import ChannelFacts
from creditfactory.kernel import Scalar, UnknownName
from creditfactory.labels.catalogue import NAMED
from creditfactory.labels.families import FAMILIES, RATIOS, READINGS
from creditfactory.labels.family import UNKNOWN, Missing, Readings
from creditfactory.labels.known import Known, find_known
from creditfactory.labels.label import WHY_MISSING, Labels
from creditfactory.labels.micro import label_micro
from creditfactory.labels.planning import WHY_CODES, Asked, Plan, join_plans, measure, measure_sources, plan_labels
from creditfactory.labels.ratios import RATIO_WHY, RatioPlan, plan_ratios, tell_ratios
from creditfactory.labels.sba import label_sba
from creditfactory.labels.series import Series
from creditfactory.labels.snapshot import Facts, Names, Whys
from creditfactory.labels.tables import (
    Draft,
    Events,
    Ints,
    Table,
    join_events,
    join_tables,
    number_minute,
    pack_drafts,
)
from creditfactory.network import NetworkView

NUMBER_MAX = 10**15
"""Beyond this a number is no fact about a small firm but a fault."""
_PACKS = ("cn-micro", "us-sba")
_BOUNDS: Mapping[str, tuple[tuple[str, tuple[str, ...] | None, float, float], ...]] = {
    pack: tuple(
        (
            name,
            label.words,
            -math.inf if label.minimum is None else label.minimum,
            math.inf if label.maximum is None else label.maximum,
        )
        for name, label in NAMED.items()
        if pack in label.packs
    )
    for pack in _PACKS
}
"""Each named label's words, its least and its greatest figure."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """Labels read together, with their places in the array."""

    readings: Readings
    placed: tuple[str, ...]
    place: slice
    absent: int


@dataclass(frozen=True, slots=True)
class Expanded:
    """Everything of a pack that goes into one array: families source by source, labels read together, ratios.

    ``low`` and ``high`` bound the labels read together, all of them one after the other.
    """

    plans: tuple[Plan, ...]
    asked: Asked | None
    places: Ints
    columns: int
    read: tuple[ReadPlan, ...]
    low: Ints
    high: Ints
    ratios: RatioPlan
    ratio_codes: NDArray[np.uint8]
    names: Names
    code_of: Mapping[str, int]


@lru_cache(maxsize=8)
def plan_pack(pack: str) -> Expanded:
    """What a pack's labels are made by, planned once."""
    code_of = {code: number for number, code in enumerate(("", *WHY_MISSING))}
    shapes = dict.fromkeys(family.shape.code for family in FAMILIES if pack in family.packs)
    plans = tuple(
        plan_labels(family for family in FAMILIES if family.shape.code == code and pack in family.packs)
        for code in shapes
    )
    names = [label.name for plan in plans for label in plan.labels]
    places = np.cumsum([0, *(len(plan.parts) for plan in plans)])
    whole = [label for readings in READINGS for label in readings.labels if pack in label.packs]
    read = tuple(_plan_readings(readings, pack, names, code_of) for readings in READINGS)
    ratios = [ratio for ratio in RATIOS if pack in ratio.label.packs]
    ratio_plan = plan_ratios(ratios, {name: place for place, name in enumerate(names)})
    names.extend(ratio.label.name for ratio in ratios)
    codes = [[code_of[plan.shape.absent if n == 1 else code] for n, code in enumerate(WHY_CODES)] for plan in plans]
    return Expanded(
        plans=plans,
        asked=join_plans(plans, codes) if plans else None,
        places=places,
        columns=max((len(plan.shape.columns) for plan in plans), default=0),
        read=read,
        low=np.array([-NUMBER_MAX if one.minimum is None else math.ceil(one.minimum) for one in whole], np.int64),
        high=np.array([NUMBER_MAX if one.maximum is None else math.floor(one.maximum) for one in whole], np.int64),
        ratios=ratio_plan,
        ratio_codes=np.array([code_of[code] for code in RATIO_WHY], np.uint8),
        names=Names.of(tuple(names), tuple(code_of), frozenset(one.name for one in whole if one.type == "bool")),
        code_of=code_of,
    )


def _plan_readings(readings: Readings, pack: str, names: list[str], code_of: Mapping[str, int]) -> ReadPlan:
    """Where the labels of one reading stand; their names are added to those there are."""
    whole = [label for label in readings.labels if pack in label.packs]
    assert all(label.type in ("int", "bool") for label in whole), f"{readings.code}: only numbers go into an array"
    assert readings.read_row is None or whole in ([], list(readings.labels)), f"{readings.code}: a row is of them all"
    first = len(names)
    names.extend(label.name for label in whole)
    return ReadPlan(
        readings=readings,
        placed=tuple(label.name for label in whole),
        place=slice(first, len(names)),
        absent=UNKNOWN + code_of[readings.absent],
    )


def compute(
    dossier: Dossier,
    *,
    network: NetworkView | None = None,
    channel: ChannelFacts | None = None,
    series: tuple[Series, ...] = (),
    as_of: datetime,
    parameters: Mapping[str, Any] | None = None,
) -> Labels:
    """Every label of the dossier's pack, from what was known at ``as_of``; what is unknown is None and says why.

    A figure outside its declared range is not handed on: it becomes unknown, as ``out_of_range``.
    ``parameters`` (a pack's, by name) move the lines at which sources count as contradicting each other.
    """
    if dossier.pack not in _PACKS:
        raise UnknownName(place="pack", found=repr(dossier.pack), expected="one of " + ", ".join(_PACKS))
    found: dict[str, Scalar] = {}
    why: dict[str, str] = {}
    known = find_known(dossier, as_of, network=network, channel=channel, series=series, parameters=parameters or {})
    if dossier.pack == "us-sba":
        label_sba(dossier, as_of, found, why)
    else:
        label_micro(known, parameters, found, why)
    named: dict[str, Scalar] = {}
    unknown: dict[str, str] = {}
    for name, words, low, high in _BOUNDS[dossier.pack]:
        value = found.get(name)
        if value is None:
            unknown[name] = why.get(name, "not_stated")
        elif not (words is None or value in words) if isinstance(value, str) else not low <= value <= high:
            value, unknown[name] = None, "out_of_range"
        named[name] = value
    facts = fill_array(known, named, unknown)
    return Labels(pack=dossier.pack, as_of=as_of, facts=facts, why_missing=Whys(unknown, facts))


def fill_array(known: Known, named: dict[str, Scalar], unknown: dict[str, str]) -> Facts:
    """All labels: the named ones given, with those of words that are read together, and the array of the others."""
    expanded = plan_pack(known.dossier.pack)
    values = np.zeros(len(expanded.names.names), np.int64)
    why = np.empty(len(values), np.uint8)
    measure_families(expanded, known, values, why)
    first, last = int(expanded.places[-1]), len(values) - len(expanded.ratios.ratios)
    read_together(expanded, known, values[first:last], why[first:last])
    if last < len(values):
        found, code = tell_ratios(expanded.ratios, values[:last], why[:last] == 0, named)
        values[last:], why[last:] = found, expanded.ratio_codes[code]
    return Facts(named, expanded.names, values, why)


def measure_families(expanded: Expanded, known: Known, values: Ints, why: NDArray[np.uint8]) -> None:
    """The labels of all families of one dossier, written to their places; ``why`` is 0 where a label is known."""
    if expanded.asked is None:
        return
    tables: list[tuple[int, Table]] = []
    drafts: list[tuple[int, Draft]] = []
    for number, plan in enumerate(expanded.plans):
        told = plan.shape.read(known)
        if told is None:
            first, last = expanded.places[number : number + 2]
            why[first:last] = expanded.asked.codes[number, 1]
        elif isinstance(told, Table):
            tables.append((number, told))
        else:
            drafts.append((number, told))
    held: list[Events] = [table for _, table in tables]
    if drafts:
        held.append(pack_drafts([draft for _, draft in drafts]))
    if held:
        plans = np.array([number for number, _ in (*tables, *drafts)])
        minute = number_minute(known.as_of, known.dossier.utc_offset_minutes)
        measure_sources(
            expanded.asked, join_events(held, expanded.columns), plans, expanded.places[plans],
            np.full(len(plans), minute, np.int64), values, why,
        )  # fmt: skip


def read_together(expanded: Expanded, known: Known, values: Ints, why: NDArray[np.uint8]) -> None:
    """All labels that are read by single readers; unknown ones carry their code below everything a figure can be."""
    parts: list[Ints] = []
    found: list[Any] = []
    code_of = expanded.code_of
    for one in expanded.read:
        if not one.placed:
            continue
        if one.readings.read_row is not None:
            parts += (_pack_figures(found), _read_row(one, known, code_of))
            found = []
            continue
        told = one.readings.read(known)
        found += [
            one.absent if value is None else UNKNOWN + code_of[value.why] if isinstance(value, Missing) else value
            for value in map(told.get, one.placed)
        ]
    figures = np.concatenate((*parts, _pack_figures(found)))
    is_fine = (figures >= expanded.low) & (figures <= expanded.high)
    values[:] = np.where(is_fine, figures, 0)
    is_unknown = (figures >= UNKNOWN) & (figures < UNKNOWN + len(code_of))
    why[:] = np.where(is_fine, 0, np.where(is_unknown, figures - UNKNOWN, code_of["out_of_range"]))


def _read_row(one: ReadPlan, known: Known, code_of: Mapping[str, int]) -> Ints:
    """Figures in the order of the labels."""
    assert one.readings.read_row is not None, "asked only of what is read as a row"
    row = one.readings.read_row(known)
    if row is None:
        return np.full(len(one.placed), one.absent, np.int64)
    return np.where(row.figures == UNKNOWN, UNKNOWN + code_of[row.why] if row.why else one.absent, row.figures)


def _pack_figures(found: list[Any]) -> Ints:
    """Figures as a column; one beyond what it holds is beyond every range as well."""
    try:
        return pack_column("q", np.int64, found, len(found))
    except struct.error:
        return np.array([max(UNKNOWN - 1, min(-UNKNOWN, figure)) for figure in found], np.int64)


def list_named(taken: Labels) -> dict[str, Scalar]:
    """The labels declared one by one, which is what others than the house are told; the thousands stay here."""
    return {name: taken.facts[name] for name in NAMED if name in taken.facts}


def warm() -> None:
    """Have the plans made and the kernels compiled (or read from their cache) before the first applicant is there."""
    for pack in _PACKS:
        expanded = plan_pack(pack)
        for plan in expanded.plans[:1]:
            measure(plan, join_tables(plan.shape, [None]), np.zeros(1, np.int64))
