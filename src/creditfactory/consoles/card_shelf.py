"""Every version of every card that this factory can look at: in force, challenging, in the shadow, in a draft, kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from creditfactory import gateways, lab, labels, records
from creditfactory.consoles.page import Desk, is_chinese
from creditfactory.consoles.rulebook_book import open_book
from creditfactory.consoles.vocabulary import VALUES
from creditfactory.consoles.words import label_meanings
from creditfactory.decision import LiveCard, Rulebook
from creditfactory.kernel import CreditFactoryError
from creditfactory.records import reads

STANDINGS = {
    "live": "champion", "challenger": "challenger", "shadow": "shadow", "scheduled": "scheduled", "draft": "draft",
    "checked": "draft", "proposed": "draft", "approved": "draft",
}  # fmt: skip
"""What a card is in a version of the rulebook that stands so; in others it is looked at no more."""
STATES: Mapping[str, Any] = {
    "champion": _("in force"), "elsewhere": _("in force in its own pack"), "challenger": _("challenger"),
    "shadow": _("in the shadow"), "scheduled": _("from a later day"), "draft": _("in a draft"),
    "retired": _("no longer in force"), "kept": _("kept, not in force"),
}  # fmt: skip
TONES = {"champion": "good", "challenger": "machine", "shadow": "outside", "draft": "warn", "elsewhere": "good"}


@dataclass(frozen=True)
class ShelfCard:
    """One version of a card: where it stands, from when to when, in which rulebook version, and its folder.

    ``number`` is the rulebook version of this factory that holds it; None for a pack that lies on this machine only.
    """

    pack: str
    name: str
    version: str
    state: str
    starts_on: date | None
    ends_on: date | None
    number: int | None
    folder: lab.CardFolder
    rulebook: Rulebook | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in an address."""
        return self.pack, self.name, self.version

    @property
    def state_name(self) -> str:
        """Its state in the reader's words."""
        return str(STATES[self.state])

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return TONES.get(self.state, "")

    @property
    def voice(self) -> lab.Voice:
        """The reader's language with this card's units."""
        asked = (*self.folder.card.labels, *self.folder.features)
        known = {name: labels.CATALOGUE[name].unit for name in asked if name in labels.CATALOGUE}
        units = {**known, **self.folder.units}
        currency = self.rulebook.currency if self.rulebook else ""
        return lab.Voice("zh" if is_chinese() else "en", currency, units, label_meanings(), VALUES)

    @property
    def purpose(self) -> str:
        """What it is for, in the reader's language where it is told in both."""
        return self.voice.pick(self.folder.purpose)

    @cached_property
    def figures(self) -> Mapping[str, Any]:
        """The figures of its holdout, else of the sample it was learnt from; empty where none are claimed."""
        told = self.folder.card.performance
        return told.get("holdout") or told.get("train") or {}

    def holds(self, text: str) -> bool:
        """Whether a search finds it."""
        parts = (*self.key, self.purpose, self.folder.owner, self.folder.card.method, self.state_name)
        whole = " ".join(map(str, parts)).casefold()
        return all(word in whole for word in text.casefold().split())


def list_cards(desk: Desk) -> tuple[ShelfCard, ...]:
    """All versions of all cards: this factory's own first, those in force before others, then pack by pack."""
    found: dict[tuple[str, str, str], ShelfCard] = {}
    for card in (*_list_stored(desk), *_list_on_disk(desk)):
        found.setdefault(card.key, card)
    order = list(STATES)
    ours = desk.factory.pack
    return tuple(
        sorted(found.values(), key=lambda c: (c.pack != ours, c.pack, c.name, order.index(c.state), -_rank(c)))
    )


def _rank(card: ShelfCard) -> int:
    digits = "".join(c for c in card.version if c.isdecimal())
    return int(digits[:9] or 0)


def find_card(desk: Desk, pack: str, name: str, version: str) -> ShelfCard | None:
    """One version of a card; None where there is none that this factory can look at."""
    return next((card for card in list_cards(desk) if card.key == (pack, name, version)), None)


def list_versions(desk: Desk, pack: str, name: str) -> tuple[ShelfCard, ...]:
    """All versions of one card, the newest first."""
    found = [card for card in list_cards(desk) if (card.pack, card.name) == (pack, name)]
    return tuple(sorted(found, key=lambda c: (-_rank(c), c.version)))


