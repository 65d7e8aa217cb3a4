"""``creditfactory world make`` writes lines that ``decide`` can read, the same for the same seed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from creditfactory import gateways
from creditfactory.kernel import BadInput
from creditfactory.world import commands


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    arguments = parser.parse_args(words)
    code: int = arguments.run(arguments)
    return code


def test_the_lines_are_dossiers_and_the_same_seed_writes_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("make", "--count", "5", "--first", "10") == 0
    first = capsys.readouterr().out
    assert run("make", "--count", "5", "--first", "10") == 0
    assert capsys.readouterr().out == first
    dossiers = [gateways.read_dossier(line) for line in first.splitlines()]
    assert [dossier.reference for dossier in dossiers] == [f"W7-{number:06d}" for number in range(10, 15)]
    assert run("make", "--count", "5", "--first", "10", "--seed", "8") == 0
    assert capsys.readouterr().out != first


def test_the_truth_is_written_apart_from_what_was_submitted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("make", "--form", "truth", "--count", "3", "--out", str(tmp_path / "truth.jsonl")) == 0
    rows = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()]
    assert {"reference", "kind", "default_probability", "default_month"} <= set(rows[0])
    assert run("make", "--form", "application", "--count", "3") == 0
    submitted = capsys.readouterr().out
    assert "default" not in submitted
    assert "person" in submitted


def test_an_unknown_market_is_refused_in_one_sentence() -> None:
    with pytest.raises(BadInput, match="cn-micro"):
        run("make", "--market", "atlantis")
