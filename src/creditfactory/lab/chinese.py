"""The Chinese of the lab's documents, pictures and reports: one table beside this file, sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml


@cache
def read_chinese() -> Mapping[str, str]:
    """Each English sentence of the lab in Chinese.

    >>> read_chinese()["How it is watched"]
    '监控方案'
    """
    found: Mapping[str, str] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return found


CODES: Mapping[str, tuple[str, str]] = {
    "request": ("the request", "申请"), "applicant": ("the applicant", "申请人"), "business": ("the business", "企业"),
    "bureau": ("credit bureau", "征信"), "registry": ("business registry", "工商登记"), "court": ("courts", "司法"),
    "tax": ("tax", "税务"), "bank_flow": ("bank statements", "银行流水"), "cross_check": ("cross-check", "交叉验证"),
    "debts": ("debts", "负债"), "proofs": ("proofs", "证明材料"), "device": ("device", "设备"),
    "identity": ("identity check", "身份核验"), "network": ("network", "关系网络"), "channel": ("channel", "渠道"),
    "sba_form": ("SBA form", "SBA 申请表"), "bank_statement": ("bank statement lines", "银行流水明细"),
    "invoices": ("VAT invoices", "增值税发票"), "utilities": ("utilities", "水电气"),
    "contacts": ("contacts", "联系人"),
    "telecom": ("telephone company", "运营商"), "paper": ("papers handed in", "提交材料"),
    "geography": ("places", "地理"),
    "series": ("published series", "公布序列"), "the data handed in": ("the data handed in", "所提供的数据"),
    "delay": ("late payment", "逾期"), "bill": ("bills", "账单"), "payment": ("payments", "还款"),
    "limit": ("credit limit", "额度"), "collateral": ("collateral", "抵押物"), "loan": ("the loan", "贷款"),
    "earlier loans": ("earlier loans", "既往贷款"), "form": ("the form", "申请表"),
    "milliseconds": ("milliseconds", "毫秒"),
    "cents": ("cents", "分"), "bps": ("hundredths of a per cent", "基点"), "months": ("months", "月"),
    "days": ("days", "天"),
    "years": ("years", "年"), "count": ("number", "个数"), "share": ("share", "占比"), "text": ("word", "文字"),
    "yes or no": ("yes or no", "是/否"), "seconds": ("seconds", "秒"), "weekday": ("day of the week", "星期"),
    "units": ("units", "单位数"), "minutes": ("minutes", "分钟"), "metres": ("metres", "米"),
    "points": ("points", "分"),
    "ever 90 days late within 18 months": ("ever 90 days late within 18 months", "18 个月内曾逾期 90 天以上"),
    "as in the data": ("as in the data", "与数据一致"), "word": ("word", "文字"), "code": ("code", "代码"),
}  # fmt: skip
"""Sources and units of characteristics, in English and Chinese."""
