"""Reading DMN files of versions 1.1 to 1.5; XML that could do harm is refused before anything is made of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from lxml import etree

from creditfactory.gateways.dmn.feel_names import tidy_name
from creditfactory.gateways.dmn.model import (
    Boxed,
    DecisionNode,
    Expression,
    InputClause,
    InputNode,
    KnowledgeNode,
    LiteralText,
    ModelText,
    OutputClause,
    RuleRow,
    ServiceNode,
    TableText,
    TypeText,
    Variable,
    Written,
)
from creditfactory.kernel import BadInput

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
FEEL_NAMESPACES = ("http://www.omg.org/spec/FEEL", "http://www.omg.org/spec/DMN", "https://www.omg.org/spec/DMN")
XINCLUDE = "http://www.w3.org/2001/XInclude"
MARK = re.compile(r"^[A-Za-z_][\w.-]*:")
BYTES_MAX = 10_000_000
DEPTH_MAX = 100
ELEMENTS_MAX = 500_000
HITS = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "RULE ORDER": "R", "OUTPUT ORDER": "O", "COLLECT": "C",
}  # fmt: skip
AGGREGATIONS = {"": "", "SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}
EXPRESSIONS = (
    "decisionTable", "literalExpression", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "for", "some", "every", "filter",
)  # fmt: skip
_PLAIN = ("description", "extensionElements", "variable", "question", "allowedAnswers", "informationRequirement",
          "knowledgeRequirement", "authorityRequirement", "parameter", "formalParameter", "supportedObjective",
          "impactedPerformanceIndicator", "decisionMaker", "decisionOwner", "usingProcess", "usingTask")  # fmt: skip
Element = etree._Element  # noqa: SLF001  the only name that lxml's elements have


def read_model_file(path: Path) -> ModelText:
    """Read a DMN file."""
    try:
        if path.stat().st_size > BYTES_MAX:
            raise BadInput(
                place=str(path), found=f"{path.stat().st_size:,} bytes", expected=f"at most {BYTES_MAX:,} bytes"
            )
        content = path.read_bytes()
    except OSError as fault:
        raise BadInput(place=str(path), found=fault.strerror or "no file", expected="a DMN file") from None
    return read_model(content, place=str(path))


def read_model(content: bytes, *, place: str = "model") -> ModelText:
    """Read a DMN model from its XML."""
    return _Reader(place).definitions(read_xml(content, place))


def read_xml(content: bytes, place: str) -> Element:
    """Read XML that declares no types and entities, includes nothing and has bounds; nothing is ever fetched."""
    if not content.strip():
        raise BadInput(place=place, found="nothing", expected="a DMN model")
    if len(content) > BYTES_MAX:
        raise BadInput(place=place, found=f"{len(content):,} bytes", expected=f"at most {BYTES_MAX:,} bytes")
    try:
        _check_harmless(content, place)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(content, parser)
    except DefusedXmlException as fault:
        kind = type(fault).__name__.replace("Forbidden", " that is forbidden")
        raise BadInput(
            place=place, found=f"a {kind}", expected="plain XML without document type, entities or references"
        ) from None
    except (ParseError, etree.XMLSyntaxError, ValueError, LookupError) as fault:
        raise BadInput(place=place, found=f"no XML ({str(fault)[:100]})", expected="a DMN model in XML") from None
    return root


def _check_harmless(content: bytes, place: str) -> None:
    depth = count = 0
    for event, element in iterparse(io.BytesIO(content), ("start", "end"), forbid_dtd=True):
        if event == "end":
            depth -= 1
            element.clear()
            continue
        depth, count = depth + 1, count + 1
        if depth > DEPTH_MAX or count > ELEMENTS_MAX:
            raise BadInput(
                place=place,
                found="elements within elements without end"
                if depth > DEPTH_MAX
                else f"over {ELEMENTS_MAX:,} elements",
                expected=f"at most {DEPTH_MAX} levels and {ELEMENTS_MAX:,} elements",
            )
        if element.tag.startswith(f"{{{XINCLUDE}}}"):
            raise BadInput(place=place, found="an XInclude", expected="one file by itself; nothing is fetched")


class _Reader:
    """Takes a model from its elements; each part keeps the line it stands on."""

    def __init__(self, place: str) -> None:
        self.place = place

    def refuse(self, element: Element, found: str, expected: str) -> BadInput:
        return BadInput(place=f"{self.place}, line {line_of(element)}", found=found, expected=expected)

    def definitions(self, root: Element) -> ModelText:
        name = etree.QName(root)
        declared = [name.namespace, *root.nsmap.values()]  # some writers declare DMN and put their own elements
        version = next((NAMESPACES[space] for space in declared if space in NAMESPACES), None)
        if version is None or name.localname != "definitions":
            raise self.refuse(
                root, f"<{name.localname}> of {name.namespace or 'no namespace'!r}", "<definitions> of DMN 1.1 to 1.5"
            )
        self.namespace = name.namespace
        inputs, decisions, knowledge, services = {}, {}, {}, {}
        for element in self.each(root):
            match local(element):
                case "inputData":
                    node = InputNode(self.id_of(element), self.name_of(element), self.variable(element))
                    inputs[node.id] = node
                case "decision":
                    decision = self.decision(element)
                    decisions[decision.id] = decision
                case "businessKnowledgeModel":
                    model = self.knowledge(element)
                    knowledge[model.id] = model
                case "decisionService":
                    service = self.service(element)
                    services[service.id] = service
        types = tuple(self.type(element) for element in self.each(root, "itemDefinition"))
        imports = tuple(
            str(element.get("name") or element.get("namespace") or "") for element in self.each(root, "import")
        )
        doubled = _first_double([node.name for node in decisions.values()])
        if doubled is not None:
            raise BadInput(place=self.place, found=f"two decisions named {doubled!r}", expected="a name for each")
        return ModelText(
            str(root.get("name") or ""), str(root.get("namespace") or ""), version, types, inputs, decisions,
            knowledge, services, imports, self.place,
        )  # fmt: skip

    def each(self, parent: Element, *names: str) -> Iterator[Element]:
        """The children of the model's own namespace, of these names where names are given."""
        for child in parent:
            ours = isinstance(child.tag, str) and etree.QName(child).namespace == self.namespace
            if ours and (not names or local(child) in names):
                yield child

    def first(self, parent: Element, *names: str) -> Element | None:
        return next(self.each(parent, *names), None)

    def id_of(self, element: Element) -> str:
        return str(element.get("id") or f"{local(element)} {self.name_of(element)}")

    def name_of(self, element: Element) -> str:
        name = tidy_name(str(element.get("name") or element.get("id") or ""))
        if not name:
            raise self.refuse(element, f"a <{local(element)}> without a name", "a name")
        return name

    def variable(self, element: Element) -> Variable:
        found = self.first(element, "variable")
        if found is None:
            return Variable(self.name_of(element))
        return Variable(tidy_name(str(found.get("name") or self.name_of(element))), self.type_ref(found))

    def type_ref(self, element: Element) -> str:
        """A type's name without the mark of its namespace."""
        written = element.get("typeRef")
        if written is None:
            child = self.first(element, "typeRef")
            written = child.text if child is not None else None
        return MARK.sub("", tidy_name(written or ""))

    def needs(self, element: Element) -> tuple[str, ...]:
        found = []
        for requirement in self.each(element, "informationRequirement", "knowledgeRequirement"):
            for target in self.each(requirement, "requiredInput", "requiredDecision", "requiredKnowledge"):
                found.append(href(target))
        return tuple(found)

    def decision(self, element: Element) -> DecisionNode:
        return DecisionNode(
            self.id_of(element), self.name_of(element), self.variable(element), self.logic(element),
            self.needs(element), line_of(element),
        )  # fmt: skip

    def knowledge(self, element: Element) -> KnowledgeNode:
        logic = self.first(element, "encapsulatedLogic")
        made = None if logic is None else self.function(logic)
        return KnowledgeNode(
            self.id_of(element), self.name_of(element), self.variable(element), made, self.needs(element),
            line_of(element),
        )  # fmt: skip

    def service(self, element: Element) -> ServiceNode:
        def listed(*names: str) -> tuple[str, ...]:
            return tuple(href(child) for name in names for child in self.each(element, name))

        return ServiceNode(
            self.id_of(element), self.name_of(element), self.variable(element), listed("outputDecision"),
            listed("encapsulatedDecision"), listed("inputDecision", "inputData"), line_of(element),
        )  # fmt: skip

    def type(self, element: Element) -> TypeText:
        allowed, constraint = self.first(element, "allowedValues"), self.first(element, "typeConstraint")
        function = self.first(element, "functionItem")
        return TypeText(
            self.name_of(element), self.type_ref(element),
            None if allowed is None else self.text(allowed),
            None if constraint is None else self.text(constraint),
            element.get("isCollection") == "true",
            tuple(self.type(part) for part in self.each(element, "itemComponent")),
            line_of(element),
            None if function is None else MARK.sub("", tidy_name(str(function.get("outputTypeRef") or ""))),
        )  # fmt: skip

    def text(self, element: Element) -> Written:
        """The FEEL text within an element; without a <text>, its own."""
        found = self.first(element, "text")
        if found is None:
            return Written("", line_of(element))
        return Written("".join(map(str, found.itertext())).strip(), line_of(found))

    def logic(self, parent: Element) -> Expression | None:
        for child in self.each(parent):
            if local(child) in EXPRESSIONS:
                return self.expression(child)
            if local(child) not in _PLAIN:
                return Boxed("unknown", line=line_of(child), note=local(child))
        return None

    def expression(self, element: Element) -> Expression:
        match local(element):
            case "decisionTable":
                return self.table(element)
            case "literalExpression":
                return self.literal(element)
            case "context":
                return self.context(element)
            case "list":
                parts = tuple(self.expression(child) for child in self.each(element, *EXPRESSIONS))
                return Boxed("list", parts, (), line_of(element), self.type_ref(element))
            case "relation":
                return self.relation(element)
            case "invocation":
                return self.invocation(element)
            case "functionDefinition":
                return self.function(element)
            case _:
                return self.later(element)

    def literal(self, element: Element) -> Expression:
        language = str(element.get("expressionLanguage") or "")
        if language and not language.startswith(FEEL_NAMESPACES) and language.lower() != "feel":
            return Boxed("unknown", line=line_of(element), note=f"literalExpression in {language[:60]!r}")
        if self.first(element, "importedValues") is not None:
            return Boxed("unknown", line=line_of(element), note="importedValues")
        return LiteralText(self.text(element), self.type_ref(element))

    def inner(self, element: Element) -> Expression:
        found = self.logic(element)
        return found or Boxed("unknown", line=line_of(element), note=f"<{local(element)}> without an expression")

    def context(self, element: Element) -> Boxed:
        parts, names = [], []
        for entry in self.each(element, "contextEntry"):
            variable = self.first(entry, "variable")
            names.append(Variable("") if variable is None else self.variable(entry))
            parts.append(self.inner(entry))
        return Boxed("context", tuple(parts), tuple(names), line_of(element), self.type_ref(element))

    def relation(self, element: Element) -> Boxed:
        names = [Variable(self.name_of(column), self.type_ref(column)) for column in self.each(element, "column")]
        rows = []
        for row in self.each(element, "row"):
            cells = tuple(self.expression(cell) for cell in self.each(row, *EXPRESSIONS))
            if len(cells) != len(names):
                raise self.refuse(row, f"{len(cells)} cells", f"{len(names)}, one for each column")
            rows.append(Boxed("context", cells, tuple(names), line_of(row)))
        return Boxed("relation", tuple(rows), tuple(names), line_of(element), self.type_ref(element))

    def invocation(self, element: Element) -> Boxed:
        parts, names = [self.inner(element)], []
        for binding in self.each(element, "binding"):
            parameter = self.first(binding, "parameter")
            if parameter is None:
                raise self.refuse(binding, "a binding without a parameter", "the parameter's name")
            names.append(Variable(self.name_of(parameter), self.type_ref(parameter)))
            logic = self.logic(binding)
            parts.append(logic or LiteralText(Written("null", line_of(binding))))
        return Boxed("invocation", tuple(parts), tuple(names), line_of(element), self.type_ref(element))

    def function(self, element: Element) -> Boxed:
        kind = str(element.get("kind") or "FEEL")
        if kind != "FEEL":
            return Boxed("unknown", line=line_of(element), note=f"function of kind {kind[:20]}")
        names = [Variable(self.name_of(p), self.type_ref(p)) for p in self.each(element, "formalParameter")]
        return Boxed("function", (self.inner(element),), tuple(names), line_of(element), self.type_ref(element))

    def later(self, element: Element) -> Boxed:
        """The boxed expressions that came with DMN 1.4."""
        kind = local(element)
        wanted = {
            "conditional": ("if", "then", "else"),
            "for": ("in", "return"),
            "some": ("in", "satisfies"),
            "every": ("in", "satisfies"),
            "filter": ("in", "match"),
        }[kind]
        parts = []
        for name in wanted:
            child = next((c for c in element if isinstance(c.tag, str) and local(c) == name), None)
            if child is None:
                raise self.refuse(element, f"a <{kind}> without <{name}>", f"<{'>, <'.join(wanted)}>")
            parts.append(self.inner(child))
        name = tidy_name(str(element.get("iteratorVariable") or ""))
        names = (Variable(name),) if name else ()
        return Boxed(kind, tuple(parts), names, line_of(element), self.type_ref(element))  # type: ignore[arg-type]

    def table(self, element: Element) -> TableText:
        policy = str(element.get("hitPolicy") or "UNIQUE").strip().upper()
        aggregation = str(element.get("aggregation") or "").strip().upper()
        if policy not in HITS or aggregation not in AGGREGATIONS:
            raise self.refuse(element, f"hit policy {policy} {aggregation}".strip(), f"one of {', '.join(HITS)}")
        hit = HITS[policy] + (AGGREGATIONS[aggregation] if policy == "COLLECT" else "")
        inputs = []
        for clause in self.each(element, "input"):
            expression, values = self.first(clause, "inputExpression"), self.first(clause, "inputValues")
            if expression is None:
                raise self.refuse(clause, "an <input> without <inputExpression>", "what the column looks at")
            inputs.append(
                InputClause(
                    self.text(expression), self.type_ref(expression), str(clause.get("label") or ""),
                    None if values is None else self.text(values),
                )
            )  # fmt: skip
        outputs = [self.output(clause) for clause in self.each(element, "output")]
        if not outputs:
            raise self.refuse(element, "a table without <output>", "at least one")
        rows = []
        for rule in self.each(element, "rule"):
            tests = tuple(self.text(cell) for cell in self.each(rule, "inputEntry"))
            answers = tuple(self.text(cell) for cell in self.each(rule, "outputEntry"))
            if len(tests) != len(inputs) or len(answers) != len(outputs):
                raise self.refuse(
                    rule, f"{len(tests)} tests and {len(answers)} answers", f"{len(inputs)} and {len(outputs)}"
                )
            notes = tuple(self.text(note).text for note in self.each(rule, "annotationEntry"))
            described = self.first(rule, "description")
            notes = notes or (((described.text or "").strip(),) if described is not None else ())
            rows.append(RuleRow(tests, answers, notes, line_of(rule)))
        return TableText(tuple(inputs), tuple(outputs), tuple(rows), hit, line_of(element))

    def output(self, clause: Element) -> OutputClause:
        values, default = self.first(clause, "outputValues"), self.first(clause, "defaultOutputEntry")
        return OutputClause(
            tidy_name(str(clause.get("name") or "")), self.type_ref(clause), str(clause.get("label") or ""),
            None if values is None else self.text(values), None if default is None else self.text(default),
        )  # fmt: skip


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname


def line_of(element: Element) -> int:
    """The line an element stands on."""
    return cast("int | None", element.sourceline) or 0


def href(element: Element) -> str:
    """The id that a reference names; one into another file keeps all of its text."""
    written = str(element.get("href") or "")
    return written.removeprefix("#")


def _first_double(names: list[str]) -> str | None:
    return next((name for index, name in enumerate(names) if name in names[:index]), None)
