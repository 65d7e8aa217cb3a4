"""The series the house follows: the economy, the firm's industry, and the city of the business (LAB-05)."""

from __future__ import annotations

from typing import Any

from creditfactory.labels.label import Polarity
from creditfactory.labels.series import SeriesDeclaration

_YEARLY: dict[str, Any] = {"unit": "bps", "minimum": -10_000, "maximum": 100_000}
_SHARE: dict[str, Any] = {"unit": "bps", "minimum": 0, "maximum": 10_000}
_INDEX: dict[str, Any] = {"unit": "points", "minimum": 0, "maximum": 100_000}
_CENTS: dict[str, Any] = {"unit": "cents", "minimum": 0, "maximum": 10**13}
_DAYS: dict[str, Any] = {"unit": "days", "minimum": 0, "maximum": 3_650}


def _country(
    name: str, en: str, zh: str, polarity: Polarity, shape: dict[str, Any], months: int = 1
) -> SeriesDeclaration:
    return SeriesDeclaration(
        name=f"country_{name}", key="none", en=en, zh=zh, polarity=polarity, period_months=months, **shape
    )


def _industry(
    name: str, en: str, zh: str, polarity: Polarity, shape: dict[str, Any], months: int = 1
) -> SeriesDeclaration:
    return SeriesDeclaration(
        name=f"industry_{name}", key="industry", en=en, zh=zh, polarity=polarity, period_months=months, **shape
    )


def _city(name: str, en: str, zh: str, polarity: Polarity, shape: dict[str, Any], months: int = 1) -> SeriesDeclaration:
    return SeriesDeclaration(
        name=f"city_{name}", key="city", en=en, zh=zh, polarity=polarity, period_months=months, **shape
    )


SERIES: tuple[SeriesDeclaration, ...] = (
    _country("gdp_yoy", "growth of the economy on the year", "国内生产总值同比", "premium", _YEARLY, 3),
    _country("pmi_factories", "factories' purchasing managers' index, in hundredths", "制造业采购经理指数(百分之一点)",
             "premium", _INDEX),
    _country("pmi_services", "services purchasing managers' index, in hundredths", "服务业商务活动指数(百分之一点)",
             "premium", _INDEX),
    _country("retail_yoy", "retail sales on the year", "社会消费品零售总额同比", "premium", _YEARLY),
    _country("cpi_yoy", "consumer prices on the year", "居民消费价格同比", "neutral", _YEARLY),
    _country("ppi_yoy", "factory prices on the year", "工业生产者出厂价格同比", "neutral", _YEARLY),
    _country("lpr_1y", "one-year loan prime rate", "一年期贷款市场报价利率", "adverse", _SHARE),
    _country("credit_yoy", "outstanding social financing on the year", "社会融资规模存量同比", "premium", _YEARLY),
    _country("small_loans_yoy", "small firms' loans on the year", "普惠小微贷款同比", "premium", _YEARLY),
    _country("unemployment", "surveyed urban unemployment", "城镇调查失业率", "adverse", _SHARE),
    _country("small_npl", "bad loans among loans to small firms", "小微贷款不良率", "adverse", _SHARE, 3),
    _country("exports_yoy", "exports on the year", "出口同比", "premium", _YEARLY),
    _industry("sales_yoy", "sales on the year", "营业收入同比", "premium", _YEARLY),
    _industry("profit_margin", "profit margin", "利润率", "premium", _SHARE),
    _industry("closures", "firms closed in a year among all", "年注销率", "adverse", _SHARE, 3),
    _industry("npl", "bad loans among loans", "贷款不良率", "adverse", _SHARE, 3),
    _industry("receivable_days", "days until customers pay", "应收账款周转天数", "adverse", _DAYS, 3),
    _industry("mood", "owners' mood, in hundredths", "经营者信心指数(百分之一点)", "premium", _INDEX),
    _city("gdp_yoy", "growth of the economy on the year", "生产总值同比", "premium", _YEARLY, 3),
    _city("rent_shop", "a month's rent of a square metre of shop", "商铺每平方米月租", "neutral", _CENTS, 3),
    _city("new_firms_yoy", "firms founded on the year", "新设市场主体同比", "premium", _YEARLY),
    _city("npl", "bad loans among small firms' loans", "小微贷款不良率", "adverse", _SHARE, 3),
    _city("court_cases_yoy", "new cases over loans on the year", "借贷纠纷新收案件同比", "adverse", _YEARLY, 3),
    _city("income_yoy", "people's income on the year", "居民收入同比", "premium", _YEARLY, 3),
)  # fmt: skip
"""Every series; its figures come from the file of its name, such as series/industry_npl.csv."""

SERIES_BY_NAME = {series.name: series for series in SERIES}
