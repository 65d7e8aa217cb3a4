"""DMN models of all five versions: tables under every hit policy, graphs, functions, types; one bad decision alone."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from creditfactory.gateways import dmn
from creditfactory.kernel import BadInput, UnknownName

ROOT = Path(__file__).resolve().parents[2]
NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def wrap(body: str, namespace: str = NAMESPACES[-1]) -> bytes:
    return f'<definitions xmlns="{namespace}" name="m" namespace="urn:m">{body}</definitions>'.encode()


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def decision(name: str, logic: str, needs: str = "", kind: str = "") -> str:
    ref = f' typeRef="{kind}"' if kind else ""
    return f'<decision id="d_{abs(hash(name))}" name="{name}"><variable name="{name}"{ref}/>{needs}{logic}</decision>'


def given(name: str, kind: str = "") -> str:
    ref = f' typeRef="{kind}"' if kind else ""
    return f'<inputData id="{name}" name="{name}"><variable name="{name}"{ref}/></inputData>'


def needs(*names: str, kind: str = "requiredInput") -> str:
    tag = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
    return "".join(f'<{tag}><{kind} href="#{name}"/></{tag}>' for name in names)


def table(hit: str, rows: list[tuple[str, ...]], *, outputs: str = '<output name="o"/>', aggregation: str = "") -> str:
    made = "".join(
        f"<rule><inputEntry><text>{escape(row[0])}</text></inputEntry>"
        + "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in row[1:])
        + "</rule>"
        for row in rows
    )
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    look = "<input><inputExpression><text>n</text></inputExpression></input>"
    return f'<decisionTable hitPolicy="{hit}"{extra}>{look}{outputs}{made}</decisionTable>'


def ask(model: bytes, inputs: Any, decision: str | None = None, said: list[str] | None = None) -> Any:
    read = dmn.Model(dmn.read_model(model))
    names = read.decisions if decision is None else (decision,)
    heard = said if said is not None else []
    evaluator = dmn.Evaluator(read, names, is_all=decision is None, at=None, say=heard.append)
    text = inputs if isinstance(inputs, str) else json.dumps(inputs)
    return json.loads(evaluator.evaluate_line(text, 1), parse_float=Decimal)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_version_is_read(namespace: str) -> None:
    prefixed = f"""<d:definitions xmlns:d="{namespace}" xmlns:feel="http://www.omg.org/spec/FEEL/20140401" name="m"
      namespace="urn:m"><d:inputData id="i" name="Full Name"><d:variable name="Full Name" typeRef="feel:string"/>
      </d:inputData><d:decision id="d" name="Greeting"><d:variable name="Greeting" typeRef="feel:string"/>
      <d:informationRequirement><d:requiredInput href="#i"/></d:informationRequirement>
      <d:literalExpression><d:text>"Hello " + Full Name</d:text></d:literalExpression></d:decision></d:definitions>"""
    assert ask(prefixed.encode(), {"Full Name": "Li"}) == {"Greeting": "Hello Li"}


ROWS = [("> 1", "10"), ("> 3", "20"), ("> 3", "20"), ("< 0", "30"), ("< -5", "40")]


@pytest.mark.parametrize(
    ("hit", "aggregation", "answers"),
    [
        ("UNIQUE", "", {2: 10, 4: None, -1: 30, -6: None, 1: None}),
        ("ANY", "", {2: 10, 4: None, -1: 30, -6: None, 1: None}),
        ("FIRST", "", {2: 10, 4: 10, -1: 30, -6: 30, 1: None}),
        ("PRIORITY", "", {2: 10, 4: 20, -1: 30, -6: 40, 1: None}),
        ("RULE ORDER", "", {2: [10], 4: [10, 20, 20], -6: [30, 40], 1: None}),
        ("OUTPUT ORDER", "", {2: [10], 4: [20, 20, 10], -6: [40, 30], 1: None}),
        ("COLLECT", "", {2: [10], 4: [10, 20, 20], -6: [30, 40], 1: []}),
        ("COLLECT", "SUM", {2: 10, 4: 50, -6: 70, 1: None}),
        ("COLLECT", "MIN", {4: 10, -6: 30, 1: None}),
        ("COLLECT", "MAX", {4: 20, -6: 40, 1: None}),
        ("COLLECT", "COUNT", {4: 3, -6: 2, 1: 0}),
    ],
)
def test_each_hit_policy(hit: str, aggregation: str, answers: dict[int, Any]) -> None:
    outputs = '<output name="o" typeRef="number"><outputValues><text>40, 20, 30, 10</text></outputValues></output>'
    model = wrap(
        given("n", "number") + decision("D", table(hit, ROWS, outputs=outputs, aggregation=aggregation), needs("n"))
    )
    assert {n: ask(model, {"n": n}, "D")["D"] for n in answers} == answers


def test_any_agrees_where_the_rows_agree() -> None:
    model = wrap(given("n") + decision("D", table("ANY", [("> 1", '"a"'), ("> 2", '"a"')]), needs("n")))
    assert ask(model, {"n": 5}) == {"D": "a"}


def test_several_outputs_defaults_and_notes() -> None:
    outputs = (
        '<output name="Rate"><defaultOutputEntry><text>0.24</text></defaultOutputEntry></output>'
        '<output name="Lane"><defaultOutputEntry><text>"C"</text></defaultOutputEntry></output>'
        '<annotation name="why"/>'
    )
    made = table("UNIQUE", [("1", "0.18", '"A"')], outputs=outputs)
    made = made.replace("</rule>", "<annotationEntry><text>best</text></annotationEntry></rule>")
    model = wrap(given("n") + decision("D", made, needs("n")))
    assert ask(model, {"n": 1}) == {"D": {"Rate": Decimal("0.18"), "Lane": "A"}}
    assert ask(model, {"n": 2}) == {"D": {"Rate": Decimal("0.24"), "Lane": "C"}}
    assert ask(model, {}) == {"D": {"Rate": Decimal("0.24"), "Lane": "C"}}


TYPES = """
<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues>
</itemDefinition>
<itemDefinition name="tGrades" isCollection="true"><typeRef>tGrade</typeRef></itemDefinition>
<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..120]</text></allowedValues>
</itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="born on"><typeRef>date</typeRef></itemComponent>
  <itemComponent name="grade"><typeRef>tGrade</typeRef></itemComponent></itemDefinition>
