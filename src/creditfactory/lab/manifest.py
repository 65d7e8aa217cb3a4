"""What lies in a card's folder and what it was made from: hashes of every file and of the data, plan, seed, version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import creditfactory
from creditfactory.kernel import BadInput
from creditfactory.lab.cards import BuiltCard

MANIFEST = "manifest.json"
APPROVAL = {
    "en": "A second person signs the release of the rulebook that carries this folder; the card itself signs nothing",
    "zh": "由第二人签署包含本目录的规则库发布;评分卡本身不作签署",
}


def write_manifest(built: BuiltCard, folder: Path) -> Path:
    """Write the manifest over the files that lie in the folder; the same files and plan give the same manifest."""
    plan, sample = built.plan, built.card["sample"]
    told = {
        "card": plan.name,
        "version": plan.version,
        "made_by": f"creditfactory {creditfactory.__version__}",
        "files": hash_folder(folder),
        "learnt_from": list(dict.fromkeys((*built.learnt_from, sample["data_sha256"])))
        if sample["data_sha256"]
        else [],
        "data": {"sha256": sample["data_sha256"] or None, "rows_learnt_from": sample["rows"], "bads": sample["bads"]},
        "window": {"from": sample["from"], "to": sample["to"], "outcomes_known_by": sample["known_by"]},
        "seed": plan.seed,
        **({"parent": dict(built.parent)} if built.parent else {}),
        "plan": {name: value for name, value in _plain(plan).items() if name != "features"},
        "approval": APPROVAL,
    }
    place = folder / MANIFEST
    place.write_text(json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return place


def check_manifest(folder: Path) -> list[str]:
    """Every file of the folder that is not as the manifest says, each in a sentence; none where all are.

    Raises :class:`BadInput` where there is no manifest that can be read.
    """
    place = folder / MANIFEST
    try:
        signed = dict(json.loads(place.read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as failure:
        raise BadInput(place=str(place), found=type(failure).__name__, expected="a card's manifest") from failure
    now = hash_folder(folder)
    gone = [f"{name} is not there" for name in signed if name not in now]
    more = [f"{name} is not in the manifest" for name in now if name not in signed]
    other = [f"{name} has other content" for name in now if signed.get(name, now[name]) != now[name]]
    return sorted([*gone, *more, *other])


def hash_folder(folder: Path) -> dict[str, str]:
    """The sha256 of each file of a card's folder, the manifest itself left out."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and path.name != MANIFEST)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _plain(value: Any) -> Any:
    """Dataclasses, tuples and days as JSON holds them."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
