"""What a person of this world hands in, and what the outside sources know of them; both follow from the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from creditfactory.kernel import add_months
from creditfactory.world.chance import Chance, hash_number, log_odds, logistic
from creditfactory.world.market import Market
from creditfactory.world.population import Person, draw_arrival, find_person, home_seed, make_person

SEASON = (1.02, 0.78, 0.95, 1.00, 1.02, 1.00, 0.98, 0.99, 1.04, 1.03, 1.06, 1.13)
"""Sales of January to December against an even year."""


def make_application(market: Market, seed: int, index: int, *, at: datetime | None = None) -> dict[str, Any]:
    """A whole submission for the web API: the person for the vault, and the dossier without the person's token.

    ``at`` is the instant of applying (UTC); without one it is drawn from the fortnight before the market's anchor.
    """
    person = make_person(market, seed, index)
    at = at or draw_instant(market, seed, index)
    chance = Chance(seed, f"application:{index}")
    return {
        "person": {"name": person.name, "id_number": person.id_number, "phone": tell_phone(market, seed, person)},
        "pack": market.pack,
        "reference": person.reference,
        "applied_at": at.isoformat(),
        "utc_offset_minutes": market.utc_offset_minutes,
        "request": {
            "amount_cents": person.amount_cents,
            "currency": market.currency,
            "term_months": person.term_months,
            "purpose": person.purpose,
        },
        "applicant": {
            "born_on": person.born_on.isoformat(),
            "role": _tell_role(chance, person),
            "education": person.education,
            "city": person.city.code,
            "years_in_city": person.years_in_city,
            "owns_home": person.owns_home,
            "declared_income_cents": _round_up(
                person.truth.income_cents * _embellish(market, chance, person, "income")
            ),
        },
        "business": {
            "trade_name": person.firm,
            "industry": person.industry.code,
            "city": person.firm_city.code,
            "opened_on": person.opened_on.isoformat(),
            "employees": person.employees,
            "declared_sales_12m_cents": 12
            * _round_up(person.truth.sales_cents * _embellish(market, chance, person, "sales")),
        },
        "channel": {"kind": person.channel.kind, "company": person.channel.code, "agent": person.agent},
        "evidence": [_show_device(market, seed, person, at), *show_proofs(market, seed, person, at)],
    }


def make_dossier(market: Market, seed: int, index: int, *, at: datetime | None = None) -> dict[str, Any]:
    """The whole dossier as it stands before the decision: submitted, consents signed, every source asked."""
    submission = make_application(market, seed, index, at=at)
    applied_at = datetime.fromisoformat(submission["applied_at"])
    asked_at = applied_at + timedelta(minutes=12)
    signed = (applied_at + timedelta(minutes=2)).isoformat()
    found = [evidence_for(market, seed, submission["reference"], source, asked_at=asked_at) for source in SOURCES]
    token = f"p-{hash_number(seed, 'token', index, below=16**12):012x}"
    return {name: value for name, value in submission.items() if name != "person"} | {
        "applicant": {"token": token, **submission["applicant"]},
        "consents": [{"kind": kind, "signed_at": signed} for kind in market.consents],
        "evidence": [*submission["evidence"], *found],
    }


def make_past_applicant(market: Market, seed: int, index: int) -> dict[str, Any]:
    """A whole dossier with what would become of the loan if it were made, and the protected facts beside, for audits.

    ``lost_share_bps`` is the share of the amount that is never paid back, on equal principal and nothing recovered.
    """
    person = make_person(market, seed, index)
    month, term = person.truth.default_month, person.term_months
    lost = 0 if month is None else 10_000 * (term - month + 1) // term
    return {
        "dossier": make_dossier(market, seed, index),
        "outcome": {"bad": month is not None, "default_month": month, "lost_share_bps": lost},
        "audit": {"is_female": person.is_female},
    }


def draw_instant(market: Market, seed: int, index: int) -> datetime:
    """When this person would apply: mostly by day, a few between two and five at night."""
    chance, days_before, is_night = draw_arrival(market, seed, index)
    day = market.anchor - timedelta(days=days_before)
    if is_night:
        hour, minute = chance.between(2, 4), chance.between(0, 59)
    else:
        hour, minute = chance.weighted({9: 8, 10: 10, 11: 9, 13: 7, 14: 9, 15: 9, 16: 8, 17: 6, 20: 5, 21: 3}), 0
        minute = chance.between(0, 59)
    zone = timezone(timedelta(minutes=market.utc_offset_minutes))
    return datetime.combine(day, time(hour, minute, chance.between(0, 59)), tzinfo=zone).astimezone(UTC)


def tell_phone(market: Market, seed: int, person: Person) -> str:
    """The phone given: some packaged applicants give the agent's."""
    chance = Chance(seed, f"phone:{person.index}")
    if person.truth.kind == "packaged" and chance.happens(market.tactics["packaged"]["phones_shared"]):
        return f"170{hash_number(seed, person.agent, 'phone', below=10**8):08d}"
    return person.phone


