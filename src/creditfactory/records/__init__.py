"""The only room that knows tables: what is loaded comes out as values, every write leaves an audit event.

Django imports this package before its tables can be, so the door opens at the first knock.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from creditfactory.records.door import *  # noqa: F403


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    found = getattr(import_module("creditfactory.records.door"), name)
    globals()[name] = found
    return found
