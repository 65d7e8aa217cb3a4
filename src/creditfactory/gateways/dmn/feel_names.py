"""The names that a FEEL text may use: with spaces and odd signs in them, the longest that fits is the one meant."""

from __future__ import annotations

from collections.abc import Iterable

from creditfactory.gateways.dmn.feel_words import Word, cut_words

KEYWORDS = frozenset(
    {
        "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "not", "between",
        "instance", "of", "function", "external", "true", "false", "null",
    }
)  # fmt: skip


def tidy_name(name: str) -> str:
    """A name with its blanks made one.

    >>> tidy_name(" Monthly   Income ")
    'Monthly Income'
    """
    return " ".join(name.split())


class Names:
    """Names by their first word, so that the longest that fits is found at once."""

    def __init__(self, names: Iterable[str] = (), under: Names | None = None) -> None:
        self.by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.under = under
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make one more name known."""
        words = tuple(word.text for word in cut_words(name)[:-1])
        if not words:
            return
        listed = self.by_first.setdefault(words[0], [])
        if all(known != words for known, _ in listed):
            listed.append((words, tidy_name(name)))
            listed.sort(key=lambda entry: -len(entry[0]))

    def match(self, words: list[Word], at: int) -> tuple[str, int] | None:
        """The longest known name that begins at a word, and how many words it takes."""
        best: tuple[str, int] | None = self.under.match(words, at) if self.under else None
        for known, name in self.by_first.get(words[at].text, ()):
            if best is not None and len(known) < best[1]:
                break
            if all(words[at + i].text == part for i, part in enumerate(known) if at + i < len(words)) and (
                at + len(known) < len(words)
            ):
                return name, len(known)
        return best
