"""The command line under bad input: one sentence on stderr, exit 1 (refused) or 2 (wrong usage), never a trace."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from creditfactory import cli

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
TERMS = {"principal_cents": 100_000, "annual_rate": "0.18", "instalments": 3, "method": "equal_instalment",
         "disbursed_on": "2026-01-15"}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_factory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITFACTORY_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str], list[str]]:
    """A command inside this process: exit code, lines of stdout, lines of stderr."""
    try:
        code = cli.main(words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out.splitlines(), said.err.splitlines()


def start(*words: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """A command as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-m", "creditfactory", *words], env=environment, text=True, timeout=60, check=False,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
    )  # fmt: skip


def write_example(path: Path, **changes: object) -> str:
    whole = json.loads((EXAMPLES / "cn-micro-approve.json").read_text("utf-8"))
    path.write_text(json.dumps({**whole, **changes}), "utf-8")
    return str(path)


FILES: dict[str, bytes] = {
    "empty": b"", "blank": b" \n\n", "binary": b"\xa7\x00\xff" * 999, "half": b'{"pack":', "a list": b"[1]",
    "deep": b"[" * 200_000, "huge": b'{"pack": "' + b"x" * 10_000_000 + b'"}', "utf-16": '{"a": 1}'.encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["decide", "schedule"])
@pytest.mark.parametrize("name", [*FILES, "missing", "folder"])
def test_a_file_that_is_none_gives_one_sentence_that_names_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, name: str
) -> None:
    path = tmp_path / "given.json"
    if name in FILES:
        path.write_bytes(FILES[name])
    elif name == "folder":
        path.mkdir()
    code, out, err = run(capsys, command, str(path))
    assert (code, out, len(err)) == (1, [], 1)
    assert err[0].startswith(f"{path}: ")
    assert "found " in err[0]
    assert "expected " in err[0]


def test_one_bad_line_loses_no_other(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good = json.dumps(json.loads(Path(write_example(tmp_path / "one.json")).read_text("utf-8")))
    unknown_pack = json.dumps({**json.loads(good), "pack": "nowhere"})
    too_early = json.dumps({**json.loads(good), "applied_at": "1999-01-01T00:00:00Z"})
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(["no json", good, '{"pack": 1}', unknown_pack, too_early, good]), "utf-8")
    code, out, err = run(capsys, "decide", str(path))
    assert code == 1
    assert [json.loads(line)["verdict"] for line in out] == ["approve", "approve"]
    assert [line.split(": ")[1] for line in err] == ["line 1", "line 3", "line 4", "line 5"]
    terms = tmp_path / "terms.jsonl"
    rows = [TERMS, {**TERMS, "principal_cents": float("nan")}, {**TERMS, "instalments": 10**5000}, TERMS]
    sys.set_int_max_str_digits(6_000)
    try:
        terms.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    finally:
        sys.set_int_max_str_digits(4_300)
    code, out, err = run(capsys, "schedule", str(terms))
    assert (code, len(out)) == (1, 2)
    assert [line.removeprefix(f"{terms}: ") for line in err] == [
        "line 2: principal_cents: found NaN, expected a number",
        "line 3: instalments: found a number of 5001 digits, expected a whole number up to 10^15",
    ]


@pytest.mark.parametrize("pack", ["../../etc", str(ROOT / "rulebook" / "cn-micro"), "a/b", "nowhere", "x" * 190])
def test_a_dossier_names_a_pack_and_no_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path, pack: str) -> None:
    code, out, err = run(capsys, "decide", write_example(tmp_path / "one.json", pack=pack))
    assert (code, out, len(err)) == (1, [], 1)


REFUSED: tuple[tuple[str, ...], ...] = (
    ("decide", str(EXAMPLES / "cn-micro-approve.json"), "--rulebook", "/nowhere"),
    ("decide", str(EXAMPLES / "cn-micro-approve.json"), "--rulebook", "/dev/null"),
    ("rulebook", "check", "/nowhere"),
    ("rulebook", "lock", "/nowhere"),
    ("rulebook", "lock", str(EXAMPLES)),
    ("labels", "list", "--pack", "nowhere"),
    ("labels", "explain", "queries_9z"),
    ("history", "import", "sba", "/nowhere/loans.parquet"),
    ("history", "import", "sba", str(EXAMPLES)),
    ("history", "import", "sba", str(EXAMPLES / "cn-micro-approve.json")),
    ("eod",),
    ("eod", "--tenant", "nobody", "--on", "2026-11-23"),
    ("work",),
    ("serve", "--data", "/proc/nowhere"),
    ("demo", "--data", str(EXAMPLES / "cn-micro-approve.json")),
    ("cards", "validate", "/nowhere", "/nowhere/data.csv"),
    ("cards", "build", "/nowhere/data.csv", "--target", "bad", "--out", "/tmp/never"),
    ("world", "make", "--market", "nowhere", "--count", "1"),
)


