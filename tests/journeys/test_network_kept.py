"""The index beside its tables: late commits, what was taken back, the forgotten, outcomes when they became known."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from creditfactory import network, records
from creditfactory.kernel import Refused
from creditfactory.records import surroundings, tables
from creditfactory.records.actions.intake import NewApplication
from creditfactory.records.reads import read_ties
from tests.floor import _lend, _restore_accounts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> records.TenantRecord:
    return records.open_tenant(
        code=f"net-{tables.Tenant.objects.count()}", name="Net", pack="cn-micro", now=NOW, business_on=NOW.date(),
        speed=0, by="test",
    )  # fmt: skip


def tie(tenant: records.TenantRecord, application: int, *edges: tuple[str, str], at: datetime = NOW) -> None:
    records.add_edges(tenant_id=tenant.id, application_id=application, edges=edges, at=at)


def look(tenant: records.TenantRecord, application: int, at: datetime = NOW + DAY) -> network.NetworkView:
    return records.look_around(tenant_id=tenant.id, application_id=application, at=at)


def other_connection() -> psycopg.Connection[Any]:
    return psycopg.connect(**{k: v for k, v in connection.get_connection_params().items()
                              if k in ("host", "user", "dbname", "port", "password")})  # fmt: skip


def test_a_tie_that_commits_late_is_not_missed(tenant: records.TenantRecord) -> None:
    """GRA-01: a writer that began first and ended last is read when it has ended."""
    slow = other_connection()
    slow.execute(
        "INSERT INTO edge (tenant_id, kind, entity, key, application_id, seen_at)"
        " VALUES (%s, 'device', 'd', %s, 1, %s)",
        [tenant.id, network.find_key("device", "d"), NOW],
    )
    tie(tenant, 2, ("device", "d"))
    tie(tenant, 3, ("device", "d"))
    assert look(tenant, 3).device_others == 1
    tie(tenant, 4, ("device", "d"))
    assert look(tenant, 3).device_others == 2
    slow.commit()
    slow.close()
    assert look(tenant, 3).device_others == 3
    assert look(tenant, 3).values["network__device__others__1d"] == 3


def test_what_was_taken_back_leaves_no_trace(tenant: records.TenantRecord) -> None:
    tie(tenant, 1, ("phone", "p"))
    with transaction.atomic():
        tie(tenant, 2, ("phone", "p"))
        assert look(tenant, 1).phone_others == 1
        transaction.set_rollback(True)
    assert look(tenant, 1).phone_others == 0


def test_factories_do_not_see_each_other(tenant: records.TenantRecord) -> None:
    other = records.open_tenant(
        code="net-other", name="Other", pack="cn-micro", now=NOW, business_on=NOW.date(), speed=0, by="test"
    )
    tie(tenant, 1, ("card", "c"))
    tie(other, 2, ("card", "c"))
    assert (look(tenant, 1).card_others, look(other, 2).card_others) == (0, 0)


def test_said_twice_is_one_and_read_again_is_the_same(tenant: records.TenantRecord) -> None:
    for _ in range(3):
        tie(tenant, 1, ("ip", "i"), ("device", "d"))
        tie(tenant, 2, ("ip", "i"))
        assert look(tenant, 2).ip_others_30d == 1
    with records.open_index(tenant.id) as index:
        kept = index.look(2, network.to_instant(NOW + DAY))[0].tolist()
    surroundings._kept.clear()
    with records.open_index(tenant.id) as index:
        assert index.look(2, network.to_instant(NOW + DAY))[0].tolist() == kept


def test_rows_from_another_servers_backup_are_old_rows(tenant: records.TenantRecord) -> None:
    tie(tenant, 1, ("device", "d"))
    tie(tenant, 2, ("device", "d"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE edge SET written_in = '99999999999' WHERE tenant_id = %s", [tenant.id])
        assert look(tenant, 2).device_others == 1
        cursor.execute("SELECT count(*) FROM edge WHERE tenant_id = %s AND written_in > '3'", [tenant.id])
        assert cursor.fetchone() == (0,)


def take_in(
    tenant: records.TenantRecord, number: int, *edges: tuple[str, str], person: str = "", at: datetime = NOW
) -> int:
    new = NewApplication(
        reference=f"R-{number}", pack="cn-micro", rulebook="ab" * 32, dossier="{}",
        person_token=person or f"P-{number}", amount_cents=100, currency="CNY", applied_at=at, applied_on=at.date(),
        edges=(("person", person or f"P-{number}"), *edges),
    )  # fmt: skip
    return records.submit_application(
        tenant=tenant, new=new, first_station="channel_admission", received_at=at, by="test", start=False
    ).application_id


def test_the_case_page_and_the_index_tell_the_same(tenant: records.TenantRecord) -> None:
    """GRA-01: today's labels mean what the listed neighbours say, as of any instant."""
    ids = [
        take_in(tenant, n, ("device", f"d{n % 2}"), ("ip", "i"), ("phone", f"p{n % 3}"), ("agent", f"a{n % 2}"),
                person="P-twice" if n in (3, 7) else "", at=NOW + n * 9 * DAY)
        for n in range(9)
    ]  # fmt: skip
    records.add_outcome(tenant_id=tenant.id, application_id=ids[1], kind="charge_off", known_at=NOW + 50 * DAY)
    records.add_outcome(tenant_id=tenant.id, application_id=ids[5], kind="fraud", known_at=NOW + 45 * DAY + HOUR)
    names = ("device_others", "ip_others_30d", "phone_others", "card_others", "address_others", "agent_others_30d",
             "agent_bads", "strong_tie_bads")  # fmt: skip
    for place, application in enumerate(ids):
        for at in (NOW + place * 9 * DAY, NOW + 50 * DAY, NOW + 90 * DAY):
            listed = network.look_around(records.load_neighbours(application_id=application, at=at), as_of=at)
            counted = look(tenant, application, at)
            assert {n: getattr(counted, n) for n in names} == {n: getattr(listed, n) for n in names}, (place, at)
    assert look(tenant, ids[7], NOW + 70 * DAY).own_applications_90d == 1
    shown = {ties.kind: (ties.others, ties.bads) for ties in read_ties(ids[7], at=NOW + 70 * DAY)}
    assert shown["device"] == (2, 2) and shown["agent"] == (2, 2)


