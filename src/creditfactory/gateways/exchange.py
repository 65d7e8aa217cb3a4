"""One exchange with an outside party: what is asked, what may be answered; an answer is read whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from creditfactory.application import BankFlow
from creditfactory.gateways.columns import MAY_BE_BELOW_ZERO, find_table_fault
from creditfactory.gateways.read_faults import write_place
from creditfactory.kernel import BadInput, Unavailable

CENTS_MAX = 10**15
ANSWER_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person a question is about; name and numbers come from the vault for the asking and are never shown."""

    token: str
    name: str | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """The firm a question is about."""

    trade_name: str | None = None
    city: str | None = None
    licence_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The party has taken the question and will call back, or can be asked for the status by the same key."""

    ticket: str
    due_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyReason:
    """One reason in the outside party's own code, with the facts it gives."""

    code: str
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest:
    """How far is the question that was asked with this key?"""

    key: str
    asked_at: datetime


def accept_any(_: Any) -> str | None:
    """Nothing beyond the form is asked of this answer."""
    return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question a party answers: ``check`` returns what is wrong with an answer beyond its form, or None."""

    kind: str
    request: type
    answer: type
    may_defer: bool = False
    check: Callable[[Any], str | None] = accept_any


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(shape: type) -> TypeAdapter[Any]:
    found = _ADAPTERS.get(shape)
    if found is None:
        found = _ADAPTERS[shape] = TypeAdapter(shape)
    return found


def _first_fault(error: ValidationError) -> tuple[str, str]:
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return ".".join(str(step) for step in fault["loc"]) or "the whole", fault["msg"]


def write_request(exchange: Exchange, request: object, *, party: str) -> bytes:
    """The question as it goes out; one that breaks its own contract is refused here, before it leaves the house."""
    if is_dataclass(request) and not isinstance(request, type):
        request = asdict(request)
    if not isinstance(request, Mapping):
        raise BadInput(place=f"{party}.{exchange.kind}", found=type(request).__name__, expected="named fields")
    known = [item.name for item in fields(exchange.request)]
    for name in request:
        if name not in known:
            raise BadInput(
                place=f"{party}.{exchange.kind}.{name}", found="an unknown field", expected="one of " + ", ".join(known)
            )
    try:
        text = json.dumps(request, ensure_ascii=False, allow_nan=False, default=_write_plain)
        value = _adapter(exchange.request).validate_json(text, strict=True)
    except ValidationError as error:
        place, fault = _first_fault(error)
        raise BadInput(
            place=f"{party}.{exchange.kind}.{place}", found="something else", expected=f"the contract's form ({fault})"
        ) from None
    except ValueError as error:
        raise BadInput(
            place=f"{party}.{exchange.kind}", found=str(error), expected="plain values that JSON can carry"
        ) from None
    fault_found = check_amounts(value)
    if fault_found is not None:
        raise BadInput(place=f"{party}.{exchange.kind}", found=fault_found, expected="what the contract allows")
    return bytes(_adapter(exchange.request).dump_json(value))


def _write_plain(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise ValueError(f"a value of type {type(value).__name__}")


def read_plain(text: bytes, *, party: str) -> dict[str, Any]:
    """An answer's JSON object; anything else is an answer not given as promised."""
    if len(text) > ANSWER_BYTES_MAX:
        raise Unavailable(f"{party} answered with more than {ANSWER_BYTES_MAX:,} bytes.")
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Unavailable(f"{party} answered with something that is not JSON.") from None
    if not isinstance(found, dict):
        raise Unavailable(f"{party} answered with JSON that is not an object.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def read_answer(shape: type, body: Mapping[str, Any], *, party: str, check: Callable[[Any], str | None]) -> Any:
    """The answer as a value of the contract; one missing, broken or impossible field makes it no answer at all."""
    try:
        value = _adapter(shape).validate_json(json.dumps(body, allow_nan=False), strict=True)
    except (ValidationError, ValueError) as error:
        place, fault = _first_fault(error) if isinstance(error, ValidationError) else ("the whole", str(error))
        raise Unavailable(f"{party} did not answer as its contract says: {place}: {fault}.") from None
    fault_found = check_amounts(value) or check(value)
    if fault_found is not None:
        raise Unavailable(f"{party} did not answer as its contract says: {fault_found}.")
    return value


def write_answer(shape: type, value: object) -> dict[str, Any]:
    """The answer's own fields as plain JSON; what the contract does not know is left out."""
    plain = _adapter(shape).dump_python(value, mode="json")
    assert isinstance(plain, dict)
    return plain


def check_amounts(value: object) -> str | None:
    """An amount below zero or beyond any loan's size, an instant without a zone, a table with a line cut short.

    A balance may lie below zero, and the lines of a statement or of a list of invoices may; parts are looked into.
    """
    fault = find_table_fault(value)
    if fault is not None:
        return f"{write_place(fault[0])} is {fault[1]}, expected {fault[2]}"
    return _check_amounts(value, ())


def _check_amounts(value: object, place: tuple[int | str, ...]) -> str | None:
    below = MAY_BE_BELOW_ZERO.get(type(value), frozenset())
    for name in getattr(value, "__dataclass_fields__", {}):
        found = getattr(value, name)
        where = write_place((*place, name))
        if isinstance(found, datetime) and found.tzinfo is None:
            return f"{where} gives no time zone"
        if is_dataclass(found):
            fault = _check_amounts(found, (*place, name))
            if fault is not None:
                return fault
        if not name.endswith(("_cents", "_bps")):
            continue
        most = 10_000 if name.endswith("_bps") else CENTS_MAX
        least = -most if name in below or (isinstance(value, BankFlow) and name == "balance_cents") else 0
        for amount in found if isinstance(found, tuple) else (found,):
            if isinstance(amount, int) and not least <= amount <= most:
                return f"{where} is {amount}"
    return None
