"""The machine's decision for many applicants at once, in columns: equal to the decision of one, value by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from creditfactory.decision.book import Book
from creditfactory.decision.column_facts import Flags, Whole, read_whole, read_words
from creditfactory.decision.column_lanes import (
    DECLINE,
    REFER,
    Lanes,
    Marks,
    Points,
    choose_lanes,
    join_marks,
    run_policy,
    score_columns,
)
from creditfactory.decision.column_offers import Offers, draw_up_offers, read_amount
from creditfactory.decision.policy import LANES

VERDICT_WORDS = ("approve", "refer", "decline")
POLICY_WORDS = ("pass", "refer", "decline")
STATIONS = ("", "intake", "front_gate", "list_check", "policy", "lane", "offer")
"""The stations that can say no, in the order of the line; nothing where none did."""


def decide_frame(frame: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Decide on every row of a frame of labels as :func:`decide_labels` decides on one, in the same order.

    Columns are labels by name, and where known ``gate_verdict``, ``list_verdict``, ``intake_verdict`` and
    ``requested_product``; a label's column that is absent is unknown everywhere. Answers verdict, lane, tier, points,
    probability, policy, ``stopped_at``, the offer's figures, each card's points and each rule's verdict
    (``rule:<name>``, a place in ``rules.VERDICTS``). The lane is the gravest of ``policy_lane``, ``check_lane`` (checks
    and strategy) and ``tier_lane``, and of what is still unknown; ``doubt_lane`` is that without the tier. ``would_*``
    is the offer that would be made if neither the lane nor a fact still needed stood in its way.
    """
    frame = frame.drop([f"{name}_points" for name in book.cards], strict=False)
    judged = run_policy(book.policy, frame)
    marks = join_marks(book.policy, judged, frame.height)
    points = score_columns(frame, book)
    lanes = choose_lanes(frame, marks, points, book)
    offers = draw_up_offers(frame, lanes.tier, points, book)
    intake = _refuses_intake(frame, book)
    return _conclude(judged, marks, points, lanes, offers, intake, book)


def offer_at_tier(frame: pl.DataFrame, book: Book, tier: int) -> pl.DataFrame:
    """What would be lent to every row if it were of this tier, whatever its lane: amount, rate, term, loss, profit."""
    frame = frame.drop([f"{name}_points" for name in book.cards], strict=False)
    points = score_columns(frame, book)
    offers = draw_up_offers(frame, np.full(frame.height, tier, dtype=np.int64), points, book)
    return _hide_unknown(
        [
            pl.Series("amount_cents", offers.amount),
            _Where("annual_rate_bps", offers.rate_bps, offers.amount > 0),
            _Where("term_months", offers.term, offers.amount > 0),
            _Where("expected_loss_cents", offers.loss, offers.is_worth_known),
            _Where("profit_cents", offers.profit, offers.is_worth_known),
        ]
    )


def _refuses_intake(frame: pl.DataFrame, book: Book) -> Flags:
    """Where amount, term or role cannot be taken in, or a verdict on the intake says so."""
    parameters = book.parameters
    told = (read_words(frame, "intake_verdict") == "reject").fill_null(value=False).to_numpy()
    amount, term = read_amount(frame, book), read_whole(frame, "requested_term_months", book)
    refused = amount.known & (amount.values <= 0)
    refused |= amount.known & (amount.values < (parameters.get("amount_cents_min") or 0))
    if parameters.get("amount_cents_max") is not None:
        refused |= amount.known & (amount.values > parameters["amount_cents_max"])
    refused |= amount.known & term.known & (term.values <= 0)
    if parameters.get("term_months_max") is not None:
        refused |= amount.known & term.known & (term.values > parameters["term_months_max"])
    accepted = parameters.get("roles_accepted")
    if accepted is not None:
        declared = book.declarations.get("applicant_role")
        words = [w for w in accepted if declared is not None and (not declared.words or w in declared.words)]
        fits = read_words(frame, "applicant_role").is_in(words).fill_null(value=False).to_numpy()
        refused |= amount.known & ~fits
    return told | refused


