"""The personal credit report as printed: to be read."""

from __future__ import annotations

from creditfactory.gateways.papers.grid import Grid
from creditfactory.gateways.papers.reading import Asked, Reading


def is_bureau_grid(grid: Grid) -> bool:
    """Whether the first rows say that it is a personal credit report."""
    return any("信用报告" in text or "credit report" in text.casefold() for row in grid.rows[:12] for text in row.texts)


def read_bureau_grid(grid: Grid, asked: Asked) -> Reading:
    """To come."""
    raise NotImplementedError
