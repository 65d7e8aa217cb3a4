"""Coming in and going out, and the choices a reader keeps: factory, theme."""

from __future__ import annotations

import os

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from creditfactory.consoles.frame import THEMES
from creditfactory.consoles.page import guard, page
from creditfactory.records.actions.people import list_demo_users

YEAR_SECONDS = 365 * 24 * 3600


class SignIn(LoginView):
    """Name and password; the demo lists its people, so that one can look through each pair of eyes."""

    template_name = "consoles/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """What the page shows; in the demo also its people."""
        facts: dict[str, object] = super().get_context_data(**kwargs)
        if settings.IS_DEMO:
            facts["demo_users"] = list_demo_users()
            facts["demo_password"] = os.environ.get("CREDITFACTORY_DEMO_PASSWORD", "")
        return facts

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Answer with the same guards as every page."""
        response = super().dispatch(request, *args, **kwargs)
        if hasattr(response, "render"):
            response.render()
        return guard(response)


class SignOut(LogoutView):
    """Out, and back to the sign-in page."""


@require_POST
@page()
def choose_factory(request: HttpRequest) -> HttpResponse:
    """Look at another of one's factories from now on."""
    wanted = request.POST.get("factory", "")
    if wanted in {factory.code for factory in request.desk.factories}:  # type: ignore[attr-defined]
        request.session["factory"] = wanted
    return HttpResponseRedirect("/")


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the reader's machine has it; kept in a cookie."""
    theme = request.POST.get("theme", "auto")
    response = HttpResponseRedirect(_back(request))
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=YEAR_SECONDS, samesite="Lax")
    return response


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else "/"
