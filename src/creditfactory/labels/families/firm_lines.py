"""The firm over time: VAT invoices, meters, tax returns, changes in the registry, court cases."""

from __future__ import annotations

from datetime import date
from typing import get_args, get_type_hints

from creditfactory.application import (
    CourtCases,
    CourtSearch,
    InvoiceList,
    RegistryChanges,
    RegistryExtract,
    TaxRecord,
    UtilityBills,
)
from creditfactory.labels.families.sources import describe
from creditfactory.labels.family import (
    ACTIVE_STEPS,
    CHANGE,
    COUNT,
    COUNT_CHANGE,
    COUNT_SHARE,
    DAYS,
    DAYS_SINCE,
    EMPTY_STEPS,
    EVER,
    GAP,
    LOW_STEP,
    MAX,
    MEAN,
    MIN,
    NET,
    PARTIES,
    SHARE,
    SPAN,
    SPREAD,
    STEP_SPREAD,
    SUM,
    TOP_SHARE,
    TOP_STEP_SHARE,
    YEAR_CHANGE,
    Cut,
    Family,
    days_back,
    months_back,
)
from creditfactory.labels.known import Known
from creditfactory.labels.label import Polarity
from creditfactory.labels.tables import Draft, Shape, number_day

WHATS: tuple[str, ...] = get_args(get_args(get_type_hints(RegistryChanges)["what"])[0])
CASE_PARTIES: tuple[str, ...] = get_args(get_args(get_type_hints(CourtCases)["party"])[0])
CASE_ROLES: tuple[str, ...] = get_args(get_args(get_type_hints(CourtCases)["role"])[0])
CASE_CAUSES: tuple[str, ...] = get_args(get_args(get_type_hints(CourtCases)["cause"])[0])
LIFE = ("open", "over")
METERS = ("electricity", "water", "gas")
PAID = ("in_time", "late", "unpaid")
FILED = ("in_time", "late", "never")
VOLUMES = ("nothing", "something")
SIZES = ("small", "middle", "large")
FORMS = ("valid", "refund", "void")
_MIDDLE_CENTS, _LARGE_CENTS = 1_000_000, 10_000_000
"""An invoice is small below 10,000 yuan and large from 100,000."""


def read_invoices(known: Known) -> Draft | None:
    """Every VAT invoice; a refund's amount is below zero, a void one keeps the amount that it was written for."""
    found = known.find(InvoiceList)
    if found is None:
        return None
    amounts = found.net_cents
    return Draft(
        shape=INVOICES,
        days=found.on,
        amounts=amounts,
        parties=found.party,
        words=(
            found.direction,
            bytes([2 if void else cents < 0 for void, cents in zip(found.is_void, amounts, strict=True)]),
            bytes(
                [0 if (size := abs(cents)) < _MIDDLE_CENTS else 1 if size < _LARGE_CENTS else 2 for cents in amounts]
            ),
        ),
        reaches_from=number_day(found.from_on),
        reaches_to=number_day(found.to_on),
    )


INVOICES = Shape(
    code="invoices",
    source="invoices",
    absent="no_invoices",
    columns={"direction": ("output", "input"), "form": FORMS, "size": SIZES},
    read=read_invoices,
)


def _read_meters(known: Known, shape: Shape, column: str) -> Draft | None:
    bills = known.find(UtilityBills)
    if bills is None or not bills.month:
        return None
    late, paid = known.share(_tell_payments, bills)
    return Draft(
        shape=shape,
        days=bills.month,
        amounts={"quantity": bills.quantity, "bill": bills.bill_cents, "late": late}[column],
        words=(bills.meter, paid),
        reaches_from=number_day(min(bills.month)),
        reaches_to=_month_end(max(bills.month)),
    )


def _tell_payments(bills: UtilityBills) -> tuple[list[int], bytes]:
    """Days late of each bill, and its place among :data:`PAID`.

    What was not paid by the day of the record is late until that day.
    """
    on = bills.obtained_at.date()
    late, paid = [], []
    for due, day in zip(bills.due_on, bills.paid_on, strict=True):
        is_paid = day is not None and day <= on
        days = max(0, ((day if is_paid and day is not None else on) - due).days)
        late.append(days)
        paid.append(0 if not days else 1 if is_paid else 2)
    return late, bytes(paid)


