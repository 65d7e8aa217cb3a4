"""The signals of a session and what each is worth: what the page measured, what the device says, what was seen before.

A signal that is hit adds the points the rulebook gives it; one that is unknown adds nothing, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from creditfactory.application import Behaviour, DeviceMarks, DeviceSession, IdentityCheck
from creditfactory.kernel import Scalar

Side = Literal["below", "above", "true", "false"]
Source = Literal["device", "behaviour", "marks", "identity", "velocity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """What was seen of this device, address, phone and person before this application; None where nobody counted.

    ``trace_sessions`` counts other sessions with the very same rhythm of keys and pointer: a recording played again.
    """

    device_applications_1d: int | None = None
    device_persons_30d: int | None = None
    ip_applications_1h: int | None = None
    ip_persons_1d: int | None = None
    phone_persons_90d: int | None = None
    person_applications_7d: int | None = None
    trace_sessions: int | None = None
    device_listed: int | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: where it is read, on which side of its line it is hit, and the reason it gives."""

    name: str
    code: str
    source: Source
    side: Side


SIGNALS: tuple[Signal, ...] = (
    Signal("form_seconds", "GTE-FAST-FORM", "device", "below"),
    Signal("typing_ms_median", "GTE-FAST-TYPING", "device", "below"),
    Signal("typing_spread_bps", "GTE-EVEN-TYPING", "behaviour", "below"),
    Signal("hand_marks", "GTE-NO-HAND", "behaviour", "below"),
    Signal("pastes", "GTE-PASTED", "behaviour", "above"),
    Signal("pointer_straight_bps", "GTE-STRAIGHT-POINTER", "behaviour", "above"),
    Signal("pointer_pause_ms", "GTE-NO-PAUSE", "behaviour", "below"),
    Signal("field_spread_bps", "GTE-EVEN-FIELDS", "behaviour", "below"),
    Signal("proof_bits", "GTE-PROOF-WEAK", "behaviour", "below"),
    Signal("proof_ms", "GTE-PROOF-FAST", "behaviour", "below"),
    Signal("is_proxy", "GTE-PROXY", "marks", "true"),
    Signal("is_rooted", "GTE-ROOTED", "marks", "true"),
    Signal("is_gps_mocked", "GTE-GPS-MOCKED", "marks", "true"),
    Signal("is_touch_missing", "GTE-TOUCH-MISSING", "marks", "true"),
    Signal("zone_minutes_off", "GTE-ZONE", "marks", "above"),
    Signal("is_injected", "GTE-INJECTED", "identity", "true"),
    Signal("is_replayed", "GTE-REPLAYED", "identity", "true"),
    Signal("is_document_copied", "GTE-COPY", "identity", "true"),
    Signal("is_number_consistent", "GTE-NUMBER", "identity", "false"),
    Signal("challenges_missed", "GTE-CHALLENGE", "identity", "above"),
    Signal("faces_seen_before", "GTE-FACE-SEEN", "identity", "above"),
    Signal("device_applications_1d", "GTE-DEVICE-OFTEN", "velocity", "above"),
    Signal("device_persons_30d", "GTE-DEVICE-SHARED", "velocity", "above"),
    Signal("ip_applications_1h", "GTE-IP-OFTEN", "velocity", "above"),
    Signal("ip_persons_1d", "GTE-IP-SHARED", "velocity", "above"),
    Signal("phone_persons_90d", "GTE-PHONE-SHARED", "velocity", "above"),
    Signal("person_applications_7d", "GTE-PERSON-OFTEN", "velocity", "above"),
)
"""Every signal that may carry points, in the order in which staff read them. A language is none: it says whose
mother tongue it is, and that is nobody's fault."""

MEASURED = ("typing_spread_bps", "hand_marks", "proof_bits", "is_automated", "trace_sessions")
"""What the house's own page always measures: unknown there, a person looks."""


