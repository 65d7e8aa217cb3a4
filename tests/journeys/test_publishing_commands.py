"""The life of a rulebook by hand: ``rulebook publish``, ``diff`` and ``log``, and ``replay``, as one types them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from creditfactory import cli, publishing, records
from creditfactory.records import reads
from creditfactory.service import publishing_commands
from tests.walking import ROOT, Line, world

pytestmark = pytest.mark.django_db

OVERDUE = "policy/bureau/overdue_months_24m_max.yaml"


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """A factory named demo, in this process's own database."""
    monkeypatch.setattr(publishing_commands, "_reach_factory", lambda: None)
    line = Line()
    publishing.find_releases(line.tenant)
    line.set_clock(datetime(2026, 10, 1, 9, tzinfo=UTC))
    return line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack on disk that allows fewer months overdue from July 2027 on."""
    shutil.copytree(ROOT / "rulebook", tmp_path / "rulebook")
    folder = tmp_path / "rulebook" / "cn-micro"
    shutil.rmtree(folder / "cases")
    text = (folder / OVERDUE).read_text("utf-8")
    (folder / OVERDUE).write_text(text.replace("2025-01-01: 5", "2025-01-01: 5\n  2027-07-01: 4"), encoding="utf-8")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]], str]:
    capsys.readouterr()
    code = cli.main(list(words))
    told = capsys.readouterr()
    return code, [json.loads(row) for row in told.out.splitlines()], told.err


def publish(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]], str]:
    return run(capsys, "rulebook", "publish", *words, "--tenant", "cn-micro", "--no-mutation")


def test_a_whole_life_by_hand(line: Line, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """POL-04: a folder becomes a draft, is checked and proposed; another person approves; it governs, and is undone."""
    code, [told], _ = publish(capsys, str(folder), "--by", "hu", "--title", "Fewer months")
    assert (code, told["number"], told["standing"], told["title"]) == (0, 2, "checked", "Fewer months")
    code, [told], words = publish(capsys, str(folder), "--by", "guo", "--propose", "Losses of last year")
    assert (code, told["number"], told["standing"]) == (0, 2, "proposed") and "version 2" in words
    code, _, words = publish(capsys, "2", "--by", "hu", "--approve")
    assert code == 1 and "second person" in words
    assert publish(capsys, "2", "--by", "lin", "--approve")[0] == 0
    code, _, words = publish(capsys, "2", "--by", "guo", "--from", "2026-09-30")
    assert code == 1 and "what was decided before stands" in words
    code, [told], _ = publish(capsys, "2", "--by", "guo", "--challenger", "1000", "--to", "2026-12-01")
    assert [(r["role"], r["share_bps"], r["state"]) for r in told["releases"]] == [("challenger", 1000, "running")]
    assert publish(capsys, "2", "--by", "guo", "--retire")[1][0]["standing"] == "approved"
    assert publish(capsys, "2", "--by", "guo", "--shadow")[1][0]["standing"] == "shadow"
    assert publish(capsys, "2", "--by", "guo", "--live")[1][0]["standing"] == "live"
    code, [told], _ = publish(capsys, "--by", "chen", "--roll-back", "--with", "lin")
    assert (code, told["champion"]) == (0, 1)


def test_a_faulty_draft_says_what_is_wrong_and_stays_a_draft(
    line: Line, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = folder / "policy/bureau/overdue_months.yaml"
    rule.write_text(rule.read_text("utf-8").replace("overdue_months_24m >", "overdue_month_24m >"), encoding="utf-8")
    code, [told], words = publish(capsys, str(folder), "--by", "hu", "--propose", "typo")
    assert (code, told["standing"]) == (1, "draft")
    assert "overdue_month_24m" in words and "stays a draft" in words


def test_the_historical_pack_is_refused_with_its_law(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    """POL-02: the pack that let protected labels through is replayable, and can never be put to work."""
    night = ROOT / "rulebook" / "cn-night"
    if not (night / "pack.yaml").is_file():
        pytest.skip("the historical pack is not there")
    code, rows, words = publish(capsys, str(night), "--by", "hu")
    assert code == 1 and rows == [] and "kept for the record" in words and "law 'cn'" in words
    assert len(reads.list_versions(line.tenant.id, on=date(2026, 10, 1))) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("/nowhere", "--by", "hu"), "nowhere"),
        (("--by", "hu"), "a pack's folder or a version's number"),
        (("7", "--by", "hu", "--approve"), "a version of factory cn-micro: 1"),
        (("1", "--by", "hu", "--challenger", "0"), "basis points"),
        (("1", "--by", " ", "--reject", "x"), "Say who"),
        ((str(ROOT / "rulebook" / "us-sba"), "--by", "hu"), "works by 'cn-micro'"),
    ],
)
def test_bad_words_are_refused_in_one_sentence(
    line: Line, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: str
) -> None:
    code, rows, told = publish(capsys, *words)
    assert code == 1 and rows == [] and expected in told and "Traceback" not in told
    assert len(reads.list_versions(line.tenant.id, on=date(2026, 10, 1))) == 1, "nothing half-done"


def test_an_unknown_factory_is_named(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, told = run(capsys, "rulebook", "publish", "1", "--tenant", "nobody", "--by", "hu")
    assert code == 1 and "a factory that is open here: cn-micro" in told


def test_a_difference_between_what_is_kept_and_what_lies_on_disk(
    line: Line, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CMP-04: a version by its number, by its digest, and a folder, told in words of either language."""
    digest = publishing.find_version(line.tenant, 1).row.digest
    for old in ("cn-micro:1", digest, digest[:12]):
        code, rows, words = run(capsys, "rulebook", "diff", old, str(folder), "--language", "zh")
        assert code == 0 and [r["name"] for r in rows if r["kind"] == "parameter"] == ["overdue_months_24m_max"]
        assert "5 → 4,自2027年7月1日起" in words
    code, rows, words = run(capsys, "rulebook", "diff", "cn-micro:1", "cn-micro:1")
    assert (code, rows) == (0, []) and "the same" in words
    for unknown in ("f" * 12, "cn-micro:9", "no/such"):
        code, rows, words = run(capsys, "rulebook", "diff", unknown, str(folder))
        assert code == 1 and rows == [] and words.count("\n") == 1


def test_the_log_of_a_kept_version(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    """CMP-04: dated changes with their sources, all of them or those of one law."""
    code, rows, _ = run(capsys, "rulebook", "log", "cn-micro:1", "--law", "金规")
    assert code == 0 and rows and all("金规" in row["reference"] for row in rows)
    assert {"on", "name", "words", "reference", "href", "owner"} <= rows[0].keys()


def test_replay_by_hand(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    walks = [line.run(world(who)) for who in range(8)]
    judged = next(w for w in walks if w.state.lane)
    code, [told], _ = run(capsys, "replay", judged.number)
    assert code == 0 and (told["status"], told["application"]) == ("same", judged.number)
    code, [told], words = run(capsys, "replay", "--all", "--tenant", "cn-micro", "--limit", "5")
    assert code == 0 and told["same"] == told["replayed"] <= 5 and "the same" in words
    for given in ((), (judged.number, "--all"), ("A-000000-00000",), ("--all", "--tenant", "nobody")):
        code, rows, words = run(capsys, "replay", *given)
        assert code == 1 and rows == [] and "expected" in words
    assert records.find_decided(judged.number, tenant="other") == []