@pytest.mark.parametrize("words", REFUSED, ids=lambda words: " ".join(words)[:60])
def test_what_cannot_be_done_is_refused_for_a_stated_reason(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (1, [])
    assert len(err) == 1
    assert len(err[0]) > 20


WRONG: tuple[tuple[str, ...], ...] = (
    (),
    ("dance",),
    ("decide", "a", "b"),
    ("decide", "--nope"),
    ("schedule", "--rulebook"),
    ("rulebook",),
    ("rulebook", "check"),
    ("labels", "explain"),
    ("history", "import", "fannie"),
    ("history", "import", "sba", "x", "--until", "soon"),
    ("history", "import", "sba", "x", "--workers", "0"),
    ("history", "import", "sba", "x", "--limit", "-1"),
    ("eod", "--on", "2026-02-30"),
    ("work", "--concurrency", "0"),
    ("demo", "--port", "99999"),
    ("demo", "--port", "0"),
    ("demo", "--port", "٣"),
    ("demo", "--speed", "nan"),
    ("demo", "--speed", "inf"),
    ("demo", "--rate", "-1"),
    ("serve", "--workers", "9" * 30),
)


@pytest.mark.parametrize("words", WRONG, ids=lambda words: " ".join(words)[:60] or "nothing")
def test_wrong_usage_ends_with_two(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, [])
    assert err[0].startswith("usage: creditfactory")
    assert "error: " in err[-1]


def list_parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from list_parsers(inner)


def test_every_help_has_an_example() -> None:
    for parser in list_parsers(cli.build_parser()):
        text = parser.format_help()
        assert "\nexample:\n  creditfactory " in text or "| creditfactory " in text or "creditfactory work" in text, (
            parser.prog
        )


def test_a_database_that_is_named_and_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in ("postgresql://me:secret-word@127.0.0.1:1/none", "me:secret-word", "postgresql://a:secret-word@h:p/d"):
        monkeypatch.setenv("DATABASE_URL", url)
        for words in (("eod",), ("work",), ("serve", "--port", "18000")):
            code, out, err = run(capsys, *words)
            assert (code, out, len(err)) == (1, [], 1)
            assert "DATABASE_URL" in err[0]
            assert "secret-word" not in err[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_results_that_cannot_be_written_are_said_and_not_lost_in_silence() -> None:
    example = str(EXAMPLES / "cn-micro-approve.json")
    with Path("/dev/full").open("w") as full:
        ended = start("decide", example, stdout=full)
    assert (ended.returncode, ended.stderr) == (1, "stdout: No space left on device.\n")
    closed = start("decide", example, preexec_fn=lambda: os.close(1), stdout=None)
    assert closed.returncode == 1
    assert closed.stderr.count("\n") == 1
    assert "stdout is closed" in closed.stderr


def test_a_reader_who_has_seen_enough_causes_no_noise(tmp_path: Path) -> None:
    row = json.dumps(TERMS)
    path = tmp_path / "terms.jsonl"
    path.write_text("\n".join([row] * 3_000), "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "creditfactory", "schedule", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b'{"instalments"')
    process.stdout.close()
    assert process.wait(60) == 1
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_closed_stdin_and_a_terminal_of_another_alphabet() -> None:
    closed = start("decide", stdin=None, preexec_fn=lambda: os.close(0))
    assert (closed.returncode, closed.stdout) == (1, "")
    assert closed.stderr.startswith("-: found a closed stdin")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(
        [sys.executable, "-m", "creditfactory", "decide", str(EXAMPLES / "cn-micro-overdue.json")],
        env=environment, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout)["verdict"] == "decline"


@pytest.mark.parametrize("kept", ["{bad", "[]", '{"CREDITFACTORY_SECRET": "x"}', "\x00"])
def test_spoilt_secrets_stop_the_start_and_stay_as_they_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, kept: str
) -> None:
    path = tmp_path / "data" / "secrets.json"
    path.parent.mkdir()
    path.write_text(kept)
    for command in ("demo", "serve", "eod"):
        code, out, err = run(capsys, command)
        assert (code, out) == (1, [])
        assert err[-1].startswith(f"{path} cannot be used: ")
        assert "backup" in err[-1]
    assert path.read_text() == kept
    assert sorted(p.name for p in path.parent.iterdir()) == ["secrets.json"]


def test_labels_are_listed_and_explained_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """LAB-01: each label as one JSON line, and one whole with its meaning in both languages."""
    code, listed, _ = run(capsys, "labels", "list", "--pack", "us-sba")
    assert code == 0 and "sba_amount_cents" in {json.loads(line)["name"] for line in listed}
    code, explained, _ = run(capsys, "labels", "explain", "queries_3m")
    assert code == 0 and set(json.loads("".join(explained))["meaning"]) == {"en", "zh"}
