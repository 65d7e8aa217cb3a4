"""The simulated staff: what each finds out about a case, given what is true and how often one overlooks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from creditfactory.kernel import months_between
from creditfactory.world.applications import make_application
from creditfactory.world.call_answers import answer_drawn
from creditfactory.world.chance import Chance, hash_number
from creditfactory.world.market import Market
from creditfactory.world.population import Person, find_person, home_seed

Result = dict[str, Any]
EVIDENCE = ("is_licence_genuine", "is_address_found", "is_phone_in_service")
FORBIDDEN_PURPOSES = ("property", "securities", "wealth_product", "lending")


def draw_work_minutes(market: Market, seed: int, kind: str, reference: str) -> float:
    """How many simulated minutes this piece of work takes."""
    work = market.work.get(kind, market.work["review"])
    return Chance(seed, f"work-minutes:{kind}:{reference}").around(work.minutes_median, work.spread)


def do_work(
    market: Market, seed: int, reference: str, kind: str, brief: Mapping[str, Any], *, by: str
) -> Result | None:
    """The result a person of the staff hands in; None for work that nobody here has learnt."""
    skill = SKILLS.get(kind)
    if skill is None:
        return None
    person = find_person(market, seed, reference)
    chance = Chance(seed, f"work:{kind}:{reference}")
    overlooks = chance.happens(market.work.get(kind, market.work["site_visit"]).error)
    return skill(market, chance, person, brief, overlooks) | (
        {"recording": f"rec-{reference}-{by}"} if kind == "phone_check" else {}
    )


def _enter_data(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    """Fill what the machine could not read, from the papers."""
    whole = make_application(market, home_seed(person.reference, 0), person.index)
    details: dict[str, dict[str, Any]] = {}
    for place in [str(gap) for gap in (*brief.get("gaps", ()), *brief.get("doubts", ()))]:
        section, _, name = place.partition(".")
        if section in whole and name in whole[section]:
            details.setdefault(section, {})[name] = whole[section][name]
    return {"details": details}


def _review_gate(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    is_bad = person.truth.kind in ("robot", "impostor")
    if is_bad != overlooks:
        return {"verdict": "reject", "note": "the person on camera is not the person on the paper"}
    return {"verdict": "pass", "note": "called back and compared by eye"}


SEEN_TIE = {"strong": 0.9, "weak": 0.65, "far": 0.45}
"""How often the analyst sees that another member of the gang belongs: by what the picture shows that they share."""
STRONG = frozenset({"device", "card", "phone", "paper", "company"})
WRONGLY_NAMED = 0.03
"""How often an honest neighbour one tie away is ticked beside a ring that was found."""


def _review_ring(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    """Look at the picture of the neighbourhood, ring people up and compare their stories; tick who belongs together.

    Nothing is known but what the picture shows: a ring is found where another of the gang stands in it **and** is seen
    to belong, the more surely the more they share; whoever stands alone shows nothing. Now and then a ring that was
    seen is overlooked after all, and an honest family taken for one; beside a ring that was found an honest neighbour
    is named now and then.
    """
    group = None if person.role is None else person.role.group
    gang = person.role.gang_name if person.role is not None and group is not None and group.is_dishonest else None
    seen, wrongly = [], []
    for other in brief.get("neighbours", ()):
        neighbour = find_person(market, home_seed(person.reference, 0), str(other["reference"]))
        draw = Chance(person.index, f"tie:{person.reference}:{other['reference']}")
        if gang is not None and neighbour.role is not None and neighbour.role.gang_name == gang:
            if draw.happens(_see_tie(other.get("shares", ()))):
                seen.append(str(other["number"]))
        elif other.get("shares") and draw.happens(WRONGLY_NAMED):
            wrongly.append(str(other["number"]))
    if bool(seen) == overlooks or not brief.get("neighbours"):
        return {"verdict": "pass", "note": "called them up: they know each other, and each has a business"}
    return {"verdict": "reject", "members": seen + wrongly, "note": f"{len(seen)} of the picture tell one story"}


def _see_tie(shares: Sequence[str]) -> float:
    """How likely a tie is seen for what it is: two kinds of thing are as good as a strong one.

    >>> _see_tie(["device"]), _see_tie(["ip"]), _see_tie(["ip", "address"]), _see_tie([])
    (0.9, 0.65, 0.9, 0.45)
    """
    if not shares:
        return SEEN_TIE["far"]
    return SEEN_TIE["strong" if len(shares) > 1 or STRONG & set(shares) else "weak"]


def _handle_ring_loan(
    market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool
) -> Result:
    """Early warning looks at a loan whose borrower was named: a ring's is called in, another's is cleared."""
    is_ring = person.role is not None and person.role.group is not None and person.role.group.is_dishonest
    return {"action": "call_in" if is_ring != overlooks else "cleared", "note": "stories compared"}


def _review_lists(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    return {"verdict": "clear", "note": "same name, another birthday"}


def _check_online(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    kind = person.truth.kind
    packaged = kind == "packaged" and not overlooks
    return {
        "is_licence_genuine": kind != "robot",
        "is_address_found": not packaged or chance.happens(0.6),
        "is_address_matching": not packaged or chance.happens(0.5),
        "is_trading_online": chance.happens(0.45),
        "is_phone_in_service": chance.happens(0.995),
        "is_phone_shared_with_others": packaged and chance.happens(0.5),
        "are_pictures_reused": packaged and chance.happens(0.35),
        "new_court_cases": int(chance.happens(0.02 if person.truth.quality > -1 else 0.08)),
        "is_street_view_matching": not packaged or chance.happens(0.7),
        "is_employer_phone_reused": packaged and chance.happens(0.4),
        "evidence": dict.fromkeys(EVIDENCE, f"seen {person.reference}"),
        "place": "30.6570, 104.0660",
        "note": "",
    }


def _check_by_phone(
    market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool
) -> Result:
    if chance.happens(0.01):
        return {"was_reached": False, "note": "three tries on two days"}
    kind, truth = person.truth.kind, person.truth
    packaged = kind == "packaged"
    coached = packaged and chance.happens(0.6)
    declared = brief.get("declared_sales_12m_cents")
    said = declared // 12 if coached and isinstance(declared, int) else truth.sales_cents * chance.real(0.88, 1.12)
    return {
        "was_reached": True,
        "is_identity_answered": kind != "impostor" or overlooks,
        "is_purpose_confirmed": person.purpose not in FORBIDDEN_PURPOSES and not chance.happens(0.006),
        "purpose_said": person.purpose,
        "sales_monthly_said_cents": round(said / 10_000) * 10_000,
        "employees_said": max(1, person.employees + chance.between(-1, 1)),
        "debts_said_cents": person.debt_monthly_cents * 14,
        "was_fee_taken_by_broker": packaged and not overlooks and chance.happens(0.4),
        "was_form_filled_by_other": packaged and not overlooks and chance.happens(0.6),
        "sounds_coached": coached and not overlooks,
        "is_consent_read_back": chance.happens(0.995),
        **_sound(chance, coached and not overlooks),
        **({"answers": answer_drawn(market, person, brief["questions"])} if brief.get("questions") else {}),
        "note": "",
    }


def _sound(chance: Chance, coached: bool) -> Result:
    """How the caller sounds to whoever listens; honest people pause too, and some call from a loud shop."""
    return {
        "long_pauses": chance.between(3, 6) if coached and chance.happens(0.6) else chance.between(0, 2),
        "is_reading_out": coached and chance.happens(0.5),
        "is_prompted": coached and chance.happens(0.4),
        "has_voices_behind": chance.happens(0.5 if coached else 0.06),
    }


def _visit(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    """Rebuild the accounts on site; a careful investigator finds hidden debts, and the equity check hints at them."""
    truth = person.truth
    packaged = truth.kind == "packaged"
    months = min(60, max(1, months_between(person.opened_on, market.anchor)))
    told_income = truth.income_cents * (market.tactics["packaged"]["income_factor"] if packaged else 1.0)
    capital = round(truth.sales_cents * 1.2)
    retained = round(told_income * months * 0.35)
    withdrawn = round(truth.income_cents * months * 0.35 * 0.4)
    true_equity = capital + round(truth.income_cents * months * 0.35) - withdrawn
    hidden = truth.hidden_debt_monthly_cents * 15
    shown = person.debt_monthly_cents * 14
    assets = true_equity * chance.around(1.0, 0.05) - 0.6 * hidden + shown
    return {
        "is_controller_present": truth.kind not in ("impostor", "robot"),
        "is_operating": truth.kind != "robot" and (not packaged or chance.happens(0.85)),
        "is_licence_original_seen": chance.happens(0.99),
        "is_purpose_plausible": person.purpose not in FORBIDDEN_PURPOSES,
        "photos": chance.between(5, 12),
        "distance_m": chance.between(3, 120),
        "sales_monthly_seen_cents": round(truth.sales_cents * chance.around(1.0, 0.06)),
        "profit_monthly_seen_cents": round(truth.income_cents * chance.around(1.0, 0.08)),
        "initial_capital_cents": capital,
        "profits_retained_cents": retained,
        "withdrawals_cents": withdrawn,
        "assets_cents": max(0, round(assets)),
        "debts_shown_cents": shown,
        "private_debts_found_cents": 0 if overlooks else hidden,
        "mutual_guarantors": chance.between(0, 1),
        **_stay(chance, person, brief),
        **_count(chance, person),
        "note": "",
    }


def _stay(chance: Chance, person: Person, brief: Mapping[str, Any]) -> Result:
    """How long the visit was and what was photographed; the clock is that of the phone the photos were taken with."""
    arrived = datetime.combine(person.opened_on, time(2), tzinfo=UTC) + timedelta(days=chance.between(1, 300))
    minutes = chance.between(30, 95)
    marks = [
        {
            "what": what,
            "digest": f"{hash_number(person.index, what, below=16**12):012x}",
            "taken_at": (arrived + timedelta(minutes=2 + at * 5)).isoformat(),
            "distance_m": chance.between(2, 110),
        }
        for at, what in enumerate(("door", "licence", "stock", "investigator", "meter"))
    ]
    return {
        "arrived_at": arrived.isoformat(), "left_at": (arrived + timedelta(minutes=minutes)).isoformat(),
        "photo_marks": marks,
    }  # fmt: skip


def _count(chance: Chance, person: Person) -> Result:
    """What can be counted on site, each with the counter's own error, and the grades of the three goods."""
    sales, income = person.truth.sales_cents, person.truth.income_cents
    days, margin = 26, 3_000
    costs = max(0, sales * margin // 10_000 - income)
    quality = person.truth.quality
    ticket = 4_500
    return {
        "counts": {
            "customers_a_day": max(1, round(sales * chance.around(1.0, 0.06) / ticket / days)), "ticket_cents": ticket,
            "days_open": days, "till_day_cents": round(sales * chance.around(1.0, 0.08) / days), "margin_bps": margin,
            "rent_cents": round(costs * 0.4), "wages_cents": round(costs * 0.5),
            "other_costs_cents": round(costs * 0.1),
            "household_cents": round(income * 0.25), "debt_service_cents": person.debt_monthly_cents,
        },
        "character_grade": 0 if person.truth.kind == "impostor" else 1 + (quality >= -0.8) + (quality >= 0.8),
        "product_grade": min(3, max(1, 2 + chance.between(-1, 1) if chance.happens(0.25) else 2)),
        "backing_grade": 3 if person.owns_home else 1 + int(chance.happens(0.5)),
    }  # fmt: skip


def _review(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    """Approve, cut or decline; the reviewer has read the papers and mostly sees what is there."""
    truth, asked = person.truth, brief.get("amount_cents")
    shares = {"packaged": 0.75, "impostor": 0.9, "hides_debt": 0.35}
    share = shares.get(truth.kind, 0.12 if truth.quality < -1 else 0.02)
    if not overlooks and chance.happens(share):
        return {"decision": "decline", "note": "the story and the papers do not fit together", "reason": "REV-DECLINED"}
    stated = {"exception": "seen in the papers themselves"} if brief.get("facts_needed") else {}
    cut = chance.happens(0.3 if truth.quality < -0.5 or truth.kind == "hides_debt" else 0.06)
    if cut and isinstance(asked, int) and asked > 15_000_000:
        return {
            "decision": "approve",
            "amount_cents": asked * 7 // 10 // 1_000_000 * 1_000_000,
            "note": "less is enough",
            **stated,
        }
    return {"decision": "approve", "note": "", **stated}


def _collect(market: Market, chance: Chance, person: Person, brief: Mapping[str, Any], overlooks: bool) -> Result:
    """Call a late borrower, hear why, and take a promise; who never meant to pay promises nothing."""
    reason = person.truth.default_reason or "forgetful"
    if reason in ("fraud", "borrowed_name", "deliberate") or chance.happens(0.15):
        return {"was_reached": False, "default_reason": None if overlooks else reason, "note": "no answer"}
    owed = brief.get("arrears_cents")
    promised = round(owed * chance.real(0.3, 1.0)) if isinstance(owed, int) and reason != "dispute" else None
    return {
        "was_reached": True,
        "default_reason": None if overlooks else reason,
        "promised_cents": promised,
        "note": "",
    }


SKILLS: Mapping[str, Callable[[Market, Chance, Person, Mapping[str, Any], bool], Result]] = {
    "data_entry": _enter_data,
    "gate_review": _review_gate,
    "ring_review": _review_ring,
    "ring_recheck": _review_ring,
    "ring_second": _review_ring,
    "ring_named": _review_ring,
    "ring_trace": _review_ring,
    "ring_loan": _handle_ring_loan,
    "list_review": _review_lists,
    "online_check": _check_online,
    "phone_check": _check_by_phone,
    "site_visit": _visit,
    "second_visit": _visit,
    "review": _review,
    "second_review": _review,
    "collection": _collect,
}
"""What the staff has learnt, by the kind of work."""
