"""The simulated staff hand in the forms that the decision room judges, and mostly see the truth (VER-01 to VER-04)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from creditfactory import decision, gateways, stations
from creditfactory.world.applications import make_dossier
from creditfactory.world.market import load_market
from creditfactory.world.population import Person, make_person
from creditfactory.world.staff import SKILLS, do_work, draw_work_minutes

MARKET = load_market()
PEOPLE = [make_person(MARKET, 7, index) for index in range(1_200)]
FORMS = {
    "online_check": (decision.OnlineCheckForm, decision.judge_online_check),
    "phone_check": (decision.PhoneCheckForm, decision.judge_phone_check),
    "site_visit": (decision.SiteVisitForm, decision.judge_site_visit),
}


def choose(kind: str, count: int = 40) -> list[Person]:
    """Some people of a kind whose request is not forbidden by itself."""
    fitting = [p for p in PEOPLE if p.truth.kind == kind and p.purpose not in ("securities", "property")]
    return fitting[:count]


def judge(kind: str, person: Person) -> decision.CheckResult:
    """The check as the line makes it, from the form that the staff hand in."""
    form, judge_form = FORMS[kind]
    dossier = gateways.read_dossier(make_dossier(MARKET, 7, person.index))
    brief = {"declared_sales_12m_cents": dossier.business.declared_sales_12m_cents}
    result = do_work(MARKET, 7, person.reference, kind, brief, by="sim-1")
    book = gateways.load_rulebook("cn-micro").at(dossier.applied_on)
    judged: decision.CheckResult = judge_form(gateways.load_plain(form, result), dossier, book)  # type: ignore[operator]
    return judged


@pytest.mark.parametrize("kind", FORMS)
def test_honest_people_mostly_pass_each_check(kind: str) -> None:
    verdicts = Counter(judge(kind, person).verdict for person in choose("honest"))
    assert verdicts["ok"] > 0.7 * verdicts.total()


def test_an_impostor_cannot_answer_on_the_phone() -> None:
    found = [judge("phone_check", person) for person in choose("impostor")]
    assert sum("PHO-IDENTITY" in [reason.code for reason in check.reasons] for check in found) > 0.8 * len(found)


def test_hidden_debts_are_found_on_site() -> None:
    found = [judge("site_visit", person) for person in choose("hides_debt")]
    assert sum(check.verdict != "ok" for check in found) > 0.8 * len(found)
    assert any("VIS-DEBTS" in [reason.code for reason in check.reasons] for check in found)


def test_packaged_stories_do_not_hold_on_site() -> None:
    found = [judge("site_visit", person) for person in choose("packaged")]
    assert sum("VIS-EQUITY-SHORT" in [reason.code for reason in check.reasons] for check in found) > 0.6 * len(found)


def test_reviewers_decline_the_packaged_and_approve_the_honest() -> None:
    def count(kind: str) -> Counter[str]:
        brief = {"amount_cents": 30_000_000}
        people = choose(kind)
        return Counter(str(_do("review", person, brief)["decision"]) for person in people)

    assert count("packaged")["decline"] > count("packaged")["approve"]
    assert count("honest")["approve"] > 10 * count("honest")["decline"]


def test_the_gate_is_reviewed_by_eye() -> None:
    assert Counter(_do("gate_review", p, {})["verdict"] for p in choose("impostor")).most_common(1)[0][0] == "reject"
    assert Counter(_do("gate_review", p, {})["verdict"] for p in choose("honest")).most_common(1)[0][0] == "pass"


def test_the_clerk_fills_the_gaps_that_the_brief_names() -> None:
    person = PEOPLE[0]
    result = _do("data_entry", person, {"gaps": ["business.city", "applicant.born_on", "business.horoscope"]})
    assert result == {
        "details": {
            "business": {"city": person.firm_city.code},
            "applicant": {"born_on": person.born_on.isoformat()},
        }
    }


def test_a_collector_hears_why_and_takes_a_promise_from_those_who_mean_to_pay() -> None:
    late = [person for person in PEOPLE if person.truth.default_month is not None]
    found = {p.reference: (p.truth.default_reason, _do("collection", p, {"arrears_cents": 900_000})) for p in late}
    told = [result for reason, result in found.values() if reason == "sales_slump"]
    silent = [result for reason, result in found.values() if reason == "fraud"]
    assert any(result["was_reached"] and result["promised_cents"] for result in told)
    assert not any(result["was_reached"] for result in silent)


@pytest.mark.parametrize("kind", SKILLS)
def test_every_result_fits_the_form_the_line_takes(kind: str) -> None:
    brief = {"amount_cents": 30_000_000, "declared_sales_12m_cents": 10**8, "gaps": [], "arrears_cents": 5}
    for person in PEOPLE[:200]:
        stations.check_work(kind, _do(kind, person, brief))


def test_work_nobody_has_learnt_is_not_pretended() -> None:
    assert do_work(MARKET, 7, "W7-000001", "brain_surgery", {}, by="sim-1") is None


def test_the_same_case_gives_the_same_result_and_takes_the_same_time() -> None:
    for kind in SKILLS:
        assert _do(kind, PEOPLE[3], {"amount_cents": 1}) == _do(kind, PEOPLE[3], {"amount_cents": 1})
        assert draw_work_minutes(MARKET, 7, kind, "W7-000003") == draw_work_minutes(MARKET, 7, kind, "W7-000003") > 0


def _do(kind: str, person: Person, brief: dict[str, Any]) -> dict[str, Any]:
    result = do_work(MARKET, 7, person.reference, kind, brief, by="sim-1")
    assert result is not None
    return result


def test_a_ring_shows_only_where_another_of_it_stands_in_the_picture() -> None:
    """Whoever looks at a neighbourhood sees who else is in it; a first member shows nothing."""
    market = load_market("cn-micro", tactics="building")
    assert market.cast is not None
    gangs: dict[str, list[str]] = {}
    for index in range(3_000):
        person = make_person(market, 5, index)
        if person.role is not None and person.role.group is not None and person.role.group.make == "ring":
            gangs.setdefault(str(person.role.gang_name), []).append(person.reference)
    rings = [names for names in gangs.values() if len(names) >= 5]
    assert len(rings) > 1
    told = Counter[tuple[str, str]]()
    ticked = wrong = 0
    for names in rings:
        for name in names:
            others = [other for other in names if other != name]
            for shown, shares in (("alone", ()), ("far", ()), ("near", ("device", "contact"))):
                near = [{"number": n, "reference": n, "shares": shares, "ties": 1} for n in others]
                strange = [{"number": "x", "reference": rings[0 if names is not rings[0] else 1][0], "shares": ("ip",)}]
                brief = {"neighbours": [] if shown == "alone" else near[:2] + strange}
                done = do_work(market, 5, name, "ring_review", brief, by="lu")
                assert done is not None
                told[shown, done["verdict"]] += 1
                ticked += len(set(done.get("members", ())) & set(others))
                wrong += "x" in done.get("members", ())
    assert not told["alone", "reject"], "an empty picture shows nothing"
    assert told["near", "reject"] > 10 * told["near", "pass"]
    assert told["near", "reject"] > told["far", "reject"] > told["far", "pass"], "the weaker the tie, the less is seen"
    assert ticked > 20 * max(1, wrong), "he ticks those of the gang, and now and then an honest one"
