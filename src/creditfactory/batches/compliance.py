"""Stock and new business held against the law of their days, rule by rule (CMP-01): what breaks it, when, and how far.

The law is that of the version in force: its dated parameters on the day of the contract or of the offer. What cannot be
read is a breach of its own (``unknown``), never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from creditfactory import collection, decision, gateways, loan, publishing, records
from creditfactory.application import check_consents
from creditfactory.decision import Book
from creditfactory.stations import read_line_plan

Finding = Literal["kept", "broken", "unknown", "not_applicable"]
PAYEES = ("borrower", "insurer", "custodian")
"""Who may be paid beside the funder itself; a fee to anybody else is a fee to an agent."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One loan or offer that breaks one rule of the law of its day, or of which nobody can say."""

    rule: str
    finding: Finding
    application: str
    loan: str | None
    on: date
    found: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a rule says of one deal: what was found, and what the law allows."""

    finding: Finding
    found: str = ""
    allowed: str = ""


NOTHING_TO_SAY = Held("not_applicable")
MEANINGS = ("nominal", "effective")
Rule = Callable[[records.DealRecord, Book], Held]


def hold_rate_cap(deal: records.DealRecord, book: Book) -> Held:
    """The all-in rate, of the kind the law means, within the cap for that kind of lender."""
    is_effective = book.parameters.get("annual_rate_cap_means") == "effective"
    meaning: Literal["nominal", "effective"] = "effective" if is_effective else "nominal"
    prices = {c["funder"]: c["price"] for c in deal.offer.get("offer", {}).get("candidates") or ()}
    if deal.contract is not None:
        kind = prices.get(deal.contract.get("funder"), {}).get("kind", "bank")
        charged = [(kind, *(_read_rate(deal.contract.get(f"annual_rate_{m}")) for m in MEANINGS))]
    else:
        charged = [
            (p.get("kind", "bank"), *(_read_rate(p.get(f"all_in_{m}")) for m in MEANINGS)) for p in prices.values()
        ]
    if not charged:
        return Held("unknown", "no price", "an all-in rate")
    for kind, nominal, effective in charged:
        rate = decision.rate_cap(kind, book)
        cap = None if rate is None else loan.Cap(rate, meaning, f"annual_rate_cap, {kind}")
        for reason in loan.check_cap(nominal, effective, cap):
            told = f"{kind}: nominal {nominal}, effective {effective}"
            finding: Finding = "broken" if reason.code == "CTR-RATE-ABOVE-CAP" else "unknown"
            return Held(finding, told, f"{rate} ({meaning})")
    return Held("kept")


def _read_rate(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def hold_amount(deal: records.DealRecord, book: Book) -> Held:
    """The amount within the band that the pack lends in."""
    low, high = book.parameters.get("amount_cents_min"), book.parameters.get("amount_cents_max")
    if low is None and high is None:
        return NOTHING_TO_SAY
    amount = deal.principal_cents if deal.loan else deal.offer.get("offer", {}).get("amount_cents")
    if not isinstance(amount, int):
        return Held("unknown", "no amount", f"{low} to {high}")
    is_kept = (low is None or amount >= low) and (high is None or amount <= high)
    return Held("kept" if is_kept else "broken", str(amount), f"{low} to {high}")


def hold_fees(deal: records.DealRecord, book: Book) -> Held:
    """Nothing that the borrower pays goes to a broker or agent: neither by the contract, nor by what he tells."""
    facts = (deal.phone_check or {}).get("facts") or {}
    if facts.get("was_fee_taken_by_broker") is True:
        return Held("broken", "the borrower says that the broker took a fee", "no fee to an agent")
    if deal.contract is None:
        return NOTHING_TO_SAY if deal.loan is None else Held("unknown", "no contract", "a cost table")
    allowed = {*PAYEES, deal.contract.get("funder")}
    paid = [row for row in deal.contract.get("cost_table") or () if row["payee"] not in allowed]
    if paid:
        return Held("broken", ", ".join(f"{row['item']} to {row['payee']}" for row in paid), "no fee to an agent")
    return Held("kept")


def hold_consents(deal: records.DealRecord, book: Book) -> Held:
    """Every permission that the line needs was signed, and still held, on the day the first source was asked."""
    plan = read_line_plan(book)
    if not plan.consents or deal.asked_on is None:
        return NOTHING_TO_SAY
    dossier = gateways.load_dossier(deal.dossier)
    check = check_consents(dossier, plan.consents, plan.consent_days, deal.asked_on)
    if check.reasons:
        told = [f"no {kind}" for kind in check.missing] + [f"{kind} too old" for kind in check.expired]
        return Held("broken", ", ".join(told), ", ".join(plan.consents))
    return Held("kept")


def hold_cost_table(deal: records.DealRecord, book: Book) -> Held:
    """The borrower confirmed to have seen the cost table before any money moved."""
    if deal.loan is None or read_line_plan(book).outcomes == "recorded":
        return NOTHING_TO_SAY
    if deal.contract is None or not deal.contract.get("cost_table"):
        return Held("unknown", "no cost table", "a cost table, shown and confirmed")
    if not (deal.signed or {}).get("confirmed_cost_table"):
        return Held("broken", "not confirmed", "a cost table, shown and confirmed")
    return Held("kept")


def hold_contact_hours(deal: records.DealRecord, book: Book) -> Held:
    """Collectors handed in their contacts within the hours the law allows, in the borrower's own time."""
    if not deal.contacts:
        return NOTHING_TO_SAY
    shift = timedelta(minutes=gateways.load_dossier(deal.dossier).utc_offset_minutes)
    quiet = [
        at + shift for at in deal.contacts
        if any(r.code == "COL-QUIET-HOURS" for r in collection.check_contact("call", at + shift, ()))
    ]  # fmt: skip
    if quiet:
        rules = collection.ContactRules()
        return Held("broken", f"{quiet[0]:%Y-%m-%d %H:%M}", f"{rules.quiet_until:%H:%M} to {rules.quiet_from:%H:%M}")
    return Held("kept")


