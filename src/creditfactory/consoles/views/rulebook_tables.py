"""A decision table of a version, as a grid."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from creditfactory.consoles.page import page


@page("see_rulebook")
def show_table(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """The table."""
    return HttpResponseRedirect(reverse("rulebook_file", args=[number, f"tables/{name}.csv"]))


@page("see_rulebook")
def show_flow(request: HttpRequest, number: int) -> HttpResponse:
    """The flow."""
    return HttpResponseRedirect(reverse("rulebook_files", args=[number]))
