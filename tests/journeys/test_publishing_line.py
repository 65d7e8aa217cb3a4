"""Rulebook versions at work on the line: which one governs, what a shadow says, and past decisions made again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from creditfactory import gateways, publishing, records, stations
from creditfactory.kernel import BadInput, Misconfigured
from creditfactory.records import reads, tables
from creditfactory.stations.shadowing import MachineAnswer
from tests.walking import SBA, Line, Walk, past_loans, world

pytestmark = pytest.mark.django_db

TIER = "tables/tier.csv"
MASTER = "cards/master/v001/card.json"
OVERDUE = "policy/bureau/overdue_months_24m_max.yaml"
needs_sba = pytest.mark.skipif(not SBA.exists(), reason=f"the public SBA file is not at {SBA}")


@pytest.fixture(autouse=True)
def without_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed pack need not agree with the examples of the shipped one."""
    from creditfactory.gateways import rulebook as packs

    plain = packs.pack_folder

    def pack(folder: str | Path) -> packs.Parcel:
        parcel = plain(folder)
        kept = {place: body for place, body in parcel.files.items() if not place.startswith("cases/")}
        return packs.build_parcel(parcel.pack, kept)

    monkeypatch.setattr(packs, "pack_folder", pack)


def open_line(pack: str = "cn-micro") -> Line:
    """A factory with the shipped rulebook in force, on a day before any of the market's people applies."""
    line = Line(pack)
    publishing.find_releases(line.tenant)
    line.set_clock(datetime(2026, 10, 1, 9, tzinfo=UTC))
    return line


def read(line: Line, place: str, number: int = 1) -> str:
    text = reads.read_version_file(line.tenant.id, number, place)
    assert text is not None
    return text


def approve(line: Line, changed: dict[str, str]) -> int:
    """A version with other texts in some places, all the way through by three persons, before anybody applies."""
    if line.tenant.pack == "cn-micro":
        line.set_clock(datetime(2026, 10, 1, 9, tzinfo=UTC))
    number = 1
    for place, text in changed.items():
        number = publishing.edit_draft(line.tenant, number, place, text, by="hu")
    report = publishing.check_version(line.tenant, number, by="hu", mutation=False)
    assert report["is_sound"], report["findings"]
    publishing.propose(line.tenant, number, note="A test of the line", by="guo")
    publishing.approve(line.tenant, number, by="lin")
    return number


def heavier(line: Line) -> dict[str, str]:
    """Every tier that people only looked up is visited, whatever the points."""
    rows = read(line, TIER).splitlines()
    head, *body = rows
    place = head.split(",").index("lane")
    cells = [row.split(",") for row in body]
    for row in cells:
        row[place] = {"A": "C", "B": "C"}.get(row[place], row[place])
    return {TIER: "\n".join([head, *(",".join(row) for row in cells)]) + "\n"}


def digest_of(line: Line, number: int) -> str:
    found = reads.read_version(line.tenant.id, number, on=date(2026, 3, 2))
    assert found is not None
    return found.row.digest


def test_the_version_of_the_application_date_governs_to_the_end() -> None:
    """A case keeps the version it was taken in under; the next one is taken in under the version of its day."""
    line = open_line()
    before = line.take_in(world(0))
    number = approve(line, heavier(line))
    publishing.schedule(line.tenant, number, by="guo")
    after = line.take_in(world(1))
    assert (before.state.rulebook, after.state.rulebook) == (digest_of(line, 1), digest_of(line, number))
    before.go(), after.go()
    told = {v.rulebook for v in tables.Visit.objects.filter(application_id=before.id)}
    assert told == {digest_of(line, 1)}, "no station of the first case saw the new version"
    lanes = tables.Visit.objects.filter(application_id=after.id, station="lane").values_list("lane", flat=True)
    assert set(lanes) <= {"C", ""}
    with pytest.raises(IntegrityError, match="keeps the rulebook"), transaction.atomic():
        tables.Application.objects.filter(id=before.id).update(rulebook=digest_of(line, number))


