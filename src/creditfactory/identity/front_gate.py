"""The front gate: before anything is asked of anybody, is this a person, and is it this person (IDF-01 to IDF-05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from creditfactory.application import DeviceSession, Dossier, IdentityCheck, find_evidence
from creditfactory.identity.signals import MEASURED, SIGNALS, Velocity, count_points, read_signals
from creditfactory.kernel import Reason, Scalar

DEFAULTS: Mapping[str, Any] = {
    "gate_evidence_needed": ("device", "identity"),
    "gate_face_similarity_bps_pass": 8_000,
    "gate_face_similarity_bps_reject": 4_000,
    "gate_form_seconds_min": 20,
    "gate_typing_ms_min": 15,
    "gate_points": {},
    "gate_lines": {},
    "gate_points_refer": 30,
    "gate_points_reject": 100,
    "gate_channels_measured": (),
    "gate_signs_of_two": (),
}
CODES: Mapping[str, str] = {signal.name: signal.code for signal in SIGNALS}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontGate:
    """Pass, refer to a person, or reject, with the signals read and the points of those that were hit.

    ``facts_needed`` names the signals that are unknown and could have rejected: a no that nobody can rule out yet.
    """

    verdict: Literal["pass", "refer", "reject"]
    reasons: tuple[Reason, ...] = ()
    signals: Mapping[str, Scalar]
    facts_needed: tuple[str, ...] = ()
    points: int = 0
    hits: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """What one look at the signals has come to so far."""

    signals: dict[str, Scalar] = field(default_factory=dict)
    stops: list[Reason] = field(default_factory=list)
    halves: list[Reason] = field(default_factory=list)
    looks: list[Reason] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)


def check_front_gate(
    dossier: Dossier,
    parameters: Mapping[str, Any],
    *,
    as_of: datetime | None = None,
    velocity: Velocity | None = None,
    is_identity_due: bool = True,
) -> FrontGate:
    """Robots and false papers are rejected, anything unknown or unsure goes to a person, the rest passes.

    Three kinds of signal: one that stops by itself (a machine, a false paper, a recording played again), one that a
    person must look at (unknown or unsure), and one that adds the rulebook's ``gate_points``, which refer from
    ``gate_points_refer`` and reject from ``gate_points_reject``. Only evidence known by ``as_of`` is read, where it
    is given. What is unknown adds no points and is never a yes. A face's distance alone never rejects, nor does one
    of ``gate_signs_of_two`` (an authority errs, a telephone looks like an emulator): a person looks, unless a second
    sign agrees, which is another of them, a sign that stops, a failed liveness check, or points enough to refer.
    ``is_identity_due`` is False for a first look, before the identity authority has been asked anything.
    """
    read: dict[str, Any] = {**DEFAULTS, **{k: parameters[k] for k in DEFAULTS if k in parameters}}
    needed = read["gate_evidence_needed"]
    device = find_evidence(dossier, DeviceSession, as_of=as_of)
    identity = find_evidence(dossier, IdentityCheck, as_of=as_of) if is_identity_due else None
    found = _Found()
    if "device" in needed:
        _check_device(device, read, found)
    if "identity" in needed and is_identity_due:
        _check_identity(identity, read, found)
    every = read_signals(device, identity, velocity, zone_minutes=dossier.utc_offset_minutes)
    if dossier.channel.company in read["gate_channels_measured"]:
        _check_measured(every, found)
    _check_seen(every, found)
    found.signals |= {name: value for name, value in every.items() if value is not None}
    return _sum_up(found, every, read)


def _sum_up(found: _Found, every: Mapping[str, Scalar], read: Mapping[str, Any]) -> FrontGate:
    """Points beside stops and looks: enough of them refer, and more of them reject."""
    lines = {"form_seconds": read["gate_form_seconds_min"], "typing_ms_median": read["gate_typing_ms_min"]}
    hits = count_points(every, read["gate_points"], {**lines, **read["gate_lines"]})
    points = sum(hits.values())
    told = {reason.code for reason in found.looks}
    marks = [Reason(CODES[name], {name: every[name]}) for name in hits if CODES[name] not in told]
    stops, looks = list(found.stops), list(found.looks)
    agreed = len(found.halves) > 1 or bool(stops) or points >= read["gate_points_refer"]
    (stops if agreed or found.signals.get("liveness") == "failed" else looks).extend(found.halves)
    if points >= read["gate_points_reject"]:
        stops.append(Reason("GTE-POINTS", {"points": points}))
    if points >= read["gate_points_refer"]:
        looks += marks
    verdict: Literal["pass", "refer", "reject"] = "reject" if stops else "refer" if looks else "pass"
    return FrontGate(
        verdict=verdict, reasons=(*stops, *looks), signals=found.signals, facts_needed=tuple(found.lacking),
        points=points, hits=hits,
    )  # fmt: skip


def _check_device(device: DeviceSession | None, read: Mapping[str, Any], found: _Found) -> None:
    """Machine or hand: a filled trap field, a headless browser or an emulator is a machine; unknowns are named."""
    if device is None:
        found.looks.append(Reason("GTE-NO-DEVICE"))
        found.lacking.append("device")
        return
    machine: tuple[tuple[str, bool | None, str], ...] = (
        ("is_headless", device.is_headless, "GTE-HEADLESS"),
        ("is_emulator", device.is_emulator, "GTE-EMULATOR"),
        ("is_trap_filled", device.is_trap_filled, "GTE-TRAP"),
    )
    for name, value, code in machine:
        found.signals[name] = value
        if value:
            (found.halves if name in read["gate_signs_of_two"] else found.stops).append(Reason(code))
        elif value is None:
            found.looks.append(Reason("GTE-UNKNOWN", {"signal": name}))
            found.lacking.append(name)
    found.signals["form_seconds"], found.signals["typing_ms_median"] = device.form_seconds, device.typing_ms_median
    found.signals["pointer_moves"] = device.pointer_moves
    paces: tuple[tuple[str, int | None, str, str], ...] = (
        ("form_seconds", device.form_seconds, "gate_form_seconds_min", "GTE-FAST-FORM"),
        ("typing_ms_median", device.typing_ms_median, "gate_typing_ms_min", "GTE-FAST-TYPING"),
    )
    for name, pace, line, code in paces:
        if pace is None:
            found.looks.append(Reason("GTE-UNKNOWN", {"signal": name}))
        elif pace < read[line]:
            found.looks.append(Reason(code, {name: pace}))


def _check_measured(every: Mapping[str, Scalar], found: _Found) -> None:
    """Where the house's own page measures, silence is a doubt: a person looks, and nothing is held against anybody."""
    for name in MEASURED:
        if every.get(name) is None:
            found.looks.append(Reason("GTE-UNKNOWN", {"signal": name}))


