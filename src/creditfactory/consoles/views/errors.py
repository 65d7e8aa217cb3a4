"""When a page cannot be shown: what happened, why, and the way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from creditfactory.consoles.page import guard


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _show(
        request, 404, _("There is nothing at this address"),
        _("The link may be old, or the case may belong to another factory than the one you look at."),
    )  # fmt: skip


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _show(
        request, 403, _("Your role does not include this page"),
        _("Ask whoever administers this factory for the role, or sign in as somebody who has it."),
    )  # fmt: skip


def broken(request: HttpRequest) -> HttpResponse:
    """500; written with as little as possible, so that it can be shown whatever broke."""
    return _show(
        request, 500, _("Something broke on our side"),
        _("Nothing you sent was half done. Try again; if it stays, tell the operator the time and this address."),
    )  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from another session, or one left open too long."""
    return _show(
        request, 403, _("This form is too old to be taken"),
        _("You have signed in or out since it was opened. Go back, load the page again and send it once more."),
    )  # fmt: skip


def _show(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    facts = {"title": title, "text": text, "status": status, "address": request.path}
    return guard(render(request, "consoles/error.html", facts, status=status))
