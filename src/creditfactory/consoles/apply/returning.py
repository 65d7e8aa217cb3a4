"""Who comes back by a link: at once where it was begun, on another device only who knows what the borrower knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditfactory import records
from creditfactory.consoles.apply.visits import (
    COOKIE_SECONDS,
    DEVICE_COOKIE,
    Visit,
    guard,
    is_over,
    open_visit,
    read_device,
)

RETURN_COOKIE = "apply_return"
_SALT = "apply-return"


def is_at_home(request: HttpRequest, visit: Visit) -> bool:
    """Whether a session may be shown here: begun on this device, proved here before, or nothing personal in it yet."""
    device, _cookie = read_device(request)
    if device == visit.session.device:
        return True
    if visit.session.application_id is None and not records.list_secrets(visit.session):
        return True
    try:
        return bool(signing.loads(request.COOKIES.get(RETURN_COOKIE, ""), salt=_SALT) == [visit.session.id, device])
    except signing.BadSignature:
        return False


def of_own_device(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a session: on a device that it does not know it asks first who is there."""

    @wraps(view)
    def show(request: HttpRequest, link: str, *more: Any, **named: Any) -> HttpResponse:
        if is_at_home(request, open_visit(link)):
            return view(request, link, *more, **named)
        return guard(HttpResponseRedirect(reverse("apply_return", args=(link,))))

    return show


@require_http_methods(["GET", "POST"])
def come_back(request: HttpRequest, link: str) -> HttpResponse:
    """Asks for the ends of phone and ID number; nothing that was typed is shown before they fit."""
    visit = open_visit(link)
    if is_over(visit):
        return guard(render(request, "consoles/apply/over.html", {}, status=410))
    if is_at_home(request, visit):
        return guard(HttpResponseRedirect(reverse("apply_one", args=(link,))))
    asked = records.list_secrets(visit.session)
    note, status = "", 200
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:8] for name in asked}
        answer = records.try_secrets(session=visit.session, typed=typed, at=datetime.now(UTC))
        if answer == "right":
            return guard(_remember(request, visit))
        note, status = (
            (_("That was not right. After five wrong answers the link is closed on other devices for a day."), 422)
            if answer == "wrong"
            else (_("Too many wrong answers. Go on where you began, or try again tomorrow."), 429)
        )
    return guard(render(request, "consoles/apply/return.html", {"asked": asked, "note": note}, status=status))


def _remember(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Back to where the borrower was; this device is known for this session from now on."""
    device, cookie = read_device(request)
    response = HttpResponseRedirect(reverse("apply_one", args=(visit.link,)))
    known = signing.dumps([visit.session.id, device], salt=_SALT)
    for name, value in ((DEVICE_COOKIE, cookie), (RETURN_COOKIE, known)):
        response.set_cookie(name, value, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax",
                            secure=request.is_secure())  # fmt: skip
    return response
