"""The identity party on this machine: papers, camera and faces read offline, in a process that a vendor can replace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from creditfactory.gateways.identity_local.model_files import list_missing
from creditfactory.kernel import Misconfigured

if TYPE_CHECKING:
    from creditfactory.gateways.identity_local.answering import Office

__all__ = ["list_missing", "open_office", "open_server"]


def open_office(state: Path | None = None, *, on: date | None = None) -> Office:
    """The engines behind the contract's questions; without the extra, what to install."""
    missing = list_missing()
    if missing:
        raise Misconfigured(
            f"The identity engines are not installed here ({', '.join(missing)}); run `make identity` once."
        )
    from creditfactory.gateways.identity_local.answering import Office

    return Office(state, on=on)


def open_server(port: int, secrets: Mapping[str, str], *, state: Path | None, on: date | None) -> ThreadingHTTPServer:
    """The signed counter in front of the engines, ready to serve."""
    office = open_office(state, on=on)
    from creditfactory.gateways.identity_local.serving import build_server

    return build_server(port, office, secrets)
