"""Sources held against each other (LAB-05): costs and sales, invoiced and banked, taxed and declared,
debts and income."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from creditfactory.labels.families.declaring import BPS_MAX, CENTS_MAX, declare
from creditfactory.labels.label import Polarity, Source
from creditfactory.labels.ratios import Kind, Ratio


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a ratio: its code in names, the label's name with ``{w}`` for the window, its words, its windows.

    ``windows`` are one code for each step: a month, a quarter, half a year, a year; empty where a side has none.
    """

    code: str
    name: str
    en: str
    zh: str
    windows: tuple[str, ...] = ()


_BANK = ("30d", "90d", "180d", "360d")
_INVOICE = ("30d", "90d", "180d", "365d")
_MONTHS = ("", "3m", "6m", "12m")
STEPS = ("month", "quarter", "half_year", "year")
_STEP_WORDS = {
    "month": ("a month", "近一月"), "quarter": ("a quarter", "近一季"), "half_year": ("half a year", "近半年"),
    "year": ("a year", "近一年"), "": ("", ""),
}  # fmt: skip


def _bank(code: str, en: str, zh: str) -> Side:
    return Side(f"banked_{code}", f"bank__{code}__sum_cents__{{w}}", f"{en} by statements", f"流水{zh}", _BANK)


SALE, MONEY_IN, MONEY_OUT = (
    _bank("sale", "sales", "销售回款"),
    _bank("in", "money in", "入账"),
    _bank("out", "money out", "出账"),
)
OPERATING, PURCHASE = _bank("operating", "costs", "经营支出"), _bank("purchase", "purchases", "采购付款")
WAGE, RENT, TAX = _bank("wage", "wages", "工资"), _bank("rent", "rent", "租金"), _bank("tax", "taxes", "税费")
DEBT, LOAN_IN = _bank("debt", "debts repaid", "还贷还卡"), _bank("loan_in", "loans paid out", "贷款入账")
REPAID, CARD_REPAID = (
    _bank("loan_repayment", "instalments", "贷款还款"),
    _bank("card_repayment", "card bills", "信用卡还款"),
)
PERSON_IN, PERSON_OUT = (
    _bank("person_in", "transfers from persons", "个人转入"),
    _bank("person_out", "transfers to persons", "转出个人"),
)
CASH_IN, CASH_OUT = _bank("cash_in", "cash paid in", "现金存入"), _bank("cash_out", "cash drawn", "现金支取")
OWN_IN, OWN_OUT = (
    _bank("own_in", "transfers from own accounts", "本人转入"),
    _bank("own_out", "transfers to own accounts", "转出本人"),
)
UTILITY, LOGISTICS = _bank("utility", "meters paid", "水电气"), _bank("logistics", "carriage", "物流")
SECURITY, REFUND = _bank("social_security", "social security", "社保"), _bank("refund_out", "refunds", "退款")
RISKY, CONSUMED = (
    _bank("risky", "securities, property and games", "证券房产博彩"),
    _bank("consumption", "private spending", "消费"),
)
SALE_OWNER, SALE_FIRM = (
    _bank("sale_owner", "sales to the owner's account", "个人户回款"),
    _bank("sale_firm", "sales to the firm's account", "对公户回款"),
)
INVOICED = Side("invoiced", "invoice__sales__net_cents__{w}", "sales invoiced", "开票销售", _INVOICE)
BOUGHT = Side("bought", "invoice__purchases__net_cents__{w}", "purchases invoiced", "进项采购", _INVOICE)
TAXED = Side("taxed", "return__all__sum_cents__{w}", "sales in tax returns", "申报销售", _MONTHS)
TAXES = Side("taxes", "return_tax__all__sum_cents__{w}", "taxes in returns", "申报税额", _MONTHS)
METERS = Side("metered", "meter_bill__all__sum_cents__{w}", "meter bills", "水电气账单", _MONTHS)
POWER = Side("power", "meter__electricity__sum_units__{w}", "kilowatt-hours", "用电度数", _MONTHS)
OPENED = Side("opened", "bureau_opened__all__count__{w}", "accounts opened", "新开账户", ("", "90d", "180d", "365d"))
ASKED = Side("asked", "bureau_queries__hard__count__{w}", "lenders' queries", "审批查询", ("", "90d", "180d", "365d"))
LENT = Side("lent", "bureau_opened__unsecured_loans__sum_cents__{w}", "unsecured loans taken", "新增信用贷款",
            ("", "90d", "180d", "365d"))  # fmt: skip


