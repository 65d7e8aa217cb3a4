"""The rulebook as decisions see it: all dates in one `Rulebook`, and the `Book` that is in force on one day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Generic, TypeVar

from creditfactory.kernel import Refused, Scalar, UnknownName
from creditfactory.rules import (
    VERDICTS,
    Declaration,
    Derived,
    Parameter,
    Policy,
    Rule,
    Table,
    Verdict,
    compile_policy,
    names_read,
    read_condition,
    read_derived,
    refuse,
)
from creditfactory.scoring import Card

T = TypeVar("T")
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value with the days from which each version holds, oldest first; None ends it.

    >>> months = Dated(((date(2026, 1, 1), 5), (date(2026, 7, 1), 4)))
    >>> months.on(date(2025, 12, 31)), months.on(date(2026, 6, 30)), months.on(date(2026, 7, 1))
    (None, 5, 4)
    """

    versions: tuple[tuple[date, T | None], ...]
    place: str = ""

    def on(self, day: date) -> T | None:
        """The version in force on a day, or None before the first and after an end."""
        index = bisect_right([start for start, _ in self.versions], day)
        return self.versions[index - 1][1] if index else None

    @property
    def starts(self) -> tuple[date, ...]:
        """The days on which something changes."""
        return tuple(start for start, _ in self.versions)


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as its owner wrote it, not yet read against the day's parameters."""

    name: str
    when: str
    then: str
    missing: str
    reason: str
    why: str = ""
    description: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class DerivedText:
    """A named value as its owner wrote it."""

    name: str
    value: str
    place: str = ""


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
    """What is in force on one day: the only thing that decisions are made from."""

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
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    _epochs: dict[date, Book] = field(default_factory=dict, repr=False, compare=False)
    _policies: dict[tuple[Any, ...], _Read] = field(default_factory=dict, repr=False, compare=False)

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
        dated += [*self.tables.values(), self.line]
        days = {day for item in dated for day in item.starts}
        bounded: list[LiveCard | Product] = [*self.cards, *self.products]
        for part in bounded:
            days |= {part.starts_on} | ({part.ends_on} if part.ends_on else set())
        return tuple(sorted(days))

    @cached_property
    def first_day(self) -> date | None:
        """The day from which a rule holds; before it there is no policy, which must never read as a policy of yes."""
        return min((day for dated in self.rules.values() for day in dated.starts), default=None)

    def _build(self, on: date) -> Book:
        parameters = _in_force(self.parameters, on)
        tables = _in_force(self.tables, on)
        cards = {live.card.name: live.card for live in self.cards if live.is_live(on)}
        products = [p for p in self.products if p.starts_on <= on and (p.ends_on is None or on < p.ends_on)]
        policy, named = self._policy(on, parameters)
        return Book(
            pack=self.pack,
            digest=self.digest,
            on=on,
            currency=self.currency,
            law=self.law,
            parameters={name: p.value for name, p in parameters.items()},
            policy=policy,
            tables=tables,
            cards=cards,
            products=tuple(self._with_condition(p, named, parameters) for p in products),
            reasons=self.reasons,
            line=self.line.on(on) or {},
            declarations=self.declarations,
        )

    def _policy(self, on: date, parameters: Mapping[str, Parameter]) -> _Read:
        """The compiled policy of a day, shared by all days on which the same rules and parameters hold."""
        parts: list[Mapping[str, Any]] = [_in_force(self.derived, on), _in_force(self.rules, on), parameters]
        key = tuple(id(item) for part in parts for item in part.values())
        if key not in self._policies:
            self._policies[key] = self._read_policy(parts[0], parts[1], parameters)
        return self._policies[key]

    def _read_policy(
        self, derived: Mapping[str, DerivedText], rules: Mapping[str, RuleText], parameters: Mapping[str, Parameter]
    ) -> _Read:
        named = read_derived(
            {name: (text.value, text.place) for name, text in derived.items()}, self.declarations, parameters
        )
        known = self._declared_with(named)
        steps = [_read_rule(text, known, parameters) for text in rules.values()]
        for rule in steps:
            self._check_protected(names_read(rule.when), rule.place)
        for value in named.values():
            self._check_protected(names_read(value.value), value.place)
        return compile_policy([*named.values(), *steps], known), named

    def _declared_with(self, named: Mapping[str, Derived]) -> dict[str, Declaration]:
        made = {name: Declaration(name, value.value.type) for name, value in named.items()}
        return {**self.declarations, **made}

    def _with_condition(
        self, product: Product, named: Mapping[str, Derived], parameters: Mapping[str, Parameter]
    ) -> Product:
        if product.eligible_when is None:
            return product
        known = self._declared_with(named)
        when = read_condition(product.eligible_when, known, parameters, place=f"{product.place}.eligible")
        self._check_protected(names_read(when), product.place)
        rule = Rule(product.code.replace("-", "_"), when, "refer", "refer", "")
        return replace(product, condition=compile_policy([*named.values(), rule], known))

    def _check_protected(self, names: Iterable[str], place: str) -> None:
        for name in names:
            if name in self.declarations and self.declarations[name].protected and not self.protected_allowed:
                refuse(place, f"{name!r}, a protected attribute", "a fact that the law of this pack lets decide")


_Read = tuple[Policy, Mapping[str, Derived]]


def _in_force(catalogue: Mapping[str, Dated[T]], on: date) -> dict[str, T]:
    found = ((name, dated.on(on)) for name, dated in catalogue.items())
    return {name: value for name, value in found if value is not None}


def _read_rule(text: RuleText, declarations: Mapping[str, Declaration], parameters: Mapping[str, Parameter]) -> Rule:
    when = read_condition(text.when, declarations, parameters, place=f"{text.place}.when")
    return Rule(
        name=text.name,
        when=when,
        then=text.then,  # type: ignore[arg-type]
        missing=text.missing,  # type: ignore[arg-type]
        reason=text.reason,
        text=text.when,
        why=text.why,
        place=text.place,
    )


def each_day(rulebook: Rulebook, tell: Callable[[date], None] | None = None) -> Iterator[Book]:
    """The rulebook on every day on which something changes: reading them all shows every fault that there is."""
    for day in rulebook.change_days:
        if rulebook.first_day is not None and day < rulebook.first_day:
            continue
        if tell:
            tell(day)
        yield rulebook.at(day)
