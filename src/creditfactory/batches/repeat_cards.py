"""The card for a borrower who comes again: what earlier loans showed by the instant the new one was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from creditfactory import lab
from creditfactory.batches.card_recipe import Recipe
from creditfactory.gateways.past_microloans import Microloans, read_microloans

FOLDER = Path("superlender")
TARGET = "bad"
AS_OF = {
    "en": "As at the instant the loan was asked for: only loans opened before it, only payments and closings dated by "
    "then; what was unpaid or open then counts up to then",
    "zh": "以提出借款的时点为准:仅含此前开立的借款及截至当时的还款与结清;当时未还或未结清的计至当时",
}
LIMITS = (
    {
        "en": "All loans asked for are of July 2017: there is no later month to judge on, so only a holdout by chance.",
        "zh": "所有申请均在2017年7月:没有更晚的月份可供检验,只能随机留出。",
    },
    {"en": "Only borrowers whose loan was granted are in the file.", "zh": "文件中只有获得放款的借款人。"},
    {"en": "Not yet signed by a second person.", "zh": "尚未经第二人签署。"},
)
DAY = 86_400
FADE_LOANS = 2


def know_by_then(found: Microloans) -> pl.DataFrame:
    """Each earlier loan beside the loan asked for after it, with what was known of it by that instant.

    A payment or closing dated later is not known; where its day had passed, the days late run up to that instant.
    """
    now = pl.col("asked_at")
    asked = found.loans.select("customer", asked_at="opened_at")
    both = found.earlier.join(asked, on="customer", how="inner").filter(pl.col("opened_at") < now)
    both = both.with_columns(
        pl.when(pl.col(column) <= now).then(pl.col(column)).alias(column) for column in ("first_paid_at", "closed_at")
    )
    end = pl.col("opened_at") + pl.duration(days=pl.col("term_days"))
    both = both.with_columns(
        days_late=_run_late("first_paid_at", pl.col("first_due_at")),
        days_past_end=_run_late("closed_at", end),
        held_over_term=_days(pl.coalesce("closed_at", "asked_at") - pl.col("opened_at")) / pl.col("term_days"),
    ).sort("customer", "opened_at")
    gap = _days(pl.col("opened_at") - pl.col("closed_at").shift(1).over("customer"))
    return both.with_columns(gap_days=gap)


def draw_features(found: Microloans) -> pl.DataFrame:
    """Each loan asked for with what earlier loans and the form say of its borrower, and the outcome beside."""
    late, opened = pl.col("days_late"), pl.col("opened_at")
    history = know_by_then(found).group_by("customer", maintain_order=True).agg(
        days_since_first=_days(pl.col("asked_at").first() - opened.min()).round(1),
        days_since_latest=_days(pl.col("asked_at").first() - opened.max()).round(1),
        loans=pl.len(),
        largest_amount_cents=(pl.col("amount").max() * 100).cast(pl.Int64),
        latest_term_days=pl.col("term_days").last().cast(pl.Int64),
        latest_days_late=late.last().round(2),
        worst_days_late=late.max().round(2),
        median_days_late=late.median().round(2),
        worst_of_two_days_late=late.tail(2).max().round(2),
        faded_days_late=late.clip(-10, 30).ewm_mean(half_life=FADE_LOANS, ignore_nulls=True).last().round(2),
        spread_days_late=late.std().round(2),
        loans_late=(late > 0).sum(),
        share_of_three_late=(late > 0).tail(3).mean().round(3),
        days_late_90d=late.filter(
            pl.col("first_due_at") > pl.col("asked_at") - pl.duration(days=90)
        ).clip(0).sum().round(2),
        worst_days_past_end=pl.col("days_past_end").max().round(2),
        held_over_term=pl.col("held_over_term").mean().round(3),
        mean_gap_days=pl.col("gap_days").mean().round(2),
        latest_gap_days=pl.col("gap_days").last().round(2),
    )  # fmt: skip
    whole = found.loans.join(history, on="customer", how="left").join(found.forms, on="customer", how="left")
    return whole.select(
        loan_number=pl.col("number").cast(pl.Int64),
        interest_share=(pl.col("due") / pl.col("amount") - 1).round(4),
        amount_over_largest=(pl.col("amount") * 100 / pl.col("largest_amount_cents")).round(3),
        loans_per_month=(pl.col("loans") / (pl.col("days_since_first") / 30)).round(3),
        **{name: pl.col(name) for name in history.columns if name not in ("customer", "loans")},
        account_type="account_type",
        employment="employment",
        **{TARGET: pl.col("bad")},
    )


def plan_cards(data: Path, features: Mapping[str, lab.Feature]) -> Iterator[Recipe]:
    """The one card of the pack."""
    found = read_microloans(data / FOLDER)
    plan = lab.CardPlan(
        target=TARGET, name="repeat", method="logistic", features=features, only=tuple(features), owner="model-risk",
        purpose={"en": "The chance that a borrower who comes again does not pay a micro-loan back in time.",
     "zh": "再次借款的客户未能按时归还小额贷款的概率。"}, limits=LIMITS,
    )  # fmt: skip
    yield Recipe(draw_features(found), plan, found.digest)


def _run_late(done: str, due: pl.Expr) -> pl.Expr:
    """Days from due to done, or to now where it is not done and the day has passed; unknown before that day."""
    now = pl.col("asked_at")
    return pl.when(pl.col(done).is_not_null()).then(_days(pl.col(done) - due)).when(due < now).then(_days(now - due))


def _days(span: pl.Expr) -> pl.Expr:
    return span.dt.total_seconds() / DAY