"""


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("tGrade", "A", "A"),
        ("tGrade", "C", None),
        ("tGrade", 1, None),
        ("tGrade", ["A"], "A"),
        ("tGrades", ["A", "B"], ["A", "B"]),
        ("tGrades", ["A", "C"], None),
        ("tGrades", "B", ["B"]),
        ("tAge", 120, 120),
        ("tAge", 120.5, None),
        ("tAge", "7", None),
        ("number", True, None),
        ("boolean", 1, None),
        ("string", None, None),
        ("date", "2026-01-31", "2026-01-31"),
        ("date", "2026-02-30", None),
        ("date", "31.1.2026", None),
        ("time", "10:00:00Z", "10:00:00Z"),
        ("dateTime", "2026-01-31T10:00:00", "2026-01-31T10:00:00"),
        ("dayTimeDuration", "PT36H", "P1DT12H"),
        ("yearMonthDuration", "P14M", "P1Y2M"),
        ("Any", "2026-01-31", "2026-01-31"),
        ("", {"a": [1, None]}, {"a": [1, None]}),
        ("tPerson", {"born on": "2000-02-29", "grade": "A"}, {"born on": "2000-02-29", "grade": "A"}),
        ("tPerson", {"born on": "2000-02-29", "grade": "C"}, None),
        ("tPerson", {"grade": "A"}, {"grade": "A", "born on": None}),
    ],
)
def test_values_are_as_declared_or_null(kind: str, value: Any, wanted: Any) -> None:
    model = wrap(TYPES + given("x", kind) + decision("D", literal("x"), needs("x")))
    found = ask(model, {"x": value})["D"]
    assert (float(found) if isinstance(found, Decimal) else found) == wanted
    typed = wrap(TYPES + given("x", kind) + decision("D", literal("x"), needs("x"), kind))
    assert (ask(typed, {"x": value})["D"] is None) == (wanted is None)


def test_a_result_of_the_wrong_type_is_null() -> None:
    model = wrap(TYPES + decision("D", literal('"C"'), kind="tGrade") + decision("E", literal('"B"'), kind="tGrade"))
    assert ask(model, {}) == {"D": None, "E": "B"}


def test_knowledge_services_and_boxes_of_all_kinds() -> None:
    body = """
    <businessKnowledgeModel id="b" name="Twice"><variable name="Twice"/><encapsulatedLogic>
      <formalParameter name="x" typeRef="number"/><literalExpression><text>x * 2</text></literalExpression>
      </encapsulatedLogic></businessKnowledgeModel>
    <businessKnowledgeModel id="c" name="Factorial"><variable name="Factorial"/><encapsulatedLogic>
      <formalParameter name="n"/><literalExpression><text>if n &lt;= 1 then 1 else n * Factorial(n - 1)</text>
      </literalExpression></encapsulatedLogic>
      <knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>
      </businessKnowledgeModel>
    <decisionService id="s" name="Half"><variable name="Half"/><outputDecision href="#half"/><inputData href="#n"/>
      </decisionService>
    <decision id="half" name="half"><variable name="half"/>NEED<literalExpression><text>n / 2</text></literalExpression>
      </decision>""".replace("NEED", needs("n"))
    list_of = f"<list>{literal('1')}{literal('Twice(n)')}</list>"
    relation = (
        f'<relation><column name="a"/><column name="b"/><row>{literal("1")}{literal("2")}</row>'
        f"<row>{literal('3')}{literal('n')}</row></relation>"
    )
    invocation = (
        f"<invocation>{literal('Twice')}<binding><parameter name='x'/>{literal('n + 1')}</binding></invocation>"
    )
    function = f'<functionDefinition><formalParameter name="y"/>{literal("y + 1")}</functionDefinition>'
    context = (
        f'<context><contextEntry><variable name="f"/>{function}</contextEntry>'
        f"<contextEntry>{literal('f(n)')}</contextEntry></context>"
    )
    branches = f"<if>{literal('n > 1')}</if><then>{literal('true')}</then><else>{literal('0')}</else>"
    conditional = f"<conditional>{branches}</conditional>"
    loop = f'<for iteratorVariable="i"><in>{literal("[1..n]")}</in><return>{literal("i * i")}</return></for>'
    every = f'<every iteratorVariable="i"><in>{literal("[1..n]")}</in><satisfies>{literal("i > 0")}</satisfies></every>'
    sift = f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item > 1')}</match></filter>"
    knows = needs("n") + needs("b", "c", "s", kind="requiredKnowledge")
    boxes = {
        "list": list_of,
        "relation": relation,
        "invocation": invocation,
        "context": context,
        "if": conditional,
        "for": loop,
        "every": every,
        "filter": sift,
        "deep": literal("Factorial(n)"),
        "service": literal("Half(8)"),
    }
    model = wrap(given("n", "number") + body + "".join(decision(n, logic, knows) for n, logic in boxes.items()))
    found = ask(model, {"n": 3})
    assert found == {
        "half": Decimal("1.5"),
        "list": [1, 6],
        "relation": [{"a": 1, "b": 2}, {"a": 3, "b": 3}],
        "invocation": 8,
        "context": 4,
        "if": True,
        "for": [1, 4, 9],
        "every": True,
        "filter": [2, 3],
        "deep": 6,
        "service": 4,
    }


LENDING = (ROOT / "docs" / "examples" / "lending.dmn").read_bytes()


def person(**changes: Any) -> dict[str, Any]:
    applicant = {
        "Date of birth": "1990-06-15",
        "Employment": "employed",
        "Existing customer": False,
        "Monthly income": 30_000,
        "Monthly expenses": 10_000,
    }
    return {
        "Applicant": applicant | changes,
        "Requested loan": {"Amount": 250_000, "Yearly rate": 0.18, "Months": 36},
        "Day of application": "2026-06-14",
    }


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, {"Age": 35, "Application points": 82, "Is affordable": True, "Routing": "accept"}),
        (
            {"Date of birth": "1986-06-15"},
            {"Age": 39, "Application points": 82, "Is affordable": True, "Routing": "accept"},
        ),
        (
            {"Date of birth": "1986-06-14"},
            {"Age": 40, "Application points": 90, "Is affordable": True, "Routing": "accept"},
        ),
        (
            {"Monthly income": 22_911},
            {"Age": 35, "Application points": 82, "Is affordable": False, "Routing": "decline"},
        ),
        ({"Monthly income": 22_912}, {"Age": 35, "Application points": 82, "Is affordable": True, "Routing": "accept"}),
        ({"Employment": "student"}, {"Age": 35, "Application points": 55, "Is affordable": True, "Routing": "refer"}),
        (
            {"Employment": "pirate"},
            {"Age": None, "Application points": None, "Is affordable": None, "Routing": "refer"},
        ),
        ({"Monthly income": None}, {"Age": 35, "Application points": 82, "Is affordable": None, "Routing": "refer"}),
    ],
)
def test_a_lending_example_after_the_standards_own(changes: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Pre-bureau points, affordability and routing, at their edges."""
    assert ask(LENDING, person(**changes)) == wanted


