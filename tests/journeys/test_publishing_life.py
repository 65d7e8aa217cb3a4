"""A rulebook's life on PostgreSQL: two persons at every gate, content that stays, a database that says no itself."""

from __future__ import annotations

import hashlib
import shutil
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from creditfactory import publishing, records
from creditfactory.gateways import rulebook as packs
from creditfactory.kernel import BadInput, Refused, Stale, UnknownName
from creditfactory.records import reads, tables
from creditfactory.records.rulebooks import open_body
from tests.walking import ROOT, Line, together

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 2)
TIER = "tables/tier.csv"
OVERDUE = "policy/bureau/overdue_months_24m_max.yaml"


@pytest.fixture(autouse=True)
def without_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped pack without its own examples: what they say of its content is shown elsewhere."""
    plain = packs.pack_folder

    def pack(folder: str | Path) -> packs.Parcel:
        parcel = plain(folder)
        kept = {place: body for place, body in parcel.files.items() if not place.startswith("cases/")}
        return packs.build_parcel(parcel.pack, kept)

    monkeypatch.setattr(packs, "pack_folder", pack)


@pytest.fixture
def tenant() -> records.TenantRecord:
    """A factory that works by the shipped rulebook."""
    line = Line()
    line.set_clock(datetime(2026, 3, 2, 9, tzinfo=UTC), TODAY)
    publishing.adopt_shipped_pack(line.tenant, officers=("guo", "lin"))
    return line.tenant


def text_of(tenant: records.TenantRecord, number: int, place: str) -> str:
    text = reads.read_version_file(tenant.id, number, place)
    assert text is not None
    return text


def stricter(tenant: records.TenantRecord, *, by: str = "hu", allowed: int = 4) -> int:
    """A draft that allows fewer months overdue."""
    text = text_of(tenant, 1, OVERDUE).replace("2025-01-01: 5", f"2025-01-01: {allowed}")
    return publishing.edit_draft(tenant, 1, OVERDUE, text, by=by, title="Fewer months overdue")


def approved(tenant: records.TenantRecord, *, allowed: int = 4) -> int:
    """A version that hu wrote, guo proposed and lin approved."""
    number = stricter(tenant, allowed=allowed)
    assert publishing.check_version(tenant, number, by="hu", mutation=False)["is_sound"]
    publishing.propose(tenant, number, note="Losses of last year", by="guo")
    publishing.approve(tenant, number, by="lin")
    return number


def row(tenant: records.TenantRecord, number: int, on: date = TODAY) -> reads.VersionRow:
    found = reads.read_version(tenant.id, number, on=on)
    assert found is not None
    return found.row


def test_a_factory_begins_with_the_shipped_pack_signed_by_two(tenant: records.TenantRecord) -> None:
    first = row(tenant, 1)
    assert (first.standing, first.proposed_by, first.decided_by) == ("live", "guo", "lin")
    assert first.live_from == TODAY
    assert publishing.load_rulebook(first.digest).digest == first.digest
    assert not publishing.adopt_shipped_pack(tenant), "what lies on disk does not change a factory that has a rulebook"
    now = reads.read_rulebook_now(tenant.id, on=TODAY)
    assert now.champion is not None and now.champion.number == 1 and now.before is None


def test_every_step_of_a_life_is_somebodys_and_on_record(tenant: records.TenantRecord) -> None:
    """POL-04: draft, checked, proposed, approved by another, scheduled, live; each step on record with its actor."""
    number = approved(tenant)
    found = row(tenant, number)
    assert (found.authors, found.checked_by, found.proposed_by, found.decided_by) == (("hu",), "hu", "guo", "lin")
    assert found.standing == "approved"
    publishing.schedule(tenant, number, by="guo", starts_on=date(2026, 7, 1))
    assert row(tenant, number).standing == "scheduled" and row(tenant, 1).standing == "live"
    assert row(tenant, number, date(2026, 7, 1)).standing == "live"
    assert row(tenant, 1, date(2026, 7, 1)).standing == "retired"
    told = tables.AuditEvent.objects.filter(object_kind="rulebook", object_key=str(number)).order_by("id")
    assert [(e.actor, e.action) for e in told] == [
        ("hu", "rulebook_drafted"), ("hu", "rulebook_checked"), ("guo", "rulebook_proposed"),
        ("lin", "rulebook_approved"), ("guo", "rulebook_scheduled"),
    ]  # fmt: skip


def test_files_come_out_as_they_went_in(tenant: records.TenantRecord) -> None:
    for path in sorted((ROOT / "rulebook" / "cn-micro").rglob("*.csv")):
        place = path.relative_to(ROOT / "rulebook" / "cn-micro").as_posix()
        if place.startswith("series/"):
            continue  # observations, which come out again and again; no version holds them
        assert text_of(tenant, 1, place).encode() == path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    found = reads.read_version(tenant.id, 1, on=TODAY)
    assert found is not None and "../reasons.yaml" in found.files, "the reasons shared by all packs are kept as well"


def test_only_a_sound_version_can_be_proposed(tenant: records.TenantRecord) -> None:
    number = publishing.edit_draft(tenant, 1, TIER, text_of(tenant, 1, TIER).replace("< 560,6", "< 570,6"), by="hu")
    with pytest.raises(Refused, match="not been checked"):
        publishing.propose(tenant, number, note="?", by="hu")
    report = publishing.check_version(tenant, number, by="hu", mutation=False)
    assert not report["is_sound"] and any(TIER in finding["place"] for finding in report["findings"])
    with pytest.raises(Refused, match="found faults"):
        publishing.propose(tenant, number, note="?", by="hu")
    assert row(tenant, number).is_sound is False
    with pytest.raises(IntegrityError, match=r"checked_before_it_is_proposed|cannot become"), transaction.atomic():
        tables.RulebookVersion.objects.filter(number=number).update(
            status="proposed", proposed_by="hu", proposed_at=row(tenant, 1).created_at
        )


def test_an_edit_undoes_the_check_and_never_overwrites_a_colleague(tenant: records.TenantRecord) -> None:
    number = stricter(tenant)
    seen = row(tenant, number).revision
    publishing.check_version(tenant, number, by="hu", mutation=False)
    assert row(tenant, number).status == "checked"
    with pytest.raises(Stale, match="somebody else"):
        publishing.edit_draft(tenant, number, TIER, text_of(tenant, 1, TIER) + "\n", by="gao", revision=seen)
    assert publishing.edit_draft(tenant, number, OVERDUE, text_of(tenant, 1, OVERDUE) + "# said\n", by="gao") == number
    after = row(tenant, number)
    assert (after.status, after.authors, after.is_sound) == ("draft", ("hu", "gao"), None)


@pytest.mark.parametrize("who", ["hu", "guo", " GUO "])
def test_nobody_approves_what_he_wrote_or_proposed(tenant: records.TenantRecord, who: str) -> None:
    number = stricter(tenant)
    publishing.check_version(tenant, number, by="hu", mutation=False)
    publishing.propose(tenant, number, note="Losses of last year", by="guo")
    with pytest.raises(Refused, match="second person"):
        publishing.approve(tenant, number, by=who)
    assert not row(tenant, number).may_be_approved_by(who.strip())
    with pytest.raises(IntegrityError, match="rulebook_approver_is_a_second_person"), transaction.atomic():
        tables.RulebookVersion.objects.filter(number=number).update(
            status="approved", decided_by=who, decided_at=row(tenant, 1).created_at
        )
    assert row(tenant, number).status == "proposed"


WRITES: dict[str, Callable[[int], object]] = {
    "other content": lambda n: tables.RulebookVersion.objects.filter(number=n).update(digest="0" * 64),
    "other files": lambda n: tables.RulebookVersion.objects.filter(number=n).update(files={}),
    "back to draft": lambda n: tables.RulebookVersion.objects.filter(number=n).update(status="draft"),
    "back to proposed": lambda n: tables.RulebookVersion.objects.filter(number=n).update(status="proposed"),
    "another approver": lambda n: tables.RulebookVersion.objects.filter(number=n).update(decided_by="x"),
    "another author": lambda n: tables.RulebookVersion.objects.filter(number=n).update(authors=["x"]),
    "another number": lambda n: tables.RulebookVersion.objects.filter(number=n).update(number=99),
    "removed": lambda n: tables.RulebookVersion.objects.filter(number=n).delete(),
    "a file changed": lambda _: tables.RulebookFile.objects.update(body=b"x"),
    "a file removed": lambda _: tables.RulebookFile.objects.all().delete(),
}


@pytest.mark.parametrize("write", WRITES)
def test_the_database_keeps_an_approved_version_as_it_is(tenant: records.TenantRecord, write: str) -> None:
    number = approved(tenant)
    before = row(tenant, number)
    with pytest.raises(Exception, match=r"refused|never changes|protected|keeps its"), transaction.atomic():
        WRITES[write](number)
    assert row(tenant, number) == before


def test_content_stays_once_it_is_proposed(tenant: records.TenantRecord) -> None:
    number = stricter(tenant)
    publishing.check_version(tenant, number, by="hu", mutation=False)
    publishing.propose(tenant, number, note="Losses of last year", by="guo")
    with pytest.raises(IntegrityError, match="content stays"), transaction.atomic():
        tables.RulebookVersion.objects.filter(number=number).update(digest="0" * 64)
    another = publishing.edit_draft(tenant, number, OVERDUE, text_of(tenant, number, OVERDUE) + "# more\n", by="hu")
    assert another == number + 1 and row(tenant, another).parent_number == number, "an edit begins a new draft"


def test_a_rejection_says_why_and_ends_it(tenant: records.TenantRecord) -> None:
    number = stricter(tenant)
    publishing.check_version(tenant, number, by="hu", mutation=False)
    publishing.propose(tenant, number, note="Losses of last year", by="guo")
    with pytest.raises(Refused, match="why"):
        publishing.reject(tenant, number, reason=" ", by="lin")
    publishing.reject(tenant, number, reason="Two more months of data first", by="lin")
    assert row(tenant, number).standing == "rejected"
    with pytest.raises(Stale, match="rejected by lin"):
        publishing.approve(tenant, number, by="lin")
    with pytest.raises(Refused, match="approved can be put to work"):
        publishing.schedule(tenant, number, by="guo")


def test_a_release_is_of_an_approved_version_by_two_persons(tenant: records.TenantRecord) -> None:
    """Nothing reaches the line on one person's word, by whatever program."""
    draft, at = stricter(tenant), row(tenant, 1).created_at
    facts = {"tenant_id": tenant.id, "role": "champion", "starts_on": TODAY, "by": "guo", "at": at}
    with pytest.raises(IntegrityError, match="only an approved rulebook"), transaction.atomic():
        tables.RulebookRelease.objects.create(version_id=row(tenant, draft).id, **facts)
    with pytest.raises(IntegrityError, match="rulebook_release_takes_two_persons"), transaction.atomic():
        tables.RulebookRelease.objects.create(version_id=row(tenant, 1).id, approved_by="Guo ", approved_at=at, **facts)
    release = tables.RulebookRelease.objects.get(version__number=1)
    with pytest.raises(IntegrityError, match="stays as it was made"), transaction.atomic():
        tables.RulebookRelease.objects.filter(id=release.id).update(starts_on=date(2020, 1, 1))


