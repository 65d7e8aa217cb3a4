"""How a tactic's members appear in what they hand in: their device and hand, their telephone, contacts and papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from creditfactory.world.bureau_details import Row
from creditfactory.world.casting import Role, find_thing
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.population import Person
from creditfactory.world.surroundings import FIELDS, PROOF_BITS, name_phone
from creditfactory.world.tactics import Looks, Thing

Bounds = tuple[int, int]
HANDS: Mapping[str, Mapping[str, Bounds]] = {
    "helped": {
        "typing_ms_median": (85, 140), "form_seconds": (140, 320), "pointer_moves": (150, 700), "pastes": (3, 8),
        "corrections": (0, 3), "typing_spread_bps": (2_600, 7_000),
    },
    "dumb": {
        "typing_ms_median": (3, 22), "form_seconds": (4, 24), "pointer_moves": (0, 4), "pastes": (0, 0),
        "corrections": (0, 0), "typing_spread_bps": (0, 400), "keys": (0, 160), "touches": (0, 0), "scrolls": (0, 0),
        "tilt_changes": (0, 0), "pointer_straight_bps": (9_400, 10_000), "pointer_pause_ms": (0, 12),
        "proof_ms": (1, 40), "proof_bits": (0, PROOF_BITS), "field_seconds": (0, 1),
    },
    "solver": {
        "typing_ms_median": (8, 60), "form_seconds": (18, 70), "pointer_moves": (0, 60), "pastes": (0, 6),
        "corrections": (0, 1), "typing_spread_bps": (100, 1_300), "keys": (0, 200), "touches": (0, 3),
        "scrolls": (0, 5), "tilt_changes": (0, 0), "pointer_straight_bps": (8_800, 10_000),
        "pointer_pause_ms": (0, 45), "proof_ms": (20, 300), "proof_bits": (PROOF_BITS, PROOF_BITS),
        "field_seconds": (1, 4),
    },
    "humanised": {
        "typing_ms_median": (90, 280), "form_seconds": (90, 480), "pointer_moves": (120, 900), "pastes": (0, 3),
        "corrections": (0, 8), "typing_spread_bps": (900, 3_600), "keys": (80, 240), "touches": (0, 120),
        "scrolls": (2, 40), "tilt_changes": (0, 60), "pointer_straight_bps": (5_000, 9_700),
        "pointer_pause_ms": (25, 260), "proof_ms": (90, 900), "proof_bits": (PROOF_BITS, PROOF_BITS),
        "field_seconds": (4, 40),
    },
}  # fmt: skip
"""Between which bounds each hand's figures lie; what a hand does not name is as with anybody."""
BARE: Mapping[str, tuple[float, float, float]] = {
    "dumb": (0.75, 0.5, 0.6),
    "solver": (0.30, 0.2, 0.08),
    "humanised": (0.03, 0.04, 0.01),
}
"""How often a hand shows itself as a headless browser, an emulator, or by filling in the trap field."""


def dress_device(seed: int, person: Person, role: Role, looks: Looks, shown: Row) -> Row:
    """The device session as the role has it: whose device and address, and whose hand."""
    chance = Chance(seed, f"dress:{person.index}")
    dressed = dict(shown)
    for thing, prefix in (("device", "dev"), ("ip", "ip")):
        token = find_thing(seed, role, looks, "device" if thing == "device" else "ip")
        if token is not None:
            dressed[thing] = f"{prefix}-{token}"
    hand = HANDS.get(looks.hand, {})
    behaviour, marks = dict(dressed.get("behaviour") or {}), dict(dressed.get("marks") or {})
    for name, (low, high) in hand.items():
        if name in ("typing_ms_median", "form_seconds", "pointer_moves"):
            dressed[name] = chance.between(low, high)
        elif behaviour:
            behaviour[name] = chance.between(low, high)
    if behaviour:
        low, high = hand.get("field_seconds", (0, 0))
        own = [chance.between(low, high) for _ in range(FIELDS)] if high else behaviour["field_seconds"]
        dressed["behaviour"] = behaviour | {"field_seconds": own}
    if looks.hand in BARE:
        headless, emulator, trap = BARE[looks.hand]
        dressed |= {
            "is_headless": chance.happens(headless), "is_emulator": chance.happens(emulator),
            "is_trap_filled": chance.happens(trap),
        }  # fmt: skip
        if marks:
            marks |= {"is_automated": chance.happens(min(1.0, headless * 1.3)),
                      "zone_minutes": 480 if looks.hand == "humanised" else 0,
                      "is_gps_mocked": chance.happens(0.25), "battery_bps": 10_000, "is_charging": True}  # fmt: skip
            if looks.hand != "humanised":
                marks |= {"has_touch": False, "has_camera": False}
    if marks:
        dressed["marks"] = marks | ({"is_proxy": True} if chance.happens(looks.proxy) else {})
    return dressed


