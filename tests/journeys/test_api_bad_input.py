"""Applications and signatures at the API's door: what is wrong is refused in one sentence by its name, none is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from creditfactory import gateways
from creditfactory.records import tables
from tests.partners import (
    PERSON,
    SECRET,
    build_application,
    count_kept,
    expect_refusal,
    hand_in,
    open_case,
    open_demo,
    send,
)

Change = Callable[[dict[str, Any]], object]
pytestmark = pytest.mark.django_db


@pytest.fixture
def _factory() -> None:
    open_demo()


def put(*path: str | int, value: object) -> Change:
    """Set a field deep inside."""

    def change(whole: dict[str, Any]) -> None:
        found: Any = whole
        for step in path[:-1]:
            found = found[step]
        found[path[-1]] = value

    return change


def drop(*path: str) -> Change:
    def change(whole: dict[str, Any]) -> None:
        found: Any = whole
        for step in path[:-1]:
            found = found[step]
        del found[path[-1]]

    return change


BAD_FIELDS: list[tuple[str, Change, str]] = [
    ("wrong type", put("request", "amount_cents", value="lots"), "request.amount_cents"),
    ("a list for a group", put("request", value=[]), "request"),
    ("a number for a list", put("evidence", value=7), "evidence"),
    ("missing field", drop("request", "amount_cents"), "request.amount_cents"),
    ("missing group", drop("business"), "business"),
    ("unknown field", put("request", "ammount", value=1), "request.ammount"),
    ("unknown at the top", put("colour", value="red"), "colour"),
    ("huge number", put("request", "amount_cents", value=10**30), "request.amount_cents"),
    ("number beyond reading", put("request", "amount_cents", value=10**4000), "request.amount_cents"),
    ("nothing asked", put("request", "amount_cents", value=0), "request.amount_cents"),
    ("less than nothing", put("request", "amount_cents", value=-1), "request.amount_cents"),
    ("NaN", put("request", "amount_cents", value=float("nan")), "request.amount_cents"),
    ("a fraction", put("request", "term_months", value=12.5), "request.term_months"),
    ("true for a number", put("request", "term_months", value=True), "request.term_months"),
    ("unknown currency", put("request", "currency", value="XAU"), "request.currency"),
    ("zero character", put("business", "trade_name", value="a\0b"), "business.trade_name"),
    ("half a pair", put("business", "trade_name", value="a\ud800b"), "business.trade_name"),
    ("zero character in a name", put("person", "name", value="李\0"), "person.name"),
    ("half a pair in a name", put("person", "name", value="李\udc00"), "person.name"),
    ("overlong reference", put("reference", value="R" * 81), "reference"),
    ("empty reference", put("reference", value=" "), "reference"),
    ("overlong trade name", put("business", "trade_name", value="名" * 161), "business.trade_name"),
    ("overlong industry", put("business", "industry", value="F" * 17), "business.industry"),
    ("overlong city", put("business", "city", value="c" * 81), "business.city"),
    ("overlong agent", put("channel", "agent", value="a" * 81), "channel.agent"),
    ("overlong text", put("request", "purpose", value="p" * 5_000), "request.purpose"),
    ("no date", put("applicant", "born_on", value="tomorrow"), "applicant.born_on"),
    ("a day that is none", put("business", "opened_on", value="2026-02-30"), "business.opened_on"),
    ("no offset", put("applied_at", value="2026-11-23T01:30:00"), "applied_at"),
    ("year 1", put("applied_at", value="0001-01-01T00:00:00Z"), "applied_at"),
    ("year 9999", put("applied_at", value="9999-12-31T23:59:59Z"), "applied_at"),
    ("not yet", put("applied_at", value="2027-01-01T00:00:00Z"), "applied_at"),
    ("long ago", put("applied_at", value="1905-01-01T00:00:00Z"), "applied_at"),
    ("a clock of no place", put("utc_offset_minutes", value=9_999), "utc_offset_minutes"),
    ("wrong pack", put("pack", value="us-sba"), "pack"),
    ("pack on disk", put("pack", value="/etc"), "pack"),
    ("token given", put("applicant", "token", value="P-1"), "applicant.token"),
    ("no person", drop("person"), "person"),
    ("person is text", put("person", value="me"), "person"),
    ("person with more", put("person", "mother", value="x"), "person.mother"),
    ("no phone", drop("person", "phone"), "person.phone"),
    ("phone in other digits", put("person", "phone", value="1٣٨00000000"), "person.phone"),
    ("ID number off by one", put("person", "id_number", value="110105194912310021"), "person.id_number"),
    ("ID number in wide digits", put("person", "id_number", value="１１０１０５１９４９１２３１００２Ｘ"),
     "person.id_number"),
    ("ID number with a square", put("person", "id_number", value="11010519491231²02X"), "person.id_number"),
    ("another birth date", put("applicant", "born_on", value="1949-12-30"), "applicant.born_on"),
    ("another broker's name", put("channel", "company", value="inland"), "channel.company"),
    ("a bureau report of one's own", put("evidence", value=[
        {"kind": "bureau", "obtained_at": "2026-11-23T01:00:00Z", "has_record": False}]), "evidence[0].kind"),
    ("unknown evidence", put("evidence", value=[{"kind": "horoscope"}]), "evidence[0].kind"),
    ("consent without offset", put("consents", 0, "signed_at", value="2026-11-23T01:28:00"), "consents[0].signed_at"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place"), [pytest.param(c, p, id=n) for n, c, p in BAD_FIELDS])
@pytest.mark.usefixtures("_factory")
def test_an_application_with_a_bad_field_is_refused_by_its_name(change: Change, place: str) -> None:
    whole = deepcopy(build_application())
    change(whole)
    expect_refusal(hand_in(whole), 422, place)
    assert count_kept() == (0, 0, 0)


def nest(depth: int) -> bytes:
    return b'{"pack":' + b"[" * depth + b"]" * depth + b"}"


BAD_BODIES: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 422, "body"),
    ("not JSON", b"pack=cn-micro", 422, "body"),
    ("half of it", json.dumps(build_application()).encode()[:200], 422, "body"),
    ("a list", b"[]", 422, "body"),
    ("a word", b'"cn-micro"', 422, "body"),
    ("null", b"null", 422, "body"),
    ("UTF-16", json.dumps(build_application()).encode("utf-16"), 422, "body"),
    ("GBK", json.dumps(build_application(), ensure_ascii=False).encode("gbk"), 422, "body"),
    ("a field twice", b'{"pack": "cn-micro", "pack": "us-sba"}', 422, "pack"),
    ("nesting without end", nest(100_000), 422, "body"),
    ("nesting too deep", nest(40), 422, "pack[0][0][0][0][0][0][0]"),
    ("more than we read", b'{"pack": "' + b"x" * 1_500_000 + b'"}', 422, "body"),
    ("10 MB of text", b'{"pack": "' + b"x" * 10_000_000 + b'"}', 413, "body"),
]


@pytest.mark.parametrize(("body", "status", "place"), [pytest.param(b, s, p, id=n) for n, b, s, p in BAD_BODIES])
@pytest.mark.usefixtures("_factory")
def test_a_body_that_is_no_application_is_refused_at_every_address(body: bytes, status: int, place: str) -> None:
    expect_refusal(hand_in(body), status, place)
    assert count_kept() == (0, 0, 0)
    number = open_case()
    for key, path in (
        ("harbour", f"/api/v1/applications/{number}/events"), ("desk", "/api/v1/work/take"),
        ("desk", "/api/v1/work/1/complete"), ("bank", "/api/v1/callbacks/bank"),
    ):  # fmt: skip
        expect_refusal(send(key, "POST", path, body), status)
    assert count_kept() == (1, 1, 0)


@pytest.mark.usefixtures("_factory")
def test_a_byte_order_mark_is_no_fault() -> None:
    assert hand_in(json.dumps(build_application()).encode("utf-8-sig")).status_code == 201


@pytest.mark.usefixtures("_factory")
def test_who_does_not_sign_properly_is_told_why_and_nothing_is_read() -> None:
    body = json.dumps(build_application()).encode()
    path = "/api/v1/applications"
    cases: list[tuple[HttpResponse, str]] = [
        (Client().generic("POST", path, body, content_type="application/json"), "missing"),
        (send("nobody", "POST", path, body), "unknown_key"),
        (send("harbour", "POST", path, body, seconds=time.time() - 301), "stale"),
        (send("harbour", "POST", path, body, seconds=time.time() + 400), "stale"),
        (send("harbour", "POST", path, body, X_CF_Time="٣"), "stale"),
        (send("harbour", "POST", path, body, X_CF_Time="9" * 400), "stale"),
        (send("harbour", "POST", path, body, X_CF_Signature="0" * 64), "wrong"),
        (send("harbour", "POST", path, body, X_CF_Signature="é"), "wrong"),
        (send("harbour", "POST", path, body, X_CF_Nonce="another"), "wrong"),
        (send("inland", "POST", path, body, X_CF_Key="harbour2"), "unknown_key"),
        (send("h\0", "POST", path, body), "unknown_key"),
        (Client().generic("POST", "/api/v1/work/take", b"not json", content_type="application/json"), "missing"),
        (send("harbour", "POST", path + "?a=1", body, X_CF_Nonce="once"), "wrong"),
    ]
    for answer, fault in cases:
        expect_refusal(answer, 401)
        assert answer.json()["fault"] == fault
    assert count_kept() == (0, 0, 0)


@pytest.mark.usefixtures("_factory")
def test_a_request_sent_again_word_for_word_is_refused_as_replayed() -> None:
    headers = gateways.build_signed_headers(
        "harbour", SECRET, method="GET", path="/api/v1/clock", time=str(int(time.time())), nonce="once", body=b""
    )
    assert Client().get("/api/v1/clock", headers=headers).json()["business_on"] == "2026-11-23"
    again = Client().get("/api/v1/clock", headers=headers)
    expect_refusal(again, 401)
    assert again.json()["fault"] == "replayed"


@pytest.mark.usefixtures("_factory")
def test_a_reference_stands_for_one_application() -> None:
    number = open_case()
    again = hand_in(build_application())
    assert (again.status_code, again.json()["case"], again.json()["is_new"]) == (200, number, False)
    other_amount = build_application()
    other_amount["request"]["amount_cents"] += 1
    message = expect_refusal(hand_in(other_amount), 409)
    assert "HB-1" in message
    assert number not in message
    other_person = build_application()
    other_person["person"] = {**PERSON, "id_number": "110101198001010010"}
    other_person["applicant"]["born_on"] = "1980-01-01"
    expect_refusal(hand_in(other_person), 409)
    foreign = {**build_application(), "channel": {"kind": "offline", "company": "inland"}}
    expect_refusal(hand_in(foreign, key="inland"), 409)
    assert count_kept() == (1, 1, 0)


@pytest.mark.usefixtures("_factory")
def test_nobody_sees_or_touches_what_is_not_theirs() -> None:
    number = open_case()
    path = f"/api/v1/applications/{number}"
    assert send("harbour", "GET", path).json()["reference"] == "HB-1"
    event = {"kind": "withdrawn", "key": "w", "body": {}}
    for answer in (
        send("inland", "GET", path),
        send("inland", "POST", path + "/events", event),
        send("harbour", "GET", "/api/v1/applications/A-000000-00000"),
        send("harbour", "GET", "/api/v1/applications/%00"),
        send("harbour", "GET", "/api/v1/applications/" + "9" * 500),
        send("harbour", "GET", "/api/v1/applications/'%20OR%20''"),
    ):
        expect_refusal(answer, 404)
    for answer in (
        send("bank", "GET", path),
        send("desk", "POST", "/api/v1/applications", build_application()),
        send("harbour", "POST", "/api/v1/work/take", {"role": "collector", "by": "x"}),
        send("bank", "POST", "/api/v1/callbacks/custodian", {"key": "k", "kind": "repayment", "body": {}}),
    ):
        expect_refusal(answer, 403)
    assert tables.Application.objects.get(number=number).status == "moving"


@pytest.mark.usefixtures("_factory")
def test_addresses_that_are_not_there_and_ways_that_are_not_open() -> None:
    assert send("harbour", "GET", "/api/v1/nothing").status_code == 404
    assert send("harbour", "DELETE", "/api/v1/applications").status_code == 405
    assert send("harbour", "POST", "/api/v1/clock", b"{}").status_code == 405
