"""The simulated reader of papers and faces: it knows whose application it is, and looks at no picture."""

from __future__ import annotations

import hashlib
from typing import Any

from creditfactory.world.answers import Body, NotAnswered, need, need_instant
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.market import Market
from creditfactory.world.population import Person, find_person
from creditfactory.world.sources import evidence_for

ACTS = ("turn_left", "turn_right", "blink", "open_mouth")
COLOURS = ("#ffffff", "#ffd9a0", "#a8d0ff", "#b8f0b0", "#f0b8e8")
KINDS = ("read", "challenge", "liveness", "compare")
CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def answer_sitting(market: Market, seed: int, kind: str, body: Body) -> Body:
    """One of the four questions of a sitting, answered as this world's truth has it; whoever is no person fails."""
    application, at = need(body, "application", str), need_instant(body)
    told = evidence_for(market, seed, application, "identity", asked_at=at)
    if kind == "read":
        return {"obtained_at": body["asked_at"], **_read(find_person(market, seed, application), told, body)}
    if kind == "challenge":
        return {"obtained_at": body["asked_at"], **_draw_challenge(seed, need(body, "session", str))}
    if kind == "liveness":
        return {"obtained_at": body["asked_at"], **_judge(told, body)}
    return {"obtained_at": body["asked_at"], **_compare(told)}


def _read(person: Person, told: Body, body: Body) -> Body:
    paper, image = need(body, "paper", str), need(body, "image", str)
    confidence = told.get("document_confidence") or 95
    start = person.born_on.replace(day=1, year=max(person.born_on.year + 18, 2016))
    fields = {
        "id_card_front": {
            "name": person.name, "born_on": person.born_on.isoformat(), "address": person.city.code,
            "id_number": person.id_number,
        },
        "id_card_back": {
            "authority": person.city.code, "valid_from": start.isoformat(),
            "valid_until": start.replace(year=start.year + 20).isoformat(),
        },
        "licence": {
            "credit_code": _invent_credit_code(person), "firm_name": person.firm, "operator": person.name,
            "registered_on": person.opened_on.isoformat(),
        },
    }.get(paper)  # fmt: skip
    if fields is None:
        raise NotAnswered("BAD-REQUEST", f"paper: expected an ID card's side or a licence, found {paper[:40]!r}")
    consistent = told.get("is_number_consistent")
    digest = hashlib.sha256(image.encode()).hexdigest()
    return {
        "paper": paper, "verdict": "doubtful" if consistent is False else "read",
        "fields": [{"name": name, "text": text, "confidence": confidence} for name, text in fields.items()],
        "reasons": [{"code": "IDP-NUMBER", "facts": {}}] if consistent is False else [], "confidence": confidence,
        "is_number_consistent": consistent if paper == "id_card_front" else None,
        "is_copied": told.get("is_document_copied"), "digest": digest,
        "likeness": hashlib.sha256(b"likeness" + digest.encode()).hexdigest(), "seen_before": 0,
    }  # fmt: skip


def _invent_credit_code(person: Person) -> str:
    body = "92" + person.id_number[:6] + "".join(
        CREDIT_LETTERS[hash_number("credit code", person.reference, place, below=31)] for place in range(9)
    )  # fmt: skip
    total = sum(CREDIT_LETTERS.index(letter) * (3**place % 31) for place, letter in enumerate(body))
    return body + CREDIT_LETTERS[(31 - total % 31) % 31]


def _draw_challenge(seed: int, session: str) -> Body:
    chance = Chance(seed, f"challenge:{session}")
    steps: list[dict[str, Any]] = [{"act": "straight", "colour": COLOURS[0], "from_ms": 0, "until_ms": 1_500}]
    for act in chance.sample(ACTS, 3):
        start = steps[-1]["until_ms"]
        end = start + 200 * chance.between(11, 15)
        steps.append({"act": act, "colour": chance.one_of(COLOURS), "from_ms": start, "until_ms": end})
    nonce = hashlib.sha256(f"{seed}:{session}".encode()).hexdigest()[:32]
    return {
        "session": session, "nonce": nonce, "steps": steps, "frames_per_second": 10, "pixels_longest": 480,
        "seconds_valid": 90,
    }  # fmt: skip


def _judge(told: Body, body: Body) -> Body:
    frames = need(body, "frames", list)
    verdict = {"passed": "passed", "failed": "failed"}.get(str(told["liveness"]), "unsure")
    if verdict == "passed" and body.get("source") != "camera":
        verdict = "unsure"
    middle = frames[len(frames) // 8].get("image") if frames and isinstance(frames[0], dict) else None
    asked = told.get("challenges_asked") or 3
    missed = {"code": "IDV-ACT", "facts": {"act": "blink", "number": 1}}
    reasons = {"passed": [], "failed": [missed], "unsure": [{"code": "IDV-FILES", "facts": {}}]}[verdict]
    return {
        "verdict": verdict, "challenges_asked": asked,
        "challenges_passed": asked if verdict == "passed" else told.get("challenges_passed") or 0,
        "is_injected": False if verdict == "passed" else told.get("is_injected"),
        "is_replayed": False if verdict == "passed" else told.get("is_replayed"),
        "reasons": reasons,
        "portrait": middle, "frames_read": len(frames),
    }  # fmt: skip


def _compare(told: Body) -> Body:
    similarity = told.get("face_similarity_bps")
    verdict = "unsure" if similarity is None or similarity < 8_000 else "same"
    if similarity is not None and similarity < 4_000:
        verdict = "different"
    code = {"same": None, "unsure": "IDM-UNSURE", "different": "IDM-DIFFERENT"}[verdict]
    facts = {} if similarity is None else {"similarity_bps": similarity}
    return {
        "verdict": verdict, "similarity_bps": similarity, "seen_before": told.get("faces_seen_before") or 0,
        "reasons": [{"code": code, "facts": facts}] if code else [],
    }  # fmt: skip
