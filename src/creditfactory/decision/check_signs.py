"""Signs in a check by people that no single question shows: knowledge, coaching, photos, rebuilt accounts, meters."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from statistics import median

from creditfactory.application import Dossier, UtilityBills, find_evidence
from creditfactory.decision.book import Book
from creditfactory.decision.call_questions import judge_answers, know_answers, share_wording
from creditfactory.decision.check_forms import PhoneCheckForm, SiteVisitForm
from creditfactory.decision.site_accounts import rebuild_accounts
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar
from creditfactory.labels import verify_cash_flow

EVIDENCE_NEEDED = ("is_licence_genuine", "is_address_found", "is_phone_in_service")
"""Findings of the online check that are worth nothing without where they were found."""
WEIGHTS = {"is_reading_out": 2, "is_prompted": 2, "has_voices_behind": 1, "long_pauses": 1, "same_wording": 2}
"""What each sign of coaching weighs; long pauses count from three on."""
PAUSES_MANY = 3
METERS = {"power_kwh_month": "electricity", "water_tons_month": "water"}


def last_instant(dossier: Dossier) -> datetime:
    """The last instant at which something was added to the dossier: all of its evidence is known by then."""
    return max([dossier.applied_at, *(e.obtained_at for e in dossier.evidence)])


def judge_knowledge(
    form: PhoneCheckForm, dossier: Dossier, book: Book, asked: tuple[str, ...],
    facts: dict[str, Scalar], fails: list[Reason], doubts: list[Reason],
) -> None:  # fmt: skip
    """Did whoever answered know what only the applicant knows; nothing is said where no question was drawn."""
    if not asked:
        if int(book.parameters.get("phone_questions", 0)):
            doubts.append(Reason("PHO-NO-QUESTIONS"))
        return
    judged = judge_answers(asked, form.answers, know_answers(dossier, last_instant(dossier)))
    if judged.right_bps is None:
        doubts.append(Reason("PHO-NO-QUESTIONS"))
        return
    told = {"right": len(judged.right), "asked": len(asked), "silent": len(judged.silent)}
    facts["knowledge_bps"], facts["questions_wrong"] = judged.right_bps, ", ".join(judged.wrong)
    if judged.right_bps < int(book.parameters.get("phone_right_share_bps_fail", 0)):
        fails.append(Reason("PHO-KNOWLEDGE-NONE", told))
    elif judged.right_bps < int(book.parameters.get("phone_right_share_bps_min", 0)):
        doubts.append(Reason("PHO-KNOWLEDGE", told))


def judge_coaching(
    form: PhoneCheckForm, book: Book, others: tuple[str, ...], facts: dict[str, Scalar], doubts: list[Reason]
) -> None:
    """Signs that somebody tells the applicant what to say, weighed together; each is told."""
    same = share_wording(form.purpose_said or "", others)
    signs = {
        "is_reading_out": bool(form.is_reading_out),
        "is_prompted": bool(form.is_prompted),
        "has_voices_behind": bool(form.has_voices_behind),
        "long_pauses": (form.long_pauses or 0) >= PAUSES_MANY,
        "same_wording": same >= int(book.parameters.get("same_wording_bps_min", BPS_WHOLE + 1)),
    }
    points = sum(WEIGHTS[name] for name, is_there in signs.items() if is_there)
    facts["coaching_points"], facts["same_wording_bps"] = points, same
    most = int(book.parameters.get("coaching_points_max", 1))
    if points > most:
        seen = ", ".join(name for name, is_there in signs.items() if is_there)
        doubts.append(Reason("PHO-COACHING-SIGNS", {"points": points, "signs": seen}))


def judge_photos(form: SiteVisitForm, book: Book, seen_before: frozenset[str], doubts: list[Reason]) -> None:
    """Photos taken there, during the visit, each once and never shown in another case; a visit takes its time."""
    marks = form.photo_marks
    if not marks and form.arrived_at is None:
        return
    far = [mark for mark in marks if mark.distance_m is None or mark.distance_m > _metres(book)]
    if far:
        doubts.append(Reason("VIS-PHOTO-PLACE", {"photos": len(far), "distance_m_max": _metres(book)}))
    if form.arrived_at is None or form.left_at is None:
        doubts.append(Reason("VIS-TIME-UNKNOWN"))
    else:
        arrived, left = form.arrived_at, form.left_at
        outside = [m for m in marks if m.taken_at is None or not arrived <= m.taken_at <= left]
        if outside:
            doubts.append(Reason("VIS-PHOTO-TIME", {"photos": len(outside)}))
        minutes, least = int((left - arrived).total_seconds() // 60), int(book.parameters.get("visit_minutes_min", 0))
        if minutes < least:
            doubts.append(Reason("VIS-SHORT", {"minutes": minutes, "minutes_min": least}))
    twice = sum(count - 1 for count in Counter(mark.digest for mark in marks).values())
    known = sum(mark.digest in seen_before for mark in marks)
    if twice or known:
        doubts.append(Reason("VIS-PHOTO-TWICE", {"twice": twice, "seen_before": known}))


def _metres(book: Book) -> int:
    return int(book.parameters.get("visit_distance_m_max", 300))


def judge_rebuilt(
    form: SiteVisitForm, dossier: Dossier, book: Book, facts: dict[str, Scalar], doubts: list[Reason]
) -> None:
    """The accounts rebuilt from counts against each other and against the statements; meters against their bills."""
    parameters = book.parameters
    if form.counts is not None:
        rebuilt = rebuild_accounts(
            form.counts, deviation_bps_max=int(parameters.get("equity_deviation_bps_max", 1_500))
        )
        facts["sales_rebuilt_cents"], facts["profit_rebuilt_cents"] = rebuilt.sales_cents, rebuilt.profit_cents
        facts["free_cash_cents"] = rebuilt.free_cents
        most = int(parameters.get("rebuilt_sales_spread_bps_max", BPS_WHOLE))
        if rebuilt.spread_bps is not None and rebuilt.spread_bps > most:
            doubts.append(Reason("VIS-COUNTS-APART", {"spread_bps": rebuilt.spread_bps, "spread_bps_max": most}))
        shown = verify_cash_flow(dossier, last_instant(dossier), parameters).verified_monthly_sales_cents
        if rebuilt.sales_cents is not None and shown and abs(rebuilt.sales_cents - shown) * BPS_WHOLE > shown * most:
            doubts.append(Reason("VIS-COUNTS-SALES", {"counted_cents": rebuilt.sales_cents, "shown_cents": shown}))
        if rebuilt.free_cents is not None and rebuilt.free_cents < 0:
            doubts.append(Reason("VIS-NO-FREE-CASH", {"free_cents": rebuilt.free_cents}))
    bills = find_evidence(dossier, UtilityBills, as_of=last_instant(dossier))
    for name, meter in METERS.items():
        read = getattr(form, name)
        if read is None or bills is None:
            continue
        billed = [q for q, kind in zip(bills.quantity, bills.meter, strict=False) if kind == meter]
        middle = int(median(billed)) if billed else 0
        most = int(parameters.get("meter_spread_bps_max", BPS_WHOLE))
        if middle and abs(read - middle) * BPS_WHOLE > middle * most:
            doubts.append(Reason("VIS-METER", {"meter": meter, "read": read, "billed": middle}))
    grades = [g for g in (form.character_grade, form.product_grade, form.backing_grade) if g is not None]
    if grades and min(grades) == 0:
        doubts.append(Reason("VIS-GOODS-LOW", {"lowest": min(grades)}))
