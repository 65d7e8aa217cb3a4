"""Stations 6 and 7: robots and false papers stop, doubts go to a person, silence is never a yes (IDF-01 to IDF-05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from creditfactory.application import (
    Applicant,
    Business,
    ChannelPath,
    DeviceSession,
    Dossier,
    IdentityCheck,
    Request,
)
from creditfactory.identity import ListHit, check_front_gate, check_lists

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
HUMAN = DeviceSession(
    obtained_at=NOW, device="d", ip="i", typing_ms_median=180, pointer_moves=90, form_seconds=240,
    is_headless=False, is_emulator=False, is_trap_filled=False,
)  # fmt: skip
KNOWN = IdentityCheck(
    obtained_at=NOW, is_document_valid=True, is_name_matched=True, is_phone_matched=True, liveness="passed",
    face_similarity_bps=9_000,
)  # fmt: skip


BARE = Dossier(
    pack="cn-micro", reference="A", applied_at=NOW, request=Request(amount_cents=1, currency="CNY"),
    applicant=Applicant(token="t"), business=Business(), channel=ChannelPath(kind="direct", company="own"),
)  # fmt: skip


def gate(*evidence: Any, as_of: datetime | None = None) -> tuple[str, list[str]]:
    found = check_front_gate(replace(BARE, evidence=evidence), {}, as_of=as_of)
    return found.verdict, [r.code for r in found.reasons]


def test_a_person_with_papers_passes() -> None:
    assert gate(HUMAN, KNOWN) == ("pass", [])


@pytest.mark.parametrize(
    ("device", "identity", "verdict", "code"),
    [
        ({"is_headless": True}, {}, "reject", "GTE-HEADLESS"),
        ({"is_emulator": True}, {}, "reject", "GTE-EMULATOR"),
        ({"is_trap_filled": True}, {}, "reject", "GTE-TRAP"),
        ({}, {"is_document_valid": False}, "reject", "GTE-DOCUMENT"),
        ({}, {"is_name_matched": False}, "reject", "GTE-NAME"),
        ({"form_seconds": 19}, {}, "refer", "GTE-FAST-FORM"),
        ({"typing_ms_median": 14}, {}, "refer", "GTE-FAST-TYPING"),
        ({}, {"is_phone_matched": False}, "refer", "GTE-PHONE"),
        ({}, {"liveness": "not_done"}, "refer", "GTE-LIVENESS"),
        ({}, {"face_similarity_bps": 7_999}, "refer", "GTE-FACE-UNSURE"),
        ({}, {"face_similarity_bps": 100}, "refer", "GTE-FACE-UNSURE"),
    ],
)
def test_each_signal(device: dict[str, Any], identity: dict[str, Any], verdict: str, code: str) -> None:
    found = gate(replace(HUMAN, **device), replace(KNOWN, **identity))
    assert found == (verdict, [code])


@pytest.mark.parametrize(
    ("device", "identity", "verdict"),
    [
        ({}, {"is_document_valid": False}, "refer"),
        ({}, {"is_name_matched": False}, "refer"),
        ({"is_emulator": True}, {}, "refer"),
        ({}, {"is_document_valid": False, "is_name_matched": False}, "reject"),
        ({"is_emulator": True}, {"is_name_matched": False}, "reject"),
        ({}, {"is_name_matched": False, "liveness": "failed"}, "reject"),
        ({"is_trap_filled": True}, {}, "reject"),
    ],
)
def test_a_sign_that_errs_rejects_only_with_a_second(
    device: dict[str, Any], identity: dict[str, Any], verdict: str
) -> None:
    """IDF-01: what an authority denies alone goes to a person; what two signs say is believed."""
    evidence = (replace(HUMAN, **device), replace(KNOWN, **identity))
    parameters = {"gate_signs_of_two": ("is_emulator", "is_document_valid", "is_name_matched")}
    assert check_front_gate(replace(BARE, evidence=evidence), parameters).verdict == verdict


@pytest.mark.parametrize(
    ("device", "identity", "needed"),
    [
        ({}, {}, ()),
        ({"is_trap_filled": None}, {}, ("is_trap_filled",)),
        ({"form_seconds": None}, {}, ()),
        ({}, {"is_document_valid": None}, ("is_document_valid",)),
        ({}, {"is_phone_matched": None}, ()),
        ({}, {"liveness": "not_done"}, ()),
        ({}, {"liveness": "not_done", "face_similarity_bps": 3_999}, ("liveness",)),
        ({}, {"liveness": "failed", "face_similarity_bps": None}, ("face_similarity_bps",)),
        ({}, {"liveness": "passed", "face_similarity_bps": None}, ()),
    ],
)
def test_what_is_unknown_and_could_have_rejected_is_named(
    device: dict[str, Any], identity: dict[str, Any], needed: tuple[str, ...]
) -> None:
    """IDF-01: the machine makes no offer to somebody whom nobody can yet tell from a robot or an impostor."""
    dossier = replace(BARE, evidence=(replace(HUMAN, **device), replace(KNOWN, **identity)))
    assert check_front_gate(dossier, {}).facts_needed == needed


def test_without_evidence_all_of_it_is_needed() -> None:
    assert check_front_gate(BARE, {}).facts_needed == ("device", "identity")


def test_a_face_rejects_only_beside_a_failed_liveness_check() -> None:
    unlike = replace(KNOWN, face_similarity_bps=3_999, liveness="failed")
    verdict, codes = gate(HUMAN, unlike)
    assert verdict == "reject"
    assert "GTE-FACE" in codes


@pytest.mark.parametrize("name", ["is_headless", "is_emulator", "is_trap_filled", "form_seconds", "typing_ms_median"])
def test_silence_of_the_device_goes_to_a_person(name: str) -> None:
    assert gate(replace(HUMAN, **{name: None}), KNOWN) == ("refer", ["GTE-UNKNOWN"])


@pytest.mark.parametrize("name", ["is_document_valid", "is_name_matched", "is_phone_matched", "face_similarity_bps"])
def test_silence_of_the_papers_goes_to_a_person(name: str) -> None:
    verdict, codes = gate(HUMAN, replace(KNOWN, **{name: None}))
    assert verdict == "refer"
    assert codes


def test_without_evidence_a_person_looks() -> None:
    assert gate() == ("refer", ["GTE-NO-DEVICE", "GTE-NO-IDENTITY"])


def test_evidence_from_later_is_not_read() -> None:
    assert gate(HUMAN, KNOWN, as_of=NOW - timedelta(seconds=1)) == ("refer", ["GTE-NO-DEVICE", "GTE-NO-IDENTITY"])


@pytest.mark.parametrize("list_name", ["sanctions", "money_laundering", "court_dishonest", "own_fraud"])
def test_an_exact_hit_on_a_stopping_list_rejects(list_name: Any) -> None:
    assert check_lists((ListHit(list_name=list_name, match="exact", entry="e"),)).verdict == "reject"


@pytest.mark.parametrize(
    ("list_name", "match"),
    [("sanctions", "similar"), ("own_default", "exact"), ("politically_exposed", "exact"), ("a new list", "exact")],
)
def test_other_hits_go_to_a_person(list_name: Any, match: Any) -> None:
    checked = check_lists((ListHit(list_name=list_name, match=match, entry="e"),))
    assert checked.verdict == "refer"
    assert [r.code for r in checked.reasons] == ["LST-SIMILAR"]


def test_the_gravest_hit_decides_and_comes_first() -> None:
    similar = ListHit(list_name="sanctions", match="similar", entry="e1")
    exact = ListHit(list_name="own_fraud", match="exact", entry="e2")
    checked = check_lists((similar, exact))
    assert checked.verdict == "reject"
    assert [r.code for r in checked.reasons] == ["LST-EXACT", "LST-SIMILAR"]
    assert checked.hits == (similar, exact)
