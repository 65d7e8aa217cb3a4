"""What a check by people contradicts while it is being typed: the same judgement as later, on what is there so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from creditfactory import decision, gateways
from creditfactory.application import Dossier
from creditfactory.consoles import words
from creditfactory.consoles.work_forms import WorkForm
from creditfactory.kernel import BadInput
from creditfactory.records import reads

JUDGES: dict[str, tuple[type, Any]] = {
    "online_check": (decision.OnlineCheckForm, decision.judge_online_check),
    "phone_check": (decision.PhoneCheckForm, decision.judge_phone_check),
    "site_visit": (decision.SiteVisitForm, decision.judge_site_visit),
    "second_visit": (decision.SiteVisitForm, decision.judge_site_visit),
}
LATER = ("PHO-NO-QUESTIONS", "PHO-NO-RECORDING", "VIS-EQUITY-UNKNOWN", "VIS-TIME-UNKNOWN", "VIS-PHOTOS", "VIS-PLACE")
"""Reasons that only say what has not been typed yet."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The contradictions so far, and on a visit the accounts as the counts make them."""

    reasons: tuple[dict[str, Any], ...] = ()
    accounts: decision.SiteAccounts | None = None

    @property
    def ways(self) -> list[tuple[str, int]]:
        """The month's sales by each way that was counted."""
        return [] if self.accounts is None else list(self.accounts.ways.items())


def mark_answers(form: WorkForm, case: reads.CaseFile) -> Marks:
    """What the answers typed so far contradict; fields that cannot be read yet are left out, not complained of.

    The answers to drawn questions are not judged here: whoever makes the call must not learn which one was wrong.
    """
    known = JUDGES.get(form.kind)
    book = words.find_book_of(case.rulebook, case.row.pack, case.row.applied_on)
    if known is None or book is None:
        return Marks()
    form.is_valid()
    typed = form.read_result()
    shape, judge = known
    if shape is decision.PhoneCheckForm:
        typed = {"was_reached": True, **typed, "answers": {}}
    try:
        read: Any = gateways.load_plain(shape, typed)
        check = judge(read, gateways.load_plain(Dossier, dict(case.dossier)), book)
    except BadInput:
        return Marks()
    reasons = tuple(r for r in check.reasons if r.code not in LATER and not r.code.endswith("-UNKNOWN"))
    counts = getattr(read, "counts", None)
    most = int(book.parameters.get("equity_deviation_bps_max", 1_500))
    accounts = None if counts is None else decision.rebuild_accounts(counts, deviation_bps_max=most)
    return Marks(tuple({"code": r.code, "facts": dict(r.facts)} for r in reasons), accounts)
