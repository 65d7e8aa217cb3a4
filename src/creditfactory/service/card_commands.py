"""``creditfactory cards export``, ``import``, ``compare`` and ``cost``: handed on, taken in, challenged, paid for."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from creditfactory.kernel import BadInput
from creditfactory.service import card_document

FORMS = ("pmml", "json", "xlsx")


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """All acts, each with an example."""
    export = commands.add_parser(
        "export", help="write a card for others: PMML scorecard, JSON, or an Excel workbook to read and sign",
        epilog="example:\n  creditfactory cards export rulebook/us-sba/cards/sba_default/v007 "
        "--to pmml --out card.pmml",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    export.add_argument("card", type=Path, metavar="DIR", help="the card's folder")
    export.add_argument("--to", choices=FORMS, default="pmml", help="PMML 4.4, JSON, or an Excel workbook (pmml)")
    export.add_argument("--out", type=Path, metavar="FILE", help="where to write it (PMML, JSON: standard output)")
    export.set_defaults(run=run_export)
    take = commands.add_parser(
        "import", help="read a PMML scorecard into a card's folder",
        epilog="example:\n  creditfactory cards import a.pmml --pdo 20 --base-points 600 --base-odds 30 --out new/v001",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    take.add_argument("file", type=Path, metavar="FILE", help="a PMML file with one Scorecard")
    take.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to make; it must not exist")
    for name, what in (("pdo", "points that double the odds"), ("base-points", "points at the base odds"),
                       ("base-odds", "good to bad at the base points")):  # fmt: skip
        take.add_argument(f"--{name}", type=float, metavar="N", help=f"{what}, for a file that has no calibration")
    take.set_defaults(run=run_import)
    make = commands.add_parser(
        "make", help="build a pack's cards anew from the public data they state",
        epilog="example:\n  creditfactory cards make rulebook/tw-cards --data ../shared/data",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    make.add_argument("pack", type=Path, metavar="DIR", help="the pack; its cards are written into it")
    make.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder that holds the data sets")
    make.add_argument("--strict", action="store_true", help="exit 1 where there is a grave doubt about a card")
    make.set_defaults(run=run_make)
    _add_compare(commands)
    _add_cost(commands)
    card_document.add_arguments(commands)


def _add_cost(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    cost = commands.add_parser(
        "cost", help="what a sample costs, in loans, money and years, that shows a card to be better than a bar",
        epilog="example:\n  creditfactory cards cost --auc 0.70 --better-than 0.65 --bad-rate 0.05 --amount 250000 \\\n"
        "      --loss 0.6 --per-month 240 --months 36",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    asked = {
        "auc": "the AUC the card is thought to have", "better-than": "the AUC it must be shown to beat",
        "bad-rate": "share of loans that fail", "amount": "lent on each",
        "loss": "share of the amount lost on a failed loan", "per-month": "loans lent a month",
    }  # fmt: skip
    for name, what in asked.items():
        cost.add_argument(f"--{name}", type=float, required=True, metavar="N", help=what)
    cost.add_argument("--months", type=int, required=True, metavar="N", help="months until an outcome is known")
    cost.add_argument("--power", type=float, default=0.8, metavar="SHARE", help="the chance to show it wanted (0.8)")
    cost.set_defaults(run=run_cost)


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    compare = commands.add_parser(
        "compare", help="cards beside challengers on one holdout; the best card is proposed, never installed",
        epilog="example:\n  creditfactory cards compare loans.parquet --target default --weight weight \\\n"
        "      --exclude loan_number --time approved_on --holdout-from 2005-01-01 --protected sex --out report.html",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    compare.add_argument("data", type=Path, metavar="DATA", help="CSV or Parquet, one applicant a row")
    compare.add_argument("--target", required=True, metavar="COL", help="the outcome: 1 bad, 0 good")
    compare.add_argument("--exclude", default="", metavar="A,B", help="columns no model may read")
    compare.add_argument("--protected", default="", metavar="A,B", help="columns to judge fairness by; never read")
    compare.add_argument("--weight", metavar="COL", help="how many applicants each row stands for")
    compare.add_argument("--time", metavar="COL", help="the day of each row, for a holdout by day")
    holdout = compare.add_mutually_exclusive_group()
    holdout.add_argument("--holdout-from", type=date.fromisoformat, metavar="DATE", help="hold out this day and later")
    holdout.add_argument("--holdout", type=float, default=0.3, metavar="SHARE", help="share held out by chance (0.3)")
    compare.add_argument("--incumbent", type=Path, metavar="DIR", help="the card in force, which all are measured by")
    compare.add_argument("--schools", default="", metavar="A,B", help="which models to fit (six; ebm needs [lab])")
    compare.add_argument("--folds", type=int, default=5, metavar="N", help="folds of the cross-validation (5)")
    compare.add_argument("--segment", metavar="COL", help="tell the figures for each value of this column")
    compare.add_argument("--approve", type=float, default=0.7, metavar="SHARE", help="approval share compared at (0.7)")
    compare.add_argument("--gain", type=float, default=0.06, metavar="SHARE", help="assumed gain on a good loan (0.06)")
    compare.add_argument("--loss", type=float, default=0.5, metavar="SHARE", help="assumed loss on a bad loan (0.5)")
    compare.add_argument("--amount", metavar="COL", help="what gain and loss are shares of (each loan counts as one)")
    compare.add_argument("--seed", type=int, default=0, metavar="N", help="draws holdout and folds")
    compare.add_argument(
        "--language", choices=("zh", "en"), default="en", help="of the report: Chinese or English (en)"
    )
    compare.add_argument(
        "--out", type=Path, metavar="FILE", help="the report, .html or .pdf; all figures as JSON beside"
    )
    compare.add_argument("--onnx", type=Path, metavar="FILE", help="the best LightGBM challenger, to run elsewhere")
    compare.set_defaults(run=run_compare)


def run_export(arguments: argparse.Namespace) -> int:
    """Write the card in the form asked for; nothing is written over."""
    card = read_card_file(arguments.card)
    if arguments.to == "xlsx" and arguments.out is None:
        raise BadInput(place="--out", found="nothing", expected="a file for the workbook")
    if arguments.out is not None and arguments.out.exists():
        raise BadInput(place=str(arguments.out), found="a file that is there already", expected="a new file")
    if arguments.to == "xlsx":
        from creditfactory.lab import read_folder, write_workbook

        write_workbook(read_folder(arguments.card), arguments.out)
    else:
        text = _write_text(card, arguments)
        if arguments.out is None:
            print(text.decode(), end="")
        else:
            arguments.out.write_bytes(text)
    if arguments.out is not None:
        print(f"Wrote {arguments.out}.", file=sys.stderr)
    return 0


def _write_text(card: dict[str, Any], arguments: argparse.Namespace) -> bytes:
    if arguments.to == "json":
        return (json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
    from creditfactory.gateways.pmml import write_pmml

    return write_pmml(card, place=str(arguments.card))


def run_import(arguments: argparse.Namespace) -> int:
    """Read the PMML, check it as a card, and write its folder whole or not at all."""
    from creditfactory.gateways.pmml import read_pmml

    if not arguments.file.is_file():
        raise BadInput(place=str(arguments.file), found="no such file", expected="a PMML file")
    from creditfactory.lab import check_new_folder, draw_golden, whole_folder

    check_new_folder(arguments.out)
    card = read_pmml(
        arguments.file.read_bytes(), place=str(arguments.file), pdo=arguments.pdo, base_points=arguments.base_points,
        base_odds=arguments.base_odds,
    )  # fmt: skip
    with whole_folder(arguments.out) as place:
        for name, content in (("card.json", card), ("golden.json", {"applicants": draw_golden(card)})):
            text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
            (place / name).write_text(text + "\n", encoding="utf-8")
    print(f"Wrote {arguments.out}.", file=sys.stderr)
    print(
        json.dumps({"card": card["name"], "version": card["version"], "characteristics": len(card["characteristics"])})
    )
    return 0


def run_make(arguments: argparse.Namespace) -> int:
    """Make each card of the pack and print its figures, one JSON line a card."""
    from creditfactory.batches.card_making import make_cards

    is_doubtful = False
    for told in make_cards(arguments.pack, arguments.data):
        for alarm in told["warnings"]:
            word = "GRAVE" if alarm["grave"] else "look twice"
            print(f"{told['card']} {told['version']}: {word}: {alarm['en']}", file=sys.stderr)
            is_doubtful |= alarm["grave"]
        print(json.dumps(told, ensure_ascii=False, allow_nan=False))
    return 1 if arguments.strict and is_doubtful else 0


def run_compare(arguments: argparse.Namespace) -> int:
    """Compare, write the report where asked for, and print the figures as one JSON line; nothing is installed."""
    from creditfactory.lab import (
        SCHOOLS,
        CardPlan,
        ComparePlan,
        Voice,
        check_onnx,
        compare,
        hash_file,
        read_frame,
        report_comparison,
        show_progress,
        write_onnx,
    )

    out: Path | None = arguments.out
    if out is not None:
        for place in (out, out.with_suffix(".json")):
            if place.exists() or out.suffix not in card_document.FORMS:
                raise BadInput(place="--out", found=str(place), expected="a new file that ends in .html or .pdf")
    plan = ComparePlan(
        card=CardPlan(
            target=arguments.target, name="proposed", version="v001", exclude=_split_names(arguments.exclude),
            weight=arguments.weight, time=arguments.time, holdout_from=arguments.holdout_from,
            holdout_share=arguments.holdout, seed=arguments.seed,
        ),
        schools=_split_names(arguments.schools) or SCHOOLS, folds=arguments.folds,
        protected=_split_names(arguments.protected), segment=arguments.segment, approve=arguments.approve,
        gain=arguments.gain, loss=arguments.loss, amount=arguments.amount,
    )  # fmt: skip
    check_onnx(arguments.onnx, plan)
    incumbent = None if arguments.incumbent is None else read_card_file(arguments.incumbent)
    data_sha256 = hash_file(arguments.data)
    with show_progress() as (say, step):
        found = compare(
            read_frame(arguments.data), plan, incumbent=incumbent, data_sha256=data_sha256, say=say, step=step
        )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        voice = Voice(arguments.language)
        title = voice("Cards compared on {data}", data=arguments.data.name)
        card_document.write_document(report_comparison(found, voice, title=title), out)
        whole = json.dumps(found.as_json(), ensure_ascii=False, indent=1, allow_nan=False)
        out.with_suffix(".json").write_text(whole + "\n", encoding="utf-8")
        print(f"Wrote {out} and {out.with_suffix('.json').name}.", file=sys.stderr)
    told = found.summary()
    if arguments.onnx is not None:
        told["onnx"] = write_onnx(found, plan, arguments.onnx, data_sha256=data_sha256)
        print(f"Wrote {arguments.onnx} and {told['onnx']['sheet']}.", file=sys.stderr)
    print(json.dumps(told, ensure_ascii=False, allow_nan=False))
    return 0


def run_cost(arguments: argparse.Namespace) -> int:
    """Print the cost as one JSON line."""
    from creditfactory.lab import cost_sample

    cost = cost_sample(
        auc=arguments.auc, better_than=arguments.better_than, bad_rate=arguments.bad_rate, amount=arguments.amount,
        loss_share=arguments.loss, loans_per_month=arguments.per_month, months_to_outcome=arguments.months,
        power=arguments.power,
    )  # fmt: skip
    print(json.dumps(cost.as_json()))
    return 0


def _split_names(asked: str) -> tuple[Any, ...]:
    return tuple(name for name in asked.split(",") if name)


def read_card_file(place: Path) -> dict[str, Any]:
    """The JSON of a card's folder."""
    from creditfactory.lab import read_card_json

    return read_card_json(place)
