"""The labels of one applicant as taken: named ones as they are, the expanded ones as one array with shared names.

Kept, they are one compressed array beside the names it was taken with, so that a snapshot can be read years later,
whatever the catalogue has become meanwhile.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from creditfactory.kernel import BadInput, Scalar
from creditfactory.labels.label import Labels
from creditfactory.labels.tables import Ints

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The names of an array of labels, in order, and the codes by which they can be unknown (the first: known).

    ``booleans`` are those that are yes or no, 1 or 0 in the array.
    """

    names: tuple[str, ...]
    why_codes: tuple[str, ...]
    booleans: frozenset[str]
    places: Mapping[str, int] = field(repr=False)
    yes_no: tuple[int, ...] = field(repr=False)

    @staticmethod
    def of(names: tuple[str, ...], why_codes: tuple[str, ...], booleans: frozenset[str] = frozenset()) -> Names:
        """Names with their places."""
        yes_no = tuple(place for place, name in enumerate(names) if name in booleans)
        return Names(names, why_codes, booleans, {name: place for place, name in enumerate(names)}, yes_no)


class Facts(Mapping[str, Scalar]):
    """Every label's value by name: the named ones first, then the expanded ones from their array; None is unknown."""

    __slots__ = ("named", "names", "values_array", "why")

    def __init__(self, named: dict[str, Scalar], names: Names, values: Ints, why: NDArray[np.uint8]) -> None:
        self.named, self.names, self.values_array, self.why = named, names, values, why

    def __getitem__(self, name: str) -> Scalar:
        if name in self.named:
            return self.named[name]
        return self._read(name, self.names.places[name])

    def get(self, name: str, default: Any = None) -> Any:
        """One label's value, or the default where there is no such label."""
        if name in self.named:
            return self.named[name]
        place = self.names.places.get(name)
        if place is None:
            return default
        return self._read(name, place)

    def _read(self, name: str, place: int) -> Scalar:
        if self.why[place]:
            return None
        value = int(self.values_array[place])
        return bool(value) if name in self.names.booleans else value

    def __contains__(self, name: object) -> bool:
        return name in self.named or name in self.names.places

    def __iter__(self) -> Iterator[str]:
        yield from self.named
        yield from self.names.names

    def __len__(self) -> int:
        return len(self.named) + len(self.names.names)

    def items(self) -> ItemsView[str, Scalar]:
        """All labels with their values, as a dictionary gives them."""
        return self.as_dict().items()

    def as_dict(self) -> dict[str, Scalar]:
        """All labels in a dictionary of its own."""
        found = dict(self.named)
        values: list[Scalar] = self.values_array.tolist()
        for place in self.names.yes_no:
            values[place] = bool(values[place])
        for place in np.flatnonzero(self.why).tolist():
            values[place] = None
        found.update(zip(self.names.names, values, strict=True))
        return found

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Facts) and other.names.names == self.names.names:
            known = self.why == 0
            return bool(
                self.named == other.named
                and (known == (other.why == 0)).all()
                and (self.values_array[known] == other.values_array[known]).all()
            )
        return isinstance(other, Mapping) and self.as_dict() == dict(other)

    __hash__ = None  # type: ignore[assignment]


class Whys(Mapping[str, str]):
    """For each unknown label the code that says why."""

    __slots__ = ("facts", "named")

    def __init__(self, named: dict[str, str], facts: Facts) -> None:
        self.named, self.facts = named, facts

    def __getitem__(self, name: str) -> str:
        if name in self.named:
            return self.named[name]
        code = self.facts.why[self.facts.names.places[name]]
        if not code:
            raise KeyError(name)
        return str(self.facts.names.why_codes[code])

    def __contains__(self, name: object) -> bool:
        if name in self.named:
            return True
        place = self.facts.names.places.get(name)  # type: ignore[call-overload]
        return place is not None and bool(self.facts.why[place])

    def __iter__(self) -> Iterator[str]:
        yield from self.named
        names = self.facts.names.names
        yield from (names[place] for place in np.flatnonzero(self.facts.why).tolist())

    def __len__(self) -> int:
        return len(self.named) + int(np.count_nonzero(self.facts.why))

    def count_codes(self) -> dict[str, int]:
        """How many labels are unknown for each reason."""
        found: dict[str, int] = {}
        for code in self.named.values():
            found[code] = found.get(code, 0) + 1
        numbers = np.bincount(self.facts.why, minlength=len(self.facts.names.why_codes)).tolist()
        for place, code in enumerate(self.facts.names.why_codes):
            if place and numbers[place]:
                found[code] = found.get(code, 0) + numbers[place]
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArray:
    """The expanded labels as kept: ``catalogue`` is the digest of the names and codes they were taken with."""

    catalogue: str
    names: str
    values: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLabels:
    """A snapshot as kept: what was named in words, the rest as one array; visits of before there was one have none."""

    pack: str
    as_of: datetime
    facts: dict[str, Scalar]
    why_missing: dict[str, str] = field(default_factory=dict)
    expanded: KeptArray | None = None


