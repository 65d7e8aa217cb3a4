"""What phone, device, contacts and papers tell of an applicant, beside what was measured before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from creditfactory.world.bureau_details import Row
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.population import Person

PLATFORMS = {"android": 58, "ios": 24, "harmony": 15, "windows": 3}
SCREENS = {"android": (2_592_000, 1_036_800), "ios": (2_962_440, 3_342_336), "harmony": (2_808_000, 3_110_400),
           "windows": (2_073_600, 921_600), "linux": (480_000, 786_432)}  # fmt: skip
BROWSERS = {"android": "Chrome Mobile", "ios": "Safari", "harmony": "Huawei Browser", "windows": "Edge",
            "linux": "Chrome"}  # fmt: skip
SCANNERS = ("CamScanner", "WPS", "Android Camera", "iOS Scanner", "HP Scan")
PROOF_BITS = 17
FIELDS = 12


def name_phone(number: str) -> str:
    """The token of a telephone number, the same for everybody who names it."""
    return f"ph-{hash_number('phone', number, below=16**12):012x}"


def detail_device(chance: Chance, person: Person, shown: Mapping[str, Any]) -> dict[str, Any]:
    """How the form was filled in and what the device says of itself, in keeping with pace and kind."""
    kind = person.truth.kind if person.role is None or person.role.group is None else "honest"
    if kind == "robot":
        return {"behaviour": _behave_as_robot(chance), "marks": _mark_robot(chance, person)}
    platform = chance.weighted(PLATFORMS)
    keys = chance.between(90, 260)
    seconds = shown["form_seconds"]
    is_helped = kind == "packaged"
    own = [chance.around(1.0, 0.6) for _ in range(FIELDS)]
    behaviour = {
        "pastes": chance.between(4, 9) if is_helped else chance.count(0.6),
        "corrections": chance.count(1.0) if is_helped else chance.between(2, 22),
        "focus_losses": chance.count(1.5), "keys": keys, "typing_spread_bps": chance.between(3_200, 9_000),
        "pointer_straight_bps": chance.between(1_200, 5_200), "pointer_pause_ms": chance.between(180, 1_500),
        "touches": 0 if platform == "windows" else chance.between(60, 260),
        "scrolls": chance.between(8, 60), "tilt_changes": 0 if platform == "windows" else chance.between(30, 900),
        "proof_ms": chance.between(160, 2_600), "proof_bits": PROOF_BITS,
        "fields_autofilled": chance.count(0.7),
        "field_seconds": [max(1, round(seconds * weight / sum(own))) for weight in own],
    }  # fmt: skip
    return {"behaviour": behaviour, "marks": _mark_device(chance, person, platform)}


def _behave_as_robot(chance: Chance) -> dict[str, Any]:
    return {
        "pastes": 0, "corrections": 0, "focus_losses": 0, "keys": chance.between(0, 160),
        "typing_spread_bps": chance.between(0, 400), "pointer_straight_bps": chance.between(9_400, 10_000),
        "pointer_pause_ms": chance.between(0, 12), "touches": 0, "scrolls": 0, "tilt_changes": 0,
        "proof_ms": chance.between(2, 40), "proof_bits": PROOF_BITS if chance.happens(0.7) else 0,
        "fields_autofilled": 0, "field_seconds": [chance.between(0, 1) for _ in range(FIELDS)],
    }  # fmt: skip


def _mark_robot(chance: Chance, person: Person) -> dict[str, Any]:
    return {
        "platform": "linux", "browser": BROWSERS["linux"], "screen_pixels": chance.one_of(SCREENS["linux"]),
        "cores": chance.one_of((1, 2, 4)), "memory_gb": chance.one_of((1, 2, 4)), "zone_minutes": 0,
        "language": "en-US", "is_proxy": chance.happens(0.7), "is_rooted": None, "is_automated": chance.happens(0.7),
        "has_camera": False, "has_touch": False, "canvas": f"cv-headless-{chance.between(1, 4)}",
        "ip_city": None, "gps_city": None, "gps_accuracy_m": None, "is_gps_mocked": None, "battery_bps": None,
        "is_charging": None,
    }  # fmt: skip


def _mark_device(chance: Chance, person: Person, platform: str) -> dict[str, Any]:
    has_place = chance.happens(0.8)
    is_far = person.truth.kind == "impostor" and chance.happens(0.5)
    near = "elsewhere" if is_far else person.city.code
    return {
        "platform": platform, "browser": BROWSERS[platform], "screen_pixels": chance.one_of(SCREENS[platform]),
        "cores": chance.one_of((4, 8, 8)), "memory_gb": chance.one_of((4, 6, 8, 12)), "zone_minutes": 480,
        "language": "zh-CN", "is_proxy": chance.happens(0.25 if is_far else 0.015), "is_rooted": chance.happens(0.01),
        "is_automated": False, "has_camera": True, "has_touch": platform != "windows",
        "canvas": f"cv-{platform}-{chance.between(1, 40)}", "ip_city": near,
        "gps_city": near if has_place else None, "gps_accuracy_m": chance.between(5, 90) if has_place else None,
        "is_gps_mocked": chance.happens(0.25 if is_far else 0.003) if has_place else None,
        "battery_bps": chance.between(300, 10_000), "is_charging": chance.happens(0.3),
    }  # fmt: skip


def list_contacts(chance: Chance, person: Person, at: datetime) -> Row:
    """Whom the applicant names to be reached through: the family first, then friends; a robot makes numbers up."""
    relations = ["spouse"] if chance.happens(0.72) else ["parent"]
    relations += [
        chance.weighted({"friend": 4, "sibling": 3, "parent": 2, "partner": 1, "colleague": 2})
        for _ in range(chance.between(1, 3))
    ]
    phones = [f"ph-{hash_number('contact', person.reference, place, below=16**12):012x}" for place in range(4)]
    cities = [person.city.code if chance.happens(0.75) else "elsewhere" for _ in relations]
    return {"kind": "contacts", "obtained_at": at.isoformat(), "relation": relations,
            "phone": phones[: len(relations)], "city": cities}  # fmt: skip


def tell_telecom(chance: Chance, person: Person, is_lent: bool) -> dict[str, Any]:
    """What the telephone company says of the number given; an agent's spare number is young and of a virtual house."""
    if person.truth.kind in ("robot", "impostor") or is_lent:
        return {
            "tenure_months": chance.between(0, 7), "is_in_service": True, "is_real_name": chance.happens(0.7),
            "is_virtual_operator": chance.happens(0.6), "stops_12m": chance.count(0.5),
            "home_city": "elsewhere", "number_sims": chance.between(2, 6),
        }  # fmt: skip
    return {
        "tenure_months": max(1, min(240, round(chance.around(62, 0.7)))), "is_in_service": True,
        "is_real_name": not chance.happens(0.004), "is_virtual_operator": chance.happens(0.02),
        "stops_12m": chance.count(0.15 * 0.6**person.truth.quality),
        "home_city": person.city.code if chance.happens(0.85) else "elsewhere", "number_sims": 1 + chance.count(0.5),
    }  # fmt: skip


