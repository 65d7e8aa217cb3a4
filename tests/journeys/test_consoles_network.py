"""The picture of a neighbourhood in a case: what was known then, what is known now, as a drawing and as a table."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from creditfactory import records
from creditfactory.records import tables
from creditfactory.service.words import compile_words
from tests.floor import PASSWORD, lay_floor
from tests.judged import Judged, lay_cases

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def judged(settings: object) -> Judged:
    compile_words()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    lay_floor()
    return lay_cases()


def sign_in(language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    assert client.login(username="lin", password=PASSWORD)
    return client


def lay_ring(number: str, others: int = 14) -> tables.Application:
    """The case's applicant and others on one device before it; two of them bad, one since before, one only later."""
    case = tables.Application.objects.get(number=number)
    for place in range(others):
        at = case.applied_at - (place + 2) * DAY
        other = tables.Application.objects.create(
            tenant_id=case.tenant_id, number=f"A-26{place:04d}", reference=f"RING-{place}",
            person_token=f"ring-{place}", pack=case.pack, trade_name=f"<b>Shop {place}</b>", amount_cents=100,
            currency="CNY", applied_at=at,
            applied_on=at.date(), received_at=at, entered_at=at, rulebook="", status="waiting", station="early_warning",
        )  # fmt: skip
        edges = [("person", f"ring-{place}"), ("device", "shared")] + [("card", "c")] * (place < 2)
        records.add_edges(tenant_id=case.tenant_id, application_id=other.pk, edges=edges, at=at)
        known_at = {0: case.applied_at - DAY, 1: case.applied_at + 9 * DAY}.get(place)
        if known_at is not None:
            told = {"kind": "fraud" if place == 0 else "charge_off", "known_at": known_at}
            records.add_outcome(tenant_id=case.tenant_id, application_id=other.pk, **told)
    edges = [("person", case.person_token), ("device", "shared")]
    records.add_edges(tenant_id=case.tenant_id, application_id=case.pk, edges=edges, at=case.applied_at)
    tables.Clock.objects.filter(tenant_id=case.tenant_id).update(anchor_at=case.applied_at + 30 * DAY)
    return case


def test_what_was_known_then_and_what_is_known_now(judged: Judged) -> None:
    """GRA-01: the picture of the neighbourhood in the case, coloured by what was known when it was decided."""
    case = lay_ring(judged.visit)
    then = sign_in().get(f"/cases/{case.number}/network/").content.decode()
    now = sign_in().get(f"/cases/{case.number}/network/?known=now").content.decode()
    assert (then.count('class="app fraud" aria'), then.count('class="app bad" aria')) == (1, 0)
    assert (now.count('class="app fraud" aria'), now.count('class="app bad" aria')) == (1, 1)
    assert "14 other applications within two ties" in then and "1 was known to be bad, 1 of fraud" in then
    assert "2 were known to be bad" in now
    assert "<b>Shop" not in then and "&lt;b&gt;Shop" in then
    assert then.count("<tr>") == 1 + 15 and 'href="/cases/A-260000/network/"' in then


def test_hubs_are_folded_with_their_count(judged: Judged) -> None:
    case = lay_ring(judged.visit, others=20)
    page = sign_in().get(f"/cases/{case.number}/network/").content.decode()
    fold = re.search(r'class="fold".*?<text y="4">(\d+)</text>', page, re.S)
    assert fold is not None
    drawn = len(re.findall(r'<a href="[^"]+" class="app ', page))
    assert drawn + int(fold[1]) == 21 and drawn < 15
    assert "folded into discs with their count" in page


def test_the_picture_speaks_the_readers_language(judged: Judged) -> None:
    case = lay_ring(judged.visit)
    text = sign_in("zh-hans").get(f"/cases/{case.number}/network/").content.decode()
    assert "申请人周围有谁" in text and "已知欺诈" in text and "决策时所知" in text
    matter = text.split("<h1>")[1].split("</main>")[0]
    assert "known" not in re.sub(r"<[^>]+>", "", matter) and "ties" not in re.sub(r"<[^>]+>", "", matter)


def test_a_case_that_touches_nothing_says_so_and_a_strange_one_is_not_there(judged: Judged) -> None:
    client = sign_in()
    assert (
        "Nothing of this application is in the network yet"
        in client.get(f"/cases/{judged.new}/network/").content.decode()
    )
    assert client.get("/cases/A-NONE/network/").status_code == 404
    assert Client().get(f"/cases/{judged.new}/network/").status_code == 302
