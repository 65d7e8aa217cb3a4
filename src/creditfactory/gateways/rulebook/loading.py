"""Reading a whole pack from its folder: no database, no Django, no clock."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import creditfactory
from creditfactory import labels
from creditfactory.decision import (
    EARLIEST,
    UNDECIDED,
    Dated,
    DerivedText,
    LiveCard,
    Product,
    ReasonWords,
    Rulebook,
    RuleText,
    Stage,
    TreeText,
    declare_score_facts,
    each_day,
)
from creditfactory.gateways.rulebook.files import (
    check_lock,
    digest_of,
    find_bases,
    find_folder,
    hash_files,
    list_files,
    read_day,
    read_json,
    read_toml,
    read_yaml,
)
from creditfactory.gateways.rulebook.policy_files import read_dated, read_policy_file, read_words
from creditfactory.gateways.rulebook.strategy_files import read_strategy_file
from creditfactory.gateways.rulebook.table_files import read_stage, read_table_file
from creditfactory.kernel import BadInput
from creditfactory.rules import Declaration, Parameter, Table, read_declarations, read_derived, refuse, refuse_name
from creditfactory.scoring import Card, Characteristic, read_card

T = TypeVar("T")
PRODUCT_KEYS = {
    "code", "name", "from", "to",
    "amount_cents_min", "amount_cents_max", "amount_step_cents", "terms_months", "methods",
    "annual_rate_min", "annual_rate_max", "eligible", "preference", "features",
}  # fmt: skip

_WORD = re.compile(r"[a-z][a-z0-9_]*")


def default_folder() -> Path:
    """Where the packs lie: ``CREDITFACTORY_RULEBOOK``, or ``rulebook`` beside the package's source."""
    given = os.environ.get("CREDITFACTORY_RULEBOOK")
    return Path(given) if given else Path(creditfactory.__file__).resolve().parents[2] / "rulebook"


