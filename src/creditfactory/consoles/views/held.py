"""The dead-letter list: what the line could not get past, and the way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from creditfactory.consoles.held_words import tell_held
from creditfactory.consoles.page import page
from creditfactory.records import reads


@page("see_held")
def show_held(request: HttpRequest) -> HttpResponse:
    """Those held, and those resumed lately."""
    rows = reads.list_held(request.desk.factory.id)  # type: ignore[attr-defined]
    told = [{"held": row, "told": tell_held(row.why)} for row in rows]
    facts = {"rows": told, "held_count": sum(row.resumed_at is None for row in rows)}
    return render(request, "consoles/held.html", facts)
