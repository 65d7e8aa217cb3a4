"""What stands behind a bureau report's figures: accounts with sixty months of letters, queries, duties, public records.

The figures were drawn first; the accounts are laid out so that they add up to them to the cent. Where no set of
accounts could (a mortgage older than the oldest account), the figure gives way, never the truth about the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from creditfactory.kernel import add_months, month_end, months_between
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.population import Person

Row = dict[str, Any]
LETTERS_MAX = 60
LATE_MONTHS = 23
BAD_DEBT_MONTHS = 27
"""A bad debt was charged off at least so many months ago, before the 24 in which late months are counted."""
ACCOUNT_COLUMNS = (
    "kind", "lender", "lender_token", "opened_on", "closed_on", "reported_on", "state", "security", "purpose",
    "limit_cents", "balance_cents", "due_cents", "paid_cents", "overdue_cents", "overdue_over_30_cents",
    "overdue_over_90_cents", "terms", "terms_left", "months",
)  # fmt: skip
LENDERS = {
    "bank": 34, "consumer_finance": 14, "microloan": 12, "trust": 6, "auto_finance": 9, "online_lender": 18,
    "housing_fund": 1,
}  # fmt: skip
"""How many lenders of each kind this world has."""


def name_lender(chance: Chance, kind: str) -> str:
    """The token of one lender of this kind."""
    return f"l:{kind}-{chance.between(1, LENDERS[kind]):02d}"


def turn_to_columns(rows: list[Row], names: tuple[str, ...]) -> dict[str, list[Any]]:
    """A table's rows as its columns, days as text."""
    return {name: [_write(row[name]) for row in rows] for name in names}


