"""``rulebook evaluate``, ``import`` and ``export`` as a person at a terminal and a program behind a pipe meet them."""

from __future__ import annotations

import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from creditfactory.cli import main
from creditfactory.gateways.rulebook import check_rulebook, load_rulebook

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "tests" / "packs" / "unit"
LENDING = ROOT / "docs" / "examples" / "lending.dmn"
SPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
APPLICATION = {
    "Applicant": {
        "Date of birth": "1990-06-15", "Employment": "employed", "Existing customer": False, "Monthly income": 30_000,
        "Monthly expenses": 10_000,
    },
    "Requested loan": {"Amount": 250_000, "Yearly rate": 0.18, "Months": 36},
    "Day of application": "2026-06-14",
}  # fmt: skip


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(UNIT, tmp_path / "unit"))


def run(*words: object) -> int:
    return main([str(word) for word in words])


def results(capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], str]:
    told = capsys.readouterr()
    return [json.loads(line) for line in told.out.splitlines()], told.err


def test_a_line_in_a_line_out_in_the_same_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poor = json.loads(json.dumps(APPLICATION))
    poor["Applicant"]["Monthly income"] = 11_000
    lines = tmp_path / "in.jsonl"
    lines.write_text("\n".join([json.dumps(APPLICATION), "", "{", json.dumps(poor), ""]), encoding="utf-8")
    assert run("rulebook", "evaluate", LENDING, lines) == 1
    found, said = results(capsys)
    assert [list(line) for line in found] == [["Routing"], ["error"], ["Routing"]]
    assert (found[0]["Routing"], found[2]["Routing"]) == ("accept", "decline")
    assert found[1]["error"].startswith("line 3, column 1: found no JSON")
    assert "1 could not be evaluated" in said


