"""Finding labels by a few words, among thousands, while somebody types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from creditfactory import labels

PAGE_ROWS = 50
CHOICES = ("family", "source", "sensitivity", "polarity")
_BREAK = re.compile(r"[\s,,、]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of labels, how many match in all, and how many of them each choice would leave."""

    rows: tuple[labels.Label, ...]
    total: int
    page: int
    pages: int
    counts: Mapping[str, Mapping[str, int]]


@cache
def _list_texts(pack: str) -> tuple[tuple[labels.Label, str], ...]:
    """Every label of a pack with all that it can be found by, in small letters."""
    shown = [*labels.list_labels(pack), *(one for one in labels.PROTECTED.values() if pack in one.packs)]
    return tuple(
        (one, f"{one.name} {one.name.replace('_', ' ')} {one.meaning['en']} {one.meaning['zh']}".casefold())
        for one in shown
    )


def family_of(label: labels.Label) -> str:
    """The family a label belongs to; many of the oldest are declared one by one."""
    return label.family or "named"


def search(pack: str, text: str, chosen: Mapping[str, str], page: int = 1) -> Found:
    """The labels in whose name or meaning, in either language, every typed word stands, as filtered.

    >>> found = search("cn-micro", "销售回款 近90天 单笔最大", {})
    >>> found.rows[0].name
    'bank__sale__max_cents__90d'
    """
    words = [word for word in _BREAK.split(text.casefold()) if word][:8]
    hits = [label for label, told in _list_texts(pack) if all(word in told for word in words)]
    counts = {name: _count(hits, {**chosen, name: ""}, name) for name in CHOICES}
    kept = _keep(hits, chosen)
    pages = max(1, -(-len(kept) // PAGE_ROWS))
    page = min(max(1, page), pages)
    return Found(tuple(kept[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]), len(kept), page, pages, counts)


def _tell(label: labels.Label, choice: str) -> str:
    return family_of(label) if choice == "family" else str(getattr(label, choice))


def _keep(hits: Iterable[labels.Label], chosen: Mapping[str, str]) -> list[labels.Label]:
    wanted = [(name, value) for name, value in chosen.items() if value]
    return [label for label in hits if all(_tell(label, name) == value for name, value in wanted)]


def _count(hits: Iterable[labels.Label], chosen: Mapping[str, str], choice: str) -> Mapping[str, int]:
    """How many labels each value of a choice would leave, the most first."""
    return dict(Counter(_tell(label, choice) for label in _keep(hits, chosen)).most_common())
