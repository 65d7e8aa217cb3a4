"""The borrower's own door without a script: every step, every wrong answer, and what comes of a session at the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from creditfactory import records, stations
from creditfactory.application import DeviceSession, find_evidence
from creditfactory.records import tables
from creditfactory.stations.case import open_case
from tests.apply_door import FACTS, FIRM, JPEG, NOW, ON, make_number, open_door
from tests.walking import Line, open_town, use_addresses, world

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("town")) as path:
        yield path


@pytest.fixture
def line(town: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    from creditfactory.service.words import compile_words

    compile_words()
    use_addresses(monkeypatch, town)
    line = Line()
    open_door(line)
    return line


def faults(answer: Any) -> list[str]:
    """What the page says is wrong."""
    return re.findall(r'class="(?:error|note[^"]*)"[^>]*>([^<]+)', answer.content.decode())


class Borrower:
    """Somebody at the door with a browser that runs no scripts."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(**headers)
        self.person: dict[str, str] = {}
        self.client.get("/apply/")
        self.link = self.client.post("/apply/begin/").headers["Location"].split("/")[2]

    def at(self, step: str) -> str:
        return f"/apply/{self.link}/{step}/"

    @property
    def nonce(self) -> str:
        found = records.find_session(link=self.link)
        assert found is not None
        return found.nonce

    def send(self, step: str, answers: dict[str, Any], **more: Any) -> Any:
        return self.client.post(self.at(step), {"nonce": self.nonce, **answers, **more})

    def consent(self, face: str = "person") -> Any:
        ticks = {f"consent_{k}": "yes" for k in ("privacy", "bureau", "automated_decision", "third_party")}
        return self.send("consents", {**ticks, "face": face})

    def hand_papers(self) -> Any:
        names = ("id_card_front", "id_card_back", "licence")
        files = {n: SimpleUploadedFile(f"{n}.jpg", JPEG + n.encode(), "image/jpeg") for n in names}
        typed = {
            "name": FACTS["name"],
            "id_number": self.person.get("id_number", FACTS["id_number"]),
            "firm": FACTS["firm"],
            "opened_on": "",
            "licence_number": "",
        }
        return self.send("papers", {**typed, **files})

    def apply(self, **more: Any) -> tables.Application:
        for answer in (
            self.send("facts", {**FACTS, **self.person}, **more),
            self.consent(),
            self.hand_papers(),
            self.send("camera", {}),
            self.send("firm", FIRM),
            self.send("offer", {}),
        ):
            assert answer.status_code == 302, faults(answer)
        return tables.Application.objects.get(applysession__link_index=records.blind_index("apply_link", self.link))


def test_a_borrower_without_scripts_comes_through_and_a_person_looks(line: Line) -> None:
    """IDF-01, IDF-03: what the page could not measure is unknown, and unknown goes to a person before any query."""
    application = Borrower().apply()
    stations.run_segment(application.pk)
    application.refresh_from_db()
    assert (application.status, application.waits_for) == ("waiting", "work:gate_review")
    asked = set(tables.Question.objects.filter(application=application).values_list("party", flat=True))
    assert asked == {"identity"}, "nobody is paid before the gate has passed"
    dossier = open_case(records.load_case(application.pk)).dossier
    device = find_evidence(dossier, DeviceSession)
    assert device is not None and device.behaviour is None and device.is_trap_filled is False
    assert {c.kind for c in dossier.consents} == {"privacy", "bureau", "automated_decision", "third_party"}
    assert dossier.channel.kind == "direct" and [e.paper for e in dossier.evidence if e.kind == "paper"]


def test_no_query_is_ever_paid_for_whom_the_gate_rejects(line: Line) -> None:
    """IDF-01: of applications that the gate rejects, no bureau and no other source is ever asked."""
    trapped, listed = Borrower(), Borrower()
    listed.person = {"id_number": make_number(1), "phone": "13900000001"}
    entry = records.NewListEntry("own_fraud", "device", find_device(listed), "exact", ON)
    records.save_list_entries(tenant=line.tenant, entries=[entry], by="test")
    ends = {}
    for name, borrower, more in (("trap", trapped, {"website": "x"}), ("device on the list", listed, {})):
        application = borrower.apply(**more)
        stations.run_segment(application.pk)
        application.refresh_from_db()
        asked = tables.Question.objects.filter(application=application).values_list("party", flat=True)
        ends[name] = (application.status, application.reason, list(asked))
    assert ends == {
        "trap": ("declined", "GTE-TRAP", []), "device on the list": ("declined", "GTE-DEVICE-LISTED", [])
    }  # fmt: skip