def dress_contacts(seed: int, role: Role, looks: Looks, contacts: Row) -> Row:
    """Contacts among whom the gang's own numbers stand."""
    phones = list(contacts["phone"])
    for place in range(len(phones)):
        draw = Chance(seed, f"contact:{role.gang_name}:{role.member}:{place}")
        if draw.happens(looks.shares.get("contact", 0.0)):
            number = draw.between(1, looks.pool.get("contact", 2))
            phones[place] = f"ph-{hash_number(seed, role.gang_name, 'contact', number, looks.fresh, below=16**12):012x}"
    return {**contacts, "phone": phones}


def dress_papers(seed: int, role: Role, looks: Looks, papers: list[Row]) -> list[Row]:
    """Papers made after one pattern: the same picture under another name; the honest share a lease's form."""
    dressed = []
    same = ("lease", "photo", "licence") if role.group is not None and role.group.is_dishonest else ("lease",)
    for paper in papers:
        token = find_thing(seed, role, looks, "paper") if paper["paper"] in same else None
        dressed.append(paper if token is None else {**paper, "likeness": f"{token}-{paper['paper']}"})
    return dressed


def dress_identity(seed: int, person: Person, looks: Looks, told: Row) -> Row:
    """Whose papers are shown, and whether the camera is passed."""
    chance = Chance(seed, f"papers-of:{person.index}")
    dressed = dict(told)
    if looks.papers == "stolen":
        dressed |= {"is_document_valid": True, "is_name_matched": True, "is_phone_matched": chance.happens(0.15)}
    elif looks.papers == "invented":
        dressed |= {"is_document_valid": chance.happens(0.25), "is_name_matched": chance.happens(0.3),
                    "is_phone_matched": False}  # fmt: skip
    elif chance.happens(looks.new_phone):
        dressed["is_phone_matched"] = chance.happens(0.8)
    if looks.liveness_passes is not None:
        passes = chance.happens(looks.liveness_passes)
        face = chance.between(8_000, 9_600) if passes else chance.between(800, 6_500)
        dressed |= {"liveness": "passed" if passes else "failed", "face_similarity_bps": face}
        if "is_injected" in dressed:
            dressed |= {
                "is_injected": not passes and chance.happens(0.55), "is_replayed": not passes and chance.happens(0.4),
                "challenges_passed": 3 if passes else chance.between(0, 1),
            }  # fmt: skip
    return dressed


def dress_telecom(seed: int, person: Person, looks: Looks, told: Row) -> Row:
    """A number bought for the purpose is young."""
    chance = Chance(seed, f"number:{person.index}")
    if not chance.happens(looks.new_phone):
        return told
    return {**told, "tenure_months": chance.between(0, 5), "is_virtual_operator": chance.happens(0.5),
            "stops_12m": 0, "number_sims": chance.between(1, 5)}  # fmt: skip


def list_tokens(seed: int, person: Person, phone: str, looks: Looks) -> dict[str, str]:
    """What a vault would know as blind tokens and nobody hands in bare: number, address, card, place of work."""
    own = {"phone": name_phone(phone)}
    for thing in ("address", "card", "employer"):
        own[thing] = f"{thing}-{hash_number(seed, thing, person.index, below=16**12):012x}"
    if person.role is None or person.role.group is None:
        return own
    things: tuple[Thing, ...] = ("phone", "address", "card", "employer")
    for thing in things:
        token = find_thing(seed, person.role, looks, thing)
        if token is not None:
            own[thing] = f"ph-{token}" if thing == "phone" else f"{thing}-{token}"
    return own


def find_company(seed: int, role: Role, looks: Looks) -> str | None:
    """The shell firm that this member applies for, or None."""
    token: Any = find_thing(seed, role, looks, "company")
    return None if token is None else str(token)