def detail_identity(chance: Chance, person: Person, told: Mapping[str, Any]) -> dict[str, Any]:
    """The camera's challenges behind the verdict: who is alive does them; a replay and an injected picture do not."""
    is_bad = person.truth.kind in ("robot", "impostor")
    passed = told["liveness"] == "passed"
    return {
        "is_injected": is_bad and not passed and chance.happens(0.5),
        "is_replayed": is_bad and not passed and chance.happens(0.4), "challenges_asked": 3,
        "challenges_passed": 3 if passed else chance.between(0, 1), "faces_seen_before": 0,
        "document_confidence": chance.between(55, 80) if person.truth.kind == "robot" else chance.between(88, 99),
        "is_document_copied": is_bad and chance.happens(0.5),
        "is_number_consistent": person.truth.kind != "robot" or chance.happens(0.4), "method": "camera",
    }  # fmt: skip


def list_papers(
    chance: Chance, person: Person, at: datetime, *, uploads_statement: bool, chain_breaks: int
) -> list[Row]:
    """What was found of each paper handed in; a packaged one comes from the broker's own program."""
    kinds = ["id_card_front", "id_card_back", "licence", "lease", "photo"]
    kinds += ["bank_statement"] if uploads_statement else []
    plays = person.role is not None and person.role.group is not None
    is_packaged = person.truth.kind == "packaged" and not plays
    rows = []
    for kind in kinds:
        is_template = is_packaged and kind in ("lease", "photo", "bank_statement")
        owner = person.agent if is_template and chance.happens(0.6) else person.reference
        made = at - timedelta(days=chance.between(1, 90), minutes=chance.between(0, 1_000))
        rows.append({
            "kind": "paper", "obtained_at": at.isoformat(), "paper": kind,
            "digest": f"{hash_number('paper', person.reference, kind, below=16**15):015x}",
            "likeness": f"{hash_number('likeness', owner, kind, below=16**15):015x}",
            "producer": f"pdf-tool-{hash_number(person.agent, below=5)}" if is_template else chance.one_of(SCANNERS),
            "made_at": made.isoformat(),
            "changed_at": (at - timedelta(minutes=chance.between(30, 2_000))).isoformat() if is_template else None,
            "pages": chance.between(6, 24) if kind == "bank_statement" else 1, "lines": None,
            "confidence": chance.between(60, 84) if person.truth.kind == "robot" else chance.between(86, 99),
            "findings": ["PAP-CHAIN"] if kind == "bank_statement" and chain_breaks else [],
            "seen_before": None,
        })  # fmt: skip
    return rows
