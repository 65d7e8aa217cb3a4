"""The rulebook's files: read strictly, hashed, and locked, so that what decides is exactly what was signed."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from creditfactory.kernel import BadInput, Misconfigured

LOCK = "rulebook.lock"
SERIES_FOLDER = "series"
PACK = "pack.yaml"
SHARED_REASONS = "reasons.yaml"
FILE_BYTES_MAX = 5_000_000
DECIDING = (".yaml", ".csv", ".toml", ".json")


class _StrictLoader(yaml.CSafeLoader):
    """YAML without its surprises: a doubled key is refused rather than the last one winning."""


def _read_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if isinstance(key, bool | list | dict):
            raise BadInput(place=f"line {line}", found=repr(key), expected="a plain word as a key (quote yes, no, on)")
        if key in found:
            raise BadInput(place=f"line {line}", found=f"{key!s} a second time", expected="each key once")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _read_mapping)


def read_text(path: Path, place: str) -> str:
    """A file's text; what is not there, too large or not UTF-8 is refused by its name."""
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise BadInput(place=place, found=fault.strerror or "no file", expected="a readable file") from None
    if len(raw) > FILE_BYTES_MAX:
        raise BadInput(place=place, found=f"{len(raw)} bytes", expected=f"at most {FILE_BYTES_MAX}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        raise BadInput(place=f"{place}, line {line}", found="bytes that are not UTF-8", expected="UTF-8 text") from None


def read_yaml(path: Path, place: str) -> dict[str, Any]:
    """A YAML file that holds keys and values; faults name the line."""
    text = read_text(path, place)
    try:
        found = yaml.load(text, Loader=_StrictLoader)  # noqa: S506  a safe loader, made stricter
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"{place}, line {mark.line + 1}, column {mark.column + 1}" if mark else place
        problem = getattr(fault, "problem", None) or "text that is not YAML"
        found = str(problem).removeprefix("found ")
        raise BadInput(place=where, found=found, expected="YAML with keys and values") from None
    except BadInput as fault:
        raise BadInput(place=f"{place}, {fault.place}", found=fault.found, expected=fault.expected) from None
    except RecursionError:
        raise BadInput(place=place, found="nesting without end", expected="YAML with keys and values") from None
    except ValueError as fault:
        raise BadInput(place=place, found=str(fault)[:80], expected="YAML with keys and values") from None
    if not isinstance(found, dict):
        raise BadInput(place=place, found="no keys" if found is None else repr(found)[:60], expected="keys and values")
    return found


def read_toml(path: Path, place: str) -> dict[str, Any]:
    """A TOML file; faults name the line."""
    try:
        return tomllib.loads(read_text(path, place))
    except tomllib.TOMLDecodeError as fault:
        raise BadInput(place=place, found=str(fault), expected="TOML such as [[card]] name = …") from None


def read_json(path: Path, place: str) -> dict[str, Any]:
    """A JSON file that holds an object; NaN and infinity are refused."""

    def refuse_constant(name: str) -> None:
        raise BadInput(place=place, found=name, expected="finite numbers")

    try:
        found = json.loads(read_text(path, place), parse_constant=refuse_constant)
    except (json.JSONDecodeError, RecursionError) as fault:
        raise BadInput(place=place, found=str(fault)[:80], expected="JSON") from None
    if not isinstance(found, dict):
        raise BadInput(place=place, found=repr(found)[:60], expected="a JSON object")
    return found


def read_day(value: object, place: str) -> date:
    """A calendar day, as YAML and TOML read one or as text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise BadInput(place=place, found=repr(value), expected="a day such as 2026-01-01")


def list_files(folder: Path) -> dict[str, Path]:
    """Every file of a pack by its place, and the reasons that all packs share; hidden files and the lock left out.

    A pack that ``extends`` another has the other's files as well, except those it brings itself and those it drops.
    """
    found: dict[str, Path] = {}
    for part in reversed(find_bases(folder)):
        about = _read_pack(part)
        mine = _list_own(part)
        for place in about["drops"] if isinstance(about.get("drops"), list) else ():
            dropped = [one for one in found if PurePosixPath(one).match(str(place))]
            if not dropped:
                raise BadInput(place="pack.yaml: drops", found=repr(place), expected="a file of the pack it extends")
            found = {one: path for one, path in found.items() if one not in dropped}
        found = {**{place: path for place, path in found.items() if place != PACK}, **mine}
    shared = folder.parent / SHARED_REASONS
    if shared.is_file():
        found[f"../{SHARED_REASONS}"] = shared
    return found


def _list_own(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != LOCK and not _is_beside(path.relative_to(folder))
    }


def _is_beside(path: Path) -> bool:
    """Hidden files, and the series: observations that come in beside the rulebook."""
    return path.parts[0] == SERIES_FOLDER or any(part.startswith(".") for part in path.parts)


def find_bases(folder: Path) -> tuple[Path, ...]:
    """The pack's folder, that of the pack it extends, and so on; an unknown pack and a circle are refused."""
    found = [folder]
    while (base := _read_pack(found[-1]).get("extends")) is not None:
        near = found[-1].parent / str(base)
        if not isinstance(base, str) or Path(base).name != base or not (near / PACK).is_file():
            raise BadInput(
                place="pack.yaml: extends", found=repr(base), expected="the folder of a pack beside this one"
            )
        if near in found:
            around = " → ".join(part.name for part in (*found, near))
            raise BadInput(
                place="pack.yaml: extends", found=f"a circle ({around})", expected="a pack that stands alone"
            )
        found.append(near)
    return tuple(found)


def _read_pack(folder: Path) -> dict[str, Any]:
    """What a pack says of itself, as far as it is needed to find its files; what cannot be read is told elsewhere."""
    try:
        return read_yaml(folder / PACK, PACK)
    except BadInput:
        return {}


def hash_files(files: Mapping[str, Path]) -> dict[str, str]:
    """The SHA-256 of each file."""
    return {place: hashlib.sha256(path.read_bytes()).hexdigest() for place, path in files.items()}


def digest_of(hashes: Mapping[str, str]) -> str:
    """One SHA-256 over all files that can change a decision; cases, texts about cards and notes are not among them."""
    deciding = {p: h for p, h in hashes.items() if p.endswith(DECIDING) and not p.startswith("cases/")}
    lines = "".join(f"{h}  {p}\n" for p, h in sorted(deciding.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def write_lock(folder: Path) -> Path:
    """Write the pack's lock: one line per file, as ``sha256sum`` writes and checks them."""
    hashes = hash_files(list_files(folder))
    lock = folder / LOCK
    lock.write_text("".join(f"{h}  {p}\n" for p, h in sorted(hashes.items())), encoding="utf-8")
    return lock


def check_lock(folder: Path, hashes: Mapping[str, str]) -> tuple[BadInput, ...]:
    """Every file that is not as the lock says; a pack without a lock is a draft and passes."""
    lock = folder / LOCK
    if not lock.is_file():
        return ()
    signed: dict[str, str] = {}
    for number, line in enumerate(read_text(lock, LOCK).splitlines(), start=1):
        parts = line.split("  ", 1)
        if len(parts) != 2 or len(parts[0]) != 64:
            return (BadInput(place=f"{LOCK}, line {number}", found=repr(line[:60]), expected="a SHA-256 and a file"),)
        signed[parts[1]] = parts[0]
    faults = []
    for place in sorted(signed.keys() | hashes.keys()):
        if signed.get(place) == hashes.get(place):
            continue
        if place not in hashes:
            found = "no such file"
        elif place not in signed:
            found = "a file that the lock does not know"
        else:
            found = f"other content (sha256 {hashes[place][:12]}…, signed {signed[place][:12]}…)"
        faults.append(
            BadInput(place=place, found=found, expected=f"what {LOCK} was written for; lock it again if meant")
        )
    return tuple(faults)


def find_folder(pack_or_folder: str | Path, default: Path) -> Path:
    """The folder of a pack given by its path or by its name."""
    folder = Path(pack_or_folder)
    if not folder.is_dir() and len(folder.parts) == 1:
        folder = default / folder
    if not folder.is_dir():
        known = ", ".join(sorted(p.name for p in default.iterdir() if p.is_dir())) if default.is_dir() else "none"
        raise Misconfigured(
            f"No rulebook {str(pack_or_folder)!r}: give a folder or one of the packs in {default} ({known}), "
            "or set CREDITFACTORY_RULEBOOK to the folder that holds the packs."
        )
    if not (folder / PACK).is_file():
        raise BadInput(place=str(pack_or_folder), found=f"no {PACK}", expected="the folder of a rulebook")
    return folder.resolve()
