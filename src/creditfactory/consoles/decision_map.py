"""One decision as a picture: from the evidence to the verdict, a box for each step, and the way that decided marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditfactory import labels
from creditfactory.consoles import figures, means, trace, words
from creditfactory.consoles.flow import Box, Layout, Link, break_text, lay_out, mark_path
from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.portrait import Material

RANKS = (
    "evidence", "checks", "judges", "master", "tier", "lane", "people", "product", "limit", "price", "funder",
    "verdict",
)  # fmt: skip
PEOPLE = ("online_check", "phone_check", "site_visit", "final_review")
GATES = ("front_gate", "list_check", "cash_flow")
KIND_BY_SOURCE = {
    "bureau": "bureau", "registry": "registry", "court": "court", "tax": "tax", "bank_flow": "bank_flow",
    "cross_check": "bank_flow", "device": "device", "identity": "identity", "sba_form": "sba_form",
}  # fmt: skip
"""The piece of evidence that a label comes from, by the label's source; all others were stated in the request."""
FED = {"front_gate": ("device", "identity"), "cash_flow": ("bank_flow", "tax", "bureau", "request")}
LOSSES_MARKED = 2
PHONE_ROOM = 342.0


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """The picture twice, across for a desk and down for a phone, and what it shows in one sentence."""

    across: Layout
    down: Layout
    told: str


def draw_map(material: Material) -> DecisionMap:
    """The steps that a case has gone, placed, with what decided marked."""
    boxes = list(_list_boxes(material))
    links = list(_list_links(material, {box.code for box in boxes}))
    boxes, links = mark_path(boxes, links, find_decisive(material))
    decisive = [" ".join(box.lines[: box.heads]) for box in boxes if box.is_decisive]
    return DecisionMap(
        across=lay_out(boxes, links, direction="across"),
        down=lay_out(boxes, links, direction="down", room=PHONE_ROOM),
        told=_("{n} steps from the evidence to the verdict; decided by: {list}.").format(
            n=len(boxes), list=("、" if is_chinese() else ", ").join(decisive)
        ),
    )


def _box(code: str, rank: str, title: str, *said: str, tone: str = "", kind: str = "machine") -> Box:
    lines = break_text(title)
    heads = len(lines)
    for text in said:
        lines += break_text(text, size=11) if text else []
    return Box(code, RANKS.index(rank), tuple(lines), heads, tone, kind)


def _list_boxes(material: Material) -> Iterable[Box]:
    results = material.results
    yield from _list_evidence(material)
    for code in GATES:
        if code in results:
            yield _box(code, "checks", words.station_name(code), *_say_gate(code, results[code], material),
                       tone=_tone_of(results[code].get("verdict"), results[code].get("contradictions")))  # fmt: skip
    if material.facts:
        known = sum(value is not None for value in material.facts.values())
        yield _box("labels", "checks", words.station_name("labels"),
                   _("{known} of {all} known").format(known=known, all=len(material.facts)))  # fmt: skip
    if "policy" in results:
        yield _box("policy", "judges", words.station_name("policy"), *_say_policy(results["policy"]),
                   tone=_tone_of(results["policy"].get("verdict")))  # fmt: skip
    yield from _list_scores(material)
    if "lane" in results:
        lane = results["lane"]
        if lane.get("tier") is not None:
            yield _box("tier", "tier", _("Tier"), str(lane["tier"]))
        is_declined = lane.get("lane") == "decline"
        said = words.word("decline", "outcome") if is_declined else str(lane.get("lane", ""))
        yield _box("lane", "lane", words.station_name("lane"), said, tone="bad" if is_declined else "")
    for code in PEOPLE:
        if code in results:
            yield _box(code, "people", words.station_name(code), _say_person(results[code], material), kind="person",
                       tone=_tone_of(results[code].get("verdict") or results[code].get("decision")))  # fmt: skip
    yield from _list_offer(material)
    yield _box("verdict", "verdict", _("Verdict"), *_say_verdict(material), tone=_tone_verdict(material), kind="end")


def _list_evidence(material: Material) -> Iterable[Box]:
    dossier = material.case.dossier
    yield _box("request", "evidence", _("Request"), _money(material.case.row.amount_cents, material), kind="outside")
    have = dict.fromkeys(e.get("kind", "") for e in dossier.get("evidence", ()))
    pulled = material.results.get("data_pull") or {}
    papers = {e.get("kind") for e in dossier.get("evidence", ()) if e.get("origin") == "upload"}
    for kind in have:
        brought = words.word("upload", "value") if kind in papers else ""
        yield _box(kind, "evidence", words.word(kind, "evidence"), brought, kind="outside")
    for kind in pulled.get("missing") or ():
        if kind not in have:
            yield _box(kind, "evidence", words.word(kind, "evidence"), _("missing"), kind="outside", tone="warn")


