"""Replay: every decision of a run made again, bit by bit, across a later change of rulebook and cards.

    python benchmarks/replay.py PATH_TO_SBA_FILE [--applications 10000] [--workers 2]

Real past loans run through the real line on an embedded PostgreSQL in a temporary folder: the first half under the
shipped rulebook, then a new version (another tier table, a card of another version) is drafted, checked, approved by a
second person and put to work, then the second half. Then every decision (policy, scores, lane, offer) is made again
from what was kept and compared with what was decided. The last line is JSON; the exit is 1 if one differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

TIER, LIVE = "tables/tier.csv", "live.toml"


def run(path: Path, applications: int, workers: int) -> dict[str, Any]:
    """The whole run on a database of its own."""
    from creditfactory.service.importing import installation_secrets
    from creditfactory.service.installation import Installation
    from creditfactory.service.setting_up import make_tables, set_up_django
    from creditfactory.service.supervisor import supervise, worker_specs

    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder))
        with supervise(installation, installation_secrets(installation)) as supervisor:
            set_up_django(supervisor.environment)
            make_tables()
            for spec in worker_specs(workers, concurrency=1):
                supervisor.add(spec)
            return _decide_and_replay(path, applications)


def _decide_and_replay(path: Path, applications: int) -> dict[str, Any]:
    from creditfactory import publishing, records, stations
    from creditfactory.batches.history import _save_outcomes
    from creditfactory.gateways.sba import read_sba

    loans = sorted(read_sba(path)[0], key=lambda past: past.dossier.applied_at)
    loans = loans[:: max(1, len(loans) // applications)][:applications]
    first = loans[0].dossier.applied_on
    tenant = records.open_tenant(
        code="replay", name="Replay", pack="us-sba", business_on=first, speed=0, by="benchmark",
        now=datetime(first.year, first.month, first.day, tzinfo=UTC),
    )  # fmt: skip
    publishing.find_releases(tenant)
    _save_outcomes(tenant, loans)
    half = len(loans) // 2
    started = time.perf_counter()
    _submit(tenant, loans[:half])
    changes = _publish_another(tenant, loans[half].dossier.applied_on)
    _submit(tenant, loans[half:])
    decided = time.perf_counter() - started
    publishing.load_rulebook.cache_clear()
    started = time.perf_counter()
    told = stations.sum_up(stations.replay_application(found) for found in records.each_decided(tenant=tenant.code))
    seconds = time.perf_counter() - started
    return {
        "applications": len(loans),
        "changes_of_the_rulebook": changes,
        **told,
        "decided_a_second": round(len(loans) / decided, 1),
        "replayed_a_second": round(told["replayed"] / seconds, 1),
    }


def _submit(tenant: Any, loans: Any) -> None:
    from creditfactory import records, stations
    from creditfactory.batches.history import drain

    for start in range(0, len(loans), 500):
        batch = loans[start : start + 500]
        day: date = batch[0].dossier.applied_on
        now = records.read_clock(tenant.id)
        if day > now.business_on:
            records.set_clock(
                tenant.id, now=datetime(day.year, day.month, day.day, tzinfo=UTC), business_on=day, speed=0
            )
        ids = [
            stations.submit_dossier(tenant, past.dossier, by="benchmark", start=False).application_id for past in batch
        ]
        with records.together():
            for application_id in ids:
                records.advance(application_id)
        drain(tenant)


def _publish_another(tenant: Any, on: date) -> int:
    """A version whose tiers begin elsewhere and whose card gives other points, in force from a day."""
    from creditfactory import publishing, records
    from creditfactory.records import reads

    records.set_clock(tenant.id, now=datetime(on.year, on.month, on.day, tzinfo=UTC), business_on=on, speed=0)
    found = publishing.find_version(tenant, 1)
    text = {place: reads.read_version_file(tenant.id, 1, place) or "" for place in found.files}
    place = next(p for p in found.files if p.endswith("/card.json"))
    card = json.loads(text[place])
    name, version = card["name"], card["version"]
    card["version"] = "v900"
    for part in card["characteristics"][0]["bins"]:
        part["points"] += 9
    folder = place.rsplit("/", 2)[0]
    live = text[LIVE].replace(f'name = "{name}"\nversion = "{version}"', f'name = "{name}"\nversion = "v900"')
    head, *rows = text[TIER].splitlines()
    lane = head.split(",").index("lane")
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[lane] = {"A": "B", "B": "C"}.get(row[lane], row[lane])
    table = "\n".join([head, *(",".join(row) for row in cells)]) + "\n"
    number = 1
    changed = {f"{folder}/v900/card.json": json.dumps(card), LIVE: live, TIER: table}
    changed |= {p: None for p in found.files if p.startswith("cases/")}
    for where, now in changed.items():
        number = publishing.edit_draft(tenant, number, where, now, by="hu")
    report = publishing.check_version(tenant, number, by="hu", mutation=False)
    assert report["is_sound"], report["findings"]
    publishing.propose(tenant, number, note="The benchmark's other rules", by="guo")
    publishing.approve(tenant, number, by="lin")
    publishing.schedule(tenant, number, by="guo")
    return len(publishing.compare_versions(tenant, 1, number))


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--applications", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    told = run(arguments.path, arguments.applications, arguments.workers)
    print(json.dumps(told))
    return 0 if told["same"] == told["replayed"] == told["applications"] else 1


if __name__ == "__main__":
    sys.exit(main())