def test_an_erased_person_is_out_of_the_network_and_stays_out(tenant: records.TenantRecord) -> None:
    first = take_in(tenant, 1, ("device", "d"), person="P-gone")
    second = take_in(tenant, 2, ("device", "d"))
    records.add_outcome(tenant_id=tenant.id, application_id=first, kind="fraud", known_at=NOW)
    assert look(tenant, second).strong_tie_bads == 1
    assert records.forget_edges(person_token="P-gone", at=NOW + HOUR) == 1
    assert look(tenant, second).device_others == 0
    records.add_edges(tenant_id=tenant.id, application_id=first, edges=[("device", "d")], at=NOW + HOUR)
    assert look(tenant, second).device_others == 0
    assert tables.Edge.objects.filter(application_id=first).count() == 0
    assert records.forget_edges(person_token="P-gone", at=NOW + HOUR) == 0
    surroundings._kept.clear()
    assert look(tenant, second).device_others == 0


def test_erasing_a_person_takes_key_and_ties_together(tenant: records.TenantRecord) -> None:
    facts = {"name": "李小明", "id_number": "11010519491231002X", "phone": "13800000000"}
    token, _ = records.seal_person(tenant=tenant, facts=facts, at=NOW)
    take_in(tenant, 1, ("device", "d"), person=token)
    second = take_in(tenant, 2, ("device", "d"))
    assert look(tenant, second).device_others == 1
    told = {"tenant": tenant.code, "token": token, "why": "asked for it", "by": "liang", "at": NOW + HOUR}
    assert records.erase_person(**told) and not records.erase_person(**told)
    assert look(tenant, second).device_others == 0
    with pytest.raises(Refused):
        records.open_person(token)
    event = tables.AuditEvent.objects.get(action="person_erased")
    assert (event.actor, event.detail["applications"]) == ("liang", 1)


