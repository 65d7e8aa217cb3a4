"""Units: cents are compared with cents and months with months; a product or a quotient is a number of its own kind."""

from __future__ import annotations

from collections.abc import Mapping

from creditfactory.rules.declarations import Declaration, Parameter
from creditfactory.rules.expressions import Arithmetic, Call, Choice, Expression, Name, Negative, Set

UNITS = (
    "cents", "bps", "share", "rate", "points", "count", "years", "months", "days", "hours", "minutes", "seconds",
    "milliseconds", "metres", "units", "weight", "weekday", "yes or no", "word", "words", "code", "codes",
)  # fmt: skip
"""Every unit that a label or a parameter may be declared in."""

NOT_NUMBERS = ("yes or no", "word", "words", "code", "codes")


def unit_of(name: str, declarations: Mapping[str, Declaration], parameters: Mapping[str, Parameter]) -> str:
    """The unit of a label, a named value or a parameter; words and yes-or-no have none that could be compared."""
    declared: Declaration | Parameter | None = declarations.get(name) or parameters.get(name)
    return "" if declared is None or declared.unit in NOT_NUMBERS else declared.unit


def find_unit(
    expression: Expression, declarations: Mapping[str, Declaration], parameters: Mapping[str, Parameter]
) -> str:
    """The unit of a number, or nothing where it has none: a plain number, a product, a quotient.

    >>> from creditfactory.rules.expressions import Literally
    >>> term, labels = Name("term_months", "int"), {"term_months": Declaration("term_months", "int", "months")}
    >>> find_unit(Arithmetic("+", term, Literally(1, "int"), "int"), labels, {})
    'months'
    >>> find_unit(Arithmetic("*", term, Literally(30, "int"), "int"), labels, {})
    ''
    """
    parts: tuple[Expression, ...] = ()
    match expression:
        case Name(name=name) | Set(name=name):
            return unit_of(name, declarations, parameters)
        case Negative(operand=operand):
            parts = (operand,)
        case Arithmetic(operator="+" | "-", left=left, right=right):
            parts = (left, right)
        case Choice(yes=yes, no=no):
            parts = (yes, no)
        case Call(arguments=arguments):
            parts = arguments
    return next((unit for part in parts if (unit := find_unit(part, declarations, parameters))), "")
