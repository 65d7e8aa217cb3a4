"""Refusals, faults and findings about rulebooks in the reader's language: sentences of ours, with their facts."""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _now

from creditfactory.consoles.page import is_chinese
from creditfactory.kernel import BadInput

SENTENCES = (
    _now("A version can govern from today ({day}) or a later day, not from {other}: what was decided before stands."),
    _now("Rulebook version {number} governs on {day} already, since {since}."),
    _now("A challenger takes a share of 1 to 9999 basis points (1000 is a tenth), not {share}."),
    _now("Rulebook version {number} is the challenger; stop it before another begins."),
    _now("Rulebook version {number} is a shadow already."),
    _now("{n} shadows are at work already; stop one of them first."),
    _now("This ended on {day} already."),
    _now("Rulebook version {number} governs; the line is never without rules. Schedule another version, or roll back."),
    _now("{person} has asked to roll back already; it waits for a second person."),
    _now("There is no earlier champion to roll back to; the version in force is the first."),
    _now("{person} has decided on this already."),
    _now("{person} asked for this; it takes a second person to confirm it."),
    _now(
        "Rulebook version {number} is {standing}; only a version that a second person has approved can be put to work."
    ),
    _now("It can begin today ({day}) or later, not on {other}."),
    _now("It would end on {day}, which is not after {other}."),
    _now("Rulebook version {number} decides as the champion does; there is nothing to compare."),
    _now("Rulebook version {number} is {standing}; its content stays as it is. Begin a new draft from it instead."),
    _now("Rulebook version {number} has been changed by somebody else since you opened it."),
    _now("Rulebook version {number} is {standing}; it was checked before that."),
    _now("Rulebook version {number} has been changed while it was being checked; check it again."),
    _now("Say in a sentence what the new version is for, so that whoever approves it knows."),
    _now(
        "Rulebook version {number} has not been checked, or the check found faults; only a checked version can be"
        " proposed."
    ),
    _now("{person} wrote or proposed rulebook version {number}; it takes a second person to approve it."),
    _now("Say why it is turned down, so that its author can put it right."),
    _now("Rulebook version {number} is {standing}; only a draft can be discarded."),
    _now("Rulebook version {number} is {standing} by {person} and no longer {other}."),
    _now("Rulebook version {number} is {standing} and no longer {other}."),
    _now("Factory {factory} has no such release of its rulebook."),
    _now("There is no such version of the rulebook."),
    _now("There is no such release of the rulebook."),
)
"""What the steps of a rulebook's life answer when they refuse, as templates."""

PARTS = (
    _now("a number for {column}, such as 5, >= 5 or [1..5)"),
    _now("the lower end first"),
    _now("true or false"),
    _now("a date such as 2026-01-31"),
    _now("one of {listed} for {column}"),
    _now("one of {listed}"),
    _now("an answer for {column}"),
    _now("an empty cell"),
    _now("a {kind} for {column}"),
    _now("another test, since {column} is never missing"),
    _now("not(…) for what a cell leaves out"),
    _now("at least one row under the header"),
    _now("no rows"),
    _now("no such file"),
    _now("nothing"),
    _now("a day such as 2026-01-01"),
    _now("a whole number"),
    _now("no keys"),
    _now("keys and values"),
    _now("YAML with keys and values"),
    _now("a file of version {number}"),
    _now("a place outside the pack's own files"),
    _now("text that is not UTF-8"),
    _now("UTF-8 text"),
    _now('a closed list such as "A","B"'),
    _now("an Excel workbook, saved as .xlsx"),
    _now("no .xlsx"),
    _now("plain XML"),
    _now("macros"),
    _now("a workbook without them: save it as .xlsx"),
    _now("an old .xls, or a workbook under a password"),
    _now("a plain .xlsx without password"),
    _now("a declared label or parameter"),
    _now("a declared label or parameter; did you mean {name}?"),
    _now("{known}; did you mean {name}?"),
    _now("{n} cells"),
    _now("{n}, one for each column"),
    _now("the columns {listed} (and note)"),
    _now("cells that can be saved as CSV"),
    _now("a share between 0 and 100 per cent"),
    _now("no sheet of a table"),
    _now("at most {n}"),
    _now("{n} bytes"),
    _now("an expression such as {example}"),
    _now("a condition that is true or false"),
)
"""What faults found and expected, as templates."""