def _name(code: str, name: str, en: str, zh: str) -> Side:
    return Side(code, name, en, zh)


AMOUNT = _name("asked_amount", "requested_amount_cents", "amount asked for", "申请金额")
DECLARED = _name("declared", "declared_sales_12m_cents", "stated sales of a year", "自述年销售额")
STATED_INCOME = _name("stated_income", "declared_income_cents", "stated monthly income", "自述月收入")
INCOME = _name("income", "verified_income_cents", "verified monthly income", "核实月收入")
SALES_MONTH = _name("sales_month", "verified_sales_monthly_cents", "verified monthly sales", "核实月销售")
EMPLOYEES = _name("employees", "employees", "person employed", "员工")
INSURED = _name("insured", "linkage__firm__insured_people", "insured person", "参保人员")
CAPITAL = _name("capital", "registry_capital_cents", "registered capital", "注册资本")
DUE = _name("due", "monthly_due_cents", "instalments due a month", "月应还款")
LOANS = _name("loans", "loan_balance_cents", "loans open", "贷款余额")
UNSECURED = _name("unsecured", "unsecured_balance_cents", "unsecured loans open", "信用贷款余额")
GUARANTEES = _name("guarantees", "guarantees_cents", "guarantees for others", "对外担保")
CARD_LIMIT = _name("card_limit", "card_limit_cents", "card limits", "信用卡额度")
CARD_USED = _name("card_used", "card_used_cents", "card use", "信用卡已用")
BALANCE = _name("balance", "balance_cents", "balance of the accounts", "账户余额")
ONLINE = _name("online", "bureau_accounts__online__balance_cents", "online loans open", "网贷余额")
NONBANK = _name(
    "nonbank", "bureau_accounts__nonbanks__balance_cents", "loans open at other lenders than banks", "非银余额"
)
BUSINESS = _name("business_loans", "bureau_accounts__business__balance_cents", "business loans open", "经营贷余额")
HOME = _name("home_loans", "bureau_accounts__home__balance_cents", "home loans open", "房贷余额")
LARGEST = _name("largest", "bureau_accounts__all__limit_max_cents", "largest limit another lender gave", "他行最高授信")
PREMIUM = _name("premium", "insurance_premium_cents", "yearly insurance premium", "年缴保费")
MORTGAGE = _name("mortgage", "mortgage_instalment_cents", "mortgage instalment", "房贷月供")
DEPOSIT = _name("deposit", "channel__record__deposit_cents", "the channel's deposit", "渠道保证金")

