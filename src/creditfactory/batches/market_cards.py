"""The admission cards of cn-micro and the master card over their points, learnt from the simulated market's past.

Five cards look at one side each: bureau, applicant, business, fraud, channel (logistic, so that a side that nearly
gives the outcome away still gets points a person can read). The master card is the divergence card
over their points, fitted on applicants whom none of the five has seen, and only on those whom policy lets through: its
chance is meant for those to whom money may be lent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from creditfactory import lab, scoring
from creditfactory.batches.card_recipe import Recipe, describe_labels
from creditfactory.kernel import BadInput

FOLDER = Path("cn-micro")
FIVE, MASTER = FOLDER / "past-five.parquet", FOLDER / "past-master.parquet"
VERSION = "v002"
TARGET, FRAUD_TARGET = "not_paid_back", "fraud_or_first_instalment"
SCALE = lab.Scale(anchored=True)
RULES = lab.BinningRules(share_min=0.03, bads_min=8, bins_max=6, characteristics_max=8, unknown="least")
LIMITS = (
    {
        "en": "Learnt from the simulated market (docs/world.md), not from borrowers: replace it once "
        "real outcomes are known.",
        "zh": "由模拟市场(docs/world.md)得出,并非来自真实借款人:取得真实结果后应予替换。",
    },
    {
        "en": "The market told the outcome of all who came through the gate; real outcomes are known of "
        "approved loans only.",
        "zh": "模拟市场给出所有过闸申请人的结果;现实中只知道获批贷款的结果。",
    },
    {"en": "Not yet signed by a second person.", "zh": "尚未经第二人签署。"},
)
MASTER_LIMITS = (
    *LIMITS,
    {
        "en": "Its chance is that of applicants whom the policy lets through; of others it is too low.",
        "zh": "所给概率针对政策放行的申请人;对其他人偏低。",
    },
)


@dataclass(frozen=True, slots=True)
class Side:
    """One card's side of an applicant: which labels it may ask, with the reason code of each, and what it foretells."""

    reasons: Mapping[str, str]
    target: str
    purpose: Mapping[str, str]


SIDES: Mapping[str, Side] = {
    "bureau": Side(
        {
            "overdue_months_24m": "SCO-OVERDUE", "overdue_run_24m": "SCO-OVERDUE", "queries_1m": "SCO-QUERIES",
            "queries_3m": "SCO-QUERIES", "queries_6m": "SCO-QUERIES", "card_use_bps": "SCO-CARD-USE",
            "credit_history_months": "SCO-HISTORY", "online_lenders": "SCO-LENDERS", "debt_to_income_bps": "SCO-DEBT",
            "accounts_opened_6m": "SCO-LENDERS", "queries_unmet_6m": "SCO-QUERIES", "credit_hunger_bps": "SCO-QUERIES",
            "unsecured_to_sales_bps": "SCO-DEBT",
        },
        TARGET, {"en": "Willingness to pay as the bureau shows it: the chance that a loan is not paid back.",
     "zh": "征信反映的还款意愿:贷款不归还的概率。"},
    ),
    "application": Side(
        {
            "age_years": "SCO-STABILITY", "years_in_city": "SCO-STABILITY", "owns_home": "SCO-HOME",
            "education": "SCO-STABILITY", "applicant_role": "SCO-ROLE", "mortgage_months_paid": "SCO-PROOF",
            "insurance_years_paid": "SCO-PROOF",
        },
        TARGET, {"en": "What the applicant is and shows: the chance that a loan is not paid back.",
     "zh": "申请人本身的情况:贷款不归还的概率。"},
    ),
    "business": Side(
        {
            "verified_sales_monthly_cents": "SCO-SALES", "inflow_swing_bps": "SCO-SWING",
            "inflow_trend_bps": "SCO-TREND", "licence_months": "SCO-LICENCE", "invoiced_months_12m": "SCO-INVOICES",
            "lowest_month_bps": "SCO-SWING",
            "declared_to_banked_bps": "SCO-CONTRADICTION", "industry_section": "SCO-INDUSTRY", "dscr_bps": "SCO-DEBT",
            "unexplained_to_income_bps": "SCO-DEBT", "top_payer_share_bps": "SCO-SALES",
        },
        TARGET, {"en": "What the business earns and how steadily: the chance that a loan is not paid back.",
     "zh": "经营收入及其稳定性:贷款不归还的概率。"},
    ),
    "fraud": Side(
        {
            "contradictions": "SCO-CONTRADICTION", "face_similarity_bps": "SCO-IDENTITY",
            "is_phone_matched": "SCO-IDENTITY", "form_seconds": "SCO-FORM", "round_trip_share_bps": "SCO-ROUND-TRIP",
            "chain_breaks": "SCO-ROUND-TRIP", "typing_ms_median": "SCO-FORM",
            "declared_to_banked_bps": "SCO-CONTRADICTION", "top_payer_share_bps": "SCO-ROUND-TRIP",
        },
        FRAUD_TARGET, {"en": "Fraud found, or the first instalment never paid.",
     "zh": "查实欺诈,或首期从未还款。"},
    ),
    "channel": Side(
        {
            "channel_kind": "SCO-CHANNEL", "channel_grade": "SCO-CHANNEL", "channel_bad_share_bps": "SCO-CHANNEL",
            "channel_deposit_cover_bps": "SCO-CHANNEL",
        },
        TARGET, {"en": "The channel that brought the application: the chance that a loan is not paid back.",
     "zh": "推荐申请的渠道:贷款不归还的概率。"},
    ),
}  # fmt: skip
CARD_REASONS = {name: f"SCO-{name.upper()}-CARD" for name in SIDES}
SHAPES: Mapping[str, lab.Shape] = {"premium": "up", "adverse": "down"}


