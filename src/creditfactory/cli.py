"""The command ``creditfactory``: one door for people at a terminal and for other programs.

Results go to stdout as JSON, words for people to stderr. Exit 0: done; 1: refused for a stated reason; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import creditfactory
from creditfactory.kernel import BadInput, CreditFactoryError

DONE, REFUSED = 0, 1
PACE_MAX = 1_000_000
STAYING = ("demo", "serve", "work")
"""Commands that stay until they are told to stop, and print no results."""
COMPILING = ("decide", "backtest", "labels", "cards", "history", "replay", "eod", "network")
"""Commands that may be the first to compile the kernels."""
SBA_EXAMPLE = "creditfactory history import sba sba_7a_30k.parquet --from 1995 --to 2006 --limit 2000"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every refusal is one clear sentence, never a trace."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        arguments = build_parser().parse_args(argv)
    except KeyboardInterrupt:
        return 130
    run: Callable[[argparse.Namespace], int | None] = arguments.run
    if sys.stdout is None and arguments.command not in STAYING:
        _say("stdout is closed, and the results would be lost; give it a file or a pipe.")
        return REFUSED
    try:
        if arguments.command in COMPILING:
            from creditfactory.service.compiling import announce_compiling

            announce_compiling()
        code = run(arguments) or DONE
        if sys.stdout is not None:
            sys.stdout.flush()
    except CreditFactoryError as error:
        _say(str(error))
        return REFUSED
    except BrokenPipeError:
        _let_stdout_go()
        return REFUSED
    except OSError as error:
        _let_stdout_go()
        _say(f"{error.filename or 'stdout'}: {error.strerror or error}.")
        return REFUSED
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # a fault of ours: still one sentence
        if os.environ.get("CREDITFACTORY_TRACE"):
            raise
        _say(f"A fault in the program itself ({type(error).__name__}). CREDITFACTORY_TRACE=1 shows where; report it.")
        return REFUSED
    return code


def _let_stdout_go() -> None:
    """Nobody reads any more, or nothing fits: what is left unwritten must not fail a second time at the exit."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def build_parser() -> argparse.ArgumentParser:
    """Every command with an example of its own."""
    parser = argparse.ArgumentParser(
        prog="creditfactory", description="A data-driven credit factory for loans to micro and small businesses.",
        epilog="example:\n  creditfactory demo\n  creditfactory decide docs/examples/cn-micro-approve.json --trace",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"creditfactory {creditfactory.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_running(commands)
    _add_deciding(commands)
    _add_rulebook(commands)
    _add_history(commands)
    from creditfactory.lab import commands as lab_commands
    from creditfactory.service import card_commands, card_learning_commands

    cards = _group(
        commands, "cards", help="build and validate scorecards",
        example="creditfactory cards build loans.parquet --target default --out cards/shop/v001",
    )  # fmt: skip
    kinds_of_cards = cards.add_subparsers(dest="cards_command", required=True, metavar="build|validate|export|import")
    lab_commands.add_arguments(kinds_of_cards)
    card_commands.add_arguments(kinds_of_cards)
    card_learning_commands.add_arguments(kinds_of_cards)
    from creditfactory.service import backtest_commands, firm_commands, partner_commands

    firms = _group(commands, "firms", help="small firms known by their invoices", example=firm_commands.EXAMPLE)
    firm_commands.add_arguments(firms.add_subparsers(dest="act", metavar="ACT", required=True))
    partners = _group(
        commands, "partners", help="keys with which outside systems sign their requests",
        example="creditfactory partners add harbour --tenant demo --role broker --rights decide",
    )  # fmt: skip
    partner_commands.add_arguments(partners.add_subparsers(dest="act", metavar="ACT", required=True))
    backtest_commands.add_arguments(
        _group(commands, "backtest", help="try a rulebook on past applicants", example=backtest_commands.EXAMPLE)
    )
    from creditfactory.service import identity_commands

    people = _group(
        commands, "identity", help="papers, camera and faces read on this machine",
        example="creditfactory identity serve --port 8120 --keys keys.json",
    )  # fmt: skip
    identity_commands.add_arguments(people.add_subparsers(dest="act", metavar="ACT", required=True))
    from creditfactory.world import commands as world_commands

    world = _group(
        commands, "world", help="make a simulated market, or let it live",
        example="creditfactory world make --count 1000 | creditfactory decide -",
    )  # fmt: skip
    world_commands.add_arguments(world)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    *,
    help: str,
    example: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + ".",
        epilog=f"example:\n  {example}", formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.set_defaults(run=run)
    return parser


def _group(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, *, help: str, example: str
) -> argparse.ArgumentParser:
    """A command that only holds others."""
    return commands.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + ".",
        epilog=f"example:\n  {example}", formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _read_port(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65_536:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a port from 1 to 65535")


def _read_count(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a whole number from 1 up")


def _read_pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = math.nan
    if 0 < pace <= PACE_MAX:
        return pace
    raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a number above 0, up to {PACE_MAX:,}")


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a day like 2026-11-23") from None


def _add_running(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = _command(
        commands, "demo", _run_demo, help="run a whole factory with a simulated market on this machine",
        example="creditfactory demo --port 8000 --speed 60",
    )  # fmt: skip
    serve = _command(
        commands, "serve", _run_serve, help="run database, workers and web, without a simulated market",
        example="creditfactory serve --host 0.0.0.0 --port 8000 --workers 2",
    )  # fmt: skip
    for parser in (demo, serve):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=_read_port, default=8000, help="port to listen on (8000)")
        parser.add_argument("--workers", type=_read_count, default=1, metavar="N", help="worker processes (1)")
        parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (CREDITFACTORY_DATA, or your own)")
    demo.add_argument("--speed", type=_read_pace, default=60.0, help="simulated seconds a second (60)")
    demo.add_argument("--rate", type=_read_pace, default=40.0, help="applications a simulated hour (40)")
    demo.add_argument("--seed", type=int, default=7, help="draws the market; same seed, same people (7)")
    work = _command(
        commands, "work", _run_work, help="run one more worker against a database that is there",
        example="DATABASE_URL=postgresql://… creditfactory work --concurrency 4",
    )  # fmt: skip
    work.add_argument("--concurrency", type=_read_count, default=2, metavar="N", help="jobs at a time (2)")
    eod = _command(
        commands, "eod", _run_eod, help="close a business day: arrears, early warning, the next business date",
        example="creditfactory eod --tenant demo --on 2026-11-23",
    )  # fmt: skip
    eod.add_argument("--tenant", default="demo", metavar="CODE", help="the factory (demo)")
    eod.add_argument("--on", type=_read_day, metavar="DATE", help="the day to close (its business date)")


def _add_deciding(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    decide = _command(
        commands, "decide", _run_decide, help="decide on dossiers, one JSON document or one a line; no database",
        example="creditfactory decide docs/examples/cn-micro-approve.json --trace",
    )  # fmt: skip
    decide.add_argument("file", nargs="?", default="-", metavar="FILE", help="dossier JSON or JSON Lines; - is stdin")
    decide.add_argument("--rulebook", metavar="DIR", help="the rulebook's folder (the pack the dossier names)")
    decide.add_argument("--trace", action="store_true", help="say what every rule, card and engine read and gave")
    decide.add_argument("--what-would-change", action="store_true",
                        help="add the smallest changes that would lead to an offer or a lighter lane")  # fmt: skip
    decide.add_argument(
        "--engine", choices=("score", "fraud", "limit", "product"), help="ask one of the four engines alone"
    )
    schedule = _command(
        commands, "schedule", _run_schedule, help="draw repayment schedules from loan terms, JSON Lines",
        example="""echo '{"principal_cents": 25000000, "annual_rate": "0.18", "instalments": 36, \
"method": "equal_instalment", "disbursed_on": "2026-01-15"}' | creditfactory schedule""",
    )  # fmt: skip
    schedule.add_argument("file", nargs="?", default="-", metavar="FILE", help="terms as JSON Lines; - is stdin")
    labels = _group(
        commands,
        "labels",
        help="list, explain, compute and count labels",
        example="creditfactory labels explain queries_3m",
    )
    from creditfactory.service import label_commands

    label_commands.add_arguments(
        labels.add_subparsers(dest="labels_command", required=True, metavar="list|explain|compute|report")
    )


def _add_rulebook(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rulebook = _group(
        commands, "rulebook", help="check and lock a rulebook",
        example="creditfactory rulebook check rulebook/cn-micro",
    )  # fmt: skip
    kinds = rulebook.add_subparsers(dest="rulebook_command", required=True, metavar="KIND")
    check = _command(
        kinds, "check", _run_rulebook_check, help="check every file of a rulebook, run its cases, and score them",
        example="creditfactory rulebook check rulebook/cn-micro",
    )  # fmt: skip
    check.add_argument("--no-mutation", action="store_true", help="do not change the rulebook to score its cases")
    lock = _command(
        kinds, "lock", _run_rulebook_lock, help="write the hashes of a rulebook's files",
        example="creditfactory rulebook lock rulebook/cn-micro",
    )  # fmt: skip
    for parser in (check, lock):
        parser.add_argument("folder", type=Path, metavar="DIR")
    from creditfactory.service import exchange_commands

    exchange_commands.add_arguments(kinds)
    from creditfactory.service import publishing_commands

    publishing_commands.add_arguments(kinds)
    publishing_commands.add_replay(commands)
    from creditfactory.service import bureau_commands, compliance_commands, network_commands

    compliance_commands.add_compliance(commands)
    bureau_commands.add_bureau(commands)
    network_commands.add_network(commands)


def _add_history(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    history = _group(commands, "history", help="run real past loans through the line", example=SBA_EXAMPLE)
    kinds = history.add_subparsers(dest="history_command", required=True, metavar="import")
    importing = _group(kinds, "import", help="import past loans", example=SBA_EXAMPLE)
    sources = importing.add_subparsers(dest="history_source", required=True, metavar="sba")
    sba = _command(
        sources, "sba", _run_history_sba, help="run past SBA 7(a) loans through the line, in the order of approval",
        example=SBA_EXAMPLE,
    )  # fmt: skip
    sba.add_argument("path", type=Path, metavar="PATH", help="the public file, as Parquet")
    sba.add_argument("--from", dest="fy_from", type=int, metavar="FY", help="first fiscal year")
    sba.add_argument("--to", dest="fy_to", type=int, metavar="FY", help="last fiscal year")
    sba.add_argument("--limit", type=_read_count, metavar="N", help="so many, spread evenly over those years")
    sba.add_argument("--until", type=_read_day, metavar="DATE", help="stop the clock here (the file's last day)")
    sba.add_argument("--tenant", default="us-sba", metavar="CODE", help="the factory to import into (us-sba)")
    sba.add_argument("--workers", type=_read_count, default=2, metavar="N", help="worker processes (2)")
    sba.add_argument("--data", type=Path, metavar="DIR", help="data folder (CREDITFACTORY_DATA, or your own)")


def _say(words: str) -> None:
    if sys.stderr is not None:
        print(words, file=sys.stderr, flush=True)


def _run_demo(arguments: argparse.Namespace) -> int:
    from creditfactory.service import running

    return running.run_demo(
        host=arguments.host, port=arguments.port, workers=arguments.workers, data_dir=arguments.data,
        speed=arguments.speed, rate=arguments.rate, seed=arguments.seed, say=_say,
    )  # fmt: skip


def _run_serve(arguments: argparse.Namespace) -> int:
    from creditfactory.service import running

    return running.run_serve(
        host=arguments.host, port=arguments.port, workers=arguments.workers, data_dir=arguments.data, say=_say
    )


def _run_work(arguments: argparse.Namespace) -> int:
    from creditfactory.service import running

    return running.run_worker(arguments.concurrency)


def _run_eod(arguments: argparse.Namespace) -> int:
    from creditfactory.service import running

    print(json.dumps(running.close_business_day(arguments.tenant, arguments.on)))
    return DONE


def _run_decide(arguments: argparse.Namespace) -> int:
    from creditfactory.service import deciding

    return deciding.run_decide(
        arguments.file, arguments.rulebook, with_trace=arguments.trace, say=_say, engine=arguments.engine,
        what_would_change=arguments.what_would_change,
    )  # fmt: skip


def _run_schedule(arguments: argparse.Namespace) -> int:
    from creditfactory.service import deciding

    return deciding.run_schedule(arguments.file, say=_say)


def _run_rulebook_check(arguments: argparse.Namespace) -> int:
    from creditfactory.service import deciding

    return deciding.run_rulebook_check(arguments.folder, say=_say, mutation=not arguments.no_mutation)


def _run_rulebook_lock(arguments: argparse.Namespace) -> int:
    from creditfactory.gateways import rulebook

    if not (arguments.folder / "pack.yaml").is_file():
        raise BadInput(place=str(arguments.folder), found="no pack.yaml", expected="the folder of a rulebook")
    rulebook.write_lock(arguments.folder)
    _say(f"Wrote {arguments.folder / 'rulebook.lock'}.")
    return DONE


def _run_history_sba(arguments: argparse.Namespace) -> int:
    from creditfactory.service import importing

    report = importing.import_sba(
        arguments.path, fy_from=arguments.fy_from, fy_to=arguments.fy_to, limit=arguments.limit,
        until=arguments.until, tenant_code=arguments.tenant, workers=arguments.workers, data_dir=arguments.data,
        say=_say,
    )  # fmt: skip
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
