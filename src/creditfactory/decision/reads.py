"""What the engines themselves read of a rulebook, by engine: the parameters and tables that no rule need mention.

A parameter that stands neither here nor in a rule, a table, a tree or a product changes nothing, and the check says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Part = Literal["policy", "strategy", "cards", "fraud", "limit", "price", "product", "line"]
PARTS: tuple[Part, ...] = ("policy", "strategy", "cards", "fraud", "limit", "price", "product", "line")
"""The parts of a rulebook that are versioned apart (POL-04); *line* is the automation of the stations."""


def _listed(part: Part, names: Iterable[str]) -> dict[str, Part]:
    return dict.fromkeys(names, part)


_SIGNS = (
    "declared_over_returned_bps_max", "invoiced_over_returned_bps_max", "invoices_differ_bps_max",
    "void_share_bps_max", "refund_share_bps_max", "sales_over_power_bps_max", "wages_per_head_cents_min",
    "staff_over_insured_bps_max", "registered_later_months_max", "unexplained_repayment_cents_max",
    "instalments_seen_bps_min", "related_share_bps_max", "even_swing_bps_min", "last_month_bulge_bps_max",
    "statement_age_days_max", "flows_differ_bps_max", "paper_gap_days_max", "paper_round_share_bps_max",
    "paper_weekend_share_bps_max", "paper_lines_for_patterns_min", "paper_digit_distance_bps_max",
    "paper_same_lines_bps_max", "packaging_days", "packaging_applications_min", "packaging_lines",
    "packaging_points", "packaging_steps", "packaging_thresholds_cents", "packaging_bunch_bps",
    "packaging_even_swing_bps", "packaging_prior_applications",
)  # fmt: skip
"""Limits of signs between the sources and on papers: shown beside the fields, asked about, deciding nothing."""

PARAMETERS_BY_ENGINE: Mapping[str, Part] = {
    **_listed("strategy", ["lane_checks_needed"]),
    **_listed(
        "fraud",
        [
            "gate_evidence_needed", "gate_face_similarity_bps_pass", "gate_face_similarity_bps_reject",
            "gate_form_seconds_min", "gate_typing_ms_min", "gate_points", "gate_lines", "gate_points_refer",
            "gate_points_reject", "gate_channels_measured", "gate_signs_of_two", "network_points_stop",
            "network_points_refer", "network_points_hand", "network_points_alone",
            "network_hub_people", "network_hub_days",
            "gate_proof_bits", "gate_proof_bits_max",
            "gate_proof_sessions_free", "gate_proof_minutes",
            "flow_months_min", "declared_over_banked_bps_max", "invoiced_over_banked_bps_max",
            "declared_income_over_verified_bps_max", "round_trip_share_bps_max", "chain_breaks_max",
        ],
    ),
    **_listed(
        "cards",
        ["willingness_steps", "ability_steps", "card_payment_share_bps", "ability_annual_rate_bps", "card_learning"],
    ),
    **_listed("limit", ["limit_parts", "indication_sales_share_bps", "insurer_amount_cents_max"]),
    **_listed(
        "price",
        [
            "annual_rate_cap", "annual_rate_cap_bank", "annual_rate_cap_consumer_finance", "annual_rate_cap_fund",
            "annual_rate_cap_micro_loan", "annual_rate_cap_trust", "annual_rate_cap_means", "assumed_annual_rate",
            "funding_cost_bps", "capital_charge_bps", "operating_bps", "margin_bps_min", "rate_step_bps",
            "lgd_bps", "exposure_at_default_bps", "life_share_bps", "penalty_annual_rate",
        ],
    ),
    **_listed("product", ["fit_weight_acceptance", "fit_weight_cost", "fit_weight_margin"]),
    **_listed(
        "line",
        [
            "currency", "amount_cents_min", "amount_cents_max", "term_months_max", "roles_accepted",
            "territory_cities", "territory_states", "channel_grades_accepted", "channel_deposit_share_bps_min",
            "visit_photos_min", "visit_distance_m_max", "mutual_guarantors_max", "online_court_cases_max",
            "said_sales_spread_bps_max", "hidden_debt_share_bps_max", "equity_deviation_bps_max",
            "phone_questions", "phone_right_share_bps_min", "phone_right_share_bps_fail", "coaching_points_max",
            "same_wording_bps_min", "visit_minutes_min", "rebuilt_sales_spread_bps_max", "meter_spread_bps_max",
            "second_visit_share_bps", "online_checklist_long",
            *_SIGNS,
            "use_proof_days", "use_forbidden", "bureau_query_price_cents",
            "apply_days_kept", "papers_days_kept", "frames_days_kept",
        ],
    ),
}  # fmt: skip
"""Parameters that the code reads by name, each with the engine it belongs to."""

PARAMETERS_OF_LABELS = frozenset(
    {
        *_SIGNS, "willingness_steps", "ability_steps", "card_payment_share_bps", "ability_annual_rate_bps",
        "gate_points", "gate_lines", "gate_points_refer", "gate_points_reject", "gate_channels_measured",
        "gate_signs_of_two",
    }
)  # fmt: skip
"""Parameters that make labels, or weigh a session at the front gate, and nothing else: no case of facts shows them, the
tests of those rooms do."""

TABLES_BY_ENGINE: Mapping[str, Part] = {
    "tier": "strategy",
    "limit_by_tier": "limit",
    "sales_share": "limit",
    "margin_by_tier": "price",
    "renewal_discount": "price",
    "product_fit": "product",
}
"""Tables that the code looks up by name."""

STRATEGY_ANSWERS = ("tier", "lane")
"""What the strategy must answer: the tier, and the lane that goes with it."""