def test_a_version_governs_from_today_or_later(tenant: records.TenantRecord) -> None:
    number = approved(tenant)
    with pytest.raises(Refused, match="what was decided before stands"):
        publishing.schedule(tenant, number, by="guo", starts_on=TODAY - timedelta(days=1))
    publishing.schedule(tenant, number, by="guo")
    assert row(tenant, number).standing == "live"
    with pytest.raises(Refused, match="governs on 2026-03-02 already"):
        publishing.schedule(tenant, number, by="guo")


def test_what_is_scheduled_can_be_called_off_and_what_governs_cannot(tenant: records.TenantRecord) -> None:
    number = approved(tenant)
    release = publishing.schedule(tenant, number, by="guo", starts_on=date(2026, 4, 1))
    publishing.stop(tenant, release, by="guo")
    assert row(tenant, number, date(2026, 4, 1)).standing == "approved"
    assert row(tenant, 1, date(2026, 4, 1)).standing == "live"
    with pytest.raises(Refused, match="never without rules"):
        publishing.retire(tenant, 1, by="guo")


def test_a_roll_back_takes_two_persons(tenant: records.TenantRecord) -> None:
    with pytest.raises(Refused, match="no earlier champion"):
        publishing.ask_roll_back(tenant, by="guo")
    number = approved(tenant)
    publishing.schedule(tenant, number, by="guo")
    asked = publishing.ask_roll_back(tenant, by="chen", note="declines doubled")
    inbox = reads.list_awaiting(tenant.id, on=TODAY)
    assert [(r.id, r.number, r.by) for r in inbox.releases] == [(asked, 1, "chen")]
    assert row(tenant, number).standing == "live", "asked is not yet done"
    with pytest.raises(Refused, match="second person"):
        publishing.confirm(tenant, asked, by="Chen")
    publishing.confirm(tenant, asked, by="lin")
    assert (row(tenant, number).standing, row(tenant, 1).standing) == ("retired", "live")
    assert publishing.roll_back(tenant, by="chen", approved_by="lin")
    assert row(tenant, number).standing == "live", "rolled back again, the version before is the newer one"


