"""The line as a living picture: what is where, what is late, and what needs the reader first."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from creditfactory.consoles.page import Desk, page
from creditfactory.records import reads
from creditfactory.stations.plan import STATIONS

PHASES = (("front", _("Front")), ("decision", _("Decision")), ("after", _("Money and after")))
AFTER_MONEY = ("use_check", "early_warning", "collection")
FIRST_ROWS = 8
RUNNING = re.compile(
    r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>'
    r'|<time[^>]*(data-due="\d+")[^>]*>[^<]*</time>|data-clock[^<]*<'
)
"""What differs at each look though nothing has happened: form tokens, countdowns and the clock run in the browser."""


@page("see_line")
def show_line(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "consoles/line.html", {**gather(request.desk), "seen": ""})  # type: ignore[attr-defined]


@page("see_line")
def show_line_now(request: HttpRequest) -> HttpResponse:
    """The living part again; nothing at all when it still looks as the reader saw it last."""
    body = render_to_string("consoles/parts/line_now.html", gather(request.desk), request)  # type: ignore[attr-defined]
    mark = hashlib.sha256(RUNNING.sub(r"\1", body).encode()).hexdigest()[:16]
    if request.GET.get("seen") == mark:
        return HttpResponse(status=204)
    response = HttpResponse(body)
    response.headers["X-Seen"] = mark
    return response


def gather(desk: Desk) -> dict[str, Any]:
    """The picture's facts for one reader."""
    factory = desk.factory
    now = reads.read_line(factory.id, now=factory.now, day_start=desk.day_start, business_on=factory.business_on)
    cards: list[dict[str, Any]] = [
        {"plan": plan, "now": now.stations.get(plan.code) or reads.StationNow(plan.code)} for plan in STATIONS
    ]
    watched = sum(card["now"].here for card in cards if card["plan"].code in AFTER_MONEY)
    for is_after in (False, True):
        within = [card for card in cards if (card["plan"].code in AFTER_MONEY) is is_after]
        fullest = max(1, *(card["now"].here for card in within))
        for card in within:
            card["whole"] = fullest
    queue = None
    if desk.may("see_work"):
        queue = reads.read_queue(factory.id, now=factory.now, roles=desk.work_roles, me=desk.username)
    return {
        "factory": factory,
        "line": now,
        "on_the_way": now.moving - watched,
        "watched": watched,
        "phases": [
            {"name": name, "cards": [card for card in cards if card["plan"].phase == phase]} for phase, name in PHASES
        ],
        "first": queue.rows[:FIRST_ROWS] if queue else (),
        "has_queue": queue is not None,
        "desk": desk,
    }
