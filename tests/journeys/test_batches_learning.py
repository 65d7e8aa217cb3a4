"""Cards that learn in a factory: watched every night, refreshed when due, signed by people, taken back in one step."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from creditfactory import gateways, lab, publishing, records
from creditfactory.batches import end_business_day
from creditfactory.batches.card_recipe import describe_labels
from creditfactory.batches.learning import ACTOR, watch_cards
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import Refused
from creditfactory.labels import Labels
from creditfactory.records import reads, tables
from tests.walking import Line

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 11, 2, 9, tzinfo=UTC)
ASKED = ("age_years", "years_in_city", "mortgage_months_paid", "insurance_years_paid")
EFFECTS = {"age_years": -0.05, "years_in_city": -0.09, "mortgage_months_paid": -0.012, "insurance_years_paid": -0.15}
TURNED = {**EFFECTS, "years_in_city": 0.10}


@pytest.fixture(autouse=True)
def without_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped pack without its own examples: they speak of the shipped cards."""
    plain = packs.pack_folder

    def pack(folder: str | Path) -> packs.Parcel:
        parcel = plain(folder)
        kept = {place: body for place, body in parcel.files.items() if not place.startswith("cases/")}
        return packs.build_parcel(parcel.pack, kept)

    monkeypatch.setattr(packs, "pack_folder", pack)


def live(seed: int, rows: int, effects: Mapping[str, float]) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    asked = {
        "age_years": chance.integers(22, 60, rows), "years_in_city": chance.integers(0, 30, rows),
        "mortgage_months_paid": chance.integers(0, 120, rows), "insurance_years_paid": chance.integers(0, 12, rows),
    }  # fmt: skip
    odds = 2.6 + sum(effects[name] * asked[name] for name in ASKED)
    bad = chance.random(rows) < 1 / (1 + np.exp(-odds))
    days = [date(2026, 1, 1) + timedelta(days=int(d)) for d in chance.integers(0, 150, rows)]
    return pl.DataFrame({**asked, "bad": bad.astype(int), "day": days})


@pytest.fixture
def tenant() -> records.TenantRecord:
    """A factory whose applicant card was learnt from data and signed by two."""
    line = Line()
    line.set_clock(datetime(2026, 6, 1, 9, tzinfo=UTC), date(2026, 6, 1))
    publishing.adopt_shipped_pack(line.tenant, officers=("guo", "lin"))
    plan = lab.CardPlan(
        target="bad", name="application", version="v101", method="divergence", time="day", holdout_share=0,
        known_by=date(2026, 6, 1), features=describe_labels(ASKED, reasons=dict.fromkeys(ASKED, "SCO-POINTS-LOST")),
    )  # fmt: skip
    live_cards = reads.read_version_file(line.tenant.id, 1, "live.toml")
    shipped, own = (
        f'name = "application"\nversion = "{v}"\nfrom = {d}'
        for v, d in (("v002", "2026-12-01"), ("v101", "2026-06-01"))
    )
    assert shipped in str(live_cards)
    edited = {"live.toml": str(live_cards).replace(shipped, own).encode()}
    with tempfile.TemporaryDirectory() as folder:
        lab.write_card(lab.build_card(live(1, 4_000, EFFECTS), plan), Path(folder))
        edited |= {f"cards/application/v101/{file.name}": file.read_bytes() for file in Path(folder).iterdir()}
    number = publishing.edit_files(line.tenant, 1, edited, by="hu", title="A card learnt from data")
    report = publishing.check_version(line.tenant, number, by="hu", mutation=False)
    assert report["is_sound"], report["findings"]
    publishing.propose(line.tenant, number, note="The first card from data", by="hu")
    publishing.approve(line.tenant, number, by="lin")
    publishing.schedule(line.tenant, number, by="guo")
    line.set_clock(NOW, NOW.date())
    return line.tenant


