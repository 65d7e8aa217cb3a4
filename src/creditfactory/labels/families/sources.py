"""Who answers for each source, by what right it may be read, and how sensitive it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from creditfactory.labels.label import Sensitivity, Source


@dataclass(frozen=True, slots=True)
class Basis:
    """By what right something may be read, in both languages; ``is_checked`` once somebody held it against the text."""

    en: str
    zh: str
    is_checked: bool = False


LEGAL_BASES: Mapping[str, Basis] = {
    "application": Basis(
        "Personal Information Protection Law, art. 13: what the applicant states so that the contract can be made",
        "《个人信息保护法》第十三条:订立合同所必需,由申请人自行填写",
    ),
    "credit_report": Basis(
        "Rules for credit reporting (2021 no. 4), art. 12, with the applicant's written consent and stated purpose; "
        "PIPL art. 28 and 29",
        "《征信业务管理办法》第十二条,经申请人书面授权并注明用途;《个人信息保护法》第二十八、二十九条",
    ),
    "financial_account": Basis(
        "PIPL art. 28 and 29: separate consent, for financial accounts are sensitive information",
        "《个人信息保护法》第二十八、二十九条:金融账户属敏感个人信息,须单独同意",
    ),
    "tax_consent": Basis(
        "PIPL art. 23 and 13: consent that the tax bureau passes the firm's figures on",
        "《个人信息保护法》第十三、二十三条:经授权由税务机关提供",
    ),
    "public_register": Basis(
        "Published by the registry or the courts; PIPL art. 27: information made public lawfully, within reason",
        "依法公开的登记与司法信息,《个人信息保护法》第二十七条:在合理范围内处理",
    ),
    "utility_consent": Basis(
        "PIPL art. 23: consent that the supplier passes the meter's record on",
        "《个人信息保护法》第二十三条:经同意由供应单位提供",
    ),
    "security": Basis(
        "PIPL art. 13: needed to keep fraud out; told in the privacy notice, kept no longer than needed",
        "《个人信息保护法》第十三条:防范欺诈所必需,已在隐私政策告知,不超期保存",
    ),
    "biometrics": Basis(
        "PIPL art. 28 and 29: separate consent for biometrics, with another way for those who refuse",
        "《个人信息保护法》第二十八、二十九条:生物识别信息须单独同意,并提供替代方式",
    ),
    "third_persons": Basis(
        "PIPL art. 23 and 13: the applicant's consent; of other persons only tokens and counts",
        "《个人信息保护法》第十三、二十三条:经申请人同意;涉及他人仅保留令牌与计数",
    ),
    "own_records": Basis(
        "The house's own records of applications and contracts; PIPL art. 13 and 24",
        "本机构自有的申请与合同记录,《个人信息保护法》第十三、二十四条",
    ),
    "statistics": Basis("Published statistics, no personal information", "公开统计数据,不含个人信息"),
    "audit_only": Basis(
        "Kept apart in the audit vault for fairness tests only; PIPL art. 24: no unreasonable difference in treatment",
        "仅存于审计库,用于公平性检验;《个人信息保护法》第二十四条:不得实行不合理的差别待遇",
    ),
    "sba_form": Basis(
        "Published under the US Freedom of Information Act; no names", "依美国《信息自由法》公开的数据,不含姓名"
    ),
}
"""Every legal basis by code. None has been held against the primary text yet: to be checked by the law desk."""


@dataclass(frozen=True, slots=True)
class SourceCard:
    """One source: who answers for it, by what right it is read, how sensitive it is, and where it lies in a dossier."""

    owner: str
    legal_basis: str
    sensitivity: Sensitivity
    field: str


SOURCES: Mapping[Source, SourceCard] = {
    "request": SourceCard("credit-policy", "application", "internal", "request"),
    "applicant": SourceCard("credit-policy", "application", "personal", "applicant"),
    "business": SourceCard("credit-policy", "application", "internal", "business"),
    "bureau": SourceCard("bureau-desk", "credit_report", "sensitive", "evidence[bureau]"),
    "registry": SourceCard("registry-desk", "public_register", "public", "evidence[registry]"),
    "court": SourceCard("registry-desk", "public_register", "public", "evidence[court]"),
    "tax": SourceCard("cash-flow-desk", "tax_consent", "financial", "evidence[tax]"),
    "bank_flow": SourceCard("cash-flow-desk", "financial_account", "sensitive", "evidence[bank_flow]"),
    "bank_statement": SourceCard("cash-flow-desk", "financial_account", "sensitive", "evidence[bank_statement]"),
    "invoices": SourceCard("cash-flow-desk", "tax_consent", "financial", "evidence[invoices]"),
    "utilities": SourceCard("cash-flow-desk", "utility_consent", "financial", "evidence[utilities]"),
    "cross_check": SourceCard("cash-flow-desk", "financial_account", "financial", "evidence"),
    "debts": SourceCard("bureau-desk", "credit_report", "sensitive", "evidence[bureau, bank_statement]"),
    "proofs": SourceCard("credit-policy", "application", "financial", "evidence[insurance_policy, mortgage, car_loan]"),
    "device": SourceCard("fraud-desk", "security", "personal", "evidence[device]"),
    "identity": SourceCard("fraud-desk", "biometrics", "sensitive", "evidence[identity]"),
    "contacts": SourceCard("fraud-desk", "third_persons", "personal", "evidence[contacts]"),
    "telecom": SourceCard("fraud-desk", "third_persons", "personal", "evidence[telecom]"),
    "paper": SourceCard("fraud-desk", "security", "personal", "evidence[paper]"),
    "geography": SourceCard("fraud-desk", "security", "sensitive", "evidence[device, telecom, contacts]"),
    "network": SourceCard("fraud-desk", "own_records", "internal", "the network of applications"),
    "channel": SourceCard("channel-desk", "own_records", "internal", "the channel's record"),
    "series": SourceCard("portfolio-desk", "statistics", "public", "series/*.csv"),
    "audit_vault": SourceCard("compliance", "audit_only", "sensitive", "the audit vault, never a dossier"),
    "sba_form": SourceCard("history-desk", "sba_form", "internal", "evidence[sba_form]"),
}
"""Every source by its code."""


def describe(source: Source) -> dict[str, Any]:
    """Owner, legal basis and sensitivity as a family of this source declares them.

    >>> describe("court")["owner"]
    'registry-desk'
    """
    card = SOURCES[source]
    return {"owner": card.owner, "legal_basis": card.legal_basis, "sensitivity": card.sensitivity}
