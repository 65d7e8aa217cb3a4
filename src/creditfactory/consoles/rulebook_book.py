"""A version of the rulebook as a book to read: chapters of entries, each said in words with what stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from creditfactory import decision, publishing
from creditfactory.consoles import figures, words
from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.rule_words import Reader, consequence, say_condition, say_value
from creditfactory.decision import Note, Rulebook


@dataclass(frozen=True)
class Source:
    """Where a value comes from, with the day from which it holds."""

    on: date
    title: str
    href: str


@dataclass(frozen=True)
class Fact:
    """One line under an entry: its name, what it says, and whether it is written in code."""

    name: str
    text: str
    is_code: bool = False


@dataclass(frozen=True)
class Entry:
    """One part of the rulebook: its name and kind, what it says in a sentence, and all that stands behind it."""

    kind: str
    name: str
    place: str
    title: str
    says: str
    facts: tuple[Fact, ...] = ()
    owner: str = ""
    review_by: date | None = None
    sources: tuple[Source, ...] = ()
    dates: tuple[date, ...] = ()
    is_overdue: bool = False
    tone: str = ""
    chip: str = ""

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.kind}-{self.name}"

    @property
    def file_title(self) -> str:
        """What leads to its file."""
        return self.place.split(",")[0].split(":")[0]

    def holds(self, text: str) -> bool:
        """Whether a search finds it."""
        parts = [self.name, self.title, self.says, self.owner, self.place, *(f.text for f in self.facts)]
        wanted = text.casefold().split()
        whole = " ".join([*parts, *(s.title for s in self.sources)]).casefold()
        return all(word in whole for word in wanted)


@dataclass(frozen=True)
class Group:
    """Entries of one folder."""

    name: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Chapter:
    """All entries of one kind, by folder."""

    kind: str
    title: str
    groups: tuple[Group, ...] = field(default_factory=tuple)

    @property
    def count(self) -> int:
        """How many entries it has."""
        return sum(len(group.entries) for group in self.groups)


@lru_cache(maxsize=12)
def open_book(digest: str) -> tuple[Rulebook, Mapping[str, Note]]:
    """A version's rulebook and notes by its digest, read once; what cannot be read is refused by its first fault."""
    found = publishing.open_digest(digest)
    assert found is not None, "a version on the page is kept"
    return found


def read_chapters(rulebook: Rulebook, notes: Mapping[str, Note], on: date, *, text: str = "") -> tuple[Chapter, ...]:
    """The book as it stands on a day, what comes later with its day; ``text`` keeps what holds all its words."""
    reader = Reader(rulebook, on, notes)
    makers = (
        ("rule", _("Rules"), _list_rules), ("parameter", _("Parameters"), _list_parameters),
        ("derived", _("Named values"), _list_derived), ("table", _("Decision tables"), _list_tables),
        ("strategy", _("Strategy trees"), _list_trees), ("card", _("Scorecards"), _list_cards),
        ("product", _("Products"), _list_products), ("line", _("The line"), _list_line),
    )  # fmt: skip
    chapters = []
    for kind, title, make in makers:
        kept = [entry for entry in make(reader) if not text or entry.holds(text)]
        if kept:
            chapters.append(Chapter(kind, title, tuple(_by_folder(kept))))
    return tuple(chapters)


def _by_folder(entries: Iterable[Entry]) -> Iterator[Group]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        parts = entry.place.split("/")
        found.setdefault(parts[1] if len(parts) > 2 and parts[0] == "policy" else "", []).append(entry)
    for name in sorted(found, key=lambda n: FOLDERS_ORDER.index(n) if n in FOLDERS_ORDER else 99):
        yield Group(name, folder_name(name), tuple(found[name]))


FOLDERS_ORDER = (
    "", "intake", "request", "person", "identity", "bureau", "court", "business", "flow", "network", "channel", "use",
    "verification", "lane", "product", "limit", "price",
)  # fmt: skip


def folder_name(code: str) -> str:
    """What a folder of the policy is about."""
    known = {
        "bureau": _("Credit bureau"), "business": _("The business"), "channel": _("Channels"), "court": _("Courts"),
        "flow": _("Cash flow"), "identity": _("Identity"), "intake": _("Intake"), "lane": _("Lanes"),
        "limit": _("Limits"), "network": _("Network"), "person": _("The person"), "price": _("Prices"),
        "product": _("Products"), "request": _("The request"), "use": _("Use of the money"),
        "verification": _("Verification"), "willingness": _("Willingness"), "learning": _("Cards that keep learning"),
    }  # fmt: skip
    return known.get(code, words.humane(code) if code else "")


