"""Credit policy: does it allow this loan at all, and if a person must look, how closely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from creditfactory.decision.book import Book
from creditfactory.kernel import Reason
from creditfactory.labels import Labels
from creditfactory.rules import SEVERITY, Policy, RuleVerdict

Lane = Literal["A", "B", "C", "decline"]
LANES: tuple[Lane, ...] = ("A", "B", "C", "decline")
"""The lanes from lightest to gravest; a floor is the lightest lane that is still allowed."""

_FLOORS: dict[str, Lane] = {"none": "A", "lane_b": "B", "lane_c": "C", "refer": "C", "decline": "decline"}
PRECEDENCE_LAST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVerdict:
    """What policy says, rule by rule; ``lane_floor`` is the lightest lane that its rules still allow.

    ``facts_needed`` are the facts without which the machine makes no offer: a rule that may refer or decline needs
    them, and they are unknown or broken.
    """

    verdict: Literal["pass", "refer", "decline"]
    lane_floor: Lane
    verdicts: tuple[RuleVerdict, ...]
    reasons: tuple[Reason, ...]
    facts_needed: tuple[str, ...] = ()


def check_policy(labels: Labels, book: Book) -> PolicyVerdict:
    """Judge every rule in force; one decline declines, one doubt refers, and each reason comes in its precedence."""
    verdicts = book.policy.judge(labels.facts)
    floor: Lane = "A"
    for verdict in verdicts:
        floor = graver(floor, _FLOORS[verdict.consequence])
    is_referred = any(v.consequence == "refer" for v in verdicts)
    outcome: Literal["pass", "refer", "decline"] = (
        "decline" if floor == "decline" else "refer" if is_referred else "pass"
    )
    against = [v for v in verdicts if v.reason is not None and v.consequence != "none"]
    if outcome == "decline":
        against = [v for v in against if v.consequence == "decline"]
    reasons = order_reasons((v.reason for v in against if v.reason is not None), book)
    return PolicyVerdict(
        verdict=outcome,
        lane_floor=floor,
        verdicts=verdicts,
        reasons=reasons,
        facts_needed=find_facts_needed(verdicts, book.policy),
    )


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
