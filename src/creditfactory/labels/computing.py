"""From the dossier to its labels: each pack's labels as they were known at one instant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creditfactory.application import BankStatement, Dossier, Evidence, find_each_evidence
from creditfactory.channel import ChannelFacts
from creditfactory.kernel import Scalar, UnknownName
from creditfactory.labels.catalogue import NAMED
from creditfactory.labels.families import FAMILIES, RATIOS, READINGS
from creditfactory.labels.families.bank_statements import STATEMENTS, tabulate_lines
from creditfactory.labels.family import UNKNOWN, Known, Missing, Readings
from creditfactory.labels.label import WHY_MISSING, Label, Labels
from creditfactory.labels.micro import label_micro
from creditfactory.labels.planning import WHY_CODES, Plan, measure, plan_labels
from creditfactory.labels.ratios import RATIO_WHY, RatioPlan, plan_ratios, tell_ratios
from creditfactory.labels.sba import label_sba
from creditfactory.labels.series import Series
from creditfactory.labels.snapshot import Facts, Names, Whys
from creditfactory.labels.statement_lines import StatementLines, read_lines
from creditfactory.labels.tables import Ints, Table, join_tables, number_minute
from creditfactory.network import NetworkView

NUMBER_MAX = 10**15
"""Beyond this a number is no fact about a small firm but a fault."""
_PACKS = ("cn-micro", "us-sba")
_NAMES: dict[str, tuple[tuple[str, Label], ...]] = {
    pack: tuple((name, label) for name, label in NAMED.items() if pack in label.packs) for pack in _PACKS
}


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """Labels read together: those that go into the array with their places, those of words that stay by name."""

    readings: Readings
    placed: tuple[str, ...]
    place: slice
    low: Ints
    high: Ints
    spoken: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Expanded:
    """Everything of a pack that goes into one array: families source by source, labels read together, ratios."""

    plans: tuple[Plan, ...]
    places: tuple[slice, ...]
    codes: tuple[NDArray[np.uint8], ...]
    read: tuple[ReadPlan, ...]
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
    ends = np.cumsum([len(plan.parts) for plan in plans]).tolist()
    read = tuple(_plan_readings(readings, pack, names) for readings in READINGS)
    booleans = frozenset(label.name for one in read for label in one.readings.labels if label.type == "bool")
    ratios = [ratio for ratio in RATIOS if pack in ratio.label.packs]
    ratio_plan = plan_ratios(ratios, {name: place for place, name in enumerate(names)})
    names.extend(ratio.label.name for ratio in ratios)
    return Expanded(
        plans=plans,
        places=tuple(slice(end - len(plan.parts), end) for plan, end in zip(plans, ends, strict=True)),
        codes=tuple(
            np.array([code_of[plan.shape.absent if place == 1 else code] for place, code in enumerate(WHY_CODES)], "u1")
            for plan in plans
        ),
        read=read,
        ratios=ratio_plan,
        ratio_codes=np.array([code_of[code] for code in RATIO_WHY], np.uint8),
        names=Names.of(tuple(names), tuple(code_of), booleans),
        code_of=code_of,
    )


def _plan_readings(readings: Readings, pack: str, names: list[str]) -> ReadPlan:
    """Where the labels of one reading stand; their names are added to those there are."""
    used = [label for label in readings.labels if pack in label.packs]
    whole = [label for label in used if label.type in ("int", "bool")]
    assert readings.read_row is None or whole in ([], list(readings.labels)), f"{readings.code}: a row is of them all"
    first = len(names)
    names.extend(label.name for label in whole)
    return ReadPlan(
        readings=readings,
        placed=tuple(label.name for label in whole),
        place=slice(first, len(names)),
        low=np.array([-NUMBER_MAX if one.minimum is None else math.ceil(one.minimum) for one in whole], np.int64),
        high=np.array([NUMBER_MAX if one.maximum is None else math.floor(one.maximum) for one in whole], np.int64),
        spoken=tuple(label for label in used if label not in whole),
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
    latest = _find_latest(dossier, as_of)
    lines = None
    if "bank_statement" in latest:
        lines = read_lines(find_each_evidence(dossier, BankStatement, by="account", as_of=as_of))
    if dossier.pack == "us-sba":
        label_sba(dossier, as_of, found, why)
    else:
        label_micro(dossier, network, channel, as_of, parameters, lines, latest, found, why)
    named: dict[str, Scalar] = {}
    for name, label in _NAMES[dossier.pack]:
        value = found.get(name)
        if value is None:
            why.setdefault(name, "not_stated")
        elif not _is_in_range(value, label):
            value, why[name] = None, "out_of_range"
        named[name] = value
    unknown = {name: why[name] for name in named if name in why}
    known = Known(
        dossier=dossier, as_of=as_of, latest=latest, network=network, channel=channel, series=series,
        parameters=parameters or {},
    )  # fmt: skip
    facts = fill_array(known, named, unknown, lines)
    return Labels(pack=dossier.pack, as_of=as_of, facts=facts, why_missing=Whys(unknown, facts))


def fill_array(known: Known, named: dict[str, Scalar], unknown: dict[str, str], lines: StatementLines | None) -> Facts:
    """All labels: the named ones given, with those of words that are read together, and the array of the others."""
    expanded = plan_pack(known.dossier.pack)
    values = np.zeros(len(expanded.names.names), np.int64)
    why = np.empty(len(values), np.uint8)
    measure_families(expanded, known.dossier, known.as_of, values, why, lines)
    for one in expanded.read:
        _read_together(one, known, expanded.code_of, values, why, named, unknown)
    first = len(values) - len(expanded.ratios.ratios)
    if first < len(values):
        found, code = tell_ratios(expanded.ratios, values[:first], why[:first] == 0, named)
        values[first:], why[first:] = found, expanded.ratio_codes[code]
    return Facts(named, expanded.names, values, why)


def measure_families(
    expanded: Expanded,
    dossier: Dossier,
    as_of: datetime,
    values: Ints,
    why: NDArray[np.uint8],
    lines: StatementLines | None = None,
) -> None:
    """The labels of all families of one dossier, written to their places; ``why`` is 0 where a label is known.

    ``lines`` are those of its statements where they were read already.
    """
    minute = np.array((number_minute(as_of, dossier.utc_offset_minutes),), np.int64)
    for plan, place, codes in zip(expanded.plans, expanded.places, expanded.codes, strict=True):
        if lines is not None and plan.shape is STATEMENTS:
            table: Table | None = tabulate_lines(lines)
        else:
            table = plan.shape.read(dossier, as_of)
        if table is None:
            why[place] = codes[1]
            continue
        found, code = measure(plan, table, minute)
        values[place] = found[0]
        why[place] = codes[code[0]]


def _read_together(
    one: ReadPlan,
    known: Known,
    code_of: Mapping[str, int],
    values: Ints,
    why: NDArray[np.uint8],
    named: dict[str, Scalar],
    unknown: dict[str, str],
) -> None:
    if one.readings.read_row is not None:
        if one.placed:
            row = one.readings.read_row(known)
            code = code_of[one.readings.absent if row is None else row.why or one.readings.absent]
            _place_row(one, None if row is None else row.figures, code, code_of["out_of_range"], values, why)
        return
    told = one.readings.read(known)
    if one.placed and told:
        _place_told(one, told, code_of, values, why)
    elif one.placed:
        values[one.place], why[one.place] = 0, code_of[one.readings.absent]
    for label in one.spoken:
        value = told.get(label.name)
        if value is None or isinstance(value, Missing):
            named[label.name] = None
            unknown[label.name] = one.readings.absent if value is None else value.why
        elif _is_in_range(value, label):
            named[label.name] = value
        else:
            named[label.name], unknown[label.name] = None, "out_of_range"


def _place_row(
    one: ReadPlan, figures: Ints | None, unknown: int, outside: int, values: Ints, why: NDArray[np.uint8]
) -> None:
    """Figures in the order of the labels; what lies outside its range is not handed on."""
    if figures is None:
        values[one.place], why[one.place] = 0, unknown
        return
    is_fine = (figures >= one.low) & (figures <= one.high)
    values[one.place] = np.where(is_fine, figures, 0)
    why[one.place] = np.where(is_fine, 0, np.where(figures == UNKNOWN, unknown, outside))


def _place_told(
    one: ReadPlan,
    told: Mapping[str, Scalar | Missing],
    code_of: Mapping[str, int],
    values: Ints,
    why: NDArray[np.uint8],
) -> None:
    """Figures by name; unknown ones carry their code below everything that a figure can be."""
    absent = UNKNOWN + code_of[one.readings.absent]
    found: list[Any] = [
        absent if value is None else UNKNOWN + code_of[value.why] if isinstance(value, Missing) else value
        for value in map(told.get, one.placed)
    ]
    try:
        figures = np.array(found, np.int64)
    except OverflowError:
        figures = np.array([max(UNKNOWN, min(-UNKNOWN, figure)) for figure in found], np.int64)
    is_fine = (figures >= one.low) & (figures <= one.high)
    values[one.place] = np.where(is_fine, figures, 0)
    is_unknown = (figures >= UNKNOWN) & (figures < UNKNOWN + len(code_of))
    why[one.place] = np.where(is_fine, 0, np.where(is_unknown, figures - UNKNOWN, code_of["out_of_range"]))


def list_named(taken: Labels) -> dict[str, Scalar]:
    """The labels declared one by one, which is what others than the house are told; the thousands stay here."""
    return {name: taken.facts[name] for name in NAMED if name in taken.facts}


def warm() -> None:
    """Have the plans made and the kernel compiled (or read from its cache) before the first applicant is there."""
    for pack in _PACKS:
        for plan in plan_pack(pack).plans:
            measure(plan, join_tables(plan.shape, [None]), np.zeros(1, np.int64))


def _find_latest(dossier: Dossier, as_of: datetime) -> dict[str, Evidence]:
    latest: dict[str, Evidence] = {}
    for evidence in dossier.evidence:
        if evidence.obtained_at <= as_of:
            held = latest.get(evidence.kind)
            if held is None or held.obtained_at < evidence.obtained_at:
                latest[evidence.kind] = evidence
    return latest


def _is_in_range(value: Scalar, label: Label) -> bool:
    if isinstance(value, str):
        return label.words is None or value in label.words
    if isinstance(value, bool) or value is None:
        return True
    return (label.minimum is None or value >= label.minimum) and (label.maximum is None or value <= label.maximum)