def _tell_role(chance: Chance, person: Person) -> str:
    if chance.happens(0.03):
        return "shareholder"
    return "legal_representative" if person.is_company else "sole_trader"


def _embellish(market: Market, chance: Chance, person: Person, what: str) -> float:
    """How far the stated number lies above the true one: honest people round up, packaged ones are told what to say."""
    if person.truth.kind == "packaged":
        return market.tactics["packaged"][f"{what}_factor"] * chance.real(0.85, 1.15)
    return chance.real(market.people.declares.low, market.people.declares.high)


def _round_up(cents: float) -> int:
    return round(cents / 10_000) * 10_000


def _show_device(market: Market, seed: int, person: Person, at: datetime) -> dict[str, Any]:
    chance = Chance(seed, f"device:{person.index}")
    kind, tactics = person.truth.kind, market.tactics
    own = f"{hash_number(seed, 'device', person.index, below=16**12):012x}"
    device, ip = f"dev-{own}", f"ip-{hash_number(seed, 'ip', person.index, below=16**8):08x}"
    shown: dict[str, Any] = {
        "typing_ms_median": chance.between(130, 380),
        "pointer_moves": chance.between(180, 1_400),
        "form_seconds": chance.between(280, 1_900),
        "is_headless": False,
        "is_emulator": chance.happens(0.002),
        "is_trap_filled": False,
    }
    if kind == "robot":
        number = chance.between(1, int(tactics["robot"]["devices"]))
        device, ip = f"dev-robot-{seed}-{number}", f"ip-robot-{seed}-{number % 3}"
        shown |= {
            "typing_ms_median": chance.between(3, 22),
            "pointer_moves": chance.between(0, 4),
            "form_seconds": chance.between(4, 24),
            "is_headless": chance.happens(tactics["robot"]["headless"]),
            "is_emulator": chance.happens(0.5),
            "is_trap_filled": chance.happens(tactics["robot"]["trap_filled"]),
        }
    elif kind == "packaged" and chance.happens(tactics["packaged"]["devices_shared"]):
        number = chance.between(1, 2)
        device, ip = f"dev-{person.agent}-{number}", f"ip-{person.agent}"
        shown |= {"form_seconds": chance.between(150, 260), "typing_ms_median": chance.between(90, 130)}
    return {"kind": "device", "obtained_at": at.isoformat(), "device": device, "ip": ip, **shown}


def show_proofs(market: Market, seed: int, person: Person, at: datetime) -> list[dict[str, Any]]:
    """Policies, mortgage and car loan the person can show papers for."""
    chance = Chance(seed, f"proofs:{person.index}")
    quality, income, stamp = person.truth.quality, person.truth.income_cents, at.isoformat()
    shown: list[dict[str, Any]] = []
    if chance.happens(logistic(log_odds(market.people.insurance_policy) + 0.5 * quality)):
        premium = _round_up(income * chance.real(0.25, 0.9))
        years = chance.between(1, 9)
        shown.append(
            {"kind": "insurance_policy", "obtained_at": stamp, "annual_premium_cents": premium, "years_paid": years}
        )
    if person.owns_home and chance.happens(market.people.mortgage_of_owners):
        part = {"instalment_cents": round(person.debt_monthly_cents * 0.65), "months_paid": chance.between(3, 140)}
        shown.append({"kind": "mortgage", "obtained_at": stamp, **part})
    if chance.happens(market.people.car_loan):
        part = {"instalment_cents": round(person.debt_monthly_cents * 0.3), "months_paid": chance.between(2, 34)}
        shown.append({"kind": "car_loan", "obtained_at": stamp, **part})
    return [proof for proof in shown if proof.get("instalment_cents", 1) > 0]


