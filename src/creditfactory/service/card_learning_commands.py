"""``creditfactory cards watch`` and ``cards refresh``: a card looked at on new outcomes, and learning from them."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Both acts, each with an example."""
    watch = commands.add_parser(
        "watch", help="drift, discrimination and calibration of a card on new outcomes, and why they moved",
        epilog="example:\n  creditfactory cards watch cards/shop/v001 newer-loans.parquet --time approved_on",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    refresh = commands.add_parser(
        "refresh", help="add new outcomes to what a card knows, solve it again, run the gates, write the next version",
        epilog="example:\n  creditfactory cards refresh cards/shop/v001 newer-loans.parquet --time approved_on \\\n"
        "      --half-life 24 --out cards/shop/v002",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    for parser, data in ((watch, "CSV or Parquet with outcomes"), (refresh, "CSV or Parquet with new outcomes alone")):
        parser.add_argument("card", type=Path, metavar="DIR", help="the card's folder")
        parser.add_argument("data", type=Path, metavar="DATA", help=data)
        parser.add_argument("--target", metavar="COL", help="the outcome column (the card's own target)")
        parser.add_argument("--weight", metavar="COL", help="how many applicants each row stands for")
        parser.add_argument("--time", metavar="COL", help="the day of each row: figures and counts by month")
    watch.add_argument("--segment", metavar="COL", help="tell the figures for each value of this column")
    watch.set_defaults(run=run_watch)
    refresh.add_argument("--out", type=Path, metavar="DIR", help="the new folder (the next version beside the card)")
    holdout = refresh.add_mutually_exclusive_group()
    holdout.add_argument("--holdout-from", type=date.fromisoformat, metavar="DATE", help="judge on this day and later")
    holdout.add_argument("--holdout", type=float, metavar="SHARE", help="judge on the newest share (else by folds)")
    forgetting = refresh.add_mutually_exclusive_group()
    forgetting.add_argument("--forget-months", type=int, metavar="N", help="what is N months old no longer counts")
    forgetting.add_argument("--half-life", type=float, metavar="N", help="after N months an outcome counts half")
    refresh.add_argument(
        "--key", metavar="COL", help="whose outcome a row is (the card's own): nobody is counted twice"
    )
    refresh.add_argument("--protected", default="", metavar="A,B", help="columns to judge fairness by; never read")
    refresh.set_defaults(run=run_refresh)


def run_watch(arguments: argparse.Namespace) -> int:
    """Print the figures, and against the card's own sample the explanation, as one JSON line."""
    from creditfactory import lab, scoring

    card = scoring.read_card(lab.read_card_json(arguments.card), place=str(arguments.card))
    frame = lab.read_frame(arguments.data)
    lab.check_columns(frame, card.labels, arguments.target or card.target, arguments.weight, arguments.time)
    if arguments.segment:
        lab.check_columns(frame, (), arguments.segment)
    window = lab.open_window(
        card, frame, target=arguments.target or card.target, weight=arguments.weight, days=arguments.time
    )
    reference = lab.find_reference(arguments.card)
    segments = {}
    if arguments.segment:
        scored = scoring.score_frame(card, frame).is_not_null()
        segments = {arguments.segment: frame.filter(scored).get_column(arguments.segment).to_list()}
    told: dict[str, Any] = {"card": card.name, "version": card.version}
    told |= lab.tell_watch(window, reference, segments=segments)
    told["explanation"] = None
    if reference is not None:
        why = lab.explain(window, reference).as_json()
        told["explanation"] = why
        print(why["words"]["en"], file=sys.stderr)
    else:
        print(
            f"{arguments.card} has no reference.json.gz: what moved since its own sample is not told", file=sys.stderr
        )
    print(json.dumps(told, ensure_ascii=False, allow_nan=False))
    return 0


def _warn_of_months(parent: Any, days: Any) -> None:
    """Months that the card has counted already are named: an outcome in both would count twice."""
    again = sorted(set(days.cast(str).str.slice(0, 7).drop_nulls()) & set(parent.months))
    if again:
        print(
            f"look twice: {', '.join(again)} counted already; outcomes the card has learnt from would count twice",
            file=sys.stderr,
        )


def run_refresh(arguments: argparse.Namespace) -> int:
    """Refresh, run the gates, write the next version where all are passed; the gates are printed either way."""
    from creditfactory import lab

    parent = lab.read_parent(arguments.card)
    out: Path = arguments.out or arguments.card.resolve().parent / lab.next_version(parent.plan.version)
    lab.check_new_folder(out)
    protected = tuple(name for name in arguments.protected.split(",") if name)
    frame = lab.read_frame(arguments.data)
    data_sha256 = lab.hash_file(arguments.data)
    key = arguments.key or parent.plan.key
    target = arguments.target or parent.plan.target
    asked = [c["label"] for c in parent.card["characteristics"]]
    lab.check_columns(frame, (*asked, *protected), target, arguments.weight, arguments.time, key)
    whole = frame.height
    frame = parent.drop_learnt(frame, key, data_sha256=data_sha256, place=str(arguments.data))
    if frame.height < whole:
        print(f"{whole - frame.height:,} rows counted already, left out", file=sys.stderr)
    if arguments.time is not None and parent.learnt is None:
        _warn_of_months(parent, frame.get_column(arguments.time))
    fresh, held = frame, None
    if arguments.holdout_from is not None or arguments.holdout is not None:
        fresh, held = lab.split_newest(
            frame,
            time=arguments.time,
            holdout_from=arguments.holdout_from,
            share=0.3 if arguments.holdout is None else arguments.holdout,
        )
    judged = "in folds" if held is None else f"on {held.height:,}"
    print(f"{arguments.data.name}: learning from {fresh.height:,} rows, judged {judged}", file=sys.stderr)
    refreshed = lab.refresh_card(
        parent, fresh, held, target=target, weight=arguments.weight, time=arguments.time, protected=protected,
        forgetting=lab.Forgetting(months=arguments.forget_months, half_life=arguments.half_life),
        version=out.resolve().name, data_sha256=data_sha256, key=key,
    )  # fmt: skip
    for gate in refreshed.gates:
        said = {True: "yes", False: "NO", None: "nobody can say"}[gate.passed]
        print(f"{said}: {gate.words['en']}: {gate.figure} (bar {gate.bar})", file=sys.stderr)
    if refreshed.has_passed:
        lab.write_card(refreshed.built, out)
        print(f"card written to {out}; a second person signs it with the rulebook", file=sys.stderr)
    else:
        print("nothing written: a gate said no", file=sys.stderr)
    print(json.dumps(refreshed.summary(), ensure_ascii=False, allow_nan=False))
    return 0 if refreshed.has_passed else 1
