"""Every address of the API under bad input: one clear sentence that names the field, a 4xx, and nothing kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from creditfactory import gateways, records
from creditfactory.records import tables
from creditfactory.stations.line import draw_moves
from tests.floor import _restore_accounts

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "the-partners-own-secret"
KEYS = {"harbour": "broker", "inland": "broker", "desk": "staff", "bank": "party", "custodian": "party"}
ID_NUMBER = "11010519491231002X"
PERSON = {"name": "李小明", "id_number": ID_NUMBER, "phone": "13800000001"}
_nonces = count()

Change = Callable[[dict[str, Any]], object]


def build_application() -> dict[str, Any]:
    """What a broker hands in when all is well."""
    return {
        "pack": "cn-micro", "reference": "HB-1", "applied_at": "2026-11-23T01:30:00Z", "utc_offset_minutes": 480,
        "person": dict(PERSON),
        "request": {"amount_cents": 20_000_000, "currency": "CNY", "term_months": 24, "purpose": "stock"},
        "applicant": {"born_on": "1949-12-31", "role": "legal_representative", "city": "shenzhen"},
        "business": {"trade_name": "恒通电子", "industry": "F5174", "city": "shenzhen", "opened_on": "2016-05-01"},
        "channel": {"kind": "offline", "company": "harbour", "agent": "a-7"},
        "consents": [{"kind": "privacy", "signed_at": "2026-11-23T01:28:00Z"}],
        "evidence": [{"kind": "mortgage", "obtained_at": "2026-11-23T01:28:00Z", "instalment_cents": 520_000,
                      "months_paid": 64}],
    }  # fmt: skip


@pytest.fixture
def _factory() -> None:
    _restore_accounts()
    records.save_line_moves(moves=draw_moves())
    tenant = records.open_tenant(
        code="demo", name="Demo", pack="cn-micro", now=NOW, business_on=date(2026, 11, 23), speed=0, by="test"
    )
    for key, role in KEYS.items():
        records.save_partner_key(tenant=tenant, key=key, party=key, role=role, secret=SECRET, at=NOW)


def send(
    key: str, method: str, path: str, body: object = b"", *, seconds: float | None = None, **changes: str
) -> HttpResponse:
    """One signed request; ``changes`` overwrite headers after signing."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(time.time() if seconds is None else seconds))
    nonce = f"n-{next(_nonces)}"
    headers = gateways.build_signed_headers(key, SECRET, method=method, path=path, time=stamp, nonce=nonce, body=text)
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    return Client().generic(method, path, text, content_type="application/json", headers=headers)


def hand_in(body: object, key: str = "harbour") -> HttpResponse:
    return send(key, "POST", "/api/v1/applications", body)


def open_case(**changes: Any) -> str:
    answer = hand_in({**build_application(), **changes})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["case"])


def expect_refusal(answer: HttpResponse, status: int, place: str | None = None) -> str:
    """The sentence of a refusal: one, short, free of traces."""
    assert answer.status_code == status, (answer.status_code, answer.content[:400])
    said = answer.json()
    message = said["message"]
    assert isinstance(message, str)
    assert 10 < len(message) < 500
    assert "\n" not in message and "Traceback" not in message
    assert ID_NUMBER not in message and PERSON["name"] not in message and PERSON["phone"] not in message
    if place is not None:
        assert said["place"] == place, said
        assert message.startswith(f"{place}: found ")
    return message


def count_kept() -> tuple[int, int, int]:
    return tables.Application.objects.count(), tables.Person.objects.count(), tables.CallBack.objects.count()


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


