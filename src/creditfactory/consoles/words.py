"""The reader's words for our codes: stations, outcomes, kinds of work, acts, facts, and every reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, Literal

from django.utils.translation import gettext, gettext_lazy, gettext_noop, pgettext

from creditfactory import decision, gateways, labels, publishing
from creditfactory.consoles import figures
from creditfactory.consoles.page import is_chinese, name_of
from creditfactory.kernel import CreditFactoryError, Reason
from creditfactory.records.actions.people import ROLE_BY_CODE
from creditfactory.stations.plan import BY_CODE

_ = gettext_lazy

STATUSES = {
    "moving": _("Moving"), "waiting": _("Waiting"), "held": _("Held"), "declined": _("Declined"),
    "withdrawn": _("Withdrawn"), "expired": _("Expired"), "closed": _("Closed"), "running": _("Running"),
    "paid": _("Paid back"), "charged_off": _("Charged off"), "open": _("Open"), "claimed": _("Claimed"),
    "done": _("Done"), "returned": _("Sent back"), "cancelled": _("Cancelled"), "asked": _("Asked"),
    "accepted": _("Accepted, answer to come"), "answered": _("Answered"), "given_up": _("Given up"),
}  # fmt: skip
OUTCOMES = {
    "done": _("Done"), "not_applicable": _("Not applicable"), "declined": _("Declined"), "stop": _("Stopped"),
    "withdrawn": _("Withdrawn"), "expired": _("Expired"), "refer": _("Referred to a person"), "pass": _("Passed"),
    "reject": _("Rejected"), "decline": _("Declined"), "ok": _("In order"), "doubt": _("Doubt"), "fail": _("Failed"),
    "breach": _("Breach"), "approve": _("Approved"), "alter": _("Approved, altered"), "clear": _("Clear"),
    "hit": _("Hit"), "missing": _("Fact missing"), "error": _("Fact unusable"), "paid": _("Paid"),
    "charged_off": _("Charged off"), "retry": _("To be tried again"), "rework": _("Sent back"), "closed": _("Closed"),
}  # fmt: skip
WORK_KINDS = {
    "online_check": _("Online check"), "phone_check": _("Phone check"), "site_visit": _("Site visit"),
    "review": _("Final review"), "second_review": _("Second review"), "data_entry": _("Data entry"),
    "collection": _("Collection"), "gate_review": _("Fraud gate review"), "list_review": _("List hit review"), "quality_sample": _("Sample review"),
}  # fmt: skip
EVENTS = {
    "application_submitted": _("Application submitted"), "application_held": _("Held on the dead-letter list"),
    "application_resumed": _("Resumed"), "application_withdrawn": _("Withdrawn"), "work_claimed": _("Work claimed"),
    "work_released": _("Work released"), "work_completed": _("Work completed"), "work_returned": _("Sent back for rework"),
    "person_revealed": _("Person's facts shown"), "tenant_opened": _("Factory opened"),
    "loan_booked": _("Loan booked"), "loan_ended": _("Loan ended"),
}  # fmt: skip
EVENT_DETAIL = {
    "reference": _("Reference"), "station": _("Station"), "kind": _("Work"), "to": _("Sent back to"),
    "users": _("Users"), "pack": _("Rulebook"), "status": _("Status"), "loss_cents": _("Loss"),
}  # fmt: skip
EVENT_DETAIL_HIDDEN = frozenset({"wall", "work_item"})
JOURNALS = {
    "disbursement": _("Disbursement"), "repayment": _("Repayment"), "charge_off": _("Charge-off"),
    "recovery": _("Recovery"), "prepayment": _("Early repayment"), "instalment": _("Instalment"),
    "settlement": _("Settlement"), "payoff": _("Paid off in full"),
}  # fmt: skip
ODD_ROWS = {
    "fiscal-year-differs": _("The fiscal year is not that of the approval date"),
    "lender-unknown": _("The lender is not named"), "paid-with-charge-off": _("Paid back, yet with a charge-off recorded"),
    "charge-off-day-unknown": _("Charged off on a day that is not recorded"),
    "loss-above-disbursement": _("The loss is above what was disbursed"),
    "charge-off-without-loss": _("Charged off without a loss"),
    "disbursement-above-approval": _("More was disbursed than approved"),
    "disbursement-day-unknown": _("The day of disbursement is not recorded"),
    "disbursement-before-approval": _("Disbursed before it was approved"),
    "charge-off-before-disbursement": _("Disbursed after it was charged off"),
}  # fmt: skip
ACCOUNTS = {
    "assets:loans:principal": _("Loans outstanding"), "assets:cash": _("Funder's cash"),
    "income:interest": _("Interest income"), "income:penalty": _("Penalty interest"),
    "income:recovery": _("Recoveries after charge-off"), "expense:credit_loss": _("Credit losses"),
}  # fmt: skip
METHODS = {
    "equal_instalment": _("equal instalments"), "equal_principal": _("equal principal"),
    "interest_first": _("interest first, principal at the end"),
}  # fmt: skip
ACTORS = {
    "machine": _("the machine"), "line": _("the line"), "borrower": _("the borrower"), "outside": _("an outside party"),
    "person": _("a person"), "clock": _("the clock"), "history": _("the import"), "demo": _("the demo"),
}  # fmt: skip
LANES = {"A": _("A: no check by people"), "B": _("B: online and phone check"), "C": _("C: on-site visit")}
CARDS = {
    "bureau": _("Bureau and willingness"), "application": _("Applicant"), "business": _("Business and cash flow"),
    "fraud": _("Fraud"), "channel": _("Channel"), "master": _("Master card"), "sba_default": _("SBA default"),
}  # fmt: skip
FACT_NAMES = {
    "action": _("Next step"), "channel": _("Way of contact"), "arrears_days": _("Days in arrears"),
    "arrears_cents": _("Amount in arrears"), "default_reason": _("Reason for being late"),
    "amount_cents": _("Amount"), "currency": _("Currency"), "term_months": _("Term in months"), "purpose": _("Purpose"),
    "product": _("Product"), "trade_name": _("Firm"), "industry": _("Industry"), "city": _("City"), "state": _("State"),
    "opened_on": _("In business since"), "employees": _("Employees"), "declared_sales_12m_cents": _("Sales stated, 12 months"),
    "born_on": _("Born on"), "role": _("Role in the firm"), "education": _("Education"), "years_in_city": _("Years in the city"),
    "owns_home": _("Owns a home"), "declared_income_cents": _("Income stated, a month"), "kind": _("Kind"),
    "company": _("Company"), "agent": _("Agent"), "obtained_at": _("Known since"), "has_record": _("Has a record"),
    "card_limit_cents": _("Card limits"), "card_used_cents": _("Card limits used"), "loan_count": _("Loans"),
    "loan_balance_cents": _("Loan balance"), "unsecured_balance_cents": _("Unsecured balance"),
    "monthly_due_cents": _("Due a month"), "overdue_now_cents": _("Overdue now"),
    "overdue_months_24m": _("Months overdue in 24"), "overdue_run_24m": _("Longest run of months overdue in 24"),
    "has_bad_debt": _("Has bad debt"), "queries_1m": _("Queries in 1 month"), "queries_3m": _("Queries in 3 months"),
    "queries_6m": _("Queries in 6 months"), "online_lenders": _("Online lenders"), "guarantees_cents": _("Guarantees given"),
    "oldest_account_on": _("Oldest account"), "status": _("Status"), "registered_on": _("Registered on"),
    "is_legal_representative": _("Is the legal representative"), "changes_12m": _("Changes in 12 months"),
    "capital_cents": _("Capital"), "executed_open": _("Open enforcements"), "is_dishonest_listed": _("On the dishonest list"),
    "is_consumption_restricted": _("Consumption restricted"), "judgments_24m": _("Judgments in 24 months"),
    "grade": _("Grade"), "tax_12m_cents": _("Tax paid, 12 months"), "invoiced_12m_cents": _("Invoiced, 12 months"),
    "invoiced_months_12m": _("Months with invoices in 12"), "monthly_inflow_cents": _("Money in, by month"),
    "monthly_outflow_cents": _("Money out, by month"), "balance_cents": _("Balance"),
    "top_payer_share_bps": _("Share of the largest payer"), "round_trip_share_bps": _("Share that went in a circle"),
    "chain_breaks": _("Breaks in the balance chain"), "device": _("Device"), "ip": _("Address of the device"),
    "typing_ms_median": _("Typing pace, ms"), "pointer_moves": _("Pointer moves"), "form_seconds": _("Seconds on the form"),
    "is_headless": _("Browser without a screen"), "is_emulator": _("Emulated device"), "is_trap_filled": _("Filled the trap field"),
    "is_document_valid": _("Document valid"), "is_name_matched": _("Name and number match"),
    "is_phone_matched": _("Phone matches"), "liveness": _("Liveness"), "face_similarity_bps": _("Likeness of the face"),
    "annual_premium_cents": _("Premium a year"), "years_paid": _("Years paid"), "instalment_cents": _("Instalment"),
    "months_paid": _("Months paid"), "lender": _("Lender"), "lender_state": _("Lender's state"),
    "guaranteed_cents": _("Guaranteed amount"), "is_new_business": _("New business"), "jobs_created": _("Jobs created"),
    "jobs_retained": _("Jobs retained"), "is_franchise": _("Franchise"), "setting": _("Setting"),
    "is_revolving": _("Revolving"), "is_low_document": _("Low-document programme"), "verdict": _("Verdict"),
    "lane": _("Lane"), "tier": _("Tier"), "points": _("Points"), "probability": _("Probability of default"),
    "reasons": _("Reasons"), "binding": _("What binds"), "parts": _("Parts"), "annual_rate": _("Annual rate"),
    "method": _("Method"), "candidates": _("Candidate funders"), "facts": _("Facts"), "policy": _("Policy"),
    "limit": _("Limit"), "offer": _("Offer"), "scores": _("Scores"), "cards": _("Cards"), "master": _("Master card"),
    "version": _("Version"), "name": _("Name"), "value": _("Value"), "rule": _("Rule"), "verdicts": _("Rules"),
    "read": _("Facts read"), "why": _("Why"), "funder": _("Funder"), "note": _("Note"), "hits": _("Hits"),
    "signals": _("Signals"), "values": _("Values"), "why_missing": _("Why missing"), "book": _("Book"),
    "schedule": _("Schedule"), "terms": _("Terms"), "gaps": _("Gaps"), "doubts": _("Doubts"), "missing": _("Missing"),
    "expired": _("Expired"), "contradictions": _("Contradictions"), "code": _("Code"),
    "verified_monthly_income_cents": _("Verified income, a month"), "declared_monthly_cents": _("Stated, a month"),
    "banked_monthly_cents": _("Through the bank, a month"), "taxed_monthly_cents": _("Taxed, a month"),
    "invoiced_monthly_cents": _("Invoiced, a month"), "all_in_rate": _("All-in rate"),
}  # fmt: skip
EVIDENCE = {
    "bureau": _("Credit bureau"), "registry": _("Business registry"), "court": _("Courts"), "tax": _("Tax bureau"),
    "bank_flow": _("Bank statements"), "device": _("Device and session"), "identity": _("Identity authority"),
    "insurance_policy": _("Insurance policy"), "mortgage": _("Mortgage"), "car_loan": _("Car loan"),
    "sba_form": _("SBA form"),
}  # fmt: skip
CONSENTS = {
    "privacy": _("Privacy notice"), "bureau": _("Credit bureau"), "automated_decision": _("Automated decision"),
    "third_party": _("Passing on to funders"), "tax": _("Tax bureau"), "contract": _("Contract"),
}  # fmt: skip
VALUES = {
    "remind": _("remind"), "find_reason": _("find out the reason"), "fix_payment": _("put the payment right"),
    "rebind_account": _("connect the account anew"), "retry_debit": _("try the debit again"),
    "verify_hardship": _("verify the hardship"), "offer_forbearance": _("offer forbearance"),
    "offer_settlement": _("offer a settlement"), "offer_new_due_day": _("offer another due day"),
    "offer_restructuring": _("offer restructuring"), "lawyer_letter": _("send a lawyer's letter"), "litigate": _("go to court"),
    "review_business": _("look at the business"), "review_receivable": _("look at the receivable"),
    "senior_collector": _("call by a senior collector"), "investigate_identity": _("investigate the identity"),
    "open_complaint": _("open a complaint"), "trace_lawfully": _("trace by lawful means"),
    "search_assets": _("search for assets"), "prepare_charge_off": _("prepare the charge-off"),
    "claim_broker_deposit": _("claim on the broker's deposit"), "refer_to_police": _("report to the police"),
    "call": _("call"), "visit": _("visit"), "sms": _("text message"), "app": _("message in the app"), "letter": _("letter"),
    "legal_representative": _("legal representative"), "sole_trader": _("sole trader"), "shareholder": _("shareholder"),
    "partner": _("partner"), "employee": _("employee"), "other": _("other"), "primary": _("primary school"),
    "secondary": _("secondary school"), "college": _("college"), "bachelor": _("bachelor"),
    "postgraduate": _("postgraduate"), "stock": _("stock"), "equipment": _("equipment"), "rent": _("rent"),
    "wages": _("wages"), "renovation": _("renovation"), "expansion": _("expansion"), "tax": _("tax"),
    "online": _("online"), "offline": _("offline"), "direct": _("direct"), "operating": _("operating"),
    "abnormal": _("abnormal"), "revoked": _("revoked"), "not_found": _("not found"), "passed": _("passed"),
    "failed": _("failed"), "not_done": _("not done"), "urban": _("urban"), "rural": _("rural"),
    "capacity": _("repayment capacity"), "exposure": _("total exposure"), "sales": _("verified sales"),
    "product": _("the product's largest amount"), "proof": _("what was proved"), "review": _("the reviewer's amount"),
    "requested": _("the amount asked for"), "request": _("the amount asked for"), "tier": _("the tier"),
}  # fmt: skip
TIES = {
    "device": _("Same device"), "phone": _("Same phone"), "card": _("Same bank card"), "address": _("Same address"),
    "ip": _("Same network address"), "agent": _("Same agent"),
}  # fmt: skip
SOURCES = {
    "request": _("the request"), "applicant": _("the applicant's own words"), "business": _("what is said of the firm"),
    "cross_check": _("sources held against each other"), "proofs": _("proofs shown"), "network": _("the network"),
    "channel": _("the channel"),
}  # fmt: skip
POLARITIES = {
    "premium": _("speaks for the applicant"), "neutral": _("says nothing by itself"),
    "adverse": _("speaks against the applicant"),
}  # fmt: skip
LABEL_TYPES = {
    "int": _("whole number"), "float": _("number"), "bool": _("yes or no"),
    "str": _("a word"), "date": _("day"),
}  # fmt: skip
UNITS = {
    "cents": _("money, in cents"), "bps": _("share, in hundredths of a per cent"), "count": _("how many"),
    "months": _("months"), "years": _("years"), "minutes": _("minutes"), "day": _("day of the week"),
    "yes or no": _("yes or no"), "word": _("a word"),
    "share": _("share"),
}  # fmt: skip
OVERRIDES = {
    "against_refer": _("Approved against a doubt"), "against_pass": _("Declined though nothing spoke against it"),
    "exception": _("Exception stated"), "amount_below": _("Less than the machine would lend"),
    "amount_above": _("More than the machine would lend"), "lane": _("Another lane"),
    "funder_alter": _("Altered by the funder"),
}  # fmt: skip
CONSEQUENCES = {
    "decline": _("declines"), "refer": _("refers to a person"), "lane_b": _("lane B at least"),
    "lane_c": _("lane C at least"),
}  # fmt: skip
KINDS: Mapping[str, Mapping[str, Any]] = {
    "consequence": CONSEQUENCES, "override": OVERRIDES,
    "tie": TIES, "source": {**EVIDENCE, **SOURCES}, "polarity": POLARITIES, "label_type": LABEL_TYPES, "unit": UNITS,
    "": STATUSES, "outcome": OUTCOMES, "work": WORK_KINDS, "event": EVENTS, "journal": JOURNALS, "method": METHODS,
    "lane": LANES, "card": CARDS, "evidence": EVIDENCE, "value": VALUES, "consent": CONSENTS, "account": ACCOUNTS, "odd": ODD_ROWS,
}  # fmt: skip
WAITS = {
    "consents_signed": _("the borrower's consent"), "details_submitted": _("the borrower's details"),
    "contract_signed": _("the borrower's signature"), "decision": _("the funder's decision"),
    "receipt": _("the bank's receipt"), "use_proof": _("proof of use"), "repayment": _("a repayment"),
    "loan_event": _("what becomes of the loan"), "timer": _("its time"), "retry": _("the next try"),
}  # fmt: skip


def station_name(code: str) -> str:
    """The station's name in the reader's language."""
    station = BY_CODE.get(code)
    return name_of(station) if station else code


def word(code: str, kind: str = "") -> str:
    """The reader's word for a code; an unknown one reads as itself with spaces."""
    if not code:
        return ""
    if kind == "waits":
        first, _colon, rest = code.partition(":")
        if first == "answer":
            return gettext("the answer of {party}").format(party=party_name(rest))
        bare = rest if first == "work" else code
        return str(WAITS.get(bare) or WORK_KINDS.get(bare) or bare.replace("_", " "))
    found = KINDS.get(kind, STATUSES).get(code)
    return str(found) if found is not None else str(code).replace("_", " ")


