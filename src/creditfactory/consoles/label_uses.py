"""Who reads a label: rules, named values, trees, tables, cards and products of a rulebook on a day, pack by pack."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from creditfactory import gateways, rules
from creditfactory.consoles import words
from creditfactory.decision import Book
from creditfactory.kernel import CreditFactoryError

Reader = tuple[str, str, str]
"""What kind of reader, its name, and how it reads the label."""


def find_readers(name: str, book: Book) -> tuple[Reader, ...]:
    """Everything in a day's rulebook that reads the label by its name."""
    found: list[Reader] = [
        (_("Rule"), words.rule_name(step.name, book.pack, book.on), step.text)
        for step in book.policy.steps
        if isinstance(step, rules.Rule) and name in rules.names_read(step.when)
    ]
    for table in book.tables.values():
        if any(declared.name == name for declared in table.inputs):
            told = _("{n} rows").format(n=len(table.rows))
            found.append((_("Table"), words.rule_name(table.name, book.pack, book.on), told))
    for card in book.cards.values():
        for question in card.characteristics:
            if question.label == name:
                points = [one.points for one in (*question.bins, *question.special)]
                told = _("{low} to {high} points").format(low=min(points), high=max(points))
                found.append((_("Card"), words.word(card.name, "card"), told))
    found += [
        (_("Product"), product.code, product.eligible_when or "")
        for product in book.products
        if name in re.findall(r"[A-Za-z_][A-Za-z_0-9]*", product.eligible_when or "")
    ]
    return tuple(found)


def find_elsewhere(name: str, packs: Iterable[str], here: str, on: date) -> tuple[tuple[str, int], ...]:
    """In how many places the other packs on this machine read the label."""
    folder = gateways.rulebook.default_folder()
    known = sorted(path.name for path in folder.iterdir() if (path / "pack.yaml").is_file()) if folder.is_dir() else []
    found = []
    for pack in known:
        if pack == here:
            continue
        book = words.find_book(pack, on)
        try:
            count = len(find_readers(name, book)) if book is not None else 0
        except CreditFactoryError:
            continue
        if count:
            found.append((pack, count))
    return tuple(found)