FINDINGS = (
    _now("no row answers for {example}"),
    _now("can never speak: rows before it, or none, cover all it asks for"),
    _now("row {rows} can never speak"),
    _now("rows {rows} both answer for {example}"),
    _now("found {found}, expected {expected}"),
)


@cache
def _shape(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(re.escape(p) if i % 2 == 0 else f"(?P<{p}>.+?)" for i, p in enumerate(pieces)), re.S)


def find_sentence(text: str, templates: tuple[str, ...]) -> str | None:
    """The text in the reader's language where one of the templates made it; None where none did.

    >>> find_sentence("no rows", PARTS)
    'no rows'
    """
    for template in templates:
        found = _shape(template).fullmatch(text)
        if found:
            return gettext(template).format(
                **{name: _tell_fact(name, told) for name, told in found.groupdict().items()}
            )
    return None


def _tell_fact(name: str, told: str) -> str:
    if name in ("standing", "other") and re.fullmatch(r"[a-z_]+", told):
        return standing_name(told)
    if name in ("expected", "found", "known"):
        return tell_part(told)
    return told


def tell_part(text: str) -> str:
    """What was found or expected, in the reader's language where it has words of ours."""
    return (find_sentence(text, PARTS) or text) if is_chinese() else text


def tell_fault(fault: Exception) -> str:
    """One kind sentence: what is refused and why, or where what was found and what was expected."""
    text = str(fault)
    if not is_chinese():
        return text[:1].upper() + text[1:]
    if isinstance(fault, BadInput):
        return gettext("{place}: found {found}, expected {expected}").format(
            place=tell_place(fault.place), found=tell_part(fault.found), expected=tell_part(fault.expected)
        )
    return find_sentence(text, SENTENCES) or gettext("This is refused: {why}").format(why=text)


def tell_place(place: str) -> str:
    """Where a fault stands: file, line and column in the reader's language.

    >>> tell_place("tables/tier.csv, line 4")
    'tables/tier.csv, line 4'
    """
    if not is_chinese():
        return place
    place = re.sub(r", line (\d+)", lambda m: gettext(", line {n}").format(n=m[1]), place)
    return re.sub(r", column (\w+)", lambda m: gettext(", column {n}").format(n=m[1]), place)


def tell_finding(what: str) -> str:
    """A finding of the check in the reader's language; what has no words of ours stays as the check says it."""
    if not is_chinese():
        return what
    return find_sentence(what, FINDINGS) or what


def standing_name(code: str) -> str:
    """Where a version stands in its life, in a word."""
    known = {
        "draft": gettext("draft"), "checked": gettext("checked, sound"), "proposed": gettext("awaits approval"),
        "rejected": gettext("turned down"), "discarded": gettext("laid aside"), "approved": gettext("approved"),
        "scheduled": gettext("scheduled"), "live": gettext("in force"), "challenger": gettext("challenger"),
        "shadow": gettext("shadow"), "retired": gettext("retired"), "champion": gettext("champion"),
        "waiting": gettext("awaits a second person"), "running": gettext("at work"), "ended": gettext("ended"),
        "called_off": gettext("called off"),
    }  # fmt: skip
    return known.get(code, code.replace("_", " "))


STANDING_TONES = {
    "live": "good", "running": "good", "champion": "good", "approved": "accent", "scheduled": "accent",
    "proposed": "warn", "waiting": "warn", "rejected": "bad", "challenger": "accent", "shadow": "accent",
}  # fmt: skip
"""The colour of a standing: green governs, blue will or tries, amber waits for a person, red was turned down."""
