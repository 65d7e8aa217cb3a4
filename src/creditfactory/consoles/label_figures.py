"""One label over recent applications: its values, how they are spread, and how they move from month to month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.utils.translation import gettext as _

from creditfactory import gateways, labels
from creditfactory.consoles import figures, words
from creditfactory.kernel import BadInput, Scalar
from creditfactory.records import reads

SNAPSHOTS_MAX = 400
KEEP_SECONDS = 60
MONTH_MIN = 20
"""A month with fewer applications says nothing of stability."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One application's value of a label, with the code that says why it is unknown."""

    number: str
    applied_on: date
    value: Scalar
    why: str


@dataclass(frozen=True, slots=True)
class Month:
    """One month of applications: how many, how many know the label, and how far it moved since the first month."""

    name: str
    applications: int
    known: int
    moved: labels.Moved | None


def collect_values(tenant_id: int, name: str) -> tuple[Taken, ...]:
    """The label in the latest snapshots that carry it, newest first; kept for a minute."""
    key = f"label-values:{tenant_id}:{name}"
    found: tuple[Taken, ...] | None = cache.get(key)
    if found is None:
        found = tuple(
            taken
            for row in reads.list_snapshots(tenant_id, limit=SNAPSHOTS_MAX)
            if (taken := _take(row, name)) is not None
        )
        cache.set(key, found, KEEP_SECONDS)
    return found


def open_snapshot(text: str) -> labels.Labels | None:
    """A snapshot from the text it was kept in; None where that is of a form nobody knows."""
    try:
        return gateways.load_value(labels.Labels, text)
    except BadInput:
        return None


def _take(row: reads.SnapshotRow, name: str) -> Taken | None:
    taken = open_snapshot(row.text)
    if taken is None or name not in taken.facts:
        return None
    return Taken(row.number, row.applied_on, taken.facts[name], taken.why_missing.get(name, ""))


def follow_months(values: Sequence[Taken]) -> tuple[Month, ...]:
    """Every month with enough applications, oldest first, against the first of them; the first against itself is 0."""
    by_month: dict[str, list[Taken]] = {}
    for taken in values:
        by_month.setdefault(taken.applied_on.strftime("%Y-%m"), []).append(taken)
    months = [(name, by_month[name]) for name in sorted(by_month)]
    base = next((held for _name, held in months if len(held) >= MONTH_MIN), None)
    return tuple(
        Month(
            name=name,
            applications=len(held),
            known=sum(taken.value is not None for taken in held),
            moved=None
            if base is None or len(held) < MONTH_MIN
            else labels.measure_stability([taken.value for taken in base], [taken.value for taken in held]),
        )
        for name, held in months
    )


def tell_unknown(values: Sequence[Taken]) -> tuple[tuple[str, int], ...]:
    """Why the label is unknown, in codes, the most frequent first."""
    return tuple(Counter(taken.why for taken in values if taken.value is None).most_common())


def name_bar(bar: labels.Bar, label: labels.Label) -> str:
    """What a column of the picture stands for, in the reader's words and the label's unit."""
    if bar.word:
        known = {"yes": _("yes"), "no": _("no")}
        return str(known.get(bar.word) or words.word(bar.word, "value"))
    low, high = (_tell_edge(edge, label) for edge in (bar.low, bar.high))
    return low if low == high else f"{low} – {high}"


def _tell_edge(edge: float | None, label: labels.Label) -> str:
    if edge is not None and label.unit == "cents":
        return str(figures.short_money(round(edge), "CNY"))
    return words.fact_text(label.name, edge if edge is None or label.type == "float" else round(edge))
