"""The API against its own description: requests generated from it, good and bad, signed and sent over WSGI."""

from __future__ import annotations

import time
from collections import Counter
from functools import lru_cache
from itertools import count
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from creditfactory import gateways
from tests.partners import PERSON, SECRET, open_demo

pytestmark = pytest.mark.django_db
HOST = "http://testserver"
KEY_FOR = {"work": "desk", "callbacks": "bank", "clock": "harbour", "decisions": "machine"}
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    negative_data_rejection,
]  # fmt: skip
_nonces = count()


@lru_cache(maxsize=1)
def described() -> Any:
    from creditfactory.api import api

    schema = api.get_openapi_schema(path_prefix="api/")
    schema["components"]["securitySchemes"] = {}  # signed below, over the bytes that are really sent
    for path in schema["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    return schemathesis.openapi.from_dict(dict(schema))


OPERATIONS = [
    ("POST", "/api/v1/applications"), ("GET", "/api/v1/applications"), ("GET", "/api/v1/applications/{number}"),
    ("GET", "/api/v1/applications/{number}/offer"), ("POST", "/api/v1/applications/{number}/events"),
    ("POST", "/api/v1/applications/{number}/papers"),
    ("POST", "/api/v1/decisions"), ("POST", "/api/v1/work/take"), ("POST", "/api/v1/work/{number}/complete"),
    ("POST", "/api/v1/callbacks/{party}"), ("GET", "/api/v1/clock"),
]  # fmt: skip


def send(case: Any) -> Response:
    """The case as it would go over the wire, signed with the key for its door."""
    wire = requests.Request(**case.as_transport_kwargs(base_url=HOST)).prepare()
    body = wire.body.encode() if isinstance(wire.body, str) else wire.body or b""
    part = case.operation.path.split("/")[3]
    signed = gateways.build_signed_headers(
        KEY_FOR.get(part, "harbour"), SECRET, method=str(wire.method), path=str(wire.path_url),
        time=str(int(time.time())), nonce=f"s-{next(_nonces)}", body=body,
    )  # fmt: skip
    kept = {"Accept-Language": wire.headers.get("Accept-Language", "en")}
    answer = Client().generic(
        str(wire.method), str(wire.path_url), body, content_type=wire.headers.get("Content-Type", "application/json"),
        headers={**kept, **signed},
    )  # fmt: skip
    return Response(
        status_code=answer.status_code, headers={name: [value] for name, value in answer.headers.items()},
        content=answer.content, request=wire, elapsed=0.0, verify=False,
    )  # fmt: skip


def tame(value: Any) -> Any:
    """A number drawn from all numbers, brought into what a small firm can have; anything else as drawn."""
    return min(abs(value), 10**9) if isinstance(value, int) and not isinstance(value, bool) else value


def has_tables(evidence: Any) -> bool:
    """Whether this evidence holds columns: a schema cannot say that they are of one length, nor are they by chance."""
    return isinstance(evidence, dict) and any(isinstance(value, list | dict) for value in evidence.values())


def test_every_door_is_tried() -> None:
    described_doors = {(o.ok().method.upper(), o.ok().path) for o in described().get_all_operations()}
    assert described_doors == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{m} {p}" for m, p in OPERATIONS])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "otherwise"])
def test_whatever_is_sent_gets_an_answer_that_the_description_knows(method: str, path: str, mode: Any) -> None:
    """API: no 500, every status and shape described, and nothing taken that the description rules out."""
    open_demo()
    operation = described()[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
        pytest.skip("nothing can be sent to this door that its description rules out")

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        case.validate_response(send(case), checks=CHECKS)

    tried()


@pytest.mark.parametrize("path", ["/api/v1/applications", "/api/v1/decisions"])
def test_generated_dossiers_of_this_factory_are_decided_or_refused_by_their_place(path: str) -> None:
    """Any dossier that the description allows, brought into this factory's pack, channel and days."""
    open_demo()
    seen: Counter[int] = Counter()
    here = {"pack": "cn-micro", "applied_at": "2026-11-23T01:30:00Z", "utc_offset_minutes": 480,
            "channel": {"kind": "offline", "company": "harbour"}}  # fmt: skip

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=described()[path]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def tried(case: Any) -> None:
        case.query = {}
        case.body = {**case.body, **here, "reference": f"g-{next(_nonces)}"}
        for group in ("request", "applicant", "business"):
            case.body[group] = {name: tame(value) for name, value in case.body[group].items()}
        case.body["evidence"] = [e for e in case.body.get("evidence", ()) if not has_tables(e)]
        if "person" in case.body:
            case.body["person"] = dict(PERSON)
            case.body["applicant"] = {**case.body["applicant"], "born_on": "1949-12-31"}
        answer = send(case)
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS[:4])
        if answer.status_code == 422:
            assert answer.json()["place"]

    tried()
    assert seen[200] + seen[201] > 0, seen
