"""What the rulebook's templates may say: where a version stands, in which colour, and the tabs of its pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from creditfactory.consoles import figures, words
from creditfactory.consoles.rulebook_faults import STANDING_TONES, standing_name

register = template.Library()
register.filter("standing", standing_name)


@register.filter
def tone_of(code: str) -> str:
    """The colour of a standing."""
    return STANDING_TONES.get(code, "")


@register.filter
def share_bps(value: int) -> str:
    """Basis points as per cent, without needless digits."""
    return figures.percent(value / 10_000, 0 if value % 100 == 0 else 2)


@register.filter
def name_all(people: Any) -> str:
    """Several people's names."""
    return ", ".join(words.actor_name(one) for one in people)


@register.filter
def kind_name(code: str) -> str:
    """A part of the rulebook."""
    known = {
        "pack": _("Pack"), "label": _("Label"), "parameter": _("Parameter"), "derived": _("Named value"),
        "rule": _("Rule"), "table": _("Table"), "strategy": _("Tree"), "card": _("Scorecard"),
        "product": _("Product"), "reason": _("Reason"), "line": _("Line"),
    }  # fmt: skip
    return known.get(code, code)


@register.simple_tag
def version_tabs(row: Any, report: Any) -> list[dict[str, Any]]:
    """The pages of a version, with a mark where something waits."""
    listed = (
        ("book", _("The book"), "rulebook_version"), ("check", _("Check"), "rulebook_check"),
        ("flow", _("Flow"), "rulebook_flow"), ("log", _("Log of changes"), "rulebook_log"),
        ("files", _("Files"), "rulebook_files"),
    )  # fmt: skip
    faults = sum(f["kind"] == "fault" for f in (report or {}).get("findings", ()))
    return [{"code": code, "name": name, "href": reverse(view, args=[row.number]),
             "mark": faults if code == "check" else 0} for code, name, view in listed]  # fmt: skip


@register.filter
def step_name(code: str) -> str:
    """A step of a version's life, as its button says it."""
    known = {
        "check": _("Check it"), "discard": _("Lay aside"), "propose": _("Propose"), "approve": _("Approve"),
        "reject": _("Turn down"), "schedule": _("Schedule"), "challenge": _("Let it challenge"),
        "shadow": _("Let it decide in the shadow"), "retire": _("Take off work"),
    }  # fmt: skip
    return known.get(code, code)


@register.filter
def is_past(day: date | None, today: date) -> bool:
    """Whether a day lies before today."""
    return day is not None and day < today


@register.filter
def add_text(one: object, other: object) -> str:
    """Two texts or numbers one behind the other."""
    return f"{one}{other}"


@register.filter
def title_of(row: Any) -> str:
    """A version's title; what it came with is told in the reader's language."""
    return _("As shipped") if row.title == "As shipped" else str(row.title)