PARTIES = {"bank": _("Bank"), "insurer": _("Insurer"), "custodian": _("Custodian bank"), "messages": _("Messages")}
SIMULATED = re.compile(r"sim-(\w+)-(\d+)")
REFUSALS = (
    gettext_noop("There is no such piece of work."),
    gettext_noop("This checks your own work; it needs another pair of eyes."),
    gettext_noop("Say what should be done again, so that the next person knows."),
    gettext_noop("No earlier piece of work could be sent back."),
    gettext_noop("This application has ended already; there is nothing to withdraw."),
    gettext_noop("The money has gone out; the loan can be repaid early, but not withdrawn."),
    gettext_noop("This person was erased; the key is gone and nothing can be shown."),
)
"""What the records and the line refuse with, word for word, so that it is told in the reader's language."""


def tell_refusal(refusal: Exception) -> str:
    """Why something was refused; a refusal without a translation is told as not allowed now."""
    text = str(refusal)
    if not is_chinese() or text in REFUSALS:
        return gettext(text)
    return gettext("This is not possible as things stand; load the page again to see how they stand.")


def party_name(code: str) -> str:
    """An outside party: a source by what it knows, a bank by its short name."""
    kind, _colon, name = code.partition(":")
    known = EVIDENCE.get(kind) or PARTIES.get(kind)
    return " ".join(part for part in (str(known or kind.replace("_", " ")), name.upper()) if part)


