"""Our tables and named values as a DMN model: the same answers where every fact is known, none where one is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from creditfactory.decision import Rulebook
from creditfactory.gateways.dmn import model as dmn
from creditfactory.gateways.rulebook.feel_words import (
    TYPES,
    write_allowed,
    write_cell,
    write_expression,
    write_value,
    write_words,
)
from creditfactory.kernel import BadInput
from creditfactory.rules import (
    Declaration,
    Derived,
    Expression,
    Parameter,
    Set,
    Table,
    names_read,
    read_derived,
    refuse_name,
    walk,
)

GUARDED = ("U", "A", "F", "P")
"""Hit policies under which a first row can say: nobody knows this, so there is no answer."""
NOBODY = "nobody knows this fact, so there is no answer"


def build_model(rulebook: Rulebook, on: date, names: Iterable[str] | None = None) -> dmn.ModelText:
    """The tables of these names (all, where none are given) as they stand on a day, with all that they look at."""
    tables = {name: table for name, dated in rulebook.tables.items() if (table := dated.on(on)) is not None}
    wanted = list(tables) if names is None else list(names)
    for name in wanted:
        if name not in tables:
            refuse_name(rulebook.pack, name, tables, f"a table in force on {on.isoformat()}")
    parameters = {name: p for name, dated in rulebook.parameters.items() if (p := dated.on(on)) is not None}
    texts = {name: t for name, dated in rulebook.derived.items() if (t := dated.on(on)) is not None}
    written = {name: (text.value, text.place) for name, text in texts.items()}
    derived = read_derived(written, rulebook.declarations, parameters)
    book = _Book(rulebook.declarations, derived, parameters)
    for name in wanted:
        for output in tables[name].outputs:
            book.makers.setdefault(output.name, []).append(tables[name])
    for name in wanted:
        book.add_table(tables[name])
    for name in derived if names is None else ():
        book.need(name)
    return dmn.ModelText(
        f"{rulebook.pack} {on.isoformat()}", f"urn:creditfactory:{rulebook.pack}", "1.5", tuple(book.types.values()),
        book.inputs, book.decisions, {}, {},
    )  # fmt: skip


class _Book:
    """Collects what the tables need: inputs, named values, parameters, each once."""

    def __init__(
        self,
        declarations: Mapping[str, Declaration],
        derived: Mapping[str, Derived],
        parameters: Mapping[str, Parameter],
    ) -> None:
        self.declarations = declarations
        self.derived = derived
        self.parameters = parameters
        self.makers: dict[str, list[Table]] = {}
        self.types: dict[str, dmn.TypeText] = {}
        self.inputs: dict[str, dmn.InputNode] = {}
        self.decisions: dict[str, dmn.DecisionNode] = {}

    def add_table(self, table: Table) -> None:
        """One table as a decision of its own name."""
        looks = [self.look(column, table) for column in table.inputs]
        needs = tuple(dict.fromkeys(need for _, need in looks))
        inputs = tuple(
            dmn.InputClause(dmn.Written(look), TYPES[column.type], column.unit)
            for column, (look, _) in zip(table.inputs, looks, strict=True)
        )
        fallback = table.no_match.answers
        outputs = tuple(
            dmn.OutputClause(
                output.name, TYPES[output.type], "",
                _written(write_words(output)) if table.hit in ("P", "O") else None,
                None if fallback is None else dmn.Written(write_value(fallback[at], output.type)),
            )
            for at, output in enumerate(table.outputs)
        )  # fmt: skip
        rows = [
            dmn.RuleRow(
                tuple(dmn.Written(write_cell(cell, c)) for cell, c in zip(row.cells, table.inputs, strict=True)),
                tuple(dmn.Written(write_value(a, o.type)) for a, o in zip(row.answers, table.outputs, strict=True)),
                (row.note,) if row.note else (),
            )
            for row in table.rows
        ]  # fmt: skip
        if table.name in self.decisions or table.name in self.inputs:
            raise BadInput(place=table.place, found=f"{table.name!r} twice", expected="a name of its own")
        logic = dmn.TableText(inputs, outputs, (*_guards(table), *rows), table.hit)
        only = TYPES[table.outputs[0].type] if len(outputs) == 1 and table.hit in GUARDED else ""
        note = " · ".join(
            words for words in (table.description.get("en", ""), table.description.get("zh", "")) if words
        )
        self.decisions[table.name] = dmn.DecisionNode(
            table.name, table.name, dmn.Variable(table.name, only), logic, needs, note=note
        )

    def look(self, column: Declaration, table: Table) -> tuple[str, str]:
        """How a column is looked at, and the id it needs: another table's answer where one alone gives it."""
        makers = [maker for maker in self.makers.get(column.name, []) if maker.name != table.name]
        if column.name in self.declarations or len(makers) != 1 or makers[0].hit not in GUARDED:
            return column.name, self.need(column.name, column)
        maker = makers[0]
        return maker.name if len(maker.outputs) == 1 else f"{maker.name}.{column.name}", maker.name

    def need(self, name: str, column: Declaration | None = None) -> str:
        """What a table or a value looks at: a named value, a parameter, or an input; the id it has."""
        if name in self.derived:
            if name not in self.decisions:
                value = self.derived[name].value
                needs = [self.need(part) for part in (*names_read(value), *_parameters(value))]
                logic = dmn.LiteralText(dmn.Written(write_expression(value)))
                self.decisions[name] = dmn.DecisionNode(
                    name, name, dmn.Variable(name, TYPES[value.type]), logic, tuple(needs), note="named value"
                )
            return name
        if name in self.parameters and column is None and name not in self.declarations:
            self._need_parameter(self.parameters[name])
            return name
        self._need_input(column or self.declarations[name])
        return name

    def _need_parameter(self, parameter: Parameter) -> None:
        value = parameter.value.isoformat() if isinstance(parameter.value, date) else parameter.value
        kind = "date" if isinstance(parameter.value, date) else type(value).__name__
        logic = dmn.LiteralText(dmn.Written(write_value(value, kind)))
        self.decisions[parameter.name] = dmn.DecisionNode(
            parameter.name, parameter.name, dmn.Variable(parameter.name, TYPES[kind]), logic,
            note=f"parameter {parameter.unit}".strip(),
        )  # fmt: skip

    def _need_input(self, column: Declaration) -> None:
        known = self.inputs.get(column.name)
        type_ref = TYPES[column.type]
        allowed = write_allowed(column)
        if allowed is not None:
            named = f"t_{column.name}"
            made = dmn.TypeText(named, type_ref, dmn.Written(allowed))
            if known is not None and self.types.get(named) != made:
                raise BadInput(
                    place=column.name,
                    found="the same name with two ranges",
                    expected="one; export the tables one by one",
                )
            self.types[named] = made
            type_ref = named
        self.inputs[column.name] = dmn.InputNode(column.name, column.name, dmn.Variable(column.name, type_ref))


def _guards(table: Table) -> list[dmn.RuleRow]:
    """A row for each input that must be known: where nobody knows it, there is no answer."""
    if table.hit not in GUARDED:
        return []
    rows = []
    for at, column in enumerate(table.inputs):
        cells = [row.cells[at] for row in table.rows]
        if all(cell.any for cell in cells) or any(cell.missing for cell in cells):
            continue
        tests = tuple(dmn.Written("null" if i == at else "-") for i in range(len(table.inputs)))
        rows.append(
            dmn.RuleRow(tests, tuple(dmn.Written("null") for _ in table.outputs), (f"{column.name}: {NOBODY}",))
        )
    return rows


def _parameters(value: Expression) -> tuple[str, ...]:
    """The parameters that stand in a value by name; a list of words is written out where it is used."""
    return tuple(dict.fromkeys(part.name for part in walk(value) if isinstance(part, Set)))


def _written(text: str | None) -> dmn.Written | None:
    return None if text is None else dmn.Written(text)
