"""Beyond one machine: the same function on the same rows, inside each executor of a Spark cluster.

The population goes to the cluster as Parquet; each executor is handed batches of columns, reads them as a Polars frame
and calls the very function that decides on one machine. So the answers are the same, row by row and type by type. Needs
the extra ``[spark]`` and Java 17.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import creditfactory
from creditfactory.kernel import CreditFactoryError, Refused

MASTER = "local-cluster[2,1,1024]"
"""Two executors, each a process of its own with a core and a gigabyte; a cluster's address takes its place."""
BATCH_ROWS = 50_000
PLACE = "_place"
REFUSAL = "the rulebook's side refuses: "
SPARK_TYPES: dict[Any, tuple[str, Any]] = {
    pl.Int8: ("tinyint", pl.Int8), pl.Int16: ("smallint", pl.Int16), pl.Int32: ("int", pl.Int32),
    pl.Int64: ("bigint", pl.Int64), pl.UInt8: ("smallint", pl.Int16), pl.UInt16: ("int", pl.Int32),
    pl.UInt32: ("bigint", pl.Int64), pl.UInt64: ("bigint", pl.Int64), pl.Float32: ("float", pl.Float32),
    pl.Float64: ("double", pl.Float64), pl.Boolean: ("boolean", pl.Boolean), pl.String: ("string", pl.String),
    pl.Date: ("date", pl.Date), pl.Categorical: ("string", pl.String), pl.Enum: ("string", pl.String),
    pl.Null: ("string", pl.String),
}  # fmt: skip
"""How each kind of column is called in Spark, and as what it travels: Spark knows no unsigned numbers."""

Decide = Callable[[pl.DataFrame], pl.DataFrame]


def run_chunks(frames: Iterable[pl.DataFrame], decide: Decide, *, master: str | None = None) -> Iterator[pl.DataFrame]:
    """The answers to all chunks in their order, from a cluster; ``decide`` must be a function that can be sent there.

    The cluster is ``master``, or that of ``CREDITFACTORY_SPARK_MASTER``, or one on this machine. Its executors must see
    the folder that temporary files are made in (``TMPDIR``) and the rulebook's own.
    """
    shared = Path(tempfile.mkdtemp(prefix="creditfactory-spark-"))
    try:
        height, first = _put(frames, shared)
        if first is None:
            return
        told = decide(first.head(1))
        with _open_session(master or os.environ.get("CREDITFACTORY_SPARK_MASTER") or MASTER) as spark:
            _spread(spark, shared, _Answering(decide), told)
        answers = pl.scan_parquet(shared / "answers" / "*.parquet").sort(PLACE)
        for start in range(0, height, BATCH_ROWS):
            yield _come_home(answers.slice(start, BATCH_ROWS).drop(PLACE).collect(), told)
    finally:
        shutil.rmtree(shared, ignore_errors=True)


@dataclass(frozen=True)
class _Answering:
    """What runs inside an executor: batches of columns in, the function's answers out, each row with its place."""

    decide: Decide

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow

        for batch in batches:
            frame = pl.from_arrow(pyarrow.Table.from_batches([batch]))
            assert isinstance(frame, pl.DataFrame)
            try:
                answer = self.decide(frame.drop(PLACE))
            except CreditFactoryError as fault:
                raise RuntimeError(f"{REFUSAL}{fault}{REFUSAL}") from fault
            leaving = _go_out(answer).with_columns(frame[PLACE])
            yield from leaving.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()


def _put(frames: Iterable[pl.DataFrame], shared: Path) -> tuple[int, pl.DataFrame | None]:
    """Write the chunks where the executors find them, each row with its place; and how many there are."""
    height, first = 0, None
    (shared / "population").mkdir()
    for number, frame in enumerate(frames):
        if frame.height:
            first = frame if first is None else first
            placed = _go_out(frame).with_row_index(PLACE, height).with_columns(pl.col(PLACE).cast(pl.Int64))
            placed.write_parquet(shared / "population" / f"chunk-{number:06d}.parquet")
            height += frame.height
    return height, first


def _spread(spark: Any, shared: Path, answering: _Answering, told: pl.DataFrame) -> None:
    """Let every executor answer for its share, and write what it answers."""
    words = [f"`{name}` {_find_type(kind)[0]}" for name, kind in told.schema.items()]
    population = spark.read.parquet(str(shared / "population"))
    tasks = max(2 * spark.sparkContext.defaultParallelism, population.rdd.getNumPartitions())
    answers = population.repartition(tasks).mapInArrow(answering, ", ".join([*words, f"`{PLACE}` bigint"]))
    try:
        answers.write.parquet(str(shared / "answers"))
    except Exception as fault:
        parts = str(fault).split(REFUSAL)
        if len(parts) > 2:
            raise Refused(parts[1]) from None
        raise


def _go_out(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).cast(_find_type(kind)[1]) for name, kind in frame.schema.items())


def _come_home(frame: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The columns in the types that they have on one machine."""
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in told.schema.items())


def _find_type(kind: pl.DataType) -> tuple[str, Any]:
    found = SPARK_TYPES.get(kind.base_type())
    if found is None:
        raise Refused(f"A column of {kind} cannot go to Spark; give it as numbers, words, yes and no, or days.")
    return found


@contextlib.contextmanager
def _open_session(master: str) -> Iterator[Any]:
    """A session of our own, quiet and without a page of its own, ended when all is answered."""
    try:
        import pyarrow  # noqa: F401
        from pyspark.sql import SparkSession
    except ImportError as fault:
        raise Refused(
            f"Spark is not installed here ({fault.name} is missing). `pip install creditfactory[spark]`, or "
            "`make test-spark`, which installs it, or the engine polars."
        ) from None
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise Refused("Spark needs Java 17, and there is none here: apt-get install openjdk-17-jre-headless.")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    source = str(Path(creditfactory.__file__).parents[1])
    seen = os.pathsep.join([source, *(place for place in sys.path if Path(place).is_dir())])
    builder = (
        SparkSession.builder.master(master)
        .appName("creditfactory backtest")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.executorEnv.PYTHONPATH", seen)
        .config("spark.executorEnv.POLARS_MAX_THREADS", "1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH_ROWS))
        .config("spark.log.level", "OFF")
    )
    if master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()
