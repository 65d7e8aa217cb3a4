"""The network at a million applications and ten things each: look-ups, durable updates, memory, and equality.

    python benchmarks/network.py [--applications 1000000] [--compare 1000] [--lookups 10000] [--updates 2000]

A made-up market (swapped devices and addresses, hubs, rings, late outcomes) stands in the real tables of an embedded
PostgreSQL. Timed are: building the index from the tables, a look-up in memory, a look-up as a worker does it (reading
what is new first), one application's ten ties committed durably, the same from several writers at once, and, as the
named reference in the same run, the two-hop query in SQL on the same server. Every indicator of ``--compare`` random
applications, at an instant of their own, is compared with the plain count. The last line is JSON; exit 1 if one differs.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

DAY = 86_400_000_000
BEGIN = 18_600 * DAY
SPAN = 1_095 * DAY

TWO_HOPS = """
WITH me AS MATERIALIZED (
  SELECT key, kind FROM edge WHERE application_id = %(app)s AND seen_at <= %(at)s
), own AS MATERIALIZED (
  SELECT %(app)s::bigint AS id UNION
  SELECT o.application_id FROM me JOIN edge o ON o.tenant_id = %(tenant)s AND o.key = me.key AND o.seen_at < %(at)s
  WHERE me.kind = 'person'
), direct AS MATERIALIZED (
  SELECT me.kind, o.application_id AS id, o.seen_at FROM me JOIN LATERAL (
    SELECT application_id, seen_at FROM edge WHERE tenant_id = %(tenant)s AND key = me.key AND seen_at < %(at)s
    ORDER BY seen_at DESC LIMIT 201) o ON true
  WHERE o.application_id NOT IN (SELECT id FROM own)
), kinds AS (
  SELECT direct.kind, count(*) AS others, count(*) FILTER (WHERE direct.seen_at >= %(at)s - interval '30 days') AS month,
    count(*) FILTER (WHERE b.application_id IS NOT NULL) AS bads
  FROM direct LEFT JOIN known_outcome b ON b.application_id = direct.id AND b.known_at <= %(at)s GROUP BY direct.kind
), hop1 AS MATERIALIZED (
  SELECT DISTINCT id FROM direct WHERE kind NOT IN ('agent', 'employer', 'ip')
), hop2 AS MATERIALIZED (
  SELECT DISTINCT o.application_id AS id FROM (SELECT id FROM hop1 LIMIT 200) h
  JOIN edge t ON t.application_id = h.id AND t.kind NOT IN ('agent', 'employer', 'ip')
  JOIN LATERAL (SELECT application_id FROM edge WHERE tenant_id = %(tenant)s AND key = t.key AND seen_at < %(at)s
    ORDER BY seen_at DESC LIMIT 200) o ON true
  WHERE o.application_id NOT IN (SELECT id FROM hop1) AND o.application_id NOT IN (SELECT id FROM own)
)
SELECT (SELECT json_agg(kinds) FROM kinds), (SELECT count(*) FROM hop1), (SELECT count(*) FROM hop2),
  (SELECT count(DISTINCT b.application_id) FROM known_outcome b
   WHERE b.known_at <= %(at)s AND b.application_id IN (SELECT id FROM hop1 UNION SELECT id FROM hop2))