BAD_EVENTS: list[tuple[str, dict[str, Any], str]] = [
    ("unknown kind", {"kind": "married", "key": "k"}, "kind"),
    ("no kind", {"key": "k"}, "kind"),
    ("no key", {"kind": "withdrawn"}, "key"),
    ("a number for a key", {"kind": "withdrawn", "key": 7}, "key"),
    ("empty key", {"kind": "withdrawn", "key": ""}, "key"),
    ("overlong key", {"kind": "withdrawn", "key": "k" * 101}, "key"),
    ("zero character in the key", {"kind": "withdrawn", "key": "k\0"}, "key"),
    ("half a pair in the key", {"kind": "withdrawn", "key": "k\ud800"}, "key"),
    ("a field too many", {"kind": "withdrawn", "key": "k", "by": "me"}, "by"),
    ("body is a list", {"kind": "withdrawn", "key": "k", "body": []}, "body"),
    ("unknown in the body", {"kind": "withdrawn", "key": "k", "body": {"whom": "me"}}, "body.whom"),
    ("why is a number", {"kind": "withdrawn", "key": "k", "body": {"why": 5}}, "body.why"),
    ("broken why", {"kind": "withdrawn", "key": "k", "body": {"why": "\0"}}, "body.why"),
    ("no consents", {"kind": "consents_signed", "key": "k"}, "body.consents"),
    ("consents in a group", {"kind": "consents_signed", "key": "k", "body": {"consents": {}}}, "body.consents"),
    ("a consent as text", {"kind": "consents_signed", "key": "k", "body": {"consents": ["privacy"]}},
     "body.consents[0]"),
    ("a consent without a day", {"kind": "consents_signed", "key": "k", "body": {"consents": [{"kind": "bureau"}]}},
     "body.consents[0].signed_at"),
    ("a consent without an offset", {"kind": "consents_signed", "key": "k", "body": {
        "consents": [{"kind": "bureau", "signed_at": "2026-11-23T01:28:00"}]}}, "body.consents[0].signed_at"),
    ("refused is text", {"kind": "consents_signed", "key": "k", "body": {"refused": "no"}}, "body.refused"),
    ("a section of no dossier", {"kind": "details_submitted", "key": "k", "body": {"channel": {}}}, "body.channel"),
    ("a section as text", {"kind": "details_submitted", "key": "k", "body": {"business": "big"}}, "body.business"),
    ("a day that is none", {"kind": "details_submitted", "key": "k", "body": {"business": {"opened_on": "soon"}}},
     "body.business.opened_on"),
    ("an unknown detail", {"kind": "details_submitted", "key": "k", "body": {"business": {"boss": "me"}}},
     "body.business.boss"),
    ("a token", {"kind": "details_submitted", "key": "k", "body": {"applicant": {"token": "P-2"}}},
     "body.applicant.token"),
    ("no amount left", {"kind": "details_submitted", "key": "k", "body": {"request": {"amount_cents": 0}}},
     "body.request.amount_cents"),
    ("a needed field taken away", {"kind": "details_submitted", "key": "k", "body": {"request": {"currency": None}}},
     "body.request.currency"),
    ("evidence as a group", {"kind": "details_submitted", "key": "k", "body": {"evidence": {"kind": "bureau"}}},
     "body.evidence"),
    ("evidence as text", {"kind": "details_submitted", "key": "k", "body": {"evidence": "abc"}}, "body.evidence"),
    ("a bureau report", {"kind": "details_submitted", "key": "k", "body": {"evidence": [
        {"kind": "bureau", "obtained_at": "2026-11-23T01:00:00Z", "has_record": False}]}}, "body.evidence[0].kind"),
    ("a signature without its answer", {"kind": "contract_signed", "key": "k"}, "body.confirmed_cost_table"),
    ("yes as text", {"kind": "contract_signed", "key": "k", "body": {"confirmed_cost_table": "yes"}},
     "body.confirmed_cost_table"),
    ("proof without amount", {"kind": "use_proof", "key": "k", "body": {"purpose": "stock"}}, "body.amount_cents"),
    ("proof of NaN", {"kind": "use_proof", "key": "k", "body": {"purpose": "stock", "amount_cents": float("nan")}},
     "body.amount_cents"),
    ("proof beyond all", {"kind": "use_proof", "key": "k", "body": {"purpose": "stock", "amount_cents": 10**20}},
     "body.amount_cents"),
    ("proof below nothing", {"kind": "use_proof", "key": "k", "body": {"purpose": "stock", "amount_cents": -1}},
     "body.amount_cents"),
    ("proof for a number", {"kind": "use_proof", "key": "k", "body": {"purpose": 9, "amount_cents": 1}},
     "body.purpose"),
]  # fmt: skip


@pytest.mark.usefixtures("_factory")
def test_an_event_that_would_break_the_dossier_is_refused_at_the_door() -> None:
    number = open_case()
    for name, event, place in BAD_EVENTS:
        answer = send("harbour", "POST", f"/api/v1/applications/{number}/events", event)
        assert answer.status_code == 422, (name, answer.status_code, answer.content[:300])
        expect_refusal(answer, 422, place)
    assert count_kept() == (1, 1, 0)


@pytest.mark.usefixtures("_factory")
def test_an_event_told_twice_is_one_and_one_cases_keys_are_not_anothers() -> None:
    first, second = open_case(), open_case(reference="HB-2")
    event = {"kind": "details_submitted", "key": "d-1", "body": {"business": {"employees": 4}}}
    statuses = [
        send("harbour", "POST", f"/api/v1/applications/{number}/events", event).status_code
        for number in (first, first, second)
    ]
    assert statuses == [202, 200, 202]
    assert count_kept() == (2, 1, 2)
    gone = {"kind": "withdrawn", "key": "w-1", "body": {"why": "no need"}}
    statuses = [send("harbour", "POST", f"/api/v1/applications/{first}/events", gone).status_code for _ in range(2)]
    assert statuses == [202, 200]