def _entry(reader: Reader, kind: str, name: str, dated: Any, says: str, **more: Any) -> Entry:
    note = reader.notes.get(name, Note(name, ""))
    language = "zh" if is_chinese() else "en"
    description = more.pop("description", None) or note.description
    starts = tuple(dated.starts) if dated is not None else ()
    return Entry(
        kind=kind, name=name, place=note.place or more.pop("place", "") or (dated.place if dated else ""),
        title=description.get(language) or name.replace("_", " "), says=says, owner=more.pop("owner", note.owner),
        review_by=note.review_by, is_overdue=note.review_by is not None and note.review_by < reader.on,
        sources=tuple(Source(day, *where) for day, where in sorted(note.references.items())), dates=starts,
        **{key: value for key, value in more.items() if key != "place"},
    )  # fmt: skip


def _current(dated: Any, on: date) -> Any:
    """What holds on the day; before the first, the first there is."""
    found = dated.on(on)
    return found if found is not None else next((v for _, v in dated.versions if v is not None), None)


def _later(dated: Any, reader: Reader, tell: Any) -> list[Fact]:
    return [
        Fact(_("from {day}").format(day=figures.day(day)), _("no longer in force") if value is None else tell(value))
        for day, value in dated.versions
        if day > reader.on
    ]


def _list_rules(reader: Reader) -> Iterator[Entry]:
    tones = {"decline": "bad", "refer": "warn", "lane_c": "warn", "lane_b": "accent"}
    for name, dated in sorted(reader.rulebook.rules.items()):
        rule = _current(dated, reader.on)
        if rule is None:
            continue
        sentence = _("If {condition}: {consequence}.").format(
            condition=say_condition(rule.when, reader), consequence=consequence(rule.then)
        )
        facts = [
            Fact(_("Written as"), rule.when, is_code=True),
            Fact(_("If a fact is unknown"), consequence(rule.missing) + (f" · {rule.why}" if rule.why else "")),
            *_reason_facts(rule.reason, reader),
            Fact(_("Rests on"), basis_name(rule.basis)),
        ]
        if rule.stage == "lane":
            facts.append(Fact(_("When"), _("after scoring: it may read points and tier")))
        if rule.learn_bps:
            share = figures.percent(rule.learn_bps / 10_000, 2)
            facts.append(
                Fact(_("Let through to learn"), _("{share} of those it hits, drawn by lot").format(share=share))
            )
        facts += _later(dated, reader, lambda r: say_condition(r.when, reader) + " → " + consequence(r.then))
        chip = consequence(rule.then).split(":")[0].split(":")[0]
        yield _entry(reader, "rule", name, dated, sentence, facts=tuple(facts), tone=tones.get(rule.then, ""),
                     chip=chip, description=rule.description, owner=rule.owner)  # fmt: skip


def basis_name(code: str) -> str:
    """What a rule rests on."""
    return {"house": _("a rule of the house"), "law": _("the law"), "list": _("a list")}.get(code, code)


def _reason_facts(code: str, reader: Reader) -> list[Fact]:
    known = reader.rulebook.reasons.get(code)
    if known is None:
        return [Fact(_("Reason"), code, is_code=True)]
    return [
        Fact(_("Reason"), code, is_code=True),
        Fact(_("Borrower reads, Chinese"), known.borrower["zh"]),
        Fact(_("Borrower reads, English"), known.borrower["en"]),
        Fact(_("Staff read, Chinese"), known.staff["zh"]), Fact(_("Staff read, English"), known.staff["en"]),
    ]  # fmt: skip


def _list_parameters(reader: Reader) -> Iterator[Entry]:
    readers: dict[str, list[str]] = {}
    for rule, texts in reader.rulebook.rules.items():
        current = _current(texts, reader.on)
        for name in decision.mentioned_in(current) if current else ():
            readers.setdefault(name, []).append(rule)
    for name, dated in sorted(reader.rulebook.parameters.items()):
        found = _current(dated, reader.on)
        if found is None:
            continue
        facts = _later(dated, reader, lambda p, name=name: say_value(name, p.value, p.unit, reader.currency))
        if isinstance(found.value, tuple | list) and len(found.value) > 3:
            listed = ("、" if is_chinese() else ", ").join(words.fact_text(name, v) for v in found.value)
            facts.append(Fact(_("All of it"), listed))
        if name in readers:
            facts.append(Fact(_("Read by"), ", ".join(sorted(readers[name])), is_code=True))
        yield _entry(reader, "parameter", name, dated, say_value(name, found.value, found.unit, reader.currency),
                     facts=tuple(facts))  # fmt: skip


def _list_derived(reader: Reader) -> Iterator[Entry]:
    for name, dated in sorted(reader.rulebook.derived.items()):
        found = _current(dated, reader.on)
        if found is not None:
            facts = (Fact(_("Written as"), found.value, is_code=True),
                     *_later(dated, reader, lambda d: say_condition(d.value, reader)))  # fmt: skip
            yield _entry(reader, "derived", name, dated, say_condition(found.value, reader), facts=facts)


