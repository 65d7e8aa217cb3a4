"""A machine hands a paper in for a case of its own: it counts, waits for a person, or is refused in one sentence."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from creditfactory.records import tables
from tests import papers as paper
from tests.partners import expect_refusal, open_case, open_demo, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_factory")]


@pytest.fixture
def _factory() -> None:
    open_demo()


def upload(number: str, content: bytes, key: str = "harbour", **more: Any) -> Any:
    body = {"name": "流水.csv", "content": base64.b64encode(content).decode(), **more}
    return send(key, "POST", f"/api/v1/applications/{number}/papers", body)


def test_a_paper_counts_waits_or_is_refused(settings: Any) -> None:
    """IDF-02: one file at the API's door, read whole or told why not."""
    number = open_case()
    for content, status in (
        (paper.write_statement(), "counts"),
        (paper.write_csv(paper.lay_rows(paper.lay_lines())), "waits"),
        (b"a,b,c\n1,2,3\n", "refused"),
    ):
        told = upload(number, content)
        assert told.status_code == 202
        assert json.loads(told.content)["status"] == status
    assert "交易日期" in json.loads(told.content)["why"]
    assert tables.UploadedPaper.objects.count() == 3
    expect_refusal(upload(number, paper.write_statement()), 409)
    expect_refusal(upload(number, paper.write_statement(30), key="inland"), 404)
    expect_refusal(upload(number, b"x", kind="gossip"), 422, place="kind")
    expect_refusal(upload(number, b"x", colour="red"), 422, place="colour")
    bad = send("harbour", "POST", f"/api/v1/applications/{number}/papers", {"name": "a.csv", "content": "??"})
    expect_refusal(bad, 422, place="content")
