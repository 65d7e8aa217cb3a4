"""What if: a few facts of a case changed, and the machine asked again; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from creditfactory import decision, gateways, labels
from creditfactory.application import Dossier
from creditfactory.consoles import figures, trace, words
from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.portrait import Material
from creditfactory.consoles.typed import read_typed, show_typed
from creditfactory.kernel import BadInput, Scalar

PREFIX = "f."
ADDED = "with"
FIELDS_SUGGESTED = 12
AMOUNTS = ("requested_amount_cents", "sba_amount_cents")
TERMS = ("requested_term_months",)
ENGINES_READ = (
    "verified_income_cents", "verified_sales_monthly_cents", "monthly_due_cents", "unsecured_balance_cents",
)  # fmt: skip
LOSSES_SUGGESTED = 6


@dataclass(frozen=True, slots=True)
class FactField:
    """One fact in the form: as it is in the case, as typed, and what is wrong with what was typed."""

    label: labels.Label
    was: str
    was_told: str
    typed: str
    error: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether something else was typed than the case has."""
        return self.typed.strip() not in ("", self.was)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer: what it is, with the facts as they are, and with those typed."""

    name: str
    was: str
    becomes: str

    @property
    def is_changed(self) -> bool:
        """Whether the change of facts changes it."""
        return self.was != self.becomes


@dataclass(frozen=True, slots=True)
class Answer:
    """The machine's decision on the facts as they are and as typed, line by line, and the reasons that differ."""

    told: str
    lines: tuple[Line, ...]
    gone: tuple[dict[str, Any], ...] = ()
    new: tuple[dict[str, Any], ...] = ()
    kept: tuple[dict[str, Any], ...] = ()
    tone: str = ""


@dataclass(frozen=True, slots=True)
class SmallChange:
    """A smallest change that would have led elsewhere: what, to what, where to, and the query that asks for it."""

    told: tuple[str, ...]
    leads_to: str
    query: tuple[tuple[str, str], ...]


def build_fields(material: Material, query: Mapping[str, str], added: Iterable[str]) -> tuple[FactField, ...]:
    """The fields worth changing in this case, those asked for by name, and whatever was typed already."""
    typed = {name.removeprefix(PREFIX): text for name, text in query.items() if name.startswith(PREFIX)}
    names = dict.fromkeys([*suggest_labels(material), *added, *typed])
    return tuple(
        _build_field(labels.CATALOGUE[name], material, typed.get(name, ""))
        for name in names
        if name in material.facts and name in labels.CATALOGUE
    )


def suggest_labels(material: Material) -> list[str]:
    """Amount and term; what rules held against him; where most points were lost; what the limit reads; what is open."""
    facts = material.facts
    asked = [name for name in (*AMOUNTS, *TERMS) if name in facts]
    verdicts = (material.results.get("policy") or {}).get("verdicts") or ()
    ruled = [name for v in verdicts if v["verdict"] != "clear" for name in v.get("read") or ()]
    cards = ((material.results.get("scores") or {}).get("cards") or {}).values()
    parts = [part for card in cards for part in card.get("parts") or ()]
    parts.sort(key=lambda part: part["points"] - part["best_points"])
    lost = [part["label"] for part in parts[:LOSSES_SUGGESTED] if part["points"] < part["best_points"]]
    engines = [name for name in ENGINES_READ if name in facts]
    names = dict.fromkeys([*asked, *ruled, *lost, *engines])
    return [name for name in names if name in facts][:FIELDS_SUGGESTED]