@dataclass
class Pack:
    """What was found in a pack's files, with every fault; a fault in one file hides none in another."""

    folder: Path
    files: dict[str, Path]
    hashes: dict[str, str]
    faults: list[BadInput] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    parameters: dict[str, Dated[Parameter]] = field(default_factory=dict)
    derived: dict[str, Dated[DerivedText]] = field(default_factory=dict)
    rules: dict[str, Dated[RuleText]] = field(default_factory=dict)
    tables: dict[str, Dated[Table]] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    strategies: dict[str, Dated[TreeText]] = field(default_factory=dict)
    cards: list[LiveCard] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    reasons: dict[str, ReasonWords] = field(default_factory=dict)
    line: Dated[Mapping[str, Any]] = field(default_factory=lambda: Dated(()))

    def attempt(self, read: Callable[[], T]) -> T | None:
        """What a reading gives, or nothing, with its fault kept."""
        try:
            return read()
        except BadInput as fault:
            self.faults.append(fault)
            return None

    def _keep_mentioned(self) -> dict[str, Declaration]:
        """The labels that a decision of this pack may need: those declared one by one, of others those it mentions."""
        written: set[str] = set()
        for place, path in self.files.items():
            if place.endswith((".yaml", ".csv", ".json", ".toml")):
                written.update(_WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
        return {
            name: declared
            for name, declared in self.declarations.items()
            if name in labels.NAMED or name in written or name not in labels.CATALOGUE
        }

    def rulebook(self) -> Rulebook:
        """The pack as the rulebook that decisions ask."""
        return Rulebook(
            pack=str(self.about.get("name", self.folder.name)),
            digest=digest_of(self.hashes),
            currency=str(self.about.get("currency", "")),
            law=str(self.about.get("law", "")),
            declarations=self._keep_mentioned(),
            parameters=self.parameters,
            derived=self.derived,
            rules=self.rules,
            tables=self.tables,
            cards=tuple(self.cards),
            products=tuple(self.products),
            reasons=self.reasons,
            line=self.line,
            protected_allowed=self.about.get("protected_labels") == "allowed",
            is_historical=self.about.get("historical") is True,
            files=self.hashes,
            strategies=self.strategies,
            stages=self.stages,
        )


def load_rulebook(pack_or_folder: str | Path, *, locked: bool = True) -> Rulebook:
    """A pack's rulebook over all dates, read and type-checked whole; the first fault is raised, named by its place.

    Reading the same unchanged files again gives the same rulebook without reading them twice. ``locked=False`` reads a
    pack whose files have moved on from its lock, as a person does who edits it.
    """
    folder = find_folder(pack_or_folder, default_folder())
    files = list_files(folder)
    stamp = tuple((p, f.stat().st_mtime_ns, f.stat().st_size) for p, f in files.items())
    return _load(folder, stamp, locked)


@lru_cache(maxsize=16)
def _load(folder: Path, stamp: tuple[tuple[str, int, int], ...], locked: bool) -> Rulebook:
    pack = read_pack(folder)
    faults = [*(check_lock(folder, pack.hashes) if locked else ()), *pack.faults]
    rulebook = None if faults else pack.attempt(lambda: _read_each_day(pack.rulebook()))
    faults += pack.faults
    if rulebook is None:
        first, more = faults[0], len(set(map(str, faults))) - 1
        suffix = f" ({more} more: see `creditfactory rulebook check`)" if more else ""
        raise type(first)(place=f"{folder.name}/{first.place}", found=first.found, expected=first.expected + suffix)
    return rulebook


def _read_each_day(rulebook: Rulebook) -> Rulebook:
    for _ in each_day(rulebook):
        pass
    return rulebook


def read_pack(folder: Path) -> Pack:
    """Read every file of a pack, keeping all faults."""
    files = list_files(folder)
    pack = Pack(folder, files, hash_files(files))
    pack.about = pack.attempt(lambda: _read_about(pack)) or {}
    _read_labels(pack)
    for place, path in files.items():
        if place.startswith("policy/") and place.endswith(".yaml"):
            pack.attempt(partial(_take_policy, pack, place, path))
    pack.attempt(lambda: _read_cards(pack))
    known = _with_derived(pack)
    for place, path in files.items():
        if place.startswith("tables/") and place.endswith(".yaml"):
            pack.attempt(partial(_take_table, pack, place, path, known))
        elif place.startswith("strategies/") and place.endswith(".yaml"):
            pack.attempt(partial(_take_tree, pack, place, path))
    pack.attempt(lambda: _read_products(pack))
    pack.attempt(lambda: _read_reasons(pack))
    pack.attempt(lambda: _read_line(pack))
    return pack


def _read_about(pack: Pack) -> dict[str, Any]:
    if "pack.yaml" not in pack.files:
        refuse("pack.yaml", "no such file", "a pack.yaml with name, currency and law")
    about = read_yaml(pack.files["pack.yaml"], "pack.yaml")
    for key in ("name", "currency", "law"):
        if not isinstance(about.get(key), str):
            refuse(f"pack.yaml: {key}", repr(about.get(key)), "a text")
    if about.get("protected_labels", "refused") not in ("refused", "allowed"):
        refuse("pack.yaml: protected_labels", repr(about["protected_labels"]), "refused or allowed")
    if about.get("historical", False) not in (True, False):
        refuse("pack.yaml: historical", repr(about["historical"]), "true or false")
    if about.get("historical"):
        read_words(about, "why", "pack.yaml")
    if not isinstance(about.get("drops", []), list):
        refuse("pack.yaml: drops", repr(about["drops"]), "a list of files of the pack it extends")
    return about


def _read_labels(pack: Pack) -> None:
    names = [str(pack.about.get("name", "")), *(base.name for base in find_bases(pack.folder)[1:])]
    pack.declarations = dict(next((found for name in names if (found := labels.declarations(name))), {}))
    if "labels.yaml" in pack.files:
        raw = pack.attempt(lambda: read_yaml(pack.files["labels.yaml"], "labels.yaml")) or {}
        pack.declarations |= pack.attempt(lambda: read_declarations(raw, place="labels.yaml")) or {}


def _take_policy(pack: Pack, place: str, path: Path) -> None:
    name, dated = read_policy_file(path, place)
    taken: dict[str, Dated[Any]] = {**pack.parameters, **pack.derived, **pack.rules}
    if name in taken:
        refuse(place, f"{name!r} a second time", f"a name of its own; the other is {taken[name].place}")
    if name in pack.declarations:
        refuse(place, f"{name!r}, which is a label", "another name")
    if name.endswith(UNDECIDED):
        refuse(place, repr(name), f"another name: what ends in {UNDECIDED} speaks for a table or a tree")
    first = next((version for _, version in dated.versions if version is not None), None)
    if first is None:
        refuse(f"{place}: values", "only days on which it ends", "a value from some day on")
    if isinstance(first, Parameter):
        pack.parameters[name] = dated  # type: ignore[assignment]
    elif isinstance(first, RuleText):
        pack.rules[name] = dated  # type: ignore[assignment]
    else:
        pack.derived[name] = dated  # type: ignore[assignment]


def _take_table(pack: Pack, place: str, path: Path, known: Mapping[str, Declaration]) -> None:
    stage = read_stage(path, place)
    if stage == "lane":
        known = {**known, **declare_score_facts(live.card.name for live in pack.cards)}
    name, dated = read_table_file(path, place, known, pack.files)
    pack.tables[name] = dated
    if stage is not None:
        pack.stages[name] = stage


def _take_tree(pack: Pack, place: str, path: Path) -> None:
    name, dated = read_strategy_file(path, place)
    pack.strategies[name] = dated


def _with_derived(pack: Pack) -> dict[str, Declaration]:
    """Labels and, as columns of tables, the named values by their type on the day they first hold."""
    known = dict(pack.declarations)
    for day in sorted({dated.starts[0] for dated in pack.derived.values()}):
        texts = {n: t for n, dated in pack.derived.items() if (t := dated.on(day)) is not None}
        parameters = {n: p for n, dated in pack.parameters.items() if (p := dated.on(day)) is not None}
        written = {name: (text.value, text.place) for name, text in texts.items()}
        units = {name: text.unit for name, text in texts.items()}
        named = pack.attempt(partial(read_derived, written, pack.declarations, parameters, units)) or {}
        known |= {name: Declaration(name, value.value.type, value.unit) for name, value in named.items()}
    return known


def _read_products(pack: Pack) -> None:
    if "products.yaml" not in pack.files:
        return
    raw = read_yaml(pack.files["products.yaml"], "products.yaml").get("products")
    if not isinstance(raw, list):
        refuse("products.yaml: products", repr(raw), "a list of products")
    for number, part in enumerate(raw, start=1):
        where = f"products.yaml: products[{number}]"
        product = pack.attempt(partial(_read_product, part, where))
        if product:
            pack.products.append(product)


def _read_product(part: Any, place: str) -> Product:
    if not isinstance(part, dict):
        refuse(place, repr(part), "a product's keys and values")
    unknown = set(part) - PRODUCT_KEYS
    if unknown:
        refuse(place, repr(min(unknown, key=str)), f"only {', '.join(sorted(PRODUCT_KEYS))}")

    def whole(key: str) -> int:
        if type(part.get(key)) is not int or part[key] < 0:
            refuse(f"{place}.{key}", repr(part.get(key)), "a whole number")
        return int(part[key])

    def rate(key: str) -> Decimal:
        try:
            found = Decimal(str(part[key]))
            assert found.is_finite() and 0 <= found < 10
        except (KeyError, InvalidOperation, AssertionError):
            refuse(f"{place}.{key}", repr(part.get(key)), 'a yearly rate such as "0.18"')
        return found

    def listed(key: str, kind: type) -> tuple[Any, ...]:
        found = part.get(key)
        if not isinstance(found, list) or not found or not all(type(x) is kind for x in found):
            refuse(f"{place}.{key}", repr(found), "a list")
        return tuple(found)

    if not isinstance(part.get("code"), str) or not part["code"].replace("-", "_").isidentifier():
        refuse(f"{place}.code", repr(part.get("code")), "a code of letters, digits, _ and -")
    return Product(
        code=part["code"],
        name=read_words(part, "name", place),
        starts_on=read_day(part.get("from"), f"{place}.from"),
        ends_on=None if part.get("to") is None else read_day(part["to"], f"{place}.to"),
        amount_cents_min=whole("amount_cents_min"),
        amount_cents_max=whole("amount_cents_max"),
        amount_step_cents=whole("amount_step_cents"),
        terms_months=listed("terms_months", int),
        methods=listed("methods", str),
        annual_rate_min=rate("annual_rate_min"),
        annual_rate_max=rate("annual_rate_max"),
        preference=whole("preference") if "preference" in part else 0,
        eligible_when=part.get("eligible"),
        features=part.get("features") or {},
        place=place,
    )


def _read_reasons(pack: Pack) -> None:
    for place in ("../reasons.yaml", "reasons.yaml"):
        if place not in pack.files:
            continue
        found, faults = _read_all_reasons(pack.files[place], place, pack.hashes.get(place, ""))
        pack.reasons.update(found)
        pack.faults += faults


@lru_cache(maxsize=8)
def _read_all_reasons(path: Path, place: str, _hash: str) -> tuple[Mapping[str, ReasonWords], tuple[BadInput, ...]]:
    """One file's reasons with its faults; what all packs share is read once, until the file changes."""
    found: dict[str, ReasonWords] = {}
    faults: list[BadInput] = []
    try:
        raw = read_yaml(path, place)
    except BadInput as fault:
        return {}, (fault,)
    for code, part in raw.items():
        try:
            words = _read_reason(code, part, f"{place}: {code}")
        except BadInput as fault:
            faults.append(fault)
            continue
        found[words.code] = words
    return found, tuple(faults)


def _read_reason(code: Any, part: Any, place: str) -> ReasonWords:
    if not isinstance(part, dict) or set(part) != {"precedence", "borrower", "staff"}:
        refuse(place, repr(part), "precedence, borrower and staff")
    if type(part["precedence"]) is not int:
        refuse(f"{place}.precedence", repr(part["precedence"]), "a whole number, lower first")
    borrower, staff = read_words(part, "borrower", place), read_words(part, "staff", place)
    for words in (*borrower.values(), *staff.values()):
        try:
            words.format_map(_Anything())
        except (ValueError, IndexError, AttributeError, KeyError, TypeError):
            refuse(place, repr(words), "words with facts as {name}")
    return ReasonWords(str(code), part["precedence"], borrower, staff)


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _read_cards(pack: Pack) -> None:
    if "live.toml" not in pack.files:
        return
    entries = read_toml(pack.files["live.toml"], "live.toml").get("card", [])
    starts: dict[str, list[tuple[date, date | None, Card]]] = {}
    for number, entry in enumerate(entries, start=1):
        where = f"live.toml: card[{number}]"
        live = pack.attempt(partial(_read_live, pack, entry, where))
        if live:
            starts.setdefault(live[2].name, []).append(live)
    for found in starts.values():
        found.sort(key=lambda entry: entry[0])
        for index, (start, end, card) in enumerate(found):
            after = found[index + 1][0] if index + 1 < len(found) else None
            ends = min((d for d in (end, after) if d is not None), default=None)
            pack.cards.append(LiveCard(card, start, ends))


def _read_live(pack: Pack, entry: Any, place: str) -> tuple[date, date | None, Card]:
    if not isinstance(entry, dict) or not {"name", "version", "from"} <= set(entry) <= {
        "name",
        "version",
        "from",
        "to",
    }:
        refuse(place, repr(entry), "name, version, from and, where it ends, to")
    file = f"cards/{entry['name']}/{entry['version']}/card.json"
    if file not in pack.files:
        refuse(place, f"no {file}", "a card that is in the pack")
    card = read_card(read_json(pack.files[file], file), place=file)
    if (card.name, card.version) != (entry["name"], entry["version"]):
        refuse(file, f"{card.name} {card.version}", f"{entry['name']} {entry['version']}, as its folder says")
    for label in card.labels:
        declared = pack.declarations.get(label)
        for question in card.characteristics:
            if declared is not None and question.label == label:
                _check_question(question, declared, file)
            elif declared is not None and question.applies == label and declared.type != "bool":
                refuse(f"{file}: {question.label}.applies", f"{label!r}, a label of type {declared.type}", "yes or no")
        if declared is None and not (card.role == "master" and label.endswith("_points")):
            refuse_name(file, label, pack.declarations, "a declared label")
        if declared is not None and declared.protected and pack.about.get("protected_labels") != "allowed":
            refuse(file, f"{label!r}, a protected attribute", "a fact that the law of this pack lets decide")
    end = read_day(entry["to"], f"{place}.to") if "to" in entry else None
    return read_day(entry["from"], f"{place}.from"), end, card


def _check_question(question: Characteristic, declared: Declaration, place: str) -> None:
    """Refuse a question whose classes are not those that its label can fall into."""
    wanted = "number" if declared.type in ("int", "float") else "word"
    if question.kind != wanted:
        refuse(
            f"{place}: {question.label}", f"type {question.kind!r}", f"{wanted!r}, since the label is {declared.type}"
        )
    words = ("yes", "no") if declared.type == "bool" else declared.words
    for word in (w for b in question.bins for w in b.words if words):
        if word not in words:
            refuse_name(f"{place}: {question.label}", word, words, f"one of {', '.join(words)}")


def _read_line(pack: Pack) -> None:
    if "line.yaml" not in pack.files:
        return
    raw = read_yaml(pack.files["line.yaml"], "line.yaml")
    if "values" in raw:
        pack.line = read_dated(raw, "line.yaml", lambda value, where: value)
    else:
        pack.line = Dated(((EARLIEST, raw),), "line.yaml")
