"""What people find out, online, by phone and on site, and what it means (VER-01 to VER-03, B.2, B.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from creditfactory.application import Dossier
from creditfactory.decision.book import Book
from creditfactory.kernel import BPS_WHOLE, Reason, Scalar
from creditfactory.labels import verify_cash_flow


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineCheckForm:
    """What the online officer saw; None means that it could not be found out."""

    is_licence_genuine: bool | None = None
    is_address_found: bool | None = None
    is_address_matching: bool | None = None
    is_trading_online: bool | None = None
    is_phone_in_service: bool | None = None
    is_phone_shared_with_others: bool | None = None
    are_pictures_reused: bool | None = None
    new_court_cases: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCheckForm:
    """What the applicant said on the recorded call, block by block; None means not asked or not answered."""

    was_reached: bool
    recording: str | None = None
    is_identity_answered: bool | None = None
    is_purpose_confirmed: bool | None = None
    purpose_said: str | None = None
    sales_monthly_said_cents: int | None = None
    employees_said: int | None = None
    debts_said_cents: int | None = None
    was_fee_taken_by_broker: bool | None = None
    was_form_filled_by_other: bool | None = None
    sounds_coached: bool | None = None
    is_consent_read_back: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVisitForm:
    """What the field investigator saw and rebuilt; the equity figures are those of the accounts made on site."""

    is_controller_present: bool | None = None
    is_operating: bool | None = None
    is_licence_original_seen: bool | None = None
    is_purpose_plausible: bool | None = None
    photos: int = 0
    distance_m: int | None = None
    sales_monthly_seen_cents: int | None = None
    profit_monthly_seen_cents: int | None = None
    initial_capital_cents: int | None = None
    profits_retained_cents: int | None = None
    withdrawals_cents: int | None = None
    revaluation_cents: int = 0
    assets_cents: int | None = None
    debts_shown_cents: int | None = None
    private_debts_found_cents: int = 0
    mutual_guarantors: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check by people came to: ok, doubt (the reviewer weighs it), or fail."""

    check: Literal["online_check", "phone_check", "site_visit"]
    verdict: Literal["ok", "doubt", "fail"]
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


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


def judge_phone_check(form: PhoneCheckForm, dossier: Dossier, book: Book) -> CheckResult:
    """Identity not answered or another's purpose fails; a story that does not match the papers is a doubt."""
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
    cash = verify_cash_flow(dossier, _known_at(dossier), book.parameters)
    spread = int(book.parameters.get("said_sales_spread_bps_max", 3_000))
    facts: dict[str, Scalar] = {"was_reached": True, "sales_monthly_said_cents": form.sales_monthly_said_cents}
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


def judge_site_visit(form: SiteVisitForm, dossier: Dossier, book: Book) -> CheckResult:
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
    if form.distance_m is None or form.distance_m > distance_max:
        doubts.append(Reason("VIS-PLACE", {"distance_m": form.distance_m, "distance_m_max": distance_max}))
    facts: dict[str, Scalar] = {"photos": form.photos, "sales_monthly_seen_cents": form.sales_monthly_seen_cents}
    _check_equity(form, book, facts, doubts)
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
    parts = (form.initial_capital_cents, form.profits_retained_cents, form.withdrawals_cents)
    if any(part is None for part in parts) or form.assets_cents is None or form.debts_shown_cents is None:
        doubts.append(Reason("VIS-EQUITY-UNKNOWN"))
        return
    capital, kept, taken = (part or 0 for part in parts)
    expected = capital + kept - taken + form.revaluation_cents
    actual = form.assets_cents - form.debts_shown_cents - form.private_debts_found_cents
    facts["equity_expected_cents"], facts["equity_actual_cents"] = expected, actual
    if expected <= 0:
        doubts.append(Reason("VIS-EQUITY-NEGATIVE", {"expected_cents": expected}))
        return
    deviation = (expected - actual) * BPS_WHOLE // expected
    facts["equity_deviation_bps"] = deviation
    most = int(book.parameters.get("equity_deviation_bps_max", 1_500))
    if abs(deviation) > most:
        code = "VIS-EQUITY-SHORT" if deviation > 0 else "VIS-EQUITY-OVER"
        doubts.append(Reason(code, {"expected_cents": expected, "actual_cents": actual, "deviation_bps": deviation}))


def _known_at(dossier: Dossier) -> datetime:
    """The last instant at which something was added to the dossier: all of its evidence is known by then."""
    return max([dossier.applied_at, *(e.obtained_at for e in dossier.evidence)])


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
