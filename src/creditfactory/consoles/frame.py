"""What every page shows around its matter."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from creditfactory.consoles.page import Desk
from creditfactory.records import reads

SIGNS = "approve_rulebook"
THEMES = ("auto", "light", "dark")


def frame(request: HttpRequest) -> dict[str, object]:
    """Navigation by power, theme, the factory's clock, and where a language switch leads back to."""
    theme = request.COOKIES.get("theme", "auto")
    facts: dict[str, object] = {
        "theme": theme if theme in THEMES else "auto",
        "here": request.get_full_path(),
        "desk": None,
    }
    desk: Desk | None = getattr(request, "desk", None)
    if desk is None:
        return facts
    waiting = reads.count_work(desk.factory.id, roles=desk.work_roles) if desk.may("see_work") else 0
    to_sign = len(reads.list_awaiting(desk.factory.id, on=desk.factory.business_on)) if desk.may(SIGNS) else 0
    pages = (
        ("line", "see_line", _("Line"), 0),
        ("work", "see_work", _("Work"), waiting),
        ("cases", "see_cases", _("Cases"), 0),
        ("loans", "see_loans", _("Loans"), 0),
        *((("firms", "see_cases", _("Firms"), 0),) if _has_firms() else ()),
        ("bureau", "see_loans", _("Bureau"), 0),
        ("checks", "see_loans", _("Checks"), 0),
        ("overrides", "see_overrides", _("Overrides"), 0),
        ("labels", "see_cases", _("Labels"), 0),
        ("cards", "see_rulebook", _("Cards"), 0),
        ("rulebook", "see_rulebook", _("Rulebook"), to_sign),
        ("held", "see_held", _("Held"), 0),
        ("history", "see_history", _("History"), 0),
    )
    match = request.resolver_match
    current = match.view_name.split("_")[0] if match else ""
    facts |= {
        "desk": desk,
        "pages": [
            {"view": view, "name": name, "count": count, "is_here": view == current}
            for view, power, name, count in pages
            if desk.may(power)
        ],
        "now_ms": int(desk.factory.now.timestamp() * 1000),
    }
    return facts


def _has_firms() -> bool:
    """Whether firms known by their invoices were imported: only then is there a page of them."""
    return (Path(settings.DATA_DIR or ".") / "firms" / "about.json").is_file()
