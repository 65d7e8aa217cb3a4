"""The reader's words for our codes: stations, outcomes, kinds of work, acts, facts, and every reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Any, Literal

from django.core.cache import cache
from django.utils.translation import gettext, pgettext

from creditfactory import decision, gateways, labels, publishing
from creditfactory.consoles import figures
from creditfactory.consoles.page import is_chinese, name_of
from creditfactory.consoles.result_words import DIVISIONS
from creditfactory.consoles.vocabulary import (
    ACTORS,
    EVENT_DETAIL,
    EVENT_DETAIL_HIDDEN,
    EVIDENCE,
    FACT_NAMES,
    KINDS,
    PARTIES,
    REFUSALS,
    SIMULATED,
    STATUSES,
    VALUES,
    WAITS,
    WORK_KINDS,
    spell_out,
)
from creditfactory.kernel import CreditFactoryError, Reason
from creditfactory.records import reads
from creditfactory.records.actions.people import ROLE_BY_CODE
from creditfactory.stations.plan import BY_CODE


def station_name(code: str) -> str:
    """The station's name in the reader's language."""
    station = BY_CODE.get(code)
    return name_of(station) if station else code


def word(code: str, kind: str = "") -> str:
    """The reader's word for a code; an unknown one reads as itself with spaces."""
    if not code:
        return ""
    if kind == "waits":
        first, _colon, rest = code.partition(":")
        if first == "answer":
            return gettext("the answer of {party}").format(party=party_name(rest))
        bare = rest if first == "work" else code
        return str(WAITS.get(bare) or WORK_KINDS.get(bare) or bare.replace("_", " "))
    found = KINDS.get(kind, STATUSES).get(code)
    if found is None and kind == "value" and code in labels.WHY_MISSING:
        return labels.WHY_MISSING[code]["zh" if is_chinese() else "en"]
    return str(found) if found is not None else str(code).replace("_", " ")


def tell_refusal(refusal: Exception) -> str:
    """Why something was refused; a refusal without a translation is told as not allowed now."""
    text = str(refusal)
    if not is_chinese() or text in REFUSALS:
        return gettext(text)
    return gettext("This is not possible as things stand; load the page again to see how they stand.")


def party_name(code: str) -> str:
    """An outside party: a source by what it knows, a bank by its short name."""
    kind, _colon, name = code.partition(":")
    known = EVIDENCE.get(kind) or PARTIES.get(kind)
    return " ".join(part for part in (str(known or kind.replace("_", " ")), name.upper()) if part)


def city_name(city: str, *, pack: str, on: date) -> str:
    """A city in the reader's language, where the pack's territory names it in both."""
    book = find_book(pack, on)
    cities = book.parameters.get("territory_cities") if book is not None else None
    if is_chinese() and isinstance(cities, Mapping) and city.casefold() in cities:
        return str(cities[city.casefold()])
    return city.title() if city.islower() else city


def partner_name(code: str, tenant_id: int) -> str:
    """A channel or funder: in Chinese by the name it goes by, else by its code."""
    if not is_chinese() or not code:
        return code
    names: dict[str, str] = cache.get_or_set(f"partners:{tenant_id}", partial(reads.read_partner_names, tenant_id), 60)
    return names.get(code, code)


def industry_name(code: str, pack: str) -> str:
    """A line of business: by the division of the Chinese classification, with its code; elsewhere the code alone."""
    known = DIVISIONS.get(code[:2]) if not pack.startswith("us-") else None
    return f"{known} · {code}" if known else code


def full_stop() -> str:
    """How a sentence ends in the reader's language."""
    return "。" if is_chinese() else "."


