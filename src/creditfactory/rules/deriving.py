"""Reading named values: each may use labels, parameters and other named values, as long as none needs itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from creditfactory.rules.declarations import Declaration, Parameter, refuse
from creditfactory.rules.expressions import Unknown, walk
from creditfactory.rules.policy import Derived
from creditfactory.rules.reading import read_expression
from creditfactory.rules.units import find_unit


def read_derived(
    texts: Mapping[str, tuple[str, str]],
    declarations: Mapping[str, Declaration],
    parameters: Mapping[str, Parameter],
    units: Mapping[str, str] | None = None,
) -> dict[str, Derived]:
    """Read named values from ``{name: (expression, place)}``, each after those it uses.

    ``units`` says in what unit a product or a quotient is meant; elsewhere the unit follows from what is added up.

    >>> labels = {"debt_cents": Declaration("debt_cents", "int"), "income_cents": Declaration("income_cents", "int")}
    >>> texts = {"is_stretched": ("debt_share > 0.7", "b.yaml"), "debt_share": ("debt_cents / income_cents", "a.yaml")}
    >>> list(read_derived(texts, labels, {}))
    ['debt_share', 'is_stretched']
    """
    made: dict[str, Derived] = {}
    known = dict(declarations)
    waiting = dict(texts)
    while waiting:
        ready = [name for name, (text, _) in waiting.items() if not _mentions(text, set(waiting))]
        if not ready:
            name = min(waiting)
            refuse(waiting[name][1], f"{', '.join(sorted(waiting))} in a circle", "values that do not need themselves")
        for name in ready:
            text, place = waiting.pop(name)
            value = read_expression(text, known, parameters, place=place)
            for part in walk(value):
                if isinstance(part, Unknown):
                    refuse(
                        place,
                        f"missing({part.name})",
                        "missing(…) in a rule only; a value made of an unknown is unknown",
                    )
            found, said = find_unit(value, known, parameters), (units or {}).get(name, "")
            if found and said and found != said:
                refuse(place, f"unit {said}", f"{found}, which is what it is made of")
            made[name] = Derived(name, value, place, said or found)
            known[name] = Declaration(name, value.type, unit=said or found)
    return made


def _mentions(text: str, names: set[str]) -> bool:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(tree))
