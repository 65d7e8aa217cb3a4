"""What banks, insurer, custodian and message house answer: by application and seed, never by the order of asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from creditfactory.world.chance import Chance, hash_number, logistic
from creditfactory.world.market import Faults, Funder, Market
from creditfactory.world.population import find_person, home_seed

RATE_MAX = Decimal("0.24")
Body = dict[str, Any]


class NotAnswered(Exception):
    """The party refuses the question itself; ``code`` and the words say why."""

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Repayment:
    """One payment a borrower will make; ``number`` is the instalment it is for, None for a late recovery."""

    number: int | None
    on: date
    amount_cents: int


def draw_minutes(faults: Faults, seed: int, *parts: object) -> float:
    """After how many simulated minutes a party calls back on this application."""
    chance = Chance(seed, "minutes:" + ":".join(str(part) for part in parts))
    minutes = min(chance.around(faults.minutes_median, faults.minutes_spread), faults.minutes_median * 2.4)
    return minutes * faults.late_factor if chance.happens(faults.late) else minutes


def need(body: Mapping[str, Any], name: str, kind: type) -> Any:
    """A field of the question, or a refusal that names it."""
    found = body.get(name)
    if not isinstance(found, kind) or isinstance(found, bool) or found == "":
        raise NotAnswered("BAD-REQUEST", f"{name}: expected {kind.__name__}, found {type(found).__name__}")
    return found


def need_instant(body: Mapping[str, Any]) -> datetime:
    """The simulated instant of asking."""
    try:
        found = datetime.fromisoformat(need(body, "asked_at", str))
    except ValueError:
        raise NotAnswered("BAD-REQUEST", "asked_at: expected an ISO 8601 instant") from None
    if found.tzinfo is None:
        raise NotAnswered("BAD-REQUEST", "asked_at: expected an instant with its zone")
    return found


def _reason(code: str, **facts: Any) -> Body:
    return {"code": code, "facts": facts}


def decide_as_bank(market: Market, seed: int, body: Mapping[str, Any]) -> Body:
    """The funder's own decision on one recommendation: its own policy first, then its own view of the case."""
    funder = market.find_funder(need(body, "funder", str))
    if funder is None:
        raise NotAnswered("UNKNOWN-FUNDER", f"there is no funder {body['funder'][:40]!r} here")
    application = need(body, "application", str)
    amount, term = need(body, "amount_cents", int), need(body, "term_months", int)
    rate = need(body, "annual_rate", str)
    decided_at = need_instant(body) + timedelta(
        minutes=draw_minutes(market.parties.bank, seed, funder.code, application)
    )
    reference = f"{funder.code.upper()}-{hash_number(seed, funder.code, application, below=10**9):09d}"
    base = {"application": application, "funder": funder.code, "decided_at": decided_at.isoformat()}
    base["reference"] = reference
    refusals = _check_own_policy(funder, body, amount)
    chance = Chance(seed, f"bank:{funder.code}:{application}")
    own_view = chance.share()
    truth = find_person(market, seed, application).truth
    if not refusals and own_view < funder.own.refuses * min(3.0, 0.6 + 4 * truth.default_probability):
        refusals = [_reason("BANK-OWN-VIEW")]
    if refusals:
        return {**base, "verdict": "decline", "reasons": refusals}
    terms: Body = {"amount_cents": amount, "term_months": term, "annual_rate": rate}
    if chance.happens(funder.own.alters):
        terms, reasons = _alter(funder, chance, terms)
        if reasons:
            return {**base, "verdict": "alter", **terms, "reasons": reasons}
    if term > funder.own.term_months_max:
        terms["term_months"] = funder.own.term_months_max
        return {**base, "verdict": "alter", **terms, "reasons": [_reason("BANK-TERM", term_months=term)]}
    return {**base, "verdict": "approve", **terms, "reasons": []}


def _check_own_policy(funder: Funder, body: Mapping[str, Any], amount: int) -> list[Body]:
    own, found = funder.own, []
    facts = body.get("facts") or {}
    age, months = facts.get("age_years", facts.get("age")), facts.get("business_months", facts.get("licence_months"))
    probability, points = body.get("probability"), body.get("points")
    if not funder.amount_min_cents <= amount <= funder.amount_max_cents:
        found.append(_reason("BANK-AMOUNT", amount_cents=amount, amount_max_cents=funder.amount_max_cents))
    if funder.cities and body.get("city") not in funder.cities:
        found.append(_reason("BANK-CITY", city=body.get("city")))
    if body.get("industry") in own.industries_refused:
        found.append(_reason("BANK-INDUSTRY", industry=body.get("industry")))
    if isinstance(points, int) and points < funder.points_min:
        found.append(_reason("BANK-POINTS", points=points, points_min=funder.points_min))
    if isinstance(probability, (int, float)) and probability > own.probability_max:
        found.append(_reason("BANK-PROBABILITY", probability=probability))
    if isinstance(age, int) and not own.age_min <= age <= own.age_max:
        found.append(_reason("BANK-AGE", age_years=age))
    if isinstance(months, int) and months < own.months_open_min:
        found.append(_reason("BANK-YOUNG-FIRM", business_months=months, months_open_min=own.months_open_min))
    return found


