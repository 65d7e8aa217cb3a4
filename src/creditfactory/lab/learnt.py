"""Whose outcomes a card has learnt from, kept as hashes of a key column: nobody is counted a second time.

It is written only where the key is named. A hash tells nobody's name, but who holds a list of keys can look them up in
it: it belongs with the card's folder and in no export.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from creditfactory.kernel import BadInput
from creditfactory.lab.counts import open_packed
from creditfactory.lab.forms import COUNT, TEXT, Group, check_form
from creditfactory.lab.sample import Flags, check_names

LEARNT = "learnt.json.gz"
FORM = "creditfactory outcomes learnt from 1"
_FILE = Group(must={"form": TEXT, "key": TEXT, "rows": COUNT, "hashes": TEXT})


@dataclass(frozen=True, slots=True)
class Learnt:
    """The key column's name and the hashes of the keys that were counted, in rising order."""

    key: str
    hashes: npt.NDArray[np.uint64]

    def find(self, frame: pl.DataFrame) -> Flags:
        """Which rows of new data were counted already."""
        return np.isin(hash_keys(frame, self.key), self.hashes)

    def add(self, frame: pl.DataFrame) -> Learnt:
        """With the rows of this frame counted as well."""
        return Learnt(self.key, np.union1d(self.hashes, hash_keys(frame, self.key)))


def remember_keys(frame: pl.DataFrame, key: str) -> Learnt:
    """The rows of a frame as counted.

    >>> known = remember_keys(pl.DataFrame({"loan": ["A1", "A2"]}), "loan")
    >>> known.find(pl.DataFrame({"loan": ["A2", "A3"]})).tolist()
    [True, False]
    """
    return Learnt(key, np.sort(hash_keys(frame, key)))


def hash_keys(frame: pl.DataFrame, key: str) -> npt.NDArray[np.uint64]:
    """A number for each row's key, the same whatever file it comes from; an open or doubled key is refused."""
    check_names([key], frame.columns, place="key")
    column = frame.get_column(key)
    if column.dtype.is_float() or not (column.dtype.is_integer() or column.dtype in (pl.String, pl.Categorical)):
        raise BadInput(place=f"column {key}", found=f"{column.dtype} values", expected="whole numbers or texts as keys")
    if column.null_count():
        raise BadInput(place=f"column {key}", found=f"{column.null_count()} open", expected="a key in each row")
    words = column.cast(pl.String).to_list()
    if len(set(words)) < len(words):
        twice = column.filter(column.is_duplicated())[0]
        raise BadInput(place=f"column {key}", found=f"{twice!r} more than once", expected="each key once")
    digests = b"".join(hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def write_learnt(folder: Path, learnt: Learnt) -> Path:
    """Write the hashes into the card's folder; the same keys give the same bytes."""
    hashes = base64.b64encode(learnt.hashes.astype("<u8").tobytes()).decode()
    told = {"form": FORM, "key": learnt.key, "rows": len(learnt.hashes), "hashes": hashes}
    place = folder / LEARNT
    place.write_bytes(gzip.compress(json.dumps(told, ensure_ascii=False).encode(), compresslevel=6, mtime=0))
    return place


def read_learnt(folder: Path) -> Learnt | None:
    """The hashes in a card's folder; None for a card whose keys were never named."""
    place = folder / LEARNT
    if not place.is_file():
        return None
    told = open_packed(place.read_bytes(), place=str(place))
    check_form(told, _FILE, place=str(place))
    try:
        body = base64.b64decode(told["hashes"], validate=True)
        hashes = np.frombuffer(body, dtype="<u8").astype(np.uint64)
    except ValueError as fault:
        raise BadInput(place=str(place), found=str(fault)[:80], expected=FORM) from fault
    if told["form"] != FORM or len(hashes) != told["rows"]:
        raise BadInput(place=str(place), found=f"{len(hashes)} hashes in {told['form']!r}", expected=FORM)
    return Learnt(told["key"], np.sort(hashes))
