"""Reading FEEL: an expression or a cell's tests, each fault named by its column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation

from creditfactory.gateways.dmn.feel_cursor import Cursor
from creditfactory.gateways.dmn.feel_names import KEYWORDS, Names, tidy_name
from creditfactory.gateways.dmn.feel_syntax import CellTests, Node
from creditfactory.gateways.dmn.feel_words import read_text
from creditfactory.kernel import BadInput

DEPTH_MAX = 60
COMPARISONS = ("<=", ">=", "!=", "<", ">", "=")
OPENERS, CLOSERS = ("[", "(", "]"), ("]", ")", "[")
TYPE_NAMES = Names(
    (
        "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
        "years and months duration", "Any", "Null", "list", "context", "function", "range",
    )
)  # fmt: skip


def read_expression(text: str, names: Iterable[str] = ()) -> Node:
    """Read one expression that may use these names besides those it makes itself.

    >>> read_expression("Monthly Income * 12", ["Monthly Income"]).kind
    'arithmetic'
    >>> read_expression("1 +")
    Traceback (most recent call last):
    ...
    creditfactory.kernel.errors.BadInput: column 4: found the end, expected a value
    """
    reader = _Reader(text, names)
    found = reader.expression()
    reader.expect_end()
    return found


def read_tests(text: str, names: Iterable[str] = ()) -> CellTests:
    """Read one cell: ``-``, or tests between commas, or ``not(…)`` around them.

    >>> read_tests("not(1, [5..7])").negated
    True
    """
    if text.strip() in ("", "-"):
        return CellTests(text=text)
    known = [*names, "?"]
    reader = _Reader(text, known)
    if reader.word.text == "not" and reader.peek(1).text == "(" and not reader.names.match(reader.words, 0):
        try:
            return CellTests(reader.negated_tests(), negated=True, text=text)
        except BadInput:
            reader = _Reader(text, known)  # not(…) is part of an expression
    tests = reader.tests()
    reader.expect_end()
    return CellTests(tests, text=text)


class _Reader(Cursor):
    """Walks the words of one text, from the loosest binding to the tightest."""

    def negated_tests(self) -> tuple[Node, ...]:
        """The tests within ``not(…)`` around a whole cell."""
        self.take("not")
        self.take("(")
        tests = self.tests()
        self.take(")")
        self.expect_end()
        return tests

    # From loose to tight.

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            self.refuse(f"at most {DEPTH_MAX} levels of brackets")
        word = self.word
        longer = self.match()
        plain = word.kind == "name" and not (longer and longer[1] > 1)
        if plain and word.text == "if":
            found = self.choice()
        elif plain and word.text in ("for", "some", "every"):
            found = self.iteration()
        else:
            found = self.either()
        self.depth -= 1
        return found

    def choice(self) -> Node:
        at = self.take("if").start
        condition = self.expression()
        self.take("then")
        yes = self.expression()
        self.take("else")
        return Node("if", (condition, yes, self.expression()), at=at)

    def iteration(self) -> Node:
        word = self.take()
        outer, self.names = self.names, Names(under=self.names)
        variables: list[str] = []
        sources: list[Node] = []
        while True:
            variables.append(self.name_until("in"))
            source = self.expression()
            if self.sees(".."):
                at = self.take().start
                source = Node("range", (source, self.expression()), (True, True), at)
            sources.append(source)
            self.names.add(variables[-1])
            if not self.sees(","):
                break
            self.take()
        if word.text == "for":
            self.names.add("partial")
        self.take("return" if word.text == "for" else "satisfies")
        body = self.expression()
        self.names = outer
        return Node(word.text, (*sources, body), tuple(variables), word.start)  # type: ignore[arg-type]

    def name_until(self, end: str) -> str:
        first = self.word
        while not self.sees(end):
            if self.word.kind == "end" or self.sees("(", ")", "{", "}", "[", "]"):
                self.refuse(f"a name and {end!r}")
            last = self.take()
        if self.word is first:
            self.refuse("a name")
        self.take(end)
        return tidy_name(self.text[first.start : last.end])

    def either(self) -> Node:
        parts = [self.both()]
        at = self.word.start
        while self.sees("or"):
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Node("or", tuple(parts), at=at)

    def both(self) -> Node:
        parts = [self.comparison()]
        at = self.word.start
        while self.sees("and"):
            self.take()
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else Node("and", tuple(parts), at=at)

    def comparison(self) -> Node:
        left = self.sum()
        while True:
            word = self.word
            if self.sees(*COMPARISONS):
                self.take()
                left = Node("compare", (left, self.sum()), word.text, word.start)
            elif self.sees("between"):
                self.take()
                low = self.sum()
                self.take("and")
                left = Node("between", (left, low, self.sum()), at=word.start)
            elif self.sees("in"):
                self.take()
                left = Node("in", (left, *self.alternatives()), at=word.start)
            else:
                return left

    def alternatives(self) -> tuple[Node, ...]:
        """What stands after ``in``: one test, or several in brackets."""
        if not self.sees("("):
            return (self.test(self.sum),)
        start = self.next
        self.take()
        outer_depth, outer_names = self.depth, self.names
        try:
            tests = self.tests()
            if self.sees(")"):
                self.take()
                return tests
        except BadInput:
            pass
        self.next, self.depth, self.names = start, outer_depth, outer_names
        return (self.test(self.sum),)

    def sum(self) -> Node:
        left = self.product()
        while self.sees("+", "-"):
            word = self.take()
            left = Node("arithmetic", (left, self.product()), word.text, word.start)
        return left

    def product(self) -> Node:
        left = self.power()
        while self.sees("*", "/"):
            word = self.take()
            left = Node("arithmetic", (left, self.power()), word.text, word.start)
        return left

    def power(self) -> Node:
        left = self.signed()
        while self.sees("**"):
            word = self.take()
            left = Node("arithmetic", (left, self.signed()), "**", word.start)
        return left

    def signed(self) -> Node:
        if not self.sees("-"):
            return self.instance()
        signs = []
        while self.sees("-"):
            signs.append(self.take().start)
        found = self.instance()
        for at in signs[-DEPTH_MAX:] if len(signs) <= DEPTH_MAX else self.refuse("fewer signs"):
            found = Node("negative", (found,), at=at)
        return found

    def instance(self) -> Node:
        left = self.postfix()
        while self.sees("instance"):
            at = self.take().start
            self.take("of")
            left = Node("instance", (left,), self.type_name(), at)
        return left

    def type_name(self) -> str:
        """A type as it is written, its blanks made one: ``list<number>``, ``tLoan``."""
        known = TYPE_NAMES.match(self.words, self.next) or self.names.match(self.words, self.next)
        if known:
            name = known[0]
            self.next += known[1]
        elif self.word.kind == "name":
            name = self.take().text
        else:
            self.refuse("a type")
        while self.sees("."):
            self.take()
            name += "." + self.take().text
        if not self.sees("<"):
            return name
        self.take()
        inner = [] if self.sees(">") else [self.type_part()]
        while self.sees(","):
            self.take()
            inner.append(self.type_part())
        self.take(">")
        made = f"{name}<{', '.join(inner)}>"
        if name == "function":
            self.take("->")
            made += "->" + self.type_name()
        return made

    def type_part(self) -> str:
        if self.peek(1).text == ":":
            name = self.take().text
            self.take()
            return f"{name}: {self.type_name()}"
        return self.type_name()

    def postfix(self) -> Node:
        found = self.primary()
        while True:
            word = self.word
            if self.sees("."):
                self.take()
                found = Node("path", (found,), self.member(), word.start)
            elif self.sees("["):
                inner = self.filter()
                if inner is None:
                    return found
                found = Node("filter", (found, inner), at=word.start)
            elif self.sees("("):
                found = self.call(found)
            else:
                return found

    def filter(self) -> Node | None:
        """What stands in the brackets of a filter; nothing where the bracket is the open end of a range, ``[1..5[``."""
        before, names, depth = self.next, self.names, self.depth
        self.take("[")
        self.names = Names(["item"], under=names)
        try:
            inner = self.expression()
            self.take("]")
        except BadInput:
            if not self.in_range:
                raise
            self.next, self.depth = before, depth
            return None
        finally:
            self.names = names
        return inner

    def member(self) -> str:
        if self.sees("time", "start", "end") and self.peek(1).text in ("offset", "included"):
            return f"{self.take().text} {self.take().text}"
        known = self.names.match(self.words, self.next)
        if known:
            self.next += known[1]
            return known[0]
        if self.word.kind != "name":
            self.refuse("a name")
        return self.take().text

    def call(self, callee: Node) -> Node:
        at = self.take("(").start
        arguments: list[Node] = []
        given: list[str] = []
        while not self.sees(")"):
            name = self.argument_name()
            if name is not None:
                given.append(name)
            arguments.append(self.expression())
            if not self.sees(","):
                break
            self.take()
            if self.sees(")"):
                self.refuse("a value")
        self.take(")")
        if given and len(given) != len(arguments):
            self.refuse("a name for each value, or for none")
        kind = "named_call" if given else "call"
        return Node(kind, (callee, *arguments), tuple(given), at)  # type: ignore[arg-type]

    def argument_name(self) -> str | None:
        ahead = 0
        while self.peek(ahead).kind == "name" or (ahead and self.peek(ahead).text in ("-", "+", "'", "/")):
            ahead += 1
        if not ahead or self.peek(ahead).text != ":":
            return None
        name = self.text[self.word.start : self.peek(ahead - 1).end]
        self.next += ahead + 1
        return tidy_name(name)

    # The tightest: values by themselves.

    def primary(self) -> Node:
        word = self.word
        known = self.match() if word.kind in ("name", "sign") else None
        if known and (known[1] > 1 or word.text not in KEYWORDS):
            self.next += known[1]
            return Node("name", value=known[0], at=word.start)
        if word.kind == "number":
            return self.number()
        if word.kind == "text":
            self.take()
            return Node("literal", value=read_text(word.text), at=word.start)
        if word.kind == "name":
            return self.named()
        if self.sees("@"):
            self.take()
            if self.word.kind != "text":
                self.refuse('a text such as "2026-01-31"')
            return Node("at", value=read_text(self.take().text), at=word.start)
        if self.sees(*COMPARISONS):
            return self.test()
        if self.sees("{"):
            return self.context()
        if self.sees(*OPENERS):
            return self.bracket()
        self.refuse("a value")

    def number(self) -> Node:
        word = self.take()
        try:
            return Node("literal", value=Decimal(word.text), at=word.start)
        except InvalidOperation:
            self.refuse("a number", word)

    def named(self) -> Node:
        word = self.take()
        match word.text:
            case "true" | "false":
                return Node("literal", value=word.text == "true", at=word.start)
            case "null":
                return Node("literal", value=None, at=word.start)
            case "function":
                return self.function(word.start)
            case "not":
                return Node("name", value="not", at=word.start)
            case keyword if keyword in KEYWORDS:
                self.refuse("a value", word)
        return Node("name", value=word.text, at=word.start)

    def function(self, at: int) -> Node:
        self.take("(")
        outer, self.names = self.names, Names(under=self.names)
        parameters: list[tuple[str, str]] = []
        while not self.sees(")"):
            first = self.word
            last = self.take()
            while not self.sees(":", ",", ")") and self.word.kind != "end":
                last = self.take()
            name, kind = tidy_name(self.text[first.start : last.end]), "Any"
            if self.sees(":"):
                self.take()
                kind = self.type_name()
            parameters.append((name, kind))
            self.names.add(name)
            if self.sees(","):
                self.take()
        self.take(")")
        is_external = self.sees("external")
        if is_external:
            self.take()
        body = self.expression()
        self.names = outer
        return Node("external" if is_external else "function", (body,), tuple(parameters), at)

    def context(self) -> Node:
        at = self.take("{").start
        outer, self.names = self.names, Names(under=self.names)
        keys: list[str] = []
        values: list[Node] = []
        while not self.sees("}"):
            if self.word.kind == "text":
                keys.append(read_text(self.take().text))
                self.take(":")
            else:
                keys.append(self.name_until(":"))
            if keys[-1] in keys[:-1]:
                self.refuse(f"each key once, and {keys[-1]!r} is here twice")
            values.append(self.expression())
            self.names.add(keys[-1])
            if not self.sees(","):
                break
            self.take()
        self.take("}")
        self.names = outer
        return Node("context", tuple(values), tuple(keys), at)

    def bracket(self) -> Node:
        """A list, a range, or an expression in brackets."""
        word = self.take()
        if word.text == "[" and self.sees("]"):
            self.take()
            return Node("list", at=word.start)
        items = [self.expression()]
        if self.sees(".."):
            self.take()
            outer, self.in_range = self.in_range, True
            high = self.expression()
            self.in_range = outer
            if not self.sees(*CLOSERS):
                self.refuse("the range's end: ] or )")
            closed = self.take().text == "]"
            return Node("range", (items[0], high), (word.text == "[", closed), word.start)
        if word.text == "(":
            self.take(")")
            return items[0]
        if word.text == "]":
            self.refuse("a range such as ]1..5]")
        while self.sees(","):
            self.take()
            items.append(self.expression())
        self.take("]")
        return Node("list", tuple(items), at=word.start)

    def tests(self) -> tuple[Node, ...]:
        found = [self.test()]
        while self.sees(","):
            self.take()
            found.append(self.test())
        return tuple(found)

    def test(self, read: Callable[[], Node] | None = None) -> Node:
        """One test of a cell: an operator and a value, a range, or an expression."""
        if self.sees(*COMPARISONS):
            word = self.take()
            return Node("test", (self.sum(),), word.text, word.start)
        return (read or self.expression)()
