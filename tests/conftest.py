"""What holds for every test: nobody is asked but this machine, and the longest journeys set out first."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Properties are judged by what they find, never by the clock. CI draws the same examples each time, a desk new ones.
settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("unhurried")

LONGEST_FIRST = ("test_history_kill.py", "test_history_sba.py", "/journeys/", "/browser/", "/properties/")
LOOPBACK_NAMES = ("localhost", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long before short, files kept together, so that no core waits for the other at the end."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((number for number, part in enumerate(LONGEST_FIRST) if part in path), len(LONGEST_FIRST))

    items.sort(key=place)


class AskedOutside(AssertionError):
    """A test tried to reach another machine."""


def is_loopback(address: object) -> bool:
    """Whether an address given to ``connect`` is this machine's own: a socket file, ``localhost``, 127.x or ::1."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def no_other_machine() -> Iterator[None]:
    """Every socket but loopback's is refused, with the address that was asked."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        plain = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: object, plain: object = plain) -> object:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address):
                raise AskedOutside(f"a test asked {address}; tests ask nobody but this machine")
            return plain(self, address)  # type: ignore[operator]

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()
