"""Stations 3 to 5: permissions, territory, completeness."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from creditfactory.application import (
    Applicant,
    Business,
    ChannelPath,
    Consent,
    Dossier,
    RegistryExtract,
    Request,
    add_evidence,
    check_completeness,
    check_consents,
    check_intake,
    find_city,
)

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
CITIES = {"chengdu": "成都", "wuhan": "武汉"}
PARAMETERS: dict[str, Any] = {
    "currency": "CNY",
    "territory_cities": CITIES,
    "amount_cents_min": 10_000_000,
    "amount_cents_max": 50_000_000,
    "term_months_max": 36,
    "roles_accepted": ("sole_trader", "legal_representative"),
}


def dossier(**request: Any) -> Dossier:
    return Dossier(
        pack="cn-micro",
        reference="A-1",
        applied_at=NOON,
        utc_offset_minutes=480,
        request=Request(**{"amount_cents": 20_000_000, "currency": "CNY", "term_months": 36, **request}),
        applicant=Applicant(token="t", city="Chengdu", role="sole_trader"),
        business=Business(city="成都市"),
        channel=ChannelPath(kind="direct", company="own"),
    )


def codes(reasons: Any) -> list[str]:
    return [reason.code for reason in reasons]


def test_a_permission_signed_late_at_night_utc_counts_on_the_applicants_own_day() -> None:
    signed = Consent(kind="bureau", signed_at=datetime(2026, 3, 1, 17, tzinfo=UTC))  # 1 am on 2 March in China
    checked = check_consents(replace(dossier(), consents=(signed,)), ("bureau",), 30, date(2026, 3, 2))
    assert checked.missing == checked.expired == checked.reasons == ()


def test_permissions_missing_expired_and_not_yet_signed_differ() -> None:
    held = replace(
        dossier(),
        consents=(
            Consent(kind="privacy", signed_at=NOON - timedelta(days=31)),
            Consent(kind="bureau", signed_at=NOON + timedelta(days=1)),
        ),
    )
    checked = check_consents(held, ("privacy", "bureau"), 30, date(2026, 3, 2))
    assert (checked.missing, checked.expired) == (("bureau",), ("privacy",))
    assert codes(checked.reasons) == ["CON-MISSING", "CON-EXPIRED"]


def test_the_latest_of_several_signatures_counts() -> None:
    twice = tuple(Consent(kind="bureau", signed_at=NOON - timedelta(days=d)) for d in (90, 2))
    assert check_consents(replace(dossier(), consents=twice), ("bureau",), 30, date(2026, 3, 2)).reasons == ()


def test_an_application_inside_territory_and_bounds_is_taken_in() -> None:
    """ACQ-02, DEC-01: either name of the city is accepted."""
    assert check_intake(dossier(), PARAMETERS).reasons == ()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (dossier(amount_cents=9_999_999), "INT-AMOUNT-LOW"),
        (dossier(amount_cents=50_000_001), "INT-AMOUNT-HIGH"),
        (dossier(term_months=37), "INT-TERM"),
        (dossier(term_months=0), "INT-TERM"),
        (dossier(currency="USD"), "INT-CURRENCY"),
        (replace(dossier(), business=Business(city="Paris")), "INT-TERRITORY"),
        (replace(dossier(), business=Business()), "INT-CITY-UNKNOWN"),
        (replace(dossier(), applicant=Applicant(token="t", city="wuhan", role="employee")), "INT-ROLE"),
        (replace(dossier(), applicant=Applicant(token="t", city="wuhan")), "INT-ROLE"),
    ],
)
def test_each_reason_to_refuse_intake(changed: Dossier, code: str) -> None:
    assert codes(check_intake(changed, PARAMETERS).reasons) == [code]


def test_bounds_are_inclusive() -> None:
    for amount in (10_000_000, 50_000_000):
        assert check_intake(dossier(amount_cents=amount), PARAMETERS).reasons == ()


def test_a_pack_without_territory_asks_for_none() -> None:
    assert check_intake(replace(dossier(), business=Business()), {}).reasons == ()
    states = {"territory_states": ("OR", "WA")}
    assert codes(check_intake(replace(dossier(), business=Business(state="or")), states).reasons) == []
    assert codes(check_intake(replace(dossier(), business=Business(state="TX")), states).reasons) == [
        "INT-TERRITORY-STATE"
    ]
    assert codes(check_intake(dossier(), states).reasons) == ["INT-STATE-UNKNOWN"]


def test_cities_by_any_of_their_names() -> None:
    assert [find_city(name, CITIES) for name in ("CHENGDU", " 成都 ", "武汉市", "", None)] == [
        "chengdu", "chengdu", "wuhan", None, None,
    ]  # fmt: skip
    assert find_city("Wuhan", ["wuhan"]) == "wuhan"


def test_gaps_and_doubts_are_named_by_field() -> None:
    extract = RegistryExtract(obtained_at=NOON, status="operating")
    held = add_evidence(dossier(), extract)
    needed = ("business.city", "business.industry", "evidence.registry", "evidence.bureau")
    checked = check_completeness(held, needed, {"business.city": 89, "request.term_months": 90})
    assert checked.gaps == ("business.industry", "evidence.bureau")
    assert checked.doubts == ("business.city",)
    assert codes(checked.reasons) == ["ENT-GAP", "ENT-GAP", "ENT-DOUBT"]
