"""The back-test beyond one machine: two executors of a Spark cluster answer as this machine does."""

from __future__ import annotations

import json
import shutil
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from creditfactory.batches import backtesting, on_spark
from creditfactory.cli import main
from creditfactory.kernel import Refused
from creditfactory.world.applications import make_past_applicant
from creditfactory.world.market import load_market

pytest.importorskip("pyspark", reason="Spark is not installed here: make test-spark installs it and runs this")
if shutil.which("java") is None:
    pytest.skip("there is no Java here: apt-get install openjdk-17-jre-headless", allow_module_level=True)
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    market = load_market("night")
    lines = [json.dumps(make_past_applicant(market, 5, index), ensure_ascii=False) for index in range(800)]
    path = tmp_path_factory.mktemp("population") / "past.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_two_executors_answer_as_one_machine_does(
    population: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """POL-03: the same population, rulebook and figures from either engine, to the last digit of the JSON."""
    said = []
    for engine in ("polars", "spark"):
        words = ["backtest", str(population), "--rulebook", "cn-micro", "--on", "2026-11-01", "--engine", engine]
        assert main(words) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1]
    assert said[0]["rows"] == 800


def decide_or_refuse(frame: pl.DataFrame) -> pl.DataFrame:
    if (frame["number"] > 90).any():
        raise Refused("Row 91 cannot be decided.")
    return frame.select(
        pl.col("number") * 2,
        pl.col("number").cast(pl.UInt8).alias("small"),
        pl.col("word").cast(pl.Enum(["a", "b"])).alias("kind"),
        pl.lit(None).alias("nothing"),
    )


def test_each_row_comes_home_in_its_place_and_as_its_type() -> None:
    frames = [
        pl.DataFrame({"number": list(range(first, first + 30)), "word": ["a", "b"] * 15, "on": [date(2026, 1, 1)] * 30})
        for first in (0, 30, 60)
    ]
    here = pl.concat([decide_or_refuse(frame) for frame in frames])
    there = pl.concat(list(on_spark.run_chunks(frames, partial(decide_or_refuse))))
    assert_frame_equal(here, there)
    assert list(on_spark.run_chunks([], decide_or_refuse)) == []


def test_a_refusal_in_an_executor_is_told_as_it_is_here() -> None:
    frames = [pl.DataFrame({"number": [1, 91], "word": ["a", "b"]})]
    with pytest.raises(Refused, match=r"^Row 91 cannot be decided\.$"):
        list(on_spark.run_chunks(frames, decide_or_refuse))


def test_the_plan_can_travel() -> None:
    plan = backtesting.Plan(rulebook="cn-micro", on=date(2026, 11, 1))
    assert partial(backtesting.decide_chunk, plan=plan).func.__module__ == "creditfactory.batches.backtesting"
