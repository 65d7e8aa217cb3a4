"""The commands ``creditfactory labels …``: the catalogue listed, one label explained with an example, all computed."""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creditfactory.kernel import BadInput, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable

    from creditfactory import labels
    from creditfactory.application import Dossier

YEAR_MIN, YEAR_MAX = 1900, 2200
EXAMPLE = "creditfactory labels explain bank__sale__sum_cents__90d"


def add_arguments(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The kinds of this command, each with an example."""
    listing = _kind(
        kinds, "list", run_list, "list the labels, one JSON line each",
        "creditfactory labels list --pack cn-micro --count\n  creditfactory labels list --search 回款 --family bank",
    )  # fmt: skip
    listing.add_argument("--pack", default="cn-micro", help="the pack whose labels to list (cn-micro)")
    listing.add_argument("--count", action="store_true", help="only say how many")
    listing.add_argument("--family", metavar="CODE", help="only the labels of one family, such as bank")
    listing.add_argument("--search", metavar="WORDS", help="only labels with these words in name or meaning")
    listing.add_argument("--informative", action="store_true", help="only labels that tell something (docs/labels.md)")
    explain = _kind(
        kinds, "explain", run_explain, "say what a label means, where it comes from, and show it computed", EXAMPLE
    )
    explain.add_argument("name", metavar="NAME")
    compute = _kind(
        kinds, "compute", run_compute, "compute a dossier's labels from what was known at an instant",
        "creditfactory labels compute dossier.json --only 'bank__sale__*__90d'",
    )  # fmt: skip
    compute.add_argument("file", nargs="?", default="-", metavar="FILE", help="a dossier as JSON; - is stdin")
    compute.add_argument("--as-of", metavar="INSTANT", help="look from this instant, ISO 8601 (the last thing known)")
    compute.add_argument("--only", metavar="PATTERN", help="only labels of this pattern, such as 'bank__sale__*'")
    report = _kind(
        kinds, "report", run_report, "count the labels that carry information on reference populations",
        "creditfactory labels report --people 1500 --out docs/labels.md",
    )  # fmt: skip
    report.add_argument("--people", type=int, default=1_500, metavar="N", help="applicants of the market (1500)")
    report.add_argument("--seed", type=int, default=20_261_122, metavar="N", help="the market's seed (20261122)")
    report.add_argument("--tactics", default="building", metavar="FILE", help="who comes to the market (building)")
    report.add_argument("--invoices", type=Path, metavar="DIR", help="a folder of real firms' invoices")
    report.add_argument("--out", type=Path, metavar="FILE", help="write the page here, and what was counted out")


def _kind(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    help: str,
    example: str,
) -> argparse.ArgumentParser:
    parser = kinds.add_parser(
        name, help=help, description=help[0].upper() + help[1:] + ".", epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.set_defaults(run=run)
    return parser


def run_list(arguments: argparse.Namespace) -> int:
    """The labels asked for, or their number."""
    from creditfactory import labels
    from creditfactory.service import label_report

    found: tuple[labels.Label, ...] = labels.list_labels(arguments.pack)
    if not found:
        raise UnknownName(place="--pack", found=repr(arguments.pack), expected="a pack with labels, such as cn-micro")
    if arguments.family is not None:
        families = sorted({label.family for label in found if label.family})
        if arguments.family not in families:
            wanted = "one of " + ", ".join(families)
            raise UnknownName(place="--family", found=repr(arguments.family), expected=wanted)
        found = tuple(label for label in found if label.family == arguments.family)
    if arguments.search is not None:
        wanted = arguments.search.casefold().split()
        found = tuple(label for label in found if all(word in _written(label) for word in wanted))
    if arguments.informative:
        found = label_report.leave_out(found)
    if arguments.count:
        print(len(found))
        return 0
    for label in found:
        print(json.dumps(asdict(label), ensure_ascii=False))
    return 0


def _written(label: labels.Label) -> str:
    return " ".join((label.name, *label.meaning.values())).casefold()


def run_report(arguments: argparse.Namespace) -> int:
    """The labels that carry information, by family, with all others named."""
    from creditfactory.service import label_report

    return label_report.run_report(arguments, say=lambda words: print(words, file=sys.stderr, flush=True))


def run_explain(arguments: argparse.Namespace) -> int:
    """One label: its declaration, its way from the dossier, and an example computed here and now."""
    from creditfactory import labels
    from creditfactory.service import reference_applicants

    label = labels.explain_label(arguments.name)
    told: dict[str, Any] = asdict(label)
    told["lineage"] = asdict(labels.trace_label(label.name))
    if label.name in labels.CATALOGUE:
        told["example"] = reference_applicants.show_example(label)
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def run_compute(arguments: argparse.Namespace) -> int:
    """Every label of one dossier, unknown ones with the reason why."""
    from creditfactory import gateways, labels
    from creditfactory.gateways import rulebook

    dossier = gateways.read_dossier(_read_bytes(arguments.file))
    as_of = _read_instant(arguments.as_of, dossier)
    pack = rulebook.load_rulebook(dossier.pack, locked=False)
    taken = labels.compute(
        dossier, series=rulebook.load_series(dossier.pack), as_of=as_of,
        parameters=pack.at(dossier.applied_on).parameters,
    )  # fmt: skip
    facts = taken.facts.as_dict() if isinstance(taken.facts, labels.Facts) else dict(taken.facts)
    if arguments.only is not None:
        facts = {name: value for name, value in facts.items() if fnmatch.fnmatchcase(name, arguments.only)}
        if not facts:
            raise UnknownName(
                place="--only", found=repr(arguments.only), expected="a pattern that some label's name has"
            )
    unknown = {name: taken.why_missing[name] for name, value in facts.items() if value is None}
    told = {
        "reference": dossier.reference,
        "as_of": as_of.isoformat(),
        "labels": {name: value for name, value in facts.items() if value is not None},
        "unknown": unknown,
    }
    print(json.dumps(told, ensure_ascii=False))
    return 0


def _read_bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as fault:
        raise BadInput(place=name, found=fault.strerror or "a fault", expected="a file that can be read") from None


def _read_instant(written: str | None, dossier: Dossier) -> datetime:
    """The instant asked for; without one the last at which something was added to the dossier."""
    if written is None:
        return max([dossier.applied_at, *(evidence.obtained_at for evidence in dossier.evidence)])
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadInput(
            place="--as-of", found=repr(written[:40]), expected="an instant with its zone, as 2026-03-01T10:00:00+08:00"
        )
    if not YEAR_MIN <= at.year <= YEAR_MAX:
        raise BadInput(place="--as-of", found=written[:40], expected=f"a year from {YEAR_MIN} to {YEAR_MAX}")
    return at.astimezone(UTC)
