"""The contract on the borrower's page: every cost before signing, and the signature by the applicant's own name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from creditfactory import stations
from creditfactory.consoles.apply import telling
from creditfactory.consoles.apply.returning import of_own_device
from creditfactory.consoles.apply.visits import Visit, guard, open_visit

ITEMS = {
    "principal": gettext_lazy("The money you receive"), "interest": gettext_lazy("Interest"),
    "insurance_premium": gettext_lazy("Insurance premium"),
    "penalty_interest": gettext_lazy("Penalty interest, only on what is overdue"),
}  # fmt: skip


def tell_contract(visit: Visit) -> dict[str, Any] | None:
    """The contract that waits for the borrower, laid out; None where none waits."""
    assert visit.session.application_id is not None, "only what was handed in has a contract"
    contract = stations.draft_waiting_contract(visit.session.application_id)
    if contract is None:
        return None
    terms, first = contract.terms, contract.schedule.instalments[0]
    return {
        "terms": stations.name_terms(contract), "funder": contract.funder, "instalments": terms.instalments,
        "amount": _yuan(terms.principal_cents), "first_cents": _yuan(first.total_cents), "first_on": first.due_on,
        "whole": _yuan(sum(one.total_cents for one in contract.schedule.instalments)),
        "rates": [telling.tell_rate(rate) for rate in (contract.annual_rate_nominal, contract.annual_rate_effective)
                  if rate is not None],
        "rows": [
            {"item": ITEMS.get(row.item, row.item.replace("_", " ")), "payee": row.payee,
             "amount": "" if row.contingent else _yuan(row.amount_cents),
             "rate": "" if row.annualised is None else telling.tell_rate(row.annualised)}
            for row in contract.cost_table
        ],
    }  # fmt: skip


def _yuan(cents: int) -> str:
    return f"¥ {cents / 100:,.2f}" if cents % 100 else f"¥ {cents // 100:,}"


def show_standing(request: HttpRequest, visit: Visit, note: str = "", status: int = 200) -> HttpResponse:
    """Where the application stands, with the contract where one waits for the borrower's signature."""
    facts = {"link": visit.link, "contract": tell_contract(visit), "note": note, **telling.tell_status(visit)}
    return guard(render(request, "consoles/apply/status.html", facts, status=status))


@require_POST
@of_own_device
def sign(request: HttpRequest, link: str) -> HttpResponse:
    """Take the signature; what does not fit is said beside the contract, which stays as it was."""
    visit = open_visit(link)
    there = reverse("apply_status", args=(link,))
    if visit.session.application_id is None:
        return guard(HttpResponseRedirect(there))
    found = stations.sign_contract(
        visit.session.application_id, name=request.POST.get("name", "")[:200],
        has_read_costs=request.POST.get("costs") == "yes", terms=request.POST.get("terms", "")[:64],
    )  # fmt: skip
    notes = {
        "other_terms": _("The terms have changed since they were shown. Please read them again before you sign."),
        "costs_unread": _("Please confirm that you have read the table of costs."),
        "another_name": _("This is not the name on the application. Only the applicant can sign."),
    }
    if found in notes:
        return show_standing(request, visit, note=notes[found], status=422)
    return guard(HttpResponseRedirect(there))
