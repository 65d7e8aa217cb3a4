"""What the dishonest do, and whom the honest are mistaken for, read from one file: gangs, what they share, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from creditfactory.kernel import BadInput

TACTICS = Path(__file__).parent / "tactics"
Make = Literal["robot", "ring", "borrowed_name", "doctored", "packaging", "look_alike", "night"]
Thing = Literal["device", "ip", "phone", "address", "employer", "contact", "card", "company", "paper", "agent"]
Hand = Literal["human", "helped", "dumb", "solver", "humanised"]
Papers = Literal["own", "stolen", "invented"]
DISHONEST: frozenset[str] = frozenset({"robot", "ring", "borrowed_name", "doctored", "packaging"})
"""Makes that a house wants to stop; look-alikes and people of the night are as honest as anybody."""
BOUNDS: Mapping[str, tuple[float, float]] = {
    "share": (0, 1), "liveness_passes": (0, 1), "defaults": (0, 1), "at_night": (0, 1), "proxy": (0, 1),
    "new_phone": (0, 1), "doctored": (0, 1), "from_day": (0, 3_650), "to_day": (0, 3_650),
    "sleepers": (0, 1_000), "sleeper_days": (0, 3_650), "night": (0, 1), "applicants": (1, 5_000_000),
    "days": (1, 3_650), "caught_share": (0, 1), "at_least": (1, 100_000),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Two bounds."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How a gang's members appear.

    ``shares`` gives, for each thing, the share of members who use one of the gang's own instead of one of their own;
    ``pool`` how many of it the gang has. ``hand`` is who fills in the form, ``papers`` whose papers are shown.
    ``defaults`` is the share that never pays (None: as the person's own truth has it); another ``fresh`` number means
    that the gang has bought itself new things.
    """

    shares: Mapping[Thing, float] = field(default_factory=dict)
    pool: Mapping[Thing, int] = field(default_factory=dict)
    hand: Hand = "human"
    papers: Papers = "own"
    liveness_passes: float | None = None
    defaults: float | None = None
    at_night: float | None = None
    proxy: float = 0.0
    new_phone: float = 0.0
    doctored: float = 0.0
    fresh: int = 0
    amounts_cents: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From a day on, or once enough of a gang's members were caught, its looks are these in what they say."""

    from_day: int | None = None
    caught_share: float | None = None
    at_least: int = 5
    looks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One tactic: gangs of this make, how many applicants in all, when they come, and how they look.

    ``life`` is the kind of person behind it (as in the market's file). Of a gang's members the first ``sleepers`` come
    ``sleeper_days`` before the rest; the rest come within ``tempo_days``.
    """

    code: str
    make: Make
    share: float
    life: Literal["honest", "hides_debt", "packaged", "impostor", "robot"] = "honest"
    size: Span = Span(low=1, high=1)
    from_day: int = 0
    to_day: int = 3_650
    tempo_days: Span = Span(low=1, high=30)
    sleepers: int = 0
    sleeper_days: int = 0
    looks: Looks = Looks()
    changes: tuple[Change, ...] = ()

    @property
    def is_dishonest(self) -> bool:
        """Whether the house should stop these applicants."""
        return self.make in DISHONEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Everybody who follows no tactic: of which kinds, and how many apply at night."""

    kinds: Mapping[Literal["honest", "hides_debt", "packaged", "impostor", "robot"], float] = field(
        default_factory=lambda: {"honest": 0.94, "hides_debt": 0.06}
    )
    night: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Tactics:
    """One file: so many applicants over so many days, the crowd, and the tactics among them."""

    tactics: str
    applicants: int = 20_000
    days: int = 365
    crowd: Crowd = Crowd()
    groups: tuple[Group, ...] = ()

    def find_group(self, code: str) -> Group:
        """The tactic of this code."""
        return next(group for group in self.groups if group.code == code)


_SHAPES: tuple[Any, ...] = (Span, Looks, Change, Group, Crowd, Tactics)
for _shape in _SHAPES:
    _shape.__pydantic_config__ = ConfigDict(extra="forbid")

FILE_BYTES_MAX = 1_000_000
_LOOKS = TypeAdapter(Looks)


def load_tactics(name: str | Path) -> Tactics:
    """The tactics of this name, or of this file; a fault names the file, the place and what was expected.

    >>> {group.make for group in load_tactics("building").groups} >= {"robot", "ring", "look_alike"}
    True
    """
    path = Path(name) if str(name).endswith((".yaml", ".yml")) else TACTICS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in TACTICS.glob("*.yaml")))
        raise BadInput(place="tactics", found=f"no file {path}", expected=f"one of {known}, or a path to a YAML file")
    written = _read_yaml(path)
    if not isinstance(written, dict):
        found_kind = "nothing" if written is None else repr(written)[:60]
        raise BadInput(place=path.name, found=found_kind, expected="keys and values: tactics, groups and so on")
    try:
        found = TypeAdapter(Tactics).validate_python(written)
    except ValidationError as error:
        raise _tell_fault(error, path.name) from None
    _check_sense(found, path.name)
    return found


class _StrictLoader(yaml.CSafeLoader):
    """YAML in which a key written twice is a fault, and not the last one's word."""


def _read_keys(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen and isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                None, None, f"{key.value} a second time: each key once", key.start_mark
            )
        seen.add(str(key.value))
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)  # type: ignore[arg-type]


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _read_keys)


