"""The flow of a day laid open: every step from labels to lane in the order it runs, what it reads and what it makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from creditfactory.decision.book import Book
from creditfactory.decision.flow import UNDECIDED
from creditfactory.decision.texts import Stage
from creditfactory.rules import Derived, Policy, Rule, Step, TableStep, TreeStep, names_made, names_wanted

FlowKind = Literal["value", "table", "tree", "rule", "card", "points"]


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step: its kind, when on the way it runs, the names it reads and makes, and the file it comes from.

    A rule makes nothing; ``then`` is what its hit leads to.
    """

    name: str
    kind: FlowKind
    stage: Stage | Literal["scores"]
    reads: tuple[str, ...]
    makes: tuple[str, ...] = ()
    then: str = ""
    place: str = ""


def lay_out_flow(book: Book) -> tuple[FlowStep, ...]:
    """Policy over the labels, the cards, then the strategy that reads both: each step after those it needs.

    Steps that both policy and strategy read stand once, where they run first.
    """
    policy = list(_lay_out(book.policy, "policy"))
    known = {(step.kind, step.name) for step in policy}
    strategy = [step for step in _lay_out(book.strategy, "lane") if (step.kind, step.name) not in known]
    return (*policy, *_lay_out_cards(book), *strategy)


def _lay_out(policy: Policy, stage: Stage) -> Iterable[FlowStep]:
    for step in policy.steps:
        made = names_made(step)
        if any("__part_" in name for name in made) or _is_mute(step):
            continue
        reads = tuple(name for name in _whole(policy, names_wanted(step)))
        match step:
            case Rule(name=name, then=then, place=place):
                yield FlowStep(name, "rule", stage, reads, then=then, place=place)
            case TableStep(table=table):
                yield FlowStep(table.name, "table", stage, reads, made, place=table.place)
            case TreeStep(output=output, root=root):
                yield FlowStep(output.name, "tree", stage, reads, made, place=getattr(root, "place", ""))
            case Derived(name=name, place=place):
                yield FlowStep(name, "value", stage, reads, made, place=place)
            case _:
                yield FlowStep(made[0], "points", stage, reads, made)


def _is_mute(step: Step) -> bool:
    """A rule that only speaks where a table or a tree cannot: part of that step, and none of its own."""
    return isinstance(step, Rule) and step.name.endswith(UNDECIDED)


def _whole(policy: Policy, names: Iterable[str]) -> dict[str, None]:
    """Names as the owner wrote them: for a number taken out of a condition, those it is made of."""
    makers = {name: step for step in policy.steps for name in names_made(step) if "__part_" in name}
    found: dict[str, None] = {}
    for name in names:
        found |= _whole(policy, names_wanted(makers[name])) if name in makers else {name: None}
    return found


def _lay_out_cards(book: Book) -> Iterable[FlowStep]:
    for card in sorted(book.cards.values(), key=lambda card: card.role == "master"):
        is_final = card.role == "master" or len(book.cards) == 1
        made = (f"{card.name}_points", *(("points", "probability_bps") if is_final else ()))
        place = f"cards/{card.name}/{card.version}/card.json"
        yield FlowStep(card.name, "card", "scores", tuple(card.labels), made, place=place)
