"""Station 21 · 放款直付与对账: the funder's money goes straight to the borrower, and the ledger says so at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from creditfactory import loan, records
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context
from creditfactory.stations.outcomes import Ask, Done, Outcome, Stop
from creditfactory.stations.ring_review import check_ring
from creditfactory.stations.s18_offer import RankedOffer
from creditfactory.stations.s19_funder_decision import FunderDecision
from creditfactory.stations.said import read_codes


@dataclass(frozen=True, slots=True)
class Disbursement:
    """The receipt of the payment, and the loan it made."""

    loan: str
    funder: str
    principal_cents: int
    paid_on: date
    receipt: str


RESULT = Disbursement


def run(case: Case, context: Context) -> Outcome:
    """Order the payment once, book the loan and its journal in the same transaction as the move (FUN-04, FUN-05).

    Before the order goes out a last look is taken at who stands around.
    """
    contract = case.result("contract", loan.Contract)
    taken = case.result("funder_decision", FunderDecision)
    number = "L" + case.number[1:]
    key = key_order(case.number)
    answer = case.answers.get(key)
    if answer is None:
        ring = check_ring(case, context, kind="ring_recheck", result=None)
        if ring is not None:
            return ring
        return _order(case, context, contract, number, key)
    body = answer["body"]
    if answer["status"] != "answered" or body.get("verdict") != "paid":
        why = ", ".join(read_codes(answer)) or "failed"
        return Stop(how="declined", reasons=(Reason("DIS-FAILED", {"why": why}),))
    paid = Disbursement(
        loan=number,
        funder=taken.funder,
        principal_cents=int(body["amount_cents"]),
        paid_on=date.fromisoformat(str(body["paid_on"])),
        receipt=str(body["receipt"]),
    )
    return Done(result=paid, effect=lambda: _book(case, context, contract, paid), actor=taken.funder)


def key_order(number: str) -> str:
    """The key of a case's one payment order."""
    return f"{number}:disburse"


def _order(case: Case, context: Context, contract: loan.Contract, number: str, key: str) -> Ask:
    request = {
        "application": case.record.reference,
        "loan": number,
        "funder": contract.funder,
        "payee": case.dossier.applicant.token,
        "amount_cents": contract.terms.principal_cents,
        "currency": case.dossier.request.currency,
        "on": context.on.isoformat(),
        "asked_at": context.now.isoformat(),
        "instalments": [
            {"number": i.number, "due_on": i.due_on.isoformat(), "total_cents": i.total_cents}
            for i in contract.schedule.instalments
        ],
    }
    party = "recorded" if context.plan.lender == "recorded" else context.plan.custodian
    return Ask(party=party, kind="disburse", key=key, request=request)


def _book(case: Case, context: Context, contract: loan.Contract, paid: Disbursement) -> int:
    """Put the loan on the funder's book as it was really paid out: that day, that amount."""
    terms = replace(contract.terms, principal_cents=paid.principal_cents, disbursed_on=paid.paid_on, first_due_on=None)
    schedule = loan.build_schedule(terms)
    tenant_id, dossier = case.record.tenant_id, case.dossier
    book_id = records.find_or_open_book(tenant_id=tenant_id, code=paid.funder, name=paid.funder, kind="funder")
    weight = context.plan.assumptions.get("weight", 1.0)
    if context.plan.lender == "recorded":
        recorded = records.load_recorded_outcome(tenant_id=tenant_id, reference=dossier.reference)
        weight = 1.0 if recorded is None else recorded.weight
    records.book_loan(
        tenant_id=tenant_id,
        book_id=book_id,
        application_id=case.record.id,
        new=records.NewLoan(
            number=paid.loan,
            product=case.result("offer", RankedOffer).offer.product or "",
            city=dossier.business.city or "",
            industry=dossier.business.industry or "",
            channel=dossier.channel.company,
            lane=case.lane,
            currency=dossier.request.currency,
            principal_cents=paid.principal_cents,
            annual_rate=terms.annual_rate,
            method=terms.method,
            disbursed_on=paid.paid_on,
            instalments=[(i.number, i.due_on, i.principal_cents, i.interest_cents) for i in schedule.instalments],
            weight=float(weight),
        ),
    )
    journal = loan.post_disbursement(
        paid.loan, paid.funder, paid.principal_cents, paid.paid_on, currency=dossier.request.currency
    )
    records.post_journals(tenant_id=tenant_id, book_ids=[book_id], journals=[journal], at=context.now)
    return book_id
