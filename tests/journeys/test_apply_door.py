"""The borrower's own door without a script: every step, every wrong answer, and what comes of a session at the gate."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from creditfactory import records, stations
from creditfactory.application import DeviceSession, find_evidence
from creditfactory.records import tables
from creditfactory.stations.case import open_case
from tests.apply_door import FACTS, FIRM, JPEG, open_door
from tests.walking import Line, open_town, use_addresses

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
