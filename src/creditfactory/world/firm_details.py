"""What stands behind a firm's figures: invoices, returns, meters, changes in the registry, cases in the courts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from creditfactory.kernel import add_months, month_end
from creditfactory.world.bureau_details import Row, split_cents, turn_to_columns
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.population import Person

SEASON = (1.02, 0.78, 0.95, 1.00, 1.02, 1.00, 0.98, 0.99, 1.04, 1.03, 1.06, 1.13)
"""Sales of January to December against an even year."""
NEW_YEARS = (
    date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6),
    date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3),
)  # fmt: skip
"""First days of the lunar year; for a week around them most shops are shut."""
POWER_OF_SALES = {"2": 0.016, "3": 0.020, "5": 0.0035, "6": 0.012, "8": 0.010, "9": 0.012}
"""Kilowatt-hours for one yuan of sales, by the first figure of the trade's code."""
CENTS_A_KWH, CENTS_A_TON = 82, 430
SMALL_YEAR_CENTS = 500_000_000
MONTHS = 12


def list_months(on: date, count: int = MONTHS) -> list[date]:
    """The first days of the whole months before this day, oldest first.

    >>> list_months(date(2026, 11, 3), 2)
    [datetime.date(2026, 9, 1), datetime.date(2026, 10, 1)]
    """
    return [add_months(on.replace(day=1), -back) for back in range(count, 0, -1)]


def name_partner(person: Person, side: str, number: int) -> str:
    """The token of one of a firm's customers or suppliers; firms of one trade and city share some of them."""
    if number % 3 == 2:
        crowd = hash_number(side, person.firm_city.code, person.industry.code, number, below=40)
        return f"f:{side}-{person.firm_city.code}-{person.industry.code}-{crowd:02d}"
    return f"f:{side}-{person.index:06d}-{number:02d}"


def count_customers(person: Person) -> int:
    """How many customers a firm sends invoices and gets transfers from: few for a shop, many in wholesale."""
    return 3 + hash_number("customers", person.reference, below=5) + round(14 * person.industry.invoiced)