_WITHIN: tuple[tuple[Side, Side, Polarity], ...] = (
    (OPERATING, SALE, "neutral"), (PURCHASE, SALE, "neutral"), (WAGE, SALE, "neutral"), (RENT, SALE, "neutral"),
    (TAX, SALE, "premium"), (UTILITY, SALE, "neutral"), (LOGISTICS, SALE, "neutral"), (SECURITY, WAGE, "premium"),
    (DEBT, SALE, "adverse"), (LOAN_IN, SALE, "adverse"), (LOAN_IN, REPAID, "adverse"), (REFUND, SALE, "adverse"),
    (PERSON_OUT, SALE, "adverse"), (PERSON_OUT, PERSON_IN, "adverse"), (CASH_OUT, SALE, "adverse"),
    (CASH_OUT, CASH_IN, "neutral"), (OWN_OUT, OWN_IN, "neutral"), (MONEY_OUT, MONEY_IN, "adverse"),
    (RISKY, SALE, "adverse"), (CONSUMED, SALE, "adverse"), (SALE_OWNER, SALE_FIRM, "neutral"),
    (CARD_REPAID, REPAID, "neutral"), (RENT, WAGE, "neutral"),
)  # fmt: skip
_ACROSS: tuple[tuple[Side, Side, Polarity], ...] = (
    (INVOICED, SALE, "neutral"), (INVOICED, MONEY_IN, "neutral"), (BOUGHT, PURCHASE, "neutral"),
    (BOUGHT, INVOICED, "neutral"), (TAXED, INVOICED, "neutral"), (TAXED, SALE, "neutral"), (TAXES, TAXED, "premium"),
    (TAXES, TAX, "neutral"), (METERS, UTILITY, "neutral"), (METERS, SALE, "neutral"), (LENT, LOAN_IN, "neutral"),
    (LENT, SALE, "adverse"), (ASKED, OPENED, "adverse"),
)  # fmt: skip
_SIZES: tuple[tuple[Side, Polarity], ...] = (
    (AMOUNT, "adverse"), (DECLARED, "adverse"), (LOANS, "adverse"), (UNSECURED, "adverse"), (GUARANTEES, "adverse"),
    (CARD_USED, "adverse"), (ONLINE, "adverse"), (NONBANK, "adverse"), (BUSINESS, "neutral"), (BALANCE, "premium"),
    (CAPITAL, "neutral"), (DUE, "adverse"),
)  # fmt: skip
_YEARLY = tuple((over, under, polarity) for over, polarity in _SIZES for under in (SALE, MONEY_IN, INVOICED, TAXED))
_STANDING: tuple[tuple[Side, Side, Polarity], ...] = (
    (AMOUNT, INCOME, "adverse"), (AMOUNT, STATED_INCOME, "adverse"), (AMOUNT, SALES_MONTH, "adverse"),
    (AMOUNT, CARD_LIMIT, "adverse"), (AMOUNT, LARGEST, "adverse"), (AMOUNT, LOANS, "neutral"),
    (AMOUNT, UNSECURED, "neutral"), (AMOUNT, CAPITAL, "neutral"), (AMOUNT, BALANCE, "adverse"),
    (AMOUNT, PREMIUM, "neutral"), (AMOUNT, MORTGAGE, "neutral"), (AMOUNT, DEPOSIT, "neutral"),
    (STATED_INCOME, INCOME, "adverse"), (DECLARED, CAPITAL, "neutral"), (UNSECURED, LOANS, "adverse"),
    (UNSECURED, INCOME, "adverse"), (ONLINE, UNSECURED, "adverse"), (NONBANK, LOANS, "adverse"), (HOME, LOANS,
     "neutral"),
    (BUSINESS, LOANS, "neutral"), (CARD_USED, INCOME, "adverse"), (CARD_LIMIT, INCOME, "premium"),
    (GUARANTEES, INCOME, "adverse"), (LOANS, INCOME, "adverse"), (BALANCE, DUE, "premium"), (MORTGAGE, DUE, "neutral"),
    (PREMIUM, INCOME, "premium"), (DUE, STATED_INCOME, "adverse"), (CARD_LIMIT, LOANS, "premium"),
)  # fmt: skip
_MONTHLY: tuple[tuple[Side, Side, Polarity], ...] = (
    (REPAID, DUE, "neutral"), (DEBT, DUE, "neutral"), (CARD_REPAID, CARD_USED, "premium"), (DEBT, INCOME, "adverse"),
    (LOAN_IN, AMOUNT, "adverse"), (SALE, BALANCE, "neutral"),
)  # fmt: skip
_EACH: tuple[tuple[Side, Side, Polarity], ...] = (
    (SALE, EMPLOYEES, "premium"), (INVOICED, EMPLOYEES, "premium"), (WAGE, EMPLOYEES, "premium"),
    (WAGE, INSURED, "neutral"), (SECURITY, INSURED, "neutral"), (RENT, EMPLOYEES, "neutral"), (SALE, POWER, "neutral"),
    (TAXED, POWER, "neutral"), (TAXED, EMPLOYEES, "premium"),
)  # fmt: skip


