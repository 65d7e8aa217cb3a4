"""Why it was decided so: first in sentences, then step by step with the values that each step read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from creditfactory.consoles import figures, means, trace, words
from creditfactory.consoles.decision_map import GATES, PEOPLE
from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.portrait import GRAVITY, Material

REASONS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of the explanation, and the step that it comes from."""

    text: str
    step: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule with its answer, the values it read, and in whose words it spoke."""

    rule: str
    verdict: str
    consequence: str
    read: tuple[tuple[str, str], ...]
    reason: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PartRow:
    """One question of a card: the value, its class, the points it gave and could have given."""

    label: str
    value: str
    bin: str
    points: int
    best_points: int


@dataclass(frozen=True, slots=True)
class ForkRow:
    """One fork of a strategy tree: the question, the way it went, and what it read."""

    tree: str
    when: str
    went: bool | None
    read: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepTold:
    """One step: its sentence, its values as a table or tree, and all of it as kept."""

    code: str
    title: str
    sentence: str = ""
    tone: str = ""
    kind: str = ""
    rules: tuple[RuleRow, ...] = ()
    clear: tuple[RuleRow, ...] = ()
    parts: tuple[PartRow, ...] = ()
    forks: tuple[ForkRow, ...] = ()
    reasons: tuple[dict[str, Any], ...] = ()
    nodes: tuple[trace.Node, ...] = ()
    raw: str = field(default="", repr=False)


def tell_why(material: Material) -> tuple[Said, ...]:
    """The decision in a handful of sentences, what weighed most first."""
    row, results = material.case.row, material.results
    said = [Said(trace.tell_standing(material.case), "verdict", _tone(row))]
    lane = results.get("lane") or {}
    if lane and row.status not in trace.BAD_OUTCOMES:
        said += _tell_lane(lane, row)
    if results.get("policy", {}).get("verdicts"):
        said.append(Said(trace.TELLERS["policy"](results["policy"], row), "policy"))
    if results.get("scores"):
        said.append(Said(trace.TELLERS["scores"](results["scores"], row), _final_step(results["scores"])))
    said += [Said(text, "scores") for text in trace.judge_case(material.case).changes[:REASONS_TOLD]]
    for code in PEOPLE:
        if code in results and code in trace.TELLERS:
            visit = [v for v in material.case.visits if v.station == code][-1]
            said.append(Said(words.station_name(code) + _colon() + trace.tell_visit(visit, row), code))
    said += _tell_money(material)
    return tuple(said)


def _colon() -> str:
    return "：" if is_chinese() else ": "


def _tone(row: Any) -> str:
    return "bad" if row.status in trace.BAD_OUTCOMES else "good" if row.money_at is not None else ""


def _final_step(scores: Mapping[str, Any]) -> str:
    final = trace.final_score(scores)
    return f"card-{final['card']}" if final else "lane"


def _tell_lane(lane: Mapping[str, Any], row: Any) -> list[Said]:
    """Why the lane is not a lighter one."""
    reasons = list(lane.get("reasons") or ())
    told = [
        words.reason_text(item, pack=row.pack, on=row.applied_on, tenant_id=row.tenant_id)
        for item in reasons[:REASONS_TOLD]
    ]
    if not told:
        return [Said(_("Nothing spoke against the lightest lane."), "lane", "good")] if lane.get("lane") == "A" else []
    gap = "；" if is_chinese() else "; "
    text = gap.join(one.rstrip(".。") for one in told)
    return [Said(_("Why lane {lane}: {why}.").format(lane=lane.get("lane"), why=text), "lane", "warn")]


def _tell_money(material: Material) -> list[Said]:
    """What bound the limit and what the price is made of."""
    bars, limit = means.picture_limit(material)
    said = []
    if bars:
        amount = figures.money(limit, material.case.row.currency)
        bound = next((bar.name for bar in bars if bar.tone), bars[0].name)
        said.append(Said(_("The limit is {amount}, held by {part}.").format(amount=amount, part=bound), "offer"))
    price = means.picture_price(material)
    if price:
        largest = sorted(price.parts, key=lambda part: -part[2])[:2]
        gap = "、" if is_chinese() else ", "
        listed = gap.join(f"{name} {figures.percent(bps / means.BPS, 2)}" for _code, name, bps in largest)
        said.append(Said(_("{rate} a year with {funder}; most of it is {parts}.").format(
            rate=figures.percent(price.annual_rate, 2), funder=price.funder, parts=listed), "offer"))  # fmt: skip
    return said


def section_of(code: str) -> str:
    """The step whose section explains a box of the picture."""
    if code.startswith("card-") or code in (*GATES, *PEOPLE, "labels", "policy", "funder_decision", "verdict"):
        return code
    return {"master": "card-master", "tier": "lane", "lane": "lane", "product": "offer", "limit": "offer",
            "price": "offer"}.get(code, "evidence")  # fmt: skip


def tell_steps(material: Material) -> tuple[StepTold, ...]:
    """Every step that was gone, in the order of the line."""
    return tuple(_list_steps(material))


def _list_steps(material: Material) -> Iterable[StepTold]:
    case = material.case
    if case.dossier:
        yield StepTold("evidence", _("Evidence"), _tell_evidence(material), nodes=_evidence_nodes(material),
                       raw=_dump(case.dossier))  # fmt: skip
    for step in trace.tell_visits(case):
        code = step.visit.station
        if code not in (*GATES, *PEOPLE, "labels", "policy", "scores", "lane", "offer", "funder_decision"):
            continue
        if step.visit.outcome == "not_applicable":
            continue
        found = StepTold(
            code, words.station_name(code), step.sentence, step.tone, step.plan.actor if step.plan else "",
            raw=step.visit.result_text,
        )  # fmt: skip
        result = step.visit.result if isinstance(step.visit.result, Mapping) else {}
        yield from _fill(found, result, step.nodes, material)


def _fill(
    found: StepTold, result: Mapping[str, Any], nodes: tuple[trace.Node, ...], material: Material
) -> Iterable[StepTold]:
    """The step with its values in the form that suits it; the scores give one step for each card."""
    if found.code == "scores":
        yield from _fill_scores(result, found, material)
    elif found.code in ("policy", "lane"):
        rows = _read_rules(result.get("verdicts") or (), material)
        yield replace(
            found,
            reasons=tuple(result.get("reasons") or ()) if found.code == "lane" else (),
            forks=_read_forks(result, material),
            rules=tuple(row for row in rows if row.verdict != "clear"),
            clear=tuple(row for row in rows if row.verdict == "clear"),
        )
    else:
        yield replace(found, nodes=nodes)


def _fill_scores(result: Mapping[str, Any], found: StepTold, material: Material) -> Iterable[StepTold]:
    """One step a card, the deciding card last; nothing was scored where no card could be asked."""
    answers = {**(result.get("cards") or {}), **({"master": result["master"]} if result.get("master") else {})}
    for name, answer in answers.items():
        points = answer.get("points")
        sentence = (
            _("No answer: a fact it cannot do without is unknown.")
            if points is None
            else _("{points} points, chance of default {share}, version {version}.").format(
                points=points, share=figures.percent(answer.get("probability")), version=answer.get("version", "")
            )
        )
        yield StepTold(
            f"card-{name}", words.word(name, "card"), sentence, "warn" if points is None else "", "machine",
            parts=tuple(
                PartRow(part["label"], words.fact_text(part["label"], part["value"], material.case.row.currency),
                        str(part.get("bin", "")), part["points"], part["best_points"])
                for part in answer.get("parts") or ()
            ),
            reasons=tuple(answer.get("reasons") or ()) if points is None else (), raw=_dump(answer),
        )  # fmt: skip
    if not answers:
        yield found


def _read_rules(verdicts: Iterable[Mapping[str, Any]], material: Material) -> list[RuleRow]:
    rows = [
        RuleRow(v["rule"], v["verdict"], v.get("consequence") or "", _read_values(v.get("read") or {}, material),
                v.get("reason"))
        for v in verdicts
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -GRAVITY.get(row.consequence, 0))


def _read_values(read: Mapping[str, Any], material: Material) -> tuple[tuple[str, str], ...]:
    currency = material.case.row.currency
    return tuple((name, words.fact_text(name, value, currency)) for name, value in read.items())


def _read_forks(result: Mapping[str, Any], material: Material) -> tuple[ForkRow, ...]:
    return tuple(
        ForkRow(str(fork.get("tree", "")), str(fork.get("when", "")), fork.get("went"),
                _read_values(fork.get("read") or {}, material))
        for fork in result.get("path") or ()
        if isinstance(fork, Mapping)
    )  # fmt: skip


def _tell_evidence(material: Material) -> str:
    kinds = [words.word(e.get("kind", ""), "evidence") for e in material.case.dossier.get("evidence", ())]
    if not kinds:
        return _("Nothing but the request so far.")
    return _("Known: {list}.").format(list=("、" if is_chinese() else ", ").join(dict.fromkeys(kinds)))


def _evidence_nodes(material: Material) -> tuple[trace.Node, ...]:
    """The request and each piece of evidence, without who the person is."""
    dossier, row = material.case.dossier, material.case.row
    told = {"request": _("Request"), "business": _("Firm"), "applicant": _("Applicant")}
    shown = [
        trace.Node(title, "", trace.build_tree({k: v for k, v in (dossier.get(name) or {}).items() if k != "token"},
                                               row))
        for name, title in told.items()
    ]  # fmt: skip
    for piece in dossier.get("evidence", ()):
        values = {k: v for k, v in piece.items() if k not in ("kind", "device", "ip")}
        title = words.word(piece.get("kind", ""), "evidence")
        shown.append(trace.Node(title, "", trace.build_tree(values, row)))
    return tuple(node for node in shown if node.children)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
