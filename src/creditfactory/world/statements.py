"""A year of bank statements, line by line, of owner and firm: the daily life of a trade, adding up to its totals.

Sales by QR and card and transfer, purchases, wages, rent, tax, meters, the instalments the bureau knows and those it
does not, the family, the season, the weekend, the new year's week. A packaged statement is pumped in a circle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from creditfactory.kernel import month_end
from creditfactory.world.bureau_details import Row, split_cents
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.firm_details import NEW_YEARS, count_customers, list_months, name_partner
from creditfactory.world.market import Details
from creditfactory.world.population import Person

BANKS = ("icbc", "abc", "boc", "ccb", "cmb", "psbc", "bocom", "local-rural", "local-city")
RETAIL = ("52", "61", "62", "80", "81", "90")
OWN, FIRM = "owner", "firm"


class Line(NamedTuple):
    """One line before balances are printed."""

    day: int
    minute: int
    cents: int
    party: str
    sort: str
    holder: str


@dataclass(slots=True)
class Known:
    """What else is known of the person that the statements must bear out."""

    accounts: list[Row]
    hidden: list[tuple[str, int, int]]
    bills: Mapping[tuple[int, int], list[tuple[int, int, str, str]]]
    proofs: list[Row]
    pool: str | None = None


@dataclass(slots=True)
class Month:
    """One month being filled: what still has to come in and go out."""

    first: date
    days: int
    comes: int
    goes: int
    lines: list[Line] = field(default_factory=list)

    def put(self, day: int, minute: int, cents: int, party: str, sort: str, holder: str) -> None:
        """One line; what it moves is taken off what is still to come or go."""
        if cents > 0:
            self.comes -= cents
        else:
            self.goes += cents
        if cents:
            self.lines.append(Line(min(max(day, 1), self.days), minute, cents, party, sort, holder))


def list_statements(
    chance: Chance, person: Person, flow: Mapping[str, Any], known: Known, details: Details, asked_on: date
) -> list[Row]:
    """One statement for each account over the whole months before this day, adding up to the drawn totals."""
    firsts = list_months(asked_on, len(flow["monthly_inflow_cents"]))
    months = [
        Month(first, month_end(first).day, comes, goes)
        for first, comes, goes in zip(firsts, flow["monthly_inflow_cents"], flow["monthly_outflow_cents"], strict=True)
    ]
    seller = FIRM if person.is_company else OWN
    total = sum(flow["monthly_inflow_cents"])
    round_trips = _ceil_share(total, flow["round_trip_share_bps"])
    top = _ceil_share(total, flow["top_payer_share_bps"])
    shares = _split_by(months, round_trips), _split_by(months, top)
    payer = name_partner(person, "customer", 0)
    friend = known.pool or f"p:friend-{person.index:06d}"
    is_same = 10 * (round_trips + top) > 9 * total
    for place, month in enumerate(months):
        own = min(shares[0][place], shares[1][place]) if is_same else 0
        _turn_round(chance, person, month, own, payer, seller)
        _turn_round(chance, person, month, shares[0][place] - own, friend, seller)
        _pay_top(chance, month, shares[1][place] - own, payer, seller)
        _pay_fixed(chance, person, month, known, seller)
        _earn(chance, person, month, details, seller, top // 14)
        _spend(chance, person, month, details, seller)
    return _print_accounts(chance, person, flow, months, firsts, seller)


def _ceil_share(total: int, bps: int) -> int:
    return -(-total * bps // 10_000)


def _split_by(months: list[Month], total: int) -> list[int]:
    """A sum over the months in proportion to what comes in."""
    whole = max(1, sum(month.comes for month in months))
    found = [total * month.comes // whole for month in months]
    found[-1] += total - sum(found)
    return found


def _turn_round(chance: Chance, person: Person, month: Month, total: int, party: str, holder: str) -> None:
    """Money that comes in and goes out again to the same hand within two days."""
    is_pumped = person.truth.kind == "packaged"
    count, step = (chance.between(2, 5), 100_000) if is_pumped else (1, 1)
    for part in split_cents(chance, total, count, step=step) if total > 0 else []:
        day = chance.one_of((2, 4, 6, 8, 18, 20, 22, 24))
        month.put(day, chance.between(560, 1_050), part, party, "person_transfer", holder)
        month.put(day + chance.between(0, 2), chance.between(1_060, 1_380), -part, party, "person_transfer", holder)


def _pay_top(chance: Chance, month: Month, total: int, payer: str, holder: str) -> None:
    """The largest customer's payments of the month."""
    if total > 0:
        for part in split_cents(chance, total, chance.between(1, 3), step=100):
            if part > 0:
                month.put(chance.between(13, 14), chance.between(540, 1_050), part, payer, "sale", holder)