def _list_tables(reader: Reader) -> Iterator[Entry]:
    for name, dated in sorted(reader.rulebook.tables.items()):
        table = _current(dated, reader.on)
        if table is None:
            continue
        gap = "、" if is_chinese() else ", "
        asks = gap.join(reader.name_fact(column.name) for column in table.inputs)
        gives = gap.join(reader.name_fact(output.name) for output in table.outputs)
        says = _("From {asks}: {gives}; {n} rows.").format(asks=asks, gives=gives, n=len(table.rows))
        facts = (
            Fact(_("Hit policy"), hit_name(table.hit)), Fact(_("If a fact is unknown"), _fallback(table.missing)),
            Fact(_("If no row matches"), _fallback(table.no_match)),
        )  # fmt: skip
        yield _entry(reader, "table", name, dated, says, facts=facts, description=table.description, owner=table.owner)


def _fallback(fallback: Any) -> str:
    if fallback.answers is None:
        return consequence(fallback.consequence)
    return ", ".join(map(str, fallback.answers))


def hit_name(letter: str) -> str:
    """A hit policy in words, with its letter."""
    known = {
        "U": _("unique: exactly one row may match"), "A": _("any: rows that match must agree"),
        "P": _("priority: the gravest answer among the rows that match"), "F": _("first: the first row that matches"),
        "R": _("rule order: every row that matches, in order"),
        "O": _("output order: every row that matches, by rank"),
        "C": _("collect: every row that matches"), "C+": _("collect: the sum of the rows that match"),
        "C<": _("collect: the least of the rows that match"),
        "C>": _("collect: the largest of the rows that match"), "C#": _("collect: how many rows match"),
    }  # fmt: skip
    return f"{letter} · {known.get(letter, letter)}"


def _list_trees(reader: Reader) -> Iterator[Entry]:
    for name, dated in sorted(reader.rulebook.strategies.items()):
        tree = _current(dated, reader.on)
        if tree is None:
            continue
        forks = len(list(tree.forks()))
        says = _("Answers {what}; {n} forks.").format(what=reader.name_fact(tree.output.name), n=forks)
        missing = consequence(tree.missing_then) if tree.missing_answer is None else str(tree.missing_answer)
        yield _entry(reader, "strategy", name, dated, says, facts=(Fact(_("If a fork cannot be decided"), missing),),
                     description=tree.description, owner=tree.owner)  # fmt: skip


def _list_cards(reader: Reader) -> Iterator[Entry]:
    for live in reader.rulebook.cards:
        card = live.card
        ends = f" – {figures.day(live.ends_on)}" if live.ends_on else ""
        says = _("{n} questions, {points} points to begin with; in force from {day}.").format(
            n=len(card.characteristics), points=card.intercept_points, day=figures.day(live.starts_on) + ends
        )
        facts = [
            Fact(reader.name_fact(question.label), "; ".join(
                f"{words.bin_name(b.name, question.label)}: {b.points:+d}" for b in (*question.bins, *question.special)
            ) + (_("; unknown: {points}").format(points=f"{question.missing.points:+d}") if question.missing else ""))
            for question in card.characteristics
        ]  # fmt: skip
        place = f"cards/{card.name}/{card.version}/card.json"
        title = f"{words.word(card.name, 'card')} {card.version}"
        name = f"{card.name}-{card.version}"
        yield Entry("card", name, place, title, says, tuple(facts), dates=(live.starts_on,))


def _list_products(reader: Reader) -> Iterator[Entry]:
    for product in reader.rulebook.products:
        money = [figures.money(c, reader.currency) for c in (product.amount_cents_min, product.amount_cents_max)]
        says = _("{low} to {high}, {terms} months, {least} to {most} a year").format(
            low=money[0],
            high=money[1],
            terms=("、" if is_chinese() else ", ").join(map(str, product.terms_months)),
            least=figures.percent(product.annual_rate_min, 2),
            most=figures.percent(product.annual_rate_max, 2),
        )
        facts = []
        if product.eligible_when:
            facts = [Fact(_("For whom"), say_condition(product.eligible_when, reader)),
                     Fact(_("Written as"), product.eligible_when, is_code=True)]  # fmt: skip
        title = product.name["zh" if is_chinese() else "en"]
        yield Entry("product", product.code, "products.yaml", title, says, tuple(facts), dates=(product.starts_on,))


def _list_line(reader: Reader) -> Iterator[Entry]:
    if reader.rulebook.line.versions:
        found = _current(reader.rulebook.line, reader.on) or {}
        gap = "、" if is_chinese() else ", "
        absent = gap.join(words.station_name(code) for code in found.get("absent") or ())
        says = _("Stations left out: {listed}.").format(listed=absent) if absent else _("All 24 stations are there.")
        facts = tuple(
            Fact(words.humane(str(key)), str(value), is_code=True) for key, value in found.items() if key != "absent"
        )
        yield _entry(reader, "line", "line.yaml", reader.rulebook.line, says, facts=facts, place="line.yaml")
