"""The SBA cards as they could have been known: each fitted only on outcomes that lay in the past on its first day.

A card of cut day T reads loans approved at least 36 months before T, calls a loan bad that was charged off within 36
months of its approval, and is in force from T on. The file knows charge-offs from October 1988 only, so earlier
approvals (of which it holds little but the failures) are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from creditfactory import lab, labels
from creditfactory.batches.card_recipe import Recipe, describe_labels
from creditfactory.gateways.sba import SbaLoan, read_sba
from creditfactory.kernel import add_months

FILE = Path("sba/sba_7a_30k.parquet")
CARD = "sba_default"
TARGET = "charged_off_36m"
WINDOW_MONTHS = 36
RECORDS_BEGIN = date(1988, 10, 1)
CUT_DAYS = tuple(date(year, 1, 1) for year in (1994, 1997, 2000, 2003, 2005, 2007, 2009))

CHARACTERISTICS = (
    "sba_amount_cents",
    "sba_guaranteed_share",
    "sba_amount_per_employee_cents",
    "sba_employees",
    "sba_naics_sector",
    "sba_state",
    "sba_is_new_business",
    "sba_is_franchise",
    "sba_is_revolving",
    "sba_is_low_document",
)
"""What a card may choose from. The lender is not among them (the file names today's holder), nor are the setting and
the jobs created and retained (seldom asked before 1999: an open answer, or a 0, only tells when the loan was approved),
nor anything that happened after approval."""

RULES = lab.BinningRules(share_min=0.05, bads_min=10, bins_max=6, word_rows_min=100, unknown="never_better")
LIMITS = (
    {
        "en": "Only loans that were approved are in the file: nothing is known of those refused.",
        "zh": "文件中只有获批贷款:被拒申请的情况未知。",
    },
    {
        "en": "A charge-off that came later than 36 months counts as good here; the chance is that of "
        "the first 36 months.",
        "zh": "36个月之后的核销在此视为好客户;所给概率为前36个月的概率。",
    },
    {
        "en": "Industry codes of loans approved before 1997 were assigned later.",
        "zh": "1997年以前获批贷款的行业代码为事后补录。",
    },
    {
        "en": "A question that more than half of the sample left open is not asked.",
        "zh": "样本中超过一半未填的问题不采用。",
    },
    {
        "en": "The sampling weight was drawn on the loan's final fate: it corrects the drawing of the "
        "file, not the outcome.",
        "zh": "抽样权重按贷款最终结果抽取:只校正文件的抽样,不校正结果。",
    },
    {
        "en": "Levels move with the economy: the chance is right for the years the card was fitted on, "
        "its order lasts longer.",
        "zh": "违约水平随经济波动:概率适用于建模所用年份,排序能力更持久。",
    },
    {"en": "Not yet signed by a second person.", "zh": "尚未经第二人签署。"},
)


def tabulate_labels(loans: Sequence[SbaLoan]) -> pl.DataFrame:
    """One row a loan: its labels as known at approval, the day of approval, and how many loans it stands for."""
    rows = []
    for loan in loans:
        facts = labels.compute(loan.dossier, as_of=loan.dossier.applied_at).facts
        row = {name: facts[name] for name in CHARACTERISTICS}
        rows.append({**row, "approved_on": loan.dossier.applied_on, "weight": loan.weight})
    return pl.DataFrame(rows, infer_schema_length=None)


def draw_known(loans: Sequence[SbaLoan], table: pl.DataFrame, *, cut_day: date) -> pl.DataFrame:
    """The part of the table that was ripe the day before ``cut_day``, with its outcome as known that day.

    Of the outcomes only charge-off dates before the cut day are read; a charge-off without a date cannot be placed
    and its loan is left out of every sample.
    """
    keep: list[bool] = []
    bad: list[int] = []
    for loan in loans:
        approved_on, charged_off_on = loan.dossier.applied_on, loan.outcome.charged_off_on
        ripe_on = add_months(approved_on, WINDOW_MONTHS)
        undated = loan.outcome.status == "charged_off" and charged_off_on is None
        keep.append(approved_on >= RECORDS_BEGIN and ripe_on < cut_day and not undated)
        bad.append(int(charged_off_on is not None and charged_off_on < cut_day and charged_off_on <= ripe_on))
    return table.with_columns(pl.Series(TARGET, bad, dtype=pl.Int8)).filter(pl.Series(keep))


def plan_cards(data: Path, _: Mapping[str, lab.Feature]) -> Iterator[Recipe]:
    """Every version of the card, each as it could have been built the day before it came into force."""
    loans, _odd = read_sba(data / FILE)
    table = tabulate_labels(loans)
    for number, cut_day in enumerate(CUT_DAYS, start=1):
        yield plan_as_known(loans, table, cut_day=cut_day, version=f"v{number:03d}")


def plan_as_known(
    loans: Sequence[SbaLoan], table: pl.DataFrame, *, cut_day: date, version: str, seed: int = 0
) -> Recipe:
    """The card that could have been built the day before ``cut_day``."""
    known = draw_known(loans, table, cut_day=cut_day)
    known_by = cut_day - timedelta(days=1)
    plan = lab.CardPlan(
        target=TARGET,
        name=CARD,
        version=version,
        only=CHARACTERISTICS,
        method="divergence",
        features=describe_labels(CHARACTERISTICS),
        weight="weight",
        time="approved_on",
        holdout_share=0.25,
        seed=seed,
        rules=RULES,
        unknown_max=0.5,
        known_by=known_by,
        owner="model-risk",
        purpose={
            "en": f"The chance that an SBA 7(a) loan is charged off within {WINDOW_MONTHS} months of its approval, "
            f"for applications from {cut_day.isoformat()} on.",
            "zh": f"SBA 7(a) 贷款自批准起{WINDOW_MONTHS}个月内被核销的概率,适用于{cut_day.isoformat()}起的申请。",
        },
        limits=LIMITS,
    )
    return Recipe(known, plan, hash_table(known))


def hash_table(table: pl.DataFrame) -> str:
    """The sha256 of what the card was shown: the sample itself, written as CSV."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()