def test_one_challenger_at_a_time_for_a_share(tenant: records.TenantRecord) -> None:
    number = approved(tenant)
    for share in (0, 10_000, -5):
        with pytest.raises(Refused, match="basis points"):
            publishing.challenge(tenant, number, share_bps=share, by="guo")
    with pytest.raises(Refused, match="nothing to compare"):
        publishing.challenge(tenant, 1, share_bps=1000, by="hu")
    publishing.challenge(tenant, number, share_bps=1000, by="guo")
    assert row(tenant, number).standing == "challenger"
    with pytest.raises(Refused, match="is the challenger"):
        publishing.challenge(tenant, approved(tenant, allowed=3), share_bps=1000, by="guo")
    publishing.schedule(tenant, number, by="guo", starts_on=date(2026, 3, 9))
    now = reads.read_rulebook_now(tenant.id, on=date(2026, 3, 9))
    assert now.champion is not None and now.champion.number == number and now.challenger is None


def test_what_was_imported_is_a_draft_and_imported_once(tenant: records.TenantRecord, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rulebook", tmp_path / "rulebook")
    folder = tmp_path / "rulebook" / "cn-micro"
    with pytest.raises(Refused, match="file by file"):
        publishing.import_rulebook(tenant, folder, by="hu")
    (folder / OVERDUE).write_text((folder / OVERDUE).read_text("utf-8").replace("2025-01-01: 5", "2025-01-01: 3"))
    number = publishing.import_rulebook(tenant, folder, by="hu", title="From disk")
    found = row(tenant, number)
    assert (found.standing, found.parent_number, found.title) == ("draft", 1, "From disk")
    assert list(publishing.compare_files(tenant, 1, number)) == [OVERDUE]
    assert "+  2025-01-01: 3" in publishing.compare_files(tenant, 1, number)[OVERDUE]
    with pytest.raises(Refused, match="works by 'cn-micro'"):
        publishing.import_rulebook(tenant, ROOT / "rulebook" / "us-sba", by="hu")
    with pytest.raises(BadInput, match=r"pack\.yaml"):
        publishing.import_rulebook(tenant, tmp_path, by="hu")


@pytest.mark.parametrize(
    "place",
    ["../reasons.yaml", "/etc/passwd", "policy/../../x.yaml", "policy/x.py", "rulebook.lock", "", "tables/a b.csv"],
)
def test_an_edit_stays_inside_the_pack(tenant: records.TenantRecord, place: str) -> None:
    with pytest.raises(BadInput, match="pack"):
        publishing.edit_draft(tenant, 1, place, "x", by="hu")
    assert len(reads.list_versions(tenant.id, on=TODAY)) == 1, "nothing half-done"


def test_names_that_are_not_there_are_said(tenant: records.TenantRecord) -> None:
    with pytest.raises(UnknownName, match="a version of factory cn-micro: 1"):
        publishing.approve(tenant, 7, by="lin")
    with pytest.raises(Refused, match="no such release"):
        publishing.stop(tenant, 4711, by="lin")
    with pytest.raises(Refused, match="Say who"):
        publishing.edit_draft(tenant, 1, TIER, "x", by=" ")


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_are_one() -> None:
    line = Line()
    line.set_clock(datetime(2026, 3, 2, 9, tzinfo=UTC), TODAY)
    publishing.find_releases(line.tenant)
    number = stricter(line.tenant)
    publishing.check_version(line.tenant, number, by="hu", mutation=False)
    publishing.propose(line.tenant, number, note="Losses of last year", by="guo")
    ended = together(lambda place: publishing.approve(line.tenant, number, by=("lin", "he")[place]), 2)
    assert sorted(type(e).__name__ for e in ended) == ["NoneType", "Stale"], ended
    assert tables.AuditEvent.objects.filter(action="rulebook_approved", object_key=str(number)).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_first_version_is_put_in_once_by_however_many() -> None:
    line = Line()
    ended = together(lambda _: publishing.find_releases(line.tenant), 4)
    assert all(isinstance(e, tuple) and len(e) == 1 for e in ended), ended
    assert tables.RulebookVersion.objects.count() == 1


def test_the_connection_is_the_databases_own() -> None:
    """The guards above are the server's: they hold for whoever writes, and the test role has no way around them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'rulebook_%%' AND tgenabled = 'O' AND NOT tgisinternal"
        )
        assert cursor.fetchone()[0] >= 6


@pytest.mark.parametrize("body", [b"x", b"", zlib.compress(b"another file"), None])
def test_a_stored_file_that_is_damaged_or_gone_is_named(body: bytes | None) -> None:
    """The place, what was found, and what to do; never a trace of a library."""
    whole = b"a rule"
    digest = hashlib.sha256(whole).hexdigest()
    assert open_body(OVERDUE, digest, zlib.compress(whole)) == whole
    with pytest.raises(BadInput, match="backup") as caught:
        open_body(OVERDUE, digest, body)
    assert caught.value.place == OVERDUE
