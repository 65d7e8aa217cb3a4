"""From the declaration of a family to its labels: names, meaning in both languages, range."""

from __future__ import annotations

import re
from collections.abc import Iterable

from creditfactory.labels.family import DAYS_HIGH, Cut, Family, Measure, Window
from creditfactory.labels.label import Label, Polarity

_PART = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def name_label(family: Family, cut: Cut, measure: Measure, window: Window) -> str:
    """The name of one label of a family."""
    return f"{family.code}__{cut.code}__{_name_measure(family, measure)}__{window.code}"


def _name_measure(family: Family, measure: Measure) -> str:
    suffix = {"amount": f"_{family.shape.unit}", "bps": "_bps"}.get(measure.unit, "")
    return measure.code + suffix


def expand(family: Family) -> tuple[Label, ...]:
    """Every label of a family, cut by cut, window by window."""
    _check_parts(family)
    wholes = {cut.code: cut for cut in family.cuts}
    return tuple(
        _make_label(family, cut, measure, window, wholes.get(family.whole))
        for cut in family.cuts
        for window in family.windows
        for measure in family.measures
        if is_meant(family, cut, measure, window)
    )


def is_meant(family: Family, cut: Cut, measure: Measure, window: Window) -> bool:
    """Whether a combination says anything: the whole is no share of itself, and before all there is nothing."""
    if measure.code in ("share", "count_share") and cut.code == family.whole:
        return False
    if measure.needs_steps and window.steps < 2:
        return False
    is_ever = window.days is None and window.months is None
    return not (is_ever and (measure.needs_before or measure.needs_start))


def expand_all(families: Iterable[Family]) -> tuple[Label, ...]:
    """The labels of many families; two of the same name are refused."""
    found = tuple(label for family in families for label in expand(family))
    names: set[str] = set()
    for label in found:
        assert label.name not in names, f"label {label.name} is declared twice"
        names.add(label.name)
    return found


def _check_parts(family: Family) -> None:
    """Declarations are our own: what is wrong in one is a bug and is told with the place."""
    words = family.shape.columns
    for part in (family.code, *(c.code for c in family.cuts), *(w.code for w in family.windows)):
        assert _PART.fullmatch(part), f"{family.code}: {part!r} is no name of lower case, digits, single underscores"
    for cut in family.cuts:
        for column, allowed in cut.where.items():
            assert column in words, f"{family.code}.{cut.code}: no column {column!r} in {family.shape.code}"
            strange = set(allowed) - set(words[column])
            assert not strange, f"{family.code}.{cut.code}: {sorted(strange)} are no words of {column}"
    if any(m.code in ("share", "count_share") for m in family.measures):
        assert family.whole in {c.code for c in family.cuts}, f"{family.code}: shares need a whole among the cuts"


def _make_label(family: Family, cut: Cut, measure: Measure, window: Window, whole: Cut | None) -> Label:
    is_monthly = window.months is not None
    places = {
        "en": {"cut": cut.en, "whole": whole.en if whole else "", "window": window.words["en"],
               "step": "calendar month" if is_monthly else "30 days"},
        "zh": {"cut": cut.zh, "whole": whole.zh if whole else "", "window": window.words["zh"],
               "step": "自然月" if is_monthly else "每30天"},
    }  # fmt: skip
    source = {"en": family.en, "zh": family.zh}
    polarity: Polarity = cut.polarity if measure.follows_cut else "neutral"
    told = measure.en.format(**places["en"])
    figure = {"en": told[0].lower() + told[1:], "zh": measure.zh.format(**places["zh"])}
    high = measure.high
    if measure.unit == "days" and window.days is not None:
        high = min(high, window.days + 1)
    return Label(
        name=name_label(family, cut, measure, window),
        type="int",
        unit=family.shape.unit if measure.unit == "amount" else measure.unit,
        meaning={
            "en": f"{source['en']}: {figure['en'][0].lower() + figure['en'][1:]}",
            "zh": f"{source['zh']}:{figure['zh']}",
        },
        source=family.shape.source,
        packs=family.packs,
        minimum=measure.low,
        maximum=min(high, DAYS_HIGH) if measure.unit == "days" else high,
        polarity=polarity,
        is_protected=family.is_protected,
        family=family.code,
        cut=cut.code,
        measure=_name_measure(family, measure),
        window=window.code,
        owner=family.owner,
        legal_basis=family.legal_basis,
        sensitivity=family.sensitivity,
        missing=family.missing,
    )