def _pay_fixed(chance: Chance, person: Person, month: Month, known: Known, seller: str) -> None:
    """Debts first, those the bureau knows and those it does not; then taxes and meters; then rent and wages."""
    end = month_end(month.first)
    for row in known.accounts:
        _repay(chance, month, row, end)
    for token, cents, day in known.hidden:
        _go(month, day, 600, cents, token, "person_transfer" if token.startswith("p:") else "loan_repayment", OWN)
    for day, cents, party, sort in known.bills.get((month.first.year, month.first.month), ()):
        _go(month, day, 540 + day, cents, party, sort, seller)
    for proof in known.proofs:
        if proof["kind"] == "insurance_policy" and month.first.month == 1 + person.index % 12:
            _go(month, 16, 600, proof["annual_premium_cents"], "insurer", "insurance", OWN)
    free = month.goes
    rent = round(person.truth.sales_cents * (0.06 if person.industry.code[:2] in RETAIL else 0.03) / 10_000) * 10_000
    _go(month, 5, chance.between(540, 720), min(rent, free // 6), f"landlord-{person.index:06d}", "rent", seller)
    wage = 10_000 * (38 + hash_number("wage", person.reference, below=30)) * 10
    staff = min(person.employees, 12)
    paid_each = min(wage, free // 3 // max(1, staff))
    for number in range(staff):
        own = paid_each - 1_000 * hash_number("w", person.reference, number, below=80)
        _go(month, 10, 600 + number, max(0, own), f"p:worker-{person.index:06d}-{number:02d}", "wage", seller)
    if person.is_company:
        _go(month, 12, 610, min(staff * 90_000, free // 12), "social", "social_security", seller)


def _repay(chance: Chance, month: Month, row: Row, end: date) -> None:
    """One open account's instalment or card bill of the month, in time or (a late letter) not at all."""
    if row["closed_on"] is not None or row["state"] == "bad_debt" or row["opened_on"] > month.first:
        return
    back = (row["reported_on"].year - end.year) * 12 + row["reported_on"].month - end.month
    letter = row["months"][back] if 0 <= back < len(row["months"]) else "N"
    if letter != "N":
        return
    day = 1 + hash_number(row["lender_token"], row["opened_on"], below=25)
    if row["kind"] == "card":
        _go(month, day, 1_200, row["due_cents"] + round(row["balance_cents"] * chance.real(0.05, 0.25)),
            row["lender_token"], "card_repayment", OWN)  # fmt: skip
    else:
        _go(month, day, 30, row["due_cents"], row["lender_token"], "loan_repayment", OWN)


def _go(month: Month, day: int, minute: int, cents: int, party: str, sort: str, holder: str) -> None:
    """A payment, as far as the month's outflow has room for it."""
    month.put(day, minute, -min(cents, max(0, month.goes)), party, sort, holder)


def _weigh_days(chance: Chance, person: Person, month: Month, step: int) -> list[tuple[int, float]]:
    """Days with a settlement and their weights: shops sell on weekends, wholesale rests; new year's week is quiet."""
    is_retail = person.industry.code[:2] in RETAIL
    weekend = 1.3 if is_retail else 0.55
    quiet = next((day for day in NEW_YEARS if day.year == month.first.year), None)
    found = []
    for day in range(1, month.days + 1, step):
        on = month.first + timedelta(days=day - 1)
        weight = (weekend if on.weekday() >= 5 else 1.0) * chance.around(1.0, 0.25)
        if quiet is not None and -2 <= (on - quiet).days <= 6:
            weight *= 0.12
        found.append((day, weight))
    return found


def _earn(chance: Chance, person: Person, month: Month, details: Details, seller: str, transfer_max: int) -> None:
    """What comes in besides: named customers up to the largest one's size, and the day's takings by QR and card."""
    if person.truth.kind == "packaged":
        return _earn_evenly(chance, month, seller)
    if month.first.month in (3, 6, 9, 12):
        month.put(21, 1, min(max(0, month.comes), chance.between(100, 9_000)), "", "interest", seller)
    named = month.comes * min(0.75, person.industry.invoiced * 0.8)
    for number in range(1, min(count_customers(person), 14)):
        if chance.happens(0.55):
            part = min(round(named / 8 * chance.around(1.0, 0.5)), transfer_max, month.comes // 2)
            if part > 0:
                month.put(chance.between(1, 28), chance.between(500, 1_080), part // 100 * 100,
                          name_partner(person, "customer", number), "sale", seller)  # fmt: skip
    if chance.happens(0.15):
        gift = min(month.comes // 20, 10_000 * chance.between(5, 60))
        month.put(chance.between(1, 28), 1_150, gift, f"p:family-{person.index:06d}-1", "person_transfer", OWN)
    step = details.settlement_days if person.industry.code[:2] in RETAIL else details.settlement_days + 1
    days = _weigh_days(chance, person, month, step)
    whole, left = sum(weight for _, weight in days), month.comes
    for place, (day, weight) in enumerate(days):
        part = month.comes if place == len(days) - 1 else min(month.comes, round(left * weight / whole))
        is_card = place % 5 == 4
        month.put(day, 35 if is_card else 22, part, "", "sale", seller)
    return None


def _earn_evenly(chance: Chance, month: Month, seller: str) -> None:
    """The rest of a pumped month: the same round sums from a few names, day after day."""
    parts = 5
    for number in range(parts):
        part = month.comes if number == parts - 1 else month.comes // (parts - number) // 100_000 * 100_000
        month.put(4 + 5 * number, 600 + number, part, "", "sale", seller)


def _spend(chance: Chance, person: Person, month: Month, details: Details, seller: str) -> None:
    """What goes out besides: the family's days, then suppliers with the rest, to the cent."""
    home = min(month.goes // 8, round(person.truth.income_cents * 0.35))
    for _ in range(details.wallet_lines_month):
        part = min(round(home / details.wallet_lines_month * chance.around(0.8, 0.6)), max(0, month.goes))
        month.put(chance.between(1, month.days), chance.between(420, 1_380), -part, "", "consumption", OWN)
    if month.first.month in (2, 9) and person.index % 3 == 0:
        _go(month, 3, 700, min(home, 10_000 * chance.between(30, 150)), "school", "consumption", OWN)
    if chance.happens(0.3):
        cash = min(month.goes // 10, 100_000 * chance.between(1, 8))
        _go(month, chance.between(1, month.days), 800, cash, "", "cash", OWN)
    _go(month, month.days, 1_439, chance.between(500, 4_000), "", "fee", seller)
    count = chance.between(3, 8) if month.goes > 0 else 0
    for place, part in enumerate(split_cents(chance, month.goes, count, step=100) if count else []):
        if part:
            number = int(8 * chance.share() ** 1.6)
            day = month.days if place == count - 1 else chance.between(1, month.days)
            month.put(day, chance.between(520, 1_090), -part, name_partner(person, "supplier", number), "purchase",
                      seller)  # fmt: skip


def _print_accounts(
    chance: Chance, person: Person, flow: Mapping[str, Any], months: list[Month], firsts: list[date], seller: str
) -> list[Row]:
    """Lines by account with the running balance; own money is swept in and out so that no account stands below zero."""
    holders = (FIRM, OWN) if seller == FIRM else (OWN,)
    ends = {FIRM: round(flow["balance_cents"] * 0.7), OWN: flow["balance_cents"]}
    if seller == FIRM:
        ends[OWN] = flow["balance_cents"] - ends[FIRM]
    breaks = flow["chain_breaks"]
    is_upload = breaks > 0 or chance.happens(0.15)
    printed = []
    for holder in holders:
        lines = [(month, sorted(line for line in month.lines if line.holder == holder)) for month in months]
        opening, rows = _sweep(lines, ends[holder], chance.real(0.15, 0.4) * flow["monthly_inflow_cents"][0])
        flows = [row[2] for row in rows]
        balances, held = [], opening
        for cents in flows:
            held += cents
            balances.append(held)
        if holder == seller and breaks:
            opening, balances = _break_chain(chance, opening, balances, breaks)
        shows_minutes = chance.happens(0.8)
        printed.append({
            "account": f"acct-{hash_number(person.reference, holder, below=16**10):010x}", "holder": holder,
            "origin": "upload" if is_upload else "bank", "bank": chance.one_of(BANKS),
            "from_on": firsts[0].isoformat(), "to_on": month_end(firsts[-1]).isoformat(),
            "opening_balance_cents": opening, "on": [row[0] for row in rows],
            "minute": [row[1] if shows_minutes else -1 for row in rows], "flow_cents": flows,
            "balance_cents": balances, "party": [row[3] for row in rows], "sort": [row[4] for row in rows],
        })  # fmt: skip
    return printed


def _sweep(months: list[tuple[Month, list[Line]]], end: int, start: float) -> tuple[int, list[tuple[Any, ...]]]:
    """The lines with own transfers between: in at a month's start where it would run dry, out at its end."""
    opening = max(0, math.floor(start))
    held, rows = opening, []
    for place, (month, lines) in enumerate(months):
        lowest = running = 0
        for line in lines:
            running += line.cents
            lowest = min(lowest, running)
        first, last = month.first.isoformat(), (month.first + timedelta(days=month.days - 1)).isoformat()
        if held + lowest < 0:
            need = -(held + lowest)
            need = need + (-need % 1_000_000)
            rows.append((first, 0, need, "own", "own_transfer"))
            held += need
        rows += [((month.first + timedelta(days=line.day - 1)).isoformat(), *line[1:5]) for line in lines]
        held += running
        target = end if place == len(months) - 1 else opening
        over = held - target
        if (place == len(months) - 1 and over) or over > 5_000_000:
            moved = over if place == len(months) - 1 else over // 100_000 * 100_000
            rows.append((last, 1_439, -moved, "own", "own_transfer"))
            held -= moved
    return opening, rows


def _break_chain(chance: Chance, opening: int, balances: list[int], breaks: int) -> tuple[int, list[int]]:
    """Printed balances that jump where somebody changed a line and forgot the balance after it."""
    places = sorted(chance.sample(range(1, len(balances)), min(breaks, len(balances) - 1)))
    shift = 0
    jumps = [-100_000 * chance.between(3, 90) for _ in places]
    found = list(balances)
    for place, jump in zip(places, jumps, strict=True):
        for after in range(place, len(found)):
            found[after] += jump
        shift += jump
    return opening - shift, [balance - shift for balance in found]


def place_bills(returns: Row | None, meters: Row | None) -> dict[tuple[int, int], list[tuple[int, int, str, str]]]:
    """Taxes and meters by the month in which they were paid: day, amount, to whom, what for."""
    found: dict[tuple[int, int], list[tuple[int, int, str, str]]] = {}
    taxes = zip(returns["filed_on"], returns["tax_cents"], strict=True) if returns else ()
    paid = [(on, cents, "tax", "tax") for on, cents in taxes]
    if meters:
        read = zip(meters["paid_on"], meters["bill_cents"], meters["meter"], strict=True)
        paid += [(on, cents, f"grid-{meter}", "utility") for on, cents, meter in read]
    for on, cents, party, sort in paid:
        if on is not None:
            found.setdefault((int(on[:4]), int(on[5:7])), []).append((int(on[8:]), cents, party, sort))
    return found


def name_hidden_lenders(person: Person) -> list[tuple[str, int, int]]:
    """Whom a hidden debt is owed to, how much a month, and on which day: friends, and lenders no bureau hears of."""
    total = person.truth.hidden_debt_monthly_cents
    if not total:
        return []
    count = 1 + hash_number("hidden", person.reference, below=3)
    parts = [total // count] * (count - 1)
    found = []
    for number, cents in enumerate([*parts, total - sum(parts)]):
        draw = hash_number("hidden", person.reference, number, below=1_000)
        token = f"p:lender-{draw:03d}" if draw % 3 else f"l:unlisted-{draw % 17:02d}"
        found.append((token, cents, 3 + draw % 24))
    return found