def list_invoices(chance: Chance, person: Person, tax: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The year's invoices: those that stand add up to what the tax bureau counts, month by month as it counts them."""
    months = list_months(on)
    window = {"from_on": months[0].isoformat(), "to_on": month_end(months[-1]).isoformat()}
    invoiced, active = tax.get("invoiced_12m_cents") or 0, tax.get("invoiced_months_12m") or 0
    rows: list[Row] = []
    if invoiced and active:
        chosen = sorted(chance.sample(months, active))
        weights = [SEASON[month.month - 1] * chance.around(1.0, 0.15) for month in chosen]
        left = invoiced
        for place, month in enumerate(chosen):
            part = left if place == len(chosen) - 1 else round(invoiced * weights[place] / sum(weights))
            left -= part
            rows += _invoice_month(chance, person, month, part)
        rows += _buy(chance, person, months, round(invoiced * chance.real(0.45, 0.8)))
    rows.sort(key=lambda row: (row["on"], row["number"]))
    names = ("number", "on", "direction", "net_cents", "vat_cents", "party", "is_void")
    return {"origin": "tax_bureau", **window, **turn_to_columns(rows, names)}


def _rate_bps(person: Person) -> int:
    return 100 if person.truth.sales_cents * 12 < SMALL_YEAR_CENTS or not person.is_company else 1300


def _invoice_month(chance: Chance, person: Person, month: date, total: int) -> list[Row]:
    """A month's sales invoices: those of standing add up to its total, a void one and a refund beside them."""
    count = max(1, min(40, round(3 + 10 * person.industry.invoiced * chance.around(1.0, 0.4))))
    refund = round(total * chance.real(0.01, 0.06)) if chance.happens(0.12) and total > 1_000_000 else 0
    amounts = split_cents(chance, total + refund, count)
    rows = [_invoice(chance, person, month, "output", amount) for amount in amounts]
    if refund:
        rows.append(_invoice(chance, person, month, "output", -refund))
    if chance.happens(0.3):
        rows.append(_invoice(chance, person, month, "output", max(10_000, amounts[0])) | {"is_void": True})
    return rows


def _buy(chance: Chance, person: Person, months: list[date], total: int) -> list[Row]:
    parts = split_cents(chance, total, len(months))
    return [
        _invoice(chance, person, month, "input", amount)
        for month, part in zip(months, parts, strict=True)
        for amount in split_cents(chance, part, chance.between(2, 6))
    ]


def _invoice(chance: Chance, person: Person, month: date, direction: str, net: int) -> Row:
    side = "customer" if direction == "output" else "supplier"
    partners = count_customers(person) if side == "customer" else 8
    number = min(int(partners * chance.share() ** 1.7), partners - 1)
    return {
        "number": f"{chance.between(10_000_000, 99_999_999)}", "on": month + timedelta(days=chance.between(0, 27)),
        "direction": direction, "net_cents": net, "vat_cents": round(net * _rate_bps(person) / 10_000),
        "party": name_partner(person, side, number), "is_void": False,
    }  # fmt: skip


def list_returns(chance: Chance, person: Person, tax: Mapping[str, Any], on: date) -> dict[str, Any] | None:
    """Twelve monthly returns that add up to the tax paid; who is not graded and pays nothing files nothing."""
    paid, invoiced = tax.get("tax_12m_cents") or 0, tax.get("invoiced_12m_cents") or 0
    if not paid:
        return None
    months = list_months(on)
    shares = [SEASON[month.month - 1] * chance.around(1.0, 0.08) for month in months]
    rows, left = [], paid
    for place, month in enumerate(months):
        share = shares[place] / sum(shares)
        part = left if place == MONTHS - 1 else round(paid * share)
        left -= part
        due = add_months(month, 1) + timedelta(days=14)
        late = chance.happens(0.03 * 0.6**person.truth.quality)
        filed = due + timedelta(days=chance.between(1, 30) if late else -chance.between(0, 9))
        rows.append({
            "month": month, "sales_cents": round(invoiced * share * chance.real(1.0, 1.06)), "tax_cents": part,
            "due_on": due, "filed_on": None if (late and chance.happens(0.15)) or filed > on else filed,
        })  # fmt: skip
    return turn_to_columns(rows, ("month", "sales_cents", "tax_cents", "due_on", "filed_on"))


def list_meters(chance: Chance, person: Person, on: date, *, count: int = 24) -> dict[str, Any]:
    """Two years of electricity and water at the place of business, as its true sales use them; none for a robot."""
    rows: list[Row] = []
    kwh = person.truth.sales_cents / 100 * POWER_OF_SALES.get(person.industry.code[0], 0.004) * chance.around(1.0, 0.2)
    has_gas = person.industry.code.startswith("62")
    late = 0.05 * 0.7**person.truth.quality
    months = [] if person.truth.kind == "robot" else list_months(on, count)
    for place, month in enumerate(m for m in months if m >= person.opened_on.replace(day=1)):
        heat = 1.35 if month.month in (7, 8, 9) else 1.15 if month.month in (12, 1) else 1.0
        used = max(30, round(kwh * SEASON[month.month - 1] * heat * chance.around(1.0, 0.07)))
        rows.append(_read_meter(chance, month, "electricity", used, used * CENTS_A_KWH, late, on))
        if place % 2 == 0:
            tons = max(2, round(used / 60 * (3 if has_gas else 1)))
            rows.append(_read_meter(chance, month, "water", tons, tons * CENTS_A_TON, late, on))
        if has_gas:
            gas = max(10, round(used / 9))
            rows.append(_read_meter(chance, month, "gas", gas, gas * 330, late, on))
    return turn_to_columns(rows, ("month", "meter", "quantity", "bill_cents", "due_on", "paid_on"))


def _read_meter(chance: Chance, month: date, meter: str, quantity: int, bill: int, late: float, on: date) -> Row:
    due = add_months(month, 1) + timedelta(days=19)
    is_late = chance.happens(late)
    paid = due + timedelta(days=chance.between(2, 40) if is_late else -chance.between(0, 12))
    return {"month": month, "meter": meter, "quantity": quantity, "bill_cents": bill, "due_on": due,
            "paid_on": paid if paid <= on else None}  # fmt: skip


def detail_registry(chance: Chance, person: Person, told: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The entry's changes, as many within a year as the extract counts, and who owns the firm."""
    if told["status"] == "not_found":
        return {}
    count = told["changes_12m"]
    bought = person.truth.kind == "packaged" and count >= 2
    found = ["legal_representative", "shareholders"][:count] if bought else []
    while len(found) < count:
        found.append(chance.weighted({"scope": 4, "address": 4, "capital": 2, "name": 1, "shareholders": 2}))
    age = (on - date.fromisoformat(told["registered_on"])).days
    farthest = max(1, min(345, age - 1))
    rows: list[Row] = [
        {"on": on - timedelta(days=chance.between(min(12, farthest), farthest)), "what": what} for what in found
    ]
    if age > 460:
        rows += [
            {"on": on - timedelta(days=chance.between(380, age - 30)),
             "what": chance.weighted({"scope": 4, "address": 3, "capital": 2, "branch": 1, "equipment_mortgage": 1})}
            for _ in range(chance.count(0.8))
        ]  # fmt: skip
    if told["status"] == "abnormal":
        rows.append({"on": on - timedelta(days=chance.between(380, 700)), "what": "abnormal_listed"})
    owners = 1 if not person.is_company else 1 + chance.count(0.6)
    related = chance.count(0.35)
    return {
        "changes": turn_to_columns(sorted(rows, key=lambda row: (row["on"], row["what"])), ("on", "what")),
        "shareholders": owners,
        "owner_share_bps": 10_000 if owners == 1 else 100 * chance.between(34, 95),
        "insured_people": min(person.employees, chance.count(0.5 * person.employees)) if person.is_company else 0,
        "related_firms": related,
        "related_firms_closed": min(related, chance.count(0.2)),
    }


def detail_court(chance: Chance, person: Person, told: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The cases behind the counts: open enforcements, judgments of two years, and those where the firm sued."""
    rows = []
    for place in range(told["judgments_24m"] or 0):
        is_open = place < told["executed_open"]
        filed = on - timedelta(days=chance.between(60, 690))
        rows.append({
            "filed_on": filed, "party": chance.weighted({"owner": 2, "firm": 1}),
            "role": "executed" if is_open else "defendant", "cause": chance.weighted({"loan": 4, "sale": 3, "rent": 2}),
            "amount_cents": 10_000 * chance.between(100, 6_000),
            "closed_on": None if is_open else min(on, filed + timedelta(days=chance.between(30, 200))),
        })  # fmt: skip
    if chance.happens(0.04):
        filed = on - timedelta(days=chance.between(60, 900))
        rows.append({
            "filed_on": filed, "party": "firm", "role": "plaintiff", "cause": "sale",
            "amount_cents": 10_000 * chance.between(100, 3_000),
            "closed_on": min(on, filed + timedelta(days=chance.between(30, 300))),
        })  # fmt: skip
    names = ("filed_on", "party", "role", "cause", "amount_cents", "closed_on")
    return {"cases": turn_to_columns(sorted(rows, key=lambda row: row["filed_on"]), names)}
