"""One contract, two parties: the simulated authority and the engines on this machine (IDF-02, IDF-04).

What needs the engines is skipped where the extra ``[identity]`` is not installed: ``make test-identity`` installs it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from creditfactory import gateways
from creditfactory.application import IdentityCheck
from creditfactory.gateways import identity_local
from creditfactory.gateways.identity import (
    CameraFrame,
    Challenge,
    ChallengeRequest,
    FaceAnswer,
    FaceRequest,
    LivenessAnswer,
    LivenessRequest,
    PaperReading,
    PaperRequest,
)
from creditfactory.kernel import Misconfigured
from tests import paper_drawing as drawing

SOURCE = Path(__file__).resolve().parents[2] / "src"
KEYS = {"factory": "secret-of-the-factory"}
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PERSON = gateways.Person(token="t-1", name="王某")
ENGINES = pytest.mark.skipif(
    bool(identity_local.list_missing()), reason="the extra [identity] is not installed: make test-identity"
)
ACTS = ("straight", "turn_left", "turn_right", "blink", "open_mouth")
PIXEL = base64.b64encode(b"\xff\xd8\xff not looked at").decode()


class Step(NamedTuple):
    """One act of a film."""

    act: str
    from_ms: int
    until_ms: int


def start(command: list[str], folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A party process and the address it prints."""
    keys = folder / "keys.json"
    keys.write_text(json.dumps(KEYS))
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--keys", str(keys), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["url"]


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    assert process.wait(15) is not None
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="module", params=["simulated", pytest.param("local", marks=ENGINES)])
def party(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """Whoever answers the contract, and the book that reaches it."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "simulated":
        process, url = start(["creditfactory.world.parties", "--party", "identity", "--faults", "0"], folder)
        url = f"{url}/identity"
    else:
        process, url = start(["creditfactory", "identity", "serve", "--state", str(folder / "state")], folder)
    yield request.param, gateways.AddressBook({"identity": gateways.Address(url, "factory", KEYS["factory"], 60)})
    end(process)


def ask(book: Any, part: str, kind: str, key: str, request: object) -> gateways.Answer:
    return gateways.ask(part, kind, key, request, address_book=book)


def draw_card(number: int = 3) -> str:
    try:
        import cv2  # noqa: F401
    except ImportError:
        return PIXEL
    return base64.b64encode(drawing.photograph(drawing.draw_id_front(drawing.make_holder(number)), 1, noise=3)).decode()


def test_each_question_is_answered_in_its_shape(party: tuple[str, Any]) -> None:
    """IDF-02: documents, challenge, camera, faces and the whole check, whoever answers; parts can be other vendors'."""
    _, book = party
    paper = PaperRequest(application="W7-000012", asked_at=AT, paper="id_card_front", image=draw_card(), session="s-1")
    read = ask(book, "identity:papers", "read", "k-1", paper)
    assert isinstance(read.value, PaperReading)
    assert {"name", "id_number", "born_on"} <= {one.name for one in read.value.fields}
    assert not {"sex", "ethnicity"} & {one.name for one in read.value.fields}, "protected facts stay on the card"
    asked = ask(book, "identity:camera", "challenge", "k-2", ChallengeRequest(
        application="W7-000012", asked_at=AT, session="s-1"))  # fmt: skip
    assert isinstance(asked.value, Challenge)
    assert asked.value.steps[0].act == "straight" and len(asked.value.steps) == 4
    told = ask(book, "identity:camera", "liveness", "k-3", LivenessRequest(
        application="W7-000012", asked_at=AT, session="s-1", nonce=asked.value.nonce, source="files",
        frames=(CameraFrame(at_ms=0, image=draw_card()),)))  # fmt: skip
    assert isinstance(told.value, LivenessAnswer)
    assert told.value.verdict in ("unsure", "failed"), "photographs handed in as files never pass"
    face = ask(book, "identity:faces", "compare", "k-4", FaceRequest(
        application="W7-000012", asked_at=AT, session="s-1"))  # fmt: skip
    assert isinstance(face.value, FaceAnswer)
    whole = ask(book, "identity", "check", "k-5", gateways.IdentityRequest(
        application="W7-000012", asked_at=AT, person=PERSON, session="s-1"))  # fmt: skip
    assert isinstance(whole.value, IdentityCheck)
    assert whole.value.obtained_at == AT


def test_the_same_key_is_one_question(party: tuple[str, Any]) -> None:
    _, book = party
    request = ChallengeRequest(application="W7-000013", asked_at=AT, session="s-2")
    first = ask(book, "identity:camera", "challenge", "c-1", request)
    assert ask(book, "identity:camera", "challenge", "c-1", request).body == first.body


def test_a_wrong_secret_is_the_operators_matter(party: tuple[str, Any]) -> None:
    _, book = party
    request = ChallengeRequest(application="W7-000013", asked_at=AT, session="s-2")
    wrong = gateways.AddressBook({"identity": gateways.Address(book.find("identity").url, "factory", "not-this", 60)})
    with pytest.raises(Misconfigured):
        ask(wrong, "identity:camera", "challenge", "c-2", request)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("alone")
    process, url = start(["creditfactory", "identity", "serve"], folder)
    yield gateways.AddressBook({"identity": gateways.Address(url, "factory", KEYS["factory"], 60)})
    end(process)


@ENGINES
def test_a_whole_sitting_before_the_local_engines(local: Any) -> None:
    """IDF-02: card read, acts done as asked in their time, face held against the card; then the film again, refused."""
    import cv2
    import numpy as np
    from PIL import Image

    from creditfactory.gateways.identity_local.face_points import FaceFinder
    from tests import face_moving as moving

    holder, face = drawing.make_holder(5), moving.draw_face(5)
    finder = FaceFinder()
    points = finder.find_points(face, finder.find_faces(face)[0])
    stage = moving.Stage(moving.Puppet(face, points), 3)
    stage.film([Step(act, 2_500 * n, 2_500 * n + 2_500) for n, act in enumerate(ACTS)])  # poses are drawn once
    portrait = Image.fromarray(cv2.cvtColor(face, cv2.COLOR_BGR2RGB))
    card = base64.b64encode(drawing.photograph(drawing.draw_id_front(holder, portrait), 1, turn=3, noise=3)).decode()
    common = {"application": "a-1", "asked_at": AT, "session": "sitting"}
    read = ask(local, "identity", "read", "r", PaperRequest(paper="id_card_front", image=card, **common)).value
    assert (read.verdict, read.is_number_consistent, read.is_copied) == ("read", True, False)
    assert {one.name: one.text for one in read.fields}["id_number"] == holder.id_number
    asked = ask(local, "identity", "challenge", "c", ChallengeRequest(**common)).value
    begun = time.monotonic()
    film = stage.film(asked.steps)
    frames = tuple(CameraFrame(at_ms=shot.at_ms, image=shot.image) for shot in film)
    time.sleep(max(0.0, film[-1].at_ms / 1000 + 0.3 - (time.monotonic() - begun)))  # nobody films faster than time runs
    sent = LivenessRequest(nonce=asked.nonce, source="camera", frames=frames, **common)
    told = ask(local, "identity", "liveness", "l", sent).value
    assert (told.verdict, told.challenges_passed, told.reasons) == ("passed", 3, ())
    assert (told.is_injected, told.is_replayed) == (False, False)
    assert ask(local, "identity", "liveness", "l", sent).value == told, "the same key, the same answer"
    match = ask(local, "identity", "compare", "f", FaceRequest(**common)).value
    assert match.verdict == "same" and match.similarity_bps >= 8_000
    whole = ask(local, "identity", "check", "w", gateways.IdentityRequest(
        person=gateways.Person(token="t", name=holder.name, id_number=holder.id_number), **common)).value  # fmt: skip
    assert (whole.liveness, whole.is_number_consistent, whole.method) == ("passed", True, "camera")
    assert whole.is_document_valid is None and whole.is_name_matched is None, "no authority was asked"
    again = ask(local, "identity", "liveness", "l-2", sent).value
    assert (again.verdict, again.is_replayed) == ("failed", True)
    other = {**common, "application": "a-2", "session": "thief"}
    stolen = ask(local, "identity", "challenge", "c-2", ChallengeRequest(**other)).value
    replayed = LivenessRequest(nonce=stolen.nonce, source="camera", frames=frames, **other)
    told = ask(local, "identity", "liveness", "l-3", replayed).value
    assert (told.verdict, told.is_replayed, told.is_injected) == ("failed", True, True)
    assert {"IDV-SEEN", "IDV-EARLY"} <= {reason.code for reason in told.reasons}
    copied = ask(local, "identity", "read", "r-2", PaperRequest(
        paper="id_card_front", image=card, **{**other, "application": "a-3", "session": "x"})).value  # fmt: skip
    assert (copied.verdict, copied.seen_before) == ("doubtful", 1), "IDF-04: one card's picture in two applications"
    stranger = moving.draw_face(6)
    ok, jpeg = cv2.imencode(".jpg", np.asarray(stranger))
    assert ok
    portrait_of_another = base64.b64encode(jpeg.tobytes()).decode()
    wrong = ask(local, "identity", "compare", "f-2", FaceRequest(
        application="a-1", asked_at=AT, paper=card, portrait=portrait_of_another)).value  # fmt: skip
    assert wrong.verdict != "same" and wrong.reasons, "somebody else is a matter for a person"


@ENGINES
@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("not base64!", "base64"), (base64.b64encode(b"GIF89a").decode(), "JPEG or PNG"), (PIXEL, "JPEG or PNG"),
        (base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x7f\xff\xff\xff" * 2).decode(), "pixels"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_one_sentence(local: Any, image: str, words: str) -> None:
    request = PaperRequest(application="a-9", asked_at=AT, paper="licence", image=image)
    answer = ask(local, "identity", "read", f"bad-{image[:20]}", request)
    assert (answer.status, answer.body["code"]) == ("refused", "BAD-INPUT")
    assert words in answer.body["message"]


@ENGINES
def test_a_sitting_nobody_began_and_one_of_somebody_else(local: Any) -> None:
    frame = (CameraFrame(at_ms=0, image=PIXEL),)
    common = {"asked_at": AT, "nonce": "n", "source": "camera", "frames": frame}
    unknown = ask(local, "identity", "liveness", "u-1", LivenessRequest(application="b", session="none", **common))
    assert (unknown.status, unknown.body["code"]) == ("refused", "NO-SITTING")
    ask(local, "identity", "challenge", "u-2", ChallengeRequest(application="b-1", asked_at=AT, session="b"))
    other = ask(local, "identity", "liveness", "u-3", LivenessRequest(application="b-2", session="b", **common))
    assert (other.status, other.body["code"]) == ("refused", "NO-SITTING")
    nothing = ask(local, "identity", "check", "u-4", gateways.IdentityRequest(
        application="b", asked_at=AT, person=PERSON, session="none")).value  # fmt: skip
    assert nothing == IdentityCheck(obtained_at=AT), "a sitting nobody knows says nothing"


@ENGINES
def test_the_command_reads_one_paper(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from creditfactory.cli import main

    holder = drawing.make_holder(8)
    file = tmp_path / "licence.jpg"
    file.write_bytes(drawing.photograph(drawing.draw_licence(holder), 2, turn=-3, noise=3))
    assert main(["identity", "read", str(file), "--paper", "licence", "--on", "2026-11-22"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["name"]: one["text"] for one in told["fields"]}["credit_code"] == holder.credit_code
    assert holder.credit_code in told["codes"][0]
    assert main(["identity", "read", str(tmp_path / "none.jpg"), "--paper", "licence"]) == 1
    assert "no readable file" in capsys.readouterr().err


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_local, "list_missing", lambda: ("cv2", "dlib"))
    with pytest.raises(Misconfigured, match=r"cv2, dlib.*make identity"):
        identity_local.open_office()


def test_the_model_that_may_not_be_used_for_business_is_named_nowhere() -> None:
    """The 68-point predictor lies in the same wheel; its data set allows no commercial use."""
    named = [path for path in SOURCE.rglob("*.py") if "shape_predictor_68" in path.read_text(encoding="utf-8")]
    assert named == []