def test_a_version_from_a_later_day_waits_for_its_day() -> None:
    line = open_line()
    first = line.take_in(world(0)).state
    number = approve(line, heavier(line))
    publishing.schedule(line.tenant, number, by="guo", starts_on=first.applied_on + timedelta(days=1))
    assert line.take_in(world(1)).state.rulebook == digest_of(line, 1)
    later = first.applied_at + timedelta(days=2)
    assert line.take_in(world(2, **move_to(2, later))).state.rulebook == digest_of(line, number)


def move_to(who: int, at: datetime) -> dict[str, Any]:
    """What makes a person's dossier one of another instant."""
    return {"applied_at": at.isoformat(), "reference": f"moved-{who}"}


def test_today_switches_off_what_the_champion_of_today_stops() -> None:
    """FAC-01: a stop published today holds for a case in flight, whose rules are still those of its own day."""
    line = open_line()
    dossier = world(0)
    walk = line.take_in(dossier)
    company = dossier["channel"]["company"]
    text = read(line, "line.yaml").replace("channels: []", f"channels: [{json.dumps(company)}]")
    publishing.schedule(line.tenant, approve(line, {"line.yaml": text}), by="guo")
    walk.go()
    assert walk.where[0] == "declined" and walk.seen("channel_admission").codes == ("CHN-STOPPED",)
    assert walk.state.rulebook == digest_of(line, 1)


def test_a_dossier_of_another_pack_is_not_taken_in() -> None:
    line = open_line()
    with pytest.raises(BadInput, match="'cn-micro', which this factory works by"):
        line.take_in({**world(0), "pack": "us-sba"})
    assert not tables.Application.objects.exists()


def test_the_share_of_a_challenger_is_drawn_once_for_each_person() -> None:
    """POL-04: the stable hash gives the challenger its share to within chance, and the same person the same answer."""
    releases = (
        records.ReleaseRecord(1, 1, 1, "cn-micro", "a" * 64, "champion", 0, date(2026, 1, 1), None),
        records.ReleaseRecord(2, 2, 2, "cn-micro", "b" * 64, "challenger", 1_000, date(2026, 3, 1), date(2026, 4, 1)),
    )
    people = [f"person-{n}" for n in range(20_000)]
    drawn = [publishing.choose_release(releases, date(2026, 3, 15), p).number for p in people]
    assert drawn == [publishing.choose_release(releases, date(2026, 3, 20), p).number for p in people]
    share = drawn.count(2) / len(drawn)
    assert abs(share - 0.1) < 4 * (0.1 * 0.9 / len(people)) ** 0.5
    for day in (date(2026, 2, 28), date(2026, 4, 1)):
        assert {publishing.choose_release(releases, day, p).number for p in people[:500]} == {1}
    assert publishing.choose_release(releases, date(2025, 1, 1), "p").number == 1, "older than all: the first champion"


def test_champion_and_challenger_are_told_apart_in_their_results() -> None:
    line = open_line()
    number = approve(line, heavier(line))
    release = publishing.challenge(line.tenant, number, share_bps=5_000, by="guo")
    for who in range(24):
        line.run(world(who))
    [arms] = reads.compare_arms(line.tenant.id)
    assert arms.champion.applications + arms.challenger.applications == 24 and arms.challenger.applications > 0
    tokens = tables.Application.objects.filter(release_id=release).values_list("person_token", flat=True)
    assert all(publishing.draw_share(release, token) < 5_000 for token in tokens)
    assert arms.challenger.lanes["A"] == arms.challenger.lanes["B"] == 0, "the challenger visits whom it can"
    assert arms.challenger.numbers == (number,)


