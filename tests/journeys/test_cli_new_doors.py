"""The doors of back-tests, exchange and rulebooks under bad input: one sentence that names the place, nothing else."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from creditfactory import cli

ROOT = Path(__file__).resolve().parents[2]
DOSSIER = json.loads((ROOT / "docs" / "examples" / "cn-micro-approve.json").read_text("utf-8"))


def refuse(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a refused command says last; it must print no result and end with 1."""
    assert cli.main(words) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err and "fault in the program" not in said.err
    return said.err.splitlines()[-1]


LINES: dict[str, tuple[str, str]] = {
    "deep": ("[" * 100_000, "nesting without end"),
    "long number": ('{"pack": ' + "9" * 5_000 + "}", "a number of 5000 digits"),
    "a field twice": ('{"dossier": {}, "dossier": {}}', "the field twice"),
    "a list": ("[1]", "found [1]"),
    "no dossier": (json.dumps({"dossier": None}), "dossier: found None"),
    "outcome a list": (json.dumps({"dossier": DOSSIER, "outcome": [1]}), "outcome: found [1]"),
    "outcome misspelt": (json.dumps({"dossier": DOSSIER, "outcome": {"bda": True}}), "did you mean bad?"),
    "lost too much": (
        json.dumps({"dossier": DOSSIER, "outcome": {"lost_share_bps": 10**30}}), "lost_share_bps: found a number",
    ),
    "audit a number": (json.dumps({"dossier": DOSSIER, "audit": 5}), "audit: found 5"),
    "audit of another type": (json.dumps({"dossier": DOSSIER, "audit": {"queries_3m": "x"}}), "audit.queries_3m"),
    "a part of no name": (json.dumps({"dossier": DOSSIER, "outcom": {}}), "did you mean outcome?"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_past_applicant_that_cannot_be_read_is_named_by_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    line, words = LINES[name]
    path = tmp_path / "past.jsonl"
    path.write_text("\n" + line, "utf-8")
    said = refuse(capsys, "backtest", str(path), "--rulebook", "cn-micro")
    assert f"{path}: line 2: " in said and words in said
    assert said.count("found ") == 1, "one fault, told once"


TABLES: dict[str, tuple[bytes, str]] = {
    "not UTF-8": ("queries_3m,名\n1,2\n".encode("gbk"), "expected a CSV in UTF-8"),
    "a column twice": (b"queries_3m,queries_3m\n1,2\n", "the column 'queries_3m' twice"),
    "words for numbers": (b"queries_3m\nx\n", "could not parse `x`"),
    "weight NaN": (b"queries_3m,weight\n1,NaN\n", "column weight: found nan"),
    "weight without end": (b"queries_3m,weight\n1,inf\n", "column weight: found inf"),
    "weight beyond bounds": (b"queries_3m,weight\n1,1e308\n", "column weight: found 1e+308"),
    "more lost than lent": (b"queries_3m,lost_share_bps\n1,10001\n", "column lost_share_bps: found 10001"),
    "lost without end": (b"queries_3m,lost_cents\n1,1e30\n", "column lost_cents: found 1e+30"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_past_applicants_is_refused_by_its_column(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    raw, words = TABLES[name]
    path = tmp_path / "past.csv"
    path.write_bytes(raw)
    said = refuse(capsys, "backtest", str(path), "--rulebook", "cn-micro")
    assert str(path) in said and words in said
    assert "might want" not in said and "found found" not in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--segment", "citi"), "did you mean city?"),
        (("--segment", "marks"), "expected a column with one word or number a row"),
        (("--out", "{}/nowhere/report.html"), "--out: found no folder"),
        (("--out", "{}"), "--out: found the folder"),
        (("--table", "{}/tiers.csv"), "--table: found no --optimise"),
    ],
)
def test_what_cannot_be_told_apart_or_written_is_said_before_the_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    path = tmp_path / "past.parquet"
    pl.DataFrame({"queries_3m": [1], "city": ["A"], "marks": [[1, 2]]}).write_parquet(path)
    given = (option.format(tmp_path) for option in options)
    said = refuse(capsys, "backtest", str(path), "--rulebook", "cn-micro", *given)
    assert words in said
    assert [file.name for file in tmp_path.iterdir()] == ["past.parquet"]


def test_the_outcome_itself_may_tell_groups_apart(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    path.write_text("queries_3m,bad\n1,true\n2,false\n", "utf-8")
    assert cli.main(("backtest", str(path), "--rulebook", "cn-micro", "--segment", "bad")) == 0
    assert sorted(json.loads(capsys.readouterr().out)["segments"]) == ["false", "true"]


@pytest.mark.parametrize(
    "words",
    [
        ("rulebook", "check", "{}"),
        ("rulebook", "diff", "{}", "cn-micro"),
        ("rulebook", "export", "{}", "--all", "--format", "dmn", "--out", "{}/x.dmn"),
        ("decide", str(ROOT / "docs" / "examples" / "cn-micro-approve.json"), "--rulebook", "{}"),
    ],
)
def test_a_folder_that_is_no_rulebook_is_not_searched(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = refuse(capsys, *(word.format(tmp_path) for word in words))
    assert "no pack.yaml, expected the folder of a rulebook" in said


def test_names_that_are_nearly_right_are_answered_with_the_right_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "did you mean cn-micro?" in refuse(capsys, "rulebook", "diff", "cn-mirco", "cn-micro")
    out = str(tmp_path / "nowhere" / "x.dmn")
    said = refuse(capsys, "rulebook", "export", "cn-micro", "--all", "--format", "dmn", "--out", out)
    assert said.startswith("--out: found no folder ")


def copy_pack(tmp_path: Path, *, shared: bool = True) -> Path:
    pack = tmp_path / "us-sba"
    shutil.copytree(ROOT / "rulebook" / "us-sba", pack)
    if shared:
        shutil.copy(ROOT / "rulebook" / "reasons.yaml", tmp_path)
    return pack


RULE, PARAMETER = "new_business_large.yaml", "new_business_amount_cents_max.yaml"


@pytest.mark.parametrize(
    ("file", "pattern", "planted", "words"),
    [
        (RULE, r"when: .*", f'when: "sba_amount_cents > {"9" * 400}"', "expected a number within ±10^15"),
        (RULE, r"(?s).*", "\tkind: rule", "found character that cannot start any token"),
        (RULE, r"(?s).*", "".join(" " * depth + "a:\n" for depth in range(800)), "found nesting without end"),
        (PARAMETER, r"1970-01-01: 100000000", "1970-01-01: null", "found only days on which it ends"),
    ],
)
def test_a_planted_fault_is_found_by_its_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, file: str, pattern: str, planted: str, words: str
) -> None:
    pack = copy_pack(tmp_path)
    path = pack / "policy" / "business" / file
    path.write_text(re.sub(pattern, lambda _: planted, path.read_text("utf-8"), count=1), "utf-8")
    assert cli.main(("rulebook", "check", str(pack), "--no-mutation")) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(f["kind"] == "fault" and file in f["place"] and words in f["what"] for f in found), found
    assert not any("found found" in f["what"] for f in found)


def test_a_copy_without_the_shared_words_says_where_they_are_looked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(("rulebook", "check", str(copy_pack(tmp_path, shared=False)), "--no-mutation")) == 1
    assert "read from ../reasons.yaml, which is not there" in capsys.readouterr().out
