"""Whatever is handed in as a dossier, the answer is a dossier or one clear sentence, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory.gateways.dossier_json import read_dossier, write_dossier
from creditfactory.kernel import BadInput

EXAMPLES = [
    json.loads(p.read_text(encoding="utf-8"))
    for p in sorted((Path(__file__).resolve().parents[2] / "docs" / "examples").glob("*.json"))
]
NESTED = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda x: st.lists(x, max_size=2) | st.dictionaries(st.text(max_size=3), x, max_size=2),
    max_leaves=5,
)
STRANGE = ["", "2026-02-30", "2026-03-02T00:00:00Z", "NaN", "\ud800", "0" * 300, [], {}, [[]], {"kind": []}]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(STRANGE),
    NESTED,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for key, part in inner for p in places(part, (*at, key)))]


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """An example with up to three places changed, removed or added to."""
    dossier: Any = json.loads(json.dumps(draw(st.sampled_from(EXAMPLES))))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from([p for p in places(dossier) if p]))
        part = dossier
        for step in place[:-1]:
            part = part[step]
        action = draw(st.sampled_from(["set", "drop", "add"]))
        if action == "set":
            part[place[-1]] = draw(ODD)
        elif action == "drop":
            del part[place[-1]]
        elif isinstance(part, dict):
            part[draw(st.text(max_size=8))] = draw(ODD)
    return dossier


def read(source: Any) -> None:
    try:
        dossier = read_dossier(source)
    except BadInput as fault:
        assert fault.place and fault.found and fault.expected
        assert len(str(fault)) < 1_000
    else:
        assert read_dossier(write_dossier(dossier)) == dossier


@settings(max_examples=400)
@given(changed())
def test_changed_dossiers(dossier: Any) -> None:
    read(dossier)
    read(json.dumps(dossier))


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60), ODD.map(lambda v: json.dumps(v))))
def test_anything_at_all(source: Any) -> None:
    read(source)


@settings(max_examples=200)
@given(st.sampled_from(EXAMPLES), st.data())
def test_bytes_cut_or_changed_on_the_way(example: Any, data: st.DataObject) -> None:
    raw = bytearray(json.dumps(example, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(raw[: data.draw(st.integers(1, len(raw)))]))
