"""A case told: each visit in a sentence, then as a tree, then as kept; and the verdict with what would change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditfactory.consoles import figures, words
from creditfactory.consoles.page import is_chinese
from creditfactory.records import reads
from creditfactory.stations.plan import STATIONS, StationPlan

DEPTH_MAX = 8
CHILDREN_SHOWN = 80
LOSSES_SHOWN = 4
BAD_OUTCOMES = ("declined", "withdrawn", "expired")
TOLD_BY_VERDICT = ("scores",)
"""Stations whose reasons are told where the verdict says what would change it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of a tree: a name, its value in words, and what hangs below it."""

    name: str
    text: str = ""
    children: tuple[Node, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One visit told."""

    visit: Any
    plan: StationPlan | None
    sentence: str
    nodes: tuple[Node, ...]
    tone: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One station in the story of a case: passed, present, to come, not needed, or where it ended."""

    plan: StationPlan
    state: str
    visits: tuple[Any, ...] = ()
    why: tuple[dict[str, Any], ...] = ()

    @property
    def last(self) -> Any:
        """The latest visit here, if there was one."""
        return self.visits[-1] if self.visits else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided, on what figures, and what would change it."""

    facts: dict[str, Any] = field(default_factory=dict)
    cards: tuple[dict[str, Any], ...] = ()
    parts: tuple[tuple[str, int, bool], ...] = ()
    changes: tuple[str, ...] = ()


def tell_story(case: reads.CaseFile) -> tuple[Stop, ...]:
    """All 24 stations in order, each with the visits made there."""
    by_station: dict[str, list[Any]] = {}
    for visit in case.visits:
        by_station.setdefault(visit.station, []).append(visit)
    stops = []
    for plan in STATIONS:
        visits = tuple(by_station.get(plan.code, ()))
        stops.append(Stop(plan, _state(plan, visits, case), visits, visits[-1].reasons if visits else ()))
    return tuple(stops)


def _state(plan: StationPlan, visits: tuple[Any, ...], case: reads.CaseFile) -> str:
    if case.row.station == plan.code and case.is_in_play:
        return "present"
    if not visits:
        return "coming" if case.is_in_play else "unreached"
    outcome = visits[-1].outcome
    return "skipped" if outcome == "not_applicable" else "ended" if outcome in BAD_OUTCOMES else "passed"


def tell_visits(case: reads.CaseFile) -> tuple[Step, ...]:
    """Every visit, first to last."""
    plans = {plan.code: plan for plan in STATIONS}
    return tuple(
        Step(
            visit=visit,
            plan=plans.get(visit.station),
            sentence=tell_visit(visit, case.row),
            nodes=build_tree(visit.result, case.row),
            tone=_tone(visit),
        )
        for visit in case.visits
    )


def _tone(visit: Any) -> str:
    if visit.outcome in BAD_OUTCOMES:
        return "bad"
    if visit.outcome == "not_applicable":
        return ""
    result = visit.result if isinstance(visit.result, Mapping) else {}
    return "warn" if result.get("verdict") in ("refer", "doubt", "alter", "breach") else "good"


def tell_visit(visit: Any, row: Any) -> str:
    """What a station found, in one or two sentences."""
    result = visit.result if isinstance(visit.result, Mapping) else {}
    if visit.outcome == "not_applicable":
        head = _("Not applicable here.")
    else:
        teller = TELLERS.get(visit.station)
        try:
            head = teller(result, row) if teller else ""
        except (KeyError, TypeError, ValueError):
            head = ""
        if visit.outcome in BAD_OUTCOMES:
            head = (
                words.word(visit.outcome, "outcome")
                + words.full_stop()
                + (" " if head and not is_chinese() else "")
                + head
            )
        head = head or words.word(visit.outcome, "outcome") + words.full_stop()
    reasons = () if visit.station in TOLD_BY_VERDICT else visit.reasons
    why = [words.reason_text(item, pack=row.pack, on=row.applied_on, tenant_id=row.tenant_id) for item in reasons[:3]]
    more = len(reasons) - 3
    if more > 0:
        why.append(ngettext("and {n} more reason", "and {n} more reasons", more).format(n=more))
    return _join(head, why)


