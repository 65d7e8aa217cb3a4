"""Both packs hold their own cases, and every word and file in them is one a credit officer could sign."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from creditfactory import labels
from creditfactory.decision import Rulebook
from creditfactory.gateways.rulebook import check_rulebook, load_rulebook
from creditfactory.scoring import score

RULEBOOK = Path(__file__).resolve().parents[2] / "rulebook"
PACKS = ("cn-micro", "us-sba")
ANCHORS = set(re.findall(r'<a id="([a-z-]+)">', (RULEBOOK.parent / "docs" / "sources.md").read_text(encoding="utf-8")))
BLAME = re.compile(
    r"fraud|fake|liar|\blie|cheat|suspicious|risky|bad customer|your fault|you failed|irresponsib"
    r"|欺诈|造假|骗|作假|不诚信|劣质|高风险|您的过错",
    re.IGNORECASE,
)
PREFIXES = "CHN|LEA|CON|INT|ENT|GTE|LST|CSH|POL|SCO|LAN|ONL|PHO|VIS|OFR|FUN|REV|CTR|DIS|LON|USE|EWS|COL|DAT|LIN"
SEEN_IN_CODE = re.compile(rf'"((?:{PREFIXES})(?:-[A-Z0-9]+)+)"')


def rulebook(pack: str) -> Rulebook:
    return load_rulebook(pack, locked=False)


def policy_files() -> Iterator[Path]:
    for pack in PACKS:
        yield from sorted((RULEBOOK / pack / "policy").rglob("*.yaml"))
        yield from sorted((RULEBOOK / pack / "tables").glob("*.yaml"))


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_is_sound_and_holds_its_own_cases(pack: str) -> None:
    checked = check_rulebook(RULEBOOK / pack)
    assert [str(f) for f in checked.findings if f.kind == "fault"] == []
    assert checked.cases_run >= 10
    assert checked.cases_failed == 0


@pytest.mark.parametrize("path", list(policy_files()), ids=lambda p: f"{p.parts[-4]}/{p.stem}")
def test_every_rule_parameter_and_table_is_signed_dated_and_has_a_source(path: Path) -> None:
    """Law 4: every number has a reference."""
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert raw["description"]["en"] and re.search(r"[一-鿿]", raw["description"]["zh"])
    assert raw["owner"]
    assert isinstance(raw["review_by"], date)
    assert list(raw["values"]) == sorted(raw["values"])
    first = next(iter(raw["values"]))
    assert first in raw["reference"], "the first version names its source"
    assert set(raw["reference"]) <= set(raw["values"])
    for source in raw["reference"].values():
        assert source["title"]
        page, _, anchor = source["href"].partition("#")
        assert page == "docs/sources.md" and anchor in ANCHORS, source["href"]
    if raw.get("kind") not in ("rule", "derived") and "hit" not in raw:
        assert raw["unit"]


@pytest.mark.parametrize("pack", PACKS)
def test_every_reason_has_words_in_both_languages_for_both_readers_without_blame(pack: str) -> None:
    book = rulebook(pack)
    for words in book.reasons.values():
        for told in (words.borrower, words.staff):
            assert set(told) == {"en", "zh"}
            assert told["en"].strip() and told["zh"].strip(), words.code
        assert re.search(r"[一-鿿]", words.borrower["zh"]), words.code
        assert not re.search(r"[一-鿿]", words.borrower["en"]), words.code
        assert not BLAME.search(words.borrower["en"] + words.borrower["zh"]), words.code
        assert "{" not in words.borrower["en"] + words.borrower["zh"], "figures of others' models are for staff"
        fields = {
            lang: {name.removesuffix("_zh") for name in re.findall(r"{(\w+)}", words.staff[lang])}
            for lang in ("en", "zh")
        }
        assert fields["en"] == fields["zh"], f"{words.code}: both languages tell the same facts"


@pytest.mark.parametrize("pack", PACKS)
def test_every_reason_that_a_rule_or_card_can_give_has_words(pack: str) -> None:
    book = rulebook(pack)
    given = {v.reason for dated in book.rules.values() for _, v in dated.versions if v is not None}
    for live in book.cards:
        for question in live.card.characteristics:
            given |= {b.reason for b in (*question.bins, question.missing, question.other) if b and b.reason}
    assert given - set(book.reasons) == set()


def test_every_reason_in_the_rooms_and_stations_has_words() -> None:
    source = Path(labels.__file__).resolve().parents[1]
    rooms = (
        "application", "identity", "channel", "labels", "decision", "funding", "scoring", "rules", "loan", "portfolio",
        "collection", "stations",
    )  # fmt: skip
    found = {c for room in rooms for p in (source / room).rglob("*.py") for c in SEEN_IN_CODE.findall(p.read_text())}
    found -= {"CSH-LOW", "SCO-YOUNG", "POL-EXECUTED", "POL-OVERDUE-NOW"}  # tiny stories in docstrings
    assert len(found) > 150
    assert found - set(rulebook("cn-micro").reasons) == set()


def test_the_product_of_the_article() -> None:
    """DEC-01, DEC-02, DEC-03, FAC-04: 100,000 to 500,000 yuan, up to 36 months, 18 to 24 %, in 21 cities."""
    book = rulebook("cn-micro").at(date(2026, 3, 2))
    assert len(book.parameters["territory_cities"]) == 21
    assert {p.code for p in book.products} == {"policy_loan", "mortgage_loan", "car_loan", "tax_loan", "business_loan"}
    for product in book.products:
        assert (product.amount_cents_min, product.amount_cents_max) == (10_000_000, 50_000_000)
        assert max(product.terms_months) == 36
        assert (str(product.annual_rate_min), str(product.annual_rate_max)) == ("0.18", "0.24")
    assert set(book.cards) == {"bureau", "application", "business", "fraud", "channel", "master"}


def test_first_form_cards_say_that_experts_wrote_them_and_claim_no_figures() -> None:
    first = [live for live in rulebook("cn-micro").cards if live.card.method == "expert"]
    assert {live.card.name for live in first} == {"bureau", "application", "business", "fraud", "channel", "master"}
    for live in first:
        assert live.card.performance == {}
        text = (RULEBOOK / "cn-micro" / "cards" / live.card.name / live.card.version / "model_card.md").read_text(
            "utf-8"
        )
        assert "no outcome was looked at" in text and "To be replaced" in text


def test_no_rule_or_card_reads_a_protected_fact_or_an_outcome() -> None:
    forbidden = re.compile(r"sex|gender|female|ethnic|marri|religio|sba_term|charge|disburse|mis_status|\bweight\b")
    for pack in PACKS:
        book = rulebook(pack)
        texts = [v.when for dated in book.rules.values() for _, v in dated.versions if v is not None]
        texts += [label for live in book.cards for label in live.card.labels]
        assert [t for t in texts if forbidden.search(t)] == []
    assert [n for n in labels.CATALOGUE if forbidden.search(n)] == []


def test_appended_dates_change_the_day_they_name_and_no_day_before() -> None:
    book = rulebook("us-sba")
    caps = [book.at(d).parameters["programme_amount_cents_max"] for d in (date(2010, 9, 26), date(2010, 9, 27))]
    assert caps == [200_000_000, 500_000_000]


def test_the_fitted_cards_take_over_on_a_day_of_their_own_and_change_nothing_before_it() -> None:
    """SCR-02 to SCR-06, AQ-04: five cards and the divergence card over them, calibrated; the past keeps its cards."""
    book = rulebook("cn-micro")
    names = {"bureau", "application", "business", "fraud", "channel", "master"}
    before, after = (book.at(day).cards for day in (date(2026, 11, 30), date(2026, 12, 1)))
    assert {before[name].version for name in names} == {"v001"}
    assert {after[name].version for name in names} == {"v002"}
    assert after["master"].method == "divergence" and after["master"].role == "master"
    for name in names:
        card = after[name]
        assert card.probability(600) == pytest.approx(1 / 31, rel=0.02), "600 points stand for odds of 30 to 1"
        told = card.performance["holdout"]["calibration"]
        assert told["expected"] == pytest.approx(told["observed"], rel=0.1)


def test_the_golden_applicants_of_the_expert_cards_reach_their_points() -> None:
    """Made-up applicants at every edge of every class: a changed card must be a new version."""
    for live in rulebook("cn-micro").cards:
        if live.card.method != "expert":  # the fitted ones are held to theirs with their manifests
            continue
        folder = RULEBOOK / "cn-micro" / "cards" / live.card.name / live.card.version
        golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))["applicants"]
        assert len({g["points"] for g in golden}) > 10
        for applicant in golden:
            assert score(live.card, applicant["labels"]).points == applicant["points"]