def test_the_decision_asked_for() -> None:
    model = dmn.Model(dmn.read_model(LENDING))
    assert model.top_decisions == ("Routing",) == (model.choose(None),)
    with pytest.raises(UnknownName, match="did you mean 'Routing'"):
        model.choose("Rooting")
    two = dmn.Model(dmn.read_model(wrap(decision("A", literal("1")) + decision("B", literal("2"))), place="two.dmn"))
    with pytest.raises(
        BadInput, match=r"two.dmn: found 2 decisions that no other needs \('A', 'B'\), expected --decision"
    ):
        two.choose(None)


@pytest.mark.parametrize(
    ("logic", "why"),
    [
        (literal("1 +\n+"), "decision 'Bad', line 1, line 2, column 1"),
        ('<literalExpression expressionLanguage="http://example/groovy"><text>1</text></literalExpression>', "groovy"),
        ("<mysteryBox/>", "<mysteryBox>"),
        ('<functionDefinition kind="Java"><formalParameter name="x"/></functionDefinition>', "kind Java"),
        (literal("for x in 1..9999999 return x"), "rounds"),
        (literal("{f: function(n) f(n), r: f(1)}"), "calls within calls"),
    ],
)
def test_only_the_decision_that_cannot_be_made_fails(logic: str, why: str) -> None:
    found = ask(wrap(decision("Bad", logic) + decision("Good", literal("1 + 1"))), {})
    assert why in found["Bad"]["error"] and found["Good"] == 2


