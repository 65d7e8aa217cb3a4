"""Photographs and frames as they come in: checked for what they are, freed of where and when, sealed, and read."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from creditfactory import records
from creditfactory.consoles.apply import asking, telling
from creditfactory.consoles.apply.visits import Visit

PAPERS = ("id_card_front", "id_card_back", "licence")
PICTURE_BYTES_MAX, FRAME_BYTES_MAX, FRAMES_MAX, TRIES_MAX = 8_000_000, 400_000, 95, 5
PAPERS_READ_MAX, PAPERS_TAKEN_MAX = 12, 30
"""How many photographs of one session a machine reads (each may cost money), and how many are taken at all."""

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


def take_posted_papers(request: HttpRequest, visit: Visit) -> dict[str, str]:
    """The photographs sent with the form itself; what is wrong with them, by paper, and which are still missing."""
    faults: dict[str, str] = {}
    for paper in PAPERS:
        sent = request.FILES.get(paper)
        if sent is not None:
            status, told = take_paper(visit, paper, sent)
            if status != 200:
                faults[paper] = told["words"]
    kept = records.list_kept(session_id=visit.session.id)
    for paper in PAPERS:
        if paper not in kept and paper not in faults:
            faults[paper] = _("This photograph is still missing.")
    return faults


def take_paper(visit: Visit, paper: str, sent: UploadedFile | None) -> tuple[int, dict[str, Any]]:
    """Keep one photograph, have it read, and note what speaks against it; the status and what the page is told."""
    if paper not in PAPERS:
        return 404, {"words": _("There is no such paper here.")}
    if visit.session.person_token is None:
        return 409, {"words": _("The permissions come first; then photographs can be kept.")}
    picture, fault = read_picture(sent, PICTURE_BYTES_MAX)
    if fault:
        return 422, {"words": fault}
    clock = visit.house.clock
    tries = int(visit.draft.get("paper_tries", 0)) + 1
    if tries > PAPERS_TAKEN_MAX:
        return 429, {"words": _("That were many tries. Leave it be: a person will look, and nothing is lost.")}
    records.save_draft_of(session_id=visit.session.id, changes={"paper_tries": tries}, at=clock.now)
    digest = records.keep_paper(
        session_id=visit.session.id, person_token=visit.session.person_token, kind=paper, place=0, plain=picture,
        at=clock.now, until=clock.business_on + timedelta(days=visit.house.number("papers_days_kept", 1826)),
    )  # fmt: skip
    asks = tries <= PAPERS_READ_MAX
    reading = (asking.read_paper(visit.handle, paper, picture, digest, at=clock.now) if asks else None) or {}
    others = next((row.seen_before for row in records.list_kept(session_id=visit.session.id).get(paper, ())), 0)
    check = {
        "kind": "paper", "obtained_at": clock.now.isoformat(), "paper": paper, "digest": digest,
        "likeness": reading.get("likeness"), "confidence": reading.get("confidence"),
        "findings": [reason["code"] for reason in reading.get("reasons", ())],
        "seen_before": max(others, reading.get("seen_before") or 0),
    }  # fmt: skip
    fields = {f["name"]: {"text": f["text"], "confidence": f["confidence"]} for f in reading.get("fields", ())}
    told = {"verdict": reading.get("verdict", "kept"), "fields": fields, "reasons": list(reading.get("reasons", ()))}
    changes: dict[str, Any] = {f"check_{paper}": check, f"reading_{paper}": told}
    records.save_draft_of(session_id=visit.session.id, changes=changes, at=clock.now)
    return 200, {"state": told["verdict"], "words": telling.tell_reading(visit, told), "fields": telling.offer(fields)}


def read_picture(sent: UploadedFile | None, most: int) -> tuple[bytes, str]:
    """The picture without its metadata, or what is wrong with it."""
    if sent is None:
        return b"", _("No photograph came; please choose or take one.")
    if (sent.size or 0) > most:
        return b"", _("Found {n} megabytes; expected at most {most}.").format(
            n=round((sent.size or 0) / 1e6, 1), most=most // 1_000_000
        )
    plain = sent.read()
    if not plain.startswith((JPEG, PNG)):
        return b"", _("Expected a photograph (JPEG or PNG); this is another kind of file.")
    return strip_metadata(plain), ""


def strip_metadata(picture: bytes) -> bytes:
    r"""A JPEG or PNG without its notes on camera, place and time.

    >>> strip_metadata(b"\xff\xd8\xff\xe1\x00\x04GP\xff\xdb\x00\x02\xff\xda..")
    b'\xff\xd8\xff\xdb\x00\x02\xff\xda..'
    >>> end = b"\x00\x00\x00\x00IENDcrc!"
    >>> strip_metadata(PNG + b"\x00\x00\x00\x02tEXtGPcrc!" + end) == PNG + end
    True
    """
    if picture.startswith(PNG):
        return _strip_png(picture)
    kept, at = [picture[:2]], 2
    while at + 4 <= len(picture) and picture[at] == 0xFF:
        if picture[at + 1] == 0xFF:  # a byte that only fills
            at += 1
            continue
        mark, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        if mark == 0xDA:
            break
        if length < 2:
            return picture
        if mark not in (0xE1, 0xED, 0xFE):
            kept.append(picture[at : at + 2 + length])
        at += 2 + length
    return b"".join([*kept, picture[at:]])


def _strip_png(picture: bytes) -> bytes:
    """Only the chunks that make the picture: what is not needed to draw it may say where and when."""
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(picture):
        end = at + 12 + int.from_bytes(picture[at : at + 4], "big")
        if picture[at + 4 : at + 8] in (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA"):
            kept.append(picture[at:end])
        at = end
    return b"".join(kept)


def may_film(visit: Visit) -> bool:
    """Whether the camera may be used: the separate consent to it is given and the application is not handed in."""
    consents = visit.draft.get("consents", {})
    return visit.session.application_id is None and "face" in consents and visit.session.person_token is not None


def set_challenge(visit: Visit) -> dict[str, Any]:
    """A challenge for one sitting, kept until its frames come."""
    tries = int(visit.draft.get("camera_tries", 0)) + 1
    if tries > TRIES_MAX:
        return {"words": _("That were many tries. Leave it be: a person will look, and nothing is lost.")}
    challenge = asking.draw_challenge(visit.handle, at=visit.house.clock.now)
    kept = {**challenge, "set_wall": datetime.now(UTC).isoformat()}
    records.save_draft_of(
        session_id=visit.session.id, changes={"challenge": kept, "camera_tries": tries}, at=visit.house.clock.now
    )
    shown = ("nonce", "steps", "frames_per_second", "pixels_longest", "seconds_valid")
    return {name: challenge[name] for name in shown}


def take_frames(visit: Visit, posted: Mapping[str, str], sent: Sequence[UploadedFile]) -> tuple[int, dict[str, Any]]:
    """Judge one sitting's frames and keep one of each act; the challenge is used up whatever comes of it."""
    challenge = visit.draft.get("challenge") or {}
    records.save_draft_of(session_id=visit.session.id, changes={"challenge": None}, at=visit.house.clock.now)
    age = datetime.now(UTC) - datetime.fromisoformat(challenge.get("set_wall", "2000-01-01T00:00:00+00:00"))
    if not challenge or challenge["nonce"] != posted.get("nonce") or age.total_seconds() > challenge["seconds_valid"]:
        return 409, {"words": _("That took too long, or was sent twice. Please start the camera once more.")}
    frames, fault = _read_frames(posted, sent)
    if fault:
        return 422, {"words": fault}
    source = "files" if posted.get("source") == "files" else "camera"
    clock = visit.house.clock
    judged = None
    if not challenge.get("is_ours"):
        judged = asking.judge_frames(visit.handle, challenge["nonce"], source, frames, at=clock.now)
        asking.compare_faces(visit.handle, challenge["nonce"], at=clock.now)
    _keep_frames(visit, challenge["steps"], frames, judged)
    verdict = judged["verdict"] if judged else "kept"
    camera = {"verdict": verdict, "source": source, "reasons": list(judged["reasons"]) if judged else []}
    records.save_draft_of(session_id=visit.session.id, changes={"camera": camera}, at=clock.now)
    return 200, {"state": verdict, "words": telling.tell_sitting(visit, camera)}


