"""What the outside sources know of a person of this world: figures that follow from the truth, details from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from creditfactory.kernel import add_months
from creditfactory.world.bureau_details import detail_bureau
from creditfactory.world.casting import find_looks
from creditfactory.world.chance import Chance, log_odds, logistic
from creditfactory.world.dressing import dress_identity, dress_telecom
from creditfactory.world.firm_details import (
    SEASON,
    detail_court,
    detail_registry,
    list_invoices,
    list_meters,
    list_returns,
)
from creditfactory.world.market import Market
from creditfactory.world.population import Person, find_person, home_seed
from creditfactory.world.statements import Known, list_statements, name_hidden_lenders, place_bills
from creditfactory.world.surroundings import detail_identity, tell_telecom
from creditfactory.world.tactics import Looks

Told = dict[str, Any]


def has_whole(market: Market) -> bool:
    """Whether this market tells every line and account."""
    return market.details.level == "whole"


def has_session(market: Market) -> bool:
    """Whether this market tells how the form was filled in, on what, and what telephone, camera and papers showed."""
    return market.details.level != "summary"


def find_persons_looks(person: Person, *, is_caught: bool = False) -> Looks:
    """How a person's role has them appear; nobody's looks where none is played."""
    return Looks() if person.role is None else find_looks(person.role, is_caught=is_caught)


def round_cents_up(cents: float) -> int:
    """An amount as people say it, in whole hundreds."""
    return round(cents / 10_000) * 10_000


def is_phone_lent(market: Market, seed: int, person: Person) -> bool:
    """Whether the phone given is the agent's."""
    chance = Chance(seed, f"phone:{person.index}")
    plays = person.role is not None and person.role.group is not None
    return not plays and person.truth.kind == "packaged" and chance.happens(market.tactics["packaged"]["phones_shared"])


def show_proofs(market: Market, seed: int, person: Person, at: datetime) -> list[dict[str, Any]]:
    """Policies, mortgage and car loan the person can show papers for."""
    chance = Chance(seed, f"proofs:{person.index}")
    quality, income, stamp = person.truth.quality, person.truth.income_cents, at.isoformat()
    shown: list[dict[str, Any]] = []
    if chance.happens(logistic(log_odds(market.people.insurance_policy) + 0.5 * quality)):
        premium = round_cents_up(income * chance.real(0.25, 0.9))
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


def evidence_for(
    market: Market, seed: int, reference: str, source: str, *, asked_at: datetime, is_caught: bool = False
) -> Told:
    """What one outside source knows of whoever applied under this reference, in the form of application evidence."""
    person = find_person(market, seed, reference)
    home = home_seed(reference, seed)
    told = _tell(market, home, person, source, asked_at)
    if person.role is not None and person.role.group is not None:
        looks = find_persons_looks(person, is_caught=is_caught)
        told = _dress(home, person, looks, source, told)
    return {"kind": source, "obtained_at": asked_at.isoformat(), **told}


def _dress(seed: int, person: Person, looks: Looks, source: str, told: Told) -> Told:
    """What the role changes in what a source knows."""
    if source == "identity":
        return dress_identity(seed, person, looks, told)
    if source == "telecom":
        return dress_telecom(seed, person, looks, told)
    return told


def list_accounts(market: Market, seed: int, reference: str, *, asked_at: datetime) -> list[Told]:
    """The bank statements of owner and firm, line by line, as evidence; none where the market tells figures alone."""
    if not has_whole(market):
        return []
    person, home = find_person(market, seed, reference), home_seed(reference, seed)
    on = _local_day(market, asked_at)
    chance = Chance(home, f"statements:{person.index}")
    bureau = _tell(market, home, person, "bureau", asked_at)
    tax, meters = (_tell(market, home, person, source, asked_at) for source in ("tax", "utilities"))
    known = Known(
        accounts=_turn_to_rows(bureau.get("accounts")), hidden=name_hidden_lenders(person),
        bills=place_bills(tax.get("returns"), meters), proofs=show_proofs(market, home, person, asked_at),
        pool=f"p:pool-{person.agent}" if person.truth.kind == "packaged" else None,
    )  # fmt: skip
    flow = _draw(market, home, person, "bank_flow", asked_at)
    rows = list_statements(chance, person, flow, known, market.details, on)
    return [{"kind": "bank_statement", "obtained_at": asked_at.isoformat(), **row} for row in rows]


def _turn_to_rows(columns: dict[str, list[Any]] | None) -> list[Told]:
    """The open accounts as rows, with days as days."""
    if columns is None:
        return []
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row["opened_on"], row["reported_on"] = (date.fromisoformat(row[name]) for name in ("opened_on", "reported_on"))
    return rows


def _local_day(market: Market, instant: datetime) -> date:
    return (instant + timedelta(minutes=market.utc_offset_minutes)).date()


def _draw(market: Market, seed: int, person: Person, source: str, asked_at: datetime) -> Told:
    return _SOURCES[source](market, Chance(seed, f"{source}:{person.index}"), person, asked_at)


