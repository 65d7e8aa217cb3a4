"""Every frozen value that moves between rooms, written as JSON and read back the same."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, GetCoreSchemaHandler, PlainSerializer, TypeAdapter, ValidationError

from creditfactory.gateways.read_faults import explain_fault
from creditfactory.kernel import BadInput
from creditfactory.labels import KeptLabels, Labels, keep_labels, open_labels

T = TypeVar("T")

_adapters: dict[Any, TypeAdapter[Any]] = {}


def _shape_labels(_: type[Labels], __: Any, handler: GetCoreSchemaHandler) -> Any:
    """Labels travel in the form they are kept in, wherever they stand within another value."""
    return handler.generate_schema(
        Annotated[KeptLabels, AfterValidator(open_labels), PlainSerializer(keep_labels, return_type=KeptLabels)]
    )


setattr(Labels, "__get_pydantic_core_schema__", classmethod(_shape_labels))  # noqa: B010  (pure rooms know no reader)


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """The reader and writer of one type, made once."""
    found = _adapters.get(kind)
    if found is None:
        found = _adapters[kind] = TypeAdapter(kind)
    return found


def dump(value: object) -> str:
    """A frozen dataclass (or a tuple of them under their own type) as JSON: cents whole, rates as decimal strings.

    >>> from creditfactory.kernel import Reason
    >>> dump(Reason("INT-TERM", {"term_months": 48}))
    '{"code":"INT-TERM","facts":{"term_months":48}}'
    """
    return _adapter(type(value)).dump_json(value).decode()


def load(kind: type[T], text: str | bytes) -> T:
    """Read a value of this type; anything that does not fit is refused, naming the field.

    >>> from creditfactory.kernel import Reason
    >>> load(Reason, '{"code": "INT-TERM", "facts": {"term_months": 48}}')
    Reason(code='INT-TERM', facts={'term_months': 48})
    """
    try:
        value: T = _adapter(kind).validate_json(text)
    except ValidationError as fault:
        place, found, expected = explain_fault(fault.errors(include_url=False, include_context=True)[0])
        raise BadInput(place=place or kind.__name__, found=found, expected=expected) from None
    return value
