"""What the pages of a card draw beside its words: points with their sign, and bars for them."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from creditfactory import lab

register = template.Library()


@register.filter
def signed_points(points: int) -> str:
    """Points with their sign; nought without one."""
    return lab.Voice("en").points(points)


@register.simple_tag
def small_bar(points: int, most: int) -> SafeString:
    """A bar to the right for points gained, to the left for points lost."""
    return mark_safe(lab.draw_bar(points, most))  # noqa: S308  # our own drawing, of numbers alone
