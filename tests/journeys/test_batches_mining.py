"""Indicator mining in a factory: found, kept, drafted for two persons, and blind to all that became known later."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from creditfactory import network, publishing, records
from creditfactory.batches import end_business_day
from creditfactory.batches.mining import ACTOR, gather_past, mine_network
from creditfactory.kernel import Refused
from creditfactory.records import reads, tables
from tests.walking import Line

NOW = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PEOPLE = 360

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> records.TenantRecord:
    """A factory in which every tenth applicant is of a ring: six a time on one device, all lent to and all bad."""
    line = Line()
    line.set_clock(NOW, NOW.date())
    publishing.adopt_shipped_pack(line.tenant, officers=("guo", "lin"))
    for number in range(PEOPLE):
        ring = number // 6
        in_ring = ring % 6 == 0
        at = NOW - 300 * DAY + number * 0.6 * DAY
        lay(line.tenant, number, f"ring-{ring}" if in_ring else f"own-{number}", at)
        if in_ring or number % 47 == 0:
            turn(line.tenant, number, at + 40 * DAY)
    return line.tenant


def lay(tenant: records.TenantRecord, number: int, device: str, at: datetime) -> None:
    made = tables.Application.objects.create(
        tenant_id=tenant.id, number=f"A-{number:05d}", reference=f"R-{number}", person_token=f"P-{number}",
        pack="cn-micro", amount_cents=100, currency="CNY", applied_at=at, applied_on=at.date(), received_at=at,
        entered_at=at, rulebook="ab" * 32, status="waiting", station="early_warning",
        money_at=at + timedelta(hours=2),
    )  # fmt: skip
    edges = [("person", f"P-{number}"), ("device", device), ("ip", f"ip-{number % 40}"), ("agent", f"a-{number % 9}")]
    records.add_edges(tenant_id=tenant.id, application_id=made.pk, edges=edges, at=at)


def turn(tenant: records.TenantRecord, number: int, at: datetime) -> None:
    application = tables.Application.objects.get(tenant_id=tenant.id, number=f"A-{number:05d}")
    records.add_outcome(tenant_id=tenant.id, application_id=application.pk, kind="charge_off", known_at=at)


def test_a_ring_becomes_a_draft_that_two_persons_sign(tenant: records.TenantRecord) -> None:
    """GRA-01: new patterns with lift and support, and a rule proposal for the rulebook that is never live by itself."""
    run = mine_network(tenant)
    best = run.patterns[0]
    assert best["lift"] > 3 and best["precision_low"] > 0.4 and best["new_bads"] >= 40 and best["chance"] < 0.05
    assert run.proposed == best["code"] and run.draft is not None
    assert records.list_mining_runs(tenant.code)[0]["patterns"][0] == json.loads(json.dumps(best))
    changed = publishing.compare_files(tenant, 1, run.draft)
    assert set(changed) >= {f"policy/network/{best['code']}.yaml", f"cases/{best['code']}.yaml", "reasons.yaml"}
    assert "network_view" in changed[f"policy/network/{best['code']}.yaml"]
    found = publishing.find_version(tenant, run.draft).row
    assert (found.status, found.authors) == ("draft", (ACTOR,))
    assert publishing.choose_champion(publishing.find_releases(tenant), NOW.date()).number == 1
    report = publishing.check_version(tenant, run.draft, by="guo", mutation=False)
    assert report["is_sound"] and report["cases_failed"] == 0, report["findings"]
    publishing.propose(tenant, run.draft, note="A ring found by mining.", by="guo")
    for maker in ("guo", ACTOR):
        with pytest.raises(Refused):
            publishing.approve(tenant, run.draft, by=maker)
    publishing.approve(tenant, run.draft, by="lin")
    assert publishing.choose_champion(publishing.find_releases(tenant), NOW.date()).number == 1


def test_what_was_proposed_once_is_not_drafted_every_night(tenant: records.TenantRecord) -> None:
    first = mine_network(tenant)
    second = mine_network(tenant)
    assert first.draft is not None and second.proposed != first.proposed
    assert second.patterns == first.patterns
    before = len(reads.list_versions(tenant.id, on=NOW.date()))
    assert mine_network(tenant, may_draft=False).draft is None
    assert len(reads.list_versions(tenant.id, on=NOW.date())) == before


def test_what_became_known_later_changes_nothing(tenant: records.TenantRecord) -> None:
    """GRA-01: every application is seen as of its own instant, and outcomes of tomorrow are not known today."""
    on = NOW.date() - 30 * DAY
    before = mine_network(tenant, on, may_draft=False)
    for number in range(0, PEOPLE, 3):
        turn(tenant, number, NOW - 10 * DAY)
        application = tables.Application.objects.get(tenant_id=tenant.id, number=f"A-{number:05d}")
        later = [("card", "one card for all"), ("device", "late device")]
        records.add_edges(tenant_id=tenant.id, application_id=application.pk, edges=later, at=NOW - 5 * DAY)
    assert mine_network(tenant, on, may_draft=False) == before
    assert mine_network(tenant, may_draft=False) != before


def test_the_young_the_declined_and_the_forgotten_are_left_out(tenant: records.TenantRecord) -> None:
    whole = gather_past(tenant, known_by=NOW, ripe_days=60)
    assert len(whole.at) == PEOPLE
    assert len(gather_past(tenant, known_by=NOW - 100 * DAY, ripe_days=60).at) < PEOPLE
    assert len(gather_past(tenant, known_by=NOW, ripe_days=250).at) < PEOPLE
    records.forget_edges(person_token="P-1", at=NOW)
    tables.Application.objects.filter(number="A-00009").update(
        status="declined", station="", ended_at=NOW, money_at=None
    )
    assert len(gather_past(tenant, known_by=NOW, ripe_days=60).at) == PEOPLE - 2
    turn(tenant, 9, NOW - DAY)
    past = gather_past(tenant, known_by=NOW, ripe_days=60)
    assert (len(past.at), int(past.is_stopped.sum())) == (PEOPLE - 1, 1)
    assert past.values.shape[1] == len(network.INDICATORS)


def test_a_day_that_has_not_come_is_refused_and_an_empty_past_finds_nothing(tenant: records.TenantRecord) -> None:
    with pytest.raises(Refused, match="has not come yet"):
        mine_network(tenant, date(2031, 1, 1))
    long_ago = mine_network(tenant, date(2020, 1, 1))
    assert (long_ago.applications, long_ago.patterns, long_ago.draft) == (0, (), None)


def test_the_end_of_a_day_asks_for_mining(tenant: records.TenantRecord) -> None:
    """GRA-01: every night, by a worker, after the day is closed."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    end_business_day(tenant.id)
    job = ProcrastinateJob.objects.filter(task_name="mine_network").latest("id")
    assert job.args == {"tenant_id": tenant.id, "on": NOW.date().isoformat()}