@pytest.fixture
def item(_factory: None) -> tables.WorkItem:
    application = tables.Application.objects.get(number=open_case())
    return tables.WorkItem.objects.create(
        application=application, station="data_entry", kind="data_entry", role="data_entry_clerk", brief="{}",
        reasons="[]", opened_at=NOW, due_at=NOW + timedelta(minutes=10),
    )  # fmt: skip


def test_work_is_taken_only_by_somebody_for_a_role_there_is(item: tables.WorkItem) -> None:
    for take, place in (
        ({"role": "wizard", "by": "li"}, "role"),
        ({"role": "data_entry_clerk\0", "by": "li"}, "role"),
        ({"role": 7, "by": "li"}, "role"),
        ({"role": "data_entry_clerk", "by": ""}, "by"),
        ({"role": "data_entry_clerk", "by": " "}, "by"),
        ({"role": "data_entry_clerk", "by": "l" * 65}, "by"),
        ({"role": "data_entry_clerk", "by": "li\0"}, "by"),
        ({"role": "data_entry_clerk", "by": "li\ud800"}, "by"),
        ({"role": "data_entry_clerk"}, "by"),
        ({"role": "data_entry_clerk", "by": "li", "limit": 3}, "limit"),
    ):
        expect_refusal(send("desk", "POST", "/api/v1/work/take", take), 422, place)
    item.refresh_from_db()
    assert item.status == "open"
    assert send("desk", "POST", "/api/v1/work/take", {"role": "collector", "by": "li"}).status_code == 204


def complete(number: object, by: object, result: object) -> HttpResponse:
    return send("desk", "POST", f"/api/v1/work/{number}/complete", {"by": by, "result": result})


def test_work_is_completed_by_who_has_it_with_what_it_asks_for(item: tables.WorkItem) -> None:
    good = {"details": {"business": {"employees": 5}}}
    expect_refusal(complete(item.pk, "li", good), 409)
    assert send("desk", "POST", "/api/v1/work/take", {"role": "data_entry_clerk", "by": "li"}).status_code == 200
    expect_refusal(complete(item.pk, "chen", good), 409)
    for number in (0, item.pk + 999, 10**30):
        expect_refusal(complete(number, "li", good), 404)
    expect_refusal(complete("first", "li", good), 422)
    expect_refusal(complete("-1", "li", good), 404)
    for by, result, place in (
        ("li", {}, "details"),
        ("li", {"detail": {}}, "detail"),
        ("li", {"details": []}, "details"),
        ("li", {"details": {"business": 5}}, None),
        ("li", {"details": {"business": {"employees": "many"}}}, "business.employees"),
        ("li", {"details": {"business": {"employees": -3}}}, None),
        ("li", {"details": {"applicant": {"token": "P-9"}}}, "applicant.token"),
        ("li", {"details": {"business": {"trade_name": "\0"}}}, None),
        ("li", [], "result"),
        ("li", None, "result"),
        (None, good, "by"),
        ("", good, "by"),
    ):
        expect_refusal(complete(item.pk, by, result), 422, place)
    item.refresh_from_db()
    assert item.status == "claimed"
    assert complete(item.pk, "li", good).status_code == 200
    expect_refusal(complete(item.pk, "li", good), 409)


def test_a_review_takes_no_nonsense(item: tables.WorkItem) -> None:
    tables.WorkItem.objects.filter(pk=item.pk).update(
        kind="review", role="credit_officer", status="claimed", claimed_by="li", claimed_at=NOW
    )
    for result, place in (
        ({"decision": "maybe"}, "decision"),
        ({"decision": "approve", "amount_cents": -5}, "amount_cents"),
        ({"decision": "approve", "amount_cents": 10**18}, "result.amount_cents"),
        ({"decision": "approve", "amount_cents": float("nan")}, "result.amount_cents"),
        ({"decision": "approve", "note": "n" * 3_000}, "result.note"),
        ({"decision": "approve", "note": "\ud83d"}, "result.note"),
        ({"decision": "approve", "stamp": 1}, "stamp"),
    ):
        expect_refusal(complete(item.pk, "li", result), 422, place)


