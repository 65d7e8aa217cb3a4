"""What the files of a card's folder must look like: anything else is refused by its file and its place in it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from creditfactory.kernel import BadInput
from creditfactory.lab.binning import SHAPES, Unknown

NUMBER_MAX = 1e15


@dataclass(frozen=True, slots=True)
class Plain:
    """A single value: what it is called, and whether one is it."""

    called: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Maybe:
    """The same, or nothing."""

    of: Form


@dataclass(frozen=True, slots=True)
class Each:
    """A list of alike."""

    of: Form


@dataclass(frozen=True, slots=True)
class Named:
    """A group of alike under names that anybody may choose."""

    of: Form


@dataclass(frozen=True, slots=True)
class Group:
    """Keys that must and keys that may be there; others only where it ``is_open``."""

    must: Mapping[str, Form] = field(default_factory=dict)
    may: Mapping[str, Form] = field(default_factory=dict)
    is_open: bool = False


Form = Plain | Maybe | Each | Named | Group


def _alike(form: Form, *names: str) -> dict[str, Form]:
    return dict.fromkeys(names, form)


def check_form(found: Any, form: Form, *, place: str, where: str = "") -> None:
    """Refuse what does not have the form, naming the file and the place in it.

    >>> check_form({"label": 7}, Group(must={"label": TEXT}), place="features.json")
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: features.json: label: found 7, expected a text
    """
    match form:
        case Plain():
            if not form.fits(found):
                _refuse(place, where, _show(found), form.called)
        case Maybe():
            if found is not None:
                check_form(found, form.of, place=place, where=where)
        case Each():
            if not isinstance(found, list):
                _refuse(place, where, _show(found), "a list")
            for at, one in enumerate(found):
                check_form(one, form.of, place=place, where=f"{where}[{at}]")
        case Named() | Group():
            _check_keys(found, form, place, where)


def read_formed(body: bytes, form: Form, *, place: str) -> Any:
    """What a JSON file says, in its form; anything else is refused by its name.

    >>> read_formed(b"[NaN]", Each(NUMBER), place="golden.json")
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: golden.json: [0]: found nan, expected a finite number
    """
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise BadInput(place=place, found=str(fault)[:120], expected="JSON") from fault
    check_form(found, form, place=place)
    return found


def read_numbers(found: Any, *, place: str, where: str, least: float = -NUMBER_MAX) -> npt.NDArray[np.float64]:
    """A list of numbers, or of lists of as many; anything else is refused.

    >>> read_numbers([1, "x"], place="reference.json.gz", where="good")
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: reference.json.gz: good: found [1, 'x'], expected finite numbers
    """
    try:
        read = np.array(found)
        plain = read.astype(np.float64) if isinstance(found, list) and read.dtype.kind in "iuf" else np.array(np.nan)
    except (ValueError, OverflowError):
        plain = np.array(np.nan)
    if not np.isfinite(plain).all() or (plain < least).any() or (plain > NUMBER_MAX).any():
        expected = "finite numbers" if least < 0 else f"finite numbers from {least:g}"
        _refuse(place, where, repr(found)[:80], expected)
    return plain


def _check_keys(found: Any, form: Named | Group, place: str, where: str) -> None:
    if not isinstance(found, dict):
        _refuse(place, where, _show(found), "a group of keys")
    stem = f"{where}." if where else ""
    if isinstance(form, Group):
        for key in form.must:
            if key not in found:
                _refuse(place, stem + key, "nothing", _call(form.must[key]))
    for key, one in found.items():
        known = form.of if isinstance(form, Named) else form.must.get(key) or form.may.get(key)
        if known is not None:
            check_form(one, known, place=place, where=f"{stem}{str(key)[:60]}")
        elif isinstance(form, Group) and not form.is_open:
            _refuse(
                place, f"{stem}{str(key)[:60]}", "a key nobody reads", f"one of {', '.join((*form.must, *form.may))}"
            )


def _call(form: Form) -> str:
    match form:
        case Plain():
            return form.called
        case Maybe():
            return _call(form.of)
        case Each():
            return "a list"
        case Named() | Group():
            return "a group of keys"


def _show(found: Any) -> str:
    return "nothing" if found is None else repr(found)[:80]


def _refuse(place: str, where: str, found: str, expected: str) -> None:
    raise BadInput(place=f"{place}: {where}" if where else place, found=found, expected=expected)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= NUMBER_MAX


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_told(value: Any) -> bool:
    if isinstance(value, str):
        return True
    return isinstance(value, dict) and set(value) == {"en", "zh"} and all(isinstance(v, str) for v in value.values())


def _one_of(*names: Any) -> Plain:
    return Plain(f"one of {', '.join(map(str, names))}", lambda value: isinstance(value, str) and value in names)


TEXT = Plain("a text", lambda value: isinstance(value, str))
NUMBER = Plain("a finite number", _is_number)
WHOLE = Plain("a whole number", lambda value: type(value) is int and abs(value) <= NUMBER_MAX)
COUNT = Plain("a whole number from 0", lambda value: type(value) is int and 0 <= value <= NUMBER_MAX)
FLAG = Plain("true or false", lambda value: type(value) is bool)
DAY = Plain("a day as 2026-01-31", _is_day)
TOLD = Plain("a text, or texts in en and zh", _is_told)
SCALAR = Plain("a text, a number, true or false, or nothing",
               lambda value: value is None or isinstance(value, str | bool) or _is_number(value))  # fmt: skip

_LIST = Plain("a list", lambda value: isinstance(value, list))
_SHAPE, _WORDS, _CODES = _one_of(*SHAPES), Each(Each(TEXT)), Each(Each(NUMBER))
_CLASSES = Group(must={
    "label": TEXT, "kind": _one_of("number", "word"), "cuts": Each(NUMBER), "words": _WORDS, "shape": _SHAPE,
    **_alike(FLAG, "has_missing", "has_other"), "special": _CODES, "has_special": Each(FLAG), "steady_joins": COUNT,
    "steady_price": NUMBER,
})  # fmt: skip
COUNTS_FILE = Group(must={
    "form": TEXT, "unit": COUNT, "grain": COUNT, "rows": Each(COUNT), "totals": Each(WHOLE), "squares": Each(WHOLE),
    "characteristics": Each(_CLASSES), **_alike(_LIST, "good", "bad"),
})  # fmt: skip
_FINE = Group(must={"label": TEXT, "type": _one_of("number", "word"), "rest_of": TEXT, "special": _CODES,
                    "has": Each(FLAG), "shape": _SHAPE, "counts": Each(Each(NUMBER))},
              may={"cuts": Each(NUMBER), "words": _WORDS})  # fmt: skip
REFERENCE_FILE = Group(must={**_alike(_LIST, "points", "good", "bad"), **_alike(NUMBER, "good_rows", "bad_rows"),
                             "classes": Named(_LIST)})  # fmt: skip
FINE_FILE = Group(must={"form": TEXT, "effective": Each(NUMBER), "characteristics": Each(_FINE)})

_FEATURE = Group(
    must=_alike(TEXT, "label", "source", "unit", "reason") | {"definition": TOLD, "as_of": TOLD},
    may={"polarity": _one_of("premium", "neutral", "adverse")},
)
FEATURES_FILE = Group(must={"features": Each(_FEATURE)})
GOLDEN_FILE = Group(must={"applicants": Each(
    Group(must={"labels": Named(SCALAR), "points": Maybe(WHOLE)}, may={"probability": Maybe(NUMBER)})
)})  # fmt: skip

_SCORES = Group(must={name: Each(COUNT) for name in ("goods", "bads")} | {"points": Each(WHOLE)},
                may={name: Each(NUMBER) for name in ("good_mass", "bad_mass")})  # fmt: skip
SCORES_FILE = Group(may={"train": _SCORES, "holdout": _SCORES})

_BY_HAND = Group(may=_alike(TEXT, "label", "shape", "of", "by", "why") | {"starts": Each(COUNT), "on": DAY})
_DOUBT = Group(must={"grave": FLAG, **_alike(TEXT, "label", "kind", "en", "zh")})
_PERIOD = Group(
    must={"group": TEXT},
    may={"rows": COUNT, "bads": COUNT, "auc": Maybe(NUMBER), **_alike(NUMBER, "bad_rate", "foretold", "psi")},
)
FINDINGS_FILE = Group(
    may={"left_out": Named(TOLD), "warnings": Each(_DOUBT), "periods": Each(_PERIOD), "by_hand": Each(_BY_HAND),
         "without": Named(Group(may=_alike(NUMBER, "train", "holdout")))}
)  # fmt: skip

_JUDGED = Group(
    may=_alike(NUMBER, "auc", "ks", "gini", "divergence", "psi")
    | {"rows": COUNT, "bads": COUNT}
    | {"calibration": Group(may=_alike(NUMBER, "expected", "observed", "slope"))}
)
_LOSS_FIGURES = ("expected", "observed", "error", "error_of_mean", "explained", "explained_low", "explained_high")
_LOSSES = Group(may=_alike(NUMBER, *_LOSS_FIGURES) | {"rows": COUNT, "fifths": Each(Each(NUMBER))})
CARD_FILE = Group(
    may={
        "owner": TEXT,
        "characteristics": Each(Group(may={"iv": NUMBER, "steadied": Group(may={"joins": COUNT, "iv_price": NUMBER})},
                                      is_open=True)),
        "sample": Group(
            may={"rows": Maybe(COUNT), "bads": Maybe(COUNT), "from": Maybe(DAY), "to": Maybe(DAY),
                 "known_by": Maybe(DAY), "weighted": FLAG, "data_sha256": Maybe(TEXT), "note": TEXT,
                 "drawn_by_hand": _BY_HAND}
        ),
        "performance": Group(may={
            "train": _JUDGED, "holdout": _JUDGED, "losses": Named(_LOSSES),
            "bands": Group(must={"cuts": Each(WHOLE), "shares": Each(NUMBER)}),
        }),
    },
    is_open=True,
)  # fmt: skip
"""What the lab reads of a card beyond what every reader of cards does."""

_RULES = Group(
    may=_alike(NUMBER, "share_min", "class_price")
    | _alike(COUNT, "bads_min", "bins_max", "word_rows_min", "characteristics_max")
    | {"unknown": _one_of(*get_args(Unknown)), "steadiness": Maybe(Group(is_open=True))}
)
_PLAN = Group(
    may=_alike(TEXT, "target", "name", "version", "method", "owner", "role")
    | _alike(Maybe(TEXT), "weight", "time", "key")
    | _alike(Maybe(DAY), "holdout_from", "known_by")
    | _alike(NUMBER, "holdout_share", "unknown_max")
    | {"only": Maybe(Each(TEXT)), "exclude": Each(TEXT), "shapes": Named(_one_of(*SHAPES)), "seed": COUNT}
    | {"scale": Group(may={"pdo": NUMBER, "base_points": NUMBER, "base_odds": NUMBER, "anchored": FLAG})}
    | {"rules": _RULES, "purpose": TOLD, "limits": Each(TOLD), "special": Named(Each(NUMBER)), "target_words": TOLD}
)
MANIFEST_FILE = Group(
    may={
        "card": TEXT, "version": TEXT, "made_by": TEXT, "files": Named(TEXT), "seed": COUNT, "parent": Named(TEXT),
        "data": Group(may={"sha256": Maybe(TEXT), "rows_learnt_from": COUNT, "bads": COUNT}),
        "window": Group(may=_alike(Maybe(DAY), "from", "to", "outcomes_known_by")),
        "plan": _PLAN, "approval": TOLD, "drawn_by_hand": _BY_HAND, "learnt_from": Each(TEXT),
    },
)  # fmt: skip