def _join(head: str, why: list[str]) -> str:
    """A sentence and its reasons, set as the reader's language sets them."""
    if not why:
        return head
    gap = "" if is_chinese() else " "
    body = ("；" if is_chinese() else "; ").join(text.rstrip(".。") for text in why)
    return f"{head}{gap}{body}{words.full_stop()}"


def _money(cents: Any, row: Any) -> str:
    return figures.money(cents, row.currency)


def _tell_lead(result: Mapping[str, Any], row: Any) -> str:
    indication = result["indication"]
    if not indication.get("amount_cents_high"):
        return _("No indicative offer.")
    return _("Indicative offer from {low} to {high}.").format(
        low=_money(indication["amount_cents_low"], row), high=_money(indication["amount_cents_high"], row)
    )


def _tell_pull(result: Mapping[str, Any], row: Any) -> str:
    obtained = [words.word(kind, "evidence") for kind in result["obtained"]]
    missing = [words.word(kind, "evidence") for kind in result["missing"]]
    gap = "、" if is_chinese() else ", "
    text = _("Obtained: {list}.").format(list=gap.join(obtained)) if obtained else _("Nothing was to be obtained.")
    return text + (" " + _("Missing: {list}.").format(list=gap.join(missing)) if missing else "")


def _tell_cash(result: Mapping[str, Any], row: Any) -> str:
    income = result.get("verified_monthly_income_cents")
    if income is None:
        return _("No income could be verified.")
    return _("Verified income {amount} a month.").format(amount=_money(income, row))


def _tell_labels(result: Mapping[str, Any], row: Any) -> str:
    known = sum(value is not None for value in result["facts"].values())
    return _("{known} of {all} labels known.").format(known=known, all=len(result["facts"]))


def _tell_policy(result: Mapping[str, Any], row: Any) -> str:
    verdicts = [rule["verdict"] for rule in result["verdicts"]]
    said = {"pass": _("Policy passed"), "refer": _("Policy refers"), "decline": _("Policy declines")}
    return _("{verdict}: {clear} rules clear, {hit} hit, {missing} without their facts.").format(
        verdict=said[result["verdict"]],
        clear=verdicts.count("clear"), hit=verdicts.count("hit"),
        missing=verdicts.count("missing") + verdicts.count("error"),
    )  # fmt: skip


