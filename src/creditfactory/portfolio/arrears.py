"""How late, in the words of the trade: arrears buckets M0 to M7 and the five grades of asset quality."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

Steps = Sequence[tuple[str, int]]
"""Names with the days of arrears they begin at, in rising order, the first at nought."""

BUCKETS: Steps = (("M0", 0), ("M1", 1), ("M2", 31), ("M3", 61), ("M4", 91), ("M5", 121), ("M6", 151), ("M7", 181))
"""M0 is paid up, M1 one to thirty days late, …, M7 past 180 days, where a loan is charged off."""

FIVE_GRADES: Steps = (("normal", 0), ("special_mention", 1), ("substandard", 91), ("doubtful", 271), ("loss", 361))
"""正常 关注 次级 可疑 损失, by days of arrears alone (商业银行金融资产风险分类办法, in force 2023-07-01).

The rulebook's dated parameter overrules this default; other signs of distress can only lower the grade further.
"""


def choose_bucket(arrears_days: int, steps: Steps = BUCKETS) -> str:
    """The bucket or grade that so many days of arrears fall into.

    >>> [choose_bucket(days) for days in (0, 1, 30, 31, 90, 91, 180, 181)]
    ['M0', 'M1', 'M1', 'M2', 'M3', 'M4', 'M6', 'M7']
    >>> choose_bucket(91, FIVE_GRADES)
    'substandard'
    """
    assert arrears_days >= 0, "arrears are never negative"
    name = steps[0][0]
    for candidate, from_days in steps:
        if arrears_days < from_days:
            break
        name = candidate
    return name


def bucket_column(arrears_days: pl.Expr, steps: Steps = BUCKETS) -> pl.Expr:
    """The same for a column of many loans.

    >>> pl.DataFrame({"days": [0, 45]}).select(bucket_column(pl.col("days")).alias("bucket"))["bucket"].to_list()
    ['M0', 'M2']
    """
    named = pl.lit(None, dtype=pl.String)  # lateness that nobody knows falls into no bucket
    for name, from_days in steps:
        named = pl.when(arrears_days >= from_days).then(pl.lit(name)).otherwise(named)
    return named


def lowest_grade(grades: Sequence[str], steps: Steps = FIVE_GRADES) -> str:
    """The grade of a borrower with several loans: the worst of them, for one debtor is one risk.

    >>> lowest_grade(["normal", "doubtful", "special_mention"])
    'doubtful'
    """
    order = [name for name, _ in steps]
    return max(grades, key=order.index)