def test_outcomes_enter_when_they_became_known(tenant: records.TenantRecord) -> None:
    """GRA-01: a charge-off, 90 days late and a first payment default colour what is decided after, nothing before."""
    ids = [take_in(tenant, n, ("device", "d")) for n in range(4)]
    _restore_accounts()
    home = tables.Tenant.objects.get(id=tenant.id)
    loans = []
    for application in tables.Application.objects.filter(id__in=ids[:3]).order_by("id"):
        _lend(home, application)
        loans.append(tables.Loan.objects.get(application=application))
    due = tables.Instalment.objects.filter(loan=loans[0]).order_by("due_on").first()
    assert due is not None
    seen: list[tuple[int, list[str]]] = []
    for days, which in ((29, 1), (30, 1), (89, 1), (90, 0)):
        on = due.due_on + timedelta(days=days)
        records.save_ages(ages=[(loans[which].pk, days)], on=on, at=datetime(on.year, on.month, on.day, tzinfo=UTC))
        kinds = list(
            tables.KnownOutcome.objects.filter(tenant_id=tenant.id).order_by("id").values_list("kind", flat=True)
        )
        seen.append((days, kinds))
    assert seen == [
        (29, []), (30, ["first_payment_default"]), (89, ["first_payment_default"]),
        (90, ["first_payment_default", "late_90", "first_payment_default"]),
    ]  # fmt: skip
    later = date(2027, 3, 1)
    records.save_ages(ages=[(loans[2].pk, 40)], on=later, at=NOW)
    assert tables.KnownOutcome.objects.filter(application_id=ids[2]).count() == 0
    known = datetime(due.due_on.year, due.due_on.month, due.due_on.day, tzinfo=UTC) + timedelta(days=30)
    assert look(tenant, ids[3], known - HOUR).strong_tie_bads == 0
    assert look(tenant, ids[3], known).strong_tie_bads == 1
    assert look(tenant, ids[3], known + 60 * DAY).strong_tie_bads == 2
    assert look(tenant, ids[3], known).values["network__proximity__nearest_bad__all"] == 1


def test_whom_the_front_gate_refused_is_known_from_then_on(tenant: records.TenantRecord) -> None:
    records.save_line_moves(moves=__import__("creditfactory.stations", fromlist=["x"]).draw_moves())
    application = take_in(tenant, 1, ("phone", "p"))
    second = take_in(tenant, 2, ("phone", "p"))
    tables.Application.objects.filter(id=application).update(station="front_gate")
    case = records.load_case(application)
    assert case is not None
    records.save_move(case=case, move=records.Move(
        station="front_gate", outcome="declined", next_station="", status="declined", lane="", visit_lane="",
        result=json.dumps({}), reasons="[]", first_reason="GTE-HEADLESS", actor="machine", business_on=NOW.date(),
        rulebook="ab" * 32, started_at=NOW + HOUR, finished_at=NOW + HOUR,
    ))  # fmt: skip
    assert look(tenant, second, NOW + HOUR - timedelta(microseconds=1)).strong_tie_bads == 0
    assert look(tenant, second, NOW + HOUR).strong_tie_bads == 1
    assert look(tenant, second, NOW + HOUR).values["network__hop1__frauds__all"] == 1


def test_what_a_person_told_is_a_tie_by_its_blind_token_only(tenant: records.TenantRecord) -> None:
    """The same address written in two ways ties two strangers; no table says which address that is."""
    for number, address in ((1, "上步路 12号 3栋"), (2, "上步路１２号3栋")):
        tokens = records.list_tokens({"phone": f"1380000000{number}", "address": address})
        assert set(tokens) == {"phone", "address"}
        take_in(tenant, number, *tokens.items(), ("company", "远航商贸|武汉"))
    ids = tables.Application.objects.filter(tenant_id=tenant.id).order_by("id").values_list("id", flat=True)
    seen = look(tenant, ids[1])
    assert (seen.address_others, seen.phone_others, seen.values["network__company__others__all"]) == (1, 0, 1)
    assert not [e for e in tables.Edge.objects.values_list("entity", flat=True) if "上步路" in e or "远航" in e]


def test_evidence_that_comes_later_is_known_later(tenant: records.TenantRecord) -> None:
    first = take_in(tenant, 1, ("card", "c"))
    second = take_in(tenant, 2)
    tie(tenant, second, ("card", "c"), at=NOW + 5 * DAY)
    assert look(tenant, second, NOW + 4 * DAY).card_others == 0
    assert look(tenant, second, NOW + 5 * DAY).card_others == 1
    assert look(tenant, first, NOW + 5 * DAY).card_others == 0
    assert look(tenant, first, NOW + 5 * DAY + HOUR).card_others == 1
