"""A dossier as JSON: read strictly, every fault one clear sentence that names the field; written back the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from creditfactory.application import BankStatement, Dossier, Evidence, PaperCheck
from creditfactory.gateways.columns import YEAR_MAX, YEAR_MIN, find_future_line, find_table_fault
from creditfactory.gateways.read_faults import explain_fault, show_found, write_place
from creditfactory.gateways.strict_json import Place, check_values, read_json, refuse, show_name
from creditfactory.kernel import BadInput, UnknownName

KEY_LENGTH_MAX = 200
MAY_BE_NEGATIVE = frozenset(
    {
        "balance_cents", "opening_balance_cents", "flow_cents", "net_cents", "vat_cents", "minute",
        "utc_offset_minutes", "zone_minutes",
    }
)  # fmt: skip
"""Fields that may lie below zero somewhere; which tables may have them so is told by :mod:`gateways.columns`."""
_NAMES_NEEDED = ("pack", "reference", "applicant.token", "channel.company")

_DOSSIER: TypeAdapter[Dossier] = TypeAdapter(Dossier)


def read_dossier(source: str | bytes | Mapping[str, Any]) -> Dossier:
    """Read one dossier from JSON text, bytes, or an already parsed mapping.

    Raises :class:`~creditfactory.kernel.BadInput` with the place (a dotted path), what was found and what was
    expected: for a wrong type, a missing or unknown field, a number that is no number or beyond 10^15, a text beyond
    bounds, a wrong encoding, nesting too deep, or an instant without its offset.

    >>> read_dossier('{"pack": "cn-micro", "amount": 5}')
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.UnknownName: amount: found an unknown field, expected one of pack, reference, \
applied_at, utc_offset_minutes, request, applicant, business, channel, consents, evidence
    """
    parsed = source if isinstance(source, Mapping) else read_json(source, whole="dossier")
    check_values(parsed, may_be_negative=MAY_BE_NEGATIVE)
    if not isinstance(parsed, Mapping):
        refuse("dossier", show_found(parsed), "one dossier: a group of fields in braces")
    _check_names(parsed, Dossier, ())
    evidence = parsed.get("evidence")
    bare = {**parsed, "evidence": []} if isinstance(evidence, list | tuple) else parsed
    dossier: Dossier = _read_part(_DOSSIER, bare, ())
    kinds = _evidence_kinds()
    records = (
        _read_part(_reader_of(kinds[item["kind"]]), item, ("evidence", index))
        for index, item in enumerate(evidence or ())
    )
    dossier = replace(dossier, evidence=tuple(records))
    return _settle(dossier)


def load_dossier(text: str) -> Dossier:
    """A dossier that was kept as :func:`write_dossier` wrote it: read by each record's own kind, without suspicion."""
    whole = json.loads(text)
    kinds = _evidence_kinds()
    records = tuple(
        _reader_of(kinds[item["kind"]]).validate_json(json.dumps(item)) for item in whole.get("evidence", ())
    )
    dossier: Dossier = _DOSSIER.validate_json(json.dumps({**whole, "evidence": []}))
    return replace(dossier, evidence=tuple(map(_pack_lines, records)))


def load_evidence(plain: Mapping[str, Any]) -> Evidence:
    """One record of evidence that was kept as JSON, by its own kind."""
    found: Evidence = _reader_of(_evidence_kinds()[plain["kind"]]).validate_json(json.dumps(plain))
    return found


