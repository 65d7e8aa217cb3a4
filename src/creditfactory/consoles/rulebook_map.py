"""The whole policy as a picture, from facts to price, and one strategy tree; every box leads to what it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditfactory import decision
from creditfactory.consoles import words
from creditfactory.consoles.decision_map import source_of
from creditfactory.consoles.flow import Box, Layout, Link, break_text, lay_out
from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.rule_words import Reader, consequence, say_condition
from creditfactory.consoles.rulebook_book import folder_name
from creditfactory.decision import Book, FlowStep, ForkText, Note, Rulebook, TreeText
from creditfactory.kernel import Scalar

PHONE_ROOM = 350.0
FACTS, VALUES, RULES, CARDS, SCORE, LANE_TABLES, LANE_TREES, LANE_RULES, PRODUCT, LIMIT, PRICE = range(11)
ENGINES = {"product": PRODUCT, "limit": LIMIT, "price": PRICE}


@dataclass(frozen=True)
class Picture:
    """A picture placed for a wide and for a narrow page, where each box leads, and the same in a sentence."""

    across: Layout
    down: Layout
    links: Mapping[str, str]
    told: str


def draw_policy(rulebook: Rulebook, notes: Mapping[str, Note], number: int, on: date) -> Picture:
    """Facts, named values, rules by folder, cards, tier, lane, then product, limit and price, of one day."""
    book = rulebook.at(on)
    reader = Reader(rulebook, on, notes)
    steps = decision.lay_out_flow(book)
    where = {step: _code_of(step, rulebook, on) for step in steps}
    boxes, hrefs = _list_boxes(steps, where, reader, number)
    ends = list(_list_ends(book, number, hrefs))
    facts, sources = _list_facts(steps, rulebook, number, hrefs)
    links = set(_list_links(steps, where, sources))
    lane = [b.code for b in boxes if b.rank in (LANE_TABLES, LANE_TREES, LANE_RULES)]
    first = next((box.code for box in ends if box.rank == PRODUCT), "")
    links |= {Link(code, first) for code in lane if first and _is_last(code, boxes)}
    links |= {Link(one.code, other.code) for one, other in pairwise(ends)}
    all_boxes = [*facts, *boxes, *ends]
    return Picture(
        lay_out(all_boxes, links, direction="across"), lay_out(all_boxes, links, direction="down", room=PHONE_ROOM),
        hrefs, _("{n} boxes from the facts to the price; each leads to what it stands for.").format(n=len(all_boxes)),
    )  # fmt: skip


def _is_last(code: str, boxes: list[Box]) -> bool:
    top = max((b.rank for b in boxes), default=0)
    return any(b.code == code and b.rank == top for b in boxes)


def _folder(name: str, rulebook: Rulebook, on: date) -> str:
    dated = rulebook.rules[name]
    text = dated.on(on)
    place = (text.place if text is not None and text.place else dated.place).split("/")
    return place[1] if len(place) > 2 else "house"


def _code_of(step: FlowStep, rulebook: Rulebook, on: date) -> str:
    """Rules of one folder are one box; every other step has its own."""
    if step.kind == "rule":
        return f"{step.stage}-rules-{_folder(step.name, rulebook, on)}"
    return f"{step.kind}-{step.name}"


RANK_OF = {
    ("value", "policy"): VALUES, ("table", "policy"): VALUES, ("tree", "policy"): VALUES, ("rule", "policy"): RULES,
    ("points", "scores"): SCORE, ("card", "scores"): CARDS, ("value", "lane"): LANE_TABLES,
    ("table", "lane"): LANE_TABLES, ("points", "lane"): SCORE, ("tree", "lane"): LANE_TREES,
    ("rule", "lane"): LANE_RULES, ("points", "policy"): VALUES,
}  # fmt: skip


def _list_boxes(
    steps: Iterable[FlowStep], where: Mapping[FlowStep, str], reader: Reader, number: int
) -> tuple[list[Box], dict[str, str]]:
    """The boxes of all steps with their addresses; of rules one box a folder, graver ones first."""
    boxes: dict[str, Box] = {}
    hrefs: dict[str, str] = {}
    counted: dict[str, list[FlowStep]] = {}
    for step in steps:
        counted.setdefault(where[step], []).append(step)
    for code, group in counted.items():
        step = group[0]
        rank = RANK_OF[step.kind, step.stage]
        if step.kind == "card" and "points" in step.makes:
            rank = SCORE
        title, said, tone = _tell_box(code, group, reader)
        hrefs[code] = _href(code, step, number)
        lines = break_text(title)
        under = [one for text in said for one in break_text(text, size=11)]
        boxes[code] = Box(code, rank, (*lines, *under), len(lines), tone, "machine")
    return list(boxes.values()), hrefs


def _tell_box(code: str, group: list[FlowStep], reader: Reader) -> tuple[str, list[str], str]:
    step = group[0]
    if step.kind == "rule":
        declines = sum(one.then == "decline" for one in group)
        said = [ngettext("{n} rule", "{n} rules", len(group)).format(n=len(group))]
        if declines:
            said.append(ngettext("{n} declines", "{n} decline", declines).format(n=declines))
        return folder_name(code.rpartition("-")[2]), said, ""
    if step.kind == "card":
        said = [ngettext("{n} question", "{n} questions", len(step.reads)).format(n=len(step.reads))]
        return words.word(step.name, "card"), said, ""
    note = reader.notes.get(_file_name(step))
    title = (note.description.get("zh" if is_chinese() else "en") if note else "") or reader.name_fact(step.name)
    return title, [{"table": _("table"), "tree": _("tree")}.get(step.kind, _("value"))], ""


def _file_name(step: FlowStep) -> str:
    """What the step's file is called; a tree's answer may have another name than its file."""
    if step.kind != "tree" or not step.place:
        return step.name
    return step.place.split(",")[0].split(":")[0].rpartition("/")[2].removesuffix(".yaml")


def _href(code: str, step: FlowStep, number: int) -> str:
    book = reverse("rulebook_version", args=[number])
    if step.kind == "rule":
        return f"{book}#rule-in-{code.rpartition('-')[2]}"
    if step.kind == "table":
        return reverse("rulebook_table", args=[number, step.name])
    if step.kind == "tree":
        return reverse("rulebook_flow", args=[number]) + f"?tree={_file_name(step)}"
    if step.kind == "card" and step.place:
        return f"{book}#card-{step.place.split('/')[1]}-{step.place.split('/')[2]}"
    return f"{book}#derived-{step.name}"


def _list_facts(
    steps: Iterable[FlowStep], rulebook: Rulebook, number: int, hrefs: dict[str, str]
) -> tuple[list[Box], dict[str, str]]:
    """Every label that is read, by its source: one box a source; which box each label belongs to."""
    read = {name for step in steps for name in step.reads if name in rulebook.declarations}
    sources: dict[str, list[str]] = {}
    for name in sorted(read):
        sources.setdefault(source_of(name), []).append(name)
    boxes = []
    for source in sorted(sources):
        count = len(sources[source])
        lines = break_text(_("The request") if source == "request" else words.party_name(source))
        told = ngettext("{n} fact", "{n} facts", count).format(n=count)
        boxes.append(Box(f"facts-{source}", FACTS, (*lines, told), len(lines), "", "outside"))
        hrefs[f"facts-{source}"] = reverse("rulebook_version", args=[number]) + "#chapter-rule"
    return boxes, {name: f"facts-{source}" for source, names in sources.items() for name in names}


def _list_links(steps: Iterable[FlowStep], where: Mapping[FlowStep, str], sources: Mapping[str, str]) -> Iterator[Link]:
    makers = {name: where[step] for step in steps for name in step.makes}
    for step in steps:
        for name in step.reads:
            source = makers.get(name) or sources.get(name)
            if source and source != where[step]:
                yield Link(source, where[step])
    ruled = {where[step] for step in steps if step.kind == "rule" and step.stage == "policy"}
    lanes = [where[step] for step in steps if step.kind == "rule" and step.stage == "lane"]
    yield from (Link(code, lanes[0]) for code in sorted(ruled) if lanes)


def _list_ends(book: Book, number: int, hrefs: dict[str, str]) -> Iterator[Box]:
    """The engines after the lane: product, limit, price; each leads to its table, else to the parameters."""
    titles = {"product": _("Product"), "limit": _("Limit"), "price": _("Price")}
    for engine, rank in ENGINES.items():
        tables = [name for name, part in decision.TABLES_BY_ENGINE.items() if part == engine and name in book.tables]
        known = [n for n, part in decision.PARAMETERS_BY_ENGINE.items() if part == engine and n in book.parameters]
        said = []
        if engine == "product":
            said.append(ngettext("{n} product", "{n} products", len(book.products)).format(n=len(book.products)))
        if tables:
            said.append(ngettext("{n} table", "{n} tables", len(tables)).format(n=len(tables)))
        if known:
            said.append(ngettext("{n} parameter", "{n} parameters", len(known)).format(n=len(known)))
        version = reverse("rulebook_version", args=[number])
        hrefs[engine] = reverse("rulebook_table", args=[number, tables[0]]) if tables else f"{version}#chapter-product"
        yield Box(engine, rank, (titles[engine], *said), 1, "", "end")


def draw_tree(tree: TreeText, rulebook: Rulebook, notes: Mapping[str, Note], number: int, on: date) -> Picture:
    """A strategy tree: each fork with its condition in words, the way of yes and of no, and the answers."""
    reader = Reader(rulebook, on, notes)
    boxes: list[Box] = []
    links: list[Link] = []
    _grow(tree.root, "", 0, "0", reader, boxes, links)
    place = (tree.place or f"strategies/{tree.name}.yaml").split(":")[0].split(",")[0]
    href = reverse("rulebook_file", args=[number, place])
    return Picture(
        lay_out(boxes, links, direction="across"), lay_out(boxes, links, direction="down", room=10_000),
        {box.code: href for box in boxes},
        _("{n} forks and answers; above is yes, below is no.").format(n=len(boxes)),
    )  # fmt: skip


def _grow(
    node: ForkText | Scalar, way: str, depth: int, code: str, reader: Reader, boxes: list[Box], links: list[Link]
) -> None:
    head = [way] if way else []
    if not isinstance(node, ForkText):
        text = consequence(node) if node in ("decline", "refer") else str(node)
        tone = {"A": "good", "C": "warn", "decline": "bad"}.get(str(node), "")
        boxes.append(Box(code, depth, (*head, *break_text(text)), len(head) + 1, tone, "end"))
        return
    told = break_text(say_condition(node.when, reader), lines=7, size=11)
    boxes.append(Box(code, depth, (*head, *told), len(head), "", "machine"))
    for sign, child, word in (("y", node.then, _("yes")), ("n", node.otherwise, _("no"))):
        links.append(Link(code, code + sign))
        _grow(child, word, depth + 1, code + sign, reader, boxes, links)


def list_trees(rulebook: Rulebook, on: date) -> dict[str, TreeText]:
    """The strategy trees of a day by name."""
    return {name: tree for name, dated in rulebook.strategies.items() if (tree := dated.on(on)) is not None}