def read_signals(
    device: DeviceSession | None, identity: IdentityCheck | None, velocity: Velocity | None, *, zone_minutes: int
) -> dict[str, Scalar]:
    """Every signal by name, None where it is unknown; ``zone_minutes`` is the applicant's own offset from UTC.

    >>> found = read_signals(None, None, Velocity(ip_applications_1h=3), zone_minutes=480)
    >>> found["ip_applications_1h"], found["proof_bits"]
    (3, None)
    """
    behaviour = device.behaviour if device is not None else None
    marks = device.marks if device is not None else None
    found: dict[str, Scalar] = {signal.name: None for signal in SIGNALS}
    if device is not None:
        found |= {"form_seconds": device.form_seconds, "typing_ms_median": device.typing_ms_median}
    found |= _read_behaviour(behaviour, device)
    found |= _read_marks(marks, zone_minutes)
    if identity is not None:
        names = ("is_injected", "is_replayed", "is_document_copied", "is_number_consistent", "faces_seen_before")
        found |= {name: getattr(identity, name) for name in names}
        asked, passed = identity.challenges_asked, identity.challenges_passed
        found["challenges_missed"] = None if asked is None or passed is None else asked - passed
    if velocity is not None:
        found |= {name: getattr(velocity, name) for name in velocity.__dataclass_fields__}
    return found


def _read_behaviour(behaviour: Behaviour | None, device: DeviceSession | None) -> dict[str, Scalar]:
    if behaviour is None or device is None:
        return {}
    parts = (behaviour.keys, behaviour.touches, device.pointer_moves)
    known = [part for part in parts if part is not None]
    moves = device.pointer_moves or 0
    return {
        "typing_spread_bps": behaviour.typing_spread_bps,
        "hand_marks": sum(known) if known else None,
        "pastes": behaviour.pastes,
        "pointer_straight_bps": behaviour.pointer_straight_bps if moves else None,
        "pointer_pause_ms": behaviour.pointer_pause_ms if moves else None,
        "field_spread_bps": spread_bps(behaviour.field_seconds),
        "proof_bits": behaviour.proof_bits,
        "proof_ms": behaviour.proof_ms,
    }


def _read_marks(marks: DeviceMarks | None, zone_minutes: int) -> dict[str, Scalar]:
    if marks is None:
        return {}
    is_phone = marks.platform in ("android", "ios", "harmony")
    off = None if marks.zone_minutes is None else abs(marks.zone_minutes - zone_minutes)
    return {
        "is_proxy": marks.is_proxy,
        "is_rooted": marks.is_rooted,
        "is_gps_mocked": marks.is_gps_mocked,
        "is_automated": marks.is_automated,
        "is_touch_missing": None if marks.has_touch is None else is_phone and not marks.has_touch,
        "zone_minutes_off": off,
    }


def spread_bps(values: tuple[int, ...]) -> int | None:
    """How far values lie apart: their standard deviation in basis points of their mean; None for fewer than four.

    >>> spread_bps((2, 2, 2, 2)), spread_bps((1, 9, 3, 14)), spread_bps((1, 2))
    (0, 7581, None)
    """
    if len(values) < 4 or sum(values) <= 0:
        return None
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return round(10_000 * sqrt(variance) / mean)


def is_hit(signal: Signal, value: Scalar, line: Any) -> bool:
    """Whether a known value lies on the wrong side of its line; an unknown one never does.

    >>> is_hit(SIGNALS[0], 12, 20), is_hit(SIGNALS[0], None, 20), is_hit(SIGNALS[0], 20, 20)
    (True, False, False)
    """
    if value is None:
        return False
    if signal.side in ("true", "false"):
        return value is (signal.side == "true")
    if line is None or isinstance(value, str):
        return False
    return bool(value < line) if signal.side == "below" else bool(value > line)


def count_points(signals: Mapping[str, Scalar], points: Mapping[str, int], lines: Mapping[str, int]) -> dict[str, int]:
    """The points of each signal that is hit, by name; a signal without points in the rulebook is not judged.

    >>> count_points({"form_seconds": 5, "pastes": 9}, {"form_seconds": 35}, {"form_seconds": 20, "pastes": 3})
    {'form_seconds': 35}
    """
    return {
        signal.name: points[signal.name]
        for signal in SIGNALS
        if signal.name in points and is_hit(signal, signals.get(signal.name), lines.get(signal.name))
    }
