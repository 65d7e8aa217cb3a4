"""The command ``creditfactory world``: make a market's dossiers and its truth, or let its people and parties live."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from creditfactory.world.applications import make_application, make_dossier, make_past_applicant
from creditfactory.world.market import load_market
from creditfactory.world.population import Person, make_person

FORMS = ("dossier", "application", "truth", "population")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the kinds of this command; each sets ``run``."""
    kinds = parser.add_subparsers(dest="world_command", required=True, metavar="make|run")
    make = kinds.add_parser(
        "make", help="write a market's dossiers, submissions, truth or past applicants, one JSON line each",
        epilog="example:\n  creditfactory world make --count 1000 | creditfactory decide -",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    make.add_argument("--form", choices=FORMS, default="dossier", help="what to write of each applicant (dossier)")
    make.add_argument("--count", type=int, default=100, metavar="N", help="how many applicants (100)")
    make.add_argument("--first", type=int, default=0, metavar="N", help="number of the first applicant (0)")
    make.add_argument("--out", type=Path, metavar="FILE", help="file to write (stdout)")
    make.set_defaults(run=run_make)
    run = kinds.add_parser(
        "run", help="let outside parties and people live against a factory that runs",
        epilog="example:\n  creditfactory world run --url http://127.0.0.1:8000 --keys keys.json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    run.add_argument("--url", required=True, help="the factory's web address")
    run.add_argument("--keys", required=True, help="JSON file {key id: secret}")
    run.add_argument("--port", type=int, default=8100, help="port of the outside parties (8100)")
    run.add_argument("--rate", type=float, default=12.0, help="applications in a simulated hour (12)")
    run.add_argument("--state", metavar="DIR", help="folder that keeps what was accepted over a restart")
    run.set_defaults(run=run_live)
    for kind in (make, run):
        kind.add_argument("--market", default="cn-micro", help="a market's name or a YAML file (cn-micro)")
        kind.add_argument("--tactics", help="a tactics file, or the name of one of this world's own (docs/world.md)")
        kind.add_argument("--seed", type=int, default=7, help="same seed, same people (7)")
        kind.add_argument("--speed", type=float, default=60.0, help=argparse.SUPPRESS)


def run_make(arguments: argparse.Namespace) -> int:
    """Write so many applicants; the same seed writes the same lines."""
    market = load_market(arguments.market, tactics=arguments.tactics)
    out = arguments.out.open("w", encoding="utf-8") if arguments.out else sys.stdout
    try:
        for index in range(arguments.first, arguments.first + arguments.count):
            if arguments.form == "truth":
                person = make_person(market, arguments.seed, index)
                row = {"reference": person.reference, **asdict(person.truth), **_tell_role(person)}
            elif arguments.form == "application":
                row = make_application(market, arguments.seed, index)
            elif arguments.form == "population":
                row = make_past_applicant(market, arguments.seed, index)
            else:
                row = make_dossier(market, arguments.seed, index)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    finally:
        if arguments.out:
            out.close()
    return 0


def _tell_role(person: Person) -> dict[str, str | None]:
    """The part that an applicant plays, where there are tactics."""
    if person.role is None:
        return {}
    group = person.role.group
    return {"tactic": None if group is None else group.make, "gang": person.role.gang_name}


def run_live(arguments: argparse.Namespace) -> int:
    """Start the parties and the people as processes of their own; end both when told to, or when one of them ends."""
    common = ["--keys", arguments.keys, "--seed", str(arguments.seed), "--market", arguments.market]
    common += ["--speed", str(arguments.speed), *(["--tactics", arguments.tactics] if arguments.tactics else [])]
    load_market(arguments.market, tactics=arguments.tactics)
    kept = ["--state", arguments.state] if arguments.state else []
    parties = [*_module("parties"), *common, "--port", str(arguments.port), "--callback", arguments.url, *kept]
    kept = ["--state", str(Path(arguments.state) / "people.jsonl")] if arguments.state else []
    people = [*_module("people"), *common, "--url", arguments.url, "--rate", str(arguments.rate), *kept]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    living = [subprocess.Popen(words) for words in (parties, people)]
    while not stop.wait(0.2):
        if any(process.poll() is not None for process in living):
            break
    for process in living:
        process.terminate()
    codes = [process.wait() for process in living]
    return 0 if stop.is_set() else max(codes)


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", f"creditfactory.world.{name}"]
