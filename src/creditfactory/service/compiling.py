"""One line for whoever waits: kernels are compiled once on each machine, and that would otherwise be silence."""

from __future__ import annotations

import sys
from contextlib import suppress

from numba.core import event

SAID = "Preparing the compiled kernels for this machine; that is done once and takes about half a minute."


class _SayOnce(event.Listener):
    """Says on the error stream that something is being compiled, the first time in a process that it is."""

    def __init__(self) -> None:
        self.has_said = False

    def on_start(self, event: event.Event) -> None:
        """Something begins to be compiled; what is read from the cache does not come by here."""
        if not self.has_said and sys.stderr is not None:
            self.has_said = True
            print(SAID, file=sys.stderr, flush=True)

    def on_end(self, event: event.Event) -> None:
        """It is done."""


_LISTENER = _SayOnce()


def announce_compiling() -> None:
    """From now on the first compilation of this process is announced; asked again, nothing is said twice."""
    with suppress(KeyError, ValueError):
        event.unregister("numba:compile", _LISTENER)
    event.register("numba:compile", _LISTENER)
