"""Who plays which part: every applicant of a market in the order of time, each with a tactic's role or none."""

from __future__ import annotations

from dataclasses import dataclass

from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.tactics import Group, Looks, Tactics, Thing, change_looks


@dataclass(frozen=True, slots=True)
class Role:
    """One applicant's part: on which day of the market, in which gang, the how-manieth of it; ``group`` None is nobody.

    ``day`` counts from the market's first, with the time of day as its fraction.
    """

    day: float
    group: Group | None = None
    gang: int = 0
    member: int = 0

    @property
    def gang_name(self) -> str | None:
        """The gang's name in the truth."""
        return None if self.group is None else f"{self.group.code}-{self.gang:03d}"


_CASTS: dict[tuple[int, int], tuple[Tactics, tuple[Role, ...]]] = {}


def find_role(tactics: Tactics, seed: int, index: int) -> Role:
    """The part of the applicant of this number; who comes after the last is one of the crowd."""
    key = (id(tactics), seed)
    if key not in _CASTS:
        _CASTS[key] = (tactics, cast_roles(tactics, seed))
    roles = _CASTS[key][1]
    return roles[index] if index < len(roles) else Role(float(index % tactics.days))


def cast_roles(tactics: Tactics, seed: int) -> tuple[Role, ...]:
    """Everybody in the order of time; the number of an applicant is its place here."""
    roles: list[Role] = []
    for group in tactics.groups:
        roles += _cast_group(tactics, seed, group)
    chance = Chance(seed, f"crowd:{tactics.tactics}")
    roles += [Role(chance.real(0, tactics.days)) for _ in range(max(0, tactics.applicants - len(roles)))]
    return tuple(sorted(roles, key=lambda role: (role.day, role.gang, role.member)))


def _cast_group(tactics: Tactics, seed: int, group: Group) -> list[Role]:
    """Gangs one after the other, until the group's share of all applicants is reached."""
    wanted = round(group.share * tactics.applicants)
    last = min(group.to_day, tactics.days)
    found: list[Role] = []
    gang = 0
    while len(found) < wanted:
        chance = Chance(seed, f"gang:{tactics.tactics}:{group.code}:{gang}")
        size = min(round(chance.real(group.size.low, group.size.high)), wanted - len(found))
        tempo = min(chance.real(group.tempo_days.low, group.tempo_days.high), max(0.5, last - group.from_day))
        begin = chance.real(group.from_day, max(group.from_day, last - tempo))
        for member in range(size):
            day = begin + chance.real(0, tempo)
            if member < group.sleepers:
                day = max(0.0, begin - group.sleeper_days + chance.real(0, 3))
            found.append(Role(min(day, tactics.days - 0.001), group, gang, member))
        gang += 1
    return found


def find_looks(role: Role, *, is_caught: bool = False) -> Looks:
    """How this applicant appears: the group's looks, changed by the days gone by and by having been caught."""
    looks = Looks() if role.group is None else role.group.looks
    if role.group is None:
        return looks
    for change in role.group.changes:
        if (change.from_day is not None and role.day >= change.from_day) or (
            change.caught_share is not None and is_caught
        ):
            looks = change_looks(looks, change.looks)
    return looks


def find_thing(seed: int, role: Role, looks: Looks, thing: Thing) -> str | None:
    """The token of the gang's own thing that this member uses, or None where one of its own is used."""
    share = looks.shares.get(thing, 0.0)
    draw = Chance(seed, f"shares:{thing}:{role.gang_name}:{role.member}")
    if not draw.happens(share):
        return None
    number = draw.between(1, looks.pool.get(thing, 1))
    return f"{hash_number(seed, role.gang_name, thing, number, looks.fresh, below=16**12):012x}"
