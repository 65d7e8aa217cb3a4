"""Stock and new business against the law of their days: what is sound passes, and each rule sees its own breach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from creditfactory import cli
from creditfactory.batches import compliance as law_check
from creditfactory.batches.compliance import check_compliance
from creditfactory.decision import Book
from creditfactory.records import DealRecord
from creditfactory.service import compliance_commands
from tests.walking import Line, Walk, open_town, reach, use_addresses, world

ON = date(2026, 11, 5)
PRICE = {"kind": "bank", "all_in_nominal": "0.2400", "all_in_effective": "0.2682"}
OFFER = {"offer": {"amount_cents": 20_000_000, "candidates": [{"funder": "bank-a", "price": PRICE}]}}
CONTRACT = {
    "funder": "bank-a", "annual_rate_nominal": "0.2400", "annual_rate_effective": "0.2682",
    "cost_table": [{"item": "principal", "payee": "borrower"}, {"item": "interest", "payee": "bank-a"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Book:
    from creditfactory.gateways.rulebook import load_rulebook

    return load_rulebook("cn-micro", locked=False).at(ON)


@pytest.fixture
def deal() -> DealRecord:
    """A sound loan: at the cap exactly, permissions signed, the cost table confirmed, contacts at noon."""
    dossier = world(0)
    return DealRecord(
        application="A-1", loan="L-1", on=ON, applied_on=ON, principal_cents=20_000_000, dossier=json.dumps(dossier),
        offer=OFFER, contract=CONTRACT, asked_on=date.fromisoformat(dossier["applied_at"][:10]),
        phone_check={"facts": {"was_fee_taken_by_broker": False}}, signed={"confirmed_cost_table": True},
        contacts=(datetime(2026, 11, 5, 4, tzinfo=UTC),),
    )  # fmt: skip


def findings(deal: DealRecord, book: Book) -> dict[str, str]:
    return {code: rule(deal, book).finding for code, rule, _ in law_check.RULES}


def test_a_sound_loan_keeps_every_rule(deal: DealRecord, book: Book) -> None:
    """CMP-01: six rules, each of them looked at, none broken."""
    assert set(findings(deal, book).values()) == {"kept"}


BREACHES: dict[str, tuple[str, dict[str, Any]]] = {
    "a rate one basis point over the cap": (
        "all_in_rate", {"contract": {**CONTRACT, "annual_rate_nominal": "0.2401"}}),
    "an amount under the band": ("amount_band", {"principal_cents": 9_999_999}),
    "an amount over the band": ("amount_band", {"principal_cents": 50_000_001}),
    "a fee to the broker in the cost table": (
        "no_agent_fee", {"contract": {**CONTRACT, "cost_table": [{"item": "service", "payee": "远航中介"}]}}),
    "a fee that the borrower tells of": (
        "no_agent_fee", {"phone_check": {"facts": {"was_fee_taken_by_broker": True}}}),
    "permissions signed too long before": ("consents", {"asked_on": date(2027, 6, 1)}),
    "permissions signed after the sources were asked": ("consents", {"asked_on": date(2026, 1, 1)}),
    "a cost table that nobody confirmed": ("cost_table", {"signed": None}),
    "a contact at half past ten at night in Shenzhen": (
        "contact_hours", {"contacts": (datetime(2026, 11, 5, 14, 30, tzinfo=UTC),)}),
}  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_each_rule_sees_its_own_breach(deal: DealRecord, book: Book, breach: str) -> None:
    """CMP-01: one thing wrong breaks one rule and no other."""
    rule, changed = BREACHES[breach]
    found = findings(replace(deal, **changed), book)
    assert found.pop(rule) == "broken" and set(found.values()) == {"kept"}


def test_what_cannot_be_read_is_no_pass(deal: DealRecord, book: Book) -> None:
    none = replace(deal, contract=None, offer={})
    assert {k: v for k, v in findings(none, book).items() if v == "unknown"}.keys() == {
        "all_in_rate", "no_agent_fee", "cost_table",
    }  # fmt: skip
    for rate in (None, "", "much"):
        broken = replace(deal, contract={**CONTRACT, "annual_rate_nominal": rate})
        assert findings(broken, book)["all_in_rate"] == "unknown"


def test_the_cap_is_that_of_the_lenders_kind_and_day(deal: DealRecord) -> None:
    """CMP-01, CMP-04: what a micro-loan company may charge falls on a day; a bank's cap does not fall with it."""
    from creditfactory.gateways.rulebook import load_rulebook

    rulebook = load_rulebook("cn-micro", locked=False)
    dated = rulebook.parameters["annual_rate_cap_micro_loan"].versions
    falls = next(day for (day, now), (_, was) in zip(dated[1:], dated, strict=False)
                 if now and was and Decimal(now.value) < Decimal(was.value))  # fmt: skip
    small = {"offer": {"candidates": [{"funder": "bank-a", "price": {**PRICE, "kind": "micro_loan"}}]}}
    for offer, found in ((small, "broken"), (OFFER, "kept")):
        on_the_day = findings(replace(deal, offer=offer, on=falls), rulebook.at(falls))
        assert on_the_day["all_in_rate"] == found
    assert findings(replace(deal, offer=small), rulebook.at(ON))["all_in_rate"] == "kept"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with open_town(tmp_path_factory.mktemp("town")) as addresses:
        yield addresses


@pytest.mark.django_db
def test_a_real_loan_and_its_offer_are_found_and_held(
    town: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CMP-01: a loan walked through the whole line stands in the stock, its offer in the new business, both sound."""
    use_addresses(monkeypatch, town)
    monkeypatch.setattr(compliance_commands, "reach_factory", lambda: None)
    line = Line()
    walk = lend(line)
    on = walk.loan.disbursed_on
    report = check_compliance(line.tenant, on)
    assert (report["loans"], report["offers"]) == (1, 1)
    assert report["breaches"] == []
    counted = {rule["rule"]: rule for rule in report["rules"]}
    assert counted["all_in_rate"]["kept"] == 2 and counted["cost_table"]["kept"] == 1
    assert check_compliance(line.tenant, on.replace(year=on.year - 1))["loans"] == 0
    assert cli.main(["compliance", "--tenant", "cn-micro", "--on", on.isoformat()]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["loans"] == 1
    for words in (["--on", "tomorrow"], ["--tenant", "nobody"], ["--on", "2026-01-01", "--since", "2027-01-01"]):
        assert cli.main(["compliance", "--tenant", "cn-micro", *words]) == 1


def lend(line: Line) -> Walk:
    """The first person of the market who gets a loan."""
    for who in range(40):
        try:
            walk = reach(line, who, "funder_decision")
        except AssertionError:
            continue
        walk.hear_outside()
        if walk.where == ("waiting", "contract", "contract_signed"):
            return walk.borrow()
    raise AssertionError("nobody of forty was lent to")
