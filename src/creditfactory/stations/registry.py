"""The 24 stations by code: a station is the file of its number and code, with what it does and what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Outcome
from creditfactory.stations.plan import STATIONS

_FILES = {s.code: import_module(f"creditfactory.stations.s{s.number:02d}_{s.code}") for s in STATIONS}

RUNS: Mapping[str, Callable[[Case, Context], Outcome]] = {code: file.run for code, file in _FILES.items()}
RESULTS: Mapping[str, type] = {code: file.RESULT for code, file in _FILES.items()}