def test_a_decision_without_logic_is_null() -> None:
    assert ask(wrap(decision("A person decides", "")), {}) == {"A person decides": None}


def test_what_lies_in_another_file_is_not_fetched() -> None:
    elsewhere = wrap(decision("Bad", literal("x"), needs("other")) + decision("Good", literal("1")))
    found = ask(elsewhere.replace(b'href="#other"', b'href="http://127.0.0.1/o.dmn#other"'), {})
    assert "not in this file; nothing else is read" in found["Bad"]["error"] and found["Good"] == 1


def test_a_circle_of_decisions_is_told() -> None:
    a = '<decision id="a" name="A"><informationRequirement><requiredDecision href="#b"/></informationRequirement>'
    b = a.replace('id="a" name="A"', 'id="b" name="B"').replace("#b", "#a")
    end = literal("1") + "</decision>"
    assert "needs itself" in ask(wrap(a + end + b + end), {}, "A")["error"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "no JSON"),
        ("[1]", "expected a JSON object"),
        ('{"n": NaN}', "NaN"),
        ('{"n": 1, "n": 2}', "the name twice"),
        ("{" * 5000, "line 1"),
        ('{"n": 1e99999}', "34 digits"),
        ('"x"', "expected a JSON object"),
        ('{"n": ' + "9" * 90 + "}", "34 digits"),
        ('{"n": ' + "[" * 100_000, "line 1"),
    ],
)
def test_a_line_that_cannot_be_read_gives_its_reason(line: str, why: str) -> None:
    found = ask(wrap(given("n") + decision("D", literal("n"), needs("n"))), line)
    assert list(found) == ["error"] and why in found["error"]


def test_a_name_that_is_no_input_is_told_once_and_names_of_sloppy_models_are_read() -> None:
    said: list[str] = []
    model = wrap(given("Monthly income") + decision("D", literal("Monthly income"), needs("Monthly income")))
    assert ask(model, {"Monthly incom": 1}, said=said) == {"D": None}
    assert said == ["line 1: 'Monthly incom' is no input of this model and is not read; did you mean 'Monthly income'?"]
    said.clear()
    assert ask(wrap(decision("D", table("FIRST", [("> 1", '"yes"')]))), {"n": 2}, said=said) == {"D": "yes"}
    assert said == []