def _list_scores(material: Material) -> Iterable[Box]:
    scores = material.results.get("scores") or {}
    for name, answer in (scores.get("cards") or {}).items():
        yield _box(f"card-{name}", "judges", words.word(name, "card"), _say_points(answer), tone=_tone_card(answer))
    if scores.get("master"):
        master = scores["master"]
        yield _box("master", "master", words.word("master", "card"), _say_points(master), tone=_tone_card(master))


def _list_offer(material: Material) -> Iterable[Box]:
    kept = material.results.get("offer") or {}
    offer, limit = kept.get("offer") or {}, kept.get("limit") or {}
    if offer:
        code = offer.get("product")
        name = material.name_product(code) if code else _("none")
        yield _box("product", "product", _("Product"), name, tone="" if code else "bad")
    if limit:
        binding = words.word(limit.get("binding") or "", "value")
        yield _box("limit", "limit", _("Limit"), _money(limit.get("amount_cents"), material), binding,
                   tone="" if limit.get("amount_cents") else "bad")  # fmt: skip
    price = means.picture_price(material)
    if price:
        yield _box("price", "price", _("Price"), figures.percent(price.annual_rate, 2))
    taken = material.results.get("funder_decision") or {}
    if taken:
        name = words.partner_name(str(taken.get("funder") or ""), material.case.row.tenant_id)
        yield _box("funder_decision", "funder", words.station_name("funder_decision"), name,
                   words.word(taken.get("verdict") or "decline", "outcome"), kind="outside",
                   tone=_tone_of(taken.get("verdict") or "decline"))  # fmt: skip


def _list_links(material: Material, there: set[str]) -> Iterable[Link]:
    """What leads to what; links to boxes that are not there are left out when the picture is laid."""
    evidence = [box.code for box in _list_evidence(material)]
    cards = [code for code in there if code.startswith("card-")]
    for gate, fed in FED.items():
        yield from (Link(kind, gate) for kind in fed)
    yield Link("request", "list_check")
    yield from (Link(kind, "labels") for kind in evidence)
    yield from (Link("labels", judge) for judge in ("policy", *sorted(cards)))
    grader = "master" if "master" in there else ""
    for card in sorted(cards):
        yield Link(card, grader or "tier")
    yield from (Link("master", "tier"), Link("tier", "lane"), Link("policy", "lane"))
    yield from (Link(gate, "lane") for gate in GATES)
    if "tier" not in there:
        yield from (Link(code, "lane") for code in ([grader] if grader else sorted(cards)))
    yield from _chain(there)


def _chain(there: set[str]) -> Iterable[Link]:
    """From the lane on one step follows the other, to the verdict; what ended a case leads to the verdict at once."""
    people = [code for code in PEOPLE if code in there]
    after = [code for code in ("product", "limit", "price", "funder_decision", "verdict") if code in there]
    if "lane" in there:
        yield from (Link("lane", code) for code in (people or after[:1]))
        yield from (Link(code, after[0]) for code in people)
        yield from (Link(one, other) for one, other in pairwise(after))
        return
    ends = [code for code in ("policy", *GATES, "labels", "request") if code in there]
    yield Link(ends[0], "verdict")


def find_decisive(material: Material) -> frozenset[str]:
    """The steps that decided: what ended the case, or what set its lane and then its limit, back to the evidence."""
    results, row = material.results, material.case.row
    last = material.case.visits[-1] if material.case.visits else None
    ended_at = last.station if last is not None and row.status in trace.BAD_OUTCOMES else ""
    found = {"verdict"}
    if ended_at in ("front_gate", "list_check", "policy"):
        found |= {ended_at} | _trace_back(_codes_of(last), material)
        return frozenset(found)
    if "lane" not in results:
        return frozenset(found)
    reasons = results["lane"].get("reasons") or ()
    found |= {"lane"} | _trace_back([str(reason.get("code", "")) for reason in reasons], material)
    if ended_at == "lane":
        return frozenset(found)
    found |= {code for code in PEOPLE if code in results}
    if ended_at in PEOPLE:
        return frozenset(found - {code for code in PEOPLE if code in results and code != ended_at})
    return frozenset(found | {"product", "limit", "price", "funder_decision"})


def _codes_of(visit: Any) -> list[str]:
    return [str(reason.get("code", "")) for reason in visit.reasons]


