"""A flow's picture, whatever its boxes: all there, none on top of another, within its frame, every line onward."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory.consoles.flow import Box, Layout, Link, break_text, lay_out, mark_path, text_width

ROOM = 342.0


@st.composite
def flows(draw: st.DrawFn) -> tuple[list[Box], list[Link]]:
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=9))
    boxes = [
        Box(f"{rank}.{place}", rank * 2, tuple("line" for _ in range(draw(st.integers(1, 4)))))
        for rank, size in enumerate(sizes)
        for place in range(size)
    ]
    codes = [box.code for box in boxes]
    pairs = draw(st.lists(st.tuples(st.sampled_from(codes), st.sampled_from([*codes, "nowhere"])), max_size=40))
    decisive = draw(st.frozensets(st.sampled_from(codes), max_size=5))
    return mark_path(boxes, [Link(*pair) for pair in pairs], decisive)


@given(flows(), st.sampled_from(["across", "down"]))
def test_every_box_stands_once_within_the_frame_and_touches_no_other(
    flow: tuple[list[Box], list[Link]], direction: str
) -> None:
    boxes, links = flow
    drawn = lay_out(boxes, links, direction=direction, room=ROOM)  # type: ignore[arg-type]
    assert sorted(one.box.code for one in drawn.boxes) == sorted(box.code for box in boxes)
    for one in drawn.boxes:
        assert one.x >= 0 and one.y >= 0
        assert one.x + one.width <= drawn.width and one.y + one.height <= drawn.height
        assert all(one.y < foot < one.y + one.height for foot, _text, _head in one.text_lines)
    for one, other in combinations(drawn.boxes, 2):
        apart = (
            one.x + one.width <= other.x or other.x + other.width <= one.x
            or one.y + one.height <= other.y or other.y + other.height <= one.y
        )  # fmt: skip
        assert apart, (one.box.code, other.box.code)


@given(flows(), st.sampled_from(["across", "down"]))
def test_every_line_leads_onward_from_its_box_to_its_box(flow: tuple[list[Box], list[Link]], direction: str) -> None:
    boxes, links = flow
    drawn = lay_out(boxes, links, direction=direction, room=ROOM)  # type: ignore[arg-type]
    placed = {one.box.code: one for one in drawn.boxes}
    for one in drawn.links:
        points = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", one.path)]
        source, target = placed[one.link.source], placed[one.link.target]
        along = [x if direction == "across" else y for x, y in points]
        assert along == sorted(along), "a line never turns back"
        start = source.x + source.width if direction == "across" else source.y + source.height
        assert abs(along[0] - start) <= 200 and abs(along[-1] - (target.x if direction == "across" else target.y)) < 0.1
    heavy = [one.link.is_decisive for one in drawn.links]
    assert heavy == sorted(heavy), "what decided lies on top"


@given(flows())
def test_a_line_across_passes_through_no_box(flow: tuple[list[Box], list[Link]]) -> None:
    """The straight parts, where a line passes a rank, keep clear of every box of it."""
    boxes, links = flow
    drawn = lay_out(boxes, links, direction="across")
    for one in drawn.links:
        for y, x_from, x_to in straight_parts(one.path):
            for box in drawn.boxes:
                is_there = box.x < x_to and x_from < box.x + box.width
                assert not (is_there and box.y < y < box.y + box.height), (one.link, box.box.code)


def straight_parts(path: str) -> list[tuple[float, float, float]]:
    """The stretches that a path goes straight, as height, from and to."""
    found = []
    at = (0.0, 0.0)
    for letter, numbers in re.findall(r"([MCL])([^MCL]*)", path):
        pairs = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", numbers)]
        if letter == "L":
            found.append((pairs[-1][1], at[0], pairs[-1][0]))
        at = pairs[-1]
    return found


def test_a_rank_that_does_not_fit_a_phone_is_broken_into_lines() -> None:
    boxes = [Box(str(n), 0, ("x",)) for n in range(7)] + [Box("end", 1, ("x",))]
    drawn = lay_out(boxes, [Link(str(n), "end") for n in range(7)], direction="down", room=ROOM)
    assert drawn.width <= ROOM + 40
    assert len({one.y for one in drawn.boxes}) > 2
    assert len(drawn.links) == 7


def test_nothing_at_all_is_a_picture_of_nothing() -> None:
    assert lay_out([], [Link("a", "b")], direction="across") == Layout(4.0, 4.0, (), ())


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60), st.integers(1, 4))
def test_a_broken_text_keeps_its_width_and_its_beginning(text: str, lines: int) -> None:
    broken = break_text(text, width=92, lines=lines)
    assert len(broken) <= lines
    for line in broken:
        assert text_width(line) <= 92 or len(line) <= 1
    shown = "".join("".join(broken).replace("…", "").split())
    assert "".join(text.replace("…", "").split()).startswith(shown[:1])


@pytest.mark.parametrize("text", ["经营与现金流", "Bureau and willingness", "A", ""])
def test_what_fits_is_shown_whole(text: str) -> None:
    assert "".join(break_text(text, width=92, lines=2)).replace(" ", "") == text.replace(" ", "")
