"""One made-up policy of the size credit teams run: 43 inputs, 8 ratios, 30 rules, 3 tables, a card and a tree.

It is written once, as text and data; ``build_ours`` reads it with the rule language, ``build_graph`` writes the same
policy as a decision graph for zen-engine, in the form that engine ran fastest in when this was written.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from creditfactory import rules
from creditfactory.rules.policy import Step

MONEY = {
    "monthly_income_cents": (100_000, 20_000_000),
    "monthly_inflow_cents": (100_000, 90_000_000),
    "sales_12m_cents": (1_000_000, 900_000_000),
    "debt_cents": (0, 300_000_000),
    "card_limit_cents": (100_000, 30_000_000),
    "card_used_cents": (0, 30_000_000),
    "instalments_cents": (0, 5_000_000),
    "requested_cents": (10_000_000, 50_000_000),
    "tax_12m_cents": (0, 40_000_000),
    "overdue_now_cents": (0, 100_000),
    "guaranteed_cents": (0, 100_000_000),
    "rent_cents": (0, 3_000_000),
}
COUNTS = {
    "age": (18, 75),
    "licence_months": (0, 240),
    "employees": (0, 120),
    "queries_1m": (0, 8),
    "queries_3m": (0, 14),
    "queries_6m": (0, 22),
    "overdue_months_24m": (0, 9),
    "overdue_run_24m": (0, 4),
    "online_lenders": (0, 14),
    "bureau_score": (300, 900),
    "judgments_24m": (0, 3),
    "years_in_city": (0, 30),
    "device_others": (0, 4),
    "form_seconds": (10, 4_000),
    "term_months": (6, 36),
}
SHARES = {
    "inflow_swing": (0.0, 2.0),
    "top_payer_share": (0.0, 1.0),
    "night_share": (0.0, 1.0),
    "round_trip_share": (0.0, 0.5),
}
FLAGS = ("owns_home", "is_executed", "is_restricted", "is_emulator", "is_phone_matched", "has_policy")
WORDS = {
    "industry": ("retail", "catering", "transport", "services", "making", "farming"),
    "city_tier": ("one", "two", "three"),
    "channel_kind": ("online", "offline", "direct"),
    "role": ("owner", "partner", "employee"),
    "tax_grade": ("A", "B", "M", "C", "D"),
    "liveness": ("passed", "failed", "not_done"),
}
RATIOS = {
    "debt_to_income": "debt_cents / (12 * monthly_income_cents)",
    "card_use": "card_used_cents / card_limit_cents",
    "service_share": "instalments_cents / monthly_income_cents",
    "asked_to_inflow": "requested_cents / monthly_inflow_cents",
    "tax_to_sales": "tax_12m_cents / sales_12m_cents",
    "inflow_to_sales": "(12 * monthly_inflow_cents) / sales_12m_cents",
    "guaranteed_to_income": "guaranteed_cents / (12 * monthly_income_cents)",
    "rent_to_inflow": "rent_cents / monthly_inflow_cents",
}
RULES = (
    "overdue_now_cents > 50000",
    "overdue_months_24m > 5",
    "overdue_run_24m >= 3",
    "queries_1m > 3",
    "queries_3m > 6 and bureau_score < 700",
    "queries_6m > 10",
    "online_lenders > 8",
    "bureau_score < 420",
    "age < 22 or age > 65",
    "licence_months < 12",
    "is_executed",
    "is_restricted",
    "judgments_24m >= 2",
    "debt_to_income > 3.5",
    "card_use > 0.9 and queries_3m > 4",
    "service_share > 0.7",
    "asked_to_inflow > 12.0",
    "guaranteed_to_income > 2.5",
    "inflow_to_sales < 0.2",
    "round_trip_share > 0.3",
    "top_payer_share > 0.8 and inflow_swing > 1.0",
    "night_share > 0.5 and channel_kind == 'online'",
    "is_emulator or device_others > 2",
    "not is_phone_matched",
    "liveness == 'failed'",
    "tax_grade in ['C', 'D']",
    "industry == 'farming' and city_tier == 'one'",
    "role == 'employee' and not owns_home",
    "form_seconds < 30",
    "years_in_city < 1 and not owns_home and not has_policy",
)
CARD: dict[str, Any] = {
    "bureau_score": ((450, 520, 580, 640, 700, 760), (-60, -30, -8, 10, 24, 38, 52)),
    "queries_3m": ((1, 3, 5, 8), (30, 18, 4, -12, -34)),
    "overdue_months_24m": ((1, 2, 4), (40, 12, -10, -45)),
    "card_use": ((0.1, 0.3, 0.5, 0.7, 0.9), (14, 22, 12, 2, -10, -28)),
    "debt_to_income": ((0.3, 0.7, 1.2, 2.0), (26, 16, 4, -12, -30)),
    "licence_months": ((12, 24, 60, 120), (-20, -4, 8, 18, 24)),
    "employees": ((1, 5, 20), (-6, 4, 10, 14)),
    "inflow_swing": ((0.3, 0.6, 1.0, 1.5), (22, 12, 0, -12, -24)),
    "tax_to_sales": ((0.005, 0.02, 0.05), (-10, 4, 12, 16)),
    "age": ((25, 30, 40, 50, 60), (-12, 0, 10, 14, 8, -6)),
    "industry": {"retail": 6, "catering": -10, "transport": -4, "services": 10, "making": 8, "farming": 0},
    "tax_grade": {"A": 20, "B": 12, "M": 4, "C": -14, "D": -30},
}
BASE_POINTS = 500
GRADES = ("A", "B", "C", "D", "E", "F", "G", "H")
TREE: Any = (
    "points >= 560",
    ("grade in ['A', 'B']", ("requested_cents <= 20000000", ("owns_home", ("term_months <= 24", "INSTANT", "PHONE"), "PHONE"), ("card_use < 0.5", "PHONE", "VISIT")), ("queries_3m <= 2", "PHONE", ("licence_months >= 36", "PHONE", "VISIT"))),
    ("points >= 470", ("channel_kind == 'direct'", ("debt_to_income < 1.0", "PHONE", "VISIT"), ("employees >= 3", ("inflow_swing < 0.8", "VISIT", "REFER"), "REFER")), ("bureau_score >= 500", "REFER", "DECLINE")),
)  # fmt: skip


def build_tables() -> dict[str, tuple[list[str], str, list[tuple[list[str], Any]]]]:
    """Three first-hit tables of 41, 21 and 49 rows: inputs, output, and rows of cells with their answer."""
    points = [">= 680", "[640..680)", "[610..640)", "[580..610)", "[550..580)", "[510..550)", "[460..510)", "< 460"]
    debts = ["< 0.3", "[0.3..0.8)", "[0.8..1.5)", "[1.5..2.5)", ">= 2.5"]
    risk: list[tuple[list[str], Any]] = [
        ([p, d], GRADES[min(7, i + j // 2)]) for i, p in enumerate(points) for j, d in enumerate(debts)
    ]
    risk.append((["-", "-"], "H"))
    groups = ['"A","B"', '"C"', '"D","E"', '"F"', '"G","H"']
    inflows = [">= 30000000", "[10000000..30000000)", "[3000000..10000000)", "< 3000000"]
    limit: list[tuple[list[str], Any]] = [
        ([g, f], 320 - 60 * i - 25 * j) for i, g in enumerate(groups) for j, f in enumerate(inflows)
    ]
    limit.append((["-", "-"], 0))
    terms = ["<= 6", "(6..12]", "(12..18]", "(18..24]", "(24..30]", "> 30"]
    rate: list[tuple[list[str], Any]] = [
        ([f'"{g}"', t], 1800 + 70 * i + 15 * j) for i, g in enumerate(GRADES) for j, t in enumerate(terms)
    ]
    rate.append((["-", "-"], 2400))
    return {
        "grade": (["points", "debt_to_income"], "grade", risk),
        "limit_share": (["grade", "monthly_inflow_cents"], "limit_share", limit),
        "rate_bps": (["grade", "term_months"], "rate_bps", rate),
    }


LIMIT = "min(requested_cents, (monthly_inflow_cents * limit_share) // 100)"


def make_applicants(count: int, seed: int = 20261122) -> list[dict[str, Any]]:
    """Made-up applicants, every fact known, evenly spread so that every rule, row and leaf is met."""
    chance = random.Random(seed)
    people = []
    for _ in range(count):
        one: dict[str, Any] = {name: chance.randint(*span) for name, span in {**MONEY, **COUNTS}.items()}
        one |= {name: round(chance.uniform(*span), 4) for name, span in SHARES.items()}
        one |= {name: chance.random() < 0.3 for name in FLAGS}
        one |= {name: chance.choice(words) for name, words in WORDS.items()}
        people.append(one)
    return people


def declare() -> dict[str, rules.Declaration]:
    """The inputs with their types, ranges and words, as the guard checks them."""
    made = {n: rules.Declaration(n, "int", minimum=low, maximum=high) for n, (low, high) in {**MONEY, **COUNTS}.items()}
    made |= {n: rules.Declaration(n, "float", minimum=low, maximum=high) for n, (low, high) in SHARES.items()}
    made |= {n: rules.Declaration(n, "bool") for n in FLAGS}
    return made | {n: rules.Declaration(n, "str", words=words) for n, words in WORDS.items()}


def build_ours() -> rules.Policy:
    """The policy in the rule language, compiled."""
    labels = declare()
    derived = rules.read_derived({n: (text, n) for n, text in RATIOS.items()}, labels, {})
    known = {**labels, **{n: rules.Declaration(n, d.value.type) for n, d in derived.items()}}
    steps: list[Step] = [*derived.values()]
    for number, text in enumerate(RULES, start=1):
        when = rules.read_condition(text, known, {}, place=f"R{number:02d}")
        steps.append(rules.Rule(f"R{number:02d}", when, "decline", "refer", f"POL-R{number:02d}"))
    steps.append(rules.PointsStep("points", BASE_POINTS, tuple(_question(n, bands) for n, bands in CARD.items())))
    known["points"] = rules.Declaration("points", "int")
    outputs = {"grade": "str", "limit_share": "int", "rate_bps": "int"}
    for name, (inputs, output, rows) in build_tables().items():
        declared = tuple(known[i] for i in inputs)
        made = rules.Output(output, outputs[output])  # type: ignore[arg-type]
        lines = tuple(
            rules.Row(
                i, tuple(rules.read_cell(c, d, place=name) for c, d in zip(cells, declared, strict=True)), (answer,)
            )
            for i, (cells, answer) in enumerate(rows, start=2)
        )
        steps.append(rules.TableStep(rules.build_table(name, hit="F", inputs=declared, outputs=(made,), rows=lines)))
        known[output] = rules.Declaration(output, outputs[output], words=GRADES if output == "grade" else ())  # type: ignore[arg-type]
    steps.append(rules.Derived("limit_cents", rules.read_expression(LIMIT, known, {}, place="limit")))
    steps.append(rules.TreeStep(rules.Declaration("lane", "str"), _branch(TREE, known)))
    return rules.compile_policy(steps, known)


def _question(name: str, bands: Any) -> rules.PointsQuestion:
    if isinstance(bands, dict):
        return rules.PointsQuestion(name, tuple(rules.PointsBand(points, words=(w,)) for w, points in bands.items()))
    cuts, points = bands
    starts = [None, *cuts]
    return rules.PointsQuestion(name, tuple(rules.PointsBand(p, start=s) for p, s in zip(points, starts, strict=True)))


def _branch(node: Any, known: dict[str, rules.Declaration]) -> rules.Branch | rules.Leaf:
    if isinstance(node, str):
        return rules.Leaf(node)
    when, then, otherwise = node
    read = rules.read_condition(when, known, {}, place="tree")
    return rules.Branch(read, _branch(then, known), _branch(otherwise, known))


def build_graph() -> dict[str, Any]:
    """The same policy as a decision graph: one expression node, three tables, one closing expression node."""
    first = [(name, _zen(text)) for name, text in RATIOS.items()]
    made = set(RATIOS)
    hits = ", ".join(f"({_zen(text, made)}) ? 'R{i:02d}' : null" for i, text in enumerate(RULES, start=1))
    first.append(("hits", f"filter([{hits}], # != null)"))
    points = " + ".join([str(BASE_POINTS), *(f"({_zen_bands(n, bands, made)})" for n, bands in CARD.items())])
    first.append(("points", points))
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        _expression_node("first", first),
    ]
    nodes += [_table_node(name, *table) for name, table in build_tables().items()]
    last = [("limit_cents", "min([requested_cents, floor((monthly_inflow_cents * limit_share) / 100)])")]
    last += [("lane", _zen_tree(TREE))]
    last += [(name, name) for name in ("hits", "points", "grade", "rate_bps")]
    nodes.append(_expression_node("last", last, passes=False))
    nodes.append({"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}})
    order = [node["id"] for node in nodes]
    edges = [{"id": f"e{i}", "type": "edge", "sourceId": a, "targetId": b} for i, (a, b) in enumerate(pairwise(order))]
    return {"nodes": nodes, "edges": edges}


def _expression_node(name: str, pairs: list[tuple[str, str]], *, passes: bool = True) -> dict[str, Any]:
    expressions = [{"id": f"{name}{i}", "key": key, "value": text} for i, (key, text) in enumerate(pairs)]
    content = {"expressions": expressions, "passThrough": passes}
    return {"id": name, "type": "expressionNode", "name": name, "position": {"x": 0, "y": 0}, "content": content}


def _table_node(name: str, inputs: list[str], output: str, rows: list[tuple[list[str], Any]]) -> dict[str, Any]:
    lines = []
    for number, (cells, answer) in enumerate(rows):
        line: dict[str, Any] = {"_id": f"{name}{number}"}
        line |= {f"i{i}": "" if cell == "-" else cell for i, cell in enumerate(cells)}
        line["o"] = f'"{answer}"' if isinstance(answer, str) else str(answer)
        lines.append(line)
    content = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": f"i{i}", "name": n, "field": n} for i, n in enumerate(inputs)],
        "outputs": [{"id": "o", "name": output, "field": output}],
        "rules": lines,
    }
    return {"id": name, "type": "decisionTableNode", "name": name, "position": {"x": 0, "y": 0}, "content": content}


def _zen(text: str, made: set[str] = frozenset()) -> str:  # type: ignore[assignment]
    """The same expression in zen's language, where a value made in the same node is read as ``$.name``."""
    for name in made:
        text = text.replace(name, f"$.{name}")
    return text


def _zen_bands(name: str, bands: Any, made: set[str]) -> str:
    x = f"$.{name}" if name in made else name
    if isinstance(bands, dict):
        *most, (_, last) = bands.items()
        return " : ".join([*(f"{x} == '{word}' ? {points}" for word, points in most), str(last)])
    cuts, points = bands

    def halve(low: int, high: int) -> str:
        if low == high:
            return str(points[low])
        middle = (low + high) // 2
        return f"({x} < {cuts[middle]} ? {halve(low, middle)} : {halve(middle + 1, high)})"

    return halve(0, len(cuts))


def _zen_tree(node: Any) -> str:
    if isinstance(node, str):
        return f"'{node}'"
    when, then, otherwise = node
    return f"({when} ? {_zen_tree(then)} : {_zen_tree(otherwise)})"