def _alter(funder: Funder, chance: Chance, terms: Body) -> tuple[Body, list[Body]]:
    """A smaller sum, or a higher rate as far as the law lets it; nothing when neither is possible."""
    if chance.happens(0.75):
        cut = int(terms["amount_cents"] * chance.real(0.65, 0.9)) // 1_000_000 * 1_000_000
        if cut >= funder.amount_min_cents:
            return {**terms, "amount_cents": cut}, [_reason("BANK-AMOUNT-CUT", amount_cents=terms["amount_cents"])]
        return terms, []
    higher = Decimal(terms["annual_rate"]) + Decimal("0.006")
    if higher > RATE_MAX:
        return terms, []
    return {**terms, "annual_rate": str(higher)}, [_reason("BANK-RATE-UP", annual_rate=terms["annual_rate"])]


def decide_as_insurer(market: Market, seed: int, body: Mapping[str, Any]) -> Body:
    """The insurer's own review; a policy is issued only after it."""
    application, amount = need(body, "application", str), need(body, "amount_cents", int)
    decided_at = need_instant(body) + timedelta(
        minutes=draw_minutes(market.parties.insurer, seed, "cover", application)
    )
    base: Body = {"application": application, "decided_at": decided_at.isoformat()}
    probability = body.get("probability")
    truth = find_person(market, seed, application).truth
    chance = Chance(seed, f"insurer:{application}")
    if isinstance(probability, (int, float)) and probability > market.parties.insurer_probability_max:
        return {**base, "verdict": "decline", "reasons": [_reason("INSURER-PROBABILITY", probability=probability)]}
    if chance.happens(min(0.6, market.parties.insurer_refusal + 0.15 * truth.default_probability)):
        return {**base, "verdict": "decline", "reasons": [_reason("INSURER-OWN-VIEW")]}
    return {
        **base,
        "verdict": "approve",
        "policy_number": f"PL{hash_number(seed, 'policy', application, below=10**10):010d}",
        "premium_cents": amount * market.parties.insurer_premium_bps // 10_000,
        "cover_cents": amount,
        "reasons": [],
    }


def settle_claim(market: Market, seed: int, body: Mapping[str, Any]) -> Body:
    """A claim for one missed instalment: paid on the same day to the lender."""
    loan, number, amount = need(body, "loan", str), need(body, "number", int), need(body, "amount_cents", int)
    need(body, "policy_number", str)
    return {
        "loan": loan,
        "number": number,
        "verdict": "paid",
        "paid_cents": amount,
        "paid_on": need_instant(body).date().isoformat(),
        "reference": f"CL{hash_number(seed, 'claim', loan, number, below=10**10):010d}",
        "reasons": [],
    }


def pay_out(market: Market, seed: int, key: str, body: Mapping[str, Any]) -> Body:
    """What becomes of one payment order; a few fail for the payee's account, and another order may then succeed."""
    application, loan = need(body, "application", str), need(body, "loan", str)
    amount, asked_at = need(body, "amount_cents", int), need_instant(body)
    if amount <= 0:
        raise NotAnswered("BAD-REQUEST", "amount_cents: expected more than nothing")
    number = f"R{hash_number(seed, 'receipt', key, below=10**12):012d}"
    base: Body = {"application": application, "loan": loan, "receipt": number}
    if Chance(seed, f"payment:{key}").happens(market.parties.payment_fails):
        return {**base, "verdict": "failed", "amount_cents": 0, "reasons": [_reason("PAYEE-ACCOUNT")]}
    minutes = draw_minutes(market.parties.custodian, seed, "pay", key)
    paid_at = asked_at + timedelta(minutes=minutes)
    local = paid_at + timedelta(minutes=market.utc_offset_minutes)
    return {
        **base,
        "verdict": "paid",
        "amount_cents": amount,
        "paid_on": local.date().isoformat(),
        "paid_at": paid_at.isoformat(),
        "reasons": [],
    }


def plan_repayments(market: Market, seed: int, reference: str, instalments: list[Body]) -> tuple[Repayment, ...]:
    """What this borrower will pay and when: in time, a little late, or no more from the month of default on."""
    truth = find_person(market, seed, reference).truth
    chance = Chance(home_seed(reference, seed), f"repayment:{reference}")
    planned, open_cents, stopped_on = [], 0, None
    for row in instalments:
        number, due_on, total = int(row["number"]), date.fromisoformat(row["due_on"]), int(row["total_cents"])
        is_late, days, part = (
            chance.happens(logistic(-3.2 - 0.6 * truth.quality)),
            chance.between(1, 24),
            chance.share(),
        )
        if truth.default_month is not None and number >= truth.default_month:
            open_cents += total
            if stopped_on is None:
                stopped_on = due_on
                if part < 0.3:
                    planned.append(Repayment(number, due_on, round(total * (0.2 + part))))
            continue
        planned.append(Repayment(number, due_on + timedelta(days=days if is_late else 0), total))
    if stopped_on is not None and chance.happens(0.35) and truth.kind in ("honest", "hides_debt"):
        amount = round(open_cents * chance.real(0.05, 0.5))
        planned.append(Repayment(None, stopped_on + timedelta(days=chance.between(120, 400)), amount))
    paid = [payment for payment in planned if payment.amount_cents > 0]
    return tuple(sorted(paid, key=lambda payment: (payment.on, payment.number or 0)))
