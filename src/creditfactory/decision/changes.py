"""What differs between two rulebooks, and what changed over time within one: in words, day by day (CMP-04)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from creditfactory.decision.book import EARLIEST, LiveCard, Product, ReasonWords, Rulebook
from creditfactory.decision.change_words import TELLERS, Said, Subject, each_leaf, tell_days, tell_move
from creditfactory.decision.texts import Dated
from creditfactory.rules import texts_of

T = TypeVar("T")
KINDS = ("pack", "label", "parameter", "derived", "rule", "table", "strategy", "card", "product", "reason", "line")
"""The parts of a rulebook, in the order in which their changes are told."""
Catalogue = Mapping[str, Dated[Any]]


@dataclass(frozen=True, slots=True)
class Note:
    """What a file says beside what it decides: description, owner, and the source of each day's value."""

    name: str
    place: str
    description: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    references: Mapping[date, tuple[str, str]] = field(default_factory=dict)
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class RulebookChange:
    """One difference between two rulebooks, in both languages; ``on`` is None where it holds on every day alike."""

    kind: str
    name: str
    place: str
    on: date | None
    until: date | None
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One dated change within a rulebook, with the source that its owner named for it."""

    on: date
    kind: str
    name: str
    place: str
    words: Mapping[str, str]
    reference: str
    href: str
    owner: str
    review_by: date | None


def compare_rulebooks(
    old: Rulebook, new: Rulebook, notes: Mapping[str, Note] | None = None
) -> tuple[RulebookChange, ...]:
    """Every difference in words, by the day from which it holds, then by kind and name; none means they decide alike.

    ``notes`` give the descriptions (by name of the part). What is only described otherwise is no change.
    """
    known = notes or {}
    found = [*_compare_fixed(old, new)]
    before, after = _catalogues(old), _catalogues(new)
    for kind in before:
        for name in sorted(before[kind].keys() | after[kind].keys()):
            found += _compare_dated(kind, name, before[kind].get(name), after[kind].get(name), known.get(name))
    found.sort(key=lambda c: (c.on or EARLIEST, KINDS.index(c.kind), c.name))
    return tuple(found)


def list_log(rulebook: Rulebook, notes: Mapping[str, Note] | None = None, *, law: str = "") -> tuple[LogEntry, ...]:
    """Every dated change of one rulebook in the order of its days, each with its source.

    ``law`` keeps only those whose source names it: a piece of its title or of where it is found.
    """
    known, entries = notes or {}, []
    for kind, catalogue in _catalogues(rulebook).items():
        for name, dated in sorted(catalogue.items()):
            note = known.get(name, Note(name, dated.place))
            before: Any = None
            for day, value in dated.versions:
                title, href = note.references.get(day, ("", ""))
                for said in _tell(kind, name, before, value, note):
                    words = _words(said, tell_days(day, None))
                    entries.append(
                        LogEntry(
                            day, kind, name, note.place or dated.place, words, title, href, note.owner, note.review_by
                        )
                    )
                before = value
    wanted = law.casefold()
    kept = [e for e in entries if wanted in f"{e.reference} {e.href}".casefold()] if wanted else entries
    return tuple(sorted(kept, key=lambda e: (e.on, KINDS.index(e.kind), e.name)))


def _catalogues(book: Rulebook) -> dict[str, Catalogue]:
    """Every dated part of a rulebook by kind and name."""
    return {
        "parameter": book.parameters,
        "derived": book.derived,
        "rule": book.rules,
        "table": book.tables,
        "strategy": book.strategies,
        "card": _date_cards(book.cards),
        "product": _date_products(book.products),
        "line": {"line.yaml": book.line} if book.line.versions else {},
    }


def _date_cards(cards: tuple[LiveCard, ...]) -> dict[str, Dated[Any]]:
    """Which card of each name is in force from when; a gap between two is a day without one."""
    found: dict[str, dict[date, Any]] = {}
    for live in sorted(cards, key=lambda live: live.starts_on):
        days = found.setdefault(live.card.name, {})
        days[live.starts_on] = live.card
        if live.ends_on is not None:
            days.setdefault(live.ends_on, None)
    return {name: Dated(tuple(sorted(days.items())), "live.toml") for name, days in found.items()}


def _date_products(products: tuple[Product, ...]) -> dict[str, Dated[Any]]:
    """Each product's terms from the day it is offered on."""
    found: dict[str, dict[date, Any]] = {}
    for product in sorted(products, key=lambda product: product.starts_on):
        days = found.setdefault(product.code, {})
        days[product.starts_on] = product
        if product.ends_on is not None:
            days.setdefault(product.ends_on, None)
    return {code: Dated(tuple(sorted(days.items())), "products.yaml") for code, days in found.items()}


def _compare_dated(
    kind: str, name: str, old: Dated[Any] | None, new: Dated[Any] | None, note: Note | None
) -> Iterator[RulebookChange]:
    place = (new or old or Dated(())).place
    for on, until, before, after in _stretches(old, new, _KEYS[kind]):
        for said in _tell(kind, name, before, after, note):
            yield RulebookChange(kind, name, place, on, until, _words(said, tell_days(on, until)))


