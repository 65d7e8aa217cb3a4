"""All labels of the families: our compiled kernel beside DuckDB and Polars, on the same tables in the same run.

Prints a table to the error stream and one JSON line: one applicant with 2,000 transactions (from columns and from the
dossier's tuples), everything of dossiers with all their sources (families, named labels, readings, ratios, network,
channel, series), with the statements' summary given and without, many applicants on one and two cores, and the same labels by DuckDB (our own long statement, the same
answer asserted first) and by Polars (one lazy plan grouped by window and cut; count, sum, largest, other sides, days,
largest other side and spread only, its fastest way). Ratios are of processor time of the whole process.

    PYTHONPATH=src python benchmarks/labels.py [--applicants 10000] [--others 200] [--dossiers 24]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice

import duckdb
import numpy as np
import polars as pl

from creditfactory import labels
from creditfactory.application import Applicant, BankStatement, Business, ChannelPath, Dossier, Request
from creditfactory.gateways.rulebook import load_rulebook, load_series
from creditfactory.labels.computing import measure_families, plan_pack
from creditfactory.labels.families.bank_statements import read_statements
from creditfactory.labels.known import find_known
from creditfactory.labels.long_sql import write_sql
from creditfactory.labels.planning import WHY_CODES, Plan, measure
from creditfactory.labels.statement_lines import SORTS
from creditfactory.labels.tables import DAY, Table, join_tables, number_minute
from creditfactory.service.reference_applicants import ReferenceApplicant, make_applicants

LINES = 2_000
AS_OF = datetime(2026, 7, 2, 6, 30, tzinfo=UTC)
OFFSET = 480


def make_dossier(seed: int) -> Dossier:
    """An applicant with two accounts and 2,000 lines over two years."""
    chance = random.Random(seed)
    statements = []
    for number, holder in enumerate(("owner", "firm")):
        days = sorted(date(2024, 6, 20) + timedelta(days=chance.randrange(735)) for _ in range(LINES // 2))
        statements.append(
            BankStatement(
                obtained_at=AS_OF - timedelta(days=1), account=f"a{number}", holder=holder, origin="bank",  # type: ignore[arg-type]
                from_on=date(2024, 6, 20), to_on=date(2026, 6, 25), on=tuple(days),
                minute=tuple(chance.randrange(1_440) for _ in days),
                flow_cents=tuple(int(chance.lognormvariate(11, 1.5)) * chance.choice((1, -1)) for _ in days),
                party=tuple(f"t{chance.randrange(200)}" for _ in days),
                sort=tuple(chance.choice(SORTS) for _ in days),  # type: ignore[arg-type]
            )
        )  # fmt: skip
    return Dossier(
        pack="cn-micro", reference=f"B-{seed}", applied_at=AS_OF - timedelta(days=1), utc_offset_minutes=OFFSET,
        request=Request(amount_cents=20_000_000, currency="CNY"), applicant=Applicant(token=f"t{seed}"),
        business=Business(), channel=ChannelPath(kind="direct", company=""), evidence=tuple(statements),
    )  # fmt: skip


def time_best(run: Callable[[], object], repeats: int) -> tuple[float, float, float]:
    """Median and 99th hundredth of process seconds, and median of wall seconds."""
    spent, wall = [], []
    for _ in range(repeats):
        start, began = time.process_time(), time.perf_counter()
        run()
        spent.append(time.process_time() - start)
        wall.append(time.perf_counter() - began)
    spent.sort()
    wall.sort()
    return spent[len(spent) // 2], spent[min(len(spent) - 1, len(spent) * 99 // 100)], wall[len(wall) // 2]


def make_whole_dossiers(count: int) -> list[ReferenceApplicant]:
    """Applicants of the simulated market with every source there is, their statements grown to 2,000 lines."""
    needed = {"bank_statement", "bureau", "invoices", "utilities", "tax", "registry", "contacts", "telecom", "device"}
    found = (one for one in make_applicants() if needed <= {evidence.kind for evidence in one.dossier.evidence})
    return [replace(one, dossier=grow_statements(one.dossier)) for one in islice(found, count)]


def grow_statements(dossier: Dossier) -> Dossier:
    """The dossier with its statements' lines told again, a little otherwise, until there are 2,000."""
    held = sum(len(e.on) for e in dossier.evidence if isinstance(e, BankStatement))
    evidence = [grow_one(e, held) if isinstance(e, BankStatement) and e.on else e for e in dossier.evidence]
    return replace(dossier, evidence=tuple(evidence))


