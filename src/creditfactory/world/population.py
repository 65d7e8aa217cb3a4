"""The people of the market and the truth about each: who they are, what they earn, whether they will pay back."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from creditfactory.kernel import add_months
from creditfactory.world.casting import Role, find_looks, find_role, find_thing
from creditfactory.world.chance import Chance, hash_number, logistic
from creditfactory.world.market import Channel, City, Industry, Market
from creditfactory.world.names import invent_firm, invent_id_number, invent_name, invent_phone

STRANGERS_FROM = 1_000_000_000
REASONS = {
    "sales_slump": 0.30, "receivable_stuck": 0.15, "over_obligation": 0.20, "hardship": 0.12, "forgetful": 0.05,
    "insolvent": 0.10, "dispute": 0.04, "deliberate": 0.04,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so, whatever the papers say; ``quality`` is a bell curve, higher is better.

    ``default_month`` is the number of the first instalment that will never be paid in full, or None.
    """

    kind: str
    quality: float
    income_cents: int
    sales_cents: int
    hidden_debt_monthly_cents: int
    default_probability: float
    default_month: int | None
    default_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One owner and one firm of this world; amounts a month."""

    reference: str
    index: int
    name: str
    id_number: str
    phone: str
    born_on: date
    is_female: bool
    education: str
    city: City
    years_in_city: int
    owns_home: bool
    firm: str
    firm_city: City
    is_company: bool
    industry: Industry
    opened_on: date
    employees: int
    channel: Channel
    agent: str | None
    amount_cents: int
    term_months: int
    purpose: str
    debt_monthly_cents: int
    truth: Truth
    role: Role | None = None


def name_reference(seed: int, index: int) -> str:
    """The submitter's own key for an application of this world.

    >>> name_reference(7, 12)
    'W7-000012'
    """
    return f"W{seed}-{index:06d}"


def read_reference(reference: str) -> tuple[int, int] | None:
    """Seed and number behind a reference of this world, or None for a stranger's.

    >>> read_reference("W7-000012"), read_reference("A-1")
    ((7, 12), None)
    """
    found = re.fullmatch(r"W(\d{1,9})-(\d{6,12})", reference)
    return (int(found[1]), int(found[2])) if found else None


def home_seed(reference: str, seed: int) -> int:
    """The seed of the world a reference comes from; a stranger is at home wherever asked for.

    >>> home_seed("W7-000012", 3), home_seed("A-1", 3)
    (7, 3)
    """
    known = read_reference(reference)
    return known[0] if known else seed


def find_person(market: Market, seed: int, reference: str) -> Person:
    """Who applied under this reference; a stranger is given one honest life, always the same."""
    known = read_reference(reference)
    if known is not None:
        return make_person(market, *known)
    index = STRANGERS_FROM + hash_number(seed, "stranger", reference, below=10**9)
    return make_person(market, seed, index, kind="honest")


@dataclass(frozen=True, slots=True)
class _Fate:
    """What is drawn for a person before anything of the person is known: luck, when it runs out, and why."""

    luck: float
    when: float
    reason: str


@functools.lru_cache(maxsize=20_000)
def _cached_person(market_id: int, seed: int, index: int, kind: str | None) -> Person:
    return _build_person(_MARKETS[market_id], seed, index, kind)


_MARKETS: dict[int, Market] = {}


def make_person(market: Market, seed: int, index: int, *, kind: str | None = None) -> Person:
    """The person of this number in the world of this seed; the same every time, whoever came before.

    >>> from creditfactory.world.market import load_market
    >>> market = load_market()
    >>> make_person(market, 7, 12) == make_person(market, 7, 12), make_person(market, 7, 12).reference
    (True, 'W7-000012')
    """
    _MARKETS[id(market)] = market
    return _cached_person(id(market), seed, index, kind)


def _build_person(market: Market, seed: int, index: int, kind: str | None) -> Person:
    chance = Chance(seed, f"person:{index}")
    people = market.people
    role, kind = _draw_kind(chance, market, seed, index, kind)
    quality = _draw_quality(chance, kind)
    outside = chance.happens(market.share_outside)
    city = _draw_city(chance, market.cities_outside if outside else market.cities)
    at_home = chance.happens(people.home_city)
    firm_city = city if at_home or outside else _draw_city(chance, market.cities)
    industry = chance.weighted({trade: trade.weight for trade in market.industries})
    is_female = chance.happens(people.female)
    born_on = _draw_birthday(chance, market)
    months_open = max(2, round(min(chance.around(58, 0.6) * (1 + 0.12 * quality), 280)) if kind != "robot" else 30)
    channel, agent = _draw_channel(chance, market, kind)
    sales_cents = _draw_sales(chance, city, industry, quality)
    income_cents = round(sales_cents * industry.margin * chance.around(1.0, 0.22) * (1.08**quality))
    debt = round(income_cents * min(0.75, max(0.0, chance.normal(people.debt_of_income - 0.05 * quality, 0.10))))
    hidden = _draw_hidden_debt(chance, market, kind, income_cents)
    term = chance.weighted(people.terms)
    amount = _draw_amount(chance, market, kind, income_cents)
    fate = _Fate(chance.share(), chance.share(), chance.weighted(REASONS))
    is_company = chance.happens(0.55)
    name = invent_name(chance, is_female=is_female)
    id_number = _invent_own_number(chance, market, born_on, is_female=is_female)
    phone = invent_phone(chance)
    education = _draw_education(chance, quality)
    odds = _judge_odds(
        market, kind, quality,
        city.risk + industry.risk + _judge_traits(market, seed, index, education, is_female=is_female),
        (debt + amount * (1 / term + 0.011)) / max(income_cents, 1), hidden / max(income_cents, 1),
    )  # fmt: skip
    truth = _settle_truth(fate, kind, quality, income_cents, sales_cents, hidden, logistic(odds), term)
    if role is not None and role.group is not None:
        channel, agent, amount, truth = _play(market, seed, role, channel, agent, amount, truth)
    return Person(
        reference=name_reference(seed, index),
        index=index,
        name=name,
        id_number=id_number,
        phone=phone,
        born_on=born_on,
        is_female=is_female,
        education=education,
        city=city,
        years_in_city=min(chance.between(0, 28) + (4 if quality > 0 else 0), market.anchor.year - born_on.year),
        owns_home=chance.happens(logistic(0.35 + 0.8 * quality)),
        firm=invent_firm(chance, city=firm_city.name, trade=chance.one_of(industry.words), is_company=is_company),
        firm_city=firm_city,
        is_company=is_company,
        industry=industry,
        opened_on=add_months(market.anchor, -months_open) + timedelta(days=chance.between(0, 27)),
        employees=max(1, round(chance.around(sales_cents / 4_500_000, 0.4))),
        channel=channel,
        agent=agent,
        amount_cents=amount,
        term_months=term,
        purpose=chance.weighted(people.purposes),
        debt_monthly_cents=debt,
        truth=truth,
        role=role,
    )


def _draw_kind(chance: Chance, market: Market, seed: int, index: int, kind: str | None) -> tuple[Role | None, str]:
    """The part in the play, if there is one and nobody asked for a kind, and the kind of life that goes with it."""
    role = None if market.cast is None or kind is not None else find_role(market.cast, seed, index)
    kinds: Mapping[str, float] = (
        market.people.kinds if market.cast is None else {str(k): share for k, share in market.cast.crowd.kinds.items()}
    )
    drawn = chance.weighted(kinds)
    return role, kind or (role.group.life if role is not None and role.group is not None else drawn)


def _draw_sales(chance: Chance, city: City, industry: Industry, quality: float) -> int:
    sales = industry.sales_cents * city.sales * chance.around(1.0, 0.45) * (1.12**quality)
    return max(3_000_000, round(sales / 10_000) * 10_000)


def _invent_own_number(chance: Chance, market: Market, born_on: date, *, is_female: bool) -> str:
    areas = [area.code for area in market.birth_areas if area.first <= born_on.year <= area.last]
    return invent_id_number(chance, area=chance.one_of(areas), born_on=born_on, is_female=is_female)


def _play(
    market: Market, seed: int, role: Role, channel: Channel, agent: str | None, amount: int, truth: Truth
) -> tuple[Channel, str | None, int, Truth]:
    """What a role changes in the person: the agent who sends the whole gang, the sum asked for, whether anything is
    ever paid.
    """
    looks = find_looks(role)
    chance = Chance(seed, f"play:{role.gang_name}:{role.member}")
    if find_thing(seed, role, looks, "agent") is not None:
        offline = [one for one in market.channels if one.kind == "offline"]
        gang = Chance(seed, f"gang-agent:{role.gang_name}:{chance.between(1, looks.pool.get('agent', 1))}")
        channel = gang.weighted({one: 0.2 + one.packaging * one.weight for one in offline})
        agent = f"{channel.code}-{gang.between(1, channel.agents):03d}"
    if looks.amounts_cents:
        amount = chance.one_of(looks.amounts_cents)
    if looks.defaults is not None:
        never = chance.happens(looks.defaults)
        month = chance.between(1, 2) if never else None
        truth = replace(truth, default_month=month, default_reason="fraud" if never else None)
    return channel, agent, amount, truth


def _draw_quality(chance: Chance, kind: str) -> float:
    drawn = chance.normal()
    return {"packaged": drawn * 0.6 - 1.2, "hides_debt": drawn * 0.8 - 0.4}.get(kind, drawn)


def _draw_city(chance: Chance, cities: tuple[City, ...]) -> City:
    return chance.weighted({city: city.weight for city in cities})


def _draw_birthday(chance: Chance, market: Market) -> date:
    """Most are of working age; a few are too young or too old for any lender."""
    if chance.happens(market.people.too_young_or_old):
        age = chance.one_of((20, 21, 66, 67, 68))
    else:
        age = round(min(63, max(23, chance.normal(40, 8.5))))
    return add_months(market.anchor, -12 * age) - timedelta(days=chance.between(20, 340))


def _draw_education(chance: Chance, quality: float) -> str:
    level = quality * 0.5 + chance.normal()
    steps = ((-1.8, "primary"), (-0.1, "secondary"), (0.9, "college"), (2.2, "bachelor"))
    return next((name for limit, name in steps if level < limit), "postgraduate")


def _draw_channel(chance: Chance, market: Market, kind: str) -> tuple[Channel, str | None]:
    """Packaged applicants come through those who package; robots come online; the others as channels send them."""
    weights = {
        channel: channel.weight * (channel.packaging if kind == "packaged" else 1.0)
        for channel in market.channels
        if kind != "robot" or channel.kind == "online"
    }
    channel = chance.weighted(weights)
    if channel.kind == "direct":
        return channel, f"{channel.code}-am{chance.between(1, channel.agents):03d}"
    dishonest = max(1, channel.agents // 12)
    number = chance.between(1, dishonest if kind == "packaged" else channel.agents)
    return channel, f"{channel.code}-{number:03d}"


def _draw_hidden_debt(chance: Chance, market: Market, kind: str, income_cents: int) -> int:
    if kind == "hides_debt":
        tactic = market.tactics[kind]
        return round(income_cents * chance.real(tactic["hidden_low"], tactic["hidden_high"]))
    return round(income_cents * chance.real(0.10, 0.45)) if kind == "packaged" and chance.happens(0.5) else 0


def _draw_amount(chance: Chance, market: Market, kind: str, income_cents: int) -> int:
    amounts = market.people.amounts_cents
    wanted = income_cents * amounts.months_of_income * chance.around(1.0, 0.40)
    if kind == "packaged":
        wanted = chance.one_of((29_000_000, 30_000_000, 48_000_000, 50_000_000))
    if chance.happens(0.02):
        wanted = chance.one_of((5_000_000, 8_000_000, 60_000_000, 100_000_000))
        return int(wanted)
    return int(min(amounts.high, max(amounts.low, round(wanted / amounts.step) * amounts.step)))


def _judge_odds(market: Market, kind: str, quality: float, risk: float, debt: float, hidden: float) -> float:
    people = market.people
    own = market.tactics.get(kind, {}).get("default_log_odds", 0.0)
    return (
        people.default_intercept
        + people.quality_to_default * quality
        + people.default_debt * max(-0.3, min(debt, 1.6) - 0.5)
        + people.default_hidden_debt * min(hidden, 1.0)
        + risk
        + own
    )


def _judge_traits(market: Market, seed: int, index: int, education: str, *, is_female: bool) -> float:
    """What applying at night, a degree and being a woman add to the risk; nothing in a market that does not say so."""
    people = market.people
    risk = people.night_risk if draw_arrival(market, seed, index)[2] else 0.0
    risk += people.degree_risk if education in ("bachelor", "postgraduate") else 0.0
    return risk + (people.female_risk if is_female else 0.0)


def draw_arrival(market: Market, seed: int, index: int) -> tuple[Chance, int, bool]:
    """The stream of an arrival, so many days before the market's anchor, and whether between two and five at night."""
    chance = Chance(seed, f"instant:{index}")
    return chance, chance.between(1, 14), chance.happens(market.people.night)


def _settle_truth(
    fate: _Fate, kind: str, quality: float, income: int, sales: int, hidden: int, probability: float, term: int
) -> Truth:
    defaults = fate.luck < probability
    early = kind in ("packaged", "impostor", "robot")
    month = 1 + int(min(term, 5 if early else term) * fate.when ** (1.0 if early else 0.85))
    reason = {"packaged": "fraud", "impostor": "borrowed_name", "robot": "fraud"}.get(kind, fate.reason)
    return Truth(
        kind=kind,
        quality=round(quality, 6),
        income_cents=income,
        sales_cents=sales,
        hidden_debt_monthly_cents=hidden,
        default_probability=round(probability, 6),
        default_month=min(month, term) if defaults else None,
        default_reason=reason if defaults else None,
    )
