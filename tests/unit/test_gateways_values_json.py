"""Values at rest: every result that a station keeps is written as JSON and read back the same."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from creditfactory import decision, identity
from creditfactory.decision import Decision, FundingTerms, Price
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook import load_rulebook
from creditfactory.gateways.values_json import dump, load
from creditfactory.kernel import BadInput, Reason

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "docs" / "examples").glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_a_whole_decision_comes_back_equal(path: Path) -> None:
    dossier = read_dossier(path.read_bytes())
    book = load_rulebook(dossier.pack, locked=False).at(dossier.applied_on)
    decided = decision.decide(dossier, book, as_of=dossier.applied_at + timedelta(hours=1))
    text = dump(decided)
    back = load(Decision, text)
    assert back == decided
    assert dump(back) == text


def test_rates_are_decimal_strings_and_cents_whole() -> None:
    text = dump(Price(funder="b1", annual_rate=Decimal("0.1884"), components={"margin": 560}))
    assert json.loads(text)["annual_rate"] == "0.1884"
    assert load(Price, text).annual_rate == Decimal("0.1884")


@pytest.mark.parametrize("value", [1, 1.0, True, "1", None, 0.1])
def test_a_fact_keeps_its_type(value: object) -> None:
    reason = Reason("X", {"fact": value})  # type: ignore[dict-item]
    back = load(Reason, dump(reason)).facts["fact"]
    assert back == value
    assert type(back) is type(value)


def test_what_does_not_fit_is_refused_by_its_field() -> None:
    with pytest.raises(BadInput, match="cost_bps: found 'much', expected a whole number"):
        load(FundingTerms, '{"funder": "b1", "cost_bps": "much"}')
    with pytest.raises(BadInput, match="verdict: found 'maybe', expected one of 'pass', 'refer'"):
        load(identity.FrontGate, '{"verdict": "maybe", "signals": {}}')
    with pytest.raises(BadInput, match="FundingTerms: found no JSON"):
        load(FundingTerms, "{")