def find_device(borrower: Borrower) -> str:
    found = records.find_session(link=borrower.link)
    assert found is not None
    return found.device


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("step", "name", "typed"),
    [
        ("facts", "name", ""),
        ("facts", "name", "7"),
        ("facts", "name", "张" * 200),
        ("facts", "name", "<b>张伟</b>"),
        ("facts", "id_number", "123"),
        ("facts", "id_number", "440303198001010070"),
        ("facts", "id_number", "4403031980X1010073"),
        ("facts", "id_number", "99030319800101007X"),
        ("facts", "id_number", "440303209901010076"),
        ("facts", "phone", "12345678901"),
        ("facts", "phone", "1380013800"),
        ("facts", "phone", "电话"),
        ("facts", "firm", ""),
        ("facts", "firm", "店" * 161),
        ("facts", "firm_city", "atlantis"),
        ("facts", "firm_city", ""),
        ("firm", "role", "king"),
        ("firm", "industry", ""),
        ("firm", "opened_on", "soon"),
        ("firm", "opened_on", "2999-01-01"),
        ("firm", "opened_on", "0001-01-01"),
        ("firm", "employees", "-3"),
        ("firm", "employees", "10001"),
        ("firm", "employees", "²"),
        ("firm", "sales_year", "a lot"),
        ("firm", "sales_year", "9" * 40),
        ("firm", "home_city", "x"),
        ("firm", "years_in_city", "101"),
        ("firm", "owns_home", "maybe"),
        ("firm", "education", "wizard"),
        ("firm", "income_month", "-5"),
        ("firm", "amount", "0"),
        ("firm", "amount", "1e6"),
        ("firm", "term", "7"),
        ("firm", "purpose", "gambling"),
    ],
)
def test_each_field_says_what_it_found_and_keeps_what_was_typed(
    line: Line, step: str, name: str, typed: str, language: str
) -> None:
    borrower = Borrower(headers={"Accept-Language": language})
    whole = {"facts": FACTS, "firm": FIRM}[step]
    if step == "firm":
        tables.ApplySession.objects.update(step="firm")
    answer = borrower.send(step, {**whole, name: typed})
    page = answer.content.decode()
    assert answer.status_code == 422, name
    assert len(re.findall(r'class="error"', page)) == 1, faults(answer)
    assert f'id="e_{name}"' in page
    chinese = re.search(r"[一-鿿]", re.sub(r"张伟|“[^”]*”", "", faults(answer)[1]))
    assert bool(chinese) is (language == "zh-hans"), faults(answer)
    again = borrower.client.get(borrower.at(step)).content.decode()
    other = next(n for n in whole if n != name and n not in ("firm_city", "role", "industry"))
    assert whole[other] in again, "the other answers are kept although one does not fit"


def test_what_is_typed_is_kept_and_found_again_on_the_device_it_was_begun_on(line: Line) -> None:
    first = Borrower()
    kept = first.client.post(
        first.at("keep"), {"step": "facts", "name": "李娜", "phone": "139 0013-9000", "website": "x"}
    )
    assert kept.json() == {"kept": True}
    assert first.client.get(f"/apply/{first.link}/").headers["Location"] == first.at("facts")
    page = first.client.get(first.at("facts")).content.decode()
    assert "李娜" in page and "13900139000" in page
    assert Client().get(f"/apply/{'0' * 32}/").status_code == 404
    sealed = tables.ApplySession.objects.get()
    assert "李娜".encode() not in bytes(sealed.sealed) and first.link.encode() not in bytes(sealed.link_index)


@pytest.mark.parametrize(("language", "words"), [("en", "Is it you?"), ("zh-hans", "是您本人吗？")])
def test_on_another_device_the_link_shows_nothing_before_phone_and_number_fit(
    line: Line, language: str, words: str
) -> None:
    """IDF-03: whoever finds the link learns nothing and changes nothing; after five wrong answers nobody does."""
    first = Borrower()
    assert first.send("facts", FACTS).status_code == 302
    elsewhere = Client(headers={"Accept-Language": language})
    door = first.at("back")
    for answer in (
        elsewhere.get(f"/apply/{first.link}/"), elsewhere.get(first.at("facts")), elsewhere.get(first.at("status")),
        elsewhere.post(first.at("keep"), {"step": "facts", "name": "X"}), elsewhere.post(first.at("wish"), {}),
    ):  # fmt: skip
        assert (answer.status_code, answer.headers["Location"]) == (302, door)
    page = elsewhere.get(door).content.decode()
    assert words in page and not any(value in page for value in FACTS.values() if len(value) > 3)
    wrong = {"phone": "0000", "id_number": FACTS["id_number"][-4:]}
    assert elsewhere.post(door, wrong).status_code == 422
    right = {"phone": FACTS["phone"][-4:], "id_number": FACTS["id_number"][-4:].lower()}
    assert elsewhere.post(door, right).headers["Location"] == f"/apply/{first.link}/"
    assert FACTS["name"] in elsewhere.get(first.at("facts")).content.decode()
    stranger = Client()
    assert [stranger.post(door, wrong).status_code for _ in range(5)] == [422] * 4 + [429]
    assert stranger.post(door, right).status_code == 429, "the right answer comes too late as well"
    assert first.client.get(first.at("facts")).status_code == 200, "where it was begun it stays open"