RULES: tuple[tuple[str, Rule, dict[str, str]], ...] = (
    ("all_in_rate", hold_rate_cap, {"en": "All-in rate within the law's cap", "zh": "综合年化利率不超过法定上限"}),
    ("amount_band", hold_amount, {"en": "Amount within the band", "zh": "借款金额在规定区间内"}),
    ("no_agent_fee", hold_fees, {"en": "No fee from the borrower to an agent", "zh": "不向借款人收取中介费用"}),
    ("consents", hold_consents, {"en": "Permissions signed before sources are asked", "zh": "查询前已取得授权"}),
    ("cost_table", hold_cost_table, {"en": "Cost table shown and confirmed", "zh": "综合成本已明示并确认"}),
    ("contact_hours", hold_contact_hours, {"en": "Contacts within lawful hours", "zh": "催收联系时间合规"}),
)  # fmt: skip
"""What is checked, each by itself; the parameters come from the rulebook, dated and with their source."""


def check_compliance(tenant: records.TenantRecord, on: date, since: date | None = None) -> dict[str, Any]:
    """Hold each loan standing on a day and each offer since another (the month's first) against the law of its day."""
    releases = publishing.find_releases(tenant)
    law = publishing.load_rulebook(publishing.choose_champion(releases, on).digest)
    begin = since or on.replace(day=1)
    counts = {code: dict.fromkeys(("kept", "broken", "unknown", "not_applicable"), 0) for code, _, _ in RULES}
    breaches: list[Breach] = []
    totals = {}
    for name, deals in (
        ("stock", records.each_standing_loan(tenant.id, on)),
        ("new_business", records.each_offer(tenant.id, begin, on)),
    ):
        totals[name] = 0
        for deal in deals:
            totals[name] += 1
            book = law.at(max(deal.on, law.first_day or deal.on))
            for code, held in _hold(deal, book):
                counts[code][held.finding] += 1
                if held.finding in ("broken", "unknown"):
                    breaches.append(_tell(code, held, deal))
    return {
        "tenant": tenant.code,
        "on": on.isoformat(),
        "since": begin.isoformat(),
        "rulebook": law.digest,
        "loans": totals["stock"],
        "offers": totals["new_business"],
        "rules": [{"rule": code, "words": words, **counts[code]} for code, _, words in RULES],
        "breaches": [asdict(breach) for breach in sorted(breaches, key=lambda b: (b.rule, b.on, b.application))],
    }


def _hold(deal: records.DealRecord, book: Book) -> Iterator[tuple[str, Held]]:
    for code, rule, _ in RULES:
        yield code, rule(deal, book)


def _tell(code: str, held: Held, deal: records.DealRecord) -> Breach:
    return Breach(code, held.finding, deal.application, deal.loan, deal.on, held.found, held.allowed)


def name_rules() -> Iterable[str]:
    """The codes of what is checked.

    >>> list(name_rules())[:2]
    ['all_in_rate', 'amount_band']
    """
    return (code for code, _, _ in RULES)
