"""Loss given default on public data: recoveries on defaulted loans by loan to value, and charge-offs of the SBA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from creditfactory import lab, labels
from creditfactory.batches.card_recipe import Recipe
from creditfactory.batches.sba_cards import CHARACTERISTICS
from creditfactory.gateways.sba import SbaLoan, read_sba
from creditfactory.kernel import BadInput

RECOVERIES, SBA = Path("corporate/lgd.csv"), Path("sba/sba_7a_30k.parquet")
TARGET = "share_lost"
AS_OF = {
    "en": "As at the application (SBA) or the default (recoveries); what was lost came later and is only the outcome",
    "zh": "SBA 以申请时点为准,回收数据以违约时点为准;损失仅作为结果",
}
RULES = lab.BinningRules(share_min=0.05, bins_max=6, word_rows_min=100)
RECOVERY_LIMITS = (
    {
        "en": "2,545 defaulted loans from a textbook's file; lender, years and currency are unknown: a "
        "method, no level.",
        "zh": "2,545笔违约贷款取自教材数据;机构、年份、币种均未知:只供参考方法,不可引用其水平。",
    },
    {
        "en": "Loans secured by property: unsecured loans to small firms lose more.",
        "zh": "均为房产抵押贷款:小企业信用贷款的损失更高。",
    },
    {
        "en": "All else in the file (recovery rate and what is derived from it) is the outcome in other "
        "words and is not read.",
        "zh": "文件中其余字段(回收率及其衍生值)即为结果本身,不予读取。",
    },
    {"en": "Not yet signed by a second person.", "zh": "尚未经第二人签署。"},
)
SBA_NAMES = {label: label.removeprefix("sba_") for label in CHARACTERISTICS}
SBA_LIMITS = (
    {
        "en": "The share lost is the charge-off over the sum paid out; a loss above it (interest, cost) "
        "counts as all of it.",
        "zh": "损失率为核销额与放款额之比;超出部分(利息、费用)按全损计。",
    },
    {
        "en": "Interest, cost of collecting and the day of recovery are not in the file: losses are not discounted.",
        "zh": "文件中没有利息、催收费用和回收日期:损失未折现。",
    },
    {
        "en": "Fitted on earlier years and judged on later ones it does no better than one mean for all.",
        "zh": "用较早年份建模、较晚年份检验时,并不优于统一的平均值。",
    },
    {"en": "Not yet signed by a second person.", "zh": "尚未经第二人签署。"},
)


def read_recoveries(path: Path) -> pl.DataFrame:
    """The defaulted loans with their loan to value, purpose, and the share lost."""
    frame = lab.read_frame(path)
    missing = [name for name in ("LTV", "purpose1", "lgd_time") if name not in frame.columns]
    if missing:
        raise BadInput(place=str(path), found=f"no column {missing[0]}", expected="LTV, purpose1 and lgd_time")
    return frame.select(
        loan_to_value=pl.col("LTV").round(4),
        purpose=pl.when(pl.col("purpose1") == 1).then(pl.lit("renting_out")).otherwise(pl.lit("other")),
        **{TARGET: pl.col("lgd_time")},
    )


def tabulate_losses(loans: list[SbaLoan]) -> pl.DataFrame:
    """Each charged-off SBA loan: its labels as known at approval, the day, the weight, and the share of it lost."""
    rows = []
    for loan in loans:
        if loan.outcome.status == "charged_off" and loan.outcome.disbursed_cents > 0:
            facts = labels.compute(loan.dossier, as_of=loan.dossier.applied_at).facts
            known = {name: facts[label] for label, name in SBA_NAMES.items()}
            lost = min(loan.outcome.loss_cents / loan.outcome.disbursed_cents, 1.0)
            rows.append({**known, "approved_on": loan.dossier.applied_on, "weight": loan.weight, TARGET: lost})
    return pl.DataFrame(rows, infer_schema_length=None)


def plan_cards(data: Path, features: Mapping[str, lab.Feature]) -> Iterator[Recipe]:
    """The card on recoveries, and the card on the SBA's charge-offs."""
    asked = tuple(SBA_NAMES.values())
    own = tuple(name for name in features if name not in asked)
    yield Recipe(
        read_recoveries(data / RECOVERIES),
        lab.CardPlan(
            target=TARGET, name="recovery_loss", role="loss", method="divergence", features=features, only=own,
            rules=RULES, owner="model-risk", limits=RECOVERY_LIMITS,
            purpose={"en": "The share of a defaulted, secured loan that will not come back.",
     "zh": "违约抵押贷款中无法收回的比例。"},
        ),
        lab.hash_file(data / RECOVERIES),
    )  # fmt: skip
    loans, _ = read_sba(data / SBA)
    yield Recipe(
        tabulate_losses(list(loans)),
        lab.CardPlan(
            target=TARGET, name="sba_loss", role="loss", method="divergence", only=asked, weight="weight",
            features=features, rules=RULES, owner="model-risk", limits=SBA_LIMITS,
            purpose={"en": "The share of what was paid out that is lost when an SBA 7(a) loan is charged off.",
     "zh": "SBA 7(a) 贷款核销时,损失占放款额的比例。"},
        ),
        lab.hash_file(data / SBA),
    )  # fmt: skip
