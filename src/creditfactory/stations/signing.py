"""The borrower signs: the contract as it would be concluded now, shown whole, and signed by its own person once."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Literal

from creditfactory import gateways, loan, records
from creditfactory.stations import s20_contract
from creditfactory.stations.case import open_case
from creditfactory.stations.s18_offer import RankedOffer
from creditfactory.stations.s19_funder_decision import FunderDecision
from creditfactory.stations.segment import read_context

WAITS_FOR = "contract_signed"
Signature = Literal["signed", "nothing_waits", "other_terms", "costs_unread", "another_name"]
"""What came of signing."""


def draft_waiting_contract(application_id: int) -> loan.Contract | None:
    """The contract that waits for its borrower, as it would be signed today; None where none waits."""
    record = records.load_case(application_id)
    if record is None or (record.status, record.station, record.waits_for) != ("waiting", "contract", WAITS_FOR):
        return None
    case = open_case(record)
    taken, ranked = case.result("funder_decision", FunderDecision), case.result("offer", RankedOffer)
    contract = s20_contract.draft(taken, ranked.offer, read_context(case, records.read_clock(record.tenant_id)))
    return None if contract.reasons else contract


def name_terms(contract: loan.Contract) -> str:
    """What stands for the terms and costs that were shown: other terms have another."""
    return hashlib.sha256(gateways.dump_value(contract).encode()).hexdigest()[:24]


def sign_contract(application_id: int, *, name: str, has_read_costs: bool, terms: str) -> Signature:
    """Take the borrower's signature under the terms that were shown; told twice, it is one signature.

    Not taken where no contract waits, where the terms are no longer those that were shown, where the costs were not
    confirmed, or where the name is not the applicant's.
    """
    contract = draft_waiting_contract(application_id)
    if contract is None:
        return "nothing_waits"
    if name_terms(contract) != terms:
        return "other_terms"
    if not has_read_costs:
        return "costs_unread"
    record = records.load_case(application_id)
    assert record is not None, "its contract has just been drafted"
    known = records.open_person(record.person_token).get("name", "")
    if not known or _tidy(known) != _tidy(name):
        return "another_name"
    records.receive_call_back(
        application_id=application_id, source="borrower", kind=WAITS_FOR, key=f"{application_id}:own-signature",
        body=json.dumps({"confirmed_cost_table": True, "terms": terms, "door": "apply"}),
        at=records.read_clock(record.tenant_id).now,
    )  # fmt: skip
    return "signed"


def _tidy(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
