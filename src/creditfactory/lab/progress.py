"""How far long work has come: a bar on a terminal, one line a step where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]
Step = Callable[[int, int, str], None]
"""So many of so many steps are done; in words what comes next."""


def stay_silent(done: int, total: int, what: str) -> None:
    """Nobody is told."""


def say_plainly(sentence: str) -> None:
    """A sentence on standard error."""
    print(sentence, file=sys.stderr)


@contextmanager
def show_progress() -> Iterator[tuple[Say, Step]]:
    """A way to say sentences and one to tell steps, both on standard error, so that standard output stays JSON."""
    if not sys.stderr.isatty():
        yield say_plainly, _TenLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        shown = bar.add_task("", total=None)
        yield (
            lambda sentence: console.print(sentence),
            lambda done, total, what: bar.update(shown, completed=done, total=total, description=what),
        )


class _TenLines:
    """At most about ten lines, however many steps there are; few steps are not told at all."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, done: int, total: int, what: str) -> None:
        tenth = 10 * done // total if total else 0
        if total >= 20 and tenth > self.told:
            print(f"{done:,} of {total:,}: {what}", file=sys.stderr)
        self.told = tenth