def evidence_for(market: Market, seed: int, reference: str, source: str, *, asked_at: datetime) -> dict[str, Any]:
    """What one outside source knows of whoever applied under this reference, in the form of application evidence."""
    person = find_person(market, seed, reference)
    chance = Chance(home_seed(reference, seed), f"{source}:{person.index}")
    found = _SOURCES[source](market, chance, person, asked_at)
    return {"kind": source, "obtained_at": asked_at.isoformat(), **found}


def _tell_bureau(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    quality, income = person.truth.quality, person.truth.income_cents
    if not chance.happens(market.people.bureau_record) or person.truth.kind == "robot":
        return {"has_record": False}
    hungry = 1.6 if person.truth.kind in ("packaged", "hides_debt") else 1.0
    limit = _round_up(income * chance.real(1.0, 5.0) * (1.15**quality))
    used = min(0.99, max(0.0, chance.normal(market.people.card_use - 0.12 * quality, 0.18)))
    is_clean = chance.happens(logistic(market.people.clean_history + 1.2 * quality))
    months = 0 if is_clean else 1 + chance.count(1.2 - 0.4 * min(quality, 2))
    month_queries = chance.count(0.45 * hungry * 0.75**quality)
    quarter = month_queries + chance.count(market.people.queries_3m * hungry * 0.75**quality)
    unsecured = round(person.debt_monthly_cents * chance.real(2.0, 10.0))
    oldest = add_months(market.anchor, -chance.between(12, 60) - max(0, round(36 + 22 * quality)))
    return {
        "has_record": True,
        "card_limit_cents": limit,
        "card_used_cents": round(limit * used),
        "loan_count": chance.count(1.6) + (1 if person.debt_monthly_cents else 0),
        "loan_balance_cents": unsecured + round(person.debt_monthly_cents * chance.real(5.0, 60.0)),
        "unsecured_balance_cents": unsecured,
        "monthly_due_cents": person.debt_monthly_cents,
        "overdue_now_cents": _round_up(income * chance.real(0.02, 0.3)) if chance.happens(_low(-4.2, quality)) else 0,
        "overdue_months_24m": min(24, months),
        "overdue_run_24m": min(24, 0 if months == 0 else 1 + (chance.between(0, months - 1) if quality < -1 else 0)),
        "has_bad_debt": chance.happens(_low(-5.2, quality)),
        "queries_1m": month_queries,
        "queries_3m": quarter,
        "queries_6m": quarter + chance.count(1.3 * hungry * 0.75**quality),
        "online_lenders": chance.count(0.4 * hungry * 0.65**quality),
        "guarantees_cents": _round_up(income * chance.real(2, 20)) if chance.happens(0.06) else 0,
        "oldest_account_on": oldest.isoformat(),
    }


def _low(base: float, quality: float) -> float:
    """The share of a bad mark that grows as quality falls."""
    return logistic(base - 0.9 * quality)


def _tell_registry(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    if person.truth.kind == "robot" and chance.happens(0.8):
        return {"status": "not_found"}
    bought = person.truth.kind == "packaged" and chance.happens(0.45)
    status = "abnormal" if chance.happens(_low(-4.4, person.truth.quality)) else "operating"
    return {
        "status": "revoked" if chance.happens(0.002) else status,
        "registered_on": _registered_on(person.opened_on, chance).isoformat(),
        "is_legal_representative": chance.happens(0.985),
        "changes_12m": chance.between(2, 4) if bought else chance.count(0.18),
        "capital_cents": chance.one_of((10_000_000, 30_000_000, 50_000_000, 100_000_000, 200_000_000)),
    }


def _registered_on(opened_on: date, chance: Chance) -> date:
    return opened_on + timedelta(days=chance.between(0, 20))


def _tell_court(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    executed = 1 if chance.happens(_low(-4.8, person.truth.quality)) else 0
    dishonest = bool(executed) and chance.happens(0.4)
    return {
        "executed_open": executed,
        "is_dishonest_listed": dishonest,
        "is_consumption_restricted": dishonest or (bool(executed) and chance.happens(0.3)),
        "judgments_24m": executed + chance.count(0.05),
    }


def _tell_tax(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    if not person.is_company and chance.happens(0.5):
        return {"grade": "none", "tax_12m_cents": 0, "invoiced_12m_cents": 0, "invoiced_months_12m": 0}
    invoiced = person.truth.sales_cents * 12 * min(0.98, person.industry.invoiced * chance.real(0.8, 1.2))
    level = person.truth.quality + chance.normal(0, 0.8)
    steps = ((-2.7, "D"), (-1.7, "C"), (0.0, "M"), (1.3, "B"))
    return {
        "grade": next((name for limit, name in steps if level < limit), "A"),
        "tax_12m_cents": round(invoiced * chance.real(0.01, 0.032)),
        "invoiced_12m_cents": round(invoiced),
        "invoiced_months_12m": min(12, max(3, 12 - chance.count(0.8 * 0.7**person.truth.quality))),
    }


def _tell_bank_flow(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    """Honest statements carry most of the true sales; packaged ones are pumped in a circle up to what was stated."""
    packaged = person.truth.kind == "packaged"
    banked = chance.real(market.people.banked.low, market.people.banked.high)
    local = (asked_at + timedelta(minutes=market.utc_offset_minutes)).date()
    trend = chance.normal(0.01 * person.truth.quality, 0.010)
    inflow, outflow = [], []
    truth = person.truth
    kept = truth.income_cents - person.debt_monthly_cents - truth.hidden_debt_monthly_cents
    for back in range(12, 0, -1):
        season = SEASON[add_months(local.replace(day=1), -back).month - 1]
        swing = chance.around(1.0, 0.02 if packaged else 0.10)
        month = person.truth.sales_cents * banked * (1.0 if packaged else season) * swing * (1 + trend) ** (6 - back)
        month *= market.tactics["packaged"]["sales_factor"] * 0.95 if packaged else 1.0
        inflow.append(round(month))
        saved = 0.02 if packaged else max(0.0, kept / truth.sales_cents) * chance.around(1.0, 0.15)
        outflow.append(max(0, round(month * (1 - saved))))
    return {
        "monthly_inflow_cents": inflow,
        "monthly_outflow_cents": outflow,
        "balance_cents": round(
            inflow[-1] * chance.real(0.02, 0.08) if packaged else inflow[-1] * chance.real(0.1, 0.6)
        ),
        "top_payer_share_bps": chance.between(4_500, 8_500) if packaged else chance.between(600, 3_200),
        "round_trip_share_bps": _draw_round_trips(market, chance) if packaged else chance.between(0, 500),
        "chain_breaks": chance.count(1.5) if packaged else int(chance.happens(0.01)),
    }


def _draw_round_trips(market: Market, chance: Chance) -> int:
    """Which share of a packaged statement's inflow went straight out again, in basis points."""
    return round(10_000 * market.tactics["packaged"]["round_trip"] * chance.real(0.55, 1.5))


def _tell_identity(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    kind = person.truth.kind
    if kind == "robot":
        return {
            "is_document_valid": chance.happens(0.3), "is_name_matched": chance.happens(0.3),
            "is_phone_matched": False, "liveness": "failed", "face_similarity_bps": chance.between(500, 4_000),
        }  # fmt: skip
    if kind == "impostor":
        passes = chance.happens(market.tactics["impostor"]["passes_liveness"])
        return {
            "is_document_valid": True, "is_name_matched": True, "is_phone_matched": chance.happens(0.2),
            "liveness": "passed" if passes else "failed", "face_similarity_bps": chance.between(2_000, 6_800),
        }  # fmt: skip
    blurred = chance.happens(0.02)
    return {
        "is_document_valid": not chance.happens(0.003),
        "is_name_matched": not chance.happens(0.002),
        "is_phone_matched": kind != "packaged" or chance.happens(0.65),
        "liveness": "passed" if not chance.happens(0.006) else "failed",
        "face_similarity_bps": chance.between(7_000, 8_000) if blurred else chance.between(8_400, 9_900),
    }


_SOURCES: dict[str, Callable[[Market, Chance, Person, datetime], dict[str, Any]]] = {
    "bank_flow": _tell_bank_flow,
    "bureau": _tell_bureau,
    "court": _tell_court,
    "identity": _tell_identity,
    "registry": _tell_registry,
    "tax": _tell_tax,
}
SOURCES = tuple(sorted(_SOURCES))
"""The outside sources this world answers for."""
