"""What people find out, online, by phone and on site, and what it means (VER-01 to VER-03, B.2, B.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from creditfactory.application import Dossier
from creditfactory.decision.book import Book
from creditfactory.decision.check_forms import CheckResult, OnlineCheckForm, PhoneCheckForm, SiteVisitForm
from creditfactory.decision.check_signs import (
    EVIDENCE_NEEDED,
    judge_coaching,
    judge_knowledge,
    judge_photos,
    judge_rebuilt,
    last_instant,
)
from creditfactory.decision.site_accounts import rebuild_accounts
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar
from creditfactory.labels import EquityLines, check_equity, verify_cash_flow


def judge_online_check(form: OnlineCheckForm, dossier: Dossier, book: Book) -> CheckResult:
    """A false licence fails; whatever could not be found, or does not fit, is a doubt."""
    fails: list[Reason] = []
    doubts: list[Reason] = []
    _ask(form.is_licence_genuine, "ONL-LICENCE", fails, doubts)
    _ask(form.is_address_found, "ONL-ADDRESS", doubts, doubts)
    _ask(form.is_address_matching, "ONL-ADDRESS-OTHER", doubts, doubts)
    _ask(form.is_phone_in_service, "ONL-PHONE", doubts, doubts)
    _ask(_turned(form.is_phone_shared_with_others), "ONL-PHONE-SHARED", doubts, doubts)
    _ask(_turned(form.are_pictures_reused), "ONL-PICTURES", fails, doubts)
    if book.parameters.get("online_checklist_long"):
        _ask(form.is_street_view_matching, "ONL-STREET", doubts, doubts)
        _ask(_turned(form.is_employer_phone_reused), "ONL-EMPLOYER-PHONE", doubts, doubts)
        bare = [name for name in EVIDENCE_NEEDED if getattr(form, name) is not None and not form.evidence.get(name)]
        doubts += [Reason("ONL-NO-EVIDENCE", {"question": name}) for name in bare]
    if form.new_court_cases is None:
        doubts.append(Reason("ONL-UNKNOWN", {"question": "new_court_cases"}))
    elif form.new_court_cases > int(book.parameters.get("online_court_cases_max", 0)):
        doubts.append(Reason("ONL-COURT", {"new_court_cases": form.new_court_cases}))
    facts: dict[str, Scalar] = {
        "is_licence_genuine": form.is_licence_genuine,
        "is_address_found": form.is_address_found,
        "is_trading_online": form.is_trading_online,
    }
    return _conclude("online_check", facts, fails, doubts)


def judge_phone_check(
    form: PhoneCheckForm, dossier: Dossier, book: Book, *, asked: tuple[str, ...] = (), others: tuple[str, ...] = ()
) -> CheckResult:
    """Identity not answered or another's purpose fails; a story that does not match the papers is a doubt.

    ``asked`` are the drawn questions: too few right answers fail, some wrong ones are a doubt. ``others`` is what
    other callers said of their purpose: the same wording is a sign of coaching, as are pauses, reading out, prompting
    and voices behind.
    """
    if not form.was_reached:
        return _conclude("phone_check", {"was_reached": False}, [], [Reason("PHO-NOT-REACHED")])
    fails: list[Reason] = []
    doubts: list[Reason] = []
    _ask(form.is_identity_answered, "PHO-IDENTITY", fails, doubts)
    _ask(form.is_purpose_confirmed, "PHO-PURPOSE", fails, doubts)
    _ask(form.is_consent_read_back, "PHO-CONSENT", doubts, doubts)
    _ask(_turned(form.was_fee_taken_by_broker), "PHO-BROKER-FEE", doubts, doubts)
    _ask(_turned(form.was_form_filled_by_other), "PHO-FILLED-BY-OTHER", doubts, doubts)
    _ask(_turned(form.sounds_coached), "PHO-COACHED", doubts, doubts)
    if form.recording is None:
        doubts.append(Reason("PHO-NO-RECORDING"))
    cash = verify_cash_flow(dossier, last_instant(dossier), book.parameters)
    spread = int(book.parameters.get("said_sales_spread_bps_max", 3_000))
    facts: dict[str, Scalar] = {"was_reached": True, "sales_monthly_said_cents": form.sales_monthly_said_cents}
    judge_knowledge(form, dossier, book, asked, facts, fails, doubts)
    judge_coaching(form, book, others, facts, doubts)
    said, shown = form.sales_monthly_said_cents, cash.verified_monthly_sales_cents
    if said is not None and shown:
        facts["said_to_shown_bps"] = ratio = said * BPS_WHOLE // shown
        if abs(ratio - BPS_WHOLE) > spread:
            doubts.append(Reason("PHO-SALES", {"said_cents": said, "shown_cents": shown}))
    else:
        doubts.append(Reason("PHO-UNKNOWN", {"question": "sales_monthly_said_cents"}))
    stated = dossier.business.employees
    if (
        form.employees_said is not None
        and stated is not None
        and abs(form.employees_said - stated) > max(2, stated // 2)
    ):
        doubts.append(Reason("PHO-EMPLOYEES", {"said": form.employees_said, "stated": stated}))
    return _conclude("phone_check", facts, fails, doubts)


def judge_site_visit(
    form: SiteVisitForm, dossier: Dossier, book: Book, *, seen_before: frozenset[str] = frozenset()
) -> CheckResult:
    """Is the firm really run, by this person; does its equity add up; are there debts that the papers do not show.

    The equity check (权益检验): initial capital + profits kept − withdrawals + revaluation is what the owner should
    have; assets − debts is what the owner has. Much less means hidden debts or losses, much more means inflated sales.
    """
    fails: list[Reason] = []
    doubts: list[Reason] = []
    parameters = book.parameters
    _ask(form.is_operating, "VIS-NOT-OPERATING", fails, doubts)
    _ask(form.is_controller_present, "VIS-CONTROLLER", fails, doubts)
    _ask(form.is_licence_original_seen, "VIS-LICENCE", doubts, doubts)
    _ask(form.is_purpose_plausible, "VIS-PURPOSE", fails, doubts)
    photos_min, distance_max = (
        int(parameters.get("visit_photos_min", 4)),
        int(parameters.get("visit_distance_m_max", 300)),
    )
    if form.photos < photos_min:
        doubts.append(Reason("VIS-PHOTOS", {"photos": form.photos, "photos_min": photos_min}))
    judge_photos(form, book, seen_before, doubts)
    if form.distance_m is None or form.distance_m > distance_max:
        doubts.append(Reason("VIS-PLACE", {"distance_m": form.distance_m, "distance_m_max": distance_max}))
    facts: dict[str, Scalar] = {"photos": form.photos, "sales_monthly_seen_cents": form.sales_monthly_seen_cents}
    _check_equity(form, book, facts, doubts)
    judge_rebuilt(form, dossier, book, facts, doubts)
    if form.private_debts_found_cents > 0:
        facts["private_debts_found_cents"] = form.private_debts_found_cents
        share = int(parameters.get("hidden_debt_share_bps_max", 3_000))
        grave = form.private_debts_found_cents * BPS_WHOLE > dossier.request.amount_cents * share
        (fails if grave else doubts).append(Reason("VIS-DEBTS", {"debts_cents": form.private_debts_found_cents}))
    most = int(parameters.get("mutual_guarantors_max", 2))
    if form.mutual_guarantors > most:
        doubts.append(Reason("VIS-GUARANTEES", {"mutual_guarantors": form.mutual_guarantors}))
    return _conclude("site_visit", facts, fails, doubts)


def _check_equity(form: SiteVisitForm, book: Book, facts: dict[str, Scalar], doubts: list[Reason]) -> None:
    most = int(book.parameters.get("equity_deviation_bps_max", 1_500))
    found = check_equity(
        EquityLines(
            capital_cents=form.initial_capital_cents, profits_cents=form.profits_retained_cents,
            withdrawn_cents=form.withdrawals_cents, revaluation_cents=form.revaluation_cents,
            assets_cents=form.assets_cents, debts_shown_cents=form.debts_shown_cents,
            debts_found_cents=form.private_debts_found_cents,
        ),
        deviation_bps_max=most,
    )  # fmt: skip
    if found.verdict == "unknown" and form.counts is not None:
        found = rebuild_accounts(form.counts, deviation_bps_max=most).equity or found
    if found.verdict == "unknown":
        doubts.append(Reason("VIS-EQUITY-UNKNOWN"))
        return
    facts["equity_expected_cents"], facts["equity_actual_cents"] = found.expected_cents, found.actual_cents
    if found.verdict == "negative":
        doubts.append(Reason("VIS-EQUITY-NEGATIVE", {"expected_cents": found.expected_cents}))
        return
    facts["equity_deviation_bps"], facts["equity_missing_cents"] = found.deviation_bps, found.missing_cents
    if found.verdict != "fits":
        told = {
            "expected_cents": found.expected_cents, "actual_cents": found.actual_cents,
            "deviation_bps": found.deviation_bps,
        }  # fmt: skip
        doubts.append(Reason("VIS-EQUITY-SHORT" if found.verdict == "short" else "VIS-EQUITY-OVER", told))


def _ask(answer: bool | None, code: str, no: list[Reason], unknown: list[Reason]) -> None:
    """A yes passes; a no goes where the question says; no answer is a doubt that names the question."""
    if answer is None:
        unknown.append(Reason(f"{code[:3]}-UNKNOWN", {"question": code}))
    elif not answer:
        no.append(Reason(code))


def _turned(answer: bool | None) -> bool | None:
    """For questions where yes is the bad answer."""
    return None if answer is None else not answer


def _conclude(
    check: Literal["online_check", "phone_check", "site_visit"],
    facts: Mapping[str, Scalar],
    fails: list[Reason],
    doubts: list[Reason],
) -> CheckResult:
    verdict: Literal["ok", "doubt", "fail"] = "fail" if fails else "doubt" if doubts else "ok"
    return CheckResult(check=check, verdict=verdict, facts=facts, reasons=(*fails, *doubts))
