"""Two accounts: what passed between factory and credit bureau, and how good the checks by people are."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from creditfactory import decision, stations
from creditfactory.consoles.page import Desk, page
from creditfactory.records import reads


@page("see_loans")
def show_bureau(request: HttpRequest) -> HttpResponse:
    """Paid questions by month and purpose, what was told the bureau, objections and their days."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    account = reads.read_bureau_account(desk.factory.id)
    facts = {
        "account": account,
        "paid": sum(month.paid for month in account.months),
        "reused": sum(month.reused for month in account.months),
        "cents": sum(month.price_cents for month in account.months),
        "now": desk.factory.now,
    }
    return render(request, "consoles/bureau.html", facts)


@dataclass(frozen=True, slots=True)
class QuestionAgreement:
    """One question two investigators answered, and how far they agree on it."""

    name: str
    agreement: decision.Agreement


@page("see_loans")
def show_check_quality(request: HttpRequest) -> HttpResponse:
    """Agreement between investigators on each question of a visit, and each investigator's own record."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    pairs = reads.list_visit_pairs(desk.factory.id)
    measured = [
        QuestionAgreement(
            name, decision.measure_agreement([(pair.first.get(name), pair.second.get(name)) for pair in pairs])
        )
        for name in stations.COMPARED
    ]
    facts = {
        "measured": measured, "pairs": pairs[:50], "pair_count": len(pairs),
        "people": reads.list_investigators(desk.factory.id),
    }  # fmt: skip
    return render(request, "consoles/check_quality.html", facts)
