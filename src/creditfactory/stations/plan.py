"""The line as drawn: 24 stations, who works at each, and what each promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class StationPlan:
    """One station; ``promise_seconds`` is how soon its work should be done once an application has come in."""

    number: int
    code: str
    name_en: str
    name_zh: str
    actor: Literal["machine", "person", "borrower", "outside"]
    phase: Literal["front", "decision", "after"]
    promise_seconds: int


STATIONS: tuple[StationPlan, ...] = (
    StationPlan(1, "channel_admission", "Channel admission", "渠道开拓准入", "machine", "front", 3 * DAY),
    StationPlan(2, "lead", "Lead and pre-assessment", "营销获客与预评估", "machine", "front", 5),
    StationPlan(3, "consent", "Consent", "告知与授权", "borrower", "front", 2 * MINUTE),
    StationPlan(4, "intake", "Intake", "进件受理", "borrower", "front", 10 * MINUTE),
    StationPlan(5, "data_entry", "Data entry", "信息录入与质检", "machine", "front", 10 * MINUTE),
    StationPlan(6, "front_gate", "Front gate", "反欺诈前门", "machine", "front", 10),
    StationPlan(7, "list_check", "Lists and AML", "名单与反洗钱", "machine", "front", 5),
    StationPlan(8, "data_pull", "Data pull", "外部数据采集", "outside", "front", MINUTE),
    StationPlan(9, "cash_flow", "Cash-flow check", "流水与三表交叉验证", "machine", "decision", MINUTE),
    StationPlan(10, "labels", "Labels and network", "标签与关系网络", "machine", "decision", 2),
    StationPlan(11, "policy", "Policy", "信贷政策审查", "machine", "decision", 1),
    StationPlan(12, "scores", "Scores", "评分", "machine", "decision", 1),
    StationPlan(13, "lane", "Lane", "分级分流", "machine", "decision", 1),
    StationPlan(14, "online_check", "Online check", "网核", "person", "decision", 15 * MINUTE),
    StationPlan(15, "phone_check", "Phone check", "电核", "person", "decision", 20 * MINUTE),
    StationPlan(16, "site_visit", "Site visit", "实地调查", "person", "decision", DAY),
    StationPlan(17, "final_review", "Final review", "信审终审", "person", "after", 30 * MINUTE),
    StationPlan(18, "offer", "Offer", "额度定价与产品优选", "machine", "after", 1),
    StationPlan(19, "funder_decision", "Funder and insurer", "资金方与保险方独立审批", "outside", "after", 15 * MINUTE),
    StationPlan(20, "contract", "Contract", "签约与成本明示", "borrower", "after", 10 * MINUTE),
    StationPlan(21, "disbursement", "Disbursement", "放款直付与对账", "outside", "after", 15 * MINUTE),
    StationPlan(22, "use_check", "Use check", "用途核查", "person", "after", 30 * DAY),
    StationPlan(23, "early_warning", "Early warning", "贷后预警", "machine", "after", DAY),
    StationPlan(24, "collection", "Collection and claims", "催收与理赔", "person", "after", DAY),
)
CODES: tuple[str, ...] = tuple(station.code for station in STATIONS)
BY_CODE = {station.code: station for station in STATIONS}
LANES = ("A", "B", "C")