def grow_one(statement: BankStatement, held: int) -> BankStatement:
    """One account's share of the lines, in order, with balances that follow from them."""
    size, rows = len(statement.on), []
    for line in range(round(size * LINES / held)):
        one, again = line % size, line // size
        flow = statement.flow_cents[one]
        minute = statement.minute[one] if statement.minute else -1
        rows.append((statement.on[one], minute, flow + again * (37 if flow > 0 else -41), statement.party[one],
                     statement.sort[one]))  # fmt: skip
    rows.sort(key=lambda row: row[:2])
    on, minute, flows, party, sort = zip(*rows, strict=True)
    opening = statement.opening_balance_cents or 0
    balances = tuple(accumulate(flows, initial=opening))[1:] if statement.balance_cents else ()
    return replace(
        statement, on=on, minute=minute, flow_cents=flows, party=party, sort=sort, balance_cents=balances,
        opening_balance_cents=opening,
    )  # fmt: skip


def time_whole(applicants: list[ReferenceApplicant], rounds: int, *, is_packed: bool = True) -> dict[str, float]:
    """Everything that ``labels.compute`` gives, one dossier after the other, so that none is warm in the cache.

    Statements' lines are packed into columns when a dossier is read; with ``is_packed`` false that is timed as well.
    """
    series, spent, wall = load_series("cn-micro"), [], []
    on = applicants[0].dossier.applied_on
    parameters = load_rulebook("cn-micro", locked=False).at(on).parameters
    for turn in range(rounds + 1):
        for one in applicants:
            dossier = one.dossier if is_packed else unpack(one.dossier)
            start, began = time.process_time(), time.perf_counter()
            taken = labels.compute(
                dossier, network=one.network, channel=one.channel, series=series, as_of=one.as_of,
                parameters=parameters,
            )  # fmt: skip
            if turn:
                spent.append(time.process_time() - start)
                wall.append(time.perf_counter() - began)
    spent.sort()
    wall.sort()
    return {
        "labels": len(taken.facts), "p50": spent[len(spent) // 2] * 1e6, "p99": spent[len(spent) * 99 // 100] * 1e6,
        "wall_p50": wall[len(wall) // 2] * 1e6, "wall_p99": wall[len(wall) * 99 // 100] * 1e6,
    }  # fmt: skip


def unpack(dossier: Dossier) -> Dossier:
    """The dossier with statements that nobody has looked at yet."""
    return replace(dossier, evidence=tuple(replace(evidence) for evidence in dossier.evidence))


def drop_summary(one: ReferenceApplicant) -> ReferenceApplicant:
    """The applicant without a summary of the statements: it is made of their lines."""
    kept = tuple(evidence for evidence in one.dossier.evidence if evidence.kind != "bank_flow")
    return replace(one, dossier=replace(one.dossier, evidence=kept))


def multiply(table: Table, count: int) -> Table:
    """The table's applicants over and over until there are so many, each with a pattern of its own."""
    size = len(table)
    parts = [table] * (count // size)
    many = join_tables(table.shape, parts)
    shift = np.repeat(np.arange(len(many)) % 7 * DAY, np.diff(many.offsets))
    return replace(many, happened=many.happened - shift)


def run_many(plan: Plan, table: Table, as_of: int, threads: int, chunk: int = 250) -> int:
    """All labels of all applicants, in pieces that go out of memory once counted; gives how many are known."""
    firsts = range(0, len(table), chunk)

    def one(first: int) -> int:
        piece = cut_table(table, first, min(first + chunk, len(table)))
        _, why = measure(plan, piece, np.full(len(piece), as_of, np.int64))
        return int((why == 0).sum())

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one, firsts))


def cut_table(table: Table, first: int, last: int) -> Table:
    """Some of the applicants of a table."""
    low, high = int(table.offsets[first]), int(table.offsets[last])
    return replace(
        table, offsets=table.offsets[first : last + 1] - low, happened=table.happened[low:high],
        amounts=table.amounts[low:high], party=table.party[low:high],
        words=np.ascontiguousarray(table.words[:, low:high]), reaches_from=table.reaches_from[first:last],
        reaches_to=table.reaches_to[first:last], parties=table.parties[first:last],
    )  # fmt: skip


def as_frame(table: Table) -> pl.DataFrame:
    """The table's events as a frame."""
    columns = {
        f"word_{name}": np.array(words)[table.words[row]]
        for row, (name, words) in enumerate(table.shape.columns.items())
    }
    return pl.DataFrame({
        "applicant": np.repeat(np.arange(len(table), dtype=np.int32), np.diff(table.offsets)),
        "happened": table.happened, "amount": table.amounts, "party": table.party, **columns,
    }).with_columns(pl.when(pl.col("party") >= 0).then("party"))  # fmt: skip


def load_duckdb(base: duckdb.DuckDBPyConnection, table: Table, as_of: int) -> None:
    """Events and reach as relations in memory."""
    reach = pl.DataFrame({
        "applicant": np.arange(len(table), dtype=np.int32), "reaches_from": table.reaches_from,
        "reaches_to": table.reaches_to, "as_of": np.full(len(table), as_of),
    })  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in (("events", as_frame(table)), ("reach", reach)):
            frame.write_parquet(f"{folder}/{name}.parquet")
            base.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{folder}/{name}.parquet')")


def find_difference(base: duckdb.DuckDBPyConnection, plan: Plan, table: Table, as_of: int) -> int:
    """How many labels DuckDB gives otherwise than the kernel."""
    rows = base.execute(write_sql(plan)).fetchall()
    told = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    values, why = measure(plan, table, np.full(len(table), as_of, np.int64))
    codes = [plan.shape.absent if place == 1 else code for place, code in enumerate(WHY_CODES)]
    return sum(
        told[one, part.label.name] != ((None, codes[why[one, n]]) if why[one, n] else (int(values[one, n]), ""))
        for one in range(len(table))
        for n, part in enumerate(plan.parts)
    )


def run_polars(plan: Plan, frame: pl.DataFrame, end: int) -> int:
    """Seven figures of every cut and window by one lazy plan for each cut, all windows collected together."""
    found = 0
    windows = sorted({part.window.days for part in plan.parts if part.window.days is not None})
    plans = []
    for cut in plan.cuts:
        kept = frame.lazy().filter(pl.all_horizontal([
            pl.lit(value=True), *(pl.col(f"word_{name}").is_in(list(words)) for name, words in cut.where.items())
        ]))  # fmt: skip
        for days in windows:
            seen = kept.filter((pl.col("happened") >= end - days * DAY) & (pl.col("happened") < end))
            size = pl.col("amount").abs()
            plans.append(
                seen.with_columns(size.alias("size"), (pl.col("happened") // DAY).alias("day"),
                                  size.sum().over("applicant", "party").alias("by_party"))
                .group_by("applicant")
                .agg(pl.len(), pl.col("size").sum().alias("total"), pl.col("size").max().alias("largest"),
                     pl.col("party").n_unique().alias("parties"), pl.col("day").n_unique().alias("days"),
                     pl.col("by_party").max(), pl.col("size").std(ddof=0).alias("spread"))
            )  # fmt: skip
    for result in pl.collect_all(plans):
        found += result.height
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--applicants", type=int, default=10_000)
    asked.add_argument("--others", type=int, default=200, help="how many applicants DuckDB and Polars are given")
    asked.add_argument("--dossiers", type=int, default=24, help="how many dossiers with every source, one by one")
    arguments = asked.parse_args()
    expanded = plan_pack("cn-micro")
    plan = next(plan for plan in expanded.plans if plan.shape.code == "statements")
    as_of = number_minute(AS_OF, OFFSET)
    dossier = make_dossier(1)
    table = read_statements(find_known(dossier, AS_OF))
    assert table is not None
    minute = np.array([as_of], np.int64)
    size = len(expanded.names.names)
    values, why = np.zeros(size, np.int64), np.zeros(size, np.uint8)
    told: dict[str, object] = {"benchmark": "labels", "labels_of_all_families": sum(len(p.parts) for p in expanded.plans),
                               "labels_of_statements": len(plan.parts)}  # fmt: skip
    measure(plan, table, minute)
    one = time_best(lambda: measure(plan, table, minute), 500)
    whole = time_best(lambda: measure_families(expanded, find_known(dossier, AS_OF), values, why), 500)
    told["one_from_columns_us"] = {"p50": one[0] * 1e6, "p99": one[1] * 1e6, "wall_p50": one[2] * 1e6}
    told["one_from_dossier_us"] = {"p50": whole[0] * 1e6, "p99": whole[1] * 1e6, "wall_p50": whole[2] * 1e6}
    applicants = make_whole_dossiers(arguments.dossiers)
    told["everything_us"] = time_whole(applicants, 20)
    told["everything_without_summary_us"] = time_whole([drop_summary(one) for one in applicants], 20)
    told["everything_and_packing_us"] = time_whole(applicants, 20, is_packed=False)
    few = [read_statements(find_known(make_dossier(seed), AS_OF)) for seed in range(50)]
    many = multiply(join_tables(plan.shape, few), arguments.applicants)
    for threads in (1, 2):
        start, began = time.process_time(), time.perf_counter()
        known = run_many(plan, many, as_of, threads)
        told[f"many_{threads}_threads"] = {"applicants": len(many), "transactions": len(many.happened), "known": known,
            "wall_s": time.perf_counter() - began, "process_s": time.process_time() - start}  # fmt: skip
    told |= compare(plan, cut_table(many, 0, arguments.others), table, as_of, one[0])
    show(told)
    print(json.dumps(told, default=float))


def compare(plan: Plan, some: Table, single: Table, as_of: int, ours_one: float) -> dict[str, object]:
    """The same tables by the others; ours again on as many, so that the ratio is of the same work."""
    ours = time_best(lambda: measure(plan, some, np.full(len(some), as_of, np.int64)), 5)[0]
    found: dict[str, object] = {"others_applicants": len(some), "ours_s": ours}
    with duckdb.connect(config={"threads": 1}) as base:
        load_duckdb(base, single, as_of)
        found["differences_from_duckdb"] = find_difference(base, plan, single, as_of)
        statement = write_sql(plan)
        alone = time_best(lambda: base.execute(f"CREATE OR REPLACE TEMPORARY TABLE told AS {statement}"), 5)[0]
    with duckdb.connect(config={"threads": 1}) as base:
        load_duckdb(base, some, as_of)
        many = time_best(lambda: base.execute(f"CREATE OR REPLACE TEMPORARY TABLE told AS {statement}"), 1)[0]
    found |= {"duckdb_one_s": alone, "duckdb_one_ratio": alone / ours_one, "duckdb_many_s": many,
              "duckdb_many_ratio": many / ours}  # fmt: skip
    end = int(min(as_of + 1, single.reaches_to[0]))
    alone = time_best(lambda: run_polars(plan, as_frame(single), end), 3)[0]
    frame = as_frame(some)
    many = time_best(lambda: run_polars(plan, frame, end), 1)[0]
    return found | {"polars_one_s": alone, "polars_one_ratio": alone / ours_one, "polars_many_s": many,
                    "polars_many_ratio": many / ours}  # fmt: skip


def show(told: dict[str, object]) -> None:
    """The figures for people."""
    for name, value in told.items():
        print(f"{name:28} {value}", file=sys.stderr)


if __name__ == "__main__":
    main()
