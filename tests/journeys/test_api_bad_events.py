"""Events, work and call-backs at the API's door: what would break the line later is refused here, by its name."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from creditfactory.records import tables
from tests.partners import NOW, count_kept, expect_refusal, open_case, open_demo, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def _factory() -> None:
    open_demo()


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
