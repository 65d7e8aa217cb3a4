"""The front gate: before anything is asked of anybody, is this a person, and is it this person (IDF-01 to IDF-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from creditfactory.application import DeviceSession, Dossier, IdentityCheck, find_evidence
from creditfactory.kernel import Reason, Scalar

DEFAULTS: Mapping[str, Any] = {
    "gate_evidence_needed": ("device", "identity"),
    "gate_face_similarity_bps_pass": 8_000,
    "gate_face_similarity_bps_reject": 4_000,
    "gate_form_seconds_min": 20,
    "gate_typing_ms_min": 15,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontGate:
    """Pass, refer to a person, or reject, with the signals read.

    ``facts_needed`` names the signals that are unknown and could have rejected: a no that nobody can rule out yet.
    """

    verdict: Literal["pass", "refer", "reject"]
    reasons: tuple[Reason, ...] = ()
    signals: Mapping[str, Scalar]
    facts_needed: tuple[str, ...] = ()


def check_front_gate(dossier: Dossier, parameters: Mapping[str, Any], *, as_of: datetime | None = None) -> FrontGate:
    """Robots and false papers are rejected, anything unknown or unsure goes to a person.

    Only evidence known by ``as_of`` is read, where it is given. A signal that is missing refers: unknown is never yes.
    A face's distance alone never rejects below the reject line without a failed liveness beside it.
    """
    read: dict[str, Any] = {**DEFAULTS, **{k: parameters[k] for k in DEFAULTS if k in parameters}}
    needed = read["gate_evidence_needed"]
    signals: dict[str, Scalar] = {}
    stops: list[Reason] = []
    looks: list[Reason] = []
    lacking: list[str] = []
    if "device" in needed:
        lacking += _check_device(find_evidence(dossier, DeviceSession, as_of=as_of), read, signals, stops, looks)
    if "identity" in needed:
        lacking += _check_identity(find_evidence(dossier, IdentityCheck, as_of=as_of), read, signals, stops, looks)
    verdict: Literal["pass", "refer", "reject"] = "reject" if stops else "refer" if looks else "pass"
    return FrontGate(verdict=verdict, reasons=(*stops, *looks), signals=signals, facts_needed=tuple(lacking))


def _check_device(
    device: DeviceSession | None,
    read: Mapping[str, Any],
    signals: dict[str, Scalar],
    stops: list[Reason],
    looks: list[Reason],
) -> list[str]:
    """Machine or hand: a filled trap field, a headless browser or an emulator is a machine; gives what is unknown."""
    if device is None:
        looks.append(Reason("GTE-NO-DEVICE"))
        return ["device"]
    machine: tuple[tuple[str, bool | None, str], ...] = (
        ("is_headless", device.is_headless, "GTE-HEADLESS"),
        ("is_emulator", device.is_emulator, "GTE-EMULATOR"),
        ("is_trap_filled", device.is_trap_filled, "GTE-TRAP"),
    )
    for name, value, code in machine:
        signals[name] = value
        if value:
            stops.append(Reason(code))
        elif value is None:
            looks.append(Reason("GTE-UNKNOWN", {"signal": name}))
    signals["form_seconds"], signals["typing_ms_median"] = device.form_seconds, device.typing_ms_median
    signals["pointer_moves"] = device.pointer_moves
    paces: tuple[tuple[str, int | None, str, str], ...] = (
        ("form_seconds", device.form_seconds, "gate_form_seconds_min", "GTE-FAST-FORM"),
        ("typing_ms_median", device.typing_ms_median, "gate_typing_ms_min", "GTE-FAST-TYPING"),
    )
    for name, pace, line, code in paces:
        if pace is None:
            looks.append(Reason("GTE-UNKNOWN", {"signal": name}))
        elif pace < read[line]:
            looks.append(Reason(code, {name: pace}))
    return [name for name, value, _ in machine if value is None]


def _check_identity(
    check: IdentityCheck | None,
    read: Mapping[str, Any],
    signals: dict[str, Scalar],
    stops: list[Reason],
    looks: list[Reason],
) -> list[str]:
    """Papers, name, phone, liveness and face: what the authority denies rejects, what is unsure goes to a person."""
    if check is None:
        looks.append(Reason("GTE-NO-IDENTITY"))
        return ["identity"]
    denied: tuple[tuple[str, bool | None, str], ...] = (
        ("is_document_valid", check.is_document_valid, "GTE-DOCUMENT"),
        ("is_name_matched", check.is_name_matched, "GTE-NAME"),
    )
    for name, value, code in denied:
        signals[name] = value
        if value is False:
            stops.append(Reason(code))
        elif value is None:
            looks.append(Reason("GTE-UNKNOWN", {"signal": name}))
    signals["is_phone_matched"] = check.is_phone_matched
    if check.is_phone_matched is not True:
        looks.append(Reason("GTE-PHONE"))
    signals["liveness"], signals["face_similarity_bps"] = check.liveness, check.face_similarity_bps
    if check.liveness != "passed":
        looks.append(Reason("GTE-LIVENESS", {"liveness": check.liveness}))
    lacking = [name for name, value, _ in denied if value is None]
    face = check.face_similarity_bps
    if face is None:
        looks.append(Reason("GTE-UNKNOWN", {"signal": "face_similarity_bps"}))
    elif face < read["gate_face_similarity_bps_reject"] and check.liveness == "failed":
        stops.append(Reason("GTE-FACE", {"face_similarity_bps": face}))
    elif face < read["gate_face_similarity_bps_pass"]:
        looks.append(Reason("GTE-FACE-UNSURE", {"face_similarity_bps": face}))
    is_face_far = face is None or face < read["gate_face_similarity_bps_reject"]
    if check.liveness == "not_done" and is_face_far:
        lacking.append("liveness")
    if face is None and check.liveness != "passed":
        lacking.append("face_similarity_bps")
    return lacking
