"""What an evaluation carries with it: the names in scope, and the bounds it may not pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from creditfactory.gateways.dmn.feel_values import Value
from creditfactory.kernel import Refused

STEPS_MAX = 2_000_000
CALLS_MAX = 60
ABSENT: Any = object()


class Exceeded(Refused):
    """An expression asked for more than it may have: too many rounds, or calls within calls."""


class Run:
    """One line's evaluation: rounds made, calls within calls, and the time it is taken to be."""

    __slots__ = ("at", "depth", "steps")

    def __init__(self, at: datetime | None = None) -> None:
        self.steps = 0
        self.depth = 0
        self.at = at

    def step(self, count: int = 1) -> None:
        """Count rounds of a loop; too many end the evaluation."""
        self.steps += count
        if self.steps > STEPS_MAX:
            raise Exceeded(f"More than {STEPS_MAX:,} rounds; make the loop or list shorter.")

    def call(self, function: Callable[..., Value], *values: Value) -> Value:
        """Call a function that may call others, to a bounded depth."""
        self.depth += 1
        if self.depth > CALLS_MAX:
            raise Exceeded(f"More than {CALLS_MAX} calls within calls; the function never comes to an end.")
        self.step()
        try:
            return function(*values)
        finally:
            self.depth -= 1


class Scope:
    """Names and their values, and what lies beneath them."""

    __slots__ = ("run", "under", "values")

    def __init__(self, values: Mapping[str, Value], run: Run, under: Scope | None = None) -> None:
        self.values = values
        self.run = run
        self.under = under

    def find(self, name: str) -> Value:
        """A name's value, the nearest first; null where there is none."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.values.get(name, ABSENT)
            if found is not ABSENT:
                return found
            scope = scope.under
        return None

    def within(self, values: Mapping[str, Value]) -> Scope:
        """A scope with more names on top of this one."""
        return Scope(values, self.run, self)


Step = Callable[[Scope], Value]
"""A compiled expression: its value within a scope."""
