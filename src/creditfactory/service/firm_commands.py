"""The commands ``creditfactory firms …``: small firms known by their invoices, imported, listed, measured."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from creditfactory.kernel import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = "creditfactory firms import sme-invoices"


def add_arguments(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The three acts, each with an example."""
    brought = _act(acts, "import", _run_import, EXAMPLE, "read firms and invoices from a folder, compute every label")
    brought.add_argument("folder", type=Path, metavar="DIR", help="the folder with the four Parquet and two CSV files")
    listed = _act(acts, "list", _run_list, "creditfactory firms list", "print each imported firm as a JSON line")
    for parser in (brought, listed):
        parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (CREDITFACTORY_DATA, or your own)")
    measured = _act(
        acts, "measure", _run_measure, "creditfactory firms measure sme-invoices",
        "how well each figure by itself tells the firms that defaulted (AUC)",
    )  # fmt: skip
    measured.add_argument("folder", type=Path, metavar="DIR", help="the folder with the four Parquet and two CSV files")
    tied = _act(
        acts, "ties", _run_ties, "creditfactory firms ties sme-invoices",
        "how well defaults among firms with the same customers and suppliers tell a firm's own",
    )  # fmt: skip
    tied.add_argument("folder", type=Path, metavar="DIR", help="the folder with the four Parquet and two CSV files")


def _act(
    acts: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    example: str,
    help: str,
) -> argparse.ArgumentParser:
    parser = acts.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + ".", epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.set_defaults(run=run)
    return parser


def _run_import(arguments: argparse.Namespace) -> int:
    from creditfactory.batches import firms
    from creditfactory.service.installation import Installation

    installation = Installation(arguments.data)
    installation.data_dir.mkdir(parents=True, exist_ok=True)
    about = firms.import_firms(arguments.folder, installation.data_dir)
    print(json.dumps(asdict(about), ensure_ascii=False))
    print(
        f"{about.firms} firms with {about.invoices:,} invoices of {about.from_on} to {about.to_on}: {about.labels}"
        f" labels each, in {about.seconds_reading + about.seconds_labels:.1f} s. See them on the page Firms.",
        file=sys.stderr,
    )
    return 0


def _run_list(arguments: argparse.Namespace) -> int:
    from creditfactory.batches import firms
    from creditfactory.service.installation import Installation

    data_dir = Installation(arguments.data).data_dir
    if firms.read_about(data_dir) is None:
        raise Refused(f"No firms have been imported into {data_dir}. Do it with: {EXAMPLE}")
    for row in firms.read_part(data_dir, "firms").iter_rows(named=True):
        print(json.dumps(row, ensure_ascii=False))
    return 0


def _run_measure(arguments: argparse.Namespace) -> int:
    from creditfactory.batches import firms

    print(json.dumps(firms.measure_singles(arguments.folder), ensure_ascii=False))
    return 0


def _run_ties(arguments: argparse.Namespace) -> int:
    from creditfactory.batches import firm_ties

    print(json.dumps(firm_ties.measure_ties(arguments.folder), ensure_ascii=False))
    return 0
