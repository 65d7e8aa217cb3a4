"""Who of this market stands on a list before ever applying here: cheats of earlier years, debtors, namesakes."""

from __future__ import annotations

from collections.abc import Iterator

from creditfactory.world.chance import Chance
from creditfactory.world.market import Market
from creditfactory.world.population import make_person

SHARES = {"packaged": 0.06, "impostor": 0.10, "hides_debt": 0.03, "honest": 0.004, "robot": 0.0}
"""How many of each kind are known to somebody; an honest one by a namesake or a debt long ago."""
LISTS = {
    "packaged": ("own_fraud", "exact"), "impostor": ("own_fraud", "exact"), "hides_debt": ("court_dishonest", "exact"),
    "honest": ("sanctions", "similar"),
}  # fmt: skip


def list_names(market: Market, seed: int, count: int) -> Iterator[tuple[str, str, str]]:
    """List, identity number and likeness of those among the first so many people whom a list knows.

    >>> from creditfactory.world.market import load_market
    >>> [name[0] for name in list_names(load_market(), 7, 60)] == [name[0] for name in list_names(load_market(), 7, 60)]
    True
    """
    for index in range(count):
        person = make_person(market, seed, index)
        kind = person.truth.kind
        if Chance(seed, f"listed:{index}").happens(SHARES.get(kind, 0.0)):
            list_code, match = LISTS[kind]
            yield list_code, person.id_number, match
