"""``creditfactory cards document``: the model document of a card as one page for a browser, or as a PDF."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from creditfactory.kernel import BadInput, CreditFactoryError

FORMS = (".html", ".pdf")


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The one act, with an example."""
    document = commands.add_parser(
        "document", help="write the model document of a card, in Chinese or English, as HTML or PDF",
        epilog="example:\n  creditfactory cards document rulebook/us-sba/cards/sba_default/v007 --language zh"
        " --out sba-v007.pdf",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    document.add_argument("card", type=Path, metavar="DIR", help="the card's folder")
    document.add_argument("--language", choices=("zh", "en"), default="en", help="Chinese or English (en)")
    document.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file, .html or .pdf")
    document.add_argument("--comparison", type=Path, metavar="FILE", help="the JSON that cards compare wrote: fairness")
    document.set_defaults(run=run_document)


def run_document(arguments: argparse.Namespace) -> int:
    """Write the document and say so as one JSON line; nothing is written over."""
    from creditfactory import lab, labels

    out: Path = arguments.out
    if out.suffix not in FORMS:
        raise BadInput(place="--out", found=str(out), expected="a new file that ends in .html or .pdf")
    if out.exists():
        raise BadInput(place="--out", found=f"{out}, which is there already", expected="a new file")
    folder = lab.read_folder(arguments.card)
    around = find_surroundings(arguments.card, read_fairness(arguments.comparison))
    asked = [label for label in folder.card.labels if label in labels.CATALOGUE]
    units = {label: labels.CATALOGUE[label].unit for label in asked}
    meanings = {label: labels.CATALOGUE[label].meaning for label in asked}
    document = lab.build_document(folder, lab.Voice(arguments.language, around.currency, units, meanings), around)
    size = write_document(document, out)
    print(f"Wrote {out}.", file=sys.stderr)
    print(json.dumps({"card": folder.card.name, "version": folder.card.version, "language": arguments.language,
                      "sections": len(document.sections), "bytes": size}))  # fmt: skip
    return 0


def write_document(document: Any, out: Path) -> int:
    """Write a document in the form that the file's name asks for; returns its size."""
    from creditfactory import lab

    body = lab.write_pdf(document) if out.suffix == ".pdf" else lab.write_html(document).encode()
    out.parent.mkdir(parents=True, exist_ok=True)
    return out.write_bytes(body)


def find_surroundings(folder: Path, fairness: Any = None) -> Any:
    """What the pack around the folder adds: its reasons' words and its currency; a folder alone has neither."""
    from creditfactory import gateways, lab

    pack = folder.resolve().parents[2]
    if not (pack / "pack.yaml").is_file():
        return lab.Surroundings(fairness=fairness)
    try:
        rulebook = gateways.load_rulebook(pack, locked=False)
    except CreditFactoryError as fault:
        print(f"The pack around the card cannot be read, so reasons stand as codes: {fault}", file=sys.stderr)
        return lab.Surroundings(fairness=fairness)
    return lab.Surroundings(reasons=tell_reasons(rulebook), currency=rulebook.currency, fairness=fairness)


def tell_reasons(rulebook: Any) -> dict[str, Any]:
    """A rulebook's reasons by code, as the document takes them."""
    return {code: {"borrower": r.borrower, "staff": r.staff} for code, r in rulebook.reasons.items()}


def read_fairness(place: Path | None) -> Any:
    """The figures by protected group of a comparison's JSON; none where no file is named."""
    if place is None:
        return None
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BadInput(
            place=str(place), found=str(fault)[:120], expected="the JSON that cards compare wrote"
        ) from fault
    fairness = told.get("fairness") if isinstance(told, dict) else None
    if not isinstance(fairness, dict):
        raise BadInput(place=str(place), found="no fairness", expected="a comparison made with --protected")
    return fairness
