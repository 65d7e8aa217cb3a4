"""``creditfactory cards build`` and ``cards validate``: data in, a signed-off-able card folder or its figures out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from creditfactory.kernel import BadInput, CreditFactoryError
from creditfactory.lab.artefact import check_new_folder, read_card_json, write_card
from creditfactory.lab.binning import SHAPES, BinningRules, Shape
from creditfactory.lab.cards import METHODS, BuiltCard, CardPlan, build_card, validate_card
from creditfactory.lab.class_tables import tabulate_classes
from creditfactory.lab.counts import read_counts
from creditfactory.lab.progress import show_progress
from creditfactory.lab.sample import check_names, draw_sample, hash_file, read_frame
from creditfactory.lab.steadiness import Steadiness
from creditfactory.scoring import NUMBER_LIMIT

_EXAMPLE_BUILD = """example:
  creditfactory cards build loans.parquet --target default --weight weight --exclude loan_number,term \\
      --time approved_on --holdout-from 2005-01-01 --shape employees=up --special "*=-1,-2" --steady 0.25 \\
      --out cards/shop/v001
"""
_EXAMPLE_VALIDATE = """example:
  creditfactory cards validate cards/shop/v001 newer-loans.parquet --target default
"""
_EXAMPLE_CLASSES = """example:
  creditfactory cards classes cards/shop/v001 loans.parquet --time approved_on --out classes.csv
"""


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Set up ``build``, ``validate`` and ``classes`` under ``creditfactory cards``; the choice lands in ``run``."""
    _add_build(commands)
    _add_reading(commands)


def _add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    build_parser = commands.add_parser(
        "build",
        help="build a card from past applicants with known outcomes",
        epilog=_EXAMPLE_BUILD,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    build_parser.add_argument("data", type=Path, metavar="DATA", help="CSV or Parquet, one applicant a row")
    build_parser.add_argument("--target", required=True, metavar="COL", help="the outcome: 1 bad, 0 good")
    build_parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder to write the card into")
    build_parser.add_argument("--exclude", default="", metavar="A,B", help="columns the card must not read")
    build_parser.add_argument("--weight", metavar="COL", help="how many applicants each row stands for")
    build_parser.add_argument("--time", metavar="COL", help="the day of each row, for a holdout by day")
    holdout = build_parser.add_mutually_exclusive_group()
    holdout.add_argument("--holdout-from", type=date.fromisoformat, metavar="DATE", help="hold out this day and later")
    holdout.add_argument("--holdout", type=float, default=0.3, metavar="SHARE", help="share held out by chance (0.3)")
    build_parser.add_argument(
        "--shape", action="append", default=[], metavar="NAME=SHAPE", help=f"points must go {', '.join(SHAPES)}"
    )
    build_parser.add_argument(
        "--special",
        action="append",
        default=[],
        metavar="NAME=N,N",
        help="numbers that are codes; *=N,N for every number",
    )
    build_parser.add_argument(
        "--steady", type=float, metavar="SHARE",
        help="join classes whose order or size does not keep in more than this share of the months (needs --time)",
    )  # fmt: skip
    build_parser.add_argument("--method", choices=METHODS, default="logistic", help="how points are found")
    build_parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="draws the holdout; same seed, same card"
    )
    build_parser.add_argument("--name", default=None, help="the card's name (the folder's parent)")
    build_parser.add_argument("--key", metavar="COL", help="whose outcome a row is: a refresh counts nobody twice")
    build_parser.add_argument(
        "--strict", action="store_true", help="exit 1 where a column knows too much or the holdout does not bear it out"
    )
    build_parser.set_defaults(run=_run_build)


