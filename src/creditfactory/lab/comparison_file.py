"""A comparison read back from the file that ``cards compare`` leaves beside its report, to be told on a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from creditfactory.kernel import BadInput
from creditfactory.lab.certainty import Interval
from creditfactory.lab.comparing import Comparison, Standing
from creditfactory.lab.comparison_report import report_comparison
from creditfactory.lab.distilling import DistillingLoss
from creditfactory.lab.judging import Calibration, Judgement
from creditfactory.lab.leakage import Alarm
from creditfactory.lab.saying import Saying
from creditfactory.lab.voice import Voice

NAME = "comparison.json"
"""Where a card's folder holds the comparison that it won, if it holds one."""
NO_PARTS = ("measured_against", "models", "leaks", "distilling", "proposal", "card")


def read_comparison(content: bytes, *, place: str) -> Comparison:
    """The comparison as it was found; a file that does not tell one whole is refused in a sentence.

    >>> read_comparison(b"{}", place="a.json")
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: a.json: found no 'distilling', expected what cards compare wrote as JSON
    """
    expected = "what cards compare wrote as JSON"
    try:
        told = json.loads(content, parse_constant=_read_figure, parse_float=_read_figure)
        found = _read(told)
        for language in ("en", "zh"):
            report_comparison(
                found, Voice(language), title=place
            )  # told once, so that no page breaks off in the middle
    except KeyError as fault:
        raise BadInput(place=place, found=f"no {str(fault.args[0])[:60]!r}", expected=expected) from None
    except (ValueError, TypeError, AttributeError, IndexError, StopIteration, RecursionError, OverflowError) as fault:
        raise BadInput(place=place, found=str(fault)[:120] or type(fault).__name__, expected=expected) from None
    return found


def _read(told: Mapping[str, Any]) -> Comparison:
    distilling = told["distilling"]
    return Comparison(
        measured_against=str(told["measured_against"]),
        standings=tuple(_read_standing(one) for one in told["models"]),
        leaks=tuple(_read_alarm(one) for one in told["leaks"]),
        distilling=None
        if distilling is None
        else DistillingLoss(*(float(distilling[n]) for n in ("teacher_auc", "card_auc", "alike"))),
        parts={name: part for name, part in told.items() if name not in NO_PARTS},
        proposal=told["proposal"],
        card=told["card"],
    )


def _read_alarm(told: Mapping[str, Any]) -> Alarm:
    says = Saying(str(told["en"]), str(told["zh"]))
    return Alarm(str(told["label"]), str(told["kind"]), bool(told["grave"]), says)


def _read_standing(told: Mapping[str, Any]) -> Standing:
    """One model; which characteristics it asks is not in the file, only how many."""
    return Standing(
        name=str(told["model"]),
        is_readable=bool(told["readable"]),
        asks=("",) * min(int(told["characteristics"]), 100_000),
        folds=_read_interval(told["cross_validated_auc"]),
        train=_read_judgement(told["train"]),
        holdout=_read_judgement(told["holdout"]),
        against=_read_interval(told["auc_against"]),
    )


def _read_interval(told: Mapping[str, Any] | None) -> Interval | None:
    return None if told is None else Interval(*(float(told[name]) for name in ("value", "low", "high")))


def _read_judgement(told: Mapping[str, Any]) -> Judgement:
    auc, ks, gini, divergence, psi = (float(told[name]) for name in ("auc", "ks", "gini", "divergence", "psi"))
    kept = Calibration(*(float(told["calibration"][name]) for name in ("expected", "observed", "slope")))
    return Judgement(int(told["rows"]), int(told["bads"]), auc, ks, gini, divergence, psi, kept)


def _read_figure(text: str) -> float:
    if not isfinite(figure := float(text)):
        raise ValueError(f"{text[:20]}, which is no figure")
    return figure