def lend(tenant: records.TenantRecord, frame: pl.DataFrame, first: int, start: date) -> None:
    """Loans whose labels are these and whose outcome is known half a year later."""
    made, visits, outcomes = [], [], []
    for place, row in enumerate(frame.iter_rows(named=True)):
        at = datetime.combine(start + timedelta(days=place * 100 // frame.height), datetime.min.time(), UTC)
        made.append(tables.Application(
            id=first + place, tenant_id=tenant.id, number=f"A-{first + place}", reference=f"R-{first + place}",
            person_token=f"P-{first + place}", pack="cn-micro", amount_cents=100, currency="CNY", applied_at=at,
            applied_on=at.date(), received_at=at, entered_at=at, rulebook="ab" * 32, status="waiting",
            station="early_warning", lane="AB"[place % 2], money_at=at + timedelta(hours=2),
        ))  # fmt: skip
        facts: dict[str, Any] = {name: row[name] for name in ASKED}
        text = gateways.dump_value(Labels(pack="cn-micro", as_of=at, facts=facts))
        visits.append(tables.Visit(
            application_id=first + place, sequence=1, station="labels", outcome="done", next_station="policy",
            reasons="[]", actor="machine", result=text, business_on=at.date(), rulebook="ab" * 32,
            entered_at=at, started_at=at, finished_at=at,
        ))  # fmt: skip
        if row["bad"]:
            known = at + timedelta(days=120)
            outcomes.append(
                tables.KnownOutcome(tenant_id=tenant.id, application_id=first + place, kind="late_90", known_at=known)
            )
    tables.Application.objects.bulk_create(made)
    tables.Visit.objects.bulk_create(visits)
    tables.KnownOutcome.objects.bulk_create(outcomes)


def the_world_turns(tenant: records.TenantRecord) -> None:
    """First loans as the card knows them; then loans to people of whom one question means the opposite."""
    lend(tenant, live(2, 500, EFFECTS), 10_000, date(2026, 9, 1))
    lend(tenant, live(3, 700, TURNED), 20_000, date(2027, 1, 20))


def check_that_each_outcome_is_counted_once(tenant: records.TenantRecord, number: int, fresh: int) -> None:
    """The refreshed card holds the sums of old and new together, and remembers up to which day it has counted."""
    files = records.read_stored_rulebook(publishing.find_version(tenant, number).row.id).files
    with packs.unpacked("cn-micro", files) as folder:
        before, after = (lab.read_parent(folder / "cards" / "application" / v) for v in ("v101", "v102"))
    assert (before.plan.known_by, after.plan.known_by) == (date(2026, 6, 1), date(2027, 10, 20))
    rows = [sum(sum(counts.moments.rows) for counts in one.months.values()) for one in (before, after)]
    assert rows == [4_000, 4_000 + fresh]


def test_a_card_is_watched_explained_refreshed_signed_shadowed_put_to_work_and_taken_back(
    tenant: records.TenantRecord,
) -> None:
    """LAB-03: one night finds what changed; people sign; shadow, then champion; one step takes it back."""
    the_world_turns(tenant)
    day = date(2027, 10, 30)
    lend(tenant, live(4, 50, TURNED), 30_000, date(2027, 10, 1))  # not mature: nobody knows yet
    run = watch_cards(tenant, date(2027, 10, 20))
    assert run.verdicts["application"] == "change"
    seen = reads.list_card_watch(tenant.id, "application")[0]
    assert (seen.version, seen.verdict, seen.on) == ("v101", "change", date(2027, 10, 20))
    named = [one["label"] for one in seen.figures["explanation"]["characteristics"]]
    assert named[0] == "years_in_city" and seen.figures["explanation"]["words"]["zh"]
    assert seen.rows < 700, "the window ends with what is known by that day"
    number = run.drafts["application"]
    tried = reads.list_card_refreshes(tenant.id)[0]
    assert (tried.draft, tried.passed, tried.why, tried.status) == (number, True, "proposed", "proposed")
    assert tried.rows < 1_200 and all(gate["passed"] in (True, None) for gate in tried.gates)
    check_that_each_outcome_is_counted_once(tenant, number, tried.rows)
    assert publishing.choose_champion(publishing.find_releases(tenant), day).number == 2, "nothing installs itself"
    assert watch_cards(tenant, date(2027, 10, 21)).drafts == {}, "one proposal at a time"
    with pytest.raises(Refused, match="second person"):
        publishing.approve(tenant, number, by=ACTOR)
    publishing.approve(tenant, number, by="lin")
    shadow = publishing.shadow(tenant, number, by="guo")
    assert publishing.list_shadows(publishing.find_releases(tenant), NOW.date())[0].number == number
    publishing.stop(tenant, shadow, by="guo")
    publishing.schedule(tenant, number, by="guo")
    book = publishing.load_rulebook(publishing.find_version(tenant, number).row.digest).at(NOW.date())
    assert book.cards["application"].version == "v102"
    assert publishing.choose_champion(publishing.find_releases(tenant), NOW.date()).number == number
    after = watch_cards(tenant, NOW.date(), may_draft=False)
    assert after.number == number
    better = reads.list_card_watch(tenant.id, "application")[0]
    assert better.version == "v102" and better.on == NOW.date()
    assert better.figures["auc"]["now"]["value"] > seen.figures["auc"]["now"]["value"] + 0.05
    publishing.roll_back(tenant, by="guo", approved_by="lin", note="as a trial")
    assert publishing.choose_champion(publishing.find_releases(tenant), NOW.date()).number == 2


def test_a_world_that_stays_the_same_opens_no_proposal(tenant: records.TenantRecord) -> None:
    """LAB-03: a refresh that is not worth it is kept with its gates, and proposed to nobody."""
    lend(tenant, live(22, 500, EFFECTS), 10_000, date(2026, 9, 1))
    lend(tenant, live(25, 800, EFFECTS), 20_000, date(2027, 1, 20))
    run = watch_cards(tenant, date(2027, 10, 20))
    assert run.verdicts["application"] in ("sound", "noise") and run.drafts == {}
    [tried] = reads.list_card_refreshes(tenant.id)
    assert not tried.passed and "worth" in tried.why and tried.draft is None and len(tried.gates) == 9
    watch_cards(tenant, date(2027, 10, 22))
    assert len(reads.list_card_refreshes(tenant.id)) == 1, "and not tried again within the month"


def test_what_became_known_later_changes_nothing_and_a_day_to_come_is_refused(tenant: records.TenantRecord) -> None:
    the_world_turns(tenant)
    on = date(2027, 6, 15)
    watch_cards(tenant, on, may_draft=False)
    before = reads.list_card_watch(tenant.id)[0]
    for key in range(20_000, 20_200):
        records.add_outcome(
            tenant_id=tenant.id, application_id=key, kind="charge_off", known_at=NOW - timedelta(days=3)
        )
    watch_cards(tenant, on, may_draft=False)
    assert reads.list_card_watch(tenant.id)[0] == before
    with pytest.raises(Refused, match="has not come yet"):
        watch_cards(tenant, date(2031, 1, 1))


def test_the_end_of_a_day_asks_for_watching(tenant: records.TenantRecord) -> None:
    """LAB-03: every night, by a worker, after the day is closed."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    end_business_day(tenant.id)
    job = ProcrastinateJob.objects.filter(task_name="watch_cards").latest("id")
    assert job.args == {"tenant_id": tenant.id, "on": NOW.date().isoformat()}
