"""Behaviour and collection cards on card accounts: what six months of bills and payments say of the month to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from creditfactory import lab
from creditfactory.batches.card_recipe import Recipe
from creditfactory.gateways.card_accounts import BILLS, DELAYS, LIMIT, OUTCOME, PAYMENTS, read_card_accounts

FILE = Path("taiwan-cards/UCI_Credit_Card.csv")
TARGET = "default_next_month"
AS_OF = {
    "en": "As at the end of the sixth month on record; the outcome is the seventh month's, of which nothing is read",
    "zh": "以记录的第六个月月末为准;结果为第七个月,不读取其任何信息",
}
STATUSES = {-2: "unused", -1: "paid_in_full", 0: "revolving", 1: "late_1", 2: "late_2"}
LIMITS = (
    {
        "en": "One cohort of one bank in 2005: there is no later month to judge on, so only a holdout by chance.",
        "zh": "仅为一家银行2005年的一批客户:没有更晚的月份可供检验,只能随机留出。",
    },
    {
        "en": "The codes -2 and 0 are undocumented; they are read as nothing used and as revolving.",
        "zh": "代码 -2 与 0 没有说明;分别理解为未使用与循环使用。",
    },
    {
        "en": "Sex and marriage are not read at all; age and education are left out, too: conduct alone is asked.",
        "zh": "完全不读取性别和婚姻;年龄和学历也不采用:只看用款还款行为。",
    },
    {"en": "Not yet signed by a second person.", "zh": "尚未经第二人签署。"},
)


def draw_features(accounts: pl.DataFrame) -> pl.DataFrame:
    """Each account's conduct over its six months, and the outcome beside."""
    delays = [pl.max_horizontal(pl.col(name), pl.lit(0)) for name in DELAYS]
    uses = [pl.col(name) / pl.col(LIMIT) for name in BILLS]
    paid = [
        pl.when(pl.col(bill) > 0).then((pl.col(payment) / pl.col(bill)).clip(0, 2))
        for payment, bill in zip(PAYMENTS[:5], BILLS[1:], strict=True)
    ]  # a payment answers the bill of the month before, which stands one place further
    months = [(pl.col(payment) == 0) & (pl.col(bill) > 0) for payment, bill in zip(PAYMENTS, BILLS, strict=True)]
    return accounts.select(
        account_limit_cents=pl.col(LIMIT) * 100,
        status_now=_name_status(DELAYS[0]),
        status_before=_name_status(DELAYS[1]),
        worst_delay_3m=pl.max_horizontal(delays[:3]),
        delay_sum_6m=pl.sum_horizontal(delays),
        months_late_6m=_count(delay >= 1 for delay in delays),
        months_late_2plus_6m=_count(delay >= 2 for delay in delays),
        months_since_late=pl.coalesce(*(pl.when(d >= 1).then(pl.lit(i)) for i, d in enumerate(delays)), pl.lit(6)),
        months_paid_in_full_6m=_count(pl.col(name) == -1 for name in DELAYS),
        use_now=uses[0].round(3),
        use_mean_6m=pl.mean_horizontal(uses).round(3),
        use_max_6m=pl.max_horizontal(uses).round(3),
        use_change_6m=(uses[0] - uses[5]).round(3),
        use_change_3m=(uses[0] - uses[2]).round(3),
        paid_share_last=paid[0].round(3),
        paid_share_mean_5m=pl.mean_horizontal(paid).round(3),
        months_paid_nothing_6m=_count(months),
        paid_last_cents=pl.col(PAYMENTS[0]) * 100,
        paid_3m_cents=pl.sum_horizontal(PAYMENTS[:3]) * 100,
        paid_6m_cents=pl.sum_horizontal(PAYMENTS) * 100,
        paid_least_6m_cents=pl.min_horizontal(PAYMENTS) * 100,
        paid_most_6m_cents=pl.max_horizontal(PAYMENTS) * 100,
        paid_over_limit_6m=(pl.sum_horizontal(PAYMENTS) / pl.col(LIMIT)).round(3),
        **{TARGET: pl.col(OUTCOME)},
    )


def plan_cards(data: Path, features: Mapping[str, lab.Feature]) -> Iterator[Recipe]:
    """The behaviour card over all accounts, and the collection card over those that are late now."""
    path = data / FILE
    whole = draw_features(read_card_accounts(path))
    late = whole.filter(pl.col("status_now").is_in(["late_1", "late_2", "late_3_more"]))
    asked = {
        "behaviour": (
            whole,
            {
                "en": "The chance that a card account does not pay next month, for early warning.",
                "zh": "信用卡账户下月不还款的概率,用于贷后预警。",
            },
        ),
        "collection": (
            late,
            {
                "en": "The chance that an account late now does not pay next month, for collection.",
                "zh": "当前已逾期账户下月不还款的概率,用于催收。",
            },
        ),
    }
    for name, (frame, purpose) in asked.items():
        plan = lab.CardPlan(
            target=TARGET, name=name, role=name, method="divergence", features=features, only=tuple(features),
            owner="model-risk", purpose=purpose, limits=LIMITS,
            rules=lab.BinningRules(characteristics_max=12),
        )  # fmt: skip
        yield Recipe(frame, plan, lab.hash_file(path))


def _name_status(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(STATUSES, default="late_3_more", return_dtype=pl.String)


def _count(flags: Iterator[pl.Expr] | list[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal([flag.cast(pl.Int64) for flag in flags])