def write_dossier(dossier: Dossier) -> str:
    """The dossier as JSON; unknown facts are left out, and reading it back gives the same dossier."""
    return _DOSSIER.dump_json(dossier, exclude_none=True).decode()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a dossier, closed against unknown fields; ``docs/dossier.schema.json`` is made from it."""
    schema = _DOSSIER.json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        if part.get("type") == "object" and "properties" in part:
            part["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


@lru_cache(maxsize=64)
def _fields_of(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}


def _shape_in(hint: Any) -> type | None:
    """The one shape of its own that a field holds, whether it must be there or may be left out."""
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and is_dataclass(kind):
            return kind
    return None


@lru_cache(maxsize=1)
def _evidence_kinds() -> dict[str, type]:
    kinds: dict[str, type] = {}
    for kind in get_args(Evidence):
        kinds.update(dict.fromkeys(get_args(_fields_of(kind)["kind"]), kind))
    return kinds


def _check_names(group: Mapping[str, Any], kind: type, place: Place) -> None:
    """No field that the type does not have; inside ``evidence`` the type is told by its ``kind``."""
    known = _fields_of(kind)
    for name, value in group.items():
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            meant = f"{near[0]!r} (did you mean that?) or " if near else ""
            raise UnknownName(
                place=write_place((*place, show_name(name))),
                found="an unknown field",
                expected=f"{meant}one of " + ", ".join(known),
            )
        inner = _shape_in(known[name])
        if inner is not None and isinstance(value, Mapping):
            _check_names(value, inner, (*place, name))
        elif name in ("consents", "evidence") and isinstance(value, list | tuple) and not place:
            _check_list(name, value)


def _check_list(name: str, items: list[Any] | tuple[Any, ...]) -> None:
    kinds = _evidence_kinds()
    for index, item in enumerate(items):
        if not isinstance(item, Mapping):
            refuse((name, index), show_found(item), "a group of fields in braces")
        if name == "evidence":
            kind = item.get("kind")
            if not isinstance(kind, str) or kind not in kinds:
                found = show_found(kind) if "kind" in item else "nothing"
                refuse((name, index, "kind"), found, "one of " + ", ".join(kinds))
            _check_names(item, kinds[kind], (name, index))
        else:
            _check_names(item, get_args(_fields_of(Dossier)[name])[0], (name, index))


def _write_plain(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        raise TypeError(f"a value of type {type(value).__name__}")
    return str(isoformat())


def _read_part(reader: TypeAdapter[Any], part: Mapping[str, Any], place: Place) -> Any:
    """One shape read strictly; a record of evidence by its own kind, which is far quicker than by all kinds."""
    try:
        text = json.dumps(part, default=_write_plain)
    except TypeError as fault:
        refuse("dossier", str(fault)[:120], "texts, numbers, true, false, lists and groups only")
    try:
        return reader.validate_json(text, strict=True)
    except ValidationError as fault:
        inner, found, expected = explain_fault(fault.errors(include_url=False)[0])
        outer = write_place(place)
        whole = f"{outer}.{inner}" if outer and inner else outer or inner or "dossier"
        raise BadInput(place=whole, found=found, expected=expected) from None


@lru_cache(maxsize=64)
def _reader_of(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _settle(dossier: Dossier) -> Dossier:
    """The last checks that types do not make: names filled in, instants with an offset, all turned to UTC."""
    for place in _NAMES_NEEDED:
        found: Any = dossier
        for name in place.split("."):
            found = getattr(found, name)
        if not found.strip() or len(found) > KEY_LENGTH_MAX:
            refuse(place, show_found(found), f"a text of 1 to {KEY_LENGTH_MAX} characters")
    if not -1_440 < dossier.utc_offset_minutes < 1_440:
        refuse("utc_offset_minutes", str(dossier.utc_offset_minutes), "minutes between -1439 and 1439")
    consents = tuple(
        replace(c, signed_at=_turn(c.signed_at, ("consents", i, "signed_at"))) for i, c in enumerate(dossier.consents)
    )
    offset = timedelta(minutes=dossier.utc_offset_minutes)
    evidence = tuple(_settle_evidence(e, ("evidence", i), offset) for i, e in enumerate(dossier.evidence))
    applied_at = _turn(dossier.applied_at, ("applied_at",))
    return replace(dossier, applied_at=applied_at, consents=consents, evidence=evidence)


def _settle_evidence(record: Evidence, place: Place, offset: timedelta) -> Evidence:
    """One record with its instants turned to UTC, every table in it a table, and no line of it later than itself."""
    obtained_at = _turn(record.obtained_at, (*place, "obtained_at"))
    fault = find_table_fault(record) or find_future_line(record, (obtained_at + offset).date())
    if fault is not None:
        refuse((*place, *fault[0]), fault[1], fault[2])
    if isinstance(record, PaperCheck):
        made, changed = record.made_at, record.changed_at
        record = replace(
            record,
            made_at=None if made is None else _turn(made, (*place, "made_at")),
            changed_at=None if changed is None else _turn(changed, (*place, "changed_at")),
        )
    return _pack_lines(replace(record, obtained_at=obtained_at))


def _pack_lines(record: Evidence) -> Evidence:
    """The record, with a statement's lines packed into columns here, where it is read, once for all that follows."""
    if isinstance(record, BankStatement):
        assert len(record.columns.days) == len(record.on), "every line is in the columns"
    return record


def _turn(at: datetime, place: Place) -> datetime:
    if at.tzinfo is None:
        refuse(place, at.isoformat(), "an instant with its offset, like 2026-01-31T09:30:00Z")
    if not YEAR_MIN <= at.year <= YEAR_MAX:
        refuse(place, at.isoformat(), f"a year from {YEAR_MIN} to {YEAR_MAX}")
    return at.astimezone(UTC)