def _add_reading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    validate_parser = commands.add_parser(
        "validate",
        help="judge a card on new data",
        epilog=_EXAMPLE_VALIDATE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    validate_parser.add_argument("card", type=Path, metavar="DIR", help="the card's folder")
    validate_parser.add_argument("data", type=Path, metavar="DATA", help="CSV or Parquet with the card's labels")
    validate_parser.add_argument("--target", metavar="COL", help="the outcome column (the card's own target)")
    validate_parser.add_argument("--weight", metavar="COL", help="how many applicants each row stands for")
    validate_parser.set_defaults(run=_run_validate)
    tables = commands.add_parser(
        "classes",
        help="what each class of a card tells on data, in all and by month: WOE, IV, divergence, KS, PSI",
        epilog=_EXAMPLE_CLASSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tables.add_argument("card", type=Path, metavar="DIR", help="the card's folder")
    tables.add_argument("data", type=Path, metavar="DATA", help="CSV or Parquet with the card's labels")
    tables.add_argument("--target", metavar="COL", help="the outcome column (the card's own target)")
    tables.add_argument("--weight", metavar="COL", help="how many applicants each row stands for")
    tables.add_argument("--time", metavar="COL", help="the day of each row, to tell months apart")
    tables.add_argument("--out", type=Path, metavar="FILE", help="a new CSV file (else one JSON line for each row)")
    tables.set_defaults(run=_run_classes)


def build(
    data: Path | str,
    *,
    target: str,
    out: Path | str,
    exclude: Sequence[str] = (),
    weight: str | None = None,
    time: str | None = None,
    holdout_from: date | None = None,
    holdout: float = 0.3,
    shapes: Sequence[str] = (),
    method: str = "logistic",
    seed: int = 0,
    name: str | None = None,
    special: Sequence[str] = (),
    steady: float | None = None,
    strict: bool = False,
    key: str | None = None,
) -> int:
    """Build a card from a file, write its folder, print its figures as one JSON line; 0 done, 1 refused with why.

    ``strict`` ends with 1 where there is a grave doubt about the card; the folder is written all the same, for a look.
    """
    path, folder = Path(data), Path(out)
    try:
        check_new_folder(folder)
        plan = CardPlan(
            target=target,
            name=name or folder.resolve().parent.name or "card",
            version=folder.resolve().name,
            exclude=tuple(exclude),
            weight=weight,
            time=time,
            holdout_from=holdout_from,
            holdout_share=holdout,
            shapes=read_shapes(shapes),
            special=read_special(special),
            rules=BinningRules(steadiness=read_steadiness(steady, time)),
            method=method,
            seed=seed,
            key=key,
        )
        frame = read_frame(path)
        _say(f"{path.name}: {frame.height:,} rows, {len(frame.columns)} columns")
        with show_progress() as (_say_beside, step):
            built = build_card(frame, plan, data_sha256=hash_file(path), step=step)
        write_card(built, folder)
    except CreditFactoryError as failure:
        return _refuse(failure)
    is_doubtful = tell_doubts(built)
    for label, why in sorted(built.left_out.items()):
        _say(f"left out {label}: {why}")
    _say(f"card written to {folder}")
    print(json.dumps(built.summary(), ensure_ascii=False, allow_nan=False))
    return 1 if strict and is_doubtful else 0


def tell_doubts(built: BuiltCard) -> bool:
    """Say on stderr what to look at twice; whether any of it is grave."""
    for alarm in built.warnings:
        _say(f"{'GRAVE' if alarm.is_grave else 'look twice'}: {alarm.says}")
    return any(alarm.is_grave for alarm in built.warnings)


def validate(card: Path | str, data: Path | str, *, target: str | None = None, weight: str | None = None) -> int:
    """Judge a card on a file, print its figures as one JSON line; 0 done, 1 refused with why."""
    try:
        place = Path(card)
        figures = validate_card(
            read_card_json(place), read_frame(Path(data)), target=target, weight=weight, place=str(place)
        )
    except CreditFactoryError as failure:
        return _refuse(failure)
    print(json.dumps(figures, ensure_ascii=False, allow_nan=False))
    return 0


def classes(
    card: Path, data: Path, *, target: str | None, weight: str | None, time: str | None, out: Path | None
) -> int:
    """Tell what each class of a card shows on a file, in all and by month; 0 done, 1 refused with why."""
    try:
        if out is not None and out.exists():
            raise BadInput(place=str(out), found="a file that is there already", expected="a new file")
        told = read_card_json(card)
        asked = [c["label"] for c in told["characteristics"]]
        frame = read_frame(data)
        check_names(asked, frame.columns, place="labels the card asks for")
        sample = draw_sample(frame, target=target or told["target"], weight=weight, time=time, only=asked)
        counted = read_counts(card)
        table = tabulate_classes(sample, [c for c in counted.classes if c.label in sample.kinds and c.label in asked])
        if out is not None:
            table.with_columns(pl.col(pl.String).str.replace(r"^([=+@\t\r-])", "'$1")).write_csv(out)
    except CreditFactoryError as failure:
        return _refuse(failure)
    if out is None:
        print(table.write_ndjson(), end="")
    else:
        _say(f"{table.height:,} rows written to {out}")
        print(json.dumps({"rows": table.height, "out": str(out)}, ensure_ascii=False))
    return 0


def read_shapes(asked: Sequence[str]) -> dict[str, Shape]:
    """The shapes asked for, ``NAME=up|down|peak|valley``.

    >>> read_shapes(["employees=up"])
    {'employees': 'up'}
    """
    shapes: dict[str, Shape] = {}
    for one in asked:
        label, equals, shape = one.partition("=")
        if not equals or not label or shape not in SHAPES:
            raise BadInput(place="--shape", found=repr(one), expected=f"NAME={'|'.join(SHAPES)}")
        shapes[label] = shape
    return shapes


def read_special(asked: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """The numbers that are codes, ``NAME=N,N``.

    >>> read_special(["*=-1,-2", "overdue_days=999"])
    {'*': (-1, -2), 'overdue_days': (999,)}
    """
    special: dict[str, tuple[float, ...]] = {}
    for one in asked:
        label, equals, numbers = one.partition("=")
        try:
            found = [float(number) for number in numbers.split(",")]
        except ValueError:
            found = []
        if not equals or not label or not found or not all(abs(number) <= NUMBER_LIMIT for number in found):
            raise BadInput(place="--special", found=repr(one), expected="NAME=N,N, or *=N,N for every number")
        special[label] = tuple(int(n) if n == int(n) else n for n in found)
    return special


def read_steadiness(share: float | None, time: str | None) -> Steadiness | None:
    """What classes must keep from month to month; a share that is none, or no days to tell months by, is refused."""
    if share is None:
        return None
    if not 0 <= share < 1:
        raise BadInput(place="--steady", found=repr(share), expected="a share of the months from 0 to below 1")
    if time is None:
        raise BadInput(place="--steady", found="no time column", expected="the time column named as well")
    return Steadiness(months_max=share)


def _run_build(args: argparse.Namespace) -> int:
    return build(
        args.data,
        target=args.target,
        out=args.out,
        exclude=[name for name in args.exclude.split(",") if name],
        weight=args.weight,
        time=args.time,
        holdout_from=args.holdout_from,
        holdout=args.holdout,
        shapes=args.shape,
        method=args.method,
        seed=args.seed,
        name=args.name,
        special=args.special,
        steady=args.steady,
        strict=args.strict,
        key=args.key,
    )


def _run_validate(args: argparse.Namespace) -> int:
    return validate(args.card, args.data, target=args.target, weight=args.weight)


def _run_classes(args: argparse.Namespace) -> int:
    return classes(args.card, args.data, target=args.target, weight=args.weight, time=args.time, out=args.out)


def _refuse(failure: CreditFactoryError) -> int:
    print(f"creditfactory cards: {failure}", file=sys.stderr)
    return 1


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