def _read_yaml(path: Path) -> Any:
    if path.stat().st_size > FILE_BYTES_MAX:
        found = f"{path.stat().st_size:,} bytes"
        raise BadInput(place=path.name, found=found, expected=f"at most {FILE_BYTES_MAX:,} bytes")
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506  a safe loader, made stricter
    except UnicodeDecodeError:
        raise BadInput(place=path.name, found="bytes that are not UTF-8", expected="YAML as UTF-8 text") from None
    except RecursionError:
        raise BadInput(place=path.name, found="nesting without end", expected="YAML") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}, line {mark.line + 1}" if mark else path.name
        found = str(getattr(error, "problem", None) or error).splitlines()[0].removeprefix("found ")
        raise BadInput(place=place, found=found, expected="YAML with keys and values") from None


def _tell_fault(error: ValidationError, name: str) -> BadInput:
    """The first fault of a file in the house's words: the place, what stands there, what should."""
    fault = error.errors(include_url=False, include_context=False)[0]
    place = f"{name}: {'.'.join(str(step) for step in fault['loc'])}"
    if fault["type"] == "missing":
        return BadInput(place=place, found="nothing", expected="this field, which is needed")
    if fault["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return BadInput(place=place, found="an unknown field", expected="one that docs/world.md tells of")
    expected = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return BadInput(place=place, found=repr(fault["input"])[:60], expected=expected)


def _check_sense(found: Tactics, name: str) -> None:
    """Shares that are shares, bounds the right way round, changes that can be made; the first fault is said."""
    _check_bounds(found, f"{name}:")
    _check_bounds(found.crowd, f"{name}: crowd.")
    if not abs(sum(found.crowd.kinds.values()) - 1) <= 1e-6:
        total = f"{sum(found.crowd.kinds.values()):.3f}"
        raise BadInput(place=f"{name}: crowd.kinds", found=f"shares that add up to {total}", expected="1")
    codes = [group.code for group in found.groups]
    for place, group in enumerate(found.groups):
        where = f"{name}: groups.{place}"
        if codes.count(group.code) > 1:
            raise BadInput(place=f"{where}.code", found=repr(group.code), expected="a code that no other tactic has")
        _check_bounds(group, f"{where}.")
        for part in ("size", "tempo_days"):
            low, high = getattr(group, part).low, getattr(group, part).high
            if not 0 < low <= high:
                raise BadInput(place=f"{where}.{part}", found=f"{low} to {high}", expected="above 0, low before high")
        if group.from_day > group.to_day:
            found_days = f"{group.from_day} to {group.to_day}"
            raise BadInput(place=f"{where}.from_day", found=found_days, expected="a day before to_day")
        _check_looks(group.looks, f"{where}.looks")
        for number, change in enumerate(group.changes):
            there = f"{where}.changes.{number}"
            _check_bounds(change, f"{there}.")
            if (change.from_day is None) == (change.caught_share is None):
                raise BadInput(place=there, found="both or none", expected="either from_day or caught_share")
            _check_looks(change_looks(group.looks, change.looks, f"{there}.looks"), f"{there}.looks")
    if sum(group.share for group in found.groups) > 1:
        raise BadInput(place=f"{name}: groups", found="shares that add up to more than 1", expected="1 at most")


def _check_bounds(part: object, where: str) -> None:
    for field_name, (low, high) in BOUNDS.items():
        value = getattr(part, field_name, None)
        if isinstance(value, int | float) and not low <= value <= high:
            raise BadInput(place=f"{where}{field_name}", found=str(value), expected=f"{low:g} to {high:g}")


def _check_looks(looks: Looks, where: str) -> None:
    _check_bounds(looks, f"{where}.")
    for thing, share in looks.shares.items():
        if not 0 <= share <= 1:
            raise BadInput(place=f"{where}.shares.{thing}", found=str(share), expected="0 to 1")
    for thing, count in looks.pool.items():
        if not 1 <= count <= 10_000:
            raise BadInput(place=f"{where}.pool.{thing}", found=str(count), expected="1 to 10000")
    if any(amount < 1 for amount in looks.amounts_cents):
        raise BadInput(place=f"{where}.amounts_cents", found="an amount below 1", expected="amounts in cents")


def change_looks(looks: Looks, changed: Mapping[str, Any], where: str = "looks") -> Looks:
    """The looks with what a change says laid over them; ``shares`` and ``pool`` thing by thing.

    >>> change_looks(Looks(shares={"device": 0.9, "ip": 1.0}), {"shares": {"device": 0.1}}).shares
    {'device': 0.1, 'ip': 1.0}
    """
    plain: dict[str, Any] = {}
    for name, value in changed.items():
        if name not in Looks.__dataclass_fields__:
            known = ", ".join(Looks.__dataclass_fields__)
            raise BadInput(place=f"{where}.{name}", found="an unknown field", expected=f"one of {known}")
        held = getattr(looks, name)
        plain[name] = {**held, **value} if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    try:
        checked = _LOOKS.validate_python(plain)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(step) for step in fault["loc"])
        raise BadInput(place=f"{where}.{place}", found="something else", expected=fault["msg"]) from None
    return replace(looks, **{name: getattr(checked, name) for name in plain})
