"""A pack read from disk: what is in force when, and one clear sentence for each fault."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from creditfactory.gateways.rulebook import load_rulebook, write_lock
from creditfactory.kernel import BadInput, Misconfigured, Refused, UnknownName

UNIT = Path(__file__).resolve().parents[1] / "packs" / "unit"
GOOD = {
    "overdue_months_24m": 0,
    "overdue_now_cents": 0,
    "debt_cents": 12_000_000,
    "income_cents": 5_000_000,
    "night_share": 0.1,
    "is_executed": False,
    "industry": "retail",
    "opened_on": "2015-03-01",
    "requested_cents": 20_000_000,
}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(UNIT, tmp_path / "unit"))


def test_CMP_04_each_day_has_its_own_parameters_rules_and_products() -> None:
    rulebook = load_rulebook(UNIT)
    june, july = rulebook.at(date(2026, 6, 30)), rulebook.at(date(2026, 7, 1))
    assert (june.parameter("overdue_months_24m_max"), july.parameter("overdue_months_24m_max")) == (5, 4)
    labels = {**GOOD, "overdue_months_24m": 5}
    assert june.policy.consequence(june.policy.run(labels)) == "none"
    assert july.policy.consequence(july.policy.run(labels)) == "decline"
    assert [p.code for p in rulebook.at(date(2026, 12, 30)).products] == ["shop-loan", "any-loan"]
    assert [p.code for p in rulebook.at(date(2026, 12, 31)).products] == ["shop-loan"]
    assert "night_catering" not in [r.name for r in rulebook.at(date(2027, 1, 1)).policy.rules]
    assert july.on == date(2026, 7, 1) and july.digest == rulebook.digest


def test_a_card_is_in_force_only_from_its_day() -> None:
    rulebook = load_rulebook(UNIT)
    assert rulebook.at(date(2026, 1, 31)).cards == {}
    assert list(rulebook.at(date(2026, 2, 1)).cards) == ["shop"]


def test_before_the_first_rule_there_is_no_policy_of_yes() -> None:
    with pytest.raises(Refused, match="no policy in force on 2025-12-31"):
        load_rulebook(UNIT).at(date(2025, 12, 31))


def test_an_unknown_parameter_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="did you mean 'debt_share_max'"):
        load_rulebook(UNIT).at(date(2026, 7, 1)).parameter("debt_shares_max")


def test_a_pack_that_is_not_there_says_where_packs_are_looked_for() -> None:
    with pytest.raises(Misconfigured, match="CREDITFACTORY_RULEBOOK"):
        load_rulebook("no-such-pack")


def test_the_lock_names_the_file_that_has_changed(pack: Path) -> None:
    write_lock(pack)
    digest = load_rulebook(pack).digest
    rates = pack / "tables" / "tier.csv"
    rates.write_text(rates.read_text(encoding="utf-8").replace("0.24", "0.25"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"tables/tier\.csv: found other content"):
        load_rulebook(pack)
    assert load_rulebook(pack, locked=False).digest != digest


def test_the_lock_names_a_file_added_and_a_file_taken_away(pack: Path) -> None:
    write_lock(pack)
    (pack / "policy" / "extra.yaml").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="a file that the lock does not know"):
        load_rulebook(pack)
    (pack / "policy" / "extra.yaml").unlink()
    (pack / "tables" / "tier.csv").unlink()
    with pytest.raises(BadInput, match="no such file"):
        load_rulebook(pack)


def test_the_digest_is_that_of_what_decides(pack: Path) -> None:
    before = load_rulebook(pack).digest
    (pack / "cases" / "more.yaml").write_text("cases: []\n", encoding="utf-8")
    assert load_rulebook(pack).digest == before
    policy = pack / "policy" / "business" / "debt_share_max.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("0.7", "0.8"), encoding="utf-8")
    assert load_rulebook(pack).digest != before


FAULTS = [
    (
        "policy/bureau/overdue_now.yaml",
        "overdue_now_cents > 0",
        "overdue_nwo_cents > 0",
        "did you mean 'overdue_now_cents'",
    ),
    ("policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "is_executed > 0", "bool compared with int"),
    (
        "policy/bureau/overdue_now.yaml",
        "overdue_now_cents > 0",
        "overdue_now_cents",
        "a condition that is true or false",
    ),
    ("policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "overdue_now_cents.real > 0", "column 1"),
    ("policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "open('x') > 0", "column 1"),
    ("policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "is_female", "protected attribute"),
    ("policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "industry == 'retial'", "did you mean 'retail'"),
    (
        "policy/bureau/overdue_now.yaml",
        "overdue_now_cents > 0",
        "known(income_cents) and income_cents < 5",
        "missing: …",
    ),
    ("policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "debt_cents / 0 > 1", "a divisor that is not zero"),
    ("policy/bureau/overdue_now.yaml", "overdue_now_cents > 0", "overdue_now_cents >", "column"),
    ("policy/bureau/overdue_now.yaml", "then: decline", "then: reject", "lane_b or lane_c or refer or decline"),
    ("policy/bureau/overdue_now.yaml", "missing: decline, ", "", r"missing: found None|missing.*found None"),
    ("policy/bureau/overdue_now.yaml", "missing: decline", "missing: clear", "why an unknown fact may pass"),
    ("policy/bureau/overdue_now.yaml", "kind: rule", "kind: law", "parameter or rule or derived"),
    ("policy/bureau/overdue_now.yaml", "owner: credit-policy\n", "", "owner"),
    ("policy/bureau/overdue_now.yaml", "zh: 当前逾期", "zu: 当前逾期", "words as {en: …, zh: …}"),
    ("policy/bureau/overdue_now.yaml", "2026-01-01", "2026-02-30", "line 5|2026-02-30|day is out of range"),
    ("policy/bureau/overdue_months_24m_max.yaml", "2026-07-01", "2025-07-01", "the oldest day first"),
    ("policy/bureau/overdue_months_24m_max.yaml", "2026-07-01", "2026-01-01", "each key once"),
    ("policy/business/debt_share.yaml", "debt_cents /", "debt_share /", "values that do not need themselves"),
    ("tables/tier.yaml", "hit: first", "hit: best", "hit: found 'best'"),
    ("tables/tier.yaml", "- industry", "- industri", "did you mean 'industry'"),
    ("tables/tier.csv", "points,industry", "point,industry", r"tables/tier\.csv, line 1"),
    ("tables/tier.csv", "[600..700)", "[700..600)", "line 3, column points.*the lower end first"),
    ("tables/tier.csv", "not(transport)", "not(transprot)", "line 3, column industry.*did you mean 'transport'"),
    ("tables/tier.csv", "T3,0.24", "T4,0.24", "line 4, column tier"),
    ("tables/tier.csv", "0.18,", "x,", "line 2, column annual_rate"),
    ("tables/tier.csv", ">= 700,-,", ">= 700,", "line 2.*found 4 cells"),
    ("products.yaml", '"0.18"', '"a lot"', r"products\[1\]\.annual_rate_min"),
    ("products.yaml", "industry == 'retail'", "industri == 'retail'", r"products\[1\].*did you mean 'industry'"),
    ("live.toml", "v001", "v002", "a card that is in the pack"),
    ("live.toml", "2026-02-01", "soon", "live.toml"),
    ("cards/shop/v001/card.json", '"from": 1, "to": 3', '"from": 2, "to": 3', "where the class before ends"),
    ("cards/shop/v001/card.json", '"label": "industry"', '"label": "industri"', "did you mean 'industry'"),
    ("cards/shop/v001/card.json", '"points": 60', '"points": NaN', "finite numbers"),
    ("cards/shop/v001/card.json", '["retail"]', '["retial"]', "industry: found 'retial'.*did you mean 'retail'"),
    ("cards/shop/v001/card.json", '["yes"]', '["true"]', "is_executed: found 'true'"),
    ("cards/shop/v001/card.json", '"overdue_months_24m"', '"opened_on"', "opened_on: found type 'number'"),
    ("reasons.yaml", "precedence: 20", "precedence: high", "a whole number"),
    ("reasons.yaml", "Debt share {debt_share}", "Debt share {debt_share", "words with facts as {name}"),
    ("pack.yaml", "currency: CNY", "money: CNY", "pack.yaml: currency"),
    ("labels.yaml", "type: int", "type: integer", "labels.yaml"),
]


@pytest.mark.parametrize(("place", "good", "bad", "sentence"), FAULTS, ids=[f"{p}-{b}"[:60] for p, _, b, _ in FAULTS])
def test_each_fault_in_a_file_is_one_sentence_that_names_it(
    pack: Path, place: str, good: str, bad: str, sentence: str
) -> None:
    file = pack / place
    text = file.read_text(encoding="utf-8")
    assert good in text, "the fault can be planted"
    file.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=sentence) as caught:
        load_rulebook(pack)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_a_file_that_is_not_utf_8_is_named_with_its_line(pack: Path) -> None:
    (pack / "tables" / "tier.csv").write_bytes(b"points,industry\n" + "汉".encode("gb18030"))
    with pytest.raises(BadInput, match=r"tables/tier\.csv, line 2: found bytes that are not UTF-8"):
        load_rulebook(pack)
