"""``creditfactory backtest``: try a rulebook on a population; figures as JSON to stdout, words to stderr."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from creditfactory import backtest
from creditfactory.kernel import BadInput, UnknownName

EXAMPLE = """creditfactory backtest past.parquet --rulebook rulebook/cn-micro --against old/cn-micro --out report.html
  creditfactory backtest sba_7a_30k.parquet --rulebook rulebook/us-sba --out sba.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set up the parser of ``creditfactory backtest``."""
    parser.add_argument("data", type=Path, metavar="DATA",
                        help="Parquet or CSV of labels, JSON Lines of dossiers, or the SBA file")  # fmt: skip
    parser.add_argument("--rulebook", required=True, metavar="DIR", help="the rulebook that decides")
    parser.add_argument("--against", metavar="DIR", help="another rulebook to compare with: the one before")
    parser.add_argument("--engine", choices=("polars", "spark"), default="polars", help="where it runs (polars)")
    parser.add_argument("--on", metavar="DATE", help="decide every row by the rules of this day (each row's own day)")
    parser.add_argument(
        "--against-on", metavar="DATE", help="the other rulebook's day, to compare two days of one pack"
    )
    parser.add_argument("--segment", metavar="COL", help="a column whose groups are told apart")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write a report to read, as one HTML file")
    parser.add_argument("--sample-twin", type=int, default=200, metavar="N",
                        help="rows of each chunk that are decided one by one as well (200)")  # fmt: skip
    parser.add_argument(
        "--optimise",
        metavar="LIMITS",
        help="find the cut-offs that earn most within limits, such as bad_rate<=0.04,visits_per_day<=40",
    )
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the cut-offs found as a tier table (CSV)")
    parser.set_defaults(run=run)  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Run the back-test; refused, with why, where it cannot be trusted or read."""
    from creditfactory.batches import backtesting

    if arguments.sample_twin < 1:
        raise BadInput(place="--sample-twin", found=str(arguments.sample_twin), expected="a whole number from 1 up")
    if arguments.against_on and not arguments.against:
        raise BadInput(place="--against-on", found="no --against", expected="the rulebook whose day this is")
    _check_writing(arguments)
    plan = backtesting.Plan(
        rulebook=arguments.rulebook, against=arguments.against, on=_read_day(arguments.on),
        against_on=_read_day(arguments.against_on, "--against-on"),
        segment=arguments.segment, twins=arguments.sample_twin, place=str(arguments.data),
        limits=backtest.read_ceilings(arguments.optimise) if arguments.optimise is not None else (),
    )  # fmt: skip
    run = backtesting.run_chunks
    if arguments.engine == "spark":
        from creditfactory.batches import on_spark

        run = on_spark.run_chunks
    summary = backtesting.run_backtest(read_frames(arguments.data, plan), plan, tell=_say, run=run)
    if arguments.table is not None and "proposal" in summary:
        arguments.table.write_text(summary["proposal"]["table"] + "\n", encoding="utf-8")
        _say(f"cut-offs written to {arguments.table}: a draft, to be checked and signed by somebody else")
    if arguments.out is not None:
        from creditfactory.batches.backtest_report import write_report

        write_report(summary, arguments.out)
        _say(f"report written to {arguments.out}")
    print(json.dumps(summary, ensure_ascii=False, allow_nan=False))
    return 0


def read_frames(path: Path, plan: Any) -> Iterator[pl.DataFrame]:
    """The population in chunks, its columns in the types that rules read."""
    from creditfactory.batches import backtesting
    from creditfactory.gateways import populations

    rulebook = backtesting.load(plan.rulebook)
    is_first = True
    for frame in populations.read_population(path, rulebook, rows=backtesting.CHUNK_ROWS, on=plan.on):
        if is_first:
            _warn(frame, plan, rulebook)
            is_first = False
        yield backtest.tidy_population(frame, rulebook.declarations, place=str(path))


def _warn(frame: pl.DataFrame, plan: Any, rulebook: Any) -> None:
    for name, meant in backtest.find_strangers(frame.columns, rulebook.declarations).items():
        _say(f"column {name} is no label: did you mean {meant}?")
    if plan.segment is not None and plan.segment not in frame.columns:
        near = get_close_matches(plan.segment, frame.columns, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownName(place="--segment", found=repr(plan.segment), expected=f"a column of the population{hint}")
    if plan.segment is not None and (frame.schema[plan.segment].is_nested() or frame.schema[plan.segment] == pl.Binary):
        raise BadInput(place="--segment", found=f"{plan.segment}, whose values are no words or numbers",
                       expected="a column with one word or number a row")  # fmt: skip


def _check_writing(arguments: argparse.Namespace) -> None:
    """Say at once, and not after the whole run, that what was asked for cannot be written."""
    if arguments.table is not None and arguments.optimise is None:
        raise BadInput(place="--table", found="no --optimise", expected="limits to find the cut-offs within")
    for option, path in (("--out", arguments.out), ("--table", arguments.table)):
        if path is None:
            continue
        if path.is_dir():
            raise BadInput(place=option, found=f"the folder {path}", expected="a file to write")
        if not path.parent.is_dir():
            raise BadInput(place=option, found=f"no folder {path.parent}", expected="a file in a folder that is there")


def _read_day(text: str | None, place: str = "--on") -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(place=place, found=repr(text), expected="a day like 2026-11-23") from None


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
