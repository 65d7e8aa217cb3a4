"""The catalogue: every label the house knows, declared once, with its meaning, source, range and use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from creditfactory.kernel import BPS_WHOLE, UnknownName
from creditfactory.labels.expanding import expand_all
from creditfactory.labels.families import FAMILIES, RATIOS, READINGS
from creditfactory.labels.families.sources import describe
from creditfactory.labels.label import Label, LabelType, Polarity, Source
from creditfactory.labels.protected import PROTECTED
from creditfactory.rules import Declaration

MICRO = ("cn-micro",)
SBA = ("us-sba",)
CENTS_MAX = 10**15
BPS_MAX = 100_000_000

PURPOSES = (
    "stock", "equipment", "rent", "wages", "renovation", "expansion", "tax", "supplier", "other",
    "property", "securities", "wealth_product", "lending", "repay_debt",
)  # fmt: skip
"""The words a stated purpose can be; the last five are not what the money is for (B.9)."""

ROLES = ("legal_representative", "sole_trader", "shareholder", "partner", "employee", "other")
EDUCATIONS = ("primary", "secondary", "college", "bachelor", "postgraduate")
TAX_GRADES = ("A", "B", "M", "C", "D", "none")
SECTIONS = tuple("ABCDEFGHIJKLMNOPQRST")
NAICS_SECTORS = (
    "11", "21", "22", "23", "31", "42", "44", "48", "51", "52", "53", "54", "55", "56", "61", "62", "71", "72", "81",
    "92",
)  # fmt: skip
US_STATES = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "PR", "GU", "VI", "AS", "MP",
)  # fmt: skip

_catalogue: dict[str, Label] = {}


def _declare(
    packs: tuple[str, ...], source: Source, name: str, type: LabelType, unit: str, en: str, zh: str, **more: Any
) -> None:
    assert name not in _catalogue, f"label {name} is declared twice"
    _catalogue[name] = Label(
        name=name,
        type=type,
        unit=unit,
        meaning={"en": en, "zh": zh},
        source=source,
        packs=packs,
        **describe(source),
        **more,
    )


def _cents(name: str, source: Source, en: str, zh: str, polarity: Polarity = "neutral", low: int = 0) -> None:
    _declare(MICRO, source, name, "int", "cents", en, zh, minimum=low, maximum=CENTS_MAX, polarity=polarity)


def _count(
    name: str,
    source: Source,
    en: str,
    zh: str,
    polarity: Polarity = "neutral",
    high: int = 100_000,
    unit: str = "count",
) -> None:
    _declare(MICRO, source, name, "int", unit, en, zh, minimum=0, maximum=high, polarity=polarity)


def _months(name: str, source: Source, en: str, zh: str, polarity: Polarity = "premium", high: int = 2_400) -> None:
    _count(name, source, en, zh, polarity, high, "months")


def _bps(
    name: str, source: Source, en: str, zh: str, polarity: Polarity = "neutral", low: int = 0, high: int = BPS_MAX
) -> None:
    _declare(MICRO, source, name, "int", "bps", en, zh, minimum=low, maximum=high, polarity=polarity)


def _part(name: str, source: Source, en: str, zh: str, polarity: Polarity) -> None:
    """A part of a whole, which is never more than all of it."""
    _bps(name, source, en, zh, polarity, high=BPS_WHOLE)


def _yes_no(name: str, source: Source, en: str, zh: str, polarity: Polarity = "neutral") -> None:
    _declare(MICRO, source, name, "bool", "yes or no", en, zh, polarity=polarity)


def _word(name: str, source: Source, en: str, zh: str, words: tuple[str, ...] | None) -> None:
    _declare(MICRO, source, name, "str", "word", en, zh, words=words)


def _declare_request_and_person() -> None:
    _cents("requested_amount_cents", "request", "Amount asked for", "申请金额")
    _months("requested_term_months", "request", "Term asked for", "申请期限", "neutral")
    _word("purpose", "request", "What the money is for", "借款用途", PURPOSES)
    _declare(
        MICRO, "request", "applied_minute_of_day", "int", "minutes",
        "Minute of the applicant's own day at which the application came in", "申请时刻(申请人当地时间,当日第几分钟)",
        minimum=0, maximum=1_439,
    )  # fmt: skip
    _declare(
        MICRO, "request", "applied_weekday", "int", "weekday", "Day of the week of the application, Monday is 1",
        "申请星期(周一为1)", minimum=1, maximum=7,
    )  # fmt: skip
    _declare(
        MICRO, "applicant", "age_years", "int", "years", "Age in whole years", "年龄", minimum=0, maximum=130
    )  # fmt: skip
    _word("applicant_role", "applicant", "Role in the firm", "在企业中的角色", ROLES)
    _word("education", "applicant", "Highest education stated", "最高学历(自述)", EDUCATIONS)
    _yes_no("has_bachelor_degree", "applicant", "Bachelor's degree or higher", "本科及以上学历", "premium")
    _declare(
        MICRO, "applicant", "years_in_city", "int", "years", "Years lived in the city", "本地居住年数",
        minimum=0, maximum=130, polarity="premium",
    )  # fmt: skip
    _yes_no("owns_home", "applicant", "Owns the home", "自有住房", "premium")
    _cents("declared_income_cents", "applicant", "Monthly income as stated", "自述月收入")
    _yes_no("is_home_city", "applicant", "Lives in the city of the business", "居住地与经营地同城", "premium")


def _declare_business() -> None:
    _word("industry_division", "business", "GB/T 4754 division, two digits", "行业大类(两位)", None)
    _word("industry_section", "business", "GB/T 4754 section, one letter", "行业门类", SECTIONS)
    _months("business_months", "business", "Months in business as stated", "自述经营月数")
    _count("employees", "business", "People employed", "员工人数")
    _cents("declared_sales_12m_cents", "business", "Sales of the last twelve months as stated", "自述近12个月销售额")
    _word(
        "registry_status", "registry", "State of the firm in the registry", "工商登记状态",
        ("operating", "abnormal", "revoked", "not_found"),
    )  # fmt: skip
    _months("licence_months", "registry", "Months since registration", "营业执照月数")
    _yes_no("is_legal_representative", "registry", "Is the firm's legal representative", "是否法定代表人", "premium")
    _count(
        "registry_changes_12m",
        "registry",
        "Changes in the registry in twelve months",
        "近12个月工商变更次数",
        "adverse",
    )
    _cents("registry_capital_cents", "registry", "Registered capital", "注册资本")


def _declare_bureau_and_court() -> None:
    _yes_no("has_bureau_record", "bureau", "The bureau knows the applicant", "有征信记录", "premium")
    _cents("card_limit_cents", "bureau", "Sum of card limits", "信用卡总额度", "premium")
    _cents("card_used_cents", "bureau", "Sum of card use", "信用卡已用额度")
    _bps("card_use_bps", "bureau", "Share of the card limits in use", "信用卡使用率", "adverse")
    _count("loan_count", "bureau", "Open loans", "未结清贷款笔数")
    _cents("loan_balance_cents", "bureau", "Open loan balance", "未结清贷款余额")
    _cents("unsecured_balance_cents", "bureau", "Open unsecured balance", "未结清信用贷款余额", "adverse")
    _cents("monthly_due_cents", "bureau", "Instalments due each month", "每月应还款额", "adverse")
    _cents("overdue_now_cents", "bureau", "Amount overdue today", "当前逾期金额", "adverse")
    _months("overdue_months_24m", "bureau", "Months overdue in the last 24", "近24个月累计逾期月数", "adverse", 24)
    _months(
        "overdue_run_24m", "bureau", "Longest run of months overdue in 24", "近24个月最长连续逾期月数", "adverse", 24
    )
    _yes_no("has_bad_debt", "bureau", "Bad debt or a guarantor's payment on record", "呆账或代偿记录", "adverse")
    _count("queries_1m", "bureau", "Lenders' queries in one month", "近1个月机构查询次数", "adverse")
    _count("queries_3m", "bureau", "Lenders' queries in three months", "近3个月机构查询次数", "adverse")
    _count("queries_6m", "bureau", "Lenders' queries in six months", "近6个月机构查询次数", "adverse")
    _count("online_lenders", "bureau", "Online lenders with an open loan", "网贷机构数", "adverse")
    _cents("guarantees_cents", "bureau", "Guarantees given for others", "对外担保余额", "adverse")
    _months("credit_history_months", "bureau", "Months since the oldest account", "最早账户距今月数")
    _count("executed_open", "court", "Open enforcement cases", "未结被执行案件数", "adverse")
    _yes_no("is_dishonest_listed", "court", "On the courts' list of dishonest debtors", "失信被执行人", "adverse")
    _yes_no("is_consumption_restricted", "court", "Restricted from high consumption", "限制高消费", "adverse")
    _count("judgments_24m", "court", "Judgments in 24 months", "近24个月裁判文书数", "adverse")


def _declare_flows() -> None:
    _word(
        "tax_grade",
        "tax",
        "Tax credit grade, none where the bureau grades nothing",
        "纳税信用等级(未评级为none)",
        TAX_GRADES,
    )
    _cents("tax_12m_cents", "tax", "Tax paid in twelve months", "近12个月纳税额", "premium")
    _cents("invoiced_12m_cents", "tax", "Sales invoiced in twelve months", "近12个月开票金额", "premium")
    _months("invoiced_months_12m", "tax", "Months with invoices in twelve", "近12个月有开票月数", "premium", 12)
    _months("inflow_months", "bank_flow", "Months of statements", "流水月数", "neutral", 120)
    _cents("inflow_median_cents", "bank_flow", "Median month's inflow", "月流入中位数", "premium")
    _bps(
        "inflow_trend_bps",
        "bank_flow",
        "Last three months' inflow against the three before",
        "近3月流入较前3月",
        "premium",
    )
    _bps("inflow_swing_bps", "bank_flow", "Spread of monthly inflow against its mean", "月流入波动率", "adverse")
    _part("lowest_month_bps", "bank_flow", "Lowest month against the median", "最低月流入占中位数比", "premium")
    _cents(
        "net_flow_median_cents",
        "bank_flow",
        "Median month's inflow less outflow",
        "月净流入中位数",
        "premium",
        -CENTS_MAX,
    )
    _cents("balance_cents", "bank_flow", "Balance at the end", "流水期末余额", "premium", -CENTS_MAX)
    _part("top_payer_share_bps", "bank_flow", "Largest payer's share of inflow", "最大付款方占比", "adverse")
    _part(
        "round_trip_share_bps",
        "bank_flow",
        "Share of inflow that went out again to the same party",
        "快进快出占比",
        "adverse",
    )
    _count(
        "chain_breaks",
        "bank_flow",
        "Lines whose balance does not follow from the one before",
        "流水余额断点数",
        "adverse",
    )


def _declare_cross_checks() -> None:
    _cents(
        "verified_sales_monthly_cents",
        "cross_check",
        "Month's sales that the statements bear out",
        "核实月销售额",
        "premium",
    )
    _cents(
        "verified_income_cents",
        "cross_check",
        "Month's income before debts that the statements bear out",
        "核实月收入(还债前)",
        "premium",
    )
    _bps(
        "declared_to_banked_bps", "cross_check", "Stated sales against banked sales", "自述销售额与流水之比", "adverse"
    )
    _count("contradictions", "cross_check", "Contradictions between the sources", "数据矛盾数", "adverse", 100)
    _bps("debt_to_income_bps", "cross_check", "Monthly instalments against verified income", "月还款收入比", "adverse")
    _bps(
        "unsecured_to_sales_bps",
        "cross_check",
        "Unsecured debt against a year's banked sales",
        "信用负债与年流水之比",
        "adverse",
    )


def _declare_willingness_and_ability() -> None:
    _months("months_since_overdue", "bureau", "Months since an account was last overdue", "距最近一次逾期月数", high=60)
    _count("worst_overdue_24m", "bureau", "Gravest overdue grade in 24 months", "近24个月最差逾期级别", "adverse", 7)
    _count("accounts_opened_6m", "bureau", "Accounts opened in six months", "近6个月新开账户数", "adverse")
    _count("queries_unmet_6m", "bureau", "Queries without credit granted", "近6个月查询未获授信次数", "adverse")
    _cents("statement_repaid_cents", "debts", "Monthly repayments on the statements", "流水显示月还款额", "adverse")
    _cents("unexplained_repaid_cents", "debts", "Monthly repayments no account explains", "征信未见的月还款", "adverse")
    _count("unexplained_lenders", "debts", "Parties repaid without a bureau account", "征信未见的还款对象数", "adverse")
    _cents("debt_service_cents", "debts", "Monthly service of all debts known", "全部已知债务月还本付息", "adverse")
    _bps("dscr_bps", "debts", "Verified income against debt service", "偿债覆盖率", "premium", high=BPS_WHOLE * 10)
    _bps("dscr_after_bps", "debts", "The same with this loan", "加计本笔后偿债覆盖率", "premium", high=BPS_WHOLE * 10)
    _bps("unexplained_to_income_bps", "debts", "Unexplained repayments against income", "隐性还款占收入比", "adverse")
    _bps("credit_hunger_bps", "debts", "New debt a month against monthly sales", "信贷饥渴指数", "adverse")
    _bps("guarantees_to_income_bps", "debts", "Guarantees against a year's income", "对外担保占年收入比", "adverse")
    _count("willingness_points", "debts", "Sub-score of willingness", "还款意愿分", "premium", 100, "points")
    _count("ability_points", "debts", "Sub-score of ability", "还款能力分", "premium", 100, "points")


def _declare_proofs() -> None:
    _cents("insurance_premium_cents", "proofs", "Yearly premium of the best policy shown", "保单年缴保费", "premium")
    _count("insurance_years_paid", "proofs", "Years that policy has been paid", "保单缴费年数", "premium", 130, "years")
    _cents("mortgage_instalment_cents", "proofs", "Monthly mortgage instalment", "房贷月供", "premium")
    _months("mortgage_months_paid", "proofs", "Months of mortgage paid", "房贷已还月数")
    _cents("car_instalment_cents", "proofs", "Monthly car loan instalment", "车贷月供", "premium")
    _months("car_months_paid", "proofs", "Months of car loan paid", "车贷已还月数")
    _yes_no("is_headless", "device", "The browser had no screen", "无头浏览器", "adverse")
    _yes_no("is_emulator", "device", "The phone was emulated", "模拟器", "adverse")
    _count("form_seconds", "device", "Seconds spent on the form", "填表用时(秒)", "neutral", 10_000_000, "seconds")
    _count(
        "typing_ms_median",
        "device",
        "Median time between keys in milliseconds",
        "击键间隔中位数(毫秒)",
        "neutral",
        10_000_000,
        "milliseconds",
    )
    _word("liveness", "identity", "Outcome of the liveness check", "活体检测结果", ("passed", "failed", "not_done"))
    _part("face_similarity_bps", "identity", "Likeness of face and paper", "人证相似度", "premium")
    _yes_no("is_phone_matched", "identity", "Phone number belongs to the person", "手机号实名一致", "premium")


def _declare_surroundings() -> None:
    _yes_no("has_network_view", "network", "Somebody looked who stands around the applicant", "已做关系网络分析")
    _count("device_others", "network", "Other applicants on the same device", "同设备其他申请人数", "adverse")
    _count(
        "ip_others_30d",
        "network",
        "Other applicants from the same address in 30 days",
        "近30天同IP其他申请人数",
        "adverse",
    )
    _count("phone_others", "network", "Other applicants with the same phone", "同手机号其他申请人数", "adverse")
    _count(
        "strong_tie_bads", "network", "Bad outcomes known among those with a strong tie", "强关联已知坏账数", "adverse"
    )
    _count("agent_others_30d", "network", "Other applicants of the same agent in 30 days", "同中介近30天其他申请人数")
    _count("agent_bads", "network", "Bad outcomes known among the agent's applicants", "同中介已知坏账数", "adverse")
    _count(
        "own_applications_90d",
        "network",
        "The applicant's own earlier applications in 90 days",
        "本人近90天申请次数",
        "adverse",
    )
    _count(
        "own_loans_repaid", "network", "Own earlier loans here repaid in full", "本人已结清贷款笔数", "premium", 1_000
    )
    _count(
        "own_arrears_days_max",
        "network",
        "Most days late on an own earlier loan",
        "本人既往贷款最长逾期天数",
        "adverse",
    )
    _word("channel_kind", "channel", "Kind of channel", "渠道类型", ("online", "offline", "direct"))
    _yes_no("has_channel_facts", "channel", "The channel's record was looked at", "已查渠道档案")
    _word("channel_grade", "channel", "Grade of the channel", "渠道等级", ("A", "B", "C", "D"))
    _count(
        "channel_applications_90d",
        "channel",
        "The channel's applications in 90 days",
        "渠道近90天进件数",
        "neutral",
        10_000_000,
    )
    _part(
        "channel_bad_share_bps",
        "channel",
        "The channel's bad share, drawn to the house's own",
        "渠道坏账率(收缩估计)",
        "adverse",
    )
    _bps("channel_deposit_cover_bps", "channel", "Deposit paid against deposit required", "保证金覆盖率", "premium")


def _sba(name: str, type: LabelType, unit: str, en: str, zh: str, source: Source = "sba_form", **more: Any) -> None:
    _declare(SBA, source, name, type, unit, en, zh, **more)


def _declare_sba() -> None:
    money: dict[str, Any] = {"minimum": 0, "maximum": CENTS_MAX}
    people: dict[str, Any] = {"minimum": 0, "maximum": 1_000_000}
    _sba("sba_amount_cents", "int", "cents", "Loan amount asked for", "申请金额", "request", **money)
    _sba("sba_guaranteed_cents", "int", "cents", "Part that the SBA is to guarantee", "SBA 担保金额", **money)
    _sba(
        "sba_guaranteed_share", "float", "share", "Guaranteed part of the loan", "SBA 担保比例", minimum=0, maximum=100
    )
    _sba("sba_state", "str", "word", "State of the business", "企业所在州", "business", words=US_STATES)
    _sba("sba_lender_state", "str", "word", "State of the lender", "贷款行所在州", words=US_STATES)
    _sba("sba_lender_is_local", "bool", "yes or no", "Lender and business are in the same state", "贷款行与企业同州")
    _sba("sba_naics", "str", "word", "NAICS industry code as stated", "NAICS 行业代码", "business")
    _sba(
        "sba_naics_sector",
        "str",
        "word",
        "NAICS sector, first two digits",
        "NAICS 行业门类",
        "business",
        words=NAICS_SECTORS,
    )
    _sba("sba_subsector", "str", "word", "NAICS subsector, first three digits", "NAICS 行业大类", "business")
    _sba("sba_employees", "int", "count", "People employed", "员工人数", "business", **people)
    _sba("sba_is_new_business", "bool", "yes or no", "Two years old or less", "新设企业")
    _sba("sba_jobs_created", "int", "count", "Jobs to be created", "拟新增岗位", **people)
    _sba("sba_jobs_retained", "int", "count", "Jobs to be retained", "保留岗位", **people)
    _sba("sba_is_franchise", "bool", "yes or no", "The business is a franchise", "加盟企业")
    _sba("sba_setting", "str", "word", "Urban or rural", "城乡", words=("urban", "rural"))
    _sba("sba_is_revolving", "bool", "yes or no", "Revolving line of credit", "循环额度")
    _sba("sba_is_low_document", "bool", "yes or no", "LowDoc programme", "简化资料贷款")
    _sba("sba_amount_per_employee_cents", "int", "cents", "Amount for each person employed", "人均贷款金额", **money)


_declare_request_and_person()
_declare_business()
_declare_bureau_and_court()
_declare_flows()
_declare_cross_checks()
_declare_willingness_and_ability()
_declare_proofs()
_declare_surroundings()
_declare_sba()

NAMED: Mapping[str, Label] = dict(_catalogue)
"""The labels declared one by one."""

_EXPANDED = expand_all(FAMILIES)
_READ = tuple(label for readings in READINGS for label in readings.labels)
_HELD = tuple(ratio.label for ratio in RATIOS)
CATALOGUE: Mapping[str, Label] = {**NAMED, **{label.name: label for label in (*_EXPANDED, *_READ, *_HELD)}}
"""Every label: declared one by one, expanded from families, read together, held against each other."""

assert len(CATALOGUE) == len(NAMED) + len(_EXPANDED) + len(_READ) + len(_HELD), "a label is declared once"


def declarations(pack: str) -> dict[str, Declaration]:
    """A pack's labels as the rule language wants them declared, by name; protected ones as such, to be refused."""
    return {
        label.name: Declaration(
            name=label.name,
            type=label.type,
            unit=label.unit,
            minimum=label.minimum,
            maximum=label.maximum,
            words=label.words or (),
            protected=label.is_protected,
        )
        for label in (*list_labels(pack), *(one for one in PROTECTED.values() if pack in one.packs))
    }


def list_labels(pack: str) -> tuple[Label, ...]:
    """The labels a pack uses, in the order of the catalogue.

    >>> [label.name for label in list_labels("us-sba")][:2]
    ['sba_amount_cents', 'sba_guaranteed_cents']
    """
    return tuple(label for label in CATALOGUE.values() if pack in label.packs)


def explain_label(name: str) -> Label:
    """One label's declaration; an unknown name is refused with the nearest known one.

    >>> explain_label("queries_1m").meaning["zh"]
    '近1个月机构查询次数'
    """
    found = CATALOGUE.get(name) or PROTECTED.get(name)
    if found is None:
        raise UnknownName(place="label", found=repr(name), expected="a name from the catalogue of labels")
    return found
