"""What a statement's line is for, told by the words that banks and payers write; the words are dated and signed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from creditfactory.application import FlowSort
from creditfactory.gateways.rulebook.files import list_files, read_text
from creditfactory.kernel import BadInput

FILE = "words/flow_sorts.csv"
COLUMNS = ("since", "until", "sort", "way", "field", "word", "note")
FLOW_SORTS: tuple[str, ...] = get_args(FlowSort)
WAYS = ("in", "out", "both")
FIELDS = ("memo", "party", "either")
FIRM = re.compile(
    r"公司|有限|集团|厂|商行|商店|店$|商贸|经营部|批发部|门市|超市|合作社|工作室|事务所|中心|酒店|饭店|餐厅|银行|学校|医院|"
    r"委员会|局$|所$|部$|站$|(?:\b(?:co|ltd|inc|llc|company|limited)\b)",
    re.IGNORECASE,
)
PERSON = re.compile(r"^[\u3400-\u9fff·*]{2,5}$")


@dataclass(frozen=True, slots=True)
class SortWord:
    """One word of the list: what a line is for that has it."""

    sort: FlowSort
    way: str
    field: str
    word: str


def load_sort_words(folder: Path, on: date) -> tuple[SortWord, ...]:
    """The words in force on a day, in the list's own order: the first that fits says what a line is for."""
    path = list_files(folder).get(FILE)
    if path is None:
        raise BadInput(place=FILE, found="no such file", expected="the pack's list of words that sort a statement")
    return read_sort_words(read_text(path, FILE), on)


def read_sort_words(text: str, on: date) -> tuple[SortWord, ...]:
    """The list of words from its text, those in force on a day.

    >>> read_sort_words("since,until,sort,way,field,word,note\\n2025-01-01,,wage,out,memo,工资,\\n", date(2026, 1, 1))
    (SortWord(sort='wage', way='out', field='memo', word='工资'),)
    """
    reader = csv.reader(io.StringIO(text))
    head = tuple(next(reader, ()))
    if head != COLUMNS:
        raise BadInput(place=f"{FILE}, line 1", found=",".join(head) or "nothing", expected=",".join(COLUMNS))
    found: list[SortWord] = []
    for line, row in enumerate(reader, start=2):
        place = f"{FILE}, line {line}"
        if len(row) != len(COLUMNS):
            raise BadInput(place=place, found=f"{len(row)} cells", expected=f"{len(COLUMNS)}")
        since, until, sort, way, field, word, _ = (cell.strip() for cell in row)
        for value, known in ((sort, FLOW_SORTS), (way, WAYS), (field, FIELDS)):
            if value not in known:
                raise BadInput(place=place, found=repr(value), expected="one of " + ", ".join(known))
        if not word:
            raise BadInput(place=place, found="no word", expected="the word that tells the sort")
        try:
            begins = date.fromisoformat(since)
            ends = date.fromisoformat(until) if until else None
        except ValueError:
            raise BadInput(place=place, found=f"{since}, {until}", expected="days such as 2026-01-31") from None
        if begins <= on and (ends is None or on <= ends):
            found.append(SortWord(sort, way, field, word.casefold()))  # type: ignore[arg-type]
    return tuple(found)


def is_firm_name(name: str) -> bool:
    """Whether a name is a firm's or a public body's.

    >>> is_firm_name("深圳市远航五金有限公司"), is_firm_name("王建国")
    (True, False)
    """
    return bool(FIRM.search(name))


def sort_flow(words: Sequence[SortWord], *, flow_cents: int, memo: str, party: str, holder: str) -> FlowSort:
    """What a line is for: by the holder's own name, then the first word that fits, then by who the other side is.

    A firm that pays in is a customer and one that is paid a supplier; a person either way is a person's transfer.
    What nothing tells stays ``other``.
    """
    if party and holder and party == holder:
        return "own_transfer"
    way = "in" if flow_cents >= 0 else "out"
    memo_plain, party_plain = memo.casefold(), party.casefold()
    for word in words:
        if word.way not in (way, "both"):
            continue
        if (word.field != "party" and word.word in memo_plain) or (word.field != "memo" and word.word in party_plain):
            return word.sort
    if is_firm_name(party):
        return "sale" if way == "in" else "purchase"
    return "person_transfer" if PERSON.match(party) else "other"