def _check_seen(every: Mapping[str, Scalar], found: _Found) -> None:
    """A browser driven by a program, a recording played again, a device on the house's own list."""
    if every.get("is_automated"):
        found.stops.append(Reason("GTE-AUTOMATED"))
    for name, code in (("trace_sessions", "GTE-RECORDED"), ("device_listed", "GTE-DEVICE-LISTED")):
        seen = every.get(name)
        if isinstance(seen, int) and seen > 0:
            found.stops.append(Reason(code, {name: seen}))


def _check_identity(check: IdentityCheck | None, read: Mapping[str, Any], found: _Found) -> None:
    """Papers, name, phone, liveness and face: what the authority denies rejects, what is unsure goes to a person."""
    if check is None:
        found.looks.append(Reason("GTE-NO-IDENTITY"))
        found.lacking.append("identity")
        return
    denied: tuple[tuple[str, bool | None, str], ...] = (
        ("is_document_valid", check.is_document_valid, "GTE-DOCUMENT"),
        ("is_name_matched", check.is_name_matched, "GTE-NAME"),
    )
    for name, value, code in denied:
        found.signals[name] = value
        if value is False:
            (found.halves if name in read["gate_signs_of_two"] else found.stops).append(Reason(code))
        elif value is None:
            found.looks.append(Reason("GTE-UNKNOWN", {"signal": name}))
            found.lacking.append(name)
    found.signals["is_phone_matched"] = check.is_phone_matched
    if check.is_phone_matched is not True:
        found.looks.append(Reason("GTE-PHONE"))
    found.signals["liveness"], found.signals["face_similarity_bps"] = check.liveness, check.face_similarity_bps
    if check.liveness != "passed":
        found.looks.append(Reason("GTE-LIVENESS", {"liveness": check.liveness}))
    _check_face(check, read, found)


def _check_face(check: IdentityCheck, read: Mapping[str, Any], found: _Found) -> None:
    """A face unlike its paper rejects only beside a failed liveness check; without either a person looks."""
    face, far = check.face_similarity_bps, read["gate_face_similarity_bps_reject"]
    if face is None:
        found.looks.append(Reason("GTE-UNKNOWN", {"signal": "face_similarity_bps"}))
    elif face < far and check.liveness == "failed":
        found.stops.append(Reason("GTE-FACE", {"face_similarity_bps": face}))
    elif face < read["gate_face_similarity_bps_pass"]:
        found.looks.append(Reason("GTE-FACE-UNSURE", {"face_similarity_bps": face}))
    if check.liveness == "not_done" and (face is None or face < far):
        found.lacking.append("liveness")
    if face is None and check.liveness != "passed":
        found.lacking.append("face_similarity_bps")