"""


def make_market(size: int, seed: int = 7) -> dict[str, np.ndarray]:
    """Columns of ten ties for each application, and outcomes with the instant at which they became known."""
    from creditfactory.network.kinds import NUMBER

    chance = np.random.default_rng(seed)
    at = BEGIN + np.sort(chance.integers(0, SPAN, size))
    person = chance.integers(0, int(size * 0.85), size)

    def swap(own: np.ndarray, share: float) -> np.ndarray:
        moved = own.copy()
        hit = chance.random(size) < share
        moved[hit] = own[chance.integers(0, size, hit.sum())]
        return moved

    def hubs(count: int, tail: float) -> np.ndarray:
        return np.minimum((chance.pareto(tail, size) * count / 50).astype(np.int64), count - 1)

    things = {
        "person": person, "phone": swap(person, 0.03), "device": swap(person, 0.05), "ip": hubs(size // 5, 0.6),
        "address": swap(person, 0.10), "employer": hubs(size // 16, 0.7), "card": swap(person, 0.02),
        "contact": swap(person, 0.20), "agent": chance.integers(0, max(2, size // 300), size),
        "company": swap(person, 0.01),
    }  # fmt: skip
    for _ in range(size // 500):
        first = int(chance.integers(0, size - 40))
        members = first + chance.choice(40, int(chance.integers(4, 20)), replace=False)
        for kind in chance.choice(["device", "address", "card", "phone"], 2, replace=False):
            things[kind][members] = things[kind][members[0]]
    kinds = np.array([NUMBER[kind] for kind in things], dtype=np.int64)
    keys = np.stack([(column + 1) * 64 + number for column, number in zip(things.values(), kinds, strict=True)], axis=1)
    keys = (keys * 0x5851F42D4C957F2D) & (2**63 - 1)
    bad = np.flatnonzero(chance.random(size) < 0.05)
    fraud = chance.random(len(bad)) < 0.2
    known = at[bad] + np.where(fraud, chance.integers(0, DAY, len(bad)), chance.integers(60 * DAY, 400 * DAY, len(bad)))
    return {
        "app": np.arange(1, size + 1), "at": at, "kinds": kinds, "keys": keys, "names": np.array(list(things)),
        "bad": bad + 1, "known": known, "fraud": fraud,
    }  # fmt: skip


class Columns:
    """The same market for the plain count: each application's and each thing's ties looked up in sorted columns."""

    def __init__(self, market: dict[str, np.ndarray]) -> None:
        from creditfactory.network.plain_reference import PlainNetwork

        self.market = market
        keys = market["keys"]
        self.flat = keys.ravel()
        self.order = np.argsort(self.flat, kind="stable")
        self.sorted = self.flat[self.order]
        self.net = PlainNetwork()
        self.net.touches = _Lazy(self.touches_of)  # type: ignore[assignment]
        self.net.links = _Lazy(self.links_of)  # type: ignore[assignment]
        rows = zip(market["bad"].tolist(), market["known"].tolist(), market["fraud"].tolist(), strict=True)
        for app, known, is_fraud in rows:
            self.net.turn(app, known, is_fraud=is_fraud)

    def touches_of(self, app: int) -> dict[tuple[int, int], int]:
        at = int(self.market["at"][app - 1])
        pairs = zip(self.market["kinds"].tolist(), self.market["keys"][app - 1].tolist(), strict=True)
        return dict.fromkeys(pairs, at)

    def links_of(self, thing: tuple[int, int]) -> dict[int, int]:
        first, last = np.searchsorted(self.sorted, [thing[1], thing[1] + 1])
        apps = self.order[first:last] // len(self.market["kinds"])
        return dict(zip((apps + 1).tolist(), self.market["at"][apps].tolist(), strict=True))


class _Lazy(dict):
    def __init__(self, find: Callable[[Any], Any]) -> None:
        super().__init__()
        self.find = find

    def __missing__(self, key: Any) -> Any:
        found = self[key] = self.find(key)
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key]


def fill_tables(market: dict[str, np.ndarray], tenant_id: int) -> float:
    """Write the market into the real tables."""
    from django.db import connection

    started = time.perf_counter()
    head = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    names = [name.encode() for name in market["names"]]
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX edge_entity; DROP INDEX edge_feed; ALTER TABLE edge DROP CONSTRAINT edge_once")
        with (
            cursor.connection.cursor() as plain,
            plain.copy(
                "COPY edge (tenant_id, kind, entity, key, application_id, seen_at) FROM STDIN (FORMAT BINARY)"
            ) as copy,
        ):
            copy.write(head)
            for place, name in enumerate(names):
                copy.write(_pack(tenant_id, name, market["keys"][:, place], market["app"], market["at"]))
            copy.write(b"\xff\xff")
        cursor.execute(
            "ALTER TABLE edge ADD CONSTRAINT edge_once UNIQUE (application_id, key);"
            "CREATE INDEX edge_entity ON edge (tenant_id, key, seen_at); CREATE INDEX edge_feed ON edge (tenant_id, written_in)"
        )
        cursor.execute(
            "INSERT INTO known_outcome (tenant_id, application_id, kind, known_at)"
            " SELECT %s, t.app, CASE WHEN t.fraud THEN 'fraud' ELSE 'charge_off' END,"
            " 'epoch'::timestamptz + t.known * interval '1 microsecond'"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[]) AS t(app, known, fraud)",
            [tenant_id, market["bad"].tolist(), market["known"].tolist(), market["fraud"].tolist()],
        )
        cursor.execute("ANALYZE edge; ANALYZE known_outcome")
    return time.perf_counter() - started


def _pack(tenant_id: int, name: bytes, keys: np.ndarray, apps: np.ndarray, at: np.ndarray) -> bytes:
    row = np.dtype([("n", ">i2"), ("l0", ">i4"), ("tenant", ">i8"), ("l1", ">i4"), ("kind", f"S{len(name)}"),
                    ("l2", ">i4"), ("entity", "S17"), ("l3", ">i4"), ("key", ">i8"), ("l4", ">i4"), ("app", ">i8"),
                    ("l5", ">i4"), ("at", ">i8")])  # fmt: skip
    rows = np.empty(len(keys), dtype=row)
    rows["n"], rows["l0"], rows["tenant"], rows["l1"], rows["kind"] = 6, 8, tenant_id, len(name), name
    rows["l2"], rows["l3"], rows["l4"], rows["l5"] = 17, 8, 8, 8
    rows["entity"] = np.char.mod(b"%017d", keys % 10**17)
    rows["key"], rows["app"], rows["at"] = keys, apps, at - 10_957 * DAY
    return rows.tobytes()


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile, and most, in milliseconds."""
    p50, p95, p99 = np.percentile(np.array(seconds) * 1_000, [50, 95, 99])
    return {"p50_ms": round(float(p50), 3), "p95_ms": round(float(p95), 3), "p99_ms": round(float(p99), 3),
            "max_ms": round(max(seconds) * 1_000, 3)}  # fmt: skip


