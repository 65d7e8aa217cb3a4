"""Asking an outside party: one signed question with its own key, one answer read whole or not at all."""

from __future__ import annotations

import functools
import secrets as randomness
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from creditfactory.gateways import (
    bank,
    bank_flow,
    bureau,
    court,
    custodian,
    identity,
    insurer,
    licensed_bureau,
    messages,
    registry,
    tax,
    telecom,
    utilities,
)
from creditfactory.gateways.address import AddressBook
from creditfactory.gateways.exchange import (
    Accepted,
    Exchange,
    accept_any,
    read_answer,
    read_plain,
    write_answer,
    write_request,
)
from creditfactory.gateways.signing import build_signed_headers
from creditfactory.kernel import BadInput, Misconfigured, TimedOut, Unavailable, UnknownName

CONTRACTS: Mapping[str, tuple[Exchange, ...]] = {
    "bank": bank.EXCHANGES,
    "bank_flow": bank_flow.EXCHANGES,
    "bureau": bureau.EXCHANGES,
    "court": court.EXCHANGES,
    "custodian": custodian.EXCHANGES,
    "identity": identity.EXCHANGES,
    "insurer": insurer.EXCHANGES,
    "licensed_bureau": licensed_bureau.EXCHANGES,
    "messages": messages.EXCHANGES,
    "registry": registry.EXCHANGES,
    "tax": tax.EXCHANGES,
    "telecom": telecom.EXCHANGES,
    "utilities": utilities.EXCHANGES,
}
CALL_BACKS: Mapping[str, tuple[Exchange, ...]] = {
    "bank": bank.CALL_BACKS,
    "custodian": custodian.CALL_BACKS,
    "insurer": insurer.CALL_BACKS,
}
BUSY_STATUSES = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a party said.

    ``answered``: ``body`` is the answer's plain form, ``value`` the contract's own. ``accepted``: it will call back;
    ``body`` holds the ticket. ``refused``: it will not do this; ``body`` holds its ``code`` and ``message``.
    """

    status: Literal["answered", "accepted", "refused"]
    body: Mapping[str, Any]
    value: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CallBack:
    """What a party told us by itself: the key of the question it answers, what it is, and its checked content."""

    party: str
    key: str
    kind: str
    body: Mapping[str, Any]
    value: Any = field(default=None, repr=False)


def find_exchange(party: str, kind: str) -> Exchange:
    """The contract of one question to one party."""
    family = party.partition(":")[0]
    return _find(CONTRACTS, family, kind)


def _find(contracts: Mapping[str, tuple[Exchange, ...]], family: str, kind: str) -> Exchange:
    if family not in contracts:
        raise UnknownName(place="party", found=repr(family[:40]), expected="one of " + ", ".join(sorted(contracts)))
    for exchange in contracts[family]:
        if exchange.kind == kind:
            return exchange
    kinds = ", ".join(exchange.kind for exchange in contracts[family])
    raise UnknownName(place=f"{family}.kind", found=repr(kind[:40]), expected=f"one of {kinds}")


def ask(party: str, kind: str, key: str, request: object, *, address_book: AddressBook) -> Answer:
    """Ask a party one question under an idempotency key: the same key twice is one question.

    ``request`` is the contract's own dataclass, or a mapping of its fields.

    Raises ``TimedOut`` when it did not answer in time (whether it acted is unknown: ask again with the same key),
    ``Unavailable`` when it did not answer as its contract says, ``Misconfigured`` when it does not know our key,
    and ``BadInput`` when the question itself breaks the contract.
    """
    exchange = find_exchange(party, kind)
    address = address_book.find(party)
    body = write_request(exchange, request, party=party)
    url = f"{address.url}/{kind}"
    headers = build_signed_headers(
        address.key_id,
        address.secret,
        method="POST",
        path=urlsplit(url).path,
        time=str(int(time.time())),
        nonce=randomness.token_hex(12),
        body=body,
    )
    headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
    try:
        response = _client().post(url, content=body, headers=headers, timeout=address.timeout_seconds)
    except httpx.TimeoutException:
        raise TimedOut(f"{party} did not answer {kind} within {address.timeout_seconds:g} seconds.") from None
    except httpx.HTTPError as error:
        raise Unavailable(f"{party} could not be reached for {kind}: {type(error).__name__}.") from None
    return _read_response(exchange, response.status_code, response.content, party=party)


def _read_response(exchange: Exchange, status: int, content: bytes, *, party: str) -> Answer:
    if status in (401, 403):
        raise Misconfigured(f"{party} does not accept our signature; check its key id and secret in the address book.")
    if status >= 500 or status in BUSY_STATUSES or not (status in (200, 201, 202) or 400 <= status < 500):
        raise Unavailable(f"{party} answered {exchange.kind} with status {status}.")
    body = read_plain(content, party=party)
    if status >= 400:
        code = body.get("code")
        if not isinstance(code, str) or not code:
            raise Unavailable(f"{party} answered {exchange.kind} with status {status} and no reason.")
        return Answer("refused", {"code": code[:80], "message": str(body.get("message", ""))[:500]})
    if status == 202:
        if not exchange.may_defer:
            raise Unavailable(f"{party} deferred {exchange.kind}, which its contract answers at once.")
        accepted = read_answer(Accepted, body, party=party, check=accept_any)
        return Answer("accepted", write_answer(Accepted, accepted), accepted)
    value = read_answer(exchange.answer, body, party=party, check=exchange.check)
    return Answer("answered", write_answer(exchange.answer, value), value)


def read_call_back(party: str, message: Mapping[str, Any]) -> CallBack:
    """What a party handed in at our door, ``{"key", "kind", "body"}``, checked whole; BadInput says what is wrong."""
    family = party.partition(":")[0]
    key, kind, body = (message.get(name) for name in ("key", "kind", "body"))
    if not isinstance(key, str) or not 0 < len(key) <= 200:
        raise BadInput(place="key", found=type(key).__name__, expected="the key of the question, up to 200 characters")
    if not isinstance(kind, str):
        raise BadInput(place="kind", found=type(kind).__name__, expected="what is being told, as text")
    if not isinstance(body, Mapping):
        raise BadInput(place="body", found=type(body).__name__, expected="an object")
    exchange = _find(CALL_BACKS, family, kind)
    try:
        value = read_answer(exchange.answer, body, party=party, check=exchange.check)
    except Unavailable as error:
        raise BadInput(place="body", found=str(error), expected=f"the contract's {kind}") from None
    return CallBack(party, key, kind, write_answer(exchange.answer, value), value)


@functools.cache
def _client() -> httpx.Client:
    """One pool of connections for the whole process; proxies of the surroundings are not followed."""
    return httpx.Client(trust_env=False, follow_redirects=False)
