"""The rule language: what it lets through, what it refuses and where, and what each verdict leads to."""

from __future__ import annotations

from typing import Any

import pytest

from creditfactory import rules
from creditfactory.kernel import BadInput, Reason
from creditfactory.rules.emit import round_half_up
from creditfactory.rules.expressions import Arithmetic, Literally, Name
from creditfactory.rules.spans import find_span

LABELS = {
    "overdue_months": rules.Declaration("overdue_months", "int", minimum=0, maximum=24),
    "debt_cents": rules.Declaration("debt_cents", "int", minimum=0),
    "income_cents": rules.Declaration("income_cents", "int", minimum=0),
    "swing": rules.Declaration("swing", "float", minimum=0, maximum=5),
    "is_executed": rules.Declaration("is_executed", "bool"),
    "industry": rules.Declaration("industry", "str", words=("retail", "catering")),
    "opened_on": rules.Declaration("opened_on", "date"),
}
PARAMETERS = rules.known_parameters(
    {"months_max": 5, "bad_industries": ("catering",), "share_max": 0.7, "bands": {"a": 1}}
)


def policy_of(when: str, *, then: Any = "decline", missing: Any = "refer") -> rules.Policy:
    read = rules.read_condition(when, LABELS, PARAMETERS, place="rule.yaml")
    return rules.compile_policy([rules.Rule("rule", read, then, missing, "POL-TEST", when)], LABELS)


@pytest.mark.parametrize(
    ("when", "labels", "verdict"),
    [
        ("overdue_months > months_max", {"overdue_months": 6}, "hit"),
        ("overdue_months > months_max", {"overdue_months": 5}, "clear"),
        ("overdue_months > months_max", {"overdue_months": None}, "missing"),
        ("overdue_months > months_max", {}, "missing"),
        ("overdue_months > months_max", {"overdue_months": "6"}, "error"),
        ("overdue_months > months_max", {"overdue_months": 25}, "error"),
        ("overdue_months > months_max", {"overdue_months": float("nan")}, "error"),
        ("debt_cents / income_cents > share_max", {"debt_cents": 8, "income_cents": 10}, "hit"),
        ("debt_cents / income_cents > share_max", {"debt_cents": 8, "income_cents": 0}, "error"),
        ("income_cents > 0 and debt_cents / income_cents > 1", {"debt_cents": 8, "income_cents": 0}, "clear"),
        ("overdue_months > 5 or is_executed", {"overdue_months": 6, "is_executed": None}, "hit"),
        ("overdue_months > 5 or is_executed", {"overdue_months": 5, "is_executed": None}, "missing"),
        ("overdue_months > 5 and is_executed", {"overdue_months": 5, "is_executed": None}, "clear"),
        ("missing(industry) or industry in bad_industries", {"industry": None}, "hit"),
        ("missing(industry) or industry in bad_industries", {"industry": "hairdresser"}, "hit"),
        ("industry not in ['retail']", {"industry": "catering"}, "hit"),
        ("1 <= overdue_months <= 3", {"overdue_months": 3}, "hit"),
        ("opened_on > '2025-06-30'", {"opened_on": "2025-07-01"}, "hit"),
        ("opened_on > '2025-06-30'", {"opened_on": "01.07.2025"}, "error"),
        ("round_half_up(swing) == 3", {"swing": 2.5}, "hit"),
        ("(2 if is_executed else 1) < overdue_months", {"is_executed": True, "overdue_months": 2}, "clear"),
        ("swing > 1", {"swing": 2}, "hit"),
    ],
)
def test_each_verdict_has_two_sides(when: str, labels: dict[str, Any], verdict: str) -> None:
    policy = policy_of(when)
    (told,) = policy.judge(labels)
    assert told.verdict == verdict
    assert told.consequence == {"hit": "decline", "clear": "none", "missing": "refer", "error": "refer"}[verdict]
    assert (told.reason is None) == (verdict == "clear")


def test_a_hit_tells_the_facts_and_the_parameters_it_compared() -> None:
    (told,) = policy_of("overdue_months > months_max").judge({"overdue_months": 6})
    assert told.reason == Reason("POL-TEST", {"overdue_months": 6, "months_max": 5})
    assert told.read == {"overdue_months": 6}


def test_a_named_value_that_is_unknown_names_the_labels_behind_it() -> None:
    named = rules.read_derived({"share": ("debt_cents / income_cents", "share")}, LABELS, PARAMETERS)
    known = {**LABELS, "share": rules.Declaration("share", "float")}
    rule = rules.Rule("r", rules.read_condition("share > 1", known, {}, place="r"), "refer", "refer", "POL-TEST")
    policy = rules.compile_policy([*named.values(), rule], known)
    reason = {facts: policy.judge(labels)[0].reason for facts, labels in SHARES.items()}
    assert reason == {
        "income unknown": Reason("POL-FACT-MISSING", {"by": "r", "labels": "income_cents"}),
        "income broken": Reason("POL-FACT-BROKEN", {"by": "r", "labels": "income_cents"}),
        "income nought": Reason("POL-FACT-BROKEN", {"by": "r", "labels": "share"}),
    }


SHARES: dict[str, dict[str, Any]] = {
    "income unknown": {"debt_cents": 5},
    "income broken": {"debt_cents": 5, "income_cents": "a lot"},
    "income nought": {"debt_cents": 5, "income_cents": 0},
}


