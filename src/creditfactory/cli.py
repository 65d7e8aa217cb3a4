"""The command ``creditfactory``: one door for people at a terminal and for other programs.

Results go to stdout as JSON, words for people to stderr. Exit 0: done; 1: refused for a stated reason; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import creditfactory
from creditfactory.kernel import CreditFactoryError
from creditfactory.service.logs import set_up_logging

DONE, REFUSED = 0, 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every refusal is one clear sentence, never a trace."""
    set_up_logging()
    arguments = build_parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int | None] = arguments.run
    try:
        return run(arguments) or DONE
    except CreditFactoryError as error:
        print(f"{error}", file=sys.stderr)
        return REFUSED
    except BrokenPipeError:
        sys.stderr.close()
        return REFUSED
    except KeyboardInterrupt:
        return 130


def build_parser() -> argparse.ArgumentParser:
    """Every command with an example of its own."""
    parser = argparse.ArgumentParser(
        prog="creditfactory", description="A data-driven credit factory for loans to micro and small businesses."
    )
    parser.add_argument("--version", action="version", version=f"creditfactory {creditfactory.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_running(commands)
    _add_deciding(commands)
    _add_rulebook(commands)
    _add_history(commands)
    from creditfactory.lab import commands as lab_commands

    cards = commands.add_parser("cards", help="build and validate scorecards")
    lab_commands.add_arguments(cards)
    from creditfactory.world import commands as world_commands

    world = commands.add_parser("world", help="make a simulated market, or let it live")
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
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="worker processes (1)")
        parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (CREDITFACTORY_DATA, or your own)")
    demo.add_argument("--speed", type=float, default=60.0, help="simulated seconds a second (60)")
    demo.add_argument("--rate", type=float, default=40.0, help="applications a simulated hour (40)")
    demo.add_argument("--seed", type=int, default=7, help="draws the market; same seed, same people (7)")
    work = _command(
        commands, "work", _run_work, help="run one more worker against a database that is there",
        example="DATABASE_URL=postgresql://… creditfactory work --concurrency 4",
    )  # fmt: skip
    work.add_argument("--concurrency", type=int, default=2, metavar="N", help="jobs at a time (2)")
    eod = _command(
        commands, "eod", _run_eod, help="close a business day: arrears, early warning, the next business date",
        example="creditfactory eod --tenant demo --on 2026-11-23",
    )  # fmt: skip
    eod.add_argument("--tenant", default="demo", metavar="CODE", help="the factory (demo)")
    eod.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day to close (its business date)")


