"""JSON Lines in, JSON Lines out: one object of inputs a line, one object of decisions a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from difflib import get_close_matches

from creditfactory.gateways.dmn.deciding import Failed, Line, Model
from creditfactory.gateways.dmn.json_forms import read_inputs, read_line, write_key, write_value
from creditfactory.kernel import BadInput, CreditFactoryError

Say = Callable[[str], None]


class Evaluator:
    """A model and the decisions asked of it; it counts what could not be decided and says each odd thing once."""

    def __init__(self, model: Model, names: tuple[str, ...], *, is_all: bool, at: datetime | None, say: Say) -> None:
        self.model = model
        self.names = names
        self.is_all = is_all
        self.at = at
        self.say = say
        self.faults = check_decisions(model, names)
        self.failed = 0
        self.said: set[str] = set()
        self.inputs = {}
        for node in model.text.inputs.values():
            entry = (node.id, model.input_type(node.variable))
            self.inputs[node.variable.name] = entry
            self.inputs.setdefault(node.name, entry)

    def evaluate(self, lines: Iterable[str]) -> Iterator[str]:
        """One line of results for each line of inputs that is not blank, in the same order."""
        for number, text in enumerate(lines, start=1):
            if text.strip():
                yield self.evaluate_line(text, number)

    def evaluate_line(self, text: str, number: int) -> str:
        """The results for one line, or why there are none."""
        try:
            inputs, extra = read_inputs(read_line(text), self.inputs)
        except BadInput as fault:
            return self.fail(f"line {number}, {fault}" if fault.place != "line" else f"line {number}: {_after(fault)}")
        if extra:
            self.tell_extra(extra, number)
        line = Line(self.model, inputs, at=self.at, extra=extra)
        results = []
        for name in self.names:
            try:
                results.append(f"{write_key(name)}: {write_value(line.decide(name))}")
            except CreditFactoryError as fault:
                error = self.fail(str(fault))
                if not self.is_all:
                    return error
                results.append(f"{write_key(name)}: {error}")
        return "{" + ", ".join(results) + "}"

    def fail(self, why: str) -> str:
        """An error as JSON, counted."""
        self.failed += 1
        return '{"error": ' + write_value(why) + "}"

    def tell_extra(self, extra: Iterable[str], number: int) -> None:
        """Say once of each name that is no input of the model that it is none."""
        read = {name for names in self.model.unknown.values() for name in names}
        for name in extra:
            if name in self.said or name in read:
                continue
            self.said.add(name)
            near = get_close_matches(name, list(self.inputs), n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            self.say(f"line {number}: {name[:60]!r} is no input of this model and is not read{hint}")


def _after(fault: BadInput) -> str:
    return f"found {fault.found}, expected {fault.expected}"


def check_decisions(model: Model, names: tuple[str, ...]) -> list[str]:
    """Why each decision that cannot be made cannot; empty where all can."""
    faults = []
    for name in names:
        try:
            model.step_of(model.by_name[name])
        except (BadInput, Failed) as fault:
            faults.append(str(fault))
    return list(dict.fromkeys(faults))
