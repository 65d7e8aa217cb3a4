"""The words of the pages, by what they name: statuses, outcomes, facts, cards, values. Read through ``words``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from creditfactory.consoles import evidence_words, gate_words, paper_words, result_words

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
    "review": _("Final review"), "second_review": _("Second review"), "appeal": _("Appeal"), "data_entry": _("Data entry"),
    "second_visit": _("Second visit"), "bureau_objection": _("Objection to a bureau record"),
    "collection": _("Collection"), "gate_review": _("Fraud gate review"), "ring_review": _("Ring review"), "ring_recheck": _("Ring looked at again"),
    "ring_second": _("Ring seen by a second analyst"), "ring_named": _("Named as one of a ring"), "ring_trace": _("Who else belongs to a stopped ring"), "ring_loan": _("Loan of a ring"), "list_review": _("List hit review"), "quality_sample": _("Sample review"),
}  # fmt: skip
EVENTS = {
    "application_submitted": _("Application submitted"), "application_held": _("Held on the dead-letter list"),
    "application_resumed": _("Resumed"), "application_withdrawn": _("Withdrawn"), "work_claimed": _("Work claimed"),
    "work_released": _("Work released"), "work_completed": _("Work completed"), "work_returned": _("Sent back for rework"),
    "person_revealed": _("Person's facts shown"), "paper_shown": _("Picture shown"), "tenant_opened": _("Factory opened"),
    "ring_named": _("Ring named"), "loan_booked": _("Loan booked"), "loan_ended": _("Loan ended"),
}  # fmt: skip
PICTURES = {
    "id_card_front": _("Identity card, front"), "id_card_back": _("Identity card, back"), "licence": _("Business licence"),
    "frame": _("Camera, movement"), "portrait": _("Camera, portrait"), "selfie": _("Photograph of the face"),
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
    "mining": _("the nightly mining"), "learning": _("the nightly learning"),
}  # fmt: skip
LANES = {"A": _("A: no check by people"), "B": _("B: online and phone check"), "C": _("C: on-site visit")}
CARDS = {
    "bureau": _("Bureau and willingness"), "application": _("Applicant"), "business": _("Business and cash flow"),
    "fraud": _("Fraud"), "channel": _("Channel"), "master": _("Master card"), "sba_default": _("SBA default"),
    "network_fraud": _("Network and fraud"), "behaviour": _("Behaviour after the loan"),
    "collection": _("Collection of late accounts"), "repeat": _("Repeat borrowers"), "recovery_loss": _("Loss once in default"),
    "sba_loss": _("Loss of an SBA loan once in default"),
}  # fmt: skip
FACT_NAMES = {
    **result_words.FACT_NAMES, **evidence_words.FACT_NAMES, **gate_words.FACT_NAMES,
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
    "version": _("Version"), "name": pgettext_lazy("of a thing", "Name"), "value": _("Value"), "rule": _("Rule"), "verdicts": _("Rules"),
    "read": _("Facts read"), "why": _("Why"), "funder": _("Funder"), "note": _("Note"), "hits": _("Hits"),
    "signals": _("Signals"), "values": _("Values"), "why_missing": _("Why missing"), "book": _("Book"),
    "schedule": _("Schedule"), "terms": _("Terms"), "gaps": _("Gaps"), "doubts": _("Doubts"), "missing": _("Missing"),
    "expired": _("Expired"), "contradictions": _("Contradictions"), "code": _("Code"),
    "verified_monthly_income_cents": _("Verified income, a month"), "declared_monthly_cents": _("Stated, a month"),
    "banked_monthly_cents": _("Through the bank, a month"), "taxed_monthly_cents": _("Taxed, a month"),
    "invoiced_monthly_cents": _("Invoiced, a month"), "all_in_rate": _("All-in rate"),
    "all_in_effective": _("All-in rate, compounded"), "all_in_nominal": _("All-in rate"), "amount_cents_high": _("Amount at most"),
    "amount_cents_low": _("Amount at least"), "annual_rate_effective": _("All-in rate, compounded"),
    "annual_rate_high": _("Rate at most"), "annual_rate_low": _("Rate at least"), "annual_rate_nominal": _("All-in rate"),
    "annualised": _("A year"), "applicant": _("Applicant"), "applied_at": _("Applied"), "as_of": _("Known by"),
    "attribution": _("Brought by"), "best_points": _("Points at most"), "bin": _("Class"), "business": _("Firm"),
    "cap": _("Cap"), "card": _("Card"), "chance": _("Chance"), "check": _("Check"), "components": _("What it is made of"),
    "consents": _("Consents"), "consequence": _("What follows"), "contingent": _("Only if it comes to that"),
    "cost_table": _("Cost table"), "counter": _("Counter-offer"), "day_count": _("Day count"), "decision": _("Decision"),
    "declined": _("Declined"), "disbursed_on": _("Paid out on"), "due_day": _("Due day"), "due_on": _("Due on"),
    "entry": _("List entry"), "equal_over": _("Equal over"), "evidence": _("Evidence"), "exception": _("Exception"),
    "facts_needed": _("Facts still needed"), "fees": _("Fees"), "first_due_on": _("First due on"), "free": _("Free months"),
    "grace": _("Grace"), "indication": _("Indication"), "instalment_cents_high": _("Instalment at most"),
    "instalment_cents_low": _("Instalment at least"), "instalment_step_cents": _("Instalment step"),
    "instalment_step_rounding": _("Rounding of the instalment"), "instalments": _("Instalments"), "interest": _("Interest"),
    "interest_cents": _("Interest"), "is_capped": _("Held down by the cap"), "item": _("Item"), "label": _("Fact"),
    "lane_floor": _("Lightest lane allowed"), "learnt": _("Let through to learn from"), "level": _("Level"),
    "list_name": _("List"), "loan": _("Loan"), "loss_cents": _("Loss"), "match": _("Match"), "month_end": _("At a month's end"),
    "months": _("Months"), "number": _("Number"), "obtained": _("Obtained"), "pack": _("Rulebook"), "paid_on": _("Paid on"),
    "path": _("Way"), "payee": _("Paid to"), "period_days": _("Days a period"), "period_months": _("Months a period"),
    "policy_number": _("Policy number"), "premium_cents": _("Premium"), "price": _("Price"), "principal": _("Principal"),
    "principal_cents": _("Principal"), "quota_left_cents": _("Quota left"), "rank": _("Rank"), "ranked": _("Order of asking"),
    "reason": _("Reason"), "receipt": _("Receipt"), "reference": _("Reference"), "request": _("Request"),
    "reviewed_by": _("Reviewed by"), "rounding": _("Rounding"), "score_bps": _("Likeness"), "shown_cents": _("Shown"),
    "signed_at": _("Signed"), "total_cents": _("In all"), "total_interest_cents": _("Interest in all"), "tree": _("Strategy tree"),
    "unknown": _("Unknown"), "utc_offset_minutes": _("Local time, minutes from UTC"),
    "verified_monthly_sales_cents": _("Verified sales, a month"), "went": _("Went"), "when": _("Question"),
}  # fmt: skip
EVIDENCE = {
    "bureau": _("Credit bureau"), "registry": _("Business registry"), "court": _("Courts"), "tax": _("Tax bureau"),
    "bank_flow": _("Bank statements"), "device": _("Device and session"), "identity": _("Identity authority"),
    "insurance_policy": _("Insurance policy"), "mortgage": _("Mortgage"), "car_loan": _("Car loan"),
    "sba_form": _("SBA form"), "bank_statement": _("Bank statement, line by line"), "invoices": _("Invoices"),
    "utilities": _("Meters"), "contacts": _("Contacts"), "telecom": _("Telephone company"), "paper": _("Paper handed in"),
}  # fmt: skip
CONSENTS = {
    "privacy": _("Privacy notice"), "bureau": _("Credit bureau"), "automated_decision": _("Automated decision"),
    "third_party": _("Passing on to funders"), "tax": _("Tax bureau"), "contract": _("Contract"),
}  # fmt: skip
VALUES = {
    **result_words.VALUES, **evidence_words.VALUES,
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
    "funder": _("the funder's own limit"), "insurer": _("the insurer's own limit"),
    "willingness": _("Willingness"), "ability": _("Ability"), "loan_approval": _("loan approval"),
    "after_loan": _("after-loan check"), "objection": _("objection"), "opened": _("account opened"),
    "status": _("month's status"), "closed": _("account closed"), "correction": _("correction"),
    "made": _("not told yet"), "taken": _("taken by the bureau"), "refused": _("refused by the bureau"),
    "customers": _("customers counted"), "till": _("till of a day"),
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
    "share": _("share"), "days": _("days"), "seconds": _("seconds"), "milliseconds": _("milliseconds"),
    "metres": _("metres"), "points": _("points (units of the source)"), "units": _("units of the meter"),
    "weekday": _("day of the week"),
}  # fmt: skip
OVERRIDES = {
    "against_refer": _("Approved against a doubt"), "against_pass": _("Declined though nothing spoke against it"),
    "exception": _("Exception stated"), "amount_below": _("Less than the machine would lend"),
    "amount_above": _("More than the machine would lend"), "lane": _("Another lane"),
    "funder_alter": _("Altered by the funder"),
}  # fmt: skip
CONSEQUENCES = {
    "decline": _("declines"), "refer": _("refers to a person"), "lane_b": _("lane B at least"),
    "lane_c": _("lane C at least"), "none": _("nothing"),
}  # fmt: skip
KINDS: Mapping[str, Mapping[str, Any]] = {
    "paper": paper_words.PAPERS, "paper_status": paper_words.PAPER_STATUSES, "flow_sort": paper_words.FLOW_SORTS,
    "doubt": paper_words.DOUBTS, "consequence": CONSEQUENCES, "component": result_words.COMPONENTS, "override": OVERRIDES,
    "tie": TIES, "source": {**EVIDENCE, **SOURCES}, "polarity": POLARITIES, "label_type": LABEL_TYPES, "unit": UNITS,
    "picture": PICTURES, "": STATUSES, "outcome": OUTCOMES, "work": WORK_KINDS, "event": {**EVENTS, **paper_words.EVENTS}, "journal": JOURNALS, "method": METHODS,
    "lane": LANES, "card": CARDS, "evidence": EVIDENCE, "value": VALUES, "consent": CONSENTS, "account": ACCOUNTS, "odd": ODD_ROWS,
}  # fmt: skip
WAITS = {
    "consents_signed": _("the borrower's consent"), "details_submitted": _("the borrower's details"),
    "contract_signed": _("the borrower's signature"), "decision": _("the funder's decision"),
    "receipt": _("the bank's receipt"), "use_proof": _("proof of use"), "repayment": _("a repayment"),
    "loan_event": _("what becomes of the loan"), "timer": _("its time"), "retry": _("the next try"),
}  # fmt: skip
PARTIES = {
    "bank": _("Bank"),
    "insurer": _("Insurer"),
    "custodian": _("Custodian bank"),
    "messages": _("Messages"),
    "licensed_bureau": _("Licensed credit bureau"),
    "statements": _("Bank statement, line by line"),
}
SIMULATED = re.compile(r"sim-(\w+)-(\d+)")
REFUSALS = (
    *paper_words.REFUSALS,
    gettext_noop("There is no such piece of work."),
    gettext_noop("This checks your own work; it needs another pair of eyes."),
    gettext_noop("Say what should be done again, so that the next person knows."),
    gettext_noop("No earlier piece of work could be sent back."),
    gettext_noop("This application has ended already; there is nothing to withdraw."),
    gettext_noop("The money has gone out; the loan can be repaid early, but not withdrawn."),
    gettext_noop("This person was erased; the key is gone and nothing can be shown."),
)
"""What the records and the line refuse with, word for word, so that it is told in the reader's language."""


def spell_out(name: str) -> str:
    """What a fact is called; its technical name as words, where it has no other."""
    if name in FACT_NAMES:
        return str(FACT_NAMES[name])
    text = re.sub(r"_(cents|at|on|bps)$", "", name).replace("_", " ").strip()
    return text[:1].upper() + text[1:]