def final_score(result: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The master card's answer, or the only card's."""
    master = result.get("master")
    if master is not None:
        return dict(master)
    cards = list((result.get("cards") or {}).values())
    return cards[0] if len(cards) == 1 else None


def _tell_scores(result: Mapping[str, Any], row: Any) -> str:
    final = final_score(result)
    if final is None or final.get("points") is None:
        return _("No card could give points.")
    return _("{points} points on the card {card}, chance of default {share}.").format(
        points=final["points"], card=words.word(final["card"], "card"), share=figures.percent(final["probability"])
    )


def _tell_lane(result: Mapping[str, Any], row: Any) -> str:
    if result["lane"] == "decline":
        return _("No lane.")
    if result.get("tier") is None:
        return _("Lane {lane}.").format(lane=result["lane"])
    return _("Lane {lane}, tier {tier}.").format(lane=result["lane"], tier=result["tier"])


def _tell_check(result: Mapping[str, Any], row: Any) -> str:
    return {"ok": _("All in order."), "doubt": _("Doubts remain."), "fail": _("Not passed.")}.get(result["verdict"], "")


def _tell_gate(result: Mapping[str, Any], row: Any) -> str:
    texts = {
        "pass": _("No sign of a robot or of false papers."),
        "refer": _("Signs that a person should look at."),
        "reject": _("Signs of fraud."),
    }
    return texts.get(result["verdict"], "")


def _tell_lists(result: Mapping[str, Any], row: Any) -> str:
    return {"clear": _("On no list."), "refer": _("A possible hit."), "reject": _("On a list.")}.get(
        result["verdict"], ""
    )


def _tell_review(result: Mapping[str, Any], row: Any) -> str:
    if result["decision"] != "approve":
        return _("Declined by {who}.").format(who=_name_all(result["reviewed_by"]))
    return _("Approved {amount} by {who}.").format(
        amount=_money(result["amount_cents"], row), who=_name_all(result["reviewed_by"])
    )


def _name_all(people: list[str]) -> str:
    return ("、" if is_chinese() else ", ").join(words.actor_name(name) for name in people)


def _tell_offer(result: Mapping[str, Any], row: Any) -> str:
    offer = result["offer"]
    if not offer["amount_cents"]:
        return _("No offer.")
    return _("Offer of {amount} over {months} months, {n} funders asked to price.").format(
        amount=_money(offer["amount_cents"], row), months=offer["term_months"], n=len(offer["candidates"])
    )


def _tell_funder(result: Mapping[str, Any], row: Any) -> str:
    if result["verdict"] not in ("approve", "alter"):
        return _("No funder took it.")
    return _("{funder} takes {amount} at {rate} a year.").format(
        funder=words.partner_name(result["funder"], row.tenant_id), amount=_money(result["amount_cents"], row),
        rate=figures.percent(result["annual_rate"]),
    )  # fmt: skip


def _tell_contract(result: Mapping[str, Any], row: Any) -> str:
    return _("All-in rate {nominal} a year, {effective} with compounding.").format(
        nominal=figures.percent(result["annual_rate_nominal"], 2),
        effective=figures.percent(result["annual_rate_effective"], 2),
    )


def _tell_disbursement(result: Mapping[str, Any], row: Any) -> str:
    return _("{amount} paid out on {day}, receipt {receipt}.").format(
        amount=_money(result["principal_cents"], row), day=figures.day(result["paid_on"]), receipt=result["receipt"]
    )


def _tell_use(result: Mapping[str, Any], row: Any) -> str:
    return (
        _("Use of the money shown and in order.")
        if result["verdict"] == "ok"
        else _("Use of the money not shown, or not as agreed.")
    )


TELLERS: Mapping[str, Callable[[Mapping[str, Any], Any], str]] = {
    "lead": _tell_lead, "front_gate": _tell_gate, "list_check": _tell_lists, "data_pull": _tell_pull,
    "cash_flow": _tell_cash, "labels": _tell_labels, "policy": _tell_policy, "scores": _tell_scores,
    "lane": _tell_lane, "online_check": _tell_check, "phone_check": _tell_check, "site_visit": _tell_check,
    "final_review": _tell_review, "offer": _tell_offer, "funder_decision": _tell_funder, "contract": _tell_contract,
    "disbursement": _tell_disbursement, "use_check": _tell_use,
}  # fmt: skip


def results_of(case: reads.CaseFile) -> dict[str, Mapping[str, Any]]:
    """What each station found at its last visit; stations that were not applicable left nothing."""
    return {
        visit.station: visit.result
        for visit in case.visits
        if isinstance(visit.result, Mapping) and visit.outcome != "not_applicable"
    }


def tell_standing(case: reads.CaseFile) -> str:
    """How a case stands, in one sentence: ended and why, paid out, or where it is."""
    row = case.row
    name = words.word(row.status)
    if row.status in BAD_OUTCOMES:
        reasons = case.visits[-1].reasons if case.visits else ()
        why = [
            words.reason_text(item, pack=row.pack, on=row.applied_on, tenant_id=row.tenant_id) for item in reasons[:2]
        ]
        return _join(name + words.full_stop(), why)
    if row.money_at is not None:
        told = _("Paid out on {day}.").format(day=figures.day(row.money_at))
    elif row.station:
        told = _("{status} at {station}.").format(status=name, station=words.station_name(row.station))
    else:
        told = name + words.full_stop()
    if not row.lane:
        return told
    lane = _tell_lane({"lane": row.lane, "tier": row.tier or None}, row)
    return told + ("" if is_chinese() else " ") + lane


def judge_case(case: reads.CaseFile) -> Verdict:
    """The verdict's figures from the latest visits, and what would change it."""
    results = results_of(case)
    row = case.row
    scores, offer = results.get("scores") or {}, results.get("offer") or {}
    final = final_score(scores)
    taken = results.get("funder_decision") or {}
    limit = offer.get("limit") or {}
    facts = {
        "probability": (final or {}).get("probability"),
        "limit_cents": limit.get("amount_cents"),
        "offer_cents": (offer.get("offer") or {}).get("amount_cents"),
        "term_months": taken.get("term_months") or (offer.get("offer") or {}).get("term_months"),
        "annual_rate": taken.get("annual_rate"),
        "all_in_rate": (results.get("contract") or {}).get("annual_rate_nominal"),
        "funder": taken.get("funder"),
    }
    cards = tuple(
        {
            "name": name,
            "points": card.get("points"),
            "probability": card.get("probability"),
            "version": card.get("version"),
        }
        for name, card in {
            **(scores.get("cards") or {}),
            **({"master": scores["master"]} if scores.get("master") else {}),
        }.items()
    )
    binding = limit.get("binding")
    parts = tuple(
        (name, cents, name == binding) for name, cents in sorted((limit.get("parts") or {}).items(), key=lambda p: p[1])
    )
    return Verdict(facts, cards, parts, tuple(_tell_changes(final, scores.get("cards") or {}, limit, parts, row)))


def _questions_behind(final: Mapping[str, Any] | None, cards: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The questions that the points come from: a master card's parts are cards, so theirs are what counts."""
    found: list[Mapping[str, Any]] = []
    for part in (final or {}).get("parts") or ():
        below = cards.get(part["label"].removesuffix("_points"))
        found += (below.get("parts") or [part]) if below else [part]
    return found


def _tell_changes(
    final: Mapping[str, Any] | None, cards: Mapping[str, Any], limit: Mapping[str, Any], parts: Any, row: Any
) -> list[str]:
    """Where most points were lost, and which part holds the limit down."""
    changes = []
    lost = sorted(
        (part for part in _questions_behind(final, cards) if part["best_points"] > part["points"]),
        key=lambda part: part["points"] - part["best_points"],
    )
    for part in lost[:LOSSES_SHOWN]:
        changes.append(
            _("{label} ({value}) gave {points} points; the best class would give {best}.").format(
                label=words.label_name(part["label"]),
                value=words.fact_text(part["label"], part["value"], row.currency),
                points=part["points"], best=part["best_points"],
            )
        )  # fmt: skip
    if limit.get("binding") and len(parts) > 1 and parts[1][1] > parts[0][1]:
        changes.append(
            _("The limit is bound by {part}; without it the next bound is {amount}.").format(
                part=words.word(parts[0][0], "value"), amount=_money(parts[1][1], row)
            )
        )
    return changes


TREE_HIDDEN = frozenset({"expanded", "token"})
"""What only machines read: the thousands of labels as kept, and who a person is."""


KEYS_NAMED = {"components": "component", "parts": "value", "cards": "card", "missing": "evidence"}
"""Parts of a result whose keys are words of their own kind."""


def build_tree(value: Any, row: Any, depth: int = 0, inside: str = "") -> tuple[Node, ...]:
    """A kept result as a tree of names and values in words."""
    if isinstance(value, Mapping):
        return tuple(
            Node(words.label_name(name), words.bin_name(child, str(value["label"])))
            if name == "bin" and "label" in value
            else _node(str(name), child, row, depth, KEYS_NAMED.get(inside, ""))
            for name, child in value.items()
            if child not in ((), [], {}, None, "") and name not in TREE_HIDDEN
        )
    if isinstance(value, list | tuple):
        rows = tuple(
            _node(_title(child, index, row), child, row, depth) for index, child in enumerate(value[:CHILDREN_SHOWN])
        )
        left = len(value) - CHILDREN_SHOWN
        return (*rows, Node(_("{n} more in the values as kept").format(n=left))) if left > 0 else rows
    return (Node("", words.told_value("", value, row)),) if value is not None else ()


def _title(child: Any, index: int, row: Any) -> str:
    """What a row of a list is called: its own name where it has one."""
    if isinstance(child, Mapping):
        for name in ("rule", "label", "name", "card", "funder", "code", "item", "kind"):
            if isinstance(child.get(name), str):
                return words.told_value(name, child[name], row)
    return str(index + 1)


def _node(name: str, child: Any, row: Any, depth: int, kind: str = "") -> Node:
    shown = words.word(name, kind) if kind else words.label_name(name)
    if isinstance(child, Mapping | list | tuple):
        if all(not isinstance(item, Mapping | list | tuple) for item in child) and isinstance(child, list | tuple):
            return Node(shown, ", ".join(words.told_value(name, item, row) for item in child[:24]))
        if depth >= DEPTH_MAX:
            return Node(shown, "…")
        return Node(shown, "", build_tree(child, row, depth + 1, name), is_open=depth < 1 and len(child) <= 8)
    return Node(shown, words.told_value(name, child, row))