def _add_deciding(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    decide = _command(
        commands, "decide", _run_decide, help="decide on dossiers, one JSON document or one a line; no database",
        example="creditfactory decide docs/examples/cn-micro.json --trace",
    )  # fmt: skip
    decide.add_argument("file", nargs="?", default="-", metavar="FILE", help="dossier JSON or JSON Lines; - is stdin")
    decide.add_argument("--rulebook", metavar="DIR", help="the rulebook's folder (the pack the dossier names)")
    decide.add_argument("--trace", action="store_true", help="say what every rule read and every card gave")
    schedule = _command(
        commands, "schedule", _run_schedule, help="draw repayment schedules from loan terms, JSON Lines",
        example="""echo '{"principal_cents": 25000000, "annual_rate": "0.18", "instalments": 36, \
"method": "equal_instalment", "disbursed_on": "2026-01-15"}' | creditfactory schedule""",
    )  # fmt: skip
    schedule.add_argument("file", nargs="?", default="-", metavar="FILE", help="terms as JSON Lines; - is stdin")
    labels = commands.add_parser("labels", help="look into the label catalogue")
    kinds = labels.add_subparsers(dest="labels_command", required=True, metavar="list|explain")
    listing = _command(
        kinds, "list", _run_labels_list, help="list the labels, one JSON line each",
        example="creditfactory labels list --pack cn-micro --count",
    )  # fmt: skip
    listing.add_argument("--pack", default="cn-micro", help="the pack whose labels to list (cn-micro)")
    listing.add_argument("--count", action="store_true", help="only say how many")
    explain = _command(
        kinds, "explain", _run_labels_explain, help="say what a label means and where it comes from",
        example="creditfactory labels explain queries_3m",
    )  # fmt: skip
    explain.add_argument("name", metavar="NAME")


def _add_rulebook(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rulebook = commands.add_parser("rulebook", help="check and lock a rulebook")
    kinds = rulebook.add_subparsers(dest="rulebook_command", required=True, metavar="check|lock")
    check = _command(
        kinds, "check", _run_rulebook_check, help="check every file of a rulebook and run its cases",
        example="creditfactory rulebook check rulebook/cn-micro",
    )  # fmt: skip
    lock = _command(
        kinds, "lock", _run_rulebook_lock, help="write the hashes of a rulebook's files",
        example="creditfactory rulebook lock rulebook/cn-micro",
    )  # fmt: skip
    for parser in (check, lock):
        parser.add_argument("folder", type=Path, metavar="DIR")


def _add_history(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    history = commands.add_parser("history", help="run real past loans through the line")
    kinds = history.add_subparsers(dest="history_command", required=True, metavar="import")
    importing = kinds.add_parser("import", help="import past loans")
    sources = importing.add_subparsers(dest="history_source", required=True, metavar="sba")
    sba = _command(
        sources, "sba", _run_history_sba, help="run past SBA 7(a) loans through the line, in the order of approval",
        example="creditfactory history import sba sba_7a_30k.parquet --from 1995 --to 2006 --limit 2000",
    )  # fmt: skip
    sba.add_argument("path", type=Path, metavar="PATH", help="the public file, as Parquet")
    sba.add_argument("--from", dest="fy_from", type=int, metavar="FY", help="first fiscal year")
    sba.add_argument("--to", dest="fy_to", type=int, metavar="FY", help="last fiscal year")
    sba.add_argument("--limit", type=int, metavar="N", help="so many, spread evenly over those years")
    sba.add_argument(
        "--until", type=date.fromisoformat, metavar="DATE", help="stop the clock here (the file's last day)"
    )
    sba.add_argument("--tenant", default="us-sba", metavar="CODE", help="the factory to import into (us-sba)")
    sba.add_argument("--workers", type=int, default=2, metavar="N", help="worker processes (2)")
    sba.add_argument("--data", type=Path, metavar="DIR", help="data folder (CREDITFACTORY_DATA, or your own)")


def _say(words: str) -> None:
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
    import os

    from creditfactory.service import worker

    os.environ["CREDITFACTORY_WORKER_CONCURRENCY"] = str(arguments.concurrency)
    worker.main()
    return DONE


def _run_eod(arguments: argparse.Namespace) -> int:
    from creditfactory.service import running

    print(json.dumps(running.close_business_day(arguments.tenant, arguments.on)))
    return DONE


def _run_decide(arguments: argparse.Namespace) -> int:
    from creditfactory.service import deciding

    return deciding.run_decide(arguments.file, arguments.rulebook, with_trace=arguments.trace, say=_say)


def _run_schedule(arguments: argparse.Namespace) -> int:
    from creditfactory.service import deciding

    return deciding.run_schedule(arguments.file, say=_say)


def _run_labels_list(arguments: argparse.Namespace) -> int:
    from creditfactory import labels

    found = labels.list_labels(arguments.pack)
    if arguments.count:
        print(len(found))
        return DONE
    for label in found:
        print(json.dumps(labels.explain_label(label.name), ensure_ascii=False, default=list))
    return DONE


def _run_labels_explain(arguments: argparse.Namespace) -> int:
    from creditfactory import labels

    print(json.dumps(labels.explain_label(arguments.name), ensure_ascii=False, default=list, indent=2))
    return DONE


def _run_rulebook_check(arguments: argparse.Namespace) -> int:
    from creditfactory.service import deciding

    return deciding.run_rulebook_check(arguments.folder, say=_say)


def _run_rulebook_lock(arguments: argparse.Namespace) -> int:
    from creditfactory.gateways import rulebook

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
