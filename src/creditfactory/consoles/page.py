"""The frame around every page: who asks, in which factory, with what powers; and what a browser may load for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_zone
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from creditfactory.records import reads
from creditfactory.records.actions.people import (
    FACTORY_GROUP,
    ROLE_BY_CODE,
    ROLES,
    Role,
)

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
View = Callable[..., HttpResponse]
LEADS = frozenset({"see_held", "withdraw"})
"""Who leads a desk sees the work of every role; a fraud analyst looks at what is held, but does nobody else's work."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A signed-in person's desk: name, roles, what they may do, and the factory they look at."""

    username: str
    name: str
    roles: tuple[Role, ...]
    powers: frozenset[str]
    factory: reads.Factory
    factories: tuple[reads.Factory, ...]
    sees_all_work: bool

    @property
    def work_roles(self) -> tuple[str, ...] | None:
        """The roles whose work this person sees; None for those who lead and see all of it."""
        return None if self.sees_all_work else tuple(role.code for role in self.roles)

    @property
    def role_name(self) -> str:
        """The first role, in the reader's language."""
        return name_of(self.roles[0]) if self.roles else ""

    @property
    def zone(self) -> tzinfo:
        """The factory's own time of day."""
        return fixed_zone(timedelta(minutes=self.factory.utc_offset_minutes))

    @property
    def day_start(self) -> datetime:
        """When the factory's business date began."""
        return datetime.combine(self.factory.business_on, time.min, tzinfo=self.zone)

    @property
    def can_work(self) -> bool:
        """Whether this person may claim work."""
        return self.may("do_work")

    def may(self, power: str) -> bool:
        """Whether this person has a power."""
        return power in self.powers


def is_chinese() -> bool:
    """Whether the page is being written in Chinese."""
    return (get_language() or "").startswith("zh")


def name_of(thing: Any) -> str:
    """The name of something that has one in both languages, in the reader's."""
    return str(thing.name_zh if is_chinese() else thing.name_en)


def page(power: str | None = None) -> Callable[[View], View]:
    """A page for signed-in people, those with ``power`` if one is named; dates stand in the factory's own zone."""

    def around(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _send_to_sign_in(request)
            desk = lay_desk(request)
            if desk is None:
                return guard(render(request, "consoles/no_factory.html", status=200))
            request.desk = desk  # type: ignore[attr-defined]
            if power and not desk.may(power):
                raise PermissionDenied(power)
            with timezone.override(desk.zone):
                return guard(view(request, *args, **kwargs))

        return answer

    return around


def lay_desk(request: HttpRequest) -> Desk | None:
    """The desk of the signed-in person; None if no factory is theirs, or there is none yet."""
    user = request.user
    groups = set(user.groups.values_list("name", flat=True))
    roles = tuple(role for role in ROLES if role.code in groups)
    homes = frozenset(name.removeprefix(FACTORY_GROUP) for name in groups if name.startswith(FACTORY_GROUP))
    factories = reads.list_factories(None if user.is_superuser else homes)
    if not factories:
        return None
    chosen = request.session.get("factory")
    factory = next((f for f in factories if f.code == chosen), factories[0])
    powers = frozenset().union(*(role.powers for role in roles))
    if user.is_superuser:
        powers = frozenset().union(*(role.powers for role in ROLE_BY_CODE.values()))
    return Desk(
        username=user.get_username(),
        name=user.get_full_name() or user.get_username(),
        roles=roles,
        powers=powers,
        factory=factory,
        factories=factories,
        sees_all_work=user.is_superuser or powers >= LEADS,
    )


def guard(response: HttpResponse) -> HttpResponse:
    """Say what the browser may load: our own files, and no script in the page itself."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _send_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; a fragment asks the browser to go there as a whole page."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response.headers["HX-Refresh"] = "true"
        return response
    return redirect_to_login(request.get_full_path())