def timed(
    act: Callable[[Any], Any], cases: Sequence[Any], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    taken = []
    for case in cases:
        started = clock()
        act(case)
        taken.append(clock() - started)
    return taken


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def say(what: str, told: Any) -> None:
    print(f"{what:<44} {told}", file=sys.stderr, flush=True)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from creditfactory.service.importing import installation_secrets
    from creditfactory.service.installation import Installation
    from creditfactory.service.setting_up import make_tables, set_up_django
    from creditfactory.service.supervisor import supervise

    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        with supervise(installation, installation_secrets(installation)) as supervisor:
            set_up_django(supervisor.environment)
            make_tables()
            return measure(arguments, dict(supervisor.environment))


def measure(arguments: argparse.Namespace, environment: dict[str, str]) -> dict[str, Any]:
    from datetime import UTC, datetime

    from creditfactory import network, records

    tenant = records.open_tenant(
        code="network", name="Network", pack="cn-micro", business_on=datetime(2024, 1, 1, tzinfo=UTC).date(), speed=0,
        by="benchmark", now=datetime(2024, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    size = arguments.applications
    told: dict[str, Any] = {"applications": size, "edges": size * 10}
    started = time.perf_counter()
    network.NetworkIndex.warm()
    told["warm_s"] = round(time.perf_counter() - started, 2)
    market = make_market(size)
    told["things"] = len(np.unique(market["keys"]))
    told["tables_filled_s"] = round(fill_tables(market, tenant.id), 1)
    say("tables filled, s", told["tables_filled_s"])
    before, started = rss_mb(), time.perf_counter()
    with records.open_index(tenant.id) as index:
        told["build_from_tables_s"] = round(time.perf_counter() - started, 1)
        told["index_mb"] = round(index.bytes / 1e6)
        told["process_mb"] = {"before": round(before), "after": round(rss_mb())}
        say("index built from the tables, s; MB", (told["build_from_tables_s"], told["index_mb"], told["process_mb"]))
        assert index.applications == size, (index.applications, size)
        told |= measure_looks(arguments, index, market)
    told |= measure_database(arguments, tenant.id, market, environment)
    return told


def measure_looks(arguments: argparse.Namespace, index: Any, market: dict[str, np.ndarray]) -> dict[str, Any]:
    """Look-ups in memory, and equality with the plain count."""
    from creditfactory.network.index import NONE
    from creditfactory.network.indicators import INDICATORS
    from creditfactory.network.plain_reference import look_plainly

    chance = np.random.default_rng(11)
    size = len(market["app"])
    newest = chance.integers(int(size * 0.5), size, arguments.lookups) + 1
    cases = [(int(app), int(market["at"][app - 1])) for app in newest]
    told: dict[str, Any] = {}
    for _ in range(200):
        index.look(*cases[0])
    told["look_in_memory"] = spread(timed(lambda case: index.look(*case), cases))
    told["look_in_memory_as_of_now"] = spread(timed(lambda case: index.look(case[0], BEGIN + SPAN), cases))
    told["look_in_memory_processor"] = spread(timed(lambda case: index.look(*case), cases, time.thread_time))
    say("look-up in memory", told["look_in_memory"])
    say("look-up in memory, processor time", told["look_in_memory_processor"])
    say("look-up in memory, as of the last day", told["look_in_memory_as_of_now"])
    plain = Columns(market)
    names = [indicator.name for indicator in INDICATORS]
    equal, differing = 0, {}
    picked = chance.integers(1, size + 1, arguments.compare)
    started = time.perf_counter()
    filled: dict[str, int] = dict.fromkeys(names, 0)
    for app in picked.tolist():
        as_of = int(market["at"][app - 1]) + int(chance.choice([0, 0, DAY, 90 * DAY, 700 * DAY]))
        numbers, bads = index.look(app, as_of)
        found = [None if n == NONE else n for n in numbers.tolist()]
        expected, expected_bads = look_plainly(plain.net, app, as_of)
        same = found == [expected[name] for name in names] and bads == expected_bads
        equal += same
        for name, value in zip(names, found, strict=True):
            filled[name] += bool(value)
        if not same and len(differing) < 5:
            differing[app] = {n: (f, expected[n]) for n, f in zip(names, found, strict=True) if f != expected[n]}
    told["compared"] = {"applications": len(picked), "indicators": len(names), "equal": equal, "differing": differing,
                        "indicators_above_zero_somewhere": sum(map(bool, filled.values())),
                        "plain_count_ms_each": round((time.perf_counter() - started) * 1_000 / max(1, len(picked)), 1)}  # fmt: skip
    say("equal to the plain count", told["compared"])
    return told


def measure_database(
    arguments: argparse.Namespace, tenant_id: int, market: dict[str, np.ndarray], environment: dict[str, str]
) -> dict[str, Any]:
    """Durable updates, look-ups that read what is new first, several writers, and the query in SQL."""
    from datetime import datetime, timedelta

    from creditfactory import network, records
    from creditfactory.records.connection import run_prepared

    epoch = network.index.EPOCH
    size = len(market["app"])
    now = epoch + timedelta(microseconds=BEGIN + SPAN)
    chance = np.random.default_rng(13)
    told: dict[str, Any] = {"synchronous_commit": run_prepared("SHOW synchronous_commit").fetchone()[0],
                            "fsync": run_prepared("SHOW fsync").fetchone()[0]}  # fmt: skip
    kinds = market["names"].tolist()

    def write(number: int) -> None:
        edges = [(kind, f"new-{number // 3}-{kind}") for kind in kinds]
        records.add_edges(tenant_id=tenant_id, application_id=size + 1 + number, edges=edges, at=now)

    def look(app: int, at: datetime = now) -> None:
        records.look_around(tenant_id=tenant_id, application_id=app, at=at + timedelta(days=1))

    run_prepared("CREATE TABLE bare (id bigserial PRIMARY KEY, at timestamptz)")

    def write_bare(_: int) -> None:
        run_prepared("INSERT INTO bare (at) VALUES (now())")

    updates, looks, bare = [], [], []
    for number in range(arguments.updates):
        updates += timed(write, [number])
        bare += timed(write_bare, [number])
        looks += timed(look, [size + 1 + number])
    told["update_durable"] = spread(updates)
    told["one_bare_row_durable"] = spread(bare)
    told["look_after_reading_news"] = spread(looks)
    say("ten ties committed durably", told["update_durable"])
    say("the same machine: one bare row committed", told["one_bare_row_durable"])
    say("look-up of it, reading what is new first", told["look_after_reading_news"])
    told["writers"] = run_writers(arguments, tenant_id, environment, size + 10_000_000)
    say("four writers at once", told["writers"])
    started = time.perf_counter()
    with records.open_index(tenant_id) as index:
        expected = size + arguments.updates + 4 * (arguments.updates // 4 + 1)
        told["seen_after_writers"] = {"known": index.applications, "written": expected}
    told["read_what_the_writers_wrote_s"] = round(time.perf_counter() - started, 2)
    say("seen after the writers", told["seen_after_writers"])
    apps = chance.integers(int(size * 0.5), size, arguments.queries) + 1

    def query(app: int) -> None:
        at = epoch + timedelta(microseconds=int(market["at"][app - 1]))
        run_prepared(TWO_HOPS, {"app": int(app), "at": at, "tenant": tenant_id}).fetchone()

    timed(query, apps[:20].tolist())
    told["sql_two_hops"] = spread(timed(query, apps.tolist()))
    say("the reference: two hops in SQL", told["sql_two_hops"])
    return told


def run_writers(
    arguments: argparse.Namespace, tenant_id: int, environment: dict[str, str], first: int
) -> dict[str, float]:
    """Four processes write at once, each its own applications; each one's times are put together."""
    each = arguments.updates // 4
    command = [sys.executable, __file__, "--write", f"{tenant_id},{each}"]
    writers = [
        subprocess.Popen(
            [*command, "--first", str(first + n * (each + 1) + 1)], env={**environment}, stdout=subprocess.PIPE
        )
        for n in range(4)
    ]
    taken: list[float] = []
    for writer in writers:
        out, _ = writer.communicate(timeout=600)
        taken += json.loads(out)
    return spread(taken)


def write_only(arguments: argparse.Namespace) -> None:
    """One of several writers."""
    import os
    from datetime import UTC, datetime

    from creditfactory.service.setting_up import set_up_django

    set_up_django(dict(os.environ))
    from creditfactory import records

    tenant_id, count = map(int, arguments.write.split(","))
    kinds = ("person", "phone", "device", "ip", "address", "employer", "card", "contact", "agent", "company")
    now = datetime(2024, 1, 1, tzinfo=UTC)

    def write(number: int) -> None:
        edges = [(kind, f"new-{number // 3}-{kind}") for kind in kinds]
        records.add_edges(tenant_id=tenant_id, application_id=arguments.first + number, edges=edges, at=now)

    write(-1)
    print(json.dumps(timed(write, range(count))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applications", type=int, default=1_000_000)
    parser.add_argument("--compare", type=int, default=1_000)
    parser.add_argument("--lookups", type=int, default=10_000)
    parser.add_argument("--updates", type=int, default=2_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--write", default="")
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.write:
        write_only(arguments)
        return 0
    told = run(arguments)
    print(json.dumps(told))
    return 0 if told["compared"]["equal"] == told["compared"]["applications"] else 1


if __name__ == "__main__":
    sys.exit(main())