def test_a_step_sent_twice_or_out_of_turn_changes_nothing_and_loses_nothing(line: Line) -> None:
    """IDF-03: a nonce is good for one step; a recording of it is refused."""
    borrower = Borrower()
    nonce = borrower.nonce
    assert borrower.send("facts", FACTS).status_code == 302
    again = borrower.client.post(borrower.at("facts"), {**FACTS, "nonce": nonce, "phone": "13900000000"})
    assert again.status_code == 409 and "13900000000" in again.content.decode()
    assert borrower.client.get(borrower.at("offer")).headers["Location"] == borrower.at("consents")
    assert tables.ApplySession.objects.get().refused == 1


def test_each_permission_stands_by_itself_and_the_camera_is_a_choice(line: Line) -> None:
    """PIPL: no box is ticked beforehand, none stands for another, and the way without the camera is open."""
    borrower = Borrower()
    borrower.send("facts", FACTS)
    page = borrower.client.get(borrower.at("consents")).content.decode()
    assert " checked" not in page
    ticks = {f"consent_{k}": "yes" for k in ("privacy", "bureau", "automated_decision")}
    answer = borrower.send("consents", {**ticks, "face": "camera"})
    assert answer.status_code == 422 and len(faults(answer)) == 2
    assert tables.Person.objects.count() == 0, "nobody is put into the vault without consent"
    filmed = borrower.client.post(borrower.at("challenge"))
    assert filmed.status_code == 409
    assert borrower.consent("person").status_code == 302
    assert borrower.client.post(borrower.at("challenge")).status_code == 409, "no face without its own permission"
    assert tables.Person.objects.count() == 1


def test_a_file_that_is_no_photograph_and_one_too_large_are_refused_kindly(line: Line) -> None:
    borrower = Borrower()
    borrower.send("facts", FACTS)
    early = borrower.client.post(borrower.at("paper/licence"), {"picture": SimpleUploadedFile("a.jpg", JPEG)})
    assert early.status_code == 409
    borrower.consent()
    for content, name in ((b"%PDF-1.7", "a.pdf"), (b"", "b.jpg"), (b"\xff\xd8\xff" + b"0" * 8_000_001, "c.jpg")):
        sent = borrower.client.post(borrower.at("paper/licence"), {"picture": SimpleUploadedFile(name, content)})
        assert sent.status_code == 422 and sent.json()["words"], name
    assert borrower.client.post(borrower.at("paper/passport"), {}).status_code == 404
    assert tables.KeptPaper.objects.count() == 0