def _list_stored(desk: Desk) -> Iterator[ShelfCard]:
    """The cards of this factory's rulebook versions, in the order of what their standing counts for."""
    on = desk.factory.business_on
    ranks = list(STANDINGS)
    versions = [v for v in reads.list_versions(desk.factory.id, on=on) if v.standing in STANDINGS]
    for row in sorted(versions, key=lambda v: (ranks.index(v.standing), -v.number)):
        try:
            rulebook, _notes = open_book(row.digest)
        except CreditFactoryError:
            continue
        folders = _open_stored(row.digest)
        named = {(live.card.name, live.card.version): live for live in rulebook.cards}
        for key, folder in folders.items():
            live = named.get(key)
            state = STANDINGS[row.standing]
            if live is None and state != "draft":
                state = "kept"
            elif live is not None and state == "champion":
                state = _state_of(live, on)
            starts, ends = (live.starts_on, live.ends_on) if live else (None, None)
            yield ShelfCard(row.pack, key[0], key[1], state, starts, ends, row.number, folder, rulebook)


def _state_of(live: LiveCard, on: date) -> str:
    if live.starts_on > on:
        return "scheduled"
    return "retired" if live.ends_on is not None and live.ends_on <= on else "champion"


@lru_cache(maxsize=12)
def _open_stored(digest: str) -> Mapping[tuple[str, str], lab.CardFolder]:
    """Every card's folder of a kept version, by name and version; one whose card cannot be read stands on no shelf."""
    stored = records.find_rulebook(digest)
    assert stored is not None, "a version that was listed is kept"
    found: dict[tuple[str, str], dict[str, bytes]] = {}
    for place, body in stored.files.items():
        parts = place.split("/")
        if parts[0] == "cards" and len(parts) == 4:
            found.setdefault((parts[1], parts[2]), {})[parts[3]] = bytes(body)
    folders = {key: lab.CardFolder(f"cards/{key[0]}/{key[1]}", files) for key, files in found.items()}
    return {key: folder for key, folder in folders.items() if _is_readable(folder)}


def _is_readable(folder: lab.CardFolder) -> bool:
    try:
        return bool(folder.card.name)
    except CreditFactoryError:
        return False


def _list_on_disk(desk: Desk) -> Iterator[ShelfCard]:
    """Every card's folder in the packs of this machine, whether or not a day is named for it."""
    root = gateways.rulebook.default_folder()
    packs = sorted(path for path in root.iterdir() if (path / "pack.yaml").is_file()) if root.is_dir() else []
    for pack in packs:
        try:
            rulebook: Rulebook | None = gateways.load_rulebook(pack, locked=False)
        except CreditFactoryError:
            rulebook = None
        live = {(c.card.name, c.card.version): c for c in rulebook.cards} if rulebook else {}
        for place in sorted(pack.glob("cards/*/*/card.json")):
            name, version = place.parts[-3:-1]
            folder = _open_disk(place.parent, place.stat().st_mtime_ns)
            if not _is_readable(folder):
                continue
            found = live.get((name, version))
            state = "kept" if found is None else _state_of(found, desk.factory.business_on)
            if state == "champion" and pack.name != desk.factory.pack:
                state = "elsewhere"
            starts, ends = (found.starts_on, found.ends_on) if found else (None, None)
            yield ShelfCard(pack.name, name, version, state, starts, ends, None, folder, rulebook)


@lru_cache(maxsize=256)
def _open_disk(place: Path, stamp: int) -> lab.CardFolder:
    return lab.read_folder(place)


def tell_surroundings(card: ShelfCard, approvals: tuple[tuple[str, str], ...] = ()) -> lab.Surroundings:
    """What the card's rulebook adds to its folder: the words of reasons, the currency, who signed."""
    if card.rulebook is None:
        return lab.Surroundings(approvals=approvals)
    reasons = {code: {"borrower": r.borrower, "staff": r.staff} for code, r in card.rulebook.reasons.items()}
    return lab.Surroundings(reasons=reasons, currency=card.rulebook.currency, approvals=approvals)