@pytest.fixture
def question(item: tables.WorkItem) -> tables.Question:
    return tables.Question.objects.create(
        application=item.application, station="funder_decision", party="bank:north", kind="recommend", key="Q-1",
        request="{}", asked_at=NOW, status="accepted",
    )  # fmt: skip


DECISION = {
    "application": "HB-1", "funder": "bank:north", "verdict": "approve", "decided_at": "2026-11-23T02:00:00Z",
    "reference": "B-7", "amount_cents": 20_000_000, "term_months": 24, "annual_rate": "0.18",
}  # fmt: skip


def call_back(party: str, message: object, key: str | None = None) -> HttpResponse:
    return send(key or party.partition(":")[0], "POST", f"/api/v1/callbacks/{party}", message)


def test_an_outside_party_answers_its_own_question_once_and_whole(question: tables.Question) -> None:
    good = {"key": "Q-1", "kind": "decision", "body": DECISION}
    for change, place in (
        ({"key": None}, "key"), ({"key": 5}, "key"), ({"key": ""}, "key"), ({"key": "k" * 201}, "key"),
        ({"key": "Q\0"}, "key"), ({"key": "Q\ud800"}, "key"),
        ({"kind": "opinion"}, "bank.kind"), ({"kind": None}, "kind"), ({"kind": "repayment"}, "bank.kind"),
        ({"body": None}, "body"), ({"body": []}, "body"), ({"body": {}}, "body"),
        ({"body": {**DECISION, "verdict": "perhaps"}}, "body"),
        ({"body": {**DECISION, "amount_cents": 10**17}}, "body.amount_cents"),
        ({"body": {**DECISION, "amount_cents": float("inf")}}, "body.amount_cents"),
        ({"body": {**DECISION, "annual_rate": "free"}}, "body"),
        ({"body": {**DECISION, "decided_at": "2026-11-23T02:00:00"}}, "body"),
        ({"body": {**DECISION, "reference": "\0"}}, "body.reference"),
    ):  # fmt: skip
        expect_refusal(call_back("bank:north", {**good, **change}), 422, place)
    expect_refusal(call_back("bank:north", {**good, "key": "Q-2"}), 404)
    expect_refusal(call_back("bank:north", good, key="custodian"), 403)
    expect_refusal(call_back("%00", good, key="bank"), 403)
    question.refresh_from_db()
    assert question.status == "accepted"
    assert call_back("bank:north", good).status_code == 202
    other = {**good, "body": {**DECISION, "amount_cents": 1}}
    assert call_back("bank:north", other).status_code == 200
    question.refresh_from_db()
    assert json.loads(question.answer)["body"]["amount_cents"] == 20_000_000


def test_a_repayment_names_a_loan_a_receipt_and_a_day_that_can_be(item: tables.WorkItem) -> None:
    from tests import floor

    floor._lend(item.application.tenant, item.application)
    loan = tables.Loan.objects.get()
    paid = {
        "application": "HB-1", "loan": loan.number, "receipt": "R-1", "amount_cents": 100,
        "paid_on": (loan.disbursed_on + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    for change, place in (
        ({"loan": "L-none"}, "body.loan"), ({"loan": "\0"}, "body.loan"), ({"loan": None}, "body"),
        ({"receipt": ""}, "body"), ({"receipt": "r" * 100}, "body.receipt"), ({"receipt": "r\0"}, "body.receipt"),
        ({"amount_cents": 0}, "body"), ({"amount_cents": -5}, "body"), ({"amount_cents": 10**16}, "body.amount_cents"),
        ({"amount_cents": 1.5}, "body"), ({"paid_on": "0001-01-01"}, "body.paid_on"),
        ({"paid_on": "9999-12-31"}, "body.paid_on"), ({"paid_on": "today"}, "body"),
    ):  # fmt: skip
        message = {"key": "k", "kind": "repayment", "body": {**paid, **change}}
        expect_refusal(call_back("custodian", message), 422, place)
    assert not tables.Repayment.objects.exists()
    message = {"key": "k", "kind": "repayment", "body": paid}
    assert [call_back("custodian", message).status_code for _ in range(2)] == [202, 200]
    assert tables.Repayment.objects.count() == 1
    huge = {**message, "body": {**paid, "receipt": "R-2", "amount_cents": 10**15}}
    assert call_back("custodian", huge).status_code == 202


@pytest.mark.usefixtures("_factory")
def test_addresses_that_are_not_there_and_ways_that_are_not_open() -> None:
    assert send("harbour", "GET", "/api/v1/nothing").status_code == 404
    assert send("harbour", "DELETE", "/api/v1/applications").status_code == 405
    assert send("harbour", "POST", "/api/v1/clock", b"{}").status_code == 405