@pytest.mark.parametrize(
    ("missing", "unknown", "broken"),
    [
        ("clear", "none", "refer"),
        ("lane_b", "lane_b", "refer"),
        ("lane_c", "lane_c", "refer"),
        ("refer", "refer", "refer"),
        ("decline", "decline", "decline"),
    ],
)
def test_missing_does_what_the_rule_says_and_broken_never_less_than_refer(
    missing: str, unknown: str, broken: str
) -> None:
    policy = policy_of("is_executed", missing=missing)
    assert policy.judge({})[0].consequence == unknown
    assert policy.judge({"is_executed": "no"})[0].consequence == broken
    assert policy.consequence(policy.run({"is_executed": "no"})) == broken


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("__import__('os')", "column 1"),
        ("overdue_months.bit_length() > 3", "column 1"),
        ("[x for x in (1, 2)]", "column 1"),
        ("(lambda: True)()", "column 1"),
        ("overdue_months > 3; is_executed", "column 19"),
        ("f'{industry}' == 'a'", "column 1"),
        ("overdue_months ** 9 > 3", "one of [+] - "),
        ("overdue_months is None", "in or not in"),
        ("industry > 'retail'", "== or !="),
        ("swing == 0.1", "fractions are never exactly equal"),
        ("swing // 2 > 1", "whole numbers on both sides"),
        ("overdue_months > 'five'", "two values of one kind"),
        ("industry == 'retial'", "column 13: .*did you mean 'retail'"),
        ("industry in ['retial']", "did you mean 'retail'"),
        ("opened_on > '2025-02-30'", "a date such as"),
        ("is_executed and overdue_months", "something true or false"),
        ("not missing(industry)", r"no known\(industry\)"),
        ("min(overdue_months) > 1", "two or more for min"),
        ("min(overdue_months, swing) > 1", "all whole numbers or all fractions"),
        ("bands > 1", "a single value"),
        ("months_max in months_max", "a parameter with a list"),
        ("overdue_months > 1e16", "within ±10"),
        ("1_000_000_000_000_000_0 > overdue_months", "within ±10"),
        ("not " * 60 + "is_executed", "levels of brackets"),
        ("(" * 300 + "1" + ")" * 300, "rule.yaml"),
        ("", "an expression such as"),
        ("overdue_months >\n\n", "column"),
        ("is_executed\x00", "rule.yaml"),
    ],
)
def test_what_is_outside_the_language_is_refused_at_its_place(text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        rules.read_condition(text, LABELS, PARAMETERS, place="rule.yaml")
    assert str(caught.value).startswith("rule.yaml") and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("number", "whole"), [(0.5, 1), (1.5, 2), (2.5, 3), (-0.5, -1), (-2.5, -3), (2.4999999999999996, 2), (-2.4, -2)]
)
def test_halves_are_rounded_away_from_zero(number: float, whole: int) -> None:
    assert round_half_up(number) == whole


def test_a_divisor_that_may_come_near_zero_is_guarded() -> None:
    share = Arithmetic("/", Name("debt", "int"), Name("part", "float"), "float")
    assert find_span(share, {"debt": (0, 9), "part": (1e-12, 1)}) is None
    assert find_span(share, {"debt": (0, 9), "part": (-1, 1)}) is None
    assert find_span(share, {"debt": (0, 9), "part": (0.5, 1)}) == (0, 18)
    grown = Arithmetic("*", share, Literally(10**15, "int"), "float")
    assert find_span(grown, {"debt": (0, 10**15), "part": (1e-8, 1)}) == (0, 1e38)


CELLS = {
    "overdue_months": [
        ("-", 3, True),
        (">= 3", 3, True),
        ("> 3", 3, False),
        ("[1..3)", 3, False),
        ("(1..3]", 3, True),
        ("1, 3", 3, True),
        ("not(1, 3)", 3, False),
        ("not([0..2])", 3, True),
        ("missing", 3, False),
        ("= 3", 3, True),
    ],
    "industry": [
        ('"retail","catering"', "retail", True),
        ("not(retail)", "retail", False),
        ("catering", "retail", False),
    ],
    "is_executed": [("true", True, True), ("false", True, False)],
    "opened_on": [(">= 2025-01-01", "2025-01-01", True), ("[2024-01-01..2025-01-01)", "2025-01-01", False)],
    "swing": [("< 0.5", 0.5, False), ("[0.5..1]", 0.5, True), ("1e-3", 0.001, True)],
}


@pytest.mark.parametrize(("label", "text", "value", "passes"), [(n, *c) for n, cells in CELLS.items() for c in cells])
def test_a_cell_reads_as_people_read_it(label: str, text: str, value: Any, passes: bool) -> None:
    assert rules.read_cell(text, LABELS[label], place="t.csv").lets_through(value) is passes


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("overdue_months", "many"),
        ("overdue_months", "[3..1]"),
        ("overdue_months", "!= 3"),
        ("overdue_months", ">="),
        ("overdue_months", "1,,2"),
        ("overdue_months", "1e99"),
        ("industry", "retial"),
        ("industry", '"retail'),
        ("is_executed", "1"),
        ("opened_on", "> 2025-02-30"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused(label: str, text: str) -> None:
    with pytest.raises(BadInput, match=r"t\.csv, line 4"):
        rules.read_cell(text, LABELS[label], place="t.csv, line 4")