def list_others(material: Material, shown: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Every other fact of the case that may be added to the form, by name."""
    known = set(shown)
    others = ((name, words.label_name(name)) for name in material.facts if name not in known)
    return tuple(sorted((pair for pair in others if pair[0] in labels.CATALOGUE), key=lambda pair: pair[1]))


def _build_field(label: labels.Label, material: Material, typed: str) -> FactField:
    value = material.facts[label.name]
    error = ""
    if typed.strip():
        try:
            read_typed(label, typed)
        except BadInput as fault:
            error = _("Found {found}; expected {expected}.").format(found=fault.found, expected=fault.expected)
    choices: tuple[tuple[str, str], ...] = ()
    if label.type == "bool":
        choices = (("yes", words.fact_text(label.name, True)), ("no", words.fact_text(label.name, False)))
    elif label.words:
        choices = tuple((word, words.word(word, "value")) for word in label.words)
    told = words.fact_text(label.name, value, material.case.row.currency)
    return FactField(label, show_typed(label, value), told, typed, error, choices)


def change_facts(material: Material, fields: Iterable[FactField]) -> dict[str, Scalar]:
    """The facts with what was typed; facts that follow from the request alone are taken anew with it."""
    changes = {f.label.name: read_typed(f.label, f.typed) for f in fields if f.is_changed and not f.error}
    return {**material.facts, **_follow_request(material, changes), **changes}


def _follow_request(material: Material, changes: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """What else changes when another amount or term is asked for: the difference it makes to the dossier's labels."""
    amount = next((changes[name] for name in AMOUNTS if name in changes), None)
    term = next((changes[name] for name in TERMS if name in changes), None)
    if not isinstance(amount, int) and not isinstance(term, int):
        return {}
    try:
        dossier = gateways.load_plain(Dossier, material.case.dossier)
    except BadInput:
        return {}
    asked = dossier.request
    if isinstance(amount, int):
        asked = replace(asked, amount_cents=amount)
    if isinstance(term, int):
        asked = replace(asked, term_months=term)
    parameters = None if material.book is None else material.book.parameters
    as_of = dossier.applied_at
    before = labels.compute(dossier, as_of=as_of, parameters=parameters).facts
    after = labels.compute(replace(dossier, request=asked), as_of=as_of, parameters=parameters).facts
    return {name: value for name, value in after.items() if value != before.get(name) and name in material.facts}


def with_checks(material: Material, facts: Mapping[str, Scalar]) -> dict[str, Any]:
    """The facts with what the gate and the lists found, where they were asked; the intake was passed to get here."""
    told: dict[str, Any] = {**facts, "intake_verdict": "pass"}
    for station, name in (("front_gate", "gate_verdict"), ("list_check", "list_verdict")):
        result = material.results.get(station) or {}
        if result.get("verdict"):
            told[name] = "needs_facts" if result.get("facts_needed") else result["verdict"]
    product = (material.case.dossier.get("request") or {}).get("product")
    return {**told, "requested_product": product} if product else told


def decide_again(material: Material, fields: tuple[FactField, ...]) -> Answer | None:
    """The machine's decision before and after; None without rules, without facts, or while something is mistyped."""
    if material.book is None or not material.facts or any(field.error for field in fields):
        return None
    was = decision.decide_labels(with_checks(material, material.facts), material.book)
    becomes = decision.decide_labels(with_checks(material, change_facts(material, fields)), material.book)
    before, after = _reasons_of(was), _reasons_of(becomes)
    is_changed = any(field.is_changed for field in fields)
    return Answer(
        told=_tell(was, becomes, material) if is_changed else "",
        lines=tuple(_compare(was, becomes, material)),
        gone=tuple(item for item in before if item not in after),
        new=tuple(item for item in after if item not in before),
        kept=tuple(item for item in after if item in before),
        tone=_tone(was, becomes) if is_changed else "",
    )


def _reasons_of(decided: decision.LabelDecision) -> list[dict[str, Any]]:
    return [{"code": reason.code, "facts": dict(reason.facts)} for reason in decided.reasons]


RANK = {"approve": 0, "refer": 1, "decline": 2}


def _tone(was: decision.LabelDecision, becomes: decision.LabelDecision) -> str:
    """Whether the change helps (good), harms (bad), or does neither."""
    before = (RANK[was.verdict], was.lane, -was.offer.amount_cents)
    after = (RANK[becomes.verdict], becomes.lane, -becomes.offer.amount_cents)
    return "good" if after < before else "bad" if after > before else ""


def say_verdict(decided: Any, material: Material) -> str:
    """A verdict in a few words: what, in which lane, how much."""
    if decided.verdict == "decline":
        return words.word("decline", "outcome")
    lane = _("lane {lane}").format(lane=decided.lane)
    cents = getattr(getattr(decided, "offer", None), "amount_cents", None) or getattr(decided, "amount_cents", 0)
    amount = figures.money(cents, material.case.row.currency) if cents else _("no offer")
    verdict = _("approved") if decided.verdict == "approve" else _("to people")
    return ("，" if is_chinese() else ", ").join((verdict, lane, amount))


def _tell(was: decision.LabelDecision, becomes: decision.LabelDecision, material: Material) -> str:
    before, after = say_verdict(was, material), say_verdict(becomes, material)
    if before == after:
        return _("It would have come to the same: {verdict}.").format(verdict=after)
    return _("Instead of {before}: {after}.").format(before=before, after=after)


def _compare(was: decision.LabelDecision, becomes: decision.LabelDecision, material: Material) -> Iterable[Line]:
    """Every figure of the two decisions, side by side."""
    currency = material.case.row.currency

    def line(name: str, show: Any) -> Line:
        return Line(name, str(show(was)), str(show(becomes)))

    yield line(_("Verdict"), lambda d: words.word(d.verdict, "outcome"))
    yield line(_("Lane"), lambda d: words.word("decline", "outcome") if d.lane == "decline" else d.lane)
    yield line(_("Tier"), lambda d: figures.NOTHING if d.tier is None else d.tier)
    if was.scores.master is not None:
        yield line(words.word("master", "card"), lambda d: _points(d.scores.master))
    for name in was.scores.cards:
        yield line(words.word(name, "card"), lambda d, name=name: _points(d.scores.cards.get(name)))
    yield line(
        _("Chance of default"), lambda d: figures.percent(d.scores.final.probability if d.scores.final else None)
    )
    yield line(_("Product"), lambda d: material.name_product(d.offer.product) if d.offer.product else figures.NOTHING)
    yield line(_("Limit"), lambda d: figures.money(d.limit.amount_cents if d.limit else None, currency))
    yield line(
        _("Held by"), lambda d: words.word((d.limit.binding if d.limit else "") or "", "value") or figures.NOTHING
    )
    yield line(_("Offer"), lambda d: figures.money(d.offer.amount_cents or None, currency))
    yield line(_("Rate, standard cost of money"), lambda d: figures.percent(_rate(d), 2))
    yield line(_("Instalment a month"), lambda d: figures.money(_instalment(d), currency))
    yield line(_("Expected loss"), lambda d: figures.money(d.worth.expected_loss_cents, currency))
    yield line(_("Expected profit"), lambda d: figures.money(d.worth.profit_cents, currency))


def _points(answer: Any) -> str:
    return figures.NOTHING if answer is None or answer.points is None else str(answer.points)


def _chance(decided: decision.LabelDecision) -> float | None:
    return None if decided.scores.final is None else decided.scores.final.probability


def _bound(decided: decision.LabelDecision) -> str:
    binding = None if decided.limit is None else decided.limit.binding
    return words.word(binding, "value") if binding else figures.NOTHING


def _rate(decided: decision.LabelDecision) -> Any:
    return decided.offer.candidates[0].price.annual_rate if decided.offer.candidates else None


def _instalment(decided: decision.LabelDecision) -> int | None:
    return decided.offer.candidates[0].instalment_cents if decided.offer.candidates else None


def list_smallest(material: Material) -> tuple[SmallChange, ...]:
    """The smallest changes of the applicant's own facts that would have led to a lighter lane, or to an offer."""
    if material.book is None or not material.facts:
        return ()
    facts = with_checks(material, material.facts)
    found = decision.smallest_changes(facts, material.book, wanted="lighter")
    return tuple(_tell_change(change, material) for change in found)


def _tell_change(change: decision.Change, material: Material) -> SmallChange:
    currency = material.case.row.currency
    told, query = [], []
    for one in change.labels:
        label = labels.CATALOGUE.get(one.label)
        if label is None:
            continue
        told.append(
            _("{label}: {becomes} instead of {was}").format(
                label=words.label_name(one.label), becomes=words.fact_text(one.label, one.becomes, currency),
                was=words.fact_text(one.label, one.was, currency),
            )
            + f" · {WAYS[one.by]()}"
        )  # fmt: skip
        query.append((PREFIX + one.label, show_typed(label, one.becomes)))
    return SmallChange(tuple(told), say_verdict(change, material), tuple(query))


WAYS = {
    "act": lambda: _("by paying down or settling"), "show": lambda: _("by handing in what is missing"),
    "wait": lambda: _("with time"), "ask": lambda: _("by asking for less, or for longer"),
}  # fmt: skip


def tell_recorded(material: Material) -> tuple[tuple[str, str], ...]:
    """What really came of the case, people and funders included."""
    facts = trace.judge_case(material.case).facts
    row = material.case.row
    shown = [
        (_("Stands"), trace.tell_standing(material.case)),
        (_("Approved by people"), figures.money(_reviewed(material), row.currency)),
        (_("Limit"), figures.money(facts["limit_cents"], row.currency)),
        (_("Annual rate"), figures.percent(facts["annual_rate"], 2)),
        (_("Funder"), facts["funder"] or ""),
    ]
    return tuple((name, text) for name, text in shown if text and text != figures.NOTHING)


def _reviewed(material: Material) -> int | None:
    review = material.results.get("final_review") or {}
    return review.get("amount_cents") if review.get("decision") == "approve" else None