def test_a_shadow_decides_on_the_same_facts_and_touches_no_case() -> None:
    """DEC-04: what another version would have decided is kept beside the case, which goes on as if there were none."""
    line = open_line()
    alone = [line.run(world(who)) for who in range(6)]
    lanes = [walk.state.lane for walk in alone]
    number = approve(line, heavier(line))
    release = publishing.shadow(line.tenant, number, by="guo")
    watched = [line.run(world(who, reference=f"again-{who}")) for who in range(6)]
    decided = [walk for walk in watched if tables.Visit.objects.filter(application_id=walk.id, station="lane").exists()]
    assert decided, "at least one case came to a lane"
    for walk in watched:
        before = (walk.state.version, walk.state.visits_made)
        stations.run_shadows(walk.id)
        assert (walk.state.version, walk.state.visits_made) == before
        assert walk.state.rulebook == digest_of(line, 1)
    assert [walk.state.lane for walk in watched] == lanes
    report = reads.read_shadow_report(line.tenant.id, release)
    assert report is not None and report.errors == 0 and report.decided == tables.ShadowDecision.objects.count()
    light = [walk for walk in decided if walk.state.lane in ("A", "B")]
    assert report.different >= len(light) and sum(report.lanes.values()) == report.decided
    for walk in decided:
        own, kept = walk.seen("lane").result, tables.ShadowDecision.objects.get(application_id=walk.id)
        answer = gateways.load_value(MachineAnswer, kept.result)
        assert kept.own_lane == (own.lane if kept.own_verdict != "decline" else "decline")
        assert answer.lane in ("C", "decline") and (kept.lane, kept.amount_cents) == (answer.lane, answer.amount_cents)
        assert (
            stations.run_shadows(walk.id) == 1
            and tables.ShadowDecision.objects.filter(application_id=walk.id).count() == 1
        ), "asked twice, it is kept once"