def _trace_back(codes: list[str], material: Material) -> set[str]:
    """From reasons back to the steps that gave them, and from these to the evidence they read."""
    found: set[str] = set()
    read: list[str] = []
    for verdict in (material.results.get("policy") or {}).get("verdicts") or ():
        reason = verdict.get("reason") or {}
        if reason.get("code") in codes and verdict.get("verdict") != "clear":
            found.add("policy")
            read += verdict.get("read") or ()
    for prefix, code in (("GTE-", "front_gate"), ("LST-", "list_check"), ("CSH-", "cash_flow")):
        if any(one.startswith(prefix) for one in codes):
            found |= {code} | set(FED.get(code, ("request",)))
    if not found or any(one.startswith(("LAN-TIER", "LAN-SCORE", "SCO-", "LAN-FRAUD")) for one in codes):
        cards, labels_read = _weakest_cards(material)
        found |= {"tier", "master", *(f"card-{name}" for name in cards)}
        read += labels_read
    if any(one.startswith("LAN-AMOUNT") for one in codes):
        found.add("request")
    if read:
        found |= {"labels"} | {source_of(name) for name in read}
    return found


def _weakest_cards(material: Material) -> tuple[list[str], list[str]]:
    """The cards that cost the deciding card most points, and the questions that cost them most."""
    scores = material.results.get("scores") or {}
    cards = scores.get("cards") or {}
    final = trace.final_score(scores) or {}
    lost = sorted(final.get("parts") or (), key=lambda part: part["points"] - part["best_points"])
    names = [part["label"].removesuffix("_points") for part in lost[:LOSSES_MARKED]]
    chosen = [name for name in names if name in cards] or list(cards)[:1]
    parts = sorted(
        (part for name in chosen for part in (cards.get(name) or {}).get("parts") or ()),
        key=lambda part: part["points"] - part["best_points"],
    )
    return chosen, [part["label"] for part in parts[:LOSSES_MARKED] if part["points"] < part["best_points"]]


def source_of(label: str) -> str:
    """The box of evidence that a label comes from."""
    known = labels.CATALOGUE.get(label)
    return KIND_BY_SOURCE.get(known.source if known else "", "request")


def _tone_of(verdict: Any, contradictions: Any = None) -> str:
    if verdict in ("reject", "decline", "fail"):
        return "bad"
    return "warn" if verdict in ("refer", "doubt", "alter") or contradictions else ""


def _tone_card(answer: Mapping[str, Any]) -> str:
    return "warn" if answer.get("points") is None else ""


def _tone_verdict(material: Material) -> str:
    row = material.case.row
    return "bad" if row.status in trace.BAD_OUTCOMES else "good" if row.money_at is not None else ""


def _money(cents: Any, material: Material) -> str:
    return figures.short_money(cents, material.case.row.currency).replace(figures.HARD, " ")


def _say_points(answer: Mapping[str, Any]) -> str:
    points = answer.get("points")
    if points is None:
        return _("no answer")
    return _("{points} points").format(points=points)


def _say_policy(result: Mapping[str, Any]) -> tuple[str, ...]:
    said = [v["verdict"] for v in result.get("verdicts") or ()]
    unknown = said.count("missing") + said.count("error")
    hits = said.count("hit")
    told = [ngettext("{n} rule hit", "{n} rules hit", hits).format(n=hits)]
    if unknown:
        told.append(_("{n} without facts").format(n=unknown))
    return tuple(told)


def _say_gate(code: str, result: Mapping[str, Any], material: Material) -> tuple[str, ...]:
    if code == "cash_flow":
        odd = len(result.get("contradictions") or ())
        if odd:
            return (ngettext("{n} contradiction", "{n} contradictions", odd).format(n=odd),)
        income = result.get("verified_monthly_income_cents")
        return (_("income {amount}").format(amount=_money(income, material)) if income else _("income unknown"),)
    return (words.word(result.get("verdict", ""), "outcome"),)


def _say_person(result: Mapping[str, Any], material: Material) -> str:
    if "decision" in result:
        decided = str(result["decision"])
        if decided == "approve":
            return _money(result.get("amount_cents"), material)
        return words.word(decided, "outcome")
    return words.word(str(result.get("verdict", "")), "outcome")


def _say_verdict(material: Material) -> tuple[str, ...]:
    row = material.case.row
    if row.money_at is not None:
        return (_("Paid out"),)
    if row.status in ("moving", "waiting", "held") and row.station:
        return (words.word(row.status), words.station_name(row.station))
    return (words.word(row.status),)