@pytest.mark.parametrize("order", ["last", "first", "pipe", "none"])
def test_the_file_may_stand_before_or_behind_the_options(
    order: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tmp_path / "in.jsonl"
    lines.write_text(json.dumps(APPLICATION) + "\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.read_bytes())))
    words: dict[str, list[object]] = {
        "last": [LENDING, "--decision", "Age", lines],
        "first": [LENDING, lines, "--decision", "Age"],
        "pipe": [LENDING, "--decision=Age", "-"],
        "none": ["--decision", "Age", LENDING],
    }
    assert run("rulebook", "evaluate", *words[order]) == 0
    assert results(capsys) == ([{"Age": 35}], "")


def test_all_decisions_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = tmp_path / "in.jsonl"
    lines.write_text(json.dumps(APPLICATION), encoding="utf-8")
    assert run("rulebook", "evaluate", LENDING, "--all", lines) == 0
    found, _ = results(capsys)
    assert found == [{"Age": 35, "Application points": 82, "Is affordable": True, "Routing": "accept"}]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nowhere.dmn"], "nowhere.dmn: found No such file"),
        ([LENDING, "--decision", "Rooting"], "did you mean 'Routing'?"),
        ([LENDING, "nowhere.jsonl"], "nowhere.jsonl: found No such file"),
        ([UNIT / "pack.yaml"], "found no XML"),
        ([UNIT], "expected a DMN file"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(
    words: list[object], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("rulebook", "evaluate", *words) == 1
    told = capsys.readouterr()
    assert told.out == "" and why in told.err and told.err.count("\n") == 1


def test_two_questions_at_once_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("rulebook", "evaluate", LENDING, "--all", "--decision", "Age")
    assert left.value.code == 2 and "not allowed with" in capsys.readouterr().err


def test_now_is_the_time_one_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "m.dmn"
    logic = "<literalExpression><text>[now(), today()]</text></literalExpression>"
    model.write_text(
        f'<definitions xmlns="{SPACE}" name="m"><decision id="d" name="D">{logic}</decision></definitions>'
    )
    (tmp_path / "in").write_text("{}\n{}\n")
    assert run("rulebook", "evaluate", model, tmp_path / "in", "--at", "2026-01-31T08:00:00+08:00") == 0
    assert results(capsys)[0] == [{"D": ["2026-01-31T00:00:00Z", "2026-01-31"]}] * 2


def test_a_table_goes_out_as_a_workbook_and_comes_back_changed(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "t.xlsx"
    assert run("rulebook", "export", pack, "--all", "--format", "xlsx", "--out", book, "--on", "2026-07-01") == 0
    opened = openpyxl.load_workbook(book)
    opened["tier"]["E10"].value = "0.17"
    opened.save(book)
    back = ["rulebook", "import", book, "--into", pack, "--from", "2027-01-01"]
    assert run(*back, "--dry-run") == 0
    assert not (pack / "tables/tier-2027-01-01.csv").exists()
    assert run(*back) == 0
    assert (pack / "tables/tier-2027-01-01.csv").exists()
    found, said = results(capsys)
    change = "row 1 changed (points >= 700, tier T1, annual_rate 0.17): annual_rate: 0.18 → 0.17"
    assert found[1:] == [{"table": "tier", "file": "tables/tier-2027-01-01.csv", "changes": [change]}] * 2
    assert "tables/tier-2027-01-01.csv would be written" in said and "tables/tier-2027-01-01.csv written" in said


def test_what_goes_out_as_dmn_is_evaluated_alike(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pack's own table, as a model of another house would be asked."""
    model = tmp_path / "t.dmn"
    assert run("rulebook", "export", pack, "--all", "--format", "dmn", "--out", model, "--on", "2026-07-01") == 0
    facts = [
        {"points": points, "industry": industry, "debt_cents": 6, "income_cents": 1}
        for points in (549, 550, 551, 599, 600, 699, 700, 1000, 1001, None)
        for industry in ("retail", "transport", "mining", None)
    ]
    (tmp_path / "in").write_text("\n".join(map(json.dumps, facts)))
    capsys.readouterr()
    assert run("rulebook", "evaluate", model, "--all", tmp_path / "in") == 0
    book = load_rulebook(pack).at(date(2026, 7, 1))
    for fact, found in zip(facts, results(capsys)[0], strict=True):
        ours = book.table("tier").look_up(fact).outputs
        assert found["debt_share"] == 0.5
        told = {k: v for k, v in (found["tier"] or {}).items() if v is not None}
        is_known = fact["points"] in range(1001) and fact["industry"] in ("retail", "transport")
        assert {k: str(v) for k, v in told.items()} == (dict(ours) if is_known else {}), fact


def test_our_dmn_comes_back_as_the_same_table(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "t.dmn"
    rows = 'points,industry,grade,note\n>= 700,-,1,best\n[600..700),"not(transport)",2,\n-,missing,3,unknown trade\n'
    (pack / "tables/house.csv").write_text(rows, encoding="utf-8")
    about = (pack / "tables/tier.yaml").read_text(encoding="utf-8").replace("tier.csv", "house.csv")
    about = about.replace("{name: points, type: int, minimum: 0, maximum: 1000}", "debt_cents")
    about = about[: about.index("  - {name: tier")] + "  - {name: grade, type: int}\n" + about[about.index("values") :]
    (pack / "tables/house.yaml").write_text(about, encoding="utf-8")
    (pack / "tables/house.csv").write_text(rows.replace("points", "debt_cents"), encoding="utf-8")
    assert run("rulebook", "export", pack, "--table", "house", "--format", "dmn", "--out", model) == 0
    for kind in ("house.csv", "house.yaml"):
        (pack / "tables" / kind).unlink()
    words = ["rulebook", "import", model, "--into", pack, "--from", "2026-01-01", "--owner", "credit-policy"]
    assert run(*words) == 0
    assert check_rulebook(pack).is_sound
    table = load_rulebook(pack, locked=False).at(date(2026, 7, 1)).table("house")
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        [">= 700", "-"], ["[600..700)", 'not("transport")'], ["-", "missing"],
    ]  # fmt: skip
    assert [(row.answers, row.note) for row in table.rows] == [((1,), "best"), ((2,), ""), ((3,), "unknown trade")]


MODEL = f"""<definitions xmlns="{SPACE}" name="other house">
<inputData id="i" name="Industry"><variable name="Industry" typeRef="string"/></inputData>
<inputData id="d" name="Debt cents"><variable name="Debt cents" typeRef="number"/></inputData>
<inputData id="e" name="Income cents"><variable name="Income cents" typeRef="number"/></inputData>
<inputData id="u" name="Shoe size"><variable name="Shoe size" typeRef="number"/></inputData>
<decision id="share" name="Debt share of income"><variable name="Debt share of income" typeRef="number"/>
<informationRequirement><requiredInput href="#d"/></informationRequirement>
<informationRequirement><requiredInput href="#e"/></informationRequirement>
<literalExpression><text>if Income cents &gt; 0 then Debt cents / Income cents
 else 9</text></literalExpression></decision>
<decision id="t" name="Trade grade"><variable name="Trade grade" typeRef="string"/>
<informationRequirement><requiredInput href="#i"/></informationRequirement>
<informationRequirement><requiredDecision href="#share"/></informationRequirement>
<decisionTable hitPolicy="FIRST"><input><inputExpression><text>Industry</text></inputExpression></input>
<input><inputExpression><text>Debt share of income</text></inputExpression></input>
<output name="Grade"><outputValues><text>"A", "B"</text></outputValues>
<defaultOutputEntry><text>"B"</text></defaultOutputEntry></output>
<rule><inputEntry><text>"retail","catering"</text></inputEntry><inputEntry><text>&lt; 0.5</text></inputEntry>
<outputEntry><text>"A"</text></outputEntry></rule></decisionTable></decision>
<decision id="s" name="Shoes"><informationRequirement><requiredInput href="#u"/></informationRequirement>
<decisionTable><input><inputExpression><text>Shoe size</text></inputExpression></input><output/>
<rule><inputEntry><text>40</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable></decision>
<decision id="x" name="Too clever"><literalExpression><text>for i in 1..3 return i</text></literalExpression></decision>
<decision id="y" name="Word"><informationRequirement><requiredInput href="#i"/></informationRequirement><decisionTable>
<input><inputExpression><text>Industry</text></inputExpression></input><output/>
<rule><inputEntry><text>"mining"</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable></decision>
<decision id="z" name="Points"><invocation><literalExpression><text>f</text></literalExpression></invocation></decision>
</definitions>"""


def test_a_model_of_another_house_comes_in_as_far_as_our_language_goes(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can be said is carried over, and each other thing is named with the reason."""
    model = tmp_path / "other.dmn"
    model.write_text(MODEL, encoding="utf-8")
    before = {p: p.read_bytes() for p in pack.rglob("*") if p.is_file()}
    words = ["rulebook", "import", model, "--into", pack, "--from", "2026-01-01", "--owner", "credit-policy"]
    assert run(*words, "--dry-run") == 0
    assert {p: p.read_bytes() for p in pack.rglob("*") if p.is_file()} == before
    assert run(*words) == 0
    found, said = results(capsys)
    told = {line["decision"]: line for line in found[len(found) // 2 :]}
    assert told["Debt share of income"]["files"] == ["policy/imported/debt_share_of_income.yaml"]
    assert told["Trade grade"]["files"] == ["tables/trade_grade.yaml", "tables/trade_grade.csv"]
    assert "'Shoe size', expected a declared label of the pack" in told["Shoes"]["left_out"]
    assert "found for, expected what our language can say" in told["Too clever"]["left_out"]
    assert "one of retail, catering, transport, other" in told["Word"]["left_out"]
    assert "a boxed invocation" in told["Points"]["left_out"]
    assert "binary fractions with us, of decimals in DMN" in said
    assert check_rulebook(pack).is_sound
    book = load_rulebook(pack, locked=False).at(date(2026, 7, 1))
    run_ = book.policy.run({"debt_cents": 2, "income_cents": 5})
    share = book.policy.values(run_)["debt_share_of_income"]
    grades = [
        book.table("trade_grade").look_up({"industry": trade, "debt_share_of_income": share}).outputs["grade"]
        for trade in ("retail", "transport")
    ]
    assert (share, grades) == (0.4, ["A", "B"])
    assert book.table("trade_grade").look_up({"industry": "retail"}).verdict == "missing"
    assert run(*words) == 1, "a second time, all names are taken"


@pytest.mark.parametrize("name", ["tables.csv", "tables"])
def test_other_files_are_not_taken(name: str, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_text("x")
    assert run("rulebook", "import", tmp_path / name, "--into", pack, "--from", "2027-01-01") == 1
    assert "expected .xlsx or .dmn" in capsys.readouterr().err
    assert run("rulebook", "export", pack, "--all", "--format", "xlsx", "--out", tmp_path / "t.csv") == 1
    assert "a file that ends in .xlsx" in capsys.readouterr().err
