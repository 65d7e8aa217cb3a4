"""The pictures behind a case: which there are, and one of them at a time, each look noted in the history first."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from creditfactory import records
from creditfactory.consoles.page import Desk, page
from creditfactory.kernel import Refused
from creditfactory.records import reads


@page("see_papers")
def list_pictures(request: HttpRequest, number: str) -> HttpResponse:
    """Papers and frames of a case without the pictures themselves: kind, when they came, until when they are kept."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = reads.read_case(desk.factory.id, number)
    if case is None:
        raise Http404
    rows = records.list_papers_of(application_id=case.row.id)
    return render(request, "consoles/case_pictures.html", {"case": case, "row": case.row, "rows": rows})


@page("see_papers")
def show_picture(request: HttpRequest, number: str, picture_id: int) -> HttpResponse:
    """One picture; who looked at it stands in the history before it is shown."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    try:
        found = records.show_paper(
            tenant=desk.factory.code, tenant_id=desk.factory.id, number=number, paper_id=picture_id, by=desk.username,
            at=desk.factory.now,
        )  # fmt: skip
    except Refused:
        found = None
    if found is None:
        raise Http404
    kind = "image/png" if found[1].startswith(b"\x89PNG") else "image/jpeg"
    response = HttpResponse(found[1], content_type=kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
