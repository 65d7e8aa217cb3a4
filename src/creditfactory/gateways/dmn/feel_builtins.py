"""All of FEEL's own functions, by name."""

from __future__ import annotations

from creditfactory.gateways.dmn import builtins_days, builtins_lists, builtins_plain
from creditfactory.gateways.dmn.builtin import REGISTER, Builtin

BUILTINS: dict[str, Builtin] = dict(REGISTER)
LISTED = (builtins_days, builtins_lists, builtins_plain)
"""Where they are declared; to load these is to know them."""

__all__ = ["BUILTINS", "LISTED", "Builtin"]
