"""What an outside party may say, and what is no answer at all: unknown is never yes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from creditfactory import gateways
from creditfactory.gateways import asking
from creditfactory.kernel import BadInput, Misconfigured, TimedOut, Unavailable, UnknownName

BOOK = gateways.AddressBook(
    {party: gateways.Address("http://127.0.0.1:9/p", "factory", "s") for party in asking.CONTRACTS}
)
NOW = datetime(2026, 11, 3, tzinfo=UTC)
QUESTION = {"application": "A-1", "asked_at": NOW, "person": {"token": "t"}, "consent": "1"}
REPORT = {"kind": "bureau", "obtained_at": "2026-11-03T00:00:00Z", "has_record": True, "overdue_months_24m": 1}
DECISION = {
    "application": "A-1", "funder": "nat1", "verdict": "approve", "decided_at": "2026-11-03T00:10:00Z",
    "reference": "N-1", "amount_cents": 20_000_000, "term_months": 36, "annual_rate": "0.192", "reasons": [],
}  # fmt: skip
RECEIPT = {
    "application": "A-1", "loan": "L-1", "verdict": "paid", "receipt": "R1", "amount_cents": 5,
    "paid_on": "2026-11-03", "paid_at": "2026-11-03T03:00:00Z",
}  # fmt: skip


def answer_with(monkeypatch: pytest.MonkeyPatch, status: int, body: Any) -> list[httpx.Request]:
    """Let every party answer so; the requests it saw are kept."""
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if isinstance(body, Exception):
            raise body
        return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())

    client = httpx.Client(transport=httpx.MockTransport(reply))
    monkeypatch.setattr(asking, "_client", lambda: client)
    return seen


def ask_bureau() -> gateways.Answer:
    return gateways.ask("bureau", "report", "k-1", QUESTION, address_book=BOOK)


def test_a_whole_answer_is_read_and_unknown_fields_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = answer_with(monkeypatch, 200, {**REPORT, "horoscope": "good"})
    answer = ask_bureau()
    assert (answer.status, answer.value.overdue_months_24m) == ("answered", 1)
    assert "horoscope" not in answer.body
    fault = gateways.check_signature(
        dict(seen[0].headers), {"factory": "s"}, method="POST", path="/p/report", body=seen[0].content,
        now_seconds=int(seen[0].headers["X-CF-Time"]),
    )  # fmt: skip
    assert fault is None
    assert seen[0].headers["Idempotency-Key"] == "k-1"


BROKEN = {
    "a field missing": {"kind": "bureau", "obtained_at": "2026-11-03T00:00:00Z"},
    "yes as text": {**REPORT, "has_record": "yes"},
    "a number as text": {**REPORT, "overdue_months_24m": "1"},
    "an amount below zero": {**REPORT, "card_limit_cents": -1},
    "an amount beyond any loan": {**REPORT, "card_limit_cents": 10**16},
    "a ratio for a count": {**REPORT, "queries_1m": 1.5},
    "more months than there are": {**REPORT, "overdue_months_24m": 25},
    "no record, yet accounts": {**REPORT, "has_record": False},
    "no zone": {**REPORT, "obtained_at": "2026-11-03T00:00:00"},
    "another kind": {**REPORT, "kind": "court"},
    "a list": [REPORT],
    "not a number": b'{"kind": "bureau", "obtained_at": "2026-11-03T00:00:00Z", "has_record": true, "loan_count": NaN}',
    "not JSON": b"<html>",
    "nothing": b"",
    "too long": b'"' + b"x" * 1_000_001 + b'"',
    "deep": b"[" * 100_000,
    "not UTF-8": b"\xff\xfe{",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_no_answer(monkeypatch: pytest.MonkeyPatch, body: Any) -> None:
    answer_with(monkeypatch, 200, body)
    with pytest.raises(Unavailable) as caught:
        ask_bureau()
    assert "bureau" in str(caught.value)
    assert len(str(caught.value)) < 300


OUTCOMES = [
    (500, {}, Unavailable), (503, {}, Unavailable), (429, {"code": "X"}, Unavailable), (408, {}, Unavailable),
    (302, {}, Unavailable), (204, {}, Unavailable), (404, {}, Unavailable), (400, [], Unavailable),
    (401, {}, Misconfigured), (403, {}, Misconfigured), (202, {"ticket": "t"}, Unavailable),
    (0, httpx.ReadTimeout("x"), TimedOut), (0, httpx.ConnectError("x"), Unavailable),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "failure"), OUTCOMES)
def test_every_failure_of_the_world_has_its_name(
    monkeypatch: pytest.MonkeyPatch, status: int, body: Any, failure: type[Exception]
) -> None:
    answer_with(monkeypatch, status, body)
    with pytest.raises(failure) as caught:
        ask_bureau()
    assert type(caught.value) is failure


def test_a_refusal_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, 422, {"code": "NO-CONSENT", "message": "sign first"})
    assert ask_bureau() == gateways.Answer("refused", {"code": "NO-CONSENT", "message": "sign first"})


WRONG_QUESTIONS: list[tuple[dict[str, object], str]] = [
    ({**QUESTION, "horoscope": 1}, "bureau.report.horoscope"),
    ({name: value for name, value in QUESTION.items() if name != "consent"}, "bureau.report.consent"),
    ({**QUESTION, "asked_at": datetime.fromisoformat("2026-11-03T00:00:00")}, "bureau.report"),
    ({**QUESTION, "consent": 1}, "bureau.report.consent"),
    ({**QUESTION, "consent": object()}, "bureau.report"),
]


@pytest.mark.parametrize(("question", "place"), WRONG_QUESTIONS)
def test_a_question_that_breaks_the_contract_never_leaves_the_house(
    monkeypatch: pytest.MonkeyPatch, question: dict[str, object], place: str
) -> None:
    seen = answer_with(monkeypatch, 200, REPORT)
    with pytest.raises(BadInput) as caught:
        gateways.ask("bureau", "report", "k", question, address_book=BOOK)
    assert caught.value.place == place
    assert seen == []


def test_an_unknown_party_or_question_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="bank, bank_flow, bureau"):
        gateways.ask("oracle", "report", "k", {}, address_book=BOOK)
    with pytest.raises(UnknownName, match="report"):
        gateways.ask("bureau", "weather", "k", {}, address_book=BOOK)


def test_the_contracts_own_dataclass_asks_the_same_as_a_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = answer_with(monkeypatch, 200, REPORT)
    request = gateways.BureauRequest(
        application="A-1", asked_at=NOW, person=gateways.Person(token="t", name="张三"), consent="1"
    )
    gateways.ask("bureau", "report", "k", request, address_book=BOOK)
    assert json.loads(seen[0].content)["person"]["name"] == "张三"
    assert "张三" not in repr(request), "a name is never shown"


WRONG_CALL_BACKS: list[tuple[str, dict[str, Any], str]] = [
    ("bank", {"key": "k", "kind": "decision", "body": {**DECISION, "amount_cents": None}}, "body"),
    ("bank", {"key": "k", "kind": "decision", "body": {**DECISION, "verdict": "decline"}}, "body"),
    ("bank", {"key": "k", "kind": "decision", "body": {**DECISION, "verdict": "maybe"}}, "body"),
    ("bank", {"key": "k", "kind": "decision", "body": {**DECISION, "annual_rate": "NaN"}}, "body"),
    ("bank", {"key": "k", "kind": "decision", "body": {**DECISION, "annual_rate": "19.2"}}, "body"),
    ("bank", {"key": "k", "kind": "decision", "body": {**DECISION, "annual_rate": "much"}}, "body"),
    ("bank", {"key": "k", "kind": "decision", "body": "yes"}, "body"),
    ("bank", {"key": "", "kind": "decision", "body": DECISION}, "key"),
    ("bank", {"key": "k" * 201, "kind": "decision", "body": DECISION}, "key"),
    ("bank", {"key": "k", "kind": 3, "body": DECISION}, "kind"),
    ("bank", {"key": "k", "kind": "receipt", "body": RECEIPT}, "bank.kind"),
    ("bureau", {"key": "k", "kind": "report", "body": REPORT}, "party"),
    ("custodian", {"key": "k", "kind": "receipt", "body": {**RECEIPT, "paid_at": None}}, "body"),
    ("custodian", {"key": "k", "kind": "receipt", "body": {**RECEIPT, "verdict": "failed"}}, "body"),
    ("custodian", {"key": "k", "kind": "repayment", "body": {**RECEIPT, "amount_cents": 0}}, "body"),
]


@pytest.mark.parametrize(("party", "message", "place"), WRONG_CALL_BACKS)
def test_a_broken_call_back_is_refused_with_its_place(party: str, message: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as caught:
        gateways.read_call_back(party, message)
    assert caught.value.place == place


def test_a_whole_call_back_is_read() -> None:
    told = gateways.read_call_back("bank", {"key": "k", "kind": "decision", "body": DECISION})
    assert (told.key, told.value.verdict, told.body["amount_cents"]) == ("k", "approve", 20_000_000)
    paid = gateways.read_call_back("custodian", {"key": "k", "kind": "receipt", "body": RECEIPT})
    assert paid.value.receipt == "R1"


def test_a_signature_protects_every_part_of_a_request() -> None:
    parts = {"method": "POST", "path": "/a?b=1", "time": "1000", "nonce": "n", "body": b"{}"}
    headers = gateways.build_signed_headers("k", "s", **parts)  # type: ignore[arg-type]

    def check(headers: dict[str, str], **changed: Any) -> str | None:
        whole = {"method": "POST", "path": "/a?b=1", "body": b"{}", "now_seconds": 1000.0, **changed}
        return gateways.check_signature(headers, {"k": "s"}, **whole)

    assert check(headers) is None
    assert check({name.lower(): value for name, value in headers.items()}) is None
    for changed in ({"method": "GET"}, {"path": "/a?b=2"}, {"body": b"{ }"}):
        assert check(headers, **changed) == "wrong"
    assert check(headers | {"X-CF-Nonce": "m"}) == "wrong"
    assert check(headers | {"X-CF-Time": "1001"}) == "wrong"
    assert check(headers | {"X-CF-Key": "z"}) == "unknown_key"
    assert check(headers, now_seconds=1301.0) == "stale"
    assert check(headers | {"X-CF-Time": "٣"}) == "stale"
    assert check({}) == "missing"


def test_a_funders_own_address_comes_before_that_of_all_banks() -> None:
    book = gateways.read_address_book(
        {
            "bank": {"url": "http://127.0.0.1:1/bank/", "key_id": "f", "secret": "s"},
            "bank:nat1": {"url": "http://127.0.0.1:2", "key_id": "f", "secret": "s", "timeout_seconds": 3},
        }
    )
    assert book.find("bank:nat1").url == "http://127.0.0.1:2"
    assert book.find("bank:other").url == "http://127.0.0.1:1/bank"
    for fault in ({"url": ""}, {"secret": 3}, {"timeout_seconds": 0}, {"timeout_seconds": True}):
        with pytest.raises(BadInput):
            gateways.read_address_book({"tax": {"url": "u", "key_id": "k", "secret": "s", **fault}})
