"""What a machine is told when its request cannot be taken: one clear sentence, the place in it, and a status."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from creditfactory import gateways
from creditfactory.api.chinese import tell_chinese
from creditfactory.api.shapes import Fault, NotSignedFault, TooManyFault
from creditfactory.api.signed import NotAllowed, NotJson, NotSigned, TooMany
from creditfactory.kernel import BadInput, CreditFactoryError, Refused

SHAPES: dict[int, type[Any]] = {401: NotSignedFault, 429: TooManyFault}


def list_faults(*statuses: int) -> dict[int, type[Any]]:
    """The shape of each way in which a door may refuse; a database that is away (503) may befall any of them."""
    return {status: SHAPES.get(status, Fault) for status in (*statuses, 503)}


class NotFound(Refused):
    """What the address names is not here, or not this partner's."""


class StrictParser(Parser):
    """Bodies are read as strictly as dossiers are."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as an object; what does not fit is refused by its place."""
        return gateways.read_object(request.body)


def answer_fault(error: Exception, status: int) -> JsonResponse:
    """The sentence, and for bad input its place, what was found and what was expected; in the reader's language."""
    is_chinese = (get_language() or "").startswith("zh")
    body: dict[str, Any] = {}
    if isinstance(error, BadInput):
        found, expected = error.found, error.expected
        if is_chinese:
            found, expected = tell_chinese(found), tell_chinese(expected)
        message = f"{error.place}:发现{found},应为{expected}" if is_chinese else str(error)
        body = {"message": message, "place": error.place, "found": found, "expected": expected}
    else:
        body = {"message": tell_chinese(str(error)) if is_chinese else str(error)}
    if isinstance(error, NotSigned):
        body["fault"] = error.fault
    if isinstance(error, TooMany):
        body["per_minute_max"] = error.per_minute_max
    answer = JsonResponse(body, status=status)
    if isinstance(error, TooMany):
        answer["Retry-After"] = str(error.wait_seconds)
    return answer


def _status_of(error: CreditFactoryError) -> int:
    if isinstance(error, BadInput):
        return 422
    for kind, status in ((NotAllowed, 403), (NotJson, 415), (TooMany, 429)):
        if isinstance(error, kind):
            return status
    if isinstance(error, NotFound):
        return 404
    return 409 if isinstance(error, Refused) else 503


def _read_first(error: ValidationError) -> BadInput:
    """The first thing that does not fit the door's form."""
    fault = error.errors[0]
    steps = tuple(step for step in fault["loc"][1:])
    if fault["type"] == "extra_forbidden":
        return BadInput(place=str(steps[-1])[:60], found="an unknown field", expected="only the fields of this door")
    place, found, expected = gateways.explain_fault({"input": "something else", **fault, "loc": steps[1:] or steps})
    return BadInput(place=place or "body", found=found, expected=expected)


def add_fault_handlers(api: NinjaAPI) -> None:
    """Give each way a request can fail its sentence."""

    @api.exception_handler(NotSigned)
    def not_signed(request: HttpRequest, error: NotSigned) -> HttpResponse:
        return answer_fault(error, 401)

    @api.exception_handler(CreditFactoryError)
    def refused(request: HttpRequest, error: CreditFactoryError) -> HttpResponse:
        return answer_fault(error, _status_of(error))

    @api.exception_handler(ValidationError)
    def misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return answer_fault(_read_first(error), 422)

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        if isinstance(error.__cause__, BadInput):
            return answer_fault(error.__cause__, 422)
        return answer_fault(error, error.status_code)

    @api.exception_handler(RequestDataTooBig)
    def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        found = f"{int(request.META.get('CONTENT_LENGTH') or 0):,} bytes"
        return answer_fault(BadInput(place="body", found=found, expected="at most 1,000,000 bytes"), 413)

    @api.exception_handler(OperationalError)
    @api.exception_handler(InterfaceError)
    def database_away(request: HttpRequest, error: Exception) -> HttpResponse:
        answer = answer_fault(Exception("The database cannot be reached at the moment; send this again."), 503)
        answer["Retry-After"] = "2"
        return answer
