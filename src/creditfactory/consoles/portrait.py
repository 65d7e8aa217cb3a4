"""The risk portrait: what cards, rules and facts say of one applicant, how sure that is, and what would change it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditfactory import decision, gateways, labels, scoring
from creditfactory.consoles import figures, trace, words
from creditfactory.consoles.page import is_chinese
from creditfactory.kernel import BadInput, Reason
from creditfactory.records import reads

WEIGHTS_SHOWN = 6
BADS_FEW = 100
NORMAL_95 = 1.96
SCALE_ROOM = 10


@dataclass(frozen=True, slots=True)
class Gauge:
    """One card: the points on the card's own reach, all applicants behind them, and how far both can be trusted.

    ``span`` is where the points could still go; ``steps`` are the tiers the points stand for, on the deciding card.
    """

    name: str
    version: str
    points: int | None
    probability: float | None
    reach: tuple[int, int]
    span: tuple[int, int] | None
    counts: tuple[tuple[int, int], ...]
    applicants: int
    share_below: float | None
    surety: str
    faults: tuple[dict[str, Any], ...] = ()
    steps: tuple[tuple[int, str], ...] = ()
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Weight:
    """One question that spoke for or against: its points beside what the average applicant gets."""

    label: str
    value: str
    card: str
    points: int
    against_mean: float


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """One rule that was not clear: what it said, what follows, and why."""

    rule: str
    verdict: str
    consequence: str
    reason: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class OpenFact:
    """One unknown fact that somebody asks for: why it is unknown, and what each card could still give for it."""

    label: str
    why: str
    effects: tuple[tuple[str, int, int], ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the cards and rules say, and how sure."""

    gauges: tuple[Gauge, ...] = ()
    scale: tuple[int, int] = (0, 0)
    sureties: tuple[tuple[str, str], ...] = ()
    good: tuple[Weight, ...] = ()
    bad: tuple[Weight, ...] = ()
    is_beside_mean: bool = False
    said: tuple[RuleSaid, ...] = ()
    clear: int = 0
    open_facts: tuple[OpenFact, ...] = ()
    known: int = 0
    all_labels: int = 0
    outlook: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What a portrait is drawn from: the case, what its stations found, the rules of its day, and all applicants."""

    case: reads.CaseFile
    results: Mapping[str, Mapping[str, Any]]
    book: decision.Book | None
    standing: Mapping[tuple[str, str], reads.CardStanding] = field(default_factory=dict)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The label snapshot; empty before there is one."""
        found = self.results.get("labels", {}).get("facts")
        return found if isinstance(found, Mapping) else {}

    @property
    def why_missing(self) -> Mapping[str, str]:
        """Why each unknown label is unknown."""
        found = self.results.get("labels", {}).get("why_missing")
        return found if isinstance(found, Mapping) else {}

    def name_product(self, code: str) -> str:
        """A product's name in the reader's language; its code where the rules of the day do not have it."""
        known = {} if self.book is None else {product.code: product.name for product in self.book.products}
        return known[code]["zh" if is_chinese() else "en"] if code in known else code

    def card(self, answer: Mapping[str, Any]) -> scoring.Card | None:
        """The card that gave an answer, if these rules hold it still and it would answer so again."""
        card = None if self.book is None else self.book.cards.get(str(answer.get("card", "")))
        if card is None or card.version != answer.get("version"):
            return None
        if self.book is None or self.book.digest == self.case.rulebook or card.role == "master":
            return card
        again = scoring.score(card, self.facts).points
        return card if again == answer.get("points") else None

    def table(self, name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a table of that day answers; nothing where there is no such table."""
        table = None if self.book is None else self.book.tables.get(name)
        return {} if table is None else table.look_up(values).outputs


def gather_material(case: reads.CaseFile, standing: Mapping[tuple[str, str], reads.CardStanding]) -> Material:
    """Everything a portrait needs."""
    book = words.find_book_of(case.rulebook, case.row.pack, case.row.applied_on)
    results = trace.results_of(case)
    if book is not None and "labels" in results:
        results["labels"] = _open_facts(results["labels"], book)
    return Material(case, results, book, standing)


def _open_facts(kept: Mapping[str, Any], book: decision.Book) -> Mapping[str, Any]:
    """The snapshot with the labels of the thousands that this book's rules and cards read, beside those named."""
    try:
        taken = gateways.load_value(labels.Labels, json.dumps(kept))
    except BadInput:
        return kept
    asked = {name: taken.facts[name] for name in book.declarations if name in taken.facts}
    why = {name: taken.why_missing.get(name, "") for name, value in asked.items() if value is None}
    return {
        **kept,
        "facts": {**kept.get("facts", {}), **asked},
        "why_missing": {**kept.get("why_missing", {}), **why},
    }


def hear_opinion(material: Material) -> Opinion:
    """Cards, weights, rules and unknown facts of one applicant."""
    scores = material.results.get("scores", {})
    answers = {**(scores.get("cards") or {}), **({"master": scores["master"]} if scores.get("master") else {})}
    cards = {name: card for name, answer in answers.items() if (card := material.card(answer)) is not None}
    spans = scoring.span_cards(cards, material.facts) if cards and len(cards) == len(answers) else {}
    final = trace.final_score(scores)
    gauges = tuple(
        _read_gauge(name, answer, cards.get(name), material, spans.get(name), final) for name, answer in answers.items()
    )
    good, bad, is_beside = _weigh(answers, material)
    verdicts = material.results.get("policy", {}).get("verdicts") or ()
    known = sum(value is not None for value in material.facts.values())
    return Opinion(
        gauges=tuple(sorted(gauges, key=lambda gauge: not gauge.is_final)),
        scale=_choose_scale(gauges),
        sureties=_tell_sureties(gauges),
        good=good, bad=bad, is_beside_mean=is_beside,
        said=tuple(
            RuleSaid(v["rule"], v["verdict"], v.get("consequence", ""), v.get("reason"))
            for v in sorted(verdicts, key=lambda v: -GRAVITY.get(v.get("consequence", ""), 0))
            if v["verdict"] != "clear"
        ),
        clear=sum(v["verdict"] == "clear" for v in verdicts),
        open_facts=_list_open(material, spans, verdicts, answers),
        known=known, all_labels=len(material.facts),
        outlook=_tell_outlook(material, spans, final),
        note=tell_other_book(material),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SubScoreShown:
    """One sub-score as the portrait shows it: points of a hundred, each fact's share of them, and what is unknown."""

    name: str
    score: labels.SubScore

    @property
    def lost(self) -> list[dict[str, Any]]:
        """The facts that cost points, most first, each with its reason."""
        parts = sorted((p for p in self.score.parts if p.points < p.best), key=lambda p: p.points - p.best)
        return [{"fact": p.fact, "value": p.value, "reason": tell_plainly(p.reason)} for p in parts if p.reason]

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """Why there is no score at all, if there is none."""
        return [] if self.score.parts else [tell_plainly(reason) for reason in self.score.reasons]

    @property
    def whole(self) -> tuple[labels.SubScorePart, ...]:
        """The facts that cost none."""
        return tuple(part for part in self.score.parts if part.points == part.best)


def tell_plainly(reason: Reason) -> dict[str, Any]:
    """A reason in the form in which visits keep it."""
    return {"code": reason.code, "facts": dict(reason.facts)}


def read_sub_scores(material: Material) -> tuple[SubScoreShown, ...]:
    """Willingness and ability from the labels as they were taken, by the steps of the case's own rulebook (WIL-01)."""
    if not material.facts or material.book is None or "willingness_points" not in material.facts:
        return ()
    parameters = material.book.parameters
    return (
        SubScoreShown("willingness", labels.assess_willingness(material.facts, parameters)),
        SubScoreShown("ability", labels.assess_ability(material.facts, parameters)),
    )


GRAVITY = {"decline": 4, "refer": 3, "lane_c": 2, "lane_b": 1}


def _read_gauge(
    name: str, answer: Mapping[str, Any], card: scoring.Card | None, material: Material,
    span: scoring.CardSpan | None, final: Any,
) -> Gauge:  # fmt: skip
    version, points = str(answer.get("version", "")), answer.get("points")
    standing = material.standing.get((name, version)) or reads.CardStanding()
    counts = tuple(sorted(standing.counts.items()))
    seen = [place for place, _ in counts] + ([points] if points is not None else [])
    reach = scoring.reach_of(card) if card else (min(seen, default=0), max(seen, default=1))
    is_final = final is not None and final.get("card") == answer.get("card")
    return Gauge(
        name=name, version=version, points=points, probability=answer.get("probability"), reach=reach,
        span=None if span is None or span.is_settled else (span.low, span.high),
        counts=counts, applicants=standing.applicants,
        share_below=None if points is None else standing.share_below(points),
        surety=_tell_surety(card), faults=tuple(answer.get("reasons") or ()) if points is None else (),
        steps=_find_steps(card, reach, material) if card and is_final else (), is_final=is_final,
    )  # fmt: skip


def _choose_scale(gauges: tuple[Gauge, ...]) -> tuple[int, int]:
    """One scale for all cards: where all but the lowest hundredth of applicants are, and this one surely."""
    lows, highs = [], []
    for gauge in gauges:
        left = gauge.applicants // 100
        for points, count in gauge.counts:
            left -= count
            if left < 0:
                lows.append(points)
                break
        highs += [gauge.reach[1]]
        lows += [points for points in (gauge.points, gauge.span[0] if gauge.span else None) if points is not None]
        lows += [] if gauge.counts else [gauge.reach[0]]
    low, high = min(lows, default=0), max(highs, default=1)
    return max(low - SCALE_ROOM, min((g.reach[0] for g in gauges), default=0)), high


def _tell_sureties(gauges: tuple[Gauge, ...]) -> tuple[tuple[str, str], ...]:
    """How far each card can be trusted, told once for all cards of which the same is true."""
    told: dict[str, list[str]] = {}
    for gauge in gauges:
        told.setdefault(gauge.surety, []).append(words.word(gauge.name, "card"))
    gap = "、" if is_chinese() else ", "
    return tuple((_("All cards") if len(told) == 1 < len(gauges) else gap.join(names), text)
                 for text, names in told.items())  # fmt: skip


def _find_steps(card: scoring.Card, reach: tuple[int, int], material: Material) -> tuple[tuple[int, str], ...]:
    """Each tier that the points can stand for, and from how many points on."""
    steps: list[tuple[int, str]] = []
    for points in range(reach[0], reach[1] + 1):
        bad_bps = round(card.probability(points) * 10_000)
        tier = str(material.table("tier", {"points": points, "probability_bps": bad_bps}).get("tier", ""))
        if not steps or steps[-1][1] != tier:
            steps.append((points, tier))
    return tuple(steps) if len(steps) > 1 else ()


def _tell_surety(card: scoring.Card | None) -> str:
    """How far a card's probability can be trusted: its sample, and how it did on those held out."""
    if card is None:
        return _("This version of the card is not in the rulebook on this machine.")
    rows, bads = card.sample.get("rows"), card.sample.get("bads")
    if not rows:
        return _("Expert card: officers set the points, no outcome has been seen; read the chance as a rank.")
    text = _("Fitted on {rows} loans, {bads} of them bad.").format(
        rows=figures.count(int(rows)), bads=figures.count(int(bads or 0))
    )
    held = card.performance.get("holdout") or card.performance.get("train") or {}
    levels = held.get("calibration") or {}
    if levels.get("observed") is not None and levels.get("expected") is not None:
        text += _join() + _("Held out: {expected} expected, {observed} seen, AUC {auc}.").format(
            expected=figures.percent(levels["expected"]), observed=figures.percent(levels["observed"]),
            auc=f"{held.get('auc', 0):.3f}",
        )  # fmt: skip
    if 0 < int(held.get("bads") or 0) < BADS_FEW:
        text += _join() + ngettext(
            "With {n} bad among them the level could be off by {share}.",
            "With {n} bad among them the level could be off by {share}.", int(held["bads"]),
        ).format(n=held["bads"], share="±" + figures.percent(NORMAL_95 / int(held["bads"]) ** 0.5, 0))  # fmt: skip
    return text


def _join() -> str:
    return "" if is_chinese() else " "


def _weigh(answers: Mapping[str, Any], material: Material) -> tuple[tuple[Weight, ...], tuple[Weight, ...], bool]:
    """The questions that gave most more and most less than the average applicant gets; master cards repeat others."""
    weights, is_beside = [], False
    for name, answer in answers.items():
        standing = material.standing.get((name, str(answer.get("version", ""))))
        card = None if material.book is None else material.book.cards.get(name)
        for part in answer.get("parts") or ():
            if part["label"].removesuffix("_points") in answers:
                continue
            mean = None if standing is None else standing.means.get(part["label"])
            is_beside |= mean is not None
            value = words.fact_text(part["label"], part["value"], material.case.row.currency)
            middle = _middle(card, part) if mean is None else mean
            weights.append(Weight(part["label"], value, name, part["points"], part["points"] - middle))
    weights.sort(key=lambda weight: -abs(weight.against_mean))
    good = tuple(w for w in weights if w.against_mean >= 0.5)[:WEIGHTS_SHOWN]
    return good, tuple(w for w in weights if w.against_mean <= -0.5)[:WEIGHTS_SHOWN], is_beside


def _middle(card: scoring.Card | None, part: Mapping[str, Any]) -> float:
    """Half way between the best and the worst class, where no other applicant is known."""
    asked = None if card is None else next((c for c in card.characteristics if c.label == part["label"]), None)
    worst = min((one.points for one in (*asked.bins, *asked.special)), default=0) if asked else 0
    return float(part["best_points"] + worst) / 2


def _list_open(
    material: Material, spans: Mapping[str, scoring.CardSpan], verdicts: Any, answers: Mapping[str, Any]
) -> tuple[OpenFact, ...]:
    """Every unknown fact that a card or a rule wanted, those with most at stake first."""
    effects: dict[str, list[tuple[str, int, int]]] = {}
    for name, span in spans.items():
        parts = {part["label"]: part["points"] for part in (answers.get(name) or {}).get("parts") or ()}
        for label, (low, high) in span.open.items():
            now = parts.get(label, 0)
            effects.setdefault(label, []).append((name, low - now, high - now))
    rules: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict["verdict"] in ("missing", "error"):
            for label, value in (verdict.get("read") or {}).items():
                if value is None or verdict["verdict"] == "error":
                    rules.setdefault(label, []).append(verdict["rule"])
    found = [
        OpenFact(label, tell_why_missing(material.why_missing.get(label, "")), tuple(effects.get(label, ())),
                 tuple(rules.get(label, ())))
        for label in {**effects, **rules}
        if material.facts
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda f: (-len(f.rules), -sum(high - low for _, low, high in f.effects))))


def tell_why_missing(code: str) -> str:
    """Why a label is unknown, in the reader's language."""
    told = labels.WHY_MISSING.get(code)
    return told["zh" if is_chinese() else "en"] if told else _("Unknown")


def _tell_outlook(material: Material, spans: Mapping[str, scoring.CardSpan], final: Any) -> str:
    """What the deciding card's points and chance could become once everything is known."""
    card = None if final is None else material.card(final)
    span = None if card is None else spans.get(card.name)
    if card is None or span is None:
        return ""
    if span.is_settled:
        return _("Nothing unknown could change the points that decide.")
    return _("Were all of it known: {low} to {high} points, chance of default {best} to {worst}.").format(
        low=span.low, high=span.high, best=figures.percent(card.probability(span.high)),
        worst=figures.percent(card.probability(span.low)),
    )  # fmt: skip


def tell_other_book(material: Material) -> str:
    """That the rules on this machine are not those that decided, if so."""
    if material.book is None:
        return _("There is no rulebook for this case on this machine; figures are shown as they were kept.")
    if material.results and material.case.rulebook and material.case.rulebook != material.book.digest:
        return _("The rulebook on this machine has changed since; points and verdicts stand as they were kept.")
    return ""
