"""The commands ``creditfactory identity …``: papers, camera and faces read on this machine, with no one asked."""

from __future__ import annotations

import argparse
import base64
import json
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from creditfactory.kernel import BadInput, Refused

PORT = 8120
PAPERS = ("id_card_front", "id_card_back", "licence")


def add_arguments(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The two acts, each with an example."""
    serve = kinds.add_parser(
        "serve", help="answer the identity contract on this machine",
        description="Answer the identity contract's five questions at a signed counter, until it is ended.",
        epilog="example:\n  creditfactory identity serve --port 8120 --keys keys.json --state ~/identity",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    serve.add_argument(
        "--port", type=int, default=PORT, help=f"the port of this machine's own address ({PORT}; 0: any)"
    )
    serve.add_argument("--keys", required=True, metavar="FILE", help="JSON file {key id: secret} of who may ask")
    serve.add_argument(
        "--state", type=Path, metavar="DIR", help="where digests of seen pictures are kept (memory only)"
    )
    serve.set_defaults(run=run_serve)
    read = kinds.add_parser(
        "read", help="read one photographed paper",
        description="Read one photographed paper and print what it says, as JSON. Nothing is kept.",
        epilog="example:\n  creditfactory identity read card.jpg --paper id_card_front",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    read.add_argument("file", type=Path, metavar="FILE", help="a JPEG or PNG")
    read.add_argument("--paper", choices=PAPERS, required=True, help="which paper it is meant to be")
    read.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day it is judged on (today)")
    read.set_defaults(run=run_read)


def read_keys(path: str) -> dict[str, str]:
    """Secrets by key id from a JSON file."""
    file = Path(path)
    try:
        found = json.loads(file.read_text("utf-8"))
    except OSError:
        raise BadInput(
            place="--keys", found=f"no readable file {file}", expected="a JSON file {key id: secret}"
        ) from None
    except ValueError:
        raise BadInput(place=str(file), found="something that is not JSON", expected="{key id: secret}") from None
    if not isinstance(found, dict) or not found or not all(isinstance(v, str) and v for v in found.values()):
        raise BadInput(place=str(file), found="something else", expected="an object of key ids and secrets as text")
    return found


def run_serve(arguments: argparse.Namespace) -> int:
    """Serve until told to end; the address is the first line on stdout."""
    from creditfactory.gateways import identity_local

    keys = read_keys(arguments.keys)
    if not 0 <= arguments.port <= 65_535:
        raise BadInput(place="--port", found=str(arguments.port), expected="a port from 0 to 65535")
    on = datetime.now(UTC).date()
    try:
        server = identity_local.open_server(arguments.port, keys, state=arguments.state, on=on)
    except OSError as error:
        raise Refused(f"Port {arguments.port} cannot be had: {error.strerror}.") from None

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    url = f"http://127.0.0.1:{server.server_address[1]}/identity"
    print(json.dumps({"url": url}), flush=True)
    print(f"Identity is answered at {url}; end it with Ctrl-C.", file=sys.stderr)
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


def run_read(arguments: argparse.Namespace) -> int:
    """Print one paper's reading; 1 where it could not be read."""
    from creditfactory import gateways
    from creditfactory.gateways import identity_local
    from creditfactory.gateways.identity import PaperRequest

    try:
        content = arguments.file.read_bytes()
    except OSError:
        raise BadInput(place="FILE", found=f"no readable file {arguments.file}", expected="a JPEG or PNG") from None
    now = datetime.now(UTC)
    at = now if arguments.on is None else datetime(arguments.on.year, arguments.on.month, arguments.on.day, tzinfo=UTC)
    office = identity_local.open_office()
    reading = office.read_paper(
        PaperRequest(
            application="by-hand", asked_at=at, paper=arguments.paper, image=base64.b64encode(content).decode()
        )
    )
    print(gateways.dump_value(reading))
    return 1 if reading.verdict == "unreadable" else 0