def keep_labels(taken: Labels) -> KeptLabels:
    """A snapshot in the form it is kept in."""
    facts, why = taken.facts, taken.why_missing
    if not isinstance(facts, Facts):
        return KeptLabels(pack=taken.pack, as_of=taken.as_of, facts=dict(facts), why_missing=dict(why))
    named = dict(why.named) if isinstance(why, Whys) else {n: c for n, c in why.items() if n in facts.named}
    return KeptLabels(
        pack=taken.pack, as_of=taken.as_of, facts=facts.named, why_missing=named,
        expanded=_keep_array(facts) if facts.names.names else None,
    )  # fmt: skip


def _keep_array(facts: Facts) -> KeptArray:
    digest, text = _pack_names(facts.names)
    values = np.where(facts.why == 0, facts.values_array, 0).astype("<i8")
    planes = values.view(np.uint8).reshape(-1, 8).T.tobytes() + facts.why.tobytes()
    return KeptArray(catalogue=digest, names=text, values=base64.b85encode(zlib.compress(planes, 6)).decode())


def open_labels(kept: KeptLabels) -> Labels:
    """A kept snapshot as it was taken; its names are those of its own day."""
    if kept.expanded is None:
        return Labels(pack=kept.pack, as_of=kept.as_of, facts=kept.facts, why_missing=kept.why_missing)
    names = _open_names(kept.expanded.catalogue, kept.expanded.names)
    size = len(names.names)
    try:
        planes = np.frombuffer(zlib.decompress(base64.b85decode(kept.expanded.values)), np.uint8)
    except (ValueError, zlib.error):
        planes = np.empty(0, np.uint8)
    if len(planes) != size * 9 or (planes[size * 8 :] >= len(names.why_codes)).any():
        raise BadInput(place="expanded.values", found="an array of another length", expected=f"{size} labels")
    values = np.ascontiguousarray(planes[: size * 8].reshape(8, size).T).view("<i8").reshape(size).astype(np.int64)
    facts = Facts(kept.facts, names, values, planes[size * 8 :].copy())
    return Labels(pack=kept.pack, as_of=kept.as_of, facts=facts, why_missing=Whys(kept.why_missing, facts))


@lru_cache(maxsize=16)
def _pack_names(names: Names) -> tuple[str, str]:
    """Digest and text of names: cuts that have the same measures and windows share one line of them."""
    lists: dict[tuple[str, ...], int] = {}
    rows: list[str] = []
    held = ""
    endings: list[str] = []
    marked = (f"{name}?" if name in names.booleans else name for name in names.names)
    for name in (*marked, ""):
        head, ending = _split(name)
        if head != held or not name:
            if held:
                rows.append(f"{held} {lists.setdefault(tuple(endings), len(lists))}")
            held, endings = head, []
        endings.append(ending)
    text = "\n".join((" ".join(names.why_codes), *(" ".join(ends) for ends in lists), "", *rows))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return digest, base64.b85encode(zlib.compress(text.encode(), 9)).decode()


def _split(name: str) -> tuple[str, str]:
    parts = name.split("__", 2)
    return (f"{parts[0]}__{parts[1]}", f"__{parts[2]}") if len(parts) == 3 else (name, "=")


@lru_cache(maxsize=16)
def _open_names(digest: str, packed: str) -> Names:
    try:
        text = zlib.decompress(base64.b85decode(packed)).decode()
    except (ValueError, zlib.error):
        text = ""
    if hashlib.sha256(text.encode()).hexdigest() != digest:
        raise BadInput(place="expanded.names", found="names that do not fit their digest", expected=digest)
    lines = text.split("\n")
    border = lines.index("", 1)
    lists = [line.split(" ") for line in lines[1:border]]
    names: list[str] = []
    for row in lines[border + 1 :]:
        head, number = row.split(" ")
        names.extend(head + ("" if ending == "=" else ending) for ending in lists[int(number)])
    plain = tuple(name.removesuffix("?") for name in names)
    return Names.of(plain, tuple(lines[0].split(" ")), frozenset(n.removesuffix("?") for n in names if n[-1] == "?"))
