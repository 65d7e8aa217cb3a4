"""Whatever an outside party sends, it is read whole or not at all; no other failure, no traceback."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import gateways
from creditfactory.gateways import asking
from creditfactory.kernel import BadInput, CreditFactoryError, Unavailable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
ANSWERS: dict[tuple[str, str], dict[str, Any]] = {
    ("bureau", "report"): {
        "kind": "bureau", "obtained_at": "2026-11-03T00:00:00Z", "has_record": True, "queries_1m": 2,
    },
    ("court", "search"): {
        "kind": "court", "obtained_at": "2026-11-03T00:00:00Z", "executed_open": 0, "is_dishonest_listed": False,
        "is_consumption_restricted": False,
    },
    ("bank_flow", "statements"): {
        "kind": "bank_flow", "obtained_at": "2026-11-03T00:00:00Z", "monthly_inflow_cents": [5, 6],
        "monthly_outflow_cents": [1, 2],
    },
}  # fmt: skip
QUESTION = {"application": "A-1", "asked_at": "2026-11-03T00:00:00Z", "person": {"token": "t"}}
EXTRA: dict[str, dict[str, Any]] = {
    "bureau": {"consent": "1"}, "court": {"firm": {}}, "bank_flow": {"firm": {}, "consent": "1"},
}  # fmt: skip
BYTES = st.binary(max_size=200) | JSON.map(lambda found: json.dumps(found).encode())
BOOK = gateways.AddressBook(dict.fromkeys(asking.CONTRACTS, gateways.Address("http://127.0.0.1:9/p", "f", "s")))


def ask_with(content: bytes, status: int, party: str, kind: str) -> gateways.Answer:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=content))
    with pytest.MonkeyPatch.context() as patch, httpx.Client(transport=transport) as client:
        patch.setattr(asking, "_client", lambda: client)
        return gateways.ask(party, kind, "k", {**QUESTION, **EXTRA[party]}, address_book=BOOK)


@settings(max_examples=150, deadline=None)
@given(content=BYTES, status=st.integers(100, 599))
def test_any_bytes_with_any_status_are_a_refusal_or_a_failure_with_a_name(content: bytes, status: int) -> None:
    said: str
    try:
        said = ask_with(content, status, "bureau", "report").status
    except CreditFactoryError as failure:
        said = str(failure)
    assert said == "refused" or (said.startswith("bureau") and len(said) < 400)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), which=st.sampled_from(sorted(ANSWERS)))
def test_one_field_changed_at_random_is_read_whole_or_refused(data: st.DataObject, which: tuple[str, str]) -> None:
    good = ANSWERS[which]
    name = data.draw(st.sampled_from(sorted(good)))
    changed = {**good, name: data.draw(JSON)}
    try:
        answer = ask_with(json.dumps(changed).encode(), 200, *which)
    except Unavailable:
        return
    assert answer.status == "answered"
    again = ask_with(json.dumps(answer.body).encode(), 200, *which)
    assert again == answer, "what was read can be written and read again"


@settings(max_examples=150, deadline=None)
@given(message=st.dictionaries(st.sampled_from(["key", "kind", "body"]), JSON, max_size=3))
def test_any_call_back_is_refused_as_bad_input(message: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        gateways.read_call_back("custodian", message)