def tell_detail(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An event's detail as names and values in words; what only machines read is left out."""
    told = []
    for name, value in detail.items():
        if name in EVENT_DETAIL_HIDDEN or value in (None, ""):
            continue
        text = (
            station_name(value)
            if name == "station"
            else word(value, "work")
            if name in ("kind", "to")
            else _fact_text(name, value)
        )
        told.append((str(EVENT_DETAIL.get(name) or FACT_NAMES.get(name) or name.replace("_", " ")), text))
    return told


def actor_name(actor: str) -> str:
    """Who did it."""
    known = ACTORS.get(actor)
    if known is not None:
        return str(known)
    simulated = SIMULATED.fullmatch(actor)
    if simulated and simulated[1] in ROLE_BY_CODE:
        return f"{name_of(ROLE_BY_CODE[simulated[1]])} {simulated[2]}"
    _role, _colon, name = actor.partition(":")
    return name or actor


def reason_text(
    item: Mapping[str, Any],
    *,
    pack: str,
    on: date,
    audience: Literal["borrower", "staff"] = "staff",
    tenant_id: int = 0,
) -> str:
    """A reason's words from the rulebook of its day, filled with its facts; its code where there are none."""
    facts = _name_facts(item.get("facts") or {})
    if tenant_id and isinstance(facts.get("funder"), str):
        facts["funder"] = partner_name(facts["funder"], tenant_id)
    reason = Reason(str(item.get("code", "")), facts)
    book = find_book(pack, on)
    if book is None:
        return reason.code
    return decision.tell_reason(reason, book, language="zh" if is_chinese() else "en", audience=audience)


def reason_name(code: str, *, pack: str, on: date) -> str:
    """What a reason means to staff without any case's figures, which are left open."""
    book = find_book(pack, on)
    known = None if book is None else book.reasons.get(code)
    return code if known is None else re.sub(r"\{\w+\}", "…", known.staff["zh" if is_chinese() else "en"])


NAMED_FACTS = {"label": "label", "labels": "label", "card": "card", "part": "value", "check": "station"}
"""Facts of a reason that are names of our own: told as people call them, not as the files do."""


def _name_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    gap = "、" if is_chinese() else ", "
    told = {name: word(v, "value") if isinstance(v, str) and v in VALUES else v for name, v in facts.items()}
    unknown = labels.WHY_MISSING.get(str(told.get("why")))
    if unknown is not None:
        told["why"] = unknown["zh" if is_chinese() else "en"]
    for name, kind in NAMED_FACTS.items():
        if not isinstance(told.get(name), str):
            continue
        listed = str(told[name]).split(", ")
        if kind == "label":
            told[name] = gap.join(label_name(one) for one in listed)
        elif kind == "station":
            told[name] = gap.join(station_name(one) for one in listed)
        else:
            told[name] = gap.join(word(one, kind) for one in listed)
    return told


VALUE_KINDS = {
    "verdict": "outcome", "decision": "outcome", "consequence": "consequence", "card": "card", "sort": "flow_sort",
    "obtained": "evidence", "method": "method",
}  # fmt: skip
"""Facts whose value is a word of its own kind."""


def told_value(name: str, value: Any, row: Any) -> str:
    """A value of a case as a person reads it: labels, rules, cities and partners by their names, else as a fact."""
    asked = decision.QUESTIONS.get(name)
    if asked is not None and asked.kind == "money" and isinstance(value, int):
        return figures.money(value, row.currency)
    if not isinstance(value, str) or not value:
        return _fact_text(name, value, row.currency)
    if name in ("label", "labels"):
        return label_name(value)
    if name in ("rule", "tree"):
        return rule_name(value, row.pack, row.applied_on)
    if name in ("check", "station"):
        return station_name(value)
    if name == "industry":
        return industry_name(value, row.pack)
    if name == "city" or name.endswith("_city"):
        return word(value, "value") if value in VALUES else city_name(value, pack=row.pack, on=row.applied_on)
    if name in ("funder", "payee", "declined") and value not in VALUES:
        return partner_name(value, getattr(row, "tenant_id", 0))
    if name in ("questions", "questions_wrong"):
        return question_name(value) or value
    kind = VALUE_KINDS.get(name, "")
    return word(value, kind) if value in KINDS.get(kind, {}) else _fact_text(name, value, row.currency)


def question_name(name: str) -> str:
    """How a work form asks for a fact, without the question mark; nothing where none asks for it."""
    asked = decision.QUESTIONS.get(name)
    text = (asked.zh if is_chinese() else asked.en) if asked else str(_form_labels().get(name, ""))
    return text.rstrip("?").rstrip("\uff1f")


@lru_cache(maxsize=1)
def _form_labels() -> Mapping[str, Any]:
    """The questions of all work forms by the name of what they ask for."""
    from creditfactory.consoles.work_forms import FORMS

    asked = (question for sections in FORMS.values() for section in sections for question in section.questions)
    return {question.name.rpartition(".")[2]: question.label for question in asked}


def fact_text(name: str, value: Any, currency: str = "CNY") -> str:
    """One fact as a person reads it: money by its mark, yes or no, shares as percent."""
    return _fact_text(name, value, currency)


def _fact_text(name: str, value: Any, currency: str = "CNY") -> str:
    if value is None:
        return gettext("unknown")
    if isinstance(value, bool):
        return pgettext("fact", "yes") if value else pgettext("fact", "no")
    known = labels.CATALOGUE.get(name)
    unit = known.unit if known else ""
    if isinstance(value, int | float) and (unit == "cents" or name.endswith("_cents") or "_cents_" in name):
        return figures.money(int(value), currency)
    if isinstance(value, int | float) and (unit == "bps" or name.endswith("_bps") or "_bps_" in name):
        return figures.percent(value / 10_000)
    if isinstance(value, float) and name.endswith(("share", "probability")):
        return figures.percent(value)
    if name.endswith("_on") and isinstance(value, str):
        return figures.day(value)
    if name.endswith("_at") and isinstance(value, str):
        return figures.instant(value)
    if name.endswith("rate") and isinstance(value, str):
        return figures.percent(value)
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return word(value, "value") if isinstance(value, str) else str(value)


def find_book_of(digest: str, pack: str, on: date) -> decision.Book | None:
    """The rules that decided a case, kept under their digest; else those that this machine has for the day."""
    try:
        kept = publishing.find_book(digest, on) if digest else None
    except CreditFactoryError:
        kept = None
    return kept or find_book(pack, on)


@lru_cache(maxsize=256)
def find_book(pack: str, on: date) -> decision.Book | None:
    """The rules of a pack on a day; None where this machine has no such rulebook."""
    rulebook = _find_rulebook(pack)
    try:
        return None if rulebook is None else rulebook.at(on)
    except CreditFactoryError:
        return None


@lru_cache(maxsize=16)
def _find_rulebook(pack: str) -> decision.Rulebook | None:
    """A pack's rulebook over all days, its files looked at once; None where this machine has none."""
    try:
        return gateways.load_rulebook(pack)
    except CreditFactoryError:
        return None


UNDECIDED = "_undecided"
"""A table or tree that could not answer speaks through a rule of its own with this ending."""


@lru_cache(maxsize=4_096)
def _rule_words(rule: str, pack: str, on: date) -> Mapping[str, str]:
    """What a rule, table or tree is called in each language by its owner; nothing where nobody here knows it."""
    book = _find_rulebook(pack)
    if book is None:
        return {}
    known: Any = book.rules.get(rule) or book.strategies.get(rule) or book.tables.get(rule)
    text = None if known is None else known.on(on)
    return {} if text is None else text.description


def fact_name(name: str, pack: str, on: date) -> str:
    """A fact that a rule read: a label, a card's points, or a value that the rulebook names itself."""
    if name in label_meanings() or name.endswith("_points"):
        return label_name(name)
    return _named_value(name, pack, on).get("zh" if is_chinese() else "en") or label_name(name)


@lru_cache(maxsize=1_024)
def _named_value(name: str, pack: str, on: date) -> Mapping[str, str]:
    """How its owner describes a value that rules, trees or tables name; nothing where nobody does."""
    book = _find_rulebook(pack)
    if book is None:
        return {}
    derived = book.derived.get(name)
    known: Any = None if derived is None else derived.on(on)
    if known is None:
        trees = (dated.on(on) for dated in book.strategies.values())
        known = next((tree for tree in trees if tree is not None and tree.output.name == name), None)
    return getattr(known, "description", None) or {}


def rule_name(rule: str, pack: str, on: date) -> str:
    """A rule as its owner describes it, in the reader's language; its code as words where nobody did."""
    language = "zh" if is_chinese() else "en"
    told = _rule_words(rule, pack, on).get(language)
    if told or not rule.endswith(UNDECIDED):
        return told or rule.replace("_", " ")
    source = _rule_words(rule.removesuffix(UNDECIDED), pack, on).get(language)
    return gettext("{what}: could not answer").format(what=source or rule.removesuffix(UNDECIDED).replace("_", " "))


@lru_cache(maxsize=1)
def label_meanings() -> Mapping[str, Mapping[str, str]]:
    """What each label means, in both languages."""
    return {name: label.meaning for name, label in {**labels.CATALOGUE, **labels.PROTECTED}.items()}


def label_name(name: str) -> str:
    """What a label is called, in the reader's language; a card's points by the card's name."""
    meaning = label_meanings().get(name)
    if meaning:
        return meaning["zh" if is_chinese() else "en"]
    is_card = name.endswith("_points") and name not in FACT_NAMES
    return word(name.removesuffix("_points"), "card") if is_card else humane(name)


def humane(name: str) -> str:
    """A technical name as words, where it has none of its own."""
    return spell_out(name) if name in FACT_NAMES else question_name(name) or spell_out(name)


def bin_name(name: str, label: str) -> str:
    """The class of a card as people read it: its ends with their units, its words in the reader's language."""
    if name in ("missing", "other", "not applicable"):
        return str({"missing": gettext("unknown"), "other": gettext("any other"),
                    "not applicable": gettext("does not apply")}[name])  # fmt: skip
    if name.startswith("= "):
        return gettext("code {codes}").format(codes=name[2:])
    ends = re.fullmatch(r"[\[(](\S+), (\S+)[\])]", name)
    if ends is None:
        return ("、" if is_chinese() else ", ").join(
            _fact_text(label, {"yes": True, "no": False}.get(one, one)) for one in name.split(", ")
        )
    low, high = (None if "∞" in end else float(end) for end in ends.groups())
    told = [_fact_text(label, int(end) if end == int(end) else end) if end is not None else "" for end in (low, high)]
    if low is None and high is None:
        return gettext("any")
    if low is None:
        return gettext("below {high}").format(high=told[1])
    return gettext("{low} or more").format(low=told[0]) if high is None else f"{told[0]} – {told[1]}"