def _read_frames(posted: Mapping[str, str], sent: Sequence[UploadedFile]) -> tuple[list[tuple[int, bytes]], str]:
    try:
        times = json.loads(posted.get("at_ms", "[]"))
    except ValueError:
        times = []
    fits = isinstance(times, list) and all(isinstance(t, int) and 0 <= t < 10**6 for t in times)
    if not fits or not sent or len(times) != len(sent) or len(sent) > FRAMES_MAX:
        return [], _("The frames did not come whole. Please start the camera once more.")
    frames = []
    for at_ms, file in zip(times, sent, strict=True):
        picture, fault = read_picture(file, PICTURE_BYTES_MAX if len(sent) <= 6 else FRAME_BYTES_MAX)
        if fault:
            return [], fault
        frames.append((at_ms, picture))
    return frames, ""


def _keep_frames(
    visit: Visit, steps: list[dict[str, Any]], frames: list[tuple[int, bytes]], judged: dict[str, Any] | None
) -> None:
    """One frame of each act and the best portrait: enough for a person to look, and no more than that."""
    clock, token = visit.house.clock, visit.session.person_token
    assert token is not None, "frames come after the person"
    until = clock.business_on + timedelta(days=visit.house.number("frames_days_kept", 90))
    for place, step in enumerate(steps):
        middle = (step["from_ms"] + step["until_ms"]) / 2
        at_ms, picture = min(frames, key=lambda frame: abs(frame[0] - middle))
        records.keep_paper(
            session_id=visit.session.id, person_token=token, kind="frame", place=place, plain=picture, at=clock.now,
            until=until, taken_ms=at_ms,
        )  # fmt: skip
    portrait = judged.get("portrait") if judged else None
    if portrait:
        records.keep_paper(
            session_id=visit.session.id, person_token=token, kind="portrait", place=0,
            plain=base64.b64decode(portrait), at=clock.now, until=until,
        )  # fmt: skip


def take_posted_selfie(request: HttpRequest, visit: Visit) -> dict[str, str]:
    """A photograph sent with the form where the browser has no camera for pages: kept for a person to look at."""
    sent = request.FILES.get("selfie")
    if sent is None or not may_film(visit):
        return {}
    picture, fault = read_picture(sent, PICTURE_BYTES_MAX)
    if fault:
        return {"selfie": fault}
    _keep_frames(visit, [{"act": "straight", "from_ms": 0, "until_ms": 1}], [(0, picture)], None)
    camera = {"verdict": "kept", "source": "files", "reasons": []}
    records.save_draft_of(session_id=visit.session.id, changes={"camera": camera}, at=visit.house.clock.now)
    return {}
