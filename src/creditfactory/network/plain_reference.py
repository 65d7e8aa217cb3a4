"""The same numbers counted slowly and plainly, from lists and dictionaries: what the index is measured against."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from creditfactory.network.indicators import INDICATORS, WINDOWS
from creditfactory.network.kinds import KINDS, NUMBER, RARE, find_key
from creditfactory.network.scratch import DAY, DECAY, LIMITS, MASS, Limits

SECOND = 1_000_000
MONTH = 30 * DAY
AGENT, CONTACT, DEVICE, ADDRESS, CARD = (NUMBER[k] for k in ("agent", "contact", "device", "address", "card"))
IP = NUMBER["ip"]
WALKED = {number for number, kind in enumerate(KINDS) if kind.weight}
STRONG = {number for number, kind in enumerate(KINDS) if kind.is_strong}
DECAYS: list[int] = DECAY.tolist()

Thing = tuple[int, int]
"""Number of the kind, and key."""


@dataclass(slots=True)
class PlainNetwork:
    """All ties and outcomes, as plain lists: ``touches`` by application, ``links`` by thing."""

    limits: Limits = LIMITS
    touches: dict[int, dict[Thing, int]] = field(default_factory=lambda: defaultdict(dict))
    links: dict[Thing, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    bad: dict[int, int] = field(default_factory=dict)
    fraud: dict[int, int] = field(default_factory=dict)

    def add(self, application: int, kind: str, token: str, at: int) -> None:
        """An application touches a thing."""
        self.add_key(application, NUMBER[kind], find_key(kind, token), at)

    def add_key(self, application: int, kind: int, key: int, at: int) -> None:
        """The same, by numbers."""
        if (kind, key) not in self.touches[application]:
            self.touches[application][kind, key] = at
            self.links[kind, key][application] = at

    def turn(self, application: int, at: int, *, is_fraud: bool = False) -> None:
        """An application turned out bad."""
        self.bad[application] = min(at, self.bad.get(application, at))
        if is_fraud:
            self.fraud[application] = min(at, self.fraud.get(application, at))

    def forget(self, application: int) -> None:
        """An application is taken out."""
        for thing in self.touches.pop(application, {}):
            del self.links[thing][application]
        self.bad.pop(application, None)
        self.fraud.pop(application, None)

    def person_of(self, application: int) -> Thing | None:
        """The person of an application."""
        return next((thing for thing in self.touches[application] if thing[0] == 0), None)

    def known_links(self, thing: Thing, as_of: int) -> list[tuple[int, int]]:
        """Instants and applications of a thing known before an instant, oldest first."""
        found = sorted((at, application) for application, at in self.links[thing].items())
        return found[: bisect_left(found, (as_of, -1))]


@dataclass(slots=True)
class Visit:
    """A neighbour, how many ties away, and how it is tied."""

    application: int
    level: int
    carried: int = 0
    shared: list[Thing] = field(default_factory=list)
    is_in_ring: bool = False


class Look:
    """One look around one application at one instant."""

    def __init__(self, network: PlainNetwork, application: int, as_of: int) -> None:
        self.net, self.root, self.as_of, self.limits = network, application, as_of, network.limits
        mine = network.touches.get(application, {})
        self.things = sorted(thing for thing, at in mine.items() if at <= as_of)
        self.person = next((thing for thing in self.things if thing[0] == 0), None)
        self.own: list[int] = []
        if self.person is not None:
            newest = reversed(network.known_links(self.person, as_of))
            self.own = [a for _, a in newest if a != application][: self.limits.own]
        self.visits: dict[int, Visit] = {a: Visit(a, 0) for a in (application, *self.own)}
        self.met: dict[Thing, int] = {}
        self.is_capped = False
        self.read = 0
        self.rings = 0
        self.seen_links: dict[Thing, list[tuple[int, int]]] = {}

    def is_own(self, application: int) -> bool:
        """Whether it is the application itself or its person's."""
        return application == self.root or (self.person is not None and self.net.person_of(application) == self.person)

    def knows(self, application: int, thing: Thing) -> bool:
        """Whether it is known that an application touches a thing."""
        at = self.net.touches[application][thing]
        return at <= self.as_of if application == self.root else at < self.as_of

    def is_bad(self, application: int) -> bool:
        """Whether it is known to be bad."""
        return self.net.bad.get(application, self.as_of + 1) <= self.as_of

    def is_fraud(self, application: int) -> bool:
        """Whether it is known to be a fraud."""
        return self.net.fraud.get(application, self.as_of + 1) <= self.as_of

    def count_people(self, applications: Iterable[int]) -> int:
        """Different people behind applications; one without a person stands for itself."""
        return len({self.net.person_of(a) or a for a in applications})

    def share(self, part: int, whole: int) -> int | None:
        """In hundredths of a per cent."""
        return part * 10_000 // whole if whole else None

    def since(self, applications: Iterable[int], time: int) -> int:
        """How many were first known within a time."""
        return sum(min(self.net.touches[a].values()) >= self.as_of - time for a in applications)

    # --- what the application itself touches

    def tell_thing(self, thing: Thing) -> dict[str, int | None]:
        """The numbers of one thing."""
        own = {self.root, *self.own}
        links = self.net.known_links(thing, self.as_of)
        others = [(at, a) for at, a in links if a not in own]
        told: dict[str, int | None] = {"others__all": len(others)}
        for window, seconds in WINDOWS:
            told[f"others__{window}"] = sum(at >= self.as_of - seconds * SECOND for at, _ in others)
        newest = [a for _, a in links[-self.limits.hub :]]
        told["people__all"] = self.count_people(a for a in newest if not self.is_own(a))
        known = [max(at + 1, self.net.bad[a]) for at, a in others if self.is_bad(a)]
        told["bads__all"] = len(known)
        told["bads__90d"] = sum(at > self.as_of - 90 * DAY for at in known)
        told["bad_share__all"] = self.share(len(known), len(others))
        strangers = [at for at, a in links if not self.is_own(a)]
        told["age__all"] = (self.as_of - strangers[0]) // DAY if strangers else None
        told["quiet__all"] = (self.as_of - strangers[-1]) // DAY if strangers else None
        week, quarter = told["others__7d"] or 0, told["others__90d"] or 0
        told["burst__7d"] = week * 900_000 // (7 * quarter) if quarter else None
        return told

    def tell_kinds(self) -> dict[str, int | None]:
        """The numbers of each kind touched."""
        found: dict[str, int | None] = {}
        for kind, key in self.things:
            if kind == 0:
                continue
            for measure, value in self.tell_thing((kind, key)).items():
                name = f"network__{KINDS[kind].code}__{measure}"
                held = found.get(name)
                if value is not None:
                    better = min if measure == "quiet__all" else max
                    found[name] = value if held is None else better(value, held)
        return found

    def tell_own(self) -> dict[str, int | None]:
        """How often the person applied, and with how many different things."""
        found: dict[str, int | None] = {}
        if self.person is not None:
            times = [at for at, a in self.net.known_links(self.person, self.as_of) if a != self.root]
            for window, seconds in WINDOWS:
                found[f"network__own__applications__{window}"] = sum(
                    at >= self.as_of - seconds * SECOND for at in times
                )
            found["network__own__applications__all"] = len(times)
        found["network__own__bads__all"] = sum(self.is_bad(a) for a in self.own)
        used = {thing for a in (self.root, *self.own) for thing in self.net.touches.get(a, {}) if self.knows(a, thing)}
        for number, kind in enumerate(KINDS):
            if number:
                found[f"network__own__{kind.code}_count__all"] = sum(thing[0] == number for thing in used)
        return found

    def count_strong_bads(self) -> int:
        """Bads among the newest on the application's own phone, device and card."""
        bads = set()
        for thing in self.things:
            if KINDS[thing[0]].code in ("phone", "device", "card"):
                newest = [a for _, a in self.net.known_links(thing, self.as_of)[-self.limits.hub :]]
                bads |= {a for a in newest if self.is_bad(a) and not self.is_own(a)}
        return len(bads)

    # --- the walk

    def links_of(self, thing: Thing) -> list[tuple[int, int]]:
        """A thing's links within the time of the walk, oldest first."""
        if thing not in self.seen_links:
            known = self.net.known_links(thing, self.as_of)
            self.seen_links[thing] = [(at, a) for at, a in known if at >= self.as_of - self.limits.walk]
        return self.seen_links[thing]

    def is_hub(self, thing: Thing) -> bool:
        """Whether it is not walked through."""
        return thing[0] not in STRONG and len(self.links_of(thing)) > self.limits.hub

    def list_open(self, application: int) -> list[Thing]:
        """The things of an application that the walk goes through."""
        return [
            thing
            for thing, at in sorted(self.net.touches.get(application, {}).items())
            if thing[0] in WALKED and self.knows(application, thing) and at >= self.as_of - self.limits.walk
            and not self.is_hub(thing)
        ]  # fmt: skip

    def walk(self) -> None:
        """Visit all within three ties."""
        level_now = [self.root, *self.own]
        carried = dict.fromkeys(t for a in level_now for t in self.list_open(a) if t[0])
        whole = sum(KINDS[kind].weight for kind, _ in carried)
        through = {thing: MASS * KINDS[thing[0]].weight // whole for thing in carried}
        for level in range(3):
            if level == 2 and len(self.visits) - 1 - len(self.own) >= self.limits.visits:
                self.is_capped = True
                return
            if level:
                through = self.hand_on(level)
            for thing in through:
                self.met[thing] = level
            for thing, mass in through.items():
                if not self.read_thing(thing, mass, level):
                    return

    def hand_on(self, level: int) -> dict[Thing, int]:
        """What the neighbours of a level hand on to things not met before."""
        through: dict[Thing, int] = {}
        for visit in [v for v in self.visits.values() if v.level == level]:
            things = self.list_open(visit.application)
            whole = sum(KINDS[kind].weight for kind, _ in things)
            for thing in things:
                if thing not in self.met:
                    share = visit.carried // 2 * KINDS[thing[0]].weight // whole
                    through[thing] = through.get(thing, 0) + share
        return through

    def read_thing(self, thing: Thing, mass: int, level: int) -> bool:
        """Visit the newest applications of a thing."""
        links = self.links_of(thing)[-self.limits.hub :]
        if self.read + len(links) > self.limits.links:
            self.is_capped = True
            return False
        self.read += len(links)
        if level == 1:
            between = [v for _, a in links if (v := self.visits.get(a)) is not None and v.level == 1]
            people = self.count_people(v.application for v in between)
            if people > 1:
                self.rings += people - 1
                for visit in between:
                    visit.is_in_ring = True
        weights = [(a, DECAYS[min((self.as_of - at) // DAY, 3_650)]) for at, a in links if not self.is_own(a)]
        whole = sum(weight for _, weight in weights)
        for application, weight in reversed(weights):
            if application not in self.visits:
                if sum(v.level > 0 for v in self.visits.values()) >= self.limits.visits:
                    self.is_capped = True
                    continue
                self.visits[application] = Visit(application, level + 1)
            visit = self.visits[application]
            if visit.level == level + 1:
                visit.carried += mass * weight // whole
                if level == 0:
                    visit.shared.append(thing)
        return True

    # --- counting

    def tell_hops(self) -> dict[str, int | None]:
        """By ties away, and within three."""
        found: dict[str, int | None] = {}
        met: set[object] = set()
        reached = [v.application for v in self.visits.values() if v.level]
        for level in (1, 2, 3):
            at_level = [v.application for v in self.visits.values() if v.level == level]
            people = {self.net.person_of(a) or a for a in at_level}
            bads = sum(map(self.is_bad, at_level))
            told = {
                "applications__all": len(at_level), "applications__30d": self.since(at_level, MONTH),
                "people__all": len(people - met), "bads__all": bads, "frauds__all": sum(map(self.is_fraud, at_level)),
                "bad_share__all": self.share(bads, len(at_level)),
            }  # fmt: skip
            met |= people
            found |= {f"network__hop{level}__{measure}": value for measure, value in told.items()}
        bads = sum(map(self.is_bad, reached))
        found["network__reach__applications__all"] = len(reached)
        found["network__reach__bads__all"] = bads
        found["network__reach__bad_share__all"] = self.share(bads, len(reached))
        found["network__reach__capped__all"] = int(self.is_capped)
        return found

    def tell_proximity(self) -> dict[str, int | None]:
        """How close known bads are."""
        bads = [v for v in self.visits.values() if v.level and self.is_bad(v.application)]
        frauds = [v for v in self.visits.values() if v.level and self.is_fraud(v.application)]

        def weigh(visit: Visit, known: int) -> int:
            return visit.carried * DECAYS[min((self.as_of - known) // DAY, 3_650)] // 1_000_000

        close = [weigh(v, self.net.bad[v.application]) for v in bads]
        told: dict[str, int | None] = {
            "bads__all": sum(close) // 1_000_000,
            "frauds__all": sum(weigh(v, self.net.fraud[v.application]) for v in frauds) // 1_000_000,
            "closest_bad__all": max(close, default=0) // 1_000_000,
            "nearest_bad__all": min((v.level for v in bads), default=None),
            "newest_bad__all": min(((self.as_of - self.net.bad[v.application]) // DAY for v in bads), default=None),
        }
        return {f"network__proximity__{measure}": value for measure, value in told.items()}

    def choose_community(self) -> tuple[list[int], int, int]:
        """The members beside the applicant's own, how many shared things they have, and how many lead out."""
        others = sorted((v for v in self.visits.values() if v.level), key=lambda v: -v.carried)
        own = {self.root, *self.own}
        open_things = {v.application: self.list_open(v.application) for v in others[: self.limits.community]}
        own_things = {t for a in own for t in self.list_open(a) if t[0]}
        users: dict[Thing, set[int]] = {}

        def measure(members: Sequence[int]) -> tuple[int, int]:
            touched = own_things.union(*(open_things[a] for a in members))
            linked = cut = 0
            inside = {*own, *members}
            for thing in touched:
                if thing not in users:
                    users[thing] = {a for _, a in self.links_of(thing)}
                linked += not users[thing] <= own
                cut += not users[thing] <= inside
            return linked, cut

        best: list[int] = []
        best_linked, best_cut = measure(best)
        for size in range(1, min(len(others), self.limits.community) + 1):
            members = [v.application for v in others[:size]]
            linked, cut = measure(members)
            if cut * best_linked < best_cut * linked:
                best, best_linked, best_cut = members, linked, cut
        return best, best_linked, best_cut

    def tell_community(self) -> dict[str, int | None]:
        """How large, bad, old and fast the community is."""
        members, linked, cut = self.choose_community()
        size, bads = len(members), sum(map(self.is_bad, members))
        everybody = (self.root, *self.own, *members)
        used = {t for a in everybody for t in self.net.touches.get(a, {}) if self.knows(a, t)}
        agents = [thing for thing in self.things if thing[0] == AGENT]
        through = sum(any(t in self.net.touches[a] and self.knows(a, t) for t in agents) for a in members)
        people, devices = self.count_people(members), sum(kind == DEVICE for kind, _ in used)
        oldest = min((min(self.net.touches[a].values()) for a in members), default=None)
        told: dict[str, int | None] = {
            "applications__all": size, "people__all": people, "bads__all": bads,
            "frauds__all": sum(map(self.is_fraud, members)), "bad_share__all": self.share(bads, size),
            "bads__30d": sum(self.is_bad(a) and self.net.bad[a] > self.as_of - MONTH for a in members),
            "age__all": None if oldest is None else (self.as_of - oldest) // DAY,
            "applications__7d": self.since(members, 7 * DAY), "applications__30d": self.since(members, MONTH),
            "growth__30d": self.share(self.since(members, MONTH), size), "openness__all": self.share(cut, linked),
            "devices__all": devices, "device_load__all": self.share(people + 1, devices),
            "one_agent__all": self.share(through, size) if agents else None,
        }  # fmt: skip
        for plural, code in (("phones", "phone"), ("addresses", "address"), ("agents", "agent")):
            told[f"{plural}__all"] = sum(kind == NUMBER[code] for kind, _ in used)
        return {f"network__community__{measure}": value for measure, value in told.items()}

    def tell_rings(self, kinds: dict[str, int | None]) -> dict[str, int | None]:
        """Who shares several things with the applicant."""
        direct = [v for v in self.visits.values() if v.level == 1]
        mine = set(self.things)

        def people(visits: Iterable[Visit]) -> int:
            return self.count_people(v.application for v in visits)

        def strong(visit: Visit) -> int:
            return sum(kind in STRONG for kind, _ in visit.shared)

        def has(visit: Visit, *wanted: int) -> bool:
            return {kind for kind, _ in visit.shared} >= set(wanted)

        def same_agent(visit: Visit) -> bool:
            touched = self.net.touches[visit.application]
            return any(t[0] == AGENT and t in mine and self.knows(visit.application, t) for t in touched)

        told: dict[str, int | None] = {
            "strong_people__all": people(v for v in direct if strong(v)),
            "strong_bads__all": sum(bool(strong(v)) and self.is_bad(v.application) for v in direct),
            "two_ties__all": people(v for v in direct if len(v.shared) >= 2),
            "three_ties__all": people(v for v in direct if len(v.shared) >= 3),
            "two_strong__all": people(v for v in direct if strong(v) >= 2),
            "device_address__all": people(v for v in direct if has(v, DEVICE, ADDRESS)),
            "device_card__all": people(v for v in direct if has(v, DEVICE, CARD)),
            "device_agent__all": people(v for v in direct if has(v, DEVICE) and same_agent(v)),
            "mutual_contacts__all": people(v for v in direct if sum(k == CONTACT for k, _ in v.shared) >= 2),
            "cycles__all": self.rings, "cycle_people__all": people(v for v in direct if v.is_in_ring),
        }  # fmt: skip
        for window, source in (("all", "people__all"), ("7d", "others__7d")):
            seen = [kinds.get(f"network__{KINDS[kind].code}__{source}") or 0 for kind in STRONG]
            told[f"busiest__{window}"] = max(seen)
        return {f"network__ring__{measure}": value for measure, value in told.items()}

    def tell_pairs(self) -> dict[str, int | None]:
        """Who is tied by several kinds, or by several rare things."""
        direct = [v for v in self.visits.values() if v.level == 1]
        fresh = {v.application for v in direct if self.since([v.application], MONTH)}

        def kinds(visit: Visit) -> int:
            return len({kind for kind, _ in visit.shared if kind != IP})

        def rare(visit: Visit) -> int:
            return sum(
                t[0] != IP and sum(not self.is_own(a) for _, a in self.links_of(t)[-self.limits.hub :]) <= RARE
                for t in visit.shared
            )

        def people(visits: Iterable[Visit], *, newly: bool = False) -> int:
            return self.count_people(v.application for v in visits if not newly or v.application in fresh)

        two_kinds, two_rare = [v for v in direct if kinds(v) >= 2], [v for v in direct if rare(v) >= 2]
        paired = [v for v in direct if kinds(v) >= 2 or rare(v) >= 2]
        told: dict[str, int | None] = {
            "two_kinds__all": people(two_kinds), "two_kinds__30d": people(two_kinds, newly=True),
            "three_kinds__all": people(v for v in direct if kinds(v) >= 3),
            "two_rare__all": people(two_rare), "two_rare__30d": people(two_rare, newly=True),
            "bads__all": sum(self.is_bad(v.application) for v in paired),
            "closest__all": max((v.carried for v in direct), default=0) // 1_000_000,
            "closeness__all": sum(v.carried for v in paired) // 1_000_000,
            "closeness__30d": sum(v.carried for v in direct if v.application in fresh) // 1_000_000,
        }  # fmt: skip
        return {f"network__pair__{measure}": value for measure, value in told.items()}


def look_plainly(network: PlainNetwork, application: int, as_of: int) -> tuple[dict[str, int | None], int]:
    """Every indicator of one application at one instant, and its bads by phone, device and card; slow and plain."""
    if not network.touches.get(application):
        return {indicator.name: None for indicator in INDICATORS}, 0
    look = Look(network, application, as_of)
    kinds = look.tell_kinds()
    look.walk()
    found = {**kinds, **look.tell_own(), **look.tell_hops(), **look.tell_proximity(), **look.tell_community()}
    found |= look.tell_rings(kinds) | look.tell_pairs()
    return {indicator.name: found.get(indicator.name) for indicator in INDICATORS}, look.count_strong_bads()
