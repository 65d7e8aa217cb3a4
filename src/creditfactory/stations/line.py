"""The only place that says what comes next: the order of the stations and every move that is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from creditfactory.stations.plan import CODES, LANES

ENDED = {"declined": "declined", "withdrawn": "withdrawn", "expired": "expired"}
"""Ways out that end a case anywhere on the line before the money has gone out, and the status they leave."""

FIRST = CODES[0]
LANE_CHOSEN = "lane"
REVIEW, CHECKED_FROM = "final_review", "online_check"
MONEY_OUT = "disbursement"
WATCH, COLLECT = "early_warning", "collection"


def draw_moves() -> Iterator[tuple[str, str, str, str]]:
    """Every allowed move as (station, outcome, lane, next station); nothing else can be written.

    >>> ("scores", "done", "", "lane") in set(draw_moves()), ("scores", "done", "", "offer") in set(draw_moves())
    (True, False)
    """
    for place, code in enumerate(CODES):
        before_lane = place < CODES.index(LANE_CHOSEN)
        lanes = ("",) if before_lane else LANES
        following = CODES[place + 1] if place + 1 < len(CODES) else ""
        for lane in lanes:
            if code == WATCH:
                yield code, "done", lane, COLLECT
                yield code, "late", lane, COLLECT
                yield code, "not_applicable", lane, COLLECT
            elif code == COLLECT:
                yield code, "cured", lane, WATCH
                for outcome in ("paid", "charged_off", "not_applicable"):
                    yield code, outcome, lane, ""
            else:
                yield code, "done", lane, following
                if code == REVIEW:
                    yield code, "returned", lane, CHECKED_FROM
                if code != LANE_CHOSEN:
                    yield code, "not_applicable", lane, following
        if place <= CODES.index(MONEY_OUT):
            for lane in ("", *(() if before_lane else LANES)):
                for outcome in ENDED:
                    yield code, outcome, lane, ""


@cache
def _table() -> dict[tuple[str, str, str], str]:
    return {(station, outcome, lane): following for station, outcome, lane, following in draw_moves()}


def follow(station: str, outcome: str, lane: str) -> tuple[str, str]:
    """Where a case goes from a station, and the status it has then.

    >>> follow("scores", "done", ""), follow("offer", "declined", "B"), follow("collection", "cured", "A")
    (('lane', 'moving'), ('', 'declined'), ('early_warning', 'moving'))
    """
    following = _table().get((station, outcome, lane))
    assert following is not None, f"the line has no move from {station} by {outcome} in lane {lane or '-'}"
    if following:
        return following, "moving"
    return "", ENDED.get(outcome, "closed")
