"""The rulebook as decisions see it: all dates in one `Rulebook`, and the `Book` that is in force on one day."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeVar, cast

from creditfactory.decision.flow import DayTexts, Flow, check_protected, read_flow
from creditfactory.decision.reads import PARAMETERS_BY_ENGINE, PARTS, TABLES_BY_ENGINE, Part
from creditfactory.decision.texts import Dated, DerivedText, RuleText, Stage, TreeText, mentioned_in, mentions
from creditfactory.kernel import Refused, Scalar, UnknownName
from creditfactory.rules import (
    VERDICTS,
    Declaration,
    Parameter,
    Policy,
    Rule,
    Table,
    Verdict,
    compile_policy,
    names_read,
    read_condition,
)
from creditfactory.scoring import Card

T = TypeVar("T")
EARLIEST = date(1900, 1, 1)
FRAUD_REASONS = ("POL-NET-", "LAN-FRAUD-")
"""Rules that speak of the network of persons and devices, or of the fraud card, belong to anti-fraud as well."""


@dataclass(frozen=True, slots=True)
class Product:
    """One loan product that may be offered from ``starts_on`` until ``ends_on`` (excluded)."""

    code: str
    name: Mapping[str, str]
    starts_on: date
    ends_on: date | None
    amount_cents_min: int
    amount_cents_max: int
    amount_step_cents: int
    terms_months: tuple[int, ...]
    methods: tuple[str, ...]
    annual_rate_min: Decimal
    annual_rate_max: Decimal
    preference: int = 0
    eligible_when: str | None = None
    features: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    condition: Policy | None = field(default=None, repr=False, compare=False)

    def eligible(self, labels: Mapping[str, Scalar]) -> Verdict:
        """Whether the applicant may have it: hit is yes; missing and error are not."""
        if self.eligible_when is None:
            return "hit"
        assert self.condition is not None, "a product handed out by Rulebook.at carries its condition"
        notes = self.condition.run(labels).notes
        return VERDICTS[notes[0] & 3] if notes else "clear"


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """How a reason is told: to the borrower, without blame, and to staff, with the facts; lower precedence first."""

    code: str
    precedence: int
    borrower: Mapping[str, str]
    staff: Mapping[str, str]

    def tell(self, language: str, facts: Mapping[str, Scalar], *, to_borrower: bool = False) -> str:
        """The words with the facts filled in; a fact that is not there stays as a question mark.

        >>> words = ReasonWords("CSH-LOW", 10, {"en": "Income too low."}, {"en": "Income {income}, needed {needed}."})
        >>> words.tell("en", {"income": 5})
        'Income 5, needed ?.'
        """
        text = (self.borrower if to_borrower else self.staff)[language]
        return text.format_map(_Facts(facts))


class _Facts(dict[str, Scalar]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class LiveCard:
    """A card with the days on which it is in force."""

    card: Card
    starts_on: date
    ends_on: date | None = None

    def is_live(self, on: date) -> bool:
        """Whether the card is in force on a day."""
        return self.starts_on <= on and (self.ends_on is None or on < self.ends_on)


@dataclass(frozen=True)
class Book:
    """What is in force on one day: the only thing that decisions are made from.

    ``strategy`` runs after scoring and chooses the lane; ``versions`` names each part of the rulebook by the SHA-256
    of the files it reads (POL-04).
    """

    pack: str
    digest: str
    on: date
    currency: str
    law: str
    parameters: Mapping[str, Any]
    policy: Policy
    tables: Mapping[str, Table]
    cards: Mapping[str, Card]
    products: tuple[Product, ...]
    reasons: Mapping[str, ReasonWords]
    line: Mapping[str, Any]
    declarations: Mapping[str, Declaration] = field(default_factory=dict, repr=False)
    strategy: Policy = field(default_factory=lambda: compile_policy((), {}), repr=False)
    versions: Mapping[Part, str] = field(default_factory=dict, repr=False)

    def parameter(self, name: str) -> Any:
        """A parameter's value on this day; an unknown name is refused, never guessed."""
        return self._find(self.parameters, name, "parameter")

    def table(self, name: str) -> Table:
        """A table as it stands on this day."""
        return self._find(self.tables, name, "table")

    def product(self, code: str) -> Product:
        """A product that may be offered on this day."""
        return self._find({p.code: p for p in self.products}, code, "product")

    def _find(self, catalogue: Mapping[str, T], name: str, kind: str) -> T:
        if name in catalogue:
            return catalogue[name]
        near = get_close_matches(name, list(catalogue), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownName(
            place=f"rulebook {self.pack} on {self.on.isoformat()}",
            found=repr(name),
            expected=f"a {kind} in force on that day{hint}",
        )


@dataclass(frozen=True)
class Rulebook:
    """A pack's rulebook over all dates, read from its files; ``digest`` names exactly what was read."""

    pack: str
    digest: str
    currency: str
    law: str
    declarations: Mapping[str, Declaration]
    parameters: Mapping[str, Dated[Parameter]]
    derived: Mapping[str, Dated[DerivedText]]
    rules: Mapping[str, Dated[RuleText]]
    tables: Mapping[str, Dated[Table]]
    cards: tuple[LiveCard, ...]
    products: tuple[Product, ...]
    reasons: Mapping[str, ReasonWords]
    line: Dated[Mapping[str, Any]]
    protected_allowed: bool = False
    is_historical: bool = False
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    strategies: Mapping[str, Dated[TreeText]] = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)
    _epochs: dict[date, Book] = field(default_factory=dict, repr=False, compare=False)
    _policies: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    def at(self, on: date) -> Book:
        """What is in force on a day; asked again for the same stretch of days, it costs next to nothing."""
        if self.first_day is not None and on < self.first_day:
            raise Refused(
                f"Rulebook {self.pack} has no policy in force on {on.isoformat()}; its first rule holds from "
                f"{self.first_day.isoformat()}. Decide from that day on, or add the rules of the earlier time."
            )
        starts = self.change_days
        index = bisect_right(starts, on)
        since = max(starts[index - 1] if index else EARLIEST, self.first_day or EARLIEST)
        if since not in self._epochs:
            self._epochs[since] = self._build(since)
        return replace(self._epochs[since], on=on)

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """The days on which anything in the rulebook changes, in order."""
        dated: list[Dated[Any]] = [*self.parameters.values(), *self.derived.values(), *self.rules.values()]
        dated += [*self.tables.values(), *self.strategies.values(), self.line]
        days = {day for item in dated for day in item.starts}
        bounded: list[LiveCard | Product] = [*self.cards, *self.products]
        for part in bounded:
            days |= {part.starts_on} | ({part.ends_on} if part.ends_on else set())
        return tuple(sorted(days))

    @cached_property
    def first_day(self) -> date | None:
        """The day from which a rule holds; before it there is no policy, which must never read as a policy of yes."""
        found = (
            dated for dated in self.rules.values() if any(t is not None and t.stage == "policy" for t in _all(dated))
        )
        return min((day for dated in found for day in dated.starts), default=None)

    def _build(self, on: date) -> Book:
        parameters = _in_force(self.parameters, on)
        tables = _in_force(self.tables, on)
        cards = {live.card.name: live.card for live in self.cards if live.is_live(on)}
        products = [p for p in self.products if p.starts_on <= on and (p.ends_on is None or on < p.ends_on)]
        texts = self._texts(on, parameters, tables)
        flow = self._once(self._key(texts), lambda: read_flow(texts))
        return Book(
            pack=self.pack,
            digest=self.digest,
            on=on,
            currency=self.currency,
            law=self.law,
            parameters={name: p.value for name, p in parameters.items()},
            policy=flow.policy,
            strategy=flow.strategy,
            tables=tables,
            cards=cards,
            products=tuple(self._with_condition(p, flow, texts) for p in products),
            reasons=self.reasons,
            line=self.line.on(on) or {},
            declarations=self.declarations,
            versions=self.versions,
        )

    def _texts(self, on: date, parameters: Mapping[str, Parameter], tables: Mapping[str, Table]) -> DayTexts:
        for name, table in tables.items():
            protected = [d.name for d in table.inputs if d.name in self.declarations]
            check_protected(protected, f"tables/{name}.yaml: inputs", self._bare)
        return replace(
            self._bare,
            parameters=parameters,
            derived=_in_force(self.derived, on),
            rules=_in_force(self.rules, on),
            trees=_in_force(self.strategies, on),
            tables={name: (table, self.stages[name]) for name, table in tables.items() if name in self.stages},
        )

    @cached_property
    def _bare(self) -> DayTexts:
        """What holds on every day alike."""
        names = dict.fromkeys(live.card.name for live in self.cards if live.card.role != "master")
        return DayTexts(self.declarations, {}, cards=tuple(names), protected_allowed=self.protected_allowed)

    def _key(self, texts: DayTexts, *more: object) -> tuple[Any, ...]:
        """What policy and strategy are read from: texts, tables, and the parameters that are mentioned."""
        written: list[object] = [*texts.derived.values(), *texts.rules.values(), *texts.trees.values(), *more]
        named = sorted(frozenset[str]().union(*map(mentioned_in, written)) & texts.parameters.keys())
        found = [*written, *(table for table, _ in texts.tables.values()), *(texts.parameters[n] for n in named)]
        return tuple(map(id, found))

    def _once(self, key: tuple[Any, ...], read: Callable[[], T]) -> T:
        """What a reading gives, shared by all days on which the same texts and parameters hold."""
        if key not in self._policies:
            self._policies[key] = read()
        return cast(T, self._policies[key])

    def _with_condition(self, product: Product, flow: Flow, texts: DayTexts) -> Product:
        if product.eligible_when is None:
            return product
        read = mentions(product.eligible_when) & texts.parameters.keys()
        key = (*self._key(texts), id(product), *(id(texts.parameters[n]) for n in sorted(read)))
        return self._once(key, lambda: _read_condition(product, flow, texts))

    @cached_property
    def versions(self) -> Mapping[Part, str]:
        """Each part's version: the SHA-256 over the files that it reads, on whatever day."""
        files = self.part_files
        return {part: _digest({place: self.files[place] for place in files[part]}) for part in PARTS}

    @cached_property
    def part_files(self) -> Mapping[Part, frozenset[str]]:
        """The files that each part reads."""
        return find_part_files(self)


