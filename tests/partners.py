"""A broker's, a clerk's and a bank's way to the API in tests: signed requests, and what a refusal must look like."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import Client

from creditfactory import gateways, records
from creditfactory.records import tables
from creditfactory.stations import draw_moves
from tests.floor import _restore_accounts

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "the-partners-own-secret"
KEYS = {"harbour": "broker", "inland": "broker", "desk": "staff", "bank": "party", "custodian": "party"}
ID_NUMBER = "11010519491231002X"
PERSON = {"name": "李小明", "id_number": ID_NUMBER, "phone": "13800000001"}
_nonces = count()


def build_application() -> dict[str, Any]:
    """What a broker hands in when all is well."""
    return {
        "pack": "cn-micro", "reference": "HB-1", "applied_at": "2026-11-23T01:30:00Z", "utc_offset_minutes": 480,
        "person": dict(PERSON),
        "request": {"amount_cents": 20_000_000, "currency": "CNY", "term_months": 24, "purpose": "stock"},
        "applicant": {"born_on": "1949-12-31", "role": "legal_representative", "city": "shenzhen"},
        "business": {"trade_name": "恒通电子", "industry": "F5174", "city": "shenzhen", "opened_on": "2016-05-01"},
        "channel": {"kind": "offline", "company": "harbour", "agent": "a-7"},
        "consents": [{"kind": "privacy", "signed_at": "2026-11-23T01:28:00Z"}],
        "evidence": [{"kind": "mortgage", "obtained_at": "2026-11-23T01:28:00Z", "instalment_cents": 520_000,
                      "months_paid": 64}],
    }  # fmt: skip


def open_demo() -> None:
    """A factory with a clock at rest, and a key for each kind of partner."""
    _restore_accounts()
    records.save_line_moves(moves=draw_moves())
    tenant = records.open_tenant(
        code="demo", name="Demo", pack="cn-micro", now=NOW, business_on=date(2026, 11, 23), speed=0, by="test"
    )
    for key, role in KEYS.items():
        records.save_partner_key(tenant=tenant, key=key, party=key, role=role, secret=SECRET, at=NOW)
    for key, rights in (("machine", ("decide",)), ("analyst", ("decide", "explain"))):
        records.add_partner(
            tenant=tenant, key=key, party="harbour", role="broker", rights=rights, secret=SECRET, by="test", at=NOW
        )


def send(
    key: str, method: str, path: str, body: object = b"", *, seconds: float | None = None, **changes: str
) -> HttpResponse:
    """One signed request; ``changes`` overwrite headers after signing."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(time.time() if seconds is None else seconds))
    nonce = f"n-{next(_nonces)}"
    headers = gateways.build_signed_headers(key, SECRET, method=method, path=path, time=stamp, nonce=nonce, body=text)
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    return Client().generic(method, path, text, content_type="application/json", headers=headers)


def hand_in(body: object, key: str = "harbour") -> HttpResponse:
    return send(key, "POST", "/api/v1/applications", body)


def open_case(**changes: Any) -> str:
    answer = hand_in({**build_application(), **changes})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["case"])


def expect_refusal(answer: HttpResponse, status: int, place: str | None = None) -> str:
    """The sentence of a refusal: one, short, free of traces."""
    assert answer.status_code == status, (answer.status_code, answer.content[:400])
    said = answer.json()
    message = said["message"]
    assert isinstance(message, str)
    assert 10 < len(message) < 500
    assert "\n" not in message and "Traceback" not in message
    assert ID_NUMBER not in message and PERSON["name"] not in message and PERSON["phone"] not in message
    if place is not None:
        assert said["place"] == place, said
        assert message.startswith(f"{place}: found ")
    return message


def count_kept() -> tuple[int, int, int]:
    return tables.Application.objects.count(), tables.Person.objects.count(), tables.CallBack.objects.count()
