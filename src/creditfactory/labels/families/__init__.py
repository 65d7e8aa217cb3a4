"""The families of labels: one file for each source, each with its shape, its reader and its declarations."""

from creditfactory.labels.families import bank_statements
from creditfactory.labels.family import Family

FAMILIES: tuple[Family, ...] = (*bank_statements.FAMILIES,)
"""Every family, in the order of the catalogue."""

__all__ = ["FAMILIES"]
