"""What every page shows around its matter."""

from __future__ import annotations

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, object]:
    """The frame's facts."""
    return {}