def _tell(market: Market, seed: int, person: Person, source: str, asked_at: datetime) -> Told:
    """The figures as drawn, and in a market that tells everything what stands behind them."""
    told = _draw(market, seed, person, source, asked_at)
    if not has_session(market):
        return told
    chance, on = Chance(seed, f"{source}-details:{person.index}"), _local_day(market, asked_at)
    if source == "identity":
        return told | detail_identity(chance, person, told)
    if not has_whole(market):
        return told
    if source == "bureau":
        court = _draw(market, seed, person, "court", asked_at)
        return detail_bureau(chance, person, told, show_proofs(market, seed, person, asked_at), court, on)
    if source == "registry":
        return told | detail_registry(chance, person, told, on)
    if source == "court":
        return told | detail_court(chance, person, told, on)
    if source == "tax":
        return told | {"returns": list_returns(chance, person, told, on), "arrears_cents": 0}
    return told


def _draw_invoices(market: Market, chance: Chance, person: Person, asked_at: datetime) -> Told:
    """The invoices behind the tax bureau's own count of them."""
    tax = _SOURCES["tax"](market, _stream_again(chance, "tax", person), person, asked_at)
    return list_invoices(chance, person, tax, _local_day(market, asked_at))


def _draw_meters(market: Market, chance: Chance, person: Person, asked_at: datetime) -> Told:
    return list_meters(chance, person, _local_day(market, asked_at), count=market.details.meter_months)


def _draw_telecom(market: Market, chance: Chance, person: Person, asked_at: datetime) -> Told:
    return tell_telecom(chance, person, is_phone_lent(market, chance.seed, person))


def _stream_again(chance: Chance, source: str, person: Person) -> Chance:
    return Chance(chance.seed, f"{source}:{person.index}")


def _draw_bureau(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    quality, income = person.truth.quality, person.truth.income_cents
    if not chance.happens(market.people.bureau_record) or person.truth.kind == "robot":
        return {"has_record": False}
    hungry = 1.6 if person.truth.kind in ("packaged", "hides_debt") else 1.0
    limit = round_cents_up(income * chance.real(1.0, 5.0) * (1.15**quality))
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
        "overdue_now_cents": round_cents_up(income * chance.real(0.02, 0.3))
        if chance.happens(_low(-4.2, quality))
        else 0,
        "overdue_months_24m": min(24, months),
        "overdue_run_24m": min(24, 0 if months == 0 else 1 + (chance.between(0, months - 1) if quality < -1 else 0)),
        "has_bad_debt": chance.happens(_low(-5.2, quality)),
        "queries_1m": month_queries,
        "queries_3m": quarter,
        "queries_6m": quarter + chance.count(1.3 * hungry * 0.75**quality),
        "online_lenders": chance.count(0.4 * hungry * 0.65**quality),
        "guarantees_cents": round_cents_up(income * chance.real(2, 20)) if chance.happens(0.06) else 0,
        "oldest_account_on": oldest.isoformat(),
    }


def _draw_overdue(chance: Chance, income_cents: int, quality: float) -> int:
    return round_cents_up(income_cents * chance.real(0.02, 0.3)) if chance.happens(_low(-4.2, quality)) else 0


def _low(base: float, quality: float) -> float:
    """The share of a bad mark that grows as quality falls."""
    return logistic(base - 0.9 * quality)


def _draw_registry(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
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


def _draw_court(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
    executed = 1 if chance.happens(_low(-4.8, person.truth.quality)) else 0
    dishonest = bool(executed) and chance.happens(0.4)
    return {
        "executed_open": executed,
        "is_dishonest_listed": dishonest,
        "is_consumption_restricted": dishonest or (bool(executed) and chance.happens(0.3)),
        "judgments_24m": executed + chance.count(0.05),
    }


def _draw_tax(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
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


def _draw_bank_flow(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
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
        "chain_breaks": chance.count(1.5) if packaged else int(chance.happens(0.01)) or _draw_doctored(person, chance),
    }


def _draw_doctored(person: Person, chance: Chance) -> int:
    """How many lines of the statement somebody changed without changing the balances after them."""
    doctored = find_persons_looks(person).doctored
    if not doctored:
        return 0
    own = Chance(chance.seed, f"doctored:{person.index}")
    return own.between(1, 3) if own.happens(doctored) else 0


def _draw_round_trips(market: Market, chance: Chance) -> int:
    """Which share of a packaged statement's inflow went straight out again, in basis points."""
    return round(10_000 * market.tactics["packaged"]["round_trip"] * chance.real(0.55, 1.5))


def _draw_identity(market: Market, chance: Chance, person: Person, asked_at: datetime) -> dict[str, Any]:
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


_SOURCES: dict[str, Callable[[Market, Chance, Person, datetime], Told]] = {
    "bank_flow": _draw_bank_flow,
    "bureau": _draw_bureau,
    "court": _draw_court,
    "identity": _draw_identity,
    "invoices": _draw_invoices,
    "registry": _draw_registry,
    "tax": _draw_tax,
    "telecom": _draw_telecom,
    "utilities": _draw_meters,
}
SUMMARIES = ("bank_flow", "bureau", "court", "identity", "registry", "tax")
"""The sources that a market of figures alone asks."""
SOURCES = tuple(sorted(_SOURCES))
"""The outside sources this world answers for; bank statements line by line come by :func:`list_accounts`."""