def _stretches(
    old: Dated[Any] | None, new: Dated[Any] | None, key: Callable[[Any], object]
) -> Iterator[tuple[date, date | None, Any, Any]]:
    """The stretches of days on which two dated values differ, each as long as the difference stays the same."""
    days = sorted({*(old.starts if old else ()), *(new.starts if new else ())})
    open_from: date | None = None
    pair: tuple[Any, Any] = (None, None)
    for day in days:
        before, after = (None if dated is None else dated.on(day) for dated in (old, new))
        is_same = key(before) == key(after)
        if open_from is not None and (is_same or (key(before), key(after)) != (key(pair[0]), key(pair[1]))):
            yield open_from, day, *pair
            open_from = None
        if not is_same and open_from is None:
            open_from, pair = day, (before, after)
    if open_from is not None:
        yield open_from, None, *pair


def _tell(kind: str, name: str, before: Any, after: Any, note: Note | None) -> list[Said]:
    if before is None and after is None:
        return []
    description = note.description if note else getattr(after or before, "description", None) or {}
    if kind == "product":
        description = (after or before).name
    return list(TELLERS[kind](Subject(kind, name, description), before, after))


def _words(said: Said, days: Said) -> dict[str, str]:
    return {"en": said[0] + days[0], "zh": said[1] + days[1]}


def _compare_fixed(old: Rulebook, new: Rulebook) -> Iterator[RulebookChange]:
    """What holds on every day alike: the pack's law and currency, its labels, the words of its reasons."""
    for name, en, zh in (
        ("law", "law", "适用法律"),
        ("currency", "currency", "币种"),
        ("protected_allowed", "may decide on protected facts", "可使用受保护特征"),
        ("is_historical", "kept for the record only", "仅供存档"),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            said = tell_move((f"{new.pack}: {en}", f"{new.pack}:{zh}"), before, after)
            yield RulebookChange("pack", name, "pack.yaml", None, None, _words(said, ("", "")))
    for name in sorted(old.declarations.keys() | new.declarations.keys()):
        was, now = old.declarations.get(name), new.declarations.get(name)
        if was != now:
            said = tell_move((f"label {name}", f"标签{name}"), _show_label(was), _show_label(now))
            yield RulebookChange("label", name, "labels.yaml", None, None, _words(said, ("", "")))
    for code in sorted(old.reasons.keys() | new.reasons.keys()):
        for said in _tell_reason(code, old.reasons.get(code), new.reasons.get(code)):
            yield RulebookChange("reason", code, "reasons.yaml", None, None, _words(said, ("", "")))


def _show_label(declared: Any) -> str | None:
    if declared is None:
        return None
    bounds = f" {declared.minimum}..{declared.maximum}" if (declared.minimum, declared.maximum) != (None, None) else ""
    return f"{declared.type} {declared.unit}{bounds} {', '.join(declared.words)}".strip()


def _tell_reason(code: str, old: ReasonWords | None, new: ReasonWords | None) -> Iterator[Said]:
    if old is None or new is None:
        words = new or old
        assert words is not None
        verb = ("new reason", "新增原因") if old is None else ("reason taken out", "删除原因")
        yield f"{code}: {verb[0]}: “{words.staff['en']}”", f"{code}:{verb[1]}:「{words.staff['zh']}」"
        return
    if old.precedence != new.precedence:
        yield tell_move((f"{code}: precedence", f"{code}:优先顺序"), old.precedence, new.precedence)
    for audience, en, zh in (("borrower", "the borrower is told", "对借款人"), ("staff", "staff are told", "对内")):
        for language in ("zh", "en"):
            was, now = getattr(old, audience)[language], getattr(new, audience)[language]
            if was != now:
                yield (
                    f"{code}: {en} ({language}): “{was}” → “{now}”",
                    f"{code}:{zh}({language}):「{was}」 → 「{now}」",
                )


def _key_of_table(table: Any) -> object:
    if table is None:
        return None
    rows = tuple(texts_of(row) for row in table.rows)
    return table.hit, table.inputs, table.outputs, rows, table.missing, table.no_match


def _key_of_tree(tree: Any) -> object:
    if tree is None:
        return None
    return tuple(each_leaf(tree.root)), tree.missing_answer, tree.missing_then, tree.output.name


def _key_of_card(card: Any) -> object:
    if card is None:
        return None
    return (
        card.version, card.intercept_points, card.characteristics, card.calibration_slope, card.calibration_intercept,
        card.role, card.target,
    )  # fmt: skip


def _key_of_rule(rule: Any) -> object:
    if rule is None:
        return None
    return rule.when, rule.then, rule.missing, rule.reason, rule.why, rule.stage, rule.learn_bps, rule.basis


_KEYS: Mapping[str, Callable[[Any], object]] = {
    "parameter": lambda part: None if part is None else (part.value, part.unit),
    "derived": lambda part: None if part is None else part.value,
    "rule": _key_of_rule,
    "table": _key_of_table,
    "strategy": _key_of_tree,
    "card": _key_of_card,
    "product": lambda part: None if part is None else _plain_product(part),
    "line": lambda part: part,
}
"""What of each part decides; descriptions, owners and places do not."""


def _plain_product(product: Product) -> object:
    return tuple(getattr(product, name) for name in Product.__dataclass_fields__ if name not in ("place", "condition"))
