"""The 24 stations by code, and the shape of what each leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

from creditfactory.stations import (
    s01_channel_admission,
    s02_lead,
    s03_consent,
    s04_intake,
    s05_data_entry,
    s06_front_gate,
    s07_list_check,
    s08_data_pull,
    s09_cash_flow,
    s10_labels,
    s11_policy,
    s12_scores,
    s13_lane,
    s14_online_check,
    s15_phone_check,
    s16_site_visit,
    s17_final_review,
    s18_offer,
    s19_funder_decision,
    s20_contract,
    s21_disbursement,
    s22_use_check,
    s23_early_warning,
    s24_collection,
)
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Outcome
from creditfactory.stations.plan import CODES

_MODULES: tuple[ModuleType, ...] = (
    s01_channel_admission,
    s02_lead,
    s03_consent,
    s04_intake,
    s05_data_entry,
    s06_front_gate,
    s07_list_check,
    s08_data_pull,
    s09_cash_flow,
    s10_labels,
    s11_policy,
    s12_scores,
    s13_lane,
    s14_online_check,
    s15_phone_check,
    s16_site_visit,
    s17_final_review,
    s18_offer,
    s19_funder_decision,
    s20_contract,
    s21_disbursement,
    s22_use_check,
    s23_early_warning,
    s24_collection,
)
RUNS: Mapping[str, Callable[[Case, Context], Outcome]] = {
    code: module.run for code, module in zip(CODES, _MODULES, strict=True)
}
RESULTS: Mapping[str, type] = {code: module.RESULT for code, module in zip(CODES, _MODULES, strict=True)}