def _write(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def split_cents(chance: Chance, total: int, parts: int, *, step: int = 1) -> list[int]:
    """A sum in so many uneven parts that add up to it, all but the last in whole steps.

    >>> sum(split_cents(Chance(7, "split"), 1_000_003, 3, step=10_000))
    1000003
    """
    weights = [chance.real(0.4, 1.6) for _ in range(parts)]
    whole = sum(weights)
    found = [int(total * weight / whole) // step * step for weight in weights[:-1]]
    return [*found, total - sum(found)]


def detail_bureau(
    chance: Chance, person: Person, told: Mapping[str, Any], proofs: list[Row], court: Mapping[str, Any], on: date
) -> dict[str, Any]:
    """The summary with everything behind it; without a record there is nothing behind it but a count of nothing."""
    if not told["has_record"]:
        return {**told, "report_number": _number_report(person, on)}
    summary = _settle_summary(dict(told), proofs, on)
    rows = [*_open_cards(chance, summary, on), *_open_loans(chance, summary, proofs, on)]
    for row in rows:
        row["reported_on"] = month_end(add_months(on, -1))
        row["months"] = _write_letters(chance, row)
    _mark_late(chance, rows, summary)
    rows += _close_accounts(chance, person, summary, on)
    queries = _list_queries(chance, rows, summary, on)
    return {
        **summary,
        "report_number": _number_report(person, on),
        "accounts": turn_to_columns(rows, ACCOUNT_COLUMNS),
        "queries": turn_to_columns(queries, ("on", "lender", "lender_token", "reason")),
        "duties": _list_duties(chance, summary, on),
        "public": _list_public(chance, court, on),
        "phones_reported": 1 + chance.count(0.7),
        "addresses_reported": 1 + chance.count(0.9),
        "employers_reported": chance.count(0.8),
        "has_dispute": chance.happens(0.006),
    }


def _number_report(person: Person, on: date) -> str:
    return f"{on:%Y%m%d}{hash_number('report', person.reference, on, below=10**10):010d}"


def _settle_summary(summary: Row, proofs: list[Row], on: date) -> Row:
    """Figures no accounts could add up to give way: the history reaches back to the oldest proof."""
    oldest = date.fromisoformat(summary["oldest_account_on"])
    secured = [proof for proof in proofs if "instalment_cents" in proof]
    for proof in secured:
        oldest = min(oldest, add_months(on, -proof["months_paid"]) - timedelta(days=9))
    if summary["has_bad_debt"]:
        oldest = min(oldest, add_months(on, -BAD_DEBT_MONTHS))
    summary["oldest_account_on"] = oldest.isoformat()
    balance = summary["loan_balance_cents"]
    if balance:
        open_ended = max(1, summary["online_lenders"])
        needed = open_ended + max(len(secured), 1 if balance > summary["unsecured_balance_cents"] else 0)
        summary["loan_count"] = max(summary["loan_count"], needed)
    else:
        summary["loan_count"] = summary["online_lenders"] = 0
    if summary["overdue_now_cents"]:
        summary["overdue_months_24m"] = max(1, summary["overdue_months_24m"])
        summary["overdue_run_24m"] = max(1, summary["overdue_run_24m"])
    room = min(LATE_MONTHS, months_between(oldest, on)) - 2
    run = min(summary["overdue_run_24m"], max(1, room))
    single = min(summary["overdue_months_24m"] - run, max(0, (room - run - 1) // 2))
    if summary["overdue_months_24m"]:
        summary["overdue_months_24m"], summary["overdue_run_24m"] = run + max(0, single), run
    return summary


def _account(kind: str, lender: str, token: str, **known: Any) -> Row:
    blank: Row = {
        "kind": kind, "lender": lender, "lender_token": token, "opened_on": None, "closed_on": None,
        "reported_on": None, "state": "normal", "security": "unsecured", "purpose": "other", "limit_cents": 0,
        "balance_cents": 0, "due_cents": 0, "paid_cents": 0, "overdue_cents": 0, "overdue_over_30_cents": 0,
        "overdue_over_90_cents": 0, "terms": None, "terms_left": None, "months": "",
    }  # fmt: skip
    return blank | known


def _open_cards(chance: Chance, summary: Row, on: date) -> list[Row]:
    """Cards whose limits and use add up, the first the oldest account; each card's minimum is what falls due."""
    limit, used = summary["card_limit_cents"], summary["card_used_cents"]
    oldest = date.fromisoformat(summary["oldest_account_on"])
    count = min(5, 1 + chance.count(1.1))
    limits = split_cents(chance, limit, count, step=100_000)
    left, rows = used, []
    for place, own in enumerate(limits):
        after = sum(limits[place + 1 :])
        share = min(own, max(left - after, round(own * used / max(limit, 1) * chance.real(0.4, 1.6))))
        balance = left if place == count - 1 else max(0, min(share, left))
        left -= balance
        due = balance // 10
        rows.append(
            _account("card", "bank", name_lender(chance, "bank"), purpose="card", limit_cents=own,
                     balance_cents=balance, due_cents=due, paid_cents=due + balance // chance.between(2, 9),
                     opened_on=oldest
                     + timedelta(days=chance.between(0, max(0, (on - oldest).days - 45)) if place else 0))
        )  # fmt: skip
    return rows


def _open_loans(chance: Chance, summary: Row, proofs: list[Row], on: date) -> list[Row]:
    """The loans being paid: what was shown as proof first, then the unsecured ones with the rest of the instalments."""
    due, unsecured = summary["monthly_due_cents"], summary["unsecured_balance_cents"]
    secured, count = summary["loan_balance_cents"] - unsecured, summary["loan_count"]
    if not summary["loan_balance_cents"]:
        return _open_lines(chance, summary, on)
    rows = []
    shown = {proof["kind"]: proof for proof in proofs if "instalment_cents" in proof}
    weights = {kind: {"mortgage": 6.0, "car_loan": 1.0}[kind] for kind in shown} or {"pledged": 1.0}
    left = secured
    for place, kind in enumerate(weights):
        part = left if place == len(weights) - 1 else round(secured * weights[kind] / sum(weights.values()))
        left -= part
        rows.append(_secure_loan(chance, kind, part, shown.get(kind), due, on))
    oldest = date.fromisoformat(summary["oldest_account_on"])
    rest = max(0, due - sum(row["due_cents"] for row in rows))
    free = count - len(rows)
    step = 10_000 if unsecured > 100_000 * free else 1
    balances, dues = split_cents(chance, unsecured, free, step=step), split_cents(chance, rest, free)
    for place in range(free):
        token = f"l:online_lender-{place + 1:02d}" if place < summary["online_lenders"] else None
        rows.append(_lend_unsecured(chance, token, balances[place], dues[place], on))
    for row in rows:
        row["opened_on"] = max(oldest, row["opened_on"])
    return rows


def _secure_loan(chance: Chance, kind: str, balance: int, proof: Row | None, due: int, on: date) -> Row:
    lender = {"mortgage": "bank", "car_loan": "auto_finance", "pledged": "bank"}[kind]
    instalment = proof["instalment_cents"] if proof else round(due * chance.real(0.2, 0.5))
    terms = {"mortgage": 240, "car_loan": 60, "pledged": 120}[kind]
    paid = proof["months_paid"] if proof else chance.between(3, 60)
    opened = add_months(on, -paid) - timedelta(days=chance.between(1, 9))
    return _account(
        "loan", lender, name_lender(chance, lender), opened_on=opened, limit_cents=round(balance * 1.3) + instalment,
        security="pledge" if kind == "car_loan" else "mortgage", balance_cents=balance, due_cents=instalment,
        purpose={"mortgage": "home", "car_loan": "car", "pledged": "business"}[kind], paid_cents=instalment,
        terms=terms, terms_left=max(1, terms - paid),
    )  # fmt: skip


def _lend_unsecured(chance: Chance, online: str | None, balance: int, due: int, on: date) -> Row:
    lender = "online_lender" if online else chance.weighted({"bank": 6, "consumer_finance": 2, "trust": 1})
    terms = chance.one_of((12, 24, 36))
    paid = chance.between(1, terms - 1)
    opened = add_months(on, -paid) - timedelta(days=chance.between(1, 20))
    return _account(
        chance.weighted({"loan": 3, "revolving_loan": 1}), lender, online or name_lender(chance, lender),
        balance_cents=balance, due_cents=due, opened_on=opened,
        paid_cents=due, limit_cents=max(balance, round(balance * chance.real(1.1, 2.2) / 100_000) * 100_000),
        purpose=chance.weighted({"business": 3, "consumption": 2}), terms=terms, terms_left=terms - paid,
    )  # fmt: skip


def _open_lines(chance: Chance, summary: Row, on: date) -> list[Row]:
    """Lines granted and not drawn."""
    oldest = date.fromisoformat(summary["oldest_account_on"])
    return [
        _account("revolving_line", "bank", name_lender(chance, "bank"), limit_cents=1_000_000 * chance.between(1, 20),
                 purpose="consumption", opened_on=max(oldest, on - timedelta(days=chance.between(60, 900))))
        for _ in range(chance.count(0.8))
    ]  # fmt: skip


def _count_letters(row: Row) -> int:
    return max(1, min(LETTERS_MAX, 1 + months_between(row["opened_on"].replace(day=1), row["reported_on"])))


def _write_letters(chance: Chance, row: Row) -> str:
    """One letter a month, the newest first: paid, or not used where nothing was owed."""
    count = _count_letters(row)
    if row["kind"] == "revolving_line":
        return "*" * count
    if row["kind"] == "card" and chance.happens(0.2):
        idle = chance.between(1, count)
        return ("N" * (count - idle) + "*" * idle)[:count]
    return "N" * count


def _mark_late(chance: Chance, rows: list[Row], summary: Row) -> None:
    """Write the late months into one account old enough to hold them: one run, the rest one by one."""
    months, run, owed = summary["overdue_months_24m"], summary["overdue_run_24m"], summary["overdue_now_cents"]
    if not months:
        return
    used = [row for row in rows if row["kind"] != "revolving_line"]
    row = max(used, key=lambda one: (min(len(one["months"]), LATE_MONTHS), one["kind"] == "card"))
    room = min(LATE_MONTHS, len(row["months"]))
    letters = ["N"] * len(row["months"])
    singles = months - run
    slack = max(0, room - run - 2 * singles - 1)
    start = 0 if owed else 1 + chance.between(0, max(0, slack - 1)) if slack else 1
    for step in range(run):
        letters[start + step] = str(min(7, run - step))
    place = start + run + 1
    for _ in range(singles):
        letters[min(place, room - 1)] = "1"
        place += 2
    row["months"] = "".join(letters)
    if owed:
        row |= {"overdue_cents": owed, "state": "overdue", "overdue_over_30_cents": owed if run > 1 else 0}
        row |= {"overdue_over_90_cents": owed if run > 3 else 0, "paid_cents": 0}


def _close_accounts(chance: Chance, person: Person, summary: Row, on: date) -> list[Row]:
    """Loans of earlier years, all paid; a bad debt where there is one, long charged off."""
    oldest = date.fromisoformat(summary["oldest_account_on"])
    span = max(1, (on - oldest).days)
    rows = []
    for _ in range(chance.count(1.6 if person.truth.kind != "hides_debt" else 2.4)):
        opened = oldest + timedelta(days=chance.between(0, max(0, span - 420)))
        closed = min(opened + timedelta(days=30 * chance.between(6, 36)), on - timedelta(days=chance.between(40, 400)))
        lender = chance.weighted({"bank": 4, "consumer_finance": 3, "online_lender": 3, "microloan": 1})
        row = _account(
            "loan", lender, name_lender(chance, lender), opened_on=opened, closed_on=max(opened, closed),
            reported_on=max(opened, closed), state="settled", limit_cents=1_000_000 * chance.between(1, 15),
            purpose=chance.weighted({"business": 1, "consumption": 2}), terms=12, terms_left=0,
        )  # fmt: skip
        row["months"] = "C" + "N" * (_count_letters(row) - 1)
        rows.append(row)
    if summary["has_bad_debt"]:
        gone = max(oldest, add_months(on, -chance.between(BAD_DEBT_MONTHS, 50)))
        row = _account(
            "loan", "consumer_finance", name_lender(chance, "consumer_finance"), opened_on=oldest, closed_on=gone,
            reported_on=gone, state="bad_debt", purpose="consumption", limit_cents=1_000_000 * chance.between(1, 9),
            terms=12, terms_left=0,
        )  # fmt: skip
        row["months"] = "B" + "7654321"[: max(0, _count_letters(row) - 1)]
        rows.append(row)
    return rows


def _list_queries(chance: Chance, rows: list[Row], summary: Row, on: date) -> list[Row]:
    """Who looked: lenders asked to lend, as often as the summary says, lenders after lending, and the person."""
    spans = (
        (summary["queries_1m"], 1, 26), (summary["queries_3m"] - summary["queries_1m"], 33, 86),
        (summary["queries_6m"] - summary["queries_3m"], 95, 176), (chance.count(1.8), 190, 720),
    )  # fmt: skip
    found = []
    for count, nearest, farthest in spans:
        for _ in range(count):
            lender = chance.weighted({"bank": 5, "consumer_finance": 2, "online_lender": 2, "microloan": 1})
            reason = chance.weighted({"loan_approval": 8, "card_approval": 2}) if lender == "bank" else "loan_approval"
            day = on - timedelta(days=chance.between(nearest, farthest))
            found.append({"on": day, "lender": lender, "lender_token": name_lender(chance, lender), "reason": reason})
    for row in rows:
        if row["closed_on"] is None and row["balance_cents"] and chance.happens(0.7):
            day = on - timedelta(days=chance.between(20, 360))
            after = {"lender": row["lender"], "lender_token": row["lender_token"], "reason": "after_loan"}
            found.append({"on": max(day, row["opened_on"]), **after})
    if chance.happens(0.25):
        own = {"lender": "other", "lender_token": "", "reason": "own"}
        found.append({"on": on - timedelta(days=chance.between(2, 500)), **own})
    return sorted(found, key=lambda row: (row["on"], row["lender_token"]))


def _list_duties(chance: Chance, summary: Row, on: date) -> dict[str, list[Any]]:
    """Guarantees given and loans shared, whose open part adds up to the summary's."""
    rows = []
    total = summary["guarantees_cents"]
    for part in split_cents(chance, total, chance.between(1, 2), step=10_000) if total else []:
        opened = add_months(on, -chance.between(2, 34))
        rows.append({
            "role": chance.weighted({"guarantor": 3, "co_borrower": 1}), "lender": "bank", "opened_on": opened,
            "until_on": add_months(opened, 36), "duty_cents": round(part * chance.real(1.0, 1.6)),
            "balance_cents": part, "is_overdue": chance.happens(0.03),
        })  # fmt: skip
    names = ("role", "lender", "opened_on", "until_on", "duty_cents", "balance_cents", "is_overdue")
    return turn_to_columns(rows, names)


def _list_public(chance: Chance, court: Mapping[str, Any], on: date) -> dict[str, list[Any]]:
    """What public bodies reported; an open enforcement is one that the courts' own list shows."""
    rows = [
        {"kind": "enforcement", "on": on - timedelta(days=chance.between(40, 600)), "is_open": True,
         "amount_cents": 10_000 * chance.between(200, 9_000)}
        for _ in range(court["executed_open"])
    ]  # fmt: skip
    if chance.happens(0.015):
        owed = 100 * chance.between(60, 900)
        rows.append({"kind": "telecom_arrears", "on": on - timedelta(days=chance.between(30, 900)), "is_open": False,
                     "amount_cents": owed})  # fmt: skip
    if chance.happens(0.30):
        rows.append({"kind": "housing_fund", "on": on - timedelta(days=chance.between(20, 60)), "is_open": True,
                     "amount_cents": 100 * chance.between(200, 2_400)})  # fmt: skip
    return turn_to_columns(rows, ("kind", "on", "amount_cents", "is_open"))
