"""What the person on the phone answers to drawn questions: the true applicant from memory, a stranger by guessing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from creditfactory.world.chance import Chance
from creditfactory.world.market import Market
from creditfactory.world.population import Person, read_reference
from creditfactory.world.sources import SOURCES, evidence_for, list_accounts, show_proofs
from creditfactory.world.surroundings import list_contacts

Told = Mapping[str, Any]
STRANGERS = ("impostor", "robot")
FAMILY = ("spouse", "parent", "child", "sibling")


def answer_drawn(market: Market, person: Person, codes: Iterable[str]) -> dict[str, int | None]:
    """An answer to each question: right within what memory keeps, a guess from who is not the applicant.

    Of what a person has never looked up now and then one is silent; nobody knows everything of the own papers.
    """
    known = _remember(market, person)
    is_stranger = person.truth.kind in STRANGERS
    answers: dict[str, int | None] = {}
    for code in codes:
        chance = Chance(person.index, f"call:{code}")
        true = known.get(code)
        if is_stranger or true is None:
            answers[code] = None if chance.happens(0.35) else _guess(chance, code)
        elif chance.happens(0.05):
            answers[code] = None
        else:
            answers[code] = true if true < 3_000 else round(true * chance.real(0.93, 1.07))
    return answers


def _guess(chance: Chance, code: str) -> int:
    """What somebody says who does not know."""
    if code.endswith("_year"):
        return chance.between(2012, 2026)
    if code in ("loans_open", "cards_open", "family_contacts", "number_years"):
        return chance.between(0, 6)
    return chance.between(5, 400) * 10_000


def _remember(market: Market, person: Person) -> dict[str, int | None]:
    """What the applicant knows of the own accounts, bills and papers, in the words of the questions."""
    known = read_reference(person.reference)
    seed = known[0] if known else 0
    asked_at = datetime.combine(market.anchor, time(4), tzinfo=UTC)
    found: dict[str, Told] = {}
    for source in ("bureau", "telecom", "utilities"):
        if source in SOURCES:
            found[source] = evidence_for(market, seed, person.reference, source, asked_at=asked_at)
    return {
        **_remember_bureau(found.get("bureau", {})),
        **_remember_proofs(show_proofs(market, seed, person, asked_at)),
        **_remember_bills(found.get("utilities", {}), found.get("telecom", {})),
        **_remember_lines(list_accounts(market, seed, person.reference, asked_at=asked_at)),
        **_remember_contacts(list_contacts(Chance(seed, f"contacts:{person.index}"), person, asked_at)),
    }


def _remember_bureau(report: Told) -> dict[str, int | None]:
    oldest = report.get("oldest_account_on")
    accounts = report.get("accounts") or {}
    kinds, limits = accounts.get("kind") or (), accounts.get("limit_cents") or ()
    opened, states = accounts.get("opened_on") or (), accounts.get("state") or ()
    loans = [at for at, kind in enumerate(kinds) if kind in ("loan", "revolving_loan")]
    year: Callable[[Any], int] = lambda day: date.fromisoformat(str(day)[:10]).year  # noqa: E731
    return {
        "card_limits": report.get("card_limit_cents"),
        "loans_open": report.get("loan_count"),
        "monthly_due": report.get("monthly_due_cents"),
        "oldest_account_year": year(oldest) if oldest else None,
        "cards_open": sum(
            kind in ("card", "quasi_card") and state == "normal" for kind, state in zip(kinds, states, strict=False)
        ),
        "largest_loan": max((limits[at] for at in loans), default=None),
        "youngest_loan_year": max((year(opened[at]) for at in loans), default=None),
    }


def _remember_proofs(proofs: Iterable[Told]) -> dict[str, int | None]:
    by_kind = {proof["kind"]: proof for proof in proofs}
    return {
        "mortgage_instalment": by_kind.get("mortgage", {}).get("instalment_cents"),
        "car_instalment": by_kind.get("car_loan", {}).get("instalment_cents"),
        "policy_premium": by_kind.get("insurance_policy", {}).get("annual_premium_cents"),
    }


def _remember_bills(bills: Told, telecom: Told) -> dict[str, int | None]:
    power = [
        (str(month), cents)
        for month, cents, meter in zip(
            bills.get("month") or (), bills.get("bill_cents") or (), bills.get("meter") or (), strict=False
        )
        if meter == "electricity"
    ]
    tenure = telecom.get("tenure_months")
    return {
        "power_bill": max(power)[1] if power else None,
        "number_years": None if tenure is None else tenure // 12,
    }


def _remember_lines(statements: Iterable[Told]) -> dict[str, int | None]:
    """The last rent, and the largest payment of three months if it stood out."""
    rents: list[tuple[str, int]] = []
    sales: list[tuple[str, int]] = []
    ends: list[str] = []
    for statement in statements:
        ends.append(str(statement["to_on"]))
        for on, flow, sort in zip(statement["on"], statement["flow_cents"], statement["sort"], strict=True):
            rents += [(str(on), -flow)] if sort == "rent" and flow < 0 else []
            sales += [(str(on), flow)] if sort == "sale" and flow > 0 else []
    since = (date.fromisoformat(max(ends)) - timedelta(days=92)).isoformat() if ends else ""
    large = [flow for on, flow in sales if on > since]
    return {"rent": max(rents)[1] if rents else None, "largest_payer_sum": max(large, default=None)}


def _remember_contacts(contacts: Any) -> dict[str, int | None]:
    told = contacts if isinstance(contacts, Mapping) else None
    relations = () if told is None else told.get("relation") or ()
    return {"family_contacts": sum(relation in FAMILY for relation in relations) if relations else None}