def plan_cards(data: Path, _: Mapping[str, lab.Feature]) -> Iterator[Recipe]:
    """The five cards and the master over them; the master's sample is scored by the five as they are built."""
    past, later = (_read_past(data / path) for path in (FIVE, MASTER))
    sha = lab.hash_file(data / FIVE)
    cards = {}
    for name, side in SIDES.items():
        recipe = Recipe(past, plan_side(name, side, past), sha)
        cards[name] = scoring.read_card(recipe.build().card)
        yield recipe
    yield Recipe(score_five(cards, later), plan_master(), lab.hash_file(data / MASTER))


def _read_past(path: Path) -> pl.DataFrame:
    if not path.is_file():
        expected = "the simulated market's past, as benchmarks/market_sample.py FOLDER writes it"
        raise BadInput(place=str(path), found="no such file", expected=expected)
    return lab.read_frame(path)


def plan_side(name: str, side: Side, past: pl.DataFrame) -> lab.CardPlan:
    """The plan of one of the five: numbers go the way that credit officers read them."""
    features = describe_labels(side.reasons, reasons=side.reasons)
    numbers = {n: f for n, f in features.items() if past.schema[n].is_numeric() and f.polarity in SHAPES}
    return lab.CardPlan(
        target=side.target, name=name, version=VERSION, method="logistic", only=tuple(features), features=features,
        shapes={n: SHAPES[f.polarity] for n, f in numbers.items()}, scale=SCALE, rules=RULES, owner="modelling",
        purpose=side.purpose, limits=LIMITS, time="applied_on",
    )  # fmt: skip


def plan_master() -> lab.CardPlan:
    """The plan of the master card: more points of any card are never worse."""
    features = {f"{name}_points": describe_points(name) for name in SIDES}
    return lab.CardPlan(
        target=TARGET, name="master", version=VERSION, method="divergence", role="master", only=tuple(features),
        features=features, shapes=dict.fromkeys(features, "up"), scale=SCALE, rules=RULES, owner="modelling",
        purpose={"en": "The chance that a loan is not paid back as agreed, from the points of the five cards.",
     "zh": "由五张评分卡的得分估计贷款未按约归还的概率。"},
        limits=MASTER_LIMITS, time="applied_on",
    )  # fmt: skip


def describe_points(name: str) -> lab.Feature:
    """One card's points as a characteristic of the master card."""
    return lab.Feature(
        label=f"{name}_points",
        definition={"en": f"Points of the card {name} {VERSION}", "zh": f"评分卡 {name} {VERSION} 的得分"},
        source="card", as_of=lab.KNOWN_AT_APPLICATION, unit="points", reason=CARD_REASONS[name], polarity="premium",
    )  # fmt: skip


def score_five(cards: Mapping[str, scoring.Card], frame: pl.DataFrame) -> pl.DataFrame:
    """Applicants whom policy lets through, with the points that each of the five gives them."""
    lent = frame.filter(pl.col("policy_verdict") != "decline")
    points = [scoring.score_frame(card, lent).alias(f"{name}_points") for name, card in cards.items()]
    return lent.select("applied_on", TARGET).with_columns(points)