def _make(over: Side, under: Side, polarity: Polarity, step: str, kind: Kind) -> Ratio | None:
    place = STEPS.index(step) if step else -1
    windows = [side.windows[place] if side.windows and step else "" for side in (over, under)]
    if step and any(side.windows and not window for side, window in zip((over, under), windows, strict=True)):
        return None
    en, zh = _STEP_WORDS[step]
    unit = "bps" if kind == "bps" else "cents"
    against = f"{over.en} for each {under.en}" if kind == "each" else f"{over.en} against {under.en}"
    told = f"{against[0].upper() + against[1:]}{f', {en}' if en else ''}"
    label = declare(
        "cross_check", ("cross", f"{over.code}_to_{under.code}", unit), unit, told,
        f"{zh}{'每单位' + under.zh + '对应的' + over.zh if kind == 'each' else over.zh + '与' + under.zh + '之比'}",
        polarity, low=-BPS_MAX if kind == "bps" else -CENTS_MAX, window=step,
    )  # fmt: skip
    sides = [side.name.format(w=window) for side, window in zip((over, under), windows, strict=True)]
    return Ratio(label=label, over=sides[0], under=sides[1], kind=kind)


def _make_all() -> Iterator[Ratio | None]:
    for over, under, polarity in (*_WITHIN, *_ACROSS, *_MONTHLY):
        yield from (_make(over, under, polarity, step, "bps") for step in STEPS)
    for over, under, polarity in _YEARLY:
        yield from (_make(over, under, polarity, step, "bps") for step in ("quarter", "year"))
    yield from (_make(over, under, polarity, "", "bps") for over, under, polarity in _STANDING)
    for over, under, polarity in _EACH:
        yield from (_make(over, under, polarity, step, "each") for step in ("quarter", "year"))
    yield from _compare_growth()


def _compare_growth() -> Iterator[Ratio]:
    """The firm's own growth against that of its industry, its city and the country."""
    own: tuple[tuple[str, str, str, str, Source], ...] = (
        ("invoiced", "invoice__sales__year_change_bps__365d", "sales invoiced", "开票销售", "invoices"),
        (
            "invoiced_quarter",
            "invoice__sales__year_change_bps__90d",
            "sales invoiced of a quarter",
            "近一季开票销售",
            "invoices",
        ),
        ("taxed", "return__all__year_change_bps__12m", "sales in tax returns", "申报销售", "tax"),
        ("power", "meter__electricity__year_change_bps__12m", "electricity used", "用电量", "utilities"),
    )
    around = (
        ("industry", "economy_industry__sales_yoy__latest", "the industry", "行业营业收入"),
        ("city", "economy_city__gdp_yoy__latest", "the city", "城市生产总值"),
        ("country", "economy_country__retail_yoy__latest", "the country's retail trade", "全国社会零售"),
    )
    for code, name, en, zh, _ in own:
        for other, other_name, other_en, other_zh in around:
            label = declare(
                "cross_check", ("cross", f"{code}_growth_to_{other}", "bps"), "bps",
                f"Growth of {en} on the year less that of {other_en}", f"{zh}同比增速减{other_zh}同比", "premium",
                low=-BPS_MAX,
            )  # fmt: skip
            yield Ratio(label=label, over=name, under=other_name, kind="growth_gap")


RATIOS: tuple[Ratio, ...] = tuple(ratio for ratio in _make_all() if ratio is not None)
"""Every ratio across labels."""
