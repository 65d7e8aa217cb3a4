"""The simulated market: the same seed gives the same world; names and numbers are valid in form; truth shows."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from stdnum.cn import ric

from creditfactory.application import Dossier, Evidence, TaxRecord
from creditfactory.kernel import BadInput, add_months
from creditfactory.world.answers import decide_as_bank, plan_repayments
from creditfactory.world.applications import draw_instant, make_application, make_dossier, make_past_applicant
from creditfactory.world.chance import Chance
from creditfactory.world.market import MARKETS, load_market
from creditfactory.world.names import check_sign
from creditfactory.world.population import find_person, make_person
from creditfactory.world.sources import SOURCES, evidence_for

MARKET = load_market()
AT = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
PEOPLE = [make_person(MARKET, 7, index) for index in range(1_500)]
TERRITORY = {
    *("北京", "上海", "深圳", "广州", "东莞", "重庆", "天津", "武汉", "长沙", "南昌", "珠海"),
    *("南京", "苏州", "中山", "佛山", "厦门", "成都", "宜昌", "惠州", "郑州", "杭州"),
}


def test_the_market_has_the_21_cities_and_more_than_30_funders() -> None:
    """FAC-04, FUN-01."""
    assert {city.name for city in MARKET.cities} == TERRITORY
    assert len(MARKET.cities) == 21
    assert len(MARKET.funders) > 30
    assert len({funder.code for funder in MARKET.funders}) == len(MARKET.funders)
    served = {city for funder in MARKET.funders for city in funder.cities}
    assert served <= {city.code for city in MARKET.cities}


@pytest.mark.parametrize("shares", [MARKET.people.kinds, MARKET.people.terms, MARKET.people.purposes])
def test_shares_add_up_to_one(shares: dict[object, float]) -> None:
    assert sum(shares.values()) == pytest.approx(1.0)


def test_every_id_number_is_valid_in_form_and_tells_the_birthday() -> None:
    for person in PEOPLE:
        assert ric.is_valid(person.id_number), person.id_number
        assert ric.get_birth_date(person.id_number) == person.born_on
        assert (int(person.id_number[16]) % 2 == 0) == person.is_female
    assert check_sign("11010519491231002") == "X"


def test_the_same_number_is_the_same_person_whoever_was_asked_for_before() -> None:
    read_anew = load_market()
    backwards = [make_person(read_anew, 7, index) for index in range(199, -1, -1)]
    assert backwards[::-1] == PEOPLE[:200]
    assert make_person(MARKET, 8, 12) != make_person(MARKET, 7, 12)
    assert make_application(MARKET, 7, 12) == make_application(MARKET, 7, 12)


def read_dossier(submission: dict[str, Any]) -> Dossier:
    """The submission as the factory reads it."""
    body = {name: value for name, value in submission.items() if name != "person"}
    body["applicant"] = {**body["applicant"], "token": "t"}
    dossier: Dossier = TypeAdapter(Dossier).validate_json(json.dumps(body), strict=True)
    return dossier


def test_every_submission_is_a_whole_dossier() -> None:
    for index in range(300):
        submission = make_application(MARKET, 7, index, at=AT)
        dossier = read_dossier(submission)
        assert dossier.reference == f"W7-{index:06d}"
        assert dossier.applied_at == AT
        assert dossier.evidence
        assert set(submission["person"]) == {"name", "id_number", "phone"}
        assert "is_female" not in json.dumps(submission), "protected facts are not handed in"


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_answers_in_the_dossiers_own_evidence(source: str) -> None:
    adapter: TypeAdapter[Evidence] = TypeAdapter(Evidence)
    for index in range(100):
        found = evidence_for(MARKET, 7, f"W7-{index:06d}", source, asked_at=AT)
        assert adapter.validate_json(json.dumps(found), strict=True).obtained_at == AT
        assert found == evidence_for(MARKET, 99, f"W7-{index:06d}", source, asked_at=AT), "at home in its own world"


def test_better_people_default_less() -> None:
    ranked = sorted((p.truth for p in PEOPLE if p.truth.kind == "honest"), key=lambda truth: truth.quality)
    third = len(ranked) // 3
    worst, best = ranked[:third], ranked[-third:]
    assert sum(t.default_month is not None for t in best) < sum(t.default_month is not None for t in worst) / 2
    packaged = [p.truth for p in PEOPLE if p.truth.kind == "packaged"]
    assert statistics.mean(t.default_probability for t in packaged) > 0.5


def test_packaged_statements_look_too_good_and_betray_themselves() -> None:
    for person in [p for p in PEOPLE if p.truth.kind == "packaged"][:40]:
        flow = evidence_for(MARKET, 7, person.reference, "bank_flow", asked_at=AT)
        assert statistics.mean(flow["monthly_inflow_cents"]) > 1.4 * person.truth.sales_cents
        assert flow["round_trip_share_bps"] >= 2_000


def test_robots_type_like_robots_and_share_devices() -> None:
    robots = [p for p in PEOPLE if p.truth.kind == "robot"]
    devices = Counter(make_application(MARKET, 7, p.index, at=AT)["evidence"][0]["device"] for p in robots)
    assert len(robots) > 2 * len(devices)
    for person in robots[:20]:
        assert make_application(MARKET, 7, person.index, at=AT)["evidence"][0]["form_seconds"] < 30


def test_most_apply_by_day_and_a_few_between_two_and_five_at_night() -> None:
    hours = [(draw_instant(MARKET, 7, index) + timedelta(hours=8)).hour for index in range(1_000)]
    night = sum(2 <= hour < 5 for hour in hours)
    assert 10 <= night <= 60
    assert all(hour >= 9 or 2 <= hour < 5 for hour in hours)


def test_a_stranger_has_one_honest_life() -> None:
    stranger = find_person(MARKET, 7, "typed-by-hand")
    assert stranger.truth.kind == "honest"
    assert stranger == find_person(MARKET, 7, "typed-by-hand")
    assert stranger != find_person(MARKET, 7, "typed-by-hand-2")


def build_plan(months: int = 36) -> list[dict[str, object]]:
    start = date(2026, 12, 5)
    return [
        {"number": number, "due_on": add_months(start, number - 1).isoformat(), "total_cents": 903_810}
        for number in range(1, months + 1)
    ]


def test_who_does_not_default_pays_every_cent_and_who_does_stops_at_the_month_of_truth() -> None:
    seen = Counter[bool]()
    for person in PEOPLE[:300]:
        paid = plan_repayments(MARKET, 7, person.reference, build_plan())
        month = person.truth.default_month
        seen[month is None] += 1
        if month is None:
            assert sum(payment.amount_cents for payment in paid) == 36 * 903_810
        else:
            in_full = [p.number for p in paid if p.number is not None and p.amount_cents == 903_810]
            assert sorted(in_full) == list(range(1, month))
            assert sum(payment.amount_cents for payment in paid) < 36 * 903_810
        assert all(payment.amount_cents > 0 for payment in paid)
        assert list(paid) == sorted(paid, key=lambda payment: (payment.on, payment.number or 0))
    assert min(seen[True], seen[False]) > 10


def test_a_banks_decision_hangs_on_the_application_not_on_the_order() -> None:
    """FUN-02: thirty-two banks, thirty-two opinions, each the same however often asked."""
    request = {
        "application": "W7-000004", "asked_at": AT.isoformat(), "amount_cents": 20_000_000, "term_months": 24,
        "annual_rate": "0.198", "points": 640, "probability": 0.04, "industry": "5212", "city": "shenzhen",
        "facts": {"age_years": 40, "business_months": 60},
    }  # fmt: skip
    asked = [{**request, "funder": funder.code} for funder in MARKET.funders]
    once = [decide_as_bank(MARKET, 7, question) for question in asked]
    again = [decide_as_bank(MARKET, 7, question) for question in reversed(asked)]
    assert once == again[::-1]
    verdicts = Counter(answer["verdict"] for answer in once)
    assert verdicts["decline"]
    assert verdicts["approve"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("weight: 12,", "weight: heavy,", "cities.0.weight"),
        ("share_outside: 0.02", "share_inside: 0.02", "share_outside"),
        ("anchor: 2026-11-01 ", "anchor: soon ", "anchor"),
    ],
)
def test_a_faulty_market_names_the_file_and_the_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    text = (MARKETS / "cn-micro.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "odd.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadInput, match=rf"odd.yaml: {place}"):
        load_market(tmp_path / "odd.yaml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("card_use: 0.30", "card_use: 0.60"),
        ("insurance_policy: 0.27", "insurance_policy: 0.90"),
        ("hidden_low: 0.25, hidden_high: 0.70", "hidden_low: 0.05, hidden_high: 0.10"),
        ("round_trip: 0.40", "round_trip: 0.10"),
        ("mortgage_of_owners: 0.55", "mortgage_of_owners: 0.05"),
        ("default_intercept: -3.05", "default_intercept: -1.05"),
        ("declares: {low: 0.95, high: 1.08}", "declares: {low: 1.5, high: 1.9}"),
        ("passes_liveness: 0.25", "passes_liveness: 0.95"),
        ("trap_filled: 0.6", "trap_filled: 0.0"),
    ],
)
def test_another_tactic_or_rate_makes_another_market(tmp_path: Path, old: str, new: str) -> None:
    text = (MARKETS / "cn-micro.yaml").read_text("utf-8").replace("level: whole", "level: summary")
    assert text.count(old) == 1
    (tmp_path / "same.yaml").write_text(text, "utf-8")
    (tmp_path / "other.yaml").write_text(text.replace(old, new), "utf-8")
    markets = (load_market(tmp_path / name) for name in ("same.yaml", "other.yaml"))
    here, there = ([(make_person(m, 7, i), make_dossier(m, 7, i)) for i in range(120)] for m in markets)
    assert here != there


def test_an_unknown_market_is_named_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="cn-micro"):
        load_market("atlantis")


def test_chance_is_fair_enough_and_repeatable() -> None:
    counts = [Chance(7, f"count:{number}").count(2.0) for number in range(2_000)]
    assert statistics.mean(counts) == pytest.approx(2.0, abs=0.15)
    drawn = Counter(Chance(7, f"kind:{number}").weighted({"a": 1.0, "b": 3.0}) for number in range(2_000))
    assert drawn["b"] / 2_000 == pytest.approx(0.75, abs=0.04)


def test_some_firms_have_no_tax_record_and_that_is_said() -> None:
    found = [evidence_for(MARKET, 7, f"W7-{index:06d}", "tax", asked_at=AT) for index in range(60)]
    records = [TypeAdapter(TaxRecord).validate_json(json.dumps(row)) for row in found]
    assert {record.grade == "none" for record in records} == {True, False}
    assert all(record.grade is not None for record in records)


def test_a_market_may_say_only_what_differs_from_another(tmp_path: Path) -> None:
    """POL-01: the night market is that of every day, with more who come at night and what that says of them."""
    day, night = load_market(), load_market("night")
    assert night.people.night > 5 * day.people.night and night.people.night_risk > 0 == day.people.night_risk
    assert (night.cities, night.channels, night.funders) == (day.cities, day.channels, day.funders)
    (tmp_path / "odd.yaml").write_text("extends: nowhere\nmarket: odd\n", "utf-8")
    with pytest.raises(BadInput, match=r"odd.yaml: extends: found 'nowhere', expected one of cn-micro"):
        load_market(tmp_path / "odd.yaml")


def test_by_night_fewer_pay_back_and_a_degree_tells_more() -> None:
    """POL-01, POL-02: the truth behind the night rule, as the market file sets it."""
    market = load_market("night")
    people = [make_past_applicant(market, 3, index) for index in range(1500)]

    def bad_share(wanted: Callable[[dict[str, Any]], bool]) -> float:
        found = [one["outcome"]["bad"] for one in people if wanted(one["dossier"])]
        return sum(found) / len(found)

    def at_night(dossier: dict[str, Any]) -> bool:
        return 2 <= (datetime.fromisoformat(dossier["applied_at"]) + timedelta(hours=8)).hour < 5

    def has_degree(dossier: dict[str, Any]) -> bool:
        return dossier["applicant"]["education"] in ("bachelor", "postgraduate")

    assert bad_share(at_night) > 1.3 * bad_share(lambda one: not at_night(one))
    assert bad_share(lambda one: at_night(one) and has_degree(one)) < 0.8 * bad_share(at_night)
    assert all((one["outcome"]["lost_share_bps"] > 0) == one["outcome"]["bad"] for one in people)
    assert "is_female" not in json.dumps(people[0]["dossier"]), "what is protected stays out of the dossier"