def _conclude(
    judged: pl.DataFrame, marks: Marks, points: Points, lanes: Lanes, offers: Offers, intake: Flags, book: Book
) -> pl.DataFrame:
    """Lane A with an offer approves; no offer for a known reason declines; all else goes to people."""
    by_lane = lanes.lane == 3
    no_offer = (offers.amount == 0) & ~offers.lacks & ~lanes.needs_facts
    declined = by_lane | intake | no_offer
    lends = ~declined & (offers.amount > 0) & ~lanes.needs_facts
    verdict = np.where(declined, 2, np.where((lanes.lane == 0) & lends, 0, 1))
    policy_declines = marks & DECLINE > 0
    stops = [intake, lanes.gate_rejects, lanes.list_rejects, policy_declines, by_lane]
    stopped = np.select(stops, np.arange(1, 6), 6)
    parts = tuple(book.parameters.get("limit_parts", ("requested", "product")))
    probability = pl.Series("probability", points.probability).fill_nan(None)
    columns: list[pl.Series | _Where] = [
        _words("verdict", verdict, VERDICT_WORDS),
        _words("lane", np.where(declined, 3, lanes.lane), LANES),
        _Where("tier", lanes.tier, lanes.tier > 0),
        points.final.alias("points"),
        probability,
        _words("policy", np.where(policy_declines, 2, np.where(marks & REFER > 0, 1, 0)), POLICY_WORDS),
        _words("stopped_at", np.where(declined, stopped, 0), STATIONS),
        pl.Series("needs_facts", lanes.needs_facts),
        _words("product", np.where(lends, offers.product, -1), tuple(p.code for p in book.products)),
        _Where("term_months", offers.term, lends),
        pl.Series("amount_cents", np.where(lends, offers.amount, 0)),
        _words("binding", np.where(lends, offers.binding, -1), parts),
        _Where("annual_rate_bps", offers.rate_bps, lends),
        _Where("instalment_cents", offers.instalment, lends),
        _Where("expected_loss_cents", offers.loss, lends & offers.is_worth_known),
        _Where("profit_cents", offers.profit, lends & offers.is_worth_known),
        _words("policy_lane", lanes.policy, LANES),
        _words("check_lane", lanes.checks, LANES),
        _words("tier_lane", lanes.tier_lane, LANES),
        _words("doubt_lane", lanes.doubt, LANES),
        pl.Series("rest_needs_facts", lanes.rest_needs_facts),
        pl.Series("intake_refuses", intake),
        pl.Series("would_lack", offers.lacks),
        pl.Series("would_amount_cents", offers.amount),
        _Where("would_rate_bps", offers.rate_bps, offers.amount > 0),
        _Where("would_term_months", offers.term, offers.amount > 0),
        _Where("would_loss_cents", offers.loss, offers.is_worth_known),
        _Where("would_profit_cents", offers.profit, offers.is_worth_known),
        *(series.alias(f"{name}_points") for name, series in points.cards.items()),
        *judged.get_columns(),
    ]
    return _hide_unknown(columns)


def _words(name: str, places: NDArray[Any], words: tuple[str, ...]) -> pl.Series:
    """Places in a list as its words; -1 is unknown."""
    listed = pl.Series(name, [*words, None], dtype=pl.Enum(list(words)))
    return listed.gather(np.where(places >= 0, places, len(words)))


@dataclass(frozen=True, slots=True)
class _Where:
    """Values of a column that are there for some rows only."""

    name: str
    values: Whole
    known: Flags


def _hide_unknown(columns: Sequence[pl.Series | _Where]) -> pl.DataFrame:
    """All columns side by side, null where a value is not there; in one go, for each one costs as much by itself."""
    told = [pl.Series(c.name, c.values) if isinstance(c, _Where) else c for c in columns]
    partly = [c for c in columns if isinstance(c, _Where)]
    masks = [pl.Series(f"?{c.name}", c.known) for c in partly]
    hidden = [pl.when(pl.col(f"?{c.name}")).then(pl.col(c.name)).alias(c.name) for c in partly]
    return pl.DataFrame([*told, *masks]).with_columns(hidden).drop([mask.name for mask in masks])
