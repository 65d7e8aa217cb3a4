"""What an offer is worth: the loss to be expected over its life, and what is left after all costs; whole cents."""

from __future__ import annotations

from dataclasses import dataclass

from creditfactory.decision.book import Book
from creditfactory.kernel import BPS_WHOLE

MILLION = 1_000_000
"""Shares of an amount are stated in millionths here: fine enough for a cent, and within 64 bits in columns."""
COSTS = ("operating_bps", "capital_charge_bps", "funding_cost_bps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Expected loss and profit of one loan in cents; None where the pack does not know its costs."""

    expected_loss_cents: int | None = None
    profit_cents: int | None = None


def weigh_worth(amount_cents: int, probability_bps: int | None, rate_bps: int, term_months: int, book: Book) -> Worth:
    """What a loan is expected to lose and to leave, with the standard cost of money, over its average life."""
    lost = None if probability_bps is None else loss_share(probability_bps, book)
    kept = carry_share(rate_bps, term_months, book)
    loss = None if lost is None else amount_cents * lost // MILLION
    profit = None if loss is None or kept is None else amount_cents * kept // MILLION - loss
    return Worth(expected_loss_cents=loss, profit_cents=profit)


def loss_share(probability_bps: int, book: Book) -> int | None:
    """The share of the amount, in millionths, that such a risk is expected to lose; rounded up."""
    lgd, exposure = book.parameters.get("lgd_bps"), book.parameters.get("exposure_at_default_bps")
    if lgd is None or exposure is None:
        return None
    return -(-probability_bps * int(lgd) * int(exposure) // MILLION)


def carry_share(rate_bps: int, term_months: int, book: Book) -> int | None:
    """What the rate leaves over the loan's average life before losses, in millionths of the amount; rounded down."""
    life = book.parameters.get("life_share_bps")
    costs = [book.parameters.get(name) for name in COSTS]
    if life is None or any(cost is None for cost in costs):
        return None
    a_year = rate_bps - sum(int(cost) for cost in costs if cost is not None)
    return a_year * term_months * int(life) * MILLION // (12 * BPS_WHOLE**2)