def city_name(city: str, *, pack: str, on: date) -> str:
    """A city in the reader's language, where the pack's territory names it in both."""
    book = find_book(pack, on)
    cities = book.parameters.get("territory_cities") if book is not None else None
    if is_chinese() and isinstance(cities, Mapping) and city.casefold() in cities:
        return str(cities[city.casefold()])
    return city.title() if city.islower() else city


def full_stop() -> str:
    """How a sentence ends in the reader's language."""
    return "。" if is_chinese() else "."


def tell_detail(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An event's detail as names and values in words; what only machines read is left out."""
    told = []
    for name, value in detail.items():
        if name in EVENT_DETAIL_HIDDEN or value in (None, ""):
            continue
        text = (
            station_name(value)
            if name == "station"
            else word(value, "work")
            if name in ("kind", "to")
            else _fact_text(name, value)
        )
        told.append((str(EVENT_DETAIL.get(name) or FACT_NAMES.get(name) or name.replace("_", " ")), text))
    return told


def actor_name(actor: str) -> str:
    """Who did it."""
    known = ACTORS.get(actor)
    if known is not None:
        return str(known)
    simulated = SIMULATED.fullmatch(actor)
    if simulated and simulated[1] in ROLE_BY_CODE:
        return f"{name_of(ROLE_BY_CODE[simulated[1]])} {simulated[2]}"
    _role, _colon, name = actor.partition(":")
    return name or actor


def reason_text(
    item: Mapping[str, Any], *, pack: str, on: date, audience: Literal["borrower", "staff"] = "staff"
) -> str:
    """A reason's words from the rulebook of its day, filled with its facts; its code where there are none."""
    reason = Reason(str(item.get("code", "")), _name_facts(item.get("facts") or {}))
    book = find_book(pack, on)
    if book is None:
        return reason.code
    return decision.tell_reason(reason, book, language="zh" if is_chinese() else "en", audience=audience)


def reason_name(code: str, *, pack: str, on: date) -> str:
    """What a reason means to staff without any case's figures, which are left open."""
    book = find_book(pack, on)
    known = None if book is None else book.reasons.get(code)
    return code if known is None else re.sub(r"\{\w+\}", "…", known.staff["zh" if is_chinese() else "en"])


NAMED_FACTS = {"label": "label", "labels": "label", "card": "card", "part": "value", "check": "station"}
"""Facts of a reason that are names of our own: told as people call them, not as the files do."""


def _name_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    gap = "、" if is_chinese() else ", "
    told = {name: word(v, "value") if isinstance(v, str) and v in VALUES else v for name, v in facts.items()}
    for name, kind in NAMED_FACTS.items():
        if not isinstance(told.get(name), str):
            continue
        listed = str(told[name]).split(", ")
        if kind == "label":
            told[name] = gap.join(label_name(one) for one in listed)
        elif kind == "station":
            told[name] = gap.join(station_name(one) for one in listed)
        else:
            told[name] = gap.join(word(one, kind) for one in listed)
    return told


def fact_text(name: str, value: Any, currency: str = "CNY") -> str:
    """One fact as a person reads it: money by its mark, yes or no, shares as percent."""
    return _fact_text(name, value, currency)


def _fact_text(name: str, value: Any, currency: str = "CNY") -> str:
    if value is None:
        return gettext("unknown")
    if isinstance(value, bool):
        return pgettext("fact", "yes") if value else pgettext("fact", "no")
    if isinstance(value, int | float) and (name.endswith("_cents") or "_cents_" in name):
        return figures.money(int(value), currency)
    if isinstance(value, int | float) and (name.endswith("_bps") or "_bps_" in name):
        return figures.percent(value / 10_000)
    if isinstance(value, float) and name.endswith(("share", "probability")):
        return figures.percent(value)
    if name.endswith("_on") and isinstance(value, str):
        return figures.day(value)
    if name.endswith("_at") and isinstance(value, str):
        return figures.instant(value)
    if name.endswith("rate") and isinstance(value, str):
        return figures.percent(value)
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return word(value, "value") if isinstance(value, str) else str(value)


def find_book_of(digest: str, pack: str, on: date) -> decision.Book | None:
    """The rules that decided a case, kept under their digest; else those that this machine has for the day."""
    try:
        kept = publishing.find_book(digest, on) if digest else None
    except CreditFactoryError:
        kept = None
    return kept or find_book(pack, on)


@lru_cache(maxsize=256)
def find_book(pack: str, on: date) -> decision.Book | None:
    """The rules of a pack on a day; None where this machine has no such rulebook."""
    try:
        return gateways.load_rulebook(pack).at(on)
    except CreditFactoryError:
        return None


@lru_cache(maxsize=4_096)
def _rule_words(rule: str, pack: str, on: date) -> Mapping[str, str]:
    """What a rule is called in each language by its owner; nothing where this machine does not know it."""
    try:
        known = gateways.load_rulebook(pack).rules.get(rule)
    except CreditFactoryError:
        return {}
    text = None if known is None else known.on(on)
    return {} if text is None else text.description


def rule_name(rule: str, pack: str, on: date) -> str:
    """A rule as its owner describes it, in the reader's language; its code as words where nobody did."""
    return _rule_words(rule, pack, on).get("zh" if is_chinese() else "en") or rule.replace("_", " ")


@cache
def label_meanings() -> Mapping[str, Mapping[str, str]]:
    """What each label means, in both languages."""
    return {name: label.meaning for name, label in labels.CATALOGUE.items()}


def label_name(name: str) -> str:
    """What a label is called, in the reader's language; a card's points by the card's name."""
    meaning = label_meanings().get(name)
    if meaning:
        return meaning["zh" if is_chinese() else "en"]
    return word(name.removesuffix("_points"), "card") if name.endswith("_points") else humane(name)


def humane(name: str) -> str:
    """A technical name as words, where it has none of its own."""
    known = FACT_NAMES.get(name)
    if known:
        return str(known)
    text = re.sub(r"_(cents|at|on|bps)$", "", name).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def bin_name(name: str, label: str) -> str:
    """The class of a card as people read it: its ends with their units, its words in the reader's language."""
    if name in ("missing", "other", "not applicable"):
        return str({"missing": gettext("unknown"), "other": gettext("any other"),
                    "not applicable": gettext("does not apply")}[name])  # fmt: skip
    ends = re.fullmatch(r"[\[(](\S+), (\S+)[\])]", name)
    if ends is None:
        return ("、" if is_chinese() else ", ").join(
            _fact_text(label, {"yes": True, "no": False}.get(one, one)) for one in name.split(", ")
        )
    low, high = (None if "∞" in end else float(end) for end in ends.groups())
    told = [_fact_text(label, int(end) if end == int(end) else end) if end is not None else "" for end in (low, high)]
    if low is None and high is None:
        return gettext("any")
    if low is None:
        return gettext("below {high}").format(high=told[1])
    return gettext("{low} or more").format(low=told[0]) if high is None else f"{told[0]} – {told[1]}"
