"""A small factory floor for tests of pages: a few applications at known stations, people, work, and one loan."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from creditfactory import ledger, loan, records
from creditfactory.records import tables
from creditfactory.records.actions.people import create_demo_users
from creditfactory.stations.line import draw_moves

NOW = datetime(2026, 3, 12, 6, 32, tzinfo=UTC)
ON = date(2026, 3, 12)
PASSWORD = "factory-floor-test"


@dataclass(frozen=True)
class Floor:
    """What stands on the floor, by name."""

    phone_item: int
    late_item: int
    site_item: int
    review_item: int
    phone_case: str
    declined_case: str
    loan_case: str
    held_case: str
    other_case: str
    run: int


def lay_floor() -> Floor:
    """Two factories, their people, five applications in the first and one in the second."""
    _restore_accounts()
    records.save_line_moves(moves=draw_moves())
    for code, name in (("cn-micro", "Harbour"), ("us-sba", "Prairie")):
        records.open_tenant(code=code, name=name, pack=code, now=NOW, business_on=ON, speed=0, by="test")
    tenant, other = (tables.Tenant.objects.get(code=code) for code in ("cn-micro", "us-sba"))
    create_demo_users(tenant="cn-micro", password=PASSWORD)
    User.objects.create_superuser("root", password=PASSWORD)
    phone = _apply(tenant, 1, station="phone_check", status="waiting", lane="B")
    _visit_lane(phone)
    late = _apply(tenant, 2, station="phone_check", status="waiting", lane="C")
    site = _apply(tenant, 3, station="site_visit", status="waiting", lane="C")
    declined = _apply(tenant, 4, station="", status="declined", reason="POL-BUR-OVERDUE-NOW", ended_at=NOW)
    _visit(declined, 1, "policy", "declined", "",
           result={"verdict": "decline", "lane_floor": "decline", "verdicts": []},
           reasons=[{"code": "POL-BUR-OVERDUE-NOW", "facts": {"overdue_now_cents": 123_000}}])  # fmt: skip
    lent = _apply(tenant, 5, station="early_warning", status="waiting", lane="A", money_at=NOW - timedelta(minutes=30))
    _lend(tenant, lent)
    held = _apply(tenant, 6, station="data_pull", status="held")
    tables.DeadLetter.objects.create(
        application=held, station="data_pull", why="bureau timed out", attempts=6, held_at=NOW
    )
    elsewhere = _apply(other, 7, station="policy", status="moving")
    run = tables.HistoryRun.objects.create(
        tenant=tenant, name="two years", started_at=NOW, finished_at=NOW, request={}, report=REPORT
    )
    return Floor(
        phone_item=_work(phone, "phone_check", "phone_officer", minutes=20),
        late_item=_work(late, "phone_check", "phone_officer", minutes=-12),
        site_item=_work(site, "site_visit", "field_investigator", minutes=90),
        review_item=_work(held, "review", "credit_officer", minutes=45, maker="li"),
        phone_case=phone.number, declined_case=declined.number, loan_case=lent.number, held_case=held.number,
        other_case=elsewhere.number, run=run.pk,
    )  # fmt: skip


REPORT = {
    "input": {"path": "loans.parquet", "until": "2016-01-01", "drawn_on": "2014-06-30", "rows_in_file": 20,
              "rows_taken": 10, "odd_rows": {"lender-unknown": 3}, "unknown": {"setting": 2}},
    "cases": {"total": 10, "by_status": {"declined": 4, "closed": 6}, "by_station": {"policy": 4, "collection": 6},
              "by_lane": {"A": 6, "declined": 4}, "by_reason": {"LAN-SCORE-LOW": 4}},
    "not_applicable": [{"station": "consent", "why": "LIN-ABSENT", "visits": 10}],
    "loans": {"paid": {"loans": 6, "principal_cents": 600, "open_cents": 0, "loss_cents": 0}},
    "accounts": {"assets:cash": {"ledger_cents": 100, "independent_cents": 99, "equal": False}},
    "accounts_equal": False, "none_lost_none_twice": True, "applications_a_second": 31.5,
    "declined": {"loans": 4, "charged_off": 1, "recorded_loss_cents": 50, "weighted_charged_off_share": 0.25,
                 "weighted_loss_cents": 50, "weighted_loss_share": 0.125},
}  # fmt: skip


def _restore_accounts() -> None:
    """The chart of accounts comes with the tables; a test that empties them takes it along."""
    if not tables.LedgerAccount.objects.exists():
        with connection.cursor() as cursor:
            cursor.execute(import_module("creditfactory.records.migrations.0002_guards").ACCOUNTS)


def _apply(tenant: tables.Tenant, place: int, **facts: Any) -> tables.Application:
    number = f"A-260312-{place:05d}"
    person = {"name": "李小明", "id_number": f"44030119800101{place:03d}X", "phone": f"1380000{place:04d}"}
    token, _ = records.seal_person(tenant=tenant, facts=person, at=NOW)
    application = tables.Application.objects.create(
        tenant=tenant, number=number, reference=f"REF-{place}", pack=tenant.pack, rulebook="ab" * 32,
        person_token=token, trade_name=f"恒通电子{place}", city="Shenzhen", industry="5212", channel="远航中介",
        amount_cents=26_000_000, currency="CNY", applied_at=NOW - timedelta(hours=2), applied_on=ON,
        received_at=NOW - timedelta(hours=2), entered_at=NOW - timedelta(minutes=5),
        **{"points": 641, "tier": "2", **facts},
    )  # fmt: skip
    body = {
        "pack": tenant.pack, "reference": f"REF-{place}", "applied_at": NOW.isoformat(),
        "request": {"amount_cents": 26_000_000, "currency": "CNY", "term_months": 36, "purpose": "stock"},
        "applicant": {"token": token, "role": "sole_trader"}, "business": {"trade_name": "恒通电子", "employees": 9},
        "channel": {"kind": "offline", "company": "远航中介"},
        "evidence": [
            {"kind": "bureau", "obtained_at": NOW.isoformat(), "has_record": True, "overdue_now_cents": 123_000}
        ],
    }  # fmt: skip
    tables.Dossier.objects.create(application=application, body=json.dumps(body, ensure_ascii=False))
    records.write_event(
        tenant=tenant.code,
        by="broker",
        action="application_submitted",
        object_kind="application",
        object_key=number,
        at=NOW,
    )
    return application


def _visit(application: tables.Application, sequence: int, station: str, outcome: str, following: str, *,
           result: dict[str, Any], reasons: list[dict[str, Any]] | None = None, lane: str = "") -> None:  # fmt: skip
    tables.Visit.objects.create(
        application=application, sequence=sequence, station=station, outcome=outcome, lane=lane, next_station=following,
        result=json.dumps(result), reasons=json.dumps(reasons or []), actor="machine",
        business_on=ON, rulebook="ab" * 32,
        entered_at=NOW, started_at=NOW, finished_at=NOW,
    )  # fmt: skip


def _visit_lane(application: tables.Application) -> None:
    part = {"label": "card_use_bps", "value": 7_583, "bin": "[7000, 8500)", "points": 11, "best_points": 42}
    card = {"card": "master", "version": "v001", "points": 641, "probability": 0.0412, "parts": [part], "reasons": []}
    _visit(application, 1, "scores", "done", "lane", result={"cards": {}, "master": card, "reasons": []})
    _visit(application, 2, "lane", "done", "online_check", lane="B", result={"tier": 2, "lane": "B", "reasons": []})


def _work(application: tables.Application, kind: str, role: str, *, minutes: int, maker: str = "") -> int:
    item = tables.WorkItem.objects.create(
        application=application, station="final_review" if kind == "review" else kind, kind=kind, role=role,
        maker=maker,
        brief=json.dumps({"trade_name": application.trade_name, "amount_cents": application.amount_cents}),
        reasons=json.dumps([{"code": "LAN-TIER", "facts": {"tier": 2, "points": 641}}]),
        opened_at=NOW, due_at=NOW + timedelta(minutes=minutes),
    )  # fmt: skip
    return int(item.pk)


def _lend(tenant: tables.Tenant, application: tables.Application) -> None:
    book = records.find_or_open_book(tenant_id=tenant.pk, code="bank", name="江南农商银行", kind="bank")
    terms = loan.Terms(
        principal_cents=26_000_000,
        annual_rate=Decimal("0.18"),
        instalments=36,
        method="equal_instalment",
        disbursed_on=ON,
    )
    schedule = loan.build_schedule(terms)
    number = application.number.replace("A-", "L-")
    records.book_loan(
        tenant_id=tenant.pk, book_id=book, application_id=application.pk,
        new=records.NewLoan(
            number=number, product="flow", city="Shenzhen", industry="5212", channel="=远航中介", lane="A",
            currency="CNY", principal_cents=26_000_000, annual_rate=Decimal("0.18"), method="equal_instalment",
            disbursed_on=ON,
            instalments=[(i.number, i.due_on, i.principal_cents, i.interest_cents) for i in schedule.instalments],
        ),
    )  # fmt: skip
    entries = (
        ledger.Entry("assets:loans:principal", 26_000_000, "CNY"),
        ledger.Entry("assets:cash", -26_000_000, "CNY"),
    )
    journal = ledger.Journal(key=f"{number}:out", on=ON, kind="disbursement", subject=number, entries=entries)
    records.post_journals(tenant_id=tenant.pk, book_ids=[book], journals=[journal], at=NOW)