def test_the_line_asks_for_a_shadow_in_the_same_breath_as_the_move() -> None:
    line = open_line()
    publishing.shadow(line.tenant, approve(line, heavier(line)), by="guo")
    walks = [line.run(world(who)) for who in range(8)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'application_id' FROM procrastinate_jobs WHERE task_name = 'shadow'")
        asked = {int(row[0]) for row in cursor.fetchall()}
    judged = tables.Visit.objects.filter(application_id__in=[w.id for w in walks]).filter(
        station="lane", outcome__in=("done", "declined")
    ) | tables.Visit.objects.filter(application_id__in=[w.id for w in walks], station="policy", outcome="declined")
    assert asked == set(judged.values_list("application_id", flat=True)) != set()


def test_a_shadow_that_fails_leaves_its_error_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    line = open_line()
    number = approve(line, heavier(line))
    release, bad = publishing.shadow(line.tenant, number, by="guo"), digest_of(line, number)
    walk = next(w for w in (line.run(world(who)) for who in range(9)) if w.state.lane)
    plain = publishing.load_rulebook

    def load(digest: str) -> Any:
        if digest == bad:
            raise Misconfigured("the shadow's files are gone")
        return plain(digest)

    monkeypatch.setattr(publishing, "load_rulebook", load)
    where = walk.where
    assert stations.run_shadows(walk.id) == 1
    assert walk.where == where
    report = reads.read_shadow_report(line.tenant.id, release)
    assert report is not None and (report.errors, report.decided) == (1, 0)
    assert "files are gone" in report.last_error


def test_tampered_files_never_decide() -> None:
    """A stored rulebook that does not read as what was signed is refused by its digest, and the case is held."""
    line = open_line()
    walk = line.take_in(world(0))
    digest = walk.state.rulebook
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rulebook_file DISABLE TRIGGER rulebook_file_is_append_only")
        cursor.execute(
            "UPDATE rulebook_file SET body = (SELECT body FROM rulebook_file ORDER BY length(body) DESC LIMIT 1)"
            " WHERE digest = (SELECT files->>'tables/tier.csv' FROM rulebook_version WHERE number = 1)"
        )
        cursor.execute("ALTER TABLE rulebook_file ENABLE TRIGGER rulebook_file_is_append_only")
    publishing.load_rulebook.cache_clear()  # type: ignore[attr-defined]
    with pytest.raises((Misconfigured, BadInput)):
        publishing.load_rulebook(digest)
    walk.go()
    assert walk.state.status == "held"


def replay_all() -> dict[str, Any]:
    return stations.sum_up(stations.replay_application(found) for found in records.each_decided())


def run_people(line: Line, people: range) -> list[Walk]:
    return [line.run(world(who, reference=f"replayed-{who}")) for who in people]


def test_past_decisions_are_made_again_across_a_change_of_rules() -> None:
    """Twenty-five people under one version, as many under another with other tiers: each replayed to the last bit."""
    line = open_line()
    run_people(line, range(25))
    changed = {**heavier(line), OVERDUE: read(line, OVERDUE).replace("2025-01-01: 5", "2025-01-01: 2")}
    publishing.schedule(line.tenant, approve(line, changed), by="guo")
    run_people(line, range(25, 50))
    publishing.load_rulebook.cache_clear()  # type: ignore[attr-defined]
    told = replay_all()
    assert told["replayed"] == told["same"] > 25 and told["different"] == told["not_kept"] == 0, told["first"]
    assert len(told["rulebooks"]) == 2 and told["other_engine"] == 0


def test_an_offer_is_made_again_from_the_terms_of_its_instant() -> None:
    """DEC-08: the funders' terms at that instant stand with the visit; what they ask for today changes nothing."""
    line = open_line()
    walks = [
        w
        for w in run_people(line, range(30))
        if tables.Visit.objects.filter(application_id=w.id, station="offer").exists()
    ]
    assert walks, "at least one machine offer among thirty"
    for funder in tables.Funder.objects.all():
        terms = json.loads(funder.terms)
        funder.terms = json.dumps({**terms, "cost_bps": terms["cost_bps"] + 150})
        funder.save()
    for walk in walks:
        replay = stations.replay_application(walk.id)
        assert (replay.status, replay.visits) == ("same", 4), replay.differences


def test_a_replay_says_where_it_differs_and_what_was_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    line = open_line()
    walk = next(w for w in run_people(line, range(20)) if w.state.lane)
    visit = tables.Visit.objects.get(application_id=walk.id, station="lane")
    kept = json.loads(visit.result)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE visit DISABLE TRIGGER visit_is_append_only")
        cursor.execute(
            "UPDATE visit SET result = %s, engine = '0' WHERE id = %s", [json.dumps({**kept, "tier": 77}), visit.id]
        )
        cursor.execute("ALTER TABLE visit ENABLE TRIGGER visit_is_append_only")
    replay = stations.replay_application(walk.id)
    assert replay.status == "different" and replay.engines == ("0",)
    assert ("lane", "result.tier", 77, kept["tier"]) in [
        (d.station, d.path, d.stored, d.now) for d in replay.differences
    ]
    told = stations.tell_replay(replay)
    assert told["decided_by_engine"] == ["0"] and told["differences"][0]["path"] == "result.tier"
    monkeypatch.setattr(publishing, "find_rulebook", lambda _: None)
    assert "no rulebook is kept" in stations.replay_application(walk.id).why


@pytest.fixture
def past() -> Line:
    line = Line("us-sba")
    publishing.find_releases(line.tenant)
    return line


@needs_sba
def test_real_past_loans_are_replayed_across_another_card(past: Line) -> None:
    """Two hundred real applications on both sides of a new tier table and a new card version, replayed exactly."""
    loans = past_loans(2006)
    for loan in loans[:100]:
        past.run(loan.dossier)
    files = reads.read_version(past.tenant.id, 1, on=date(2026, 1, 1))
    assert files is not None
    place = next(p for p in files.files if p.endswith("/card.json"))
    card, live = json.loads(read(past, place)), read(past, "live.toml")
    name, version = card["name"], card["version"]
    card["version"] = "v900"
    card["base_points"] = card.get("base_points", 0)
    first = card["characteristics"][0]
    for part in first["bins"]:
        part["points"] += 7
    folder = place.rsplit("/", 2)[0]
    entries = live.replace(f'name = "{name}"\nversion = "{version}"', f'name = "{name}"\nversion = "v900"')
    assert entries != live
    number = approve(past, {f"{folder}/v900/card.json": json.dumps(card), "live.toml": entries, **heavier(past)})
    publishing.schedule(past.tenant, number, by="guo")
    for loan in loans[100:200]:
        past.run(loan.dossier)
    told = replay_all()
    assert told["same"] == told["replayed"] > 150, told["first"][:3]
    assert len(told["rulebooks"]) == 2


def test_the_clock_of_a_new_case_is_utc() -> None:
    """The instant a decision is replayed at is the one it was made at."""
    line = open_line()
    walk = line.run(world(0))
    started = tables.Visit.objects.filter(application_id=walk.id).values_list("started_at", flat=True)
    assert all(at.tzinfo == UTC for at in started)
