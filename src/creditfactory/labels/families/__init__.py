"""The families of labels: one file for each source, each with its shape, its reader and its declarations."""

from creditfactory.labels.families import (
    bank_statements,
    bureau_lines,
    bureau_standing,
    crossing,
    firm_lines,
    linkage,
    records,
    session,
    surroundings,
)
from creditfactory.labels.family import Family, Readings
from creditfactory.labels.ratios import Ratio

FAMILIES: tuple[Family, ...] = (*bank_statements.FAMILIES, *bureau_lines.FAMILIES, *firm_lines.FAMILIES)
"""Every family, in the order of the catalogue."""

READINGS: tuple[Readings, ...] = (
    *bureau_standing.READINGS,
    *linkage.READINGS,
    *records.READINGS,
    *session.READINGS,
    *surroundings.READINGS,
)
"""Single labels by source, after the families."""

RATIOS: tuple[Ratio, ...] = crossing.RATIOS
"""Labels held against each other, told last of all."""

__all__ = ["FAMILIES", "RATIOS", "READINGS"]
