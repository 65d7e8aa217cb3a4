"""Where a reader of FEEL stands: the words before it, the names it knows, and how it says what it did not expect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from creditfactory.gateways.dmn.feel_builtins import BUILTINS
from creditfactory.gateways.dmn.feel_names import Names
from creditfactory.gateways.dmn.feel_words import Word, cut_words, show_place
from creditfactory.kernel import BadInput

OWN_NAMES = Names(name for name in BUILTINS if " " in name)


class Cursor:
    """A place among the words of one text."""

    def __init__(self, text: str, names: Iterable[str]) -> None:
        self.text = text
        self.words = cut_words(text)
        self.next = 0
        self.names = Names(names)
        self.depth = 0
        self.in_range = False

    @property
    def word(self) -> Word:
        """The word that is read next."""
        return self.words[self.next]

    def take(self, text: str | None = None) -> Word:
        """The word that is read next, and on to the one behind it; another than the one asked for is refused."""
        word = self.word
        if text is not None and not (word.text == text and word.kind in ("sign", "name")):
            self.refuse(repr(text))
        self.next += word.kind != "end"
        return word

    def sees(self, *texts: str) -> bool:
        """Whether one of these stands next."""
        return self.word.text in texts and self.word.kind in ("sign", "name")

    def match(self) -> tuple[str, int] | None:
        """The longest known name that begins here, one of FEEL's own functions among them."""
        found, own = self.names.match(self.words, self.next), OWN_NAMES.match(self.words, self.next)
        return own if found is None or (own is not None and own[1] > found[1]) else found

    def peek(self, ahead: int) -> Word:
        """A word further on."""
        return self.words[min(self.next + ahead, len(self.words) - 1)]

    def refuse(self, expected: str, at: Word | None = None) -> NoReturn:
        """Say what was found and what was expected, by line and column."""
        word = at or self.word
        shown = "the end" if word.kind == "end" else repr(word.text[:60])
        raise BadInput(place=show_place(self.text, word.start), found=shown, expected=expected)

    def expect_end(self) -> None:
        """Refuse whatever still stands there."""
        if self.word.kind != "end":
            self.refuse("the end, or an operator")
