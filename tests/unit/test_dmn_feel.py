"""FEEL, expression by expression, as the standard says; what makes no sense is null."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from creditfactory.gateways.dmn.feel_compiling import Compiler
from creditfactory.gateways.dmn.feel_reading import read_expression, read_tests
from creditfactory.gateways.dmn.feel_values import ARITHMETIC, write
from creditfactory.gateways.dmn.item_types import TypeBook
from creditfactory.gateways.dmn.running import Exceeded, Run, Scope
from creditfactory.kernel import BadInput

TYPES = TypeBook()


def types(name: str) -> Callable[[Any], bool] | None:
    found = TYPES.find(name)
    return None if found is None else lambda value: value is not None and found.fits(value)


def run(text: str, **names: Any) -> str:
    """What an expression gives, written as FEEL writes it."""
    with decimal.localcontext(ARITHMETIC):
        step = Compiler(types, frozenset(names)).build(read_expression(text, names))
        return write(step(Scope(names, Run())), inner=True)


def passes(cell: str, value: Any) -> bool | None:
    tests = read_tests(cell)
    compiler = Compiler(types, frozenset(("?",)))
    answers = [compiler.build_pass(test)(value, Scope({"?": value}, Run())) for test in tests.tests]
    return True if tests.is_any else (True in answers) is not tests.negated


NUMBERS = [
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("2 ** 3 ** 2", "64"),
    ("-2 ** 2", "4"),
    ("10 ** -5", "0.00001"),
    ("0.1 + 0.2 = 0.3", "true"),
    ("1 / 3", "0." + "3" * 34),
    ("1 / 0", "null"),
    ("0 ** 0", "1"),
    (".872", "0.872"),
    ("10 - -5", "15"),
    ("1 = 1.00", "true"),
    ("1.2 * 10 ** 3", "1200.0"),
    ("10 + null", "null"),
    ('1 + "1"', "null"),
    ("(-1) ** 0.5", "null"),
    ("decimal(2.5, 0)", "2"),
    ("decimal(3.5, 0)", "4"),
    ("round half up(2.5, 0)", "3"),
    ("round half up(-2.5, 0)", "-3"),
    ("round half down(2.5, 0)", "2"),
    ("round up(1.121, 2)", "1.13"),
    ("round down(-5.5, 0)", "-5"),
    ("floor(-1.5)", "-2"),
    ("ceiling(-1.5)", "-1"),
    ("floor(1.56, 1)", "1.5"),
    ("modulo(-12, 5)", "3"),
    ("modulo(12, -5)", "-3"),
    ("modulo(1, 0)", "null"),
    ("abs(-3)", "3"),
    ("sqrt(16)", "4"),
    ("sqrt(-1)", "null"),
    ("log(0)", "null"),
    ("odd(3)", "true"),
    ("even(-2)", "true"),
    ('number("1 000,50", " ", ",")', "1000.50"),
    ('number("x")', "null"),
    ("abs(n: -3)", "3"),
    ("decimal(1, 9999999)", "null"),
]
LOGIC = [
    ("true and null", "null"),
    ("false and null", "false"),
    ("null and false", "false"),
    ("true or null", "true"),
    ("null or false", "null"),
    ("not(null)", "null"),
    ("not(true)", "false"),
    ('true and "x"', "null"),
    ("1 < null", "null"),
    ('1 = "1"', "null"),
    ("null = null", "true"),
    ("1 = null", "false"),
    ("null != 1", "true"),
    ("true < false", "null"),
    ("if null then 1 else 2", "2"),
    ("if 1 = 1 then 1 else 2", "1"),
    ("2 between 1 and 3", "true"),
    ("2 between 1 and 3 and false", "false"),
    ("null between 1 and 2", "null"),
    ("1 in [1..5)", "true"),
    ("5 in [1..5)", "false"),
    ("5 in (1, 2, > 4)", "true"),
    ("3 in (1..5)", "true"),
    ("5 in [1, 5]", "true"),
    ("5 in < 6 and true", "true"),
    ("1 in ]1..2]", "false"),
    ('"b" in ["a".."c"]', "true"),
    ("some x in [1, 2] satisfies x > 1", "true"),
    ("every x in [] satisfies false", "true"),
    ("every x in [1, null] satisfies x > 0", "null"),
    ("some x in 1..3, y in 1..3 satisfies x + y = 6", "true"),
]
TEXTS = [
    ('"a" + "b"', '"ab"'),
    ('substring("foobar", 3)', '"obar"'),
    ('substring("foobar", -2, 1)', '"a"'),
    ('substring(string: "foobar", start position: 3, length: 2)', '"ob"'),
    ('string length("大数")', "2"),
    ('upper case("aé")', '"AÉ"'),
    ('substring before("foobar", "bar")', '"foo"'),
    ('substring after("foobar", "ob")', '"ar"'),
    ('replace("abcd", "(ab)|(a)", "[1=$1]")', '"[1=ab]cd"'),
    ('contains("foobar", "ob")', "true"),
    ('matches("foobar", "^fo*b")', "true"),
    ('split("a;b;;c", ";")', '["a", "b", "", "c"]'),
    ('string join(["a", null, "b"], "-")', '"a-b"'),
    ('starts with("foobar", "fo")', "true"),
    ("string(1.10)", '"1.10"'),
    ('string([1, "a", {b: null}])', '"[1, \\"a\\", {b: null}]"'),
    ('"\\u5927\\n" = "大\n"', "true"),
    ("string(null)", "null"),
    ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")', "null"),
]
DAYS = [
    ('date("2020-01-31") + duration("P1M")', "2020-02-29"),
    ('date("2020-03-01") - date("2020-02-01")', "P29D"),
    ('date("2020-02-30")', "null"),
    ("date(2020, 2, 29).weekday", "6"),
    ('day of week(date("2024-01-01"))', '"Monday"'),
    ('@"2020-01-01T10:00:00@Europe/Paris".timezone', '"Europe/Paris"'),
    ('time("10:00:00") + duration("PT20H")', "06:00:00"),
    ('time("01:00:00") - duration("PT2H")', "23:00:00"),
    ('date and time("2020-01-01T00:00:00Z").time offset', "PT0S"),
    ('years and months duration(date("2011-12-22"), date("2013-08-24"))', "P1Y8M"),
    ('duration("P1Y2M").years', "1"),
    ('duration("PT36H")', "P1DT12H"),
    ('duration("P1D") / duration("PT12H")', "2"),
    ('duration("P1Y") * 1.5', "P1Y6M"),
    ('date and time("2020-01-01T10:00:00+01:00") = date and time("2020-01-01T09:00:00Z")', "true"),
    ('date and time(date("2020-01-01"), time("10:00:00"))', "2020-01-01T10:00:00"),
    ('-duration("P1D")', "-P1D"),
    ('date("2021-01-01") < date("2021-01-02")', "true"),
    ('date("9999-12-31") + duration("P1D")', "null"),
    ('week of year(date("2005-01-01"))', "53"),
    ('day of year(date("2020-12-31"))', "366"),
    ('@"P1D" = @"PT24H"', "true"),
    ('for d in @"2020-02-28"..@"2020-03-01" return d.day', "[28, 29, 1]"),
    ('@"12:00:00" in (@"11:00:00"..@"13:00:00")', "true"),
]
LISTS = [
    ("[1, 2, 3][item > 1]", "[2, 3]"),
    ("[1, 2, 3][-1]", "3"),
    ("[1, 2, 3][4]", "null"),
    ("100[1]", "100"),
    ("[{a: 1}, {a: 2}][a = 2].a", "[2]"),
    ("{a: 1, b: a + 1}.b", "2"),
    ("{a b: 1, c: a b + 1}.c", "2"),
    ("[1, [2, [3]]].x", "[null, null]"),
    ("flatten([1, [2, [3]]])", "[1, 2, 3]"),
    ("count([])", "0"),
    ("min(3, 1, 2)", "1"),
    ('max(["a", "c", "b"])', '"c"'),
    ("sum([])", "null"),
    ("sum(1, 2, 3)", "6"),
    ("mean(1, 2)", "1.5"),
    ("median([1, 4, 2, 3])", "2.5"),
    ("mode([6, 3, 9, 6, 6])", "[6]"),
    ("stddev(2, 4, 7, 5)", "2.081665999466132735282297706979931"),
    ("all([true, null])", "null"),
    ("any([false, true, null])", "true"),
    ("sublist([4, 5, 6], 1, 2)", "[4, 5]"),
    ("append([1], 2, 3)", "[1, 2, 3]"),
    ("concatenate([1], [2])", "[1, 2]"),
    ("insert before([1, 3], 1, 2)", "[2, 1, 3]"),
    ("remove([1, 2, 3], 2)", "[1, 3]"),
    ("reverse([1, 2])", "[2, 1]"),
    ("index of([1, 2, 1], 1)", "[1, 3]"),
    ("union([1, 2], [2, 3])", "[1, 2, 3]"),
    ("distinct values([1, 1, null, null])", "[1, null]"),
    ("product(2, 3)", "6"),
    ("sort([3, 1, 2], function(a, b) a < b)", "[1, 2, 3]"),
    ("sort(list: [3, 1], precedes: function(a, b) a > b)", "[3, 1]"),
    ("list replace([1, 2], 2, 9)", "[1, 9]"),
    ("for x in [1, 2] return x * 2", "[2, 4]"),
    ("[1, 2] = [1, 2]", "true"),
    ("for x in 1..3, y in 1..x return x * y", "[1, 2, 4, 3, 6, 9]"),
    ("for x in 3..1 return x", "[3, 2, 1]"),
    ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(5)}.r", "120"),
    ("(function(x) x + 1)(2)", "3"),
    ('get value({a: 1}, "a")', "1"),
    ("get entries({a: 1})", '[{key: "a", value: 1}]'),
    ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"),
    ("context merge([{a: 1}, {a: 2}])", "{a: 2}"),
    ('context([{key: "a", value: 1}])', "{a: 1}"),
    ("list contains([1, null], null)", "true"),
]
KINDS = [
    ("1 instance of number", "true"),
    ("null instance of number", "false"),
    ("[1] instance of list<number>", "true"),
    ('[1, "a"] instance of list<number>', "false"),
    ("{a: 1} instance of context<a: number>", "true"),
    ('@"P1D" instance of days and time duration', "true"),
    ('@"P1D" instance of years and months duration', "false"),
    ("(function(x) x) instance of function<number> -> number", "true"),
    ("[1..2] instance of range<number>", "true"),
    ("before(1, [2..3])", "true"),
    ("meets([1..5], [5..10])", "true"),
    ("overlaps([1..5], (5..8])", "false"),
    ("during(5, [1..10])", "true"),
    ("includes([1..10], 5)", "true"),
    ("starts([1..5], [1..10])", "true"),
    ("coincides([1..5], [1..5])", "true"),
    ("finishes(10, [1..10])", "true"),
    ("[1..5].end", "5"),
    ("(1..5].start included", "false"),
    ('range("[1..5)").end included', "false"),
    ("(< 5) = (< 5)", "true"),
    ("is(1, 1.0)", "true"),
    ("[1..10[.end included", "false"),
    ("5 in [1..10[ and [1, 2][1] = 1", "true"),
    ('{f: function(x: number) x, r: f("a")}.r', "null"),
    ("nobody + 1", "null"),
    ("nobody(1)", "null"),
    ("abs(1, 2)", "null"),
]


@pytest.mark.parametrize(("text", "wanted"), [*NUMBERS, *LOGIC, *TEXTS, *DAYS, *LISTS, *KINDS])
def test_an_expression_gives_what_the_standard_says(text: str, wanted: str) -> None:
    assert run(text) == wanted


@pytest.mark.parametrize(
    ("text", "names", "wanted"),
    [
        ("Monthly Income * 12", {"Monthly Income": Decimal(10)}, "120"),
        ("Pre-bureau risk category", {"Pre-bureau risk category": "HIGH"}, '"HIGH"'),
        ("a-b", {"a": Decimal(3), "b": Decimal(1)}, "2"),
        ("a-b", {"a": Decimal(3), "b": Decimal(1), "a-b": Decimal(9)}, "9"),
        ("月收入 + 1", {"月收入": Decimal(1)}, "2"),
        ("not eligible", {"not eligible": True}, "true"),
        ("Approved/Declined", {"Approved/Declined": "yes"}, '"yes"'),
        ("applicant's age", {"applicant's age": Decimal(30)}, "30"),
        ("Loan.annual rate", {"Loan": {"annual rate": Decimal(1)}, "annual rate": None}, "1"),
    ],
)
def test_names_may_have_spaces_and_signs(text: str, names: dict[str, Any], wanted: str) -> None:
    assert run(text, **names) == wanted


@pytest.mark.parametrize(
    ("cell", "yes", "no"),
    [
        (">= 18", [Decimal(18)], [Decimal("17.9999"), None, "18"]),
        ("> 18", [Decimal("18.0001")], [Decimal(18)]),
        ("[1..5)", [Decimal(1), Decimal("4.999")], [Decimal(5), None]),
        ("(1..5]", [Decimal(5)], [Decimal(1)]),
        ('"A", "B"', ["A", "B"], ["C", None]),
        ('not("A", "B")', ["C"], ["A"]),
        ("not([1..5))", [Decimal(5)], [Decimal(1)]),
        ("-", [None, Decimal(1)], []),
        ("", [None], []),
        ("null", [None], [Decimal(0)]),
        ("true", [True], [False, None]),
        ("false", [False], [True, None]),
        ('starts with(?, "a")', ["ab"], ["ba"]),
        ("? > 1 and ? < 3", [Decimal(2)], [Decimal(3)]),
        ("[1, 2]", [Decimal(2)], [Decimal(3)]),
        ('date("2020-01-01")', [], [None]),
        ("< 1, > 5", [Decimal(0), Decimal(6)], [Decimal(3)]),
        ("not(null)", [Decimal(0)], [None]),
    ],
)
def test_a_cell_lets_through_what_it_says(cell: str, yes: list[Any], no: list[Any]) -> None:
    assert [passes(cell, value) for value in yes] == [True] * len(yes)
    assert all(passes(cell, value) is not True for value in no)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1 +", "column 4"),
        ("(1", "column 3"),
        ("[1,", "column 4"),
        ("if 1 then 2", "column 12"),
        ("{a 1}", "column 5"),
        ('"open', "column 1"),
        ("a b c", "column 3"),
        ("1\n+ +", "line 2, column 3"),
        ("for x return 1", "column 15"),
        ("f(a: 1, 2)", "column 11"),
        ("{a: 1, a: 2}", "column 11"),
        ("then", "column 1"),
        ("1 instance of", "column 14"),
        ("(" * 100 + "1" + ")" * 100, "column"),
        ("1 # 2", "column 3"),
        ("function(x) external {}", ""),
    ],
)
def test_what_is_no_feel_is_refused_by_its_column(text: str, place: str) -> None:
    with pytest.raises(BadInput) as fault:
        run(text)
    assert place in fault.value.place


@pytest.mark.parametrize(
    "text",
    [
        "for x in 1..100000000 return x",
        "count(for x in 1..3000, y in 1..3000 return 1)",
        "{f: function(n) f(n + 1), r: f(1)}.r",
        "some x in 1..9999999999 satisfies false",
        "now()",
    ],
)
def test_loops_and_calls_without_end_are_stopped(text: str) -> None:
    with pytest.raises(Exceeded):
        run(text)


def test_a_text_cannot_grow_without_end() -> None:
    grown = 'for i in 1..40 return if i = 1 then "aaaaaaaaaa" else partial[-1] + partial[-1]'
    assert run(f"count({grown})") == "40"
    assert run(f"({grown})[-1]") == "null"
