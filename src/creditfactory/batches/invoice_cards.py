"""The business card of firms known by their invoices alone: 123 firms, 27 defaults; every figure has a range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from creditfactory import lab, labels
from creditfactory.batches.card_recipe import Recipe
from creditfactory.batches.firms import FIGURES
from creditfactory.gateways import sme_invoices

FOLDER = Path("sme-invoices")
TARGET = "defaulted"
AS_OF = {
    "en": "As at the end of the invoices on record; on which day a firm defaulted is not told",
    "zh": "以发票记录截止日为准;企业违约日期未知",
}
FEATURES = {name: label for name, label in FIGURES.items() if name not in ("growth_bps", "best_month_bps")}
"""What the card may ask, each a label of the catalogue; the credit grade (nearly the outcome) is never read."""

LIMITS = (
    {
        "en": "123 firms and 27 defaults: judge it by the cross-validation and its ranges, never by one split.",
        "zh": "仅123家企业、27家违约:应以交叉验证及其区间判断,不可凭一次划分。",
    },
    {
        "en": "The day of default is not in the set: a firm that had failed stops invoicing, so figures "
        "may tell of the default.",
        "zh": "数据中没有违约日期:已倒闭的企业不再开票,因此指标可能已包含违约信息。",
    },
    {
        "en": "Only firms with a past loan have an outcome; the other 302 are never judged.",
        "zh": "只有曾贷款的企业有结果;其余302家从未检验。",
    },
    {"en": "Not yet signed by a second person.", "zh": "尚未经第二人签署。"},
)
RULES = lab.BinningRules(share_min=0.1, bads_min=3, bins_max=4, class_price=4.0, characteristics_max=6)


def draw_features(whole: sme_invoices.SmeFirms) -> pl.DataFrame:
    """Each firm with an outcome: its labels by the catalogue's own definitions, and the outcome beside."""
    rows: list[dict[str, Any]] = []
    for firm in sme_invoices.each_firm(whole):
        if firm.defaulted is not None:
            facts = labels.compute(sme_invoices.make_firm_dossier(firm), as_of=firm.invoices.obtained_at).facts
            rows.append({**{label: facts[label] for label in FEATURES.values()}, TARGET: int(firm.defaulted)})
    return pl.DataFrame(rows, infer_schema_length=None)


def plan_cards(data: Path, features: Mapping[str, lab.Feature]) -> Iterator[Recipe]:
    """The one card of the pack, fitted on all 123 firms."""
    whole = sme_invoices.read_sme_firms(data / FOLDER)
    plan = lab.CardPlan(
        target=TARGET, name="business", method="divergence", features=features, only=tuple(features), rules=RULES,
        holdout_share=0, owner="model-risk", limits=LIMITS,
        purpose={"en": "The chance that a small firm defaults, from its VAT invoices alone.",
     "zh": "仅凭增值税发票估计小企业违约的概率。"},
    )  # fmt: skip
    yield Recipe(draw_features(whole), plan, whole.digest)


def judge_repeatedly(recipe: Recipe, *, folds: int = 10, times: int = 5) -> dict[str, dict[str, float]]:
    """AUC and KS with 95 % ranges, each firm by cards that never saw it: its mean points over repeated folds.

    Classes are drawn and points fitted anew in each fold; the range is that of other firms drawn in place of these.
    """
    sample = lab.draw_sample(recipe.frame, target=TARGET)
    total = np.zeros(sample.rows)
    for seed in range(times):
        part = lab.draw_folds(sample, count=folds, seed=seed)
        for fold in range(folds):
            built = lab.build_card(recipe.frame.filter(pl.Series(part != fold)), recipe.plan)
            total[part == fold] += built.fitted.score(sample.take(part == fold))
    points = np.rint(total / times).astype(np.int64)
    told = lab.tell_certainty(lab.count_scores(points, sample.bad, sample.weight), seed=recipe.plan.seed)
    return {name: interval.as_json() for name, interval in told.items()}
