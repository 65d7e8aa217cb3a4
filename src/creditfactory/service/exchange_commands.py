"""``creditfactory rulebook evaluate``: models of other houses asked line by line."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from creditfactory.gateways import dmn
from creditfactory.kernel import BadInput

Kinds = "argparse._SubParsersAction[argparse.ArgumentParser]"
Say = Callable[[str], None]

_EVALUATE = """example:
  echo '{"Age": 18}' | creditfactory rulebook evaluate model.dmn --decision Routing
  creditfactory rulebook evaluate model.dmn --all applications.jsonl > answers.jsonl
"""


def add_arguments(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``evaluate`` under ``creditfactory rulebook``; the choice lands in ``run``."""
    evaluate = kinds.add_parser(
        "evaluate", help="evaluate a DMN model on JSON Lines of inputs", epilog=_EVALUATE,
        description="Evaluate a DMN model (1.1 to 1.5) on JSON Lines of inputs; one JSON object of results a line.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    evaluate.add_argument("model", type=Path, metavar="MODEL.dmn", help="the model, DMN 1.1 to 1.5")
    evaluate.add_argument("file", nargs="?", default="-", metavar="FILE", help="inputs as JSON Lines; - is stdin")
    asked = evaluate.add_mutually_exclusive_group()
    asked.add_argument("--decision", metavar="NAME", help="the decision to make (the model's only top decision)")
    asked.add_argument("--all", action="store_true", help="make every decision of the model")
    evaluate.add_argument("--at", type=_read_moment, metavar="TIME", help="what now() and today() are (the time now)")
    evaluate.set_defaults(run=_run_evaluate)


def _read_moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text[:40]!r}, expected a time like 2026-11-23T10:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _run_evaluate(arguments: argparse.Namespace) -> int:
    return evaluate(
        arguments.model, arguments.file, decision=arguments.decision, is_all=arguments.all,
        at=arguments.at or datetime.now(UTC), say=_say,
    )  # fmt: skip


def evaluate(path: Path, file: str, *, decision: str | None, is_all: bool, at: datetime | None, say: Say) -> int:
    """Print a line of results for each line of inputs; exit 1 where any could not be decided."""
    model = dmn.Model(dmn.read_model_file(path))
    names = model.decisions if is_all else (model.choose(decision),)
    if not names:
        raise BadInput(place=str(path), found="no decision", expected="a model with decisions")
    for fault in dmn.check_decisions(model, names):
        say(fault)
    evaluator = dmn.Evaluator(model, names, is_all=is_all, at=at, say=say)
    for result in evaluator.evaluate(_read_lines(file)):
        sys.stdout.write(result + "\n")
    if evaluator.failed:
        say(f"{evaluator.failed:,} could not be evaluated; see the lines with an error.")
    return 1 if evaluator.failed else 0


def _read_lines(name: str) -> Iterator[str]:
    """The lines of a file or of stdin, as UTF-8."""
    try:
        if name == "-":
            if sys.stdin is None:
                raise BadInput(place=name, found="a closed stdin", expected="JSON Lines of inputs")
            stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="strict")
            yield from stream
            stream.detach()
            return
        with Path(name).open(encoding="utf-8-sig") as opened:
            yield from opened
    except UnicodeDecodeError:
        raise BadInput(place=name, found="bytes that are not UTF-8", expected="JSON Lines in UTF-8") from None
    except OSError as fault:
        raise BadInput(place=name, found=fault.strerror or "no such file", expected="JSON Lines of inputs") from None


def _say(words: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(words + "\n")
