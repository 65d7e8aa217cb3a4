"""What a label is: one named fact about an applicant, declared once, with its meaning, source and limits of use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from creditfactory.kernel import Scalar

LabelType = Literal["int", "float", "bool", "str", "date"]
Source = Literal[
    "request", "applicant", "business", "bureau", "registry", "court", "tax", "bank_flow", "cross_check", "debts",
    "proofs", "device", "identity", "network", "channel", "sba_form", "bank_statement", "invoices", "utilities",
    "contacts", "telecom", "paper", "geography", "series", "audit_vault",
]  # fmt: skip
Polarity = Literal["premium", "neutral", "adverse"]
Sensitivity = Literal["public", "internal", "financial", "personal", "sensitive"]
MissingRule = Literal["unknown", "whole_window", "what_is_there"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The declaration of one label.

    ``polarity`` says how credit officers read a high value or a yes; ``is_protected`` labels may be audited for
    fairness and never decide (LAB-04). ``words`` are all the words a text label can hold; none means free text.
    ``family``, ``cut``, ``measure`` and ``window`` are set where a family expanded to it. ``missing`` says what holds
    where its source is short; ``legal_basis`` by what right the source may be read, ``owner`` who answers for it.
    """

    name: str
    type: LabelType
    unit: str
    meaning: Mapping[str, str]
    source: Source
    packs: tuple[str, ...]
    minimum: int | float | None = None
    maximum: int | float | None = None
    words: tuple[str, ...] | None = None
    polarity: Polarity = "neutral"
    is_protected: bool = False
    family: str = ""
    cut: str = ""
    measure: str = ""
    window: str = ""
    owner: str = ""
    legal_basis: str = ""
    sensitivity: Sensitivity = "financial"
    missing: MissingRule = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """One applicant's labels as known at ``as_of``: every declared name is there, unknown ones as None.

    ``why_missing`` gives, for each None, a code of :data:`WHY_MISSING`.
    """

    pack: str
    as_of: datetime
    facts: Mapping[str, Scalar]
    why_missing: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Scalar:
        return self.facts[name]


WHY_MISSING: Mapping[str, Mapping[str, str]] = {
    "not_stated": {"en": "The applicant did not state it", "zh": "申请人未填写"},
    "not_reported": {"en": "The source does not report it", "zh": "数据来源未提供"},
    "not_comparable": {"en": "The figures to compare are not both known", "zh": "缺少可比对的数据"},
    "out_of_range": {"en": "The figure found lies outside what is possible", "zh": "数值超出合理范围"},
    "too_short": {"en": "The record is too short", "zh": "记录期间过短"},
    "no_bureau": {"en": "No bureau report", "zh": "无征信报告"},
    "no_bureau_record": {"en": "The bureau knows no record of the applicant", "zh": "征信无记录"},
    "no_registry": {"en": "No registry extract", "zh": "无工商登记信息"},
    "no_court": {"en": "No court search", "zh": "无司法查询结果"},
    "no_tax": {"en": "No tax record", "zh": "无税务信息"},
    "no_bank_flow": {"en": "No bank statements", "zh": "无银行流水"},
    "no_device": {"en": "No device session", "zh": "无设备信息"},
    "no_identity": {"en": "No identity check", "zh": "无身份核验结果"},
    "no_proof": {"en": "No such proof was shown", "zh": "未提供该类证明"},
    "no_network": {"en": "The network was not looked at", "zh": "未做关系网络分析"},
    "no_own_loan": {"en": "The applicant has had no loan here", "zh": "本人在我处无既往贷款"},
    "no_channel": {"en": "No facts on the channel", "zh": "无渠道信息"},
    "no_statement": {"en": "No bank statement line by line", "zh": "无逐笔银行流水"},
    "no_invoices": {"en": "No invoices", "zh": "无发票明细"},
    "window_not_reached": {"en": "The record does not reach back as far as the window", "zh": "记录期未覆盖该时间窗口"},
    "record_ends_early": {"en": "The record ends before the instant looked from", "zh": "记录早于查询时点结束"},
    "none_in_window": {"en": "Nothing of the kind in the window", "zh": "窗口内无该类记录"},
    "too_few": {"en": "Too few to say", "zh": "笔数过少"},
    "nothing_before": {"en": "Nothing in the stretch before to compare with", "zh": "上一区间无可比数据"},
    "whole_is_zero": {"en": "The whole is zero, so there is no share of it", "zh": "合计为零,无占比"},
    "parties_unknown": {"en": "The other sides are not known", "zh": "对手方未知"},
    "no_sba_form": {"en": "No SBA application form", "zh": "无 SBA 申请表"},
    "no_accounts": {"en": "The bureau report shows no accounts", "zh": "征信报告无账户明细"},
    "no_queries": {"en": "The bureau report shows no queries", "zh": "征信报告无查询明细"},
    "no_duties": {"en": "The bureau report says nothing of duties for others", "zh": "征信报告无相关还款责任信息"},
    "no_public_records": {"en": "The bureau report says nothing of public records", "zh": "征信报告无公共信息"},
    "no_utilities": {"en": "No meter bills", "zh": "无水电气账单"},
    "no_returns": {"en": "No tax returns, month by month", "zh": "无逐月纳税申报"},
    "no_changes": {"en": "No list of changes in the registry", "zh": "无工商变更明细"},
    "no_cases": {"en": "No list of court cases", "zh": "无案件明细"},
    "no_contacts": {"en": "No contacts named", "zh": "未提供联系人"},
    "no_telecom": {"en": "Nothing from the telephone company", "zh": "无运营商信息"},
    "no_papers": {"en": "No papers handed in", "zh": "未提交材料"},
    "no_tie": {"en": "The applicant shares nothing of this kind with others", "zh": "无此类关联"},
    "no_series": {"en": "No figures were published by then", "zh": "当时尚无公布数据"},
    "none_of_kind": {"en": "There is none of this kind to measure", "zh": "无此类项目可计量"},
    "audit_only": {"en": "Kept in the audit vault, for fairness tests only", "zh": "仅存于审计库,用于公平性检验"},
}
"""Why a label can be unknown, in words."""
