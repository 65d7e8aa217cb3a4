"""What no program may do to the line, its history and its ledger, however it is written: the database refuses.

Shows FAC-01 (no station by-passed), FUN-05 and INS-05's ground (every cent once, nothing changed afterwards).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from creditfactory import ledger, records, stations
from creditfactory.kernel import Stale
from creditfactory.records import tables
from tests.walking import Line, Walk, together, world

HONEST, BETWEEN = 0, 4
ON = date(2026, 10, 22)
ONE_AT_A_TIME = pytest.mark.django_db
MANY_AT_ONCE = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> Line:
    return Line()


def build_move(case: records.CaseRecord, **changed: Any) -> records.Move:
    """A lawful move from the case's station, or one changed."""
    following, status = stations.follow(case.station, "done", case.lane)
    move = records.Move(
        station=case.station, outcome="done", next_station=following, status=status, lane=case.lane,
        visit_lane=case.lane, result="{}", reasons="[]", first_reason="", actor="test", business_on=case.applied_on,
        rulebook="0" * 64, started_at=case.applied_at, finished_at=case.applied_at,
    )  # fmt: skip
    return replace(move, **changed)


@ONE_AT_A_TIME
def test_a_move_on_old_knowledge_is_refused_and_leaves_no_visit(line: Line) -> None:
    walk = line.take_in(world(HONEST))
    old = records.load_case(walk.id)
    assert old is not None
    records.save_move(case=old, move=build_move(old))
    with pytest.raises(Stale, match="moved on by somebody else"):
        records.save_move(case=old, move=build_move(old))
    with pytest.raises(Stale):
        records.save_waiting(case=old, waits_for="nothing", due_at=None)
    with pytest.raises(Stale):
        records.hold_application(case=old, why="old", attempts=1, at=old.applied_at)
    assert tables.Visit.objects.filter(application_id=walk.id).count() == 1


@ONE_AT_A_TIME
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"next_station": "offer"}, id="to a later station"),
        pytest.param({"next_station": ""}, id="out of the line"),
        pytest.param({"outcome": "approved"}, id="by an outcome nobody knows"),
        pytest.param({"lane": "A", "visit_lane": "A"}, id="in a lane before lanes are chosen"),
    ],
)
def test_a_move_outside_the_lines_table_is_refused_by_the_database(line: Line, changed: dict[str, Any]) -> None:
    """FAC-01: no station is by-passed, whatever program writes."""
    walk = line.take_in(world(HONEST))
    case = records.load_case(walk.id)
    assert case is not None
    ends = {"status": "closed"} if changed.get("next_station") == "" else {}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="visit_follows_the_line"), transaction.atomic():
        records.save_move(case=case, move=build_move(case, **changed, **ends))
    assert walk.where == ("moving", "channel_admission", "")


def pay_out(line: Line) -> Walk:
    """A loan booked by hand: promised payments, a journal, a repayment."""
    walk = line.run(world(BETWEEN))
    book = records.find_or_open_book(tenant_id=line.tenant.id, code="bank", name="bank", kind="bank")
    loan_id = records.book_loan(
        tenant_id=line.tenant.id, book_id=book, application_id=walk.id,
        new=records.NewLoan(
            number="L-1", product="flow", city="", industry="", channel="", lane="B", currency="CNY",
            principal_cents=100, annual_rate=0, method="equal_instalment", disbursed_on=walk.now.date(),
            instalments=[(1, walk.now.date(), 100, 0)],
        ),
    )  # fmt: skip
    row = records.NewRepayment(
        loan_id=loan_id, key="L-1:1", on=walk.now.date(), kind="test", principal_cents=40, interest_cents=0,
        penalty_cents=0, journal=build_journal("one", 40, -40),
    )  # fmt: skip
    assert records.save_repayments(tenant_id=line.tenant.id, book_ids=[book], rows=[row], at=walk.now) == 1
    return walk


def build_journal(key: str, *cents: int) -> ledger.Journal:
    """A journal of principal against cash, as a program that does not check might write it."""
    accounts = ("assets:cash", "assets:loans:principal")
    entries = tuple(ledger.Entry(account, amount) for account, amount in zip(accounts, cents, strict=False))
    return ledger.Journal(key=key, on=ON, kind="test", subject="L-1", entries=entries)


@ONE_AT_A_TIME
@pytest.mark.parametrize("table", ["visit", "journal", "entry", "audit_event", "instalment", "repayment"])
@pytest.mark.parametrize("act", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_what_is_written_stays_written(line: Line, table: str, act: str) -> None:
    pay_out(line)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] > 0
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL creditfactory.allow_truncate = 'off'")
    refused = pytest.raises(IntegrityError, match="is only ever added to")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table))


@MANY_AT_ONCE
@pytest.mark.parametrize(
    ("cents", "words"),
    [
        ((100, -99), "does not balance: CNY 1 left over"),
        ((100,), "has 1 entries, at least 2 expected"),
        ((), "has 0 entries, at least 2 expected"),
    ],
)
def test_a_journal_that_does_not_balance_is_refused_at_commit(line: Line, cents: tuple[int, ...], words: str) -> None:
    walk = pay_out(line)
    book = tables.Book.objects.get(code="bank").pk
    seen: list[bool] = []

    @transaction.atomic
    def post() -> None:
        journals = [build_journal("bad", *cents)]
        records.post_journals(tenant_id=line.tenant.id, book_ids=[book], journals=journals, at=walk.now)
        seen.append(tables.Journal.objects.filter(key="bad").exists())

    with pytest.raises(IntegrityError, match=words):
        post()
    assert seen == [True], "refused at the commit, not before"
    assert not tables.Journal.objects.filter(key="bad").exists()


@MANY_AT_ONCE
def test_an_entry_that_comes_after_its_journals_transaction_is_refused(line: Line) -> None:
    pay_out(line)
    journal = tables.Journal.objects.get(key="one")
    with pytest.raises(IntegrityError, match="only be added in the transaction that posts its journal"):
        tables.Entry.objects.bulk_create(
            [tables.Entry(journal=journal, account_id="assets:cash", currency="CNY", cents=c) for c in (5, -5)]
        )
    assert tables.Entry.objects.count() == 2


@MANY_AT_ONCE
def test_the_last_two_payments_of_a_loan_come_at_once_and_it_ends_paid(line: Line) -> None:
    walk = pay_out(line)
    booked = together(
        lambda n: stations.book_repayment(
            line.tenant.id, "L-1", receipt=f"last-{n}", cents=30, on=walk.now.date(), at=walk.now
        ),
        2,
    )
    assert booked == [True, True]
    kept = walk.loan
    assert (kept.status, kept.open_cents, kept.paid_cents) == ("paid", 0, 100)
