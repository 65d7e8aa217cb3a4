"""Reading `policy/**/*.yaml`: parameters, rules and named values, each with its dated versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from creditfactory.decision import STAGES, Dated, DerivedText, RuleText, Stage
from creditfactory.gateways.rulebook.files import read_day, read_yaml
from creditfactory.rules import Parameter, refuse

T = TypeVar("T")
KEYS = {"description", "unit", "owner", "kind", "stage", "basis", "values", "reference", "review_by"}
RULE_KEYS = {"when", "then", "missing", "reason", "why", "learn_bps", "learn_why"}
BASES = ("house", "law", "list")
"""What asks for a rule: the house's own judgement, the law, or a public list."""
LEARN_BPS_MAX = 1_000
"""More than a tenth let through is no experiment any more but another rule."""
THEN = ("lane_b", "lane_c", "refer", "decline")
MISSING = (*THEN, "clear")
KINDS = ("parameter", "rule", "derived")


def read_policy_file(path: Path, place: str) -> tuple[str, Dated[Parameter] | Dated[RuleText] | Dated[DerivedText]]:
    """One policy file: its name, which is the file's, and its dated versions."""
    raw = read_yaml(path, place)
    name = path.stem
    if not name.isidentifier():
        refuse(place, repr(name), "a file name of letters, digits and _, since it is the rule's name")
    unknown = set(raw) - KEYS
    if unknown:
        refuse(place, repr(min(unknown, key=str)), f"only {', '.join(sorted(KEYS))}")
    kind = raw.get("kind", "parameter")
    if kind not in KINDS:
        refuse(f"{place}: kind", repr(kind), " or ".join(KINDS))
    description = read_words(raw, "description", place)
    owner, unit = read_owner(raw, place), str(raw.get("unit", ""))
    if kind == "rule":
        shared = _read_shared(raw, place)
        return name, read_dated(raw, place, lambda v, w: _read_rule(name, v, w, description, owner, *shared))
    for key in ("stage", "basis"):
        if key in raw:
            refuse(f"{place}: {key}", repr(raw[key]), f"no {key} here: only rules have one")
    if kind == "derived":
        return name, read_dated(
            raw, place, lambda v, w: DerivedText(name, _text(_keys(v, w, {"value"}), "value", w), w, unit, description)
        )
    return name, read_dated(raw, place, lambda v, w: Parameter(name, _plain(v, w), unit))


def read_dated(raw: Mapping[str, Any], place: str, read: Callable[[Any, str], T]) -> Dated[T]:
    """The ``values:`` of a file: a version per day, in order; null ends it."""
    values = raw.get("values")
    if not isinstance(values, dict) or not values:
        refuse(f"{place}: values", repr(values), "days with what holds from each, such as 2026-01-01: 5")
    versions: list[tuple[date, T | None]] = []
    for key, value in values.items():
        where = f"{place}: values.{key}"
        day = read_day(key, where)
        if versions and versions[-1][0] >= day:
            refuse(where, f"{day} after {versions[-1][0]}", "the oldest day first")
        versions.append((day, None if value is None else read(value, where)))
    return Dated(tuple(versions), place)


def read_words(raw: Mapping[str, Any], key: str, place: str) -> dict[str, str]:
    """Words in both languages."""
    words = raw.get(key)
    fits = isinstance(words, dict) and set(words) == {"en", "zh"} and all(isinstance(w, str) for w in words.values())
    if not fits:
        refuse(f"{place}: {key}", repr(words), "words as {en: …, zh: …}")
    assert isinstance(words, dict)
    return dict(words)


def read_owner(raw: Mapping[str, Any], place: str) -> str:
    """Who answers for a file."""
    return _text(raw, "owner", place)


def _read_shared(raw: Mapping[str, Any], place: str) -> tuple[Stage, str]:
    """What holds of a rule on all days: when on the way it runs, and what asks for it."""
    stage, basis = raw.get("stage", "policy"), raw.get("basis", "house")
    if stage not in STAGES:
        refuse(f"{place}: stage", repr(stage), " or ".join(STAGES))
    if basis not in BASES:
        refuse(f"{place}: basis", repr(basis), " or ".join(BASES))
    return stage, basis


def _read_rule(
    name: str, value: Any, place: str, description: Mapping[str, str], owner: str, stage: Stage, basis: str
) -> RuleText:
    part = _keys(value, place, RULE_KEYS)
    then, missing = _text(part, "then", place), _text(part, "missing", place)
    if then not in THEN:
        refuse(f"{place}.then", repr(then), " or ".join(THEN))
    if missing not in MISSING:
        refuse(f"{place}.missing", repr(missing), " or ".join(MISSING))
    why = part.get("why", "")
    if missing == "clear" and not (isinstance(why, str) and why.strip()):
        refuse(f"{place}.why", "nothing", "why an unknown fact may pass, since missing is clear")
    reason, when = _text(part, "reason", place), _text(part, "when", place)
    learn = _read_learn(part, place, stage, then, basis)
    return RuleText(name, when, then, missing, reason, str(why), description, owner, place, stage, learn, basis)


def _read_learn(part: Mapping[str, Any], place: str, stage: Stage, then: str, basis: str) -> int:
    """How many in 10,000 of those whom the rule would decline people look at instead, to learn from them."""
    share = part.get("learn_bps", 0)
    if type(share) is not int or not 0 <= share <= LEARN_BPS_MAX:
        refuse(f"{place}.learn_bps", repr(share), f"a whole number from 0 to {LEARN_BPS_MAX}")
    if share and (then != "decline" or stage != "policy"):
        refuse(f"{place}.learn_bps", str(share), "no share to learn from, except at a rule of policy that declines")
    why = part.get("learn_why", "")
    if share and basis != "house" and not (isinstance(why, str) and why.strip()):
        refuse(f"{place}.learn_why", "nothing", f"why some may be let through although the {basis} asks for the rule")
    return share


def _keys(value: Any, place: str, allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        refuse(place, repr(value), f"{', '.join(sorted(allowed))} under the day")
    unknown = set(value) - allowed
    if unknown:
        refuse(place, repr(min(unknown, key=str)), f"only {', '.join(sorted(allowed))}")
    return value


def _text(part: Mapping[str, Any], key: str, place: str) -> str:
    value = part.get(key)
    if not isinstance(value, str) or not value.strip():
        refuse(f"{place}.{key}" if "values." in place else f"{place}: {key}", repr(value), "a text")
    return value


def _plain(value: Any, place: str) -> Any:
    """A parameter's value: a scalar, a day, a list or a group of them; lists become tuples so that none is changed."""
    if isinstance(value, list):
        return tuple(_plain(item, place) for item in value)
    if isinstance(value, dict):
        return {str(key): _plain(item, place) for key, item in value.items()}
    if isinstance(value, float) and not abs(value) <= 10**15:
        refuse(place, repr(value), "a finite number")
    return value
