"""The labels of a US SBA loan application: what the lender's form said before approval, and nothing later."""

from __future__ import annotations

from datetime import datetime

from creditfactory.application import Dossier, SbaForm, find_evidence
from creditfactory.kernel import Scalar

_JOINED_SECTORS = {"32": "31", "33": "31", "45": "44", "49": "48"}
_FORM_LABELS = (
    "sba_guaranteed_cents", "sba_guaranteed_share", "sba_lender_state", "sba_lender_is_local", "sba_jobs_created",
    "sba_jobs_retained", "sba_is_new_business", "sba_is_franchise", "sba_setting", "sba_is_revolving",
    "sba_is_low_document",
)  # fmt: skip


def label_sba(dossier: Dossier, as_of: datetime, found: dict[str, Scalar], why: dict[str, str]) -> None:
    """Fill in the labels of pack ``us-sba``."""
    amount, business = dossier.request.amount_cents, dossier.business
    found["sba_amount_cents"] = amount
    found["sba_state"] = state = _tidy(business.state)
    naics = _read_naics(business.industry)
    found["sba_naics"] = naics
    found["sba_naics_sector"] = None if naics is None else _JOINED_SECTORS.get(naics[:2], naics[:2])
    found["sba_subsector"] = None if naics is None else naics[:3]
    employees = business.employees
    found["sba_employees"] = employees
    if employees is not None and employees >= 0:
        found["sba_amount_per_employee_cents"] = amount // max(employees, 1)
    else:
        why["sba_amount_per_employee_cents"] = "not_comparable"
    form = find_evidence(dossier, SbaForm, as_of=as_of)
    if form is None:
        why.update(dict.fromkeys(_FORM_LABELS, "no_sba_form"))
    else:
        lender_state = _tidy(form.lender_state)
        found["sba_guaranteed_cents"] = form.guaranteed_cents
        found["sba_guaranteed_share"] = round(form.guaranteed_cents / amount, 4) if amount > 0 else None
        found["sba_lender_state"] = lender_state
        found["sba_lender_is_local"] = None if state is None or lender_state is None else state == lender_state
        found["sba_jobs_created"], found["sba_jobs_retained"] = form.jobs_created, form.jobs_retained
        found["sba_is_new_business"], found["sba_is_franchise"] = form.is_new_business, form.is_franchise
        found["sba_setting"], found["sba_is_revolving"] = form.setting, form.is_revolving
        found["sba_is_low_document"] = form.is_low_document


def _tidy(state: str | None) -> str | None:
    return state.strip().upper() or None if state is not None else None


def _read_naics(industry: str | None) -> str | None:
    """A NAICS code of two to six digits; zeros mean that none was given."""
    code = (industry or "").strip()
    return code if code.isascii() and code.isdigit() and 2 <= len(code) <= 6 and code.strip("0") else None
