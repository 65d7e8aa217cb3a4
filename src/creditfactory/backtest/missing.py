"""What missing facts do: each label taken away from everybody in turn, and who then gets another answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from creditfactory.backtest.cases import Cases
from creditfactory.backtest.figures import measure
from creditfactory.decision import Book, decide_frame, find_turning_points


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One label: how often it is unknown today, and what changes when it is unknown for all."""

    label: str
    unknown_share: float
    approved_change: float
    offered_change: float
    offers_lost_share: float
    declined_change: float
    lane_changed: float
    better_off: float


def measure_missing(frame: pl.DataFrame, book: Book, *, default_loss_bps: int | None = None) -> list[Loss]:
    """Every label that anything reads, the most weighty first; ``better_off`` should be nobody, ever."""
    whole = Cases(decide_frame(frame, book), frame, default_loss_bps)
    before = measure(whole)
    read = [*find_turning_points(book), *(name for name in _ENGINE_LABELS if name in book.declarations)]
    losses = []
    for name in dict.fromkeys(read):
        if name not in frame.columns or name not in book.declarations:
            continue
        without = frame.with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name))
        cases = Cases(decide_frame(without, book), frame, default_loss_bps)
        after = measure(cases)
        moved = cases.lane != whole.lane
        lighter = (cases.lane < whole.lane) | (cases.lends & ~whole.lends) | (cases.amount > whole.amount)
        losses.append(
            Loss(
                label=name,
                unknown_share=frame.get_column(name).null_count() / max(1, frame.height),
                approved_change=after.approved - before.approved,
                offered_change=after.offered - before.offered,
                offers_lost_share=1 - after.offered / before.offered if before.offered else 0.0,
                declined_change=after.declined - before.declined,
                lane_changed=float(np.sum(whole.weight[moved])),
                better_off=float(np.sum(whole.weight[lighter & cases.lends])),
            )
        )
    return sorted(losses, key=lambda loss: (loss.offered_change, -loss.lane_changed, loss.label))


_ENGINE_LABELS = (
    "requested_amount_cents", "sba_amount_cents", "requested_term_months", "verified_income_cents",
    "verified_sales_monthly_cents", "monthly_due_cents", "unsecured_balance_cents", "has_bureau_record",
    "industry_section", "own_loans_repaid", "own_arrears_days_max", "insurance_premium_cents",
    "mortgage_instalment_cents", "car_instalment_cents", "tax_12m_cents",
)  # fmt: skip
"""Labels that the engines for limit and price read by name."""