def _month_end(month: date) -> int:
    """The last day of a month, as a number."""
    return number_day(date(month.year + month.month // 12, month.month % 12 + 1, 1)) - 1


def read_quantities(known: Known) -> Draft | None:
    """What each meter counted, month by month."""
    return _read_meters(known, QUANTITIES, "quantity")


def read_bills(known: Known) -> Draft | None:
    """What each meter's month cost."""
    return _read_meters(known, BILLS, "bill")


def read_delays(known: Known) -> Draft | None:
    """How many days late each meter's month was paid."""
    return _read_meters(known, DELAYS, "late")


_METER_COLUMNS = {"meter": METERS, "paid": PAID}
QUANTITIES = Shape(code="meter_quantities", source="utilities", absent="no_utilities", columns=_METER_COLUMNS,
                   read=read_quantities, unit="units")  # fmt: skip
BILLS = Shape(code="meter_bills", source="utilities", absent="no_utilities", columns=_METER_COLUMNS, read=read_bills)
DELAYS = Shape(code="meter_delays", source="utilities", absent="no_utilities", columns=_METER_COLUMNS,
               read=read_delays, unit="days")  # fmt: skip


def _read_returns(known: Known, shape: Shape, column: str) -> Draft | None:
    record = known.find(TaxRecord)
    if record is None or record.returns is None or not record.returns.month:
        return None
    returns = record.returns
    return Draft(
        shape=shape,
        days=returns.month,
        amounts={"sales": returns.sales_cents, "tax": returns.tax_cents}[column],
        words=known.share(_tell_returns, record),
        reaches_from=number_day(min(returns.month)),
        reaches_to=_month_end(max(returns.month)),
    )


def _tell_returns(record: TaxRecord) -> tuple[bytes, bytes]:
    """How each return was filed, as places among :data:`FILED`, and whether it told of any sales."""
    returns, on = record.returns, record.obtained_at.date()
    assert returns is not None, "asked only where there are returns"
    filed = [
        2 if day is None or day > on else int(day > due)
        for day, due in zip(returns.filed_on, returns.due_on, strict=True)
    ]
    return bytes(filed), bytes(map(bool, returns.sales_cents))


def read_taxed_sales(known: Known) -> Draft | None:
    """The sales of every month's return."""
    return _read_returns(known, TAXED_SALES, "sales")


def read_taxes(known: Known) -> Draft | None:
    """The tax of every month's return."""
    return _read_returns(known, TAXES, "tax")


_RETURN_COLUMNS = {"filed": FILED, "volume": VOLUMES}
TAXED_SALES = Shape(
    code="taxed_sales", source="tax", absent="no_returns", columns=_RETURN_COLUMNS, read=read_taxed_sales
)
TAXES = Shape(code="taxes", source="tax", absent="no_returns", columns=_RETURN_COLUMNS, read=read_taxes)


def read_changes(known: Known) -> Draft | None:
    """What changed in the firm's entry, and the marks against it, since it was founded."""
    extract = known.find(RegistryExtract)
    if extract is None or extract.changes is None:
        return None
    return Draft(
        shape=CHANGES,
        days=extract.changes.on,
        words=(extract.changes.what,),
        reaches_from=0,
        reaches_to=number_day(extract.obtained_at.date()),
    )


CHANGES = Shape(
    code="registry_changes", source="registry", absent="no_changes", columns={"what": WHATS}, read=read_changes,
    ends="as_of", unit="count",
)  # fmt: skip


def read_cases(known: Known) -> Draft | None:
    """Court cases of owner and firm, on the day they were filed."""
    search = known.find(CourtSearch)
    if search is None or search.cases is None:
        return None
    cases, on = search.cases, search.obtained_at.date()
    return Draft(
        shape=CASES,
        days=cases.filed_on,
        amounts=cases.amount_cents,
        words=(
            cases.party,
            cases.role,
            cases.cause,
            bytes([day is not None and day <= on for day in cases.closed_on]),
        ),
        reaches_from=0,
        reaches_to=number_day(on),
    )


CASES = Shape(
    code="court_cases",
    source="court",
    absent="no_cases",
    columns={"party": CASE_PARTIES, "role": CASE_ROLES, "cause": CASE_CAUSES, "life": LIFE},
    read=read_cases,
    ends="as_of",
)


def _cut(code: str, en: str, zh: str, polarity: Polarity = "neutral", **where: tuple[str, ...]) -> Cut:
    return Cut(code=code, en=en, zh=zh, where=where, polarity=polarity)


_LIVE = ("valid", "refund")
_SALES = (
    _cut("sales", "sales invoices", "销项发票", "premium", direction=("output",), form=_LIVE),
    _cut("sales_valid", "sales invoices without refunds", "销项蓝字发票", "premium", direction=("output",),
         form=("valid",)),
    _cut("sales_refund", "refunds on sales", "销项红字发票", "adverse", direction=("output",), form=("refund",)),
    _cut("sales_small", "sales invoices below 10,000 yuan", "万元以下销项发票", direction=("output",), form=_LIVE,
         size=("small",)),
    _cut("sales_large", "sales invoices of 100,000 yuan or more", "十万元以上销项发票", "premium",
         direction=("output",),
         form=_LIVE, size=("large",)),
    _cut("sales_void", "sales invoices voided", "销项作废发票", "adverse", direction=("output",), form=("void",)),
    _cut("sales_any", "sales invoices, voided ones among them", "销项发票(含作废)", direction=("output",)),
)  # fmt: skip
_PURCHASES = (
    _cut("purchases", "purchase invoices", "进项发票", "premium", direction=("input",), form=_LIVE),
    _cut("purchases_valid", "purchase invoices without refunds", "进项蓝字发票", direction=("input",), form=("valid",)),
    _cut("purchases_refund", "refunds on purchases", "进项红字发票", direction=("input",), form=("refund",)),
    _cut("purchases_small", "purchase invoices below 10,000 yuan", "万元以下进项发票", direction=("input",), form=_LIVE,
         size=("small",)),
    _cut("purchases_large", "purchase invoices of 100,000 yuan or more", "十万元以上进项发票", direction=("input",),
         form=_LIVE, size=("large",)),
    _cut("purchases_void", "purchase invoices voided", "进项作废发票", "adverse", direction=("input",), form=("void",)),
    _cut("purchases_any", "purchase invoices, voided ones among them", "进项发票(含作废)", direction=("input",)),
)  # fmt: skip
_METER_CUTS = tuple(
    _cut(meter, en, zh, "premium", meter=(meter,))
    for meter, en, zh in (("electricity", "electricity", "用电"), ("water", "water", "用水"), ("gas", "gas", "用气"))
)
_METERED_AS = (("electricity", "电费"), ("water", "水费"), ("gas", "燃气"))
_BILL_CUTS = (
    _cut("all", "meter bills", "水电气账单"),
    _cut("late", "meter bills paid late or not at all", "逾期水电气账单", "adverse", paid=("late", "unpaid")),
    _cut("unpaid", "meter bills not paid", "未缴水电气账单", "adverse", paid=("unpaid",)),
    *(_cut(code, f"{code} bills", f"{zh}账单", meter=(code,)) for code, zh in _METERED_AS),
    *(
        _cut(f"late_{code}", f"{code} bills paid late or not at all", f"逾期{zh}账单", "adverse", meter=(code,),
             paid=("late", "unpaid"))
        for code, zh in _METERED_AS
    ),
)  # fmt: skip
_RETURN_CUTS = (
    _cut("all", "returns due", "应申报月份", "premium"),
    _cut("in_time", "returns filed in time", "按期申报月份", "premium", filed=("in_time",)),
    _cut("late", "returns filed late", "逾期申报月份", "adverse", filed=("late",)),
    _cut("never", "returns not filed", "未申报月份", "adverse", filed=("never",)),
    _cut("nothing", "returns without sales", "零申报月份", "adverse", volume=("nothing",)),
    _cut("something", "returns with sales", "有销售申报月份", "premium", volume=("something",)),
)
_CHANGE_CUTS = (
    _cut("all", "changes in the registry", "工商变更", "adverse"),
    _cut("control", "changes of who stands behind the firm", "法人或股东变更", "adverse",
         what=("legal_representative", "shareholders")),
    _cut("legal_representative", "changes of the legal representative", "法定代表人变更", "adverse",
         what=("legal_representative",)),
    _cut("shareholders", "changes of shareholders", "股东变更", "adverse", what=("shareholders",)),
    _cut("capital", "changes of capital", "注册资本变更", what=("capital",)),
    _cut("address", "changes of address", "住所变更", "adverse", what=("address",)),
    _cut("scope", "changes of the line of business", "经营范围变更", what=("scope",)),
    _cut("name", "changes of name", "名称变更", what=("name",)),
    _cut("branch", "changes of branches", "分支机构变更", what=("branch",)),
    _cut("form", "changes of name, address or line of business", "名称住所范围变更", what=("name", "address", "scope")),
    _cut("abnormal", "listings as abnormal", "列入经营异常", "adverse", what=("abnormal_listed",)),
    _cut("lifted", "liftings of an abnormal listing", "移出经营异常", what=("abnormal_lifted",)),
    _cut("penalty", "penalties in the registry", "行政处罚", "adverse", what=("penalty",)),
    _cut("pledges", "pledges of shares and mortgages of equipment", "股权出质与动产抵押", "adverse",
         what=("share_pledge", "equipment_mortgage")),
    _cut("marks", "marks against the firm", "负面登记事项", "adverse",
         what=("abnormal_listed", "penalty", "share_pledge", "equipment_mortgage")),
)  # fmt: skip
_CASE_CUTS = (
    _cut("all", "court cases", "涉诉案件", "adverse"),
    _cut("owner", "court cases of the owner", "企业主涉诉", "adverse", party=("owner",)),
    _cut("firm", "court cases of the firm", "企业涉诉", "adverse", party=("firm",)),
    _cut("plaintiff", "court cases as plaintiff", "作为原告案件", role=("plaintiff",)),
    _cut("defendant", "court cases as defendant", "作为被告案件", "adverse", role=("defendant",)),
    _cut("executed", "enforcement cases", "被执行案件", "adverse", role=("executed",)),
    _cut("open", "court cases still open", "未结案件", "adverse", life=("open",)),
    _cut("owed", "cases over loans as defendant or executed", "借贷纠纷被告被执行", "adverse", cause=("loan",),
         role=("defendant", "executed")),
    _cut("sale", "cases over sales", "买卖纠纷", cause=("sale",)),
    _cut("rent", "cases over rent", "租赁纠纷", cause=("rent",)),
    _cut("labour", "cases over labour", "劳动争议", "adverse", cause=("labour",)),
    _cut("against", "cases against owner or firm", "被诉及被执行案件", "adverse", role=("defendant", "executed")),
)  # fmt: skip

_INVOICED = {"shape": INVOICES, "en": "VAT invoices", "zh": "增值税发票", **describe("invoices")}
_METERED = {"en": "Meters, quantity", "zh": "水电气用量", **describe("utilities")}
_BILLED = {"en": "Meters, bills", "zh": "水电气账单", **describe("utilities")}
_DELAYED = {"en": "Meters, days late", "zh": "水电气逾期天数", **describe("utilities")}
_RETURNED = {"en": "Tax returns, sales", "zh": "纳税申报销售额", **describe("tax")}
_TAXED = {"en": "Tax returns, tax", "zh": "纳税申报税额", **describe("tax")}
_REGISTERED = {"shape": CHANGES, "en": "Business registry", "zh": "工商登记", **describe("registry")}
_SUED = {"shape": CASES, "en": "Courts", "zh": "司法", **describe("court")}
_YEARS = days_back(30, 90, 180, 365, 730)

FAMILIES = (
    Family(code="invoice", cuts=_SALES, whole="sales_any", windows=_YEARS, **_INVOICED,
           measures=(COUNT, SUM, MEAN, MAX, PARTIES, DAYS, GAP, SPREAD, TOP_SHARE, SHARE, COUNT_SHARE, CHANGE)),
    Family(code="invoice", cuts=_PURCHASES, whole="purchases_any", windows=_YEARS, **_INVOICED,
           measures=(COUNT, SUM, MEAN, MAX, PARTIES, DAYS, GAP, SPREAD, TOP_SHARE, SHARE, COUNT_SHARE, CHANGE)),
    Family(code="invoice", cuts=(_SALES[0], _PURCHASES[0]), windows=_YEARS, **_INVOICED,
           measures=(NET, COUNT_CHANGE, YEAR_CHANGE)),
    Family(code="invoice", cuts=(_SALES[0], _PURCHASES[0]), windows=months_back(12, 24), **_INVOICED,
           measures=(STEP_SPREAD, TOP_STEP_SHARE, LOW_STEP, EMPTY_STEPS, ACTIVE_STEPS)),
    Family(code="invoice", cuts=(*_SALES, *_PURCHASES), windows=(EVER,), measures=(DAYS_SINCE, SPAN), **_INVOICED),
    Family(code="meter", shape=QUANTITIES, cuts=_METER_CUTS, windows=months_back(3, 6, 12, 24), **_METERED,
           measures=(SUM, MAX, MIN, SPREAD, CHANGE, YEAR_CHANGE)),
    Family(code="meter_bill", shape=BILLS, cuts=_BILL_CUTS, whole="all", windows=months_back(3, 6, 12, 24), **_BILLED,
           measures=(COUNT, SUM, MAX, SHARE, COUNT_SHARE)),
    Family(code="meter_bill", shape=BILLS, cuts=_BILL_CUTS[1:], windows=(EVER,), measures=(DAYS_SINCE,), **_BILLED),
    Family(code="meter_delay", shape=DELAYS, cuts=(_BILL_CUTS[1], *_BILL_CUTS[6:]), windows=months_back(3, 6, 12, 24),
           measures=(SUM, MEAN, MAX), **_DELAYED),
    Family(code="return", shape=TAXED_SALES, cuts=_RETURN_CUTS, whole="all", windows=months_back(3, 6, 12, 24),
           measures=(COUNT, COUNT_SHARE), **_RETURNED),
    Family(code="return", shape=TAXED_SALES, cuts=_RETURN_CUTS[:2], windows=months_back(3, 6, 12, 24), **_RETURNED,
           measures=(SUM, MEAN, MAX, MIN, SPREAD, CHANGE, YEAR_CHANGE)),
    Family(code="return", shape=TAXED_SALES, cuts=_RETURN_CUTS[2:5], windows=(EVER,), measures=(DAYS_SINCE,),
           **_RETURNED),
    Family(code="return_tax", shape=TAXES, cuts=_RETURN_CUTS[:1], windows=months_back(3, 6, 12, 24), **_TAXED,
           measures=(SUM, MEAN, MAX, MIN, SPREAD, CHANGE, YEAR_CHANGE)),
    Family(code="registry", cuts=_CHANGE_CUTS, windows=days_back(90, 180, 365, 730, 1_825), measures=(COUNT,),
           **_REGISTERED),
    Family(code="registry", cuts=_CHANGE_CUTS, windows=(EVER,), measures=(COUNT, DAYS_SINCE, SPAN), **_REGISTERED),
    Family(code="court", cuts=_CASE_CUTS, windows=days_back(365, 730, 1_825), measures=(COUNT, SUM, MAX), **_SUED),
    Family(code="court", cuts=_CASE_CUTS, windows=(EVER,), measures=(COUNT, SUM, DAYS_SINCE), **_SUED),
)  # fmt: skip
