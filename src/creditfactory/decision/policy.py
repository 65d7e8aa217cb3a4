"""Credit policy: does it allow this loan at all, and if a person must look, how closely."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from creditfactory.decision.book import Book
from creditfactory.kernel import BPS_WHOLE, Reason
from creditfactory.labels import Labels
from creditfactory.rules import SEVERITY, Policy, RuleVerdict

Lane = Literal["A", "B", "C", "decline"]
LANES: tuple[Lane, ...] = ("A", "B", "C", "decline")
"""The lanes from lightest to gravest; a floor is the lightest lane that is still allowed."""

FLOORS: dict[str, Lane] = {"none": "A", "lane_b": "B", "lane_c": "C", "refer": "C", "decline": "decline"}
"""The lightest lane that each consequence of a rule still allows."""
PRECEDENCE_LAST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVerdict:
    """What policy says, rule by rule; ``lane_floor`` is the lightest lane that its rules still allow.

    ``facts_needed`` are the facts without which the machine makes no offer: a rule that may refer or decline needs
    them, and they are unknown or broken. ``learnt`` are the rules that would have declined and, by the draw, let the
    case through to people, so that what is rejected can still be learnt from.
    """

    verdict: Literal["pass", "refer", "decline"]
    lane_floor: Lane
    verdicts: tuple[RuleVerdict, ...]
    reasons: tuple[Reason, ...]
    facts_needed: tuple[str, ...] = ()
    learnt: tuple[str, ...] = ()


def check_policy(labels: Labels, book: Book, *, draw_key: str | None = None) -> PolicyVerdict:
    """Judge every rule in force; one decline declines, one doubt refers, and each reason comes in its precedence.

    ``draw_key`` names the applicant for the draw of rules that let some through to learn from; None draws nobody.
    """
    judged = book.policy.judge(labels.facts)
    learnt = _draw(judged, book, draw_key)
    verdicts = tuple(replace(v, consequence="lane_c") if v.rule in learnt else v for v in judged)
    floor: Lane = "A"
    for verdict in verdicts:
        floor = graver(floor, FLOORS[verdict.consequence])
    is_referred = any(v.consequence == "refer" for v in verdicts)
    outcome: Literal["pass", "refer", "decline"] = (
        "decline" if floor == "decline" else "refer" if is_referred else "pass"
    )
    against = [v for v in verdicts if v.reason is not None and v.consequence != "none"]
    if outcome == "decline":
        against = [v for v in against if v.consequence == "decline"]
    reasons = [v.reason for v in against if v.reason is not None]
    if outcome != "decline":
        reasons += [Reason("POL-LEARN", {"by": rule, "learn_bps": share}) for rule, share in learnt.items()]
    return PolicyVerdict(
        verdict=outcome,
        lane_floor=floor,
        verdicts=verdicts,
        reasons=order_reasons(reasons, book),
        facts_needed=find_facts_needed(verdicts, book.policy),
        learnt=tuple(learnt),
    )


def check_before_asking(labels: Labels, book: Book, *, draw_key: str | None = None) -> tuple[Reason, ...]:
    """The reasons to decline that are certain before any outside source is paid: rules hit by facts at hand alone.

    Nothing unknown counts here, neither for nor against; none of these means that the sources are worth asking. A case
    that a rule lets through to learn from is let through here too.
    """
    judged = book.policy.judge(labels.facts)
    learnt = _draw(judged, book, draw_key)
    certain = [v for v in judged if v.verdict == "hit" and v.consequence == "decline" and v.rule not in learnt]
    return order_reasons([v.reason for v in certain if v.reason is not None], book)


def _draw(verdicts: Iterable[RuleVerdict], book: Book, key: str | None) -> dict[str, int]:
    """The declining rules that let this applicant through to people, each with the share it lets through."""
    shares = {rule.name: rule.learn_bps for rule in book.policy.rules if rule.learn_bps}
    if key is None or not shares:
        return {}
    hit = [v.rule for v in verdicts if v.rule in shares and v.verdict == "hit" and v.consequence == "decline"]
    return {rule: shares[rule] for rule in hit if draw_bps(book.pack, rule, key) < shares[rule]}


def draw_bps(pack: str, rule: str, key: str) -> int:
    """An applicant's lot at a rule, from 0 to 9,999: always the same, and another at every other rule.

    >>> draw_bps("cn-micro", "queries_3m_many", "p-1"), draw_bps("cn-micro", "queries_3m_many", "p-2")
    (8129, 3521)
    """
    return int.from_bytes(hashlib.sha256(f"{pack}|{rule}|{key}".encode()).digest(), "big") % BPS_WHOLE


def find_facts_needed(verdicts: Iterable[RuleVerdict], policy: Policy) -> tuple[str, ...]:
    """The unknown or broken facts that a rule needs which, knowing them, might refer or decline.

    A rule whose owner lets the unknown pass, and says why, needs none.
    """
    rules = {rule.name: rule for rule in policy.rules}
    needed: dict[str, None] = {}
    for verdict in verdicts:
        rule = rules[verdict.rule]
        gravest = max(SEVERITY[verdict.consequence], 0 if rule.missing == "clear" else SEVERITY[rule.then])
        if verdict.unknown and gravest >= SEVERITY["refer"]:
            needed |= dict.fromkeys(verdict.unknown)
    return tuple(needed)


def graver(one: Lane, other: Lane) -> Lane:
    """The graver of two lanes.

    >>> graver("A", "C")
    'C'
    """
    return LANES[max(LANES.index(one), LANES.index(other))]


def order_reasons(reasons: Iterable[Reason], book: Book) -> tuple[Reason, ...]:
    """Each reason once, the weightiest first, as the rulebook's precedence has them; unlisted ones last."""
    once: dict[tuple[str, tuple[tuple[str, str], ...]], Reason] = {}
    for reason in reasons:
        once.setdefault((reason.code, tuple(sorted((k, repr(v)) for k, v in reason.facts.items()))), reason)

    def rank(reason: Reason) -> int:
        words = book.reasons.get(reason.code)
        return PRECEDENCE_LAST if words is None else words.precedence

    return tuple(sorted(once.values(), key=rank))