def _read_condition(product: Product, flow: Flow, texts: DayTexts) -> Product:
    """The product with its condition compiled."""
    when = read_condition(product.eligible_when or "", flow.known, texts.parameters, place=f"{product.place}.eligible")
    check_protected(names_read(when), product.place, texts)
    rule = Rule(product.code.replace("-", "_"), when, "refer", "refer", "")
    return replace(product, condition=compile_policy([*flow.named.values(), rule], flow.known))


def _digest(hashes: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{h}  {place}\n" for place, h in sorted(hashes.items())).encode()).hexdigest()


def _all(dated: Dated[T]) -> Iterator[T | None]:
    return (version for _, version in dated.versions)


def find_part_files(rulebook: Rulebook) -> dict[Part, frozenset[str]]:
    """Which files each part of a rulebook reads; a file that several parts read belongs to each of them."""
    found: dict[Part, set[str]] = {part: set() for part in PARTS}
    written: dict[Part, list[tuple[str, object]]] = {part: [] for part in PARTS}
    for dated in rulebook.rules.values():
        for text in _all(dated):
            if text is not None:
                written["strategy" if text.stage == "lane" else "policy"].append((dated.place, text))
                if text.reason.startswith(FRAUD_REASONS):
                    written["fraud"].append((dated.place, text))
    written["strategy"] += [(d.place, text) for d in rulebook.strategies.values() for text in _all(d) if text]
    for product in rulebook.products:
        written["product"].append(("products.yaml", RuleText("", product.eligible_when or "", "", "", "")))
    for name, part in TABLES_BY_ENGINE.items():
        if name in rulebook.tables:
            found[part] |= _table_files(rulebook, name)
    for name, stage in rulebook.stages.items():
        found["strategy" if stage == "lane" else "policy"] |= _table_files(rulebook, name)
    for name, part in PARAMETERS_BY_ENGINE.items():
        if name in rulebook.parameters:
            found[part].add(rulebook.parameters[name].place)
    for part, texts in written.items():
        found[part] |= _files_read(rulebook, texts)
    for live in rulebook.cards:
        file = f"cards/{live.card.name}/{live.card.version}/card.json"
        found["cards"] |= {file, "live.toml"}
        found["fraud"] |= {file, "live.toml"} if live.card.name == "fraud" else set()
    found["line"].add("line.yaml")
    shared = {"pack.yaml", "labels.yaml"}
    return {part: frozenset((places | shared) & rulebook.files.keys()) for part, places in found.items()}


def _table_files(rulebook: Rulebook, name: str) -> set[str]:
    dated = rulebook.tables[name]
    return {dated.place} | {table.place for table in _all(dated) if table is not None}


def _files_read(rulebook: Rulebook, texts: Iterable[tuple[str, object]]) -> set[str]:
    """The files of these texts and of all parameters and named values that they mention, however far down."""
    waiting = list(texts)
    places: set[str] = set()
    while waiting:
        place, text = waiting.pop()
        places.add(place)
        for name in mentioned_in(text):
            if name in rulebook.parameters:
                places.add(rulebook.parameters[name].place)
            elif name in rulebook.derived and rulebook.derived[name].place not in places:
                dated = rulebook.derived[name]
                waiting += [(dated.place, value) for value in _all(dated) if value is not None]
    return places


def _in_force(catalogue: Mapping[str, Dated[T]], on: date) -> dict[str, T]:
    found = ((name, dated.on(on)) for name, dated in catalogue.items())
    return {name: value for name, value in found if value is not None}


def each_day(rulebook: Rulebook, tell: Callable[[date], None] | None = None) -> Iterator[Book]:
    """The rulebook on every day on which something changes: reading them all shows every fault that there is."""
    for day in rulebook.change_days:
        if rulebook.first_day is not None and day < rulebook.first_day:
            continue
        if tell:
            tell(day)
        yield rulebook.at(day)
