"""Papers at the door of a case: read, sealed, put right by one, confirmed by another, brought to the dossier once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from creditfactory import records, stations
from creditfactory.application import BankStatement, PaperCheck
from creditfactory.kernel import Refused
from creditfactory.records import tables
from creditfactory.service.words import compile_words
from creditfactory.stations import segment
from creditfactory.stations.case import open_case
from creditfactory.stations.uploaded import bring_papers
from tests import papers as paper
from tests.floor import PASSWORD, Floor, lay_floor

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor(settings: object) -> Floor:
    compile_words()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    return lay_floor()


def sign_in(name: str, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    assert client.login(username=name, password=PASSWORD)
    return client


def hand_in(client: Client, number: str, content: bytes, name: str = "流水.csv", **more: str) -> str:
    answer = client.post(f"/cases/{number}/papers/", {"file": SimpleUploadedFile(name, content), **more}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def latest() -> tables.UploadedPaper:
    found = tables.UploadedPaper.objects.order_by("-id").first()
    assert found is not None
    return found


def test_a_sound_statement_is_read_sealed_and_counts_once(floor: Floor) -> None:
    """IDF-02: a paper is what the bank sent; its lines join the dossier where sources are weighed."""
    number, content = floor.phone_case, paper.write_statement(encoding="gb18030")
    page = hand_in(sign_in("ma"), number, content)
    assert "Read without a doubt" in page and "恒通电子商行" in page
    row = latest()
    assert row.status == "read" and row.paper == "bank_statement"
    assert content not in bytes(row.sealed) and "恒通".encode() not in bytes(row.reading)
    assert "handed in for this case before" in hand_in(sign_in("xu"), number, content)
    case = records.load_case(row.application_id)
    assert case is not None
    context = segment.read_context(open_case(case), records.read_clock(case.tenant_id))
    dossier = bring_papers(open_case(case), context).dossier
    statements = [e for e in dossier.evidence if isinstance(e, BankStatement)]
    assert len(statements) == 1 and statements[0].origin == "upload" and len(statements[0].on) == 24
    assert [e.digest for e in dossier.evidence if isinstance(e, PaperCheck)] == [row.digest]
    again = bring_papers(replace(open_case(case), dossier=dossier), context)
    assert again.dossier == dossier and not again.reasons, "what is in the dossier is not brought again"
    assert "恒通" not in case.dossier.replace("恒通电子", "") and "6222" not in json.dumps(case.heard)


def test_a_doubtful_reading_waits_for_two_people(floor: Floor) -> None:
    """IDF-02: whoever puts a reading right never confirms it, and it counts only then."""
    number = floor.phone_case
    lines = paper.lay_lines()
    broken = [*lines[:5], (*lines[5][:3], lines[5][3] + 900, lines[5][4]), *lines[6:]]
    assert "Read with doubts" in hand_in(sign_in("ma"), number, paper.write_csv(paper.lay_rows(broken)))
    row = latest()
    assert not tables.CallBack.objects.filter(key=f"paper:{row.pk}").exists()
    assert "PAP-CHAIN" in row.findings
    place = f"/cases/{number}/papers/{row.pk}/"
    corrector, checker = sign_in("sun"), sign_in("xu")
    answer = corrector.post(f"{place}correct/", {"line": "5", "field": "balance_cents", "value": "lots"}, follow=True)
    assert "expected a day or an amount" in answer.content.decode()
    corrector.post(
        f"{place}correct/", {"line": "5", "field": "balance_cents", "value": paper.yuan(lines[5][3])}, follow=True
    )
    row.refresh_from_db()
    assert row.status == "corrected" and row.corrected_by == "sun" and "PAP-CHAIN" not in row.findings
    assert json.loads(row.corrections)[0]["field"] == "balance_cents"
    for name in ("sun", "ma"):
        page = sign_in(name).post(f"{place}confirm/", follow=True).content.decode()
        assert "another pair of eyes" in page
    assert "Confirmed" in checker.post(f"{place}confirm/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.status == "confirmed"
    assert tables.CallBack.objects.filter(key=f"paper:{row.pk}").count() == 1
    assert "can no longer be changed" not in checker.get(place).content.decode()
    with pytest.raises(Refused):
        records.drop_paper(tenant="cn-micro", number=number, paper_id=row.pk, by="xu", at=row.uploaded_at)
    with pytest.raises(IntegrityError, match="corrector_never_confirms"), transaction.atomic():
        tables.UploadedPaper.objects.filter(pk=row.pk).update(confirmed_by="sun")


def test_what_cannot_be_read_is_kept_with_its_sentence_and_never_counts(floor: Floor) -> None:
    number = floor.phone_case
    page = hand_in(sign_in("ma"), number, b"MZ" + b"\x00" * 50, name="statement.xlsx")
    assert "could not be read" in page
    row = latest()
    assert row.status == "refused" and row.reading is None
    assert "a program" in sign_in("ma").get(f"/cases/{number}/papers/").content.decode()
    assert not tables.CallBack.objects.filter(key=f"paper:{row.pk}").exists()
    found = records.find_paper(application_id=row.application_id, paper_id=row.pk)
    assert found is not None
    with pytest.raises(Refused, match="nothing read"):
        stations.confirm_reading(found, by="xu")


def test_the_original_is_opened_with_a_reason_by_those_who_may_reveal(floor: Floor) -> None:
    number, content = floor.phone_case, paper.write_statement()
    hand_in(sign_in("ma"), number, content)
    place = f"/cases/{number}/papers/{latest().pk}/original/"
    assert sign_in("xu").post(place, {"why": "to look at it"}).status_code == 403
    client = sign_in("ma")
    assert "say why" in client.post(place, {"why": " "}, follow=True).content.decode()
    answer = client.post(place, {"why": "balance looks odd"})
    assert answer.content == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert tables.AuditEvent.objects.filter(action="paper_opened", object_key=number).count() == 1


def test_a_file_of_another_case_is_not_found_and_ended_cases_take_none(floor: Floor) -> None:
    hand_in(sign_in("ma"), floor.phone_case, paper.write_statement())
    row = latest()
    assert sign_in("ma").get(f"/cases/{floor.held_case}/papers/{row.pk}/").status_code == 404
    assert "has ended" in hand_in(sign_in("ma"), floor.declined_case, paper.write_statement())
    auditor = sign_in("song")
    assert auditor.get(f"/cases/{floor.phone_case}/papers/").status_code == 200
    assert auditor.post(f"/cases/{floor.phone_case}/papers/").status_code == 403
    assert auditor.get(f"/cases/{floor.phone_case}/papers/{row.pk}/").status_code == 403


def test_the_same_file_for_another_person_is_told(floor: Floor) -> None:
    """IDF-02: the same file under two names belongs to one of them at most."""
    content = paper.write_statement()
    hand_in(sign_in("ma"), floor.phone_case, content)
    hand_in(sign_in("ma"), floor.held_case, content)
    assert "PAP-SAME-FILE" in latest().findings


@pytest.mark.parametrize(("language", "word"), [("en", "What was found"), ("zh-hans", "逐笔明细")])
def test_a_paper_speaks_one_language(floor: Floor, language: str, word: str) -> None:
    client = sign_in("ma", language)
    hand_in(client, floor.phone_case, paper.write_csv(paper.lay_rows(paper.lay_lines())))
    page = client.get(f"/cases/{floor.phone_case}/papers/{latest().pk}/").content.decode()
    assert word in page and 'class="state"' in page
    if language == "zh-hans":
        matter = page.split("<main")[1]
        assert "no account number" not in matter and "Row " not in matter and "Balance" not in matter
