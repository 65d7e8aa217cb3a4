"""What one application touches: each thing once, blind, and nothing that was not told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from creditfactory.application import (
    Applicant,
    BankStatement,
    Business,
    ChannelPath,
    ContactList,
    DeviceSession,
    Dossier,
    PaperCheck,
    Request,
)
from creditfactory.network import KINDS, list_touches

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKED = Dossier(
    pack="cn-micro", reference="A-1", applied_at=NOON, request=Request(amount_cents=20_000_000, currency="CNY"),
    applicant=Applicant(token="t1"), business=Business(trade_name=" Far Sail ", city="Wuhan"),
    channel=ChannelPath(kind="offline", company="fast", agent="g1"),
    evidence=(
        DeviceSession(obtained_at=NOON, device="d1", ip="i1"),
        ContactList(obtained_at=NOON, relation=("spouse", "friend"), phone=("ph-2", "ph-2"), city=("wuhan", "wuhan")),
        PaperCheck(obtained_at=NOON, paper="lease", digest="x", likeness="same"),
        PaperCheck(obtained_at=NOON, paper="id_card_front", digest="y", likeness="card"),
        BankStatement(obtained_at=NOON, account="acct-9", holder="owner", origin="bank", from_on=date(2026, 1, 1),
                      to_on=date(2026, 1, 31)),
    ),
)  # fmt: skip


def test_everything_told_is_touched_once_and_by_a_kind_the_network_knows() -> None:
    """GRA-01: person, phone, device, address, employer, card, contact, agent, company, paper: all that is shared."""
    tokens = {"phone": "ph-1", "address": "ad-1", "card": "c-1", "employer": "e-1"}
    found = list_touches(ASKED, tokens)
    assert set(found) == {
        ("person", "t1"), ("phone", "ph-1"), ("contact", "ph-1"), ("address", "ad-1"), ("card", "c-1"),
        ("employer", "e-1"),
        ("agent", "fast/g1"), ("device", "d1"), ("ip", "i1"), ("company", "far sail|wuhan"), ("contact", "ph-2"),
        ("paper", "same"), ("card", "acct-9"),
    }  # fmt: skip
    assert len(found) == len(set(found))
    assert {kind for kind, _ in found} <= {kind.code for kind in KINDS}


def test_what_was_not_told_is_not_touched() -> None:
    bare = replace(ASKED, evidence=(), business=Business(), channel=ChannelPath(kind="direct", company="own"))
    assert list_touches(bare, {"phone": "", "card": ""}) == (("person", "t1"),)


def test_whoever_is_named_as_a_contact_is_found_when_applying() -> None:
    named = {token for kind, token in list_touches(ASKED, {}) if kind == "contact"}
    own = {token for kind, token in list_touches(replace(ASKED, evidence=()), {"phone": "ph-2"}) if kind == "contact"}
    assert own & named == {"ph-2"}