def test_photographs_sent_without_end_cost_nothing_more(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """IDF-03: a program that sends one paper after another has a dozen of them read, and then none taken."""
    from creditfactory.consoles.apply import pictures

    asked: list[str] = []
    monkeypatch.setattr(pictures.asking, "read_paper", lambda *told, **more: asked.append(told[1]))
    borrower = Borrower()
    borrower.send("facts", FACTS)
    borrower.consent()
    place = borrower.at("paper/id_card_front")
    told = [
        borrower.client.post(place, {"picture": SimpleUploadedFile("a.jpg", JPEG + bytes([n, 0, n]))}).status_code
        for n in range(pictures.PAPERS_TAKEN_MAX + 2)
    ]
    assert told == [200] * pictures.PAPERS_TAKEN_MAX + [429, 429]
    assert len(asked) == pictures.PAPERS_READ_MAX


def test_pictures_are_sealed_shown_to_few_noted_and_gone_in_time(line: Line) -> None:
    """Who may see a picture; each look is an event; erasing the person, or the end of its days, takes it away."""
    from creditfactory.batches import end_business_day
    from creditfactory.records.actions.people import create_demo_users

    application = Borrower().apply()
    paper = tables.KeptPaper.objects.filter(kind="licence").get()
    assert JPEG not in bytes(paper.sealed)
    create_demo_users(tenant=line.tenant.code, password="a long one for tests")
    address = f"/cases/{application.number}/pictures/{paper.pk}/"
    officer, clerk = Client(), Client()
    assert officer.login(username="huang", password="a long one for tests")
    assert clerk.login(username="xu", password="a long one for tests")
    assert clerk.get(address).status_code == 403
    shown = officer.get(address)
    assert shown.status_code == 200 and shown.content.startswith(b"\xff\xd8\xff")
    event = tables.AuditEvent.objects.get(action="paper_shown")
    assert (event.actor, event.object_key, event.detail["paper"]) == ("huang", application.number, "licence")
    assert "Business licence" in officer.get(f"/cases/{application.number}/pictures/").content.decode()
    tables.Person.objects.update(key_wrapped=None, sealed=None)
    assert officer.get(address).status_code == 404
    tables.KeptPaper.objects.filter(pk=paper.pk).update(until=ON)
    closed = end_business_day(line.tenant.id, ON)
    assert closed["pictures_dropped"] == 1 and not tables.KeptPaper.objects.filter(pk=paper.pk).exists()


def test_an_unfinished_session_runs_out_and_is_forgotten(line: Line) -> None:
    borrower = Borrower()
    borrower.client.post(borrower.at("keep"), {"step": "facts", "name": "李娜"})
    records.set_clock(line.tenant.id, now=NOW + timedelta(days=15), business_on=ON + timedelta(days=15), speed=0)
    assert borrower.client.get(borrower.at("facts")).status_code == 410
    assert records.forget_old_sessions(at=NOW + timedelta(days=15), by="test") == 1
    row = tables.ApplySession.objects.get()
    assert row.sealed is None and row.key_wrapped is None


def test_the_status_tells_the_reasons_and_takes_an_appeal_once(line: Line) -> None:
    borrower = Borrower()
    application = borrower.apply(website="x")
    stations.run_segment(application.pk)
    page = borrower.client.get(borrower.at("status")).content.decode()
    assert "could not confirm" in page and "hidden" not in re.sub(r"<[^>]*>", "", page)
    borrower.client.post(borrower.at("wish"), {"wish": "appeal", "why": "I typed it myself"})
    borrower.client.post(borrower.at("wish"), {"wish": "appeal", "why": "again"})
    assert tables.WorkItem.objects.filter(application=application, kind="appeal").count() == 1
    assert borrower.client.get(borrower.at("firm")).headers["Location"] == borrower.at("status")


def test_without_an_open_door_nobody_is_let_in(line: Line) -> None:
    tables.Channel.objects.filter(code="apply-page").update(status="suspended")
    assert Client().get("/apply/").status_code == 404
    assert Client().post("/apply/begin/").status_code == 404


@pytest.mark.parametrize(
    ("language", "title", "name_wrong"),
    [("en", "Your contract", "Only the applicant can sign"), ("zh-hans", "您的合同", "只有申请人本人可以签署")],
)
def test_the_borrower_signs_on_the_status_page_once_by_the_own_name(
    line: Line, monkeypatch: pytest.MonkeyPatch, language: str, title: str, name_wrong: str
) -> None:
    """FUN-03, FAC-03: every cost is shown first; another name, unread costs and other terms sign nothing."""
    borrower = Borrower(headers={"Accept-Language": language})
    walk = line.run(world(0)).hear_outside()
    assert walk.where == ("waiting", "contract", "contract_signed")
    session = records.find_session(link=borrower.link)
    assert session is not None
    records.close_session(session_id=session.id, application_id=walk.id, at=NOW)
    monkeypatch.setattr(records, "open_person", lambda token: {"name": "张 伟"})
    page = borrower.client.get(borrower.at("status")).content.decode()
    assert title in page and "¥" in page and "%" in page
    terms = re.findall(r'name="terms" value="(\w+)"', page)[0]

    def sign(**typed: str) -> Any:
        return borrower.client.post(borrower.at("sign"), {"name": "张伟", "costs": "yes", "terms": terms, **typed})

    stranger = Client().post(borrower.at("sign"), {"name": "张伟", "costs": "yes", "terms": terms})
    assert stranger.headers["Location"] == borrower.at("back")
    wrong = sign(name="李娜")
    assert wrong.status_code == 422 and name_wrong in wrong.content.decode()
    assert (sign(costs="").status_code, sign(terms="others").status_code) == (422, 422)
    assert not tables.CallBack.objects.filter(application_id=walk.id).exists()
    assert (sign().status_code, sign().status_code) == (302, 302)
    assert tables.CallBack.objects.filter(application_id=walk.id, kind="contract_signed").count() == 1
    seen = walk.go().seen("contract")
    assert (seen.outcome, seen.actor) == ("done", "borrower")
    assert title not in borrower.client.get(borrower.at("status")).content.decode()
    assert sign().status_code == 302, "what is signed stays signed"
