"""What a person of this world hands in; it follows from the truth."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

from creditfactory.world.casting import find_looks, find_role, find_thing
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.dressing import dress_contacts, dress_device, dress_papers, find_company, list_tokens
from creditfactory.world.market import Market
from creditfactory.world.population import Person, draw_arrival, make_person
from creditfactory.world.sources import (
    SOURCES,
    SUMMARIES,
    evidence_for,
    find_persons_looks,
    has_session,
    has_whole,
    is_phone_lent,
    list_accounts,
    round_cents_up,
    show_proofs,
)
from creditfactory.world.surroundings import detail_device, list_contacts, list_papers


def make_application(
    market: Market, seed: int, index: int, *, at: datetime | None = None, is_caught: bool = False
) -> dict[str, Any]:
    """A whole submission for the web API: the person for the vault, and the dossier without the person's token.

    ``at`` is the instant of applying (UTC); without one it is drawn from the fortnight before the market's anchor, or
    as the market's tactics have it. ``is_caught`` says that enough of the person's gang have been caught to change it.
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
            "declared_income_cents": round_cents_up(
                person.truth.income_cents * _embellish(market, chance, person, "income")
            ),
        },
        "business": {
            "trade_name": _name_firm(seed, person, is_caught),
            "industry": person.industry.code,
            "city": person.firm_city.code,
            "opened_on": person.opened_on.isoformat(),
            "employees": person.employees,
            "declared_sales_12m_cents": 12
            * round_cents_up(person.truth.sales_cents * _embellish(market, chance, person, "sales")),
        },
        "channel": {"kind": person.channel.kind, "company": person.channel.code, "agent": person.agent},
        "evidence": [
            _show_device(market, seed, person, at, is_caught=is_caught),
            *show_proofs(market, seed, person, at),
            *_show_contacts(market, seed, person, at, is_caught=is_caught),
        ],
    }


def make_dossier(
    market: Market, seed: int, index: int, *, at: datetime | None = None, is_caught: bool = False
) -> dict[str, Any]:
    """The whole dossier as it stands before the decision: submitted, consents signed, every source asked."""
    submission = make_application(market, seed, index, at=at, is_caught=is_caught)
    applied_at = datetime.fromisoformat(submission["applied_at"])
    asked_at = applied_at + timedelta(minutes=12)
    signed = (applied_at + timedelta(minutes=2)).isoformat()
    reference = submission["reference"]
    sources = SOURCES if has_whole(market) else SUMMARIES if not has_session(market) else (*SUMMARIES, "telecom")
    found = [
        evidence_for(market, seed, reference, source, asked_at=asked_at, is_caught=is_caught) for source in sources
    ]
    found += list_accounts(market, seed, reference, asked_at=asked_at)
    found += show_papers(market, seed, make_person(market, seed, index), asked_at, is_caught=is_caught)
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
    """When this person would apply: mostly by day, a few between two and five at night; robots around the clock."""
    chance, days_before, is_night = draw_arrival(market, seed, index)
    day = market.anchor - timedelta(days=days_before)
    if market.cast is not None:
        role = find_role(market.cast, seed, index)
        first = market.anchor - timedelta(days=market.cast.days)
        day = first + timedelta(days=int(role.day))
        if role.group is not None and role.group.make == "robot":
            return datetime.combine(first, time(), tzinfo=UTC) + timedelta(days=role.day)
        at_night = None if role.group is None else find_looks(role).at_night
        is_night = chance.happens(market.cast.crowd.night if at_night is None else at_night)
    if is_night:
        hour, minute = chance.between(2, 4), chance.between(0, 59)
    else:
        hour, minute = chance.weighted({9: 8, 10: 10, 11: 9, 13: 7, 14: 9, 15: 9, 16: 8, 17: 6, 20: 5, 21: 3}), 0
        minute = chance.between(0, 59)
    zone = timezone(timedelta(minutes=market.utc_offset_minutes))
    return datetime.combine(day, time(hour, minute, chance.between(0, 59)), tzinfo=zone).astimezone(UTC)


def tell_phone(market: Market, seed: int, person: Person) -> str:
    """The phone given: some packaged applicants give the agent's, some gangs one of their own."""
    if person.role is not None and person.role.group is not None:
        token = find_thing(seed, person.role, find_persons_looks(person), "phone")
        if token is not None:
            return f"170{int(token, 16) % 10**8:08d}"
    if is_phone_lent(market, seed, person):
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


def _name_firm(seed: int, person: Person, is_caught: bool) -> str:
    """The firm it is for; a gang may apply for one shell again and again."""
    shell = None
    if person.role is not None and person.role.group is not None:
        shell = find_company(seed, person.role, find_persons_looks(person, is_caught=is_caught))
    return person.firm if shell is None else f"{person.firm_city.name}市{shell[:4]}商贸有限公司"


def _show_device(market: Market, seed: int, person: Person, at: datetime, *, is_caught: bool) -> dict[str, Any]:
    chance = Chance(seed, f"device:{person.index}")
    kind = person.truth.kind if person.role is None or person.role.group is None else "honest"
    tactics = market.tactics
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
    if has_session(market):
        shown |= detail_device(Chance(seed, f"device-details:{person.index}"), person, shown)
    session = {"kind": "device", "obtained_at": at.isoformat(), "device": device, "ip": ip, **shown}
    if person.role is None or person.role.group is None:
        return session
    return dress_device(seed, person, person.role, find_persons_looks(person, is_caught=is_caught), session)


def _show_contacts(market: Market, seed: int, person: Person, at: datetime, *, is_caught: bool) -> list[dict[str, Any]]:
    if not has_session(market):
        return []
    contacts = list_contacts(Chance(seed, f"contacts:{person.index}"), person, at)
    if person.role is None or person.role.group is None:
        return [contacts]
    return [dress_contacts(seed, person.role, find_persons_looks(person, is_caught=is_caught), contacts)]


def show_tokens(market: Market, seed: int, index: int, *, is_caught: bool = False) -> dict[str, str]:
    """The blind tokens that a vault would give for what is not handed in bare: number, address, card, place of work."""
    person = make_person(market, seed, index)
    looks = find_persons_looks(person, is_caught=is_caught)
    return list_tokens(seed, person, tell_phone(market, seed, person), looks)


def show_papers(
    market: Market, seed: int, person: Person, asked_at: datetime, *, is_caught: bool = False
) -> list[dict[str, Any]]:
    """What the papers handed in showed when they were looked at."""
    if not has_session(market):
        return []
    flow = evidence_for(market, seed, person.reference, "bank_flow", asked_at=asked_at)
    accounts = list_accounts(market, seed, person.reference, asked_at=asked_at)
    chance = Chance(seed, f"papers:{person.index}")
    is_upload = any(account["origin"] == "upload" for account in accounts) or flow["chain_breaks"] > 0
    papers = list_papers(chance, person, asked_at, uploads_statement=is_upload, chain_breaks=flow["chain_breaks"])
    if person.role is None or person.role.group is None:
        return papers
    return dress_papers(seed, person.role, find_persons_looks(person, is_caught=is_caught), papers)
