"""Importing past loans: with the factory that is running here, or with one started for the occasion."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from creditfactory.gateways.sba import SbaLoan, count_rows, read_sba
from creditfactory.kernel import BadInput, Refused
from creditfactory.service.installation import AlreadyRunning, Installation
from creditfactory.service.setting_up import make_tables, set_up_django
from creditfactory.service.supervisor import Supervisor, supervise, worker_specs

Say = Callable[[str], None]


def import_sba(
    path: Path, *, fy_from: int | None, fy_to: int | None, limit: int | None, until: date | None, tenant_code: str,
    workers: int, data_dir: Path | None, say: Say,
) -> dict[str, Any]:  # fmt: skip
    """Read the file, run its loans through the line, and give the report; the clock ends at ``until``."""
    loans, counts = read_sba(path, fy_from, fy_to)
    chosen = choose_evenly(loans, limit)
    if not chosen:
        raise BadInput(place=str(path), found="no loan of those fiscal years", expected="at least one")
    drawn_on = find_last_day(loans)
    plan_until = until or drawn_on
    if plan_until < chosen[0].dossier.applied_on:
        raise BadInput(
            place="--until", found=plan_until.isoformat(), expected=f"{chosen[0].dossier.applied_on} or later"
        )
    chosen = tuple(past for past in chosen if past.dossier.applied_on <= plan_until)
    say(f"{path.name}: {len(chosen):,} loans from {chosen[0].dossier.applied_on} to {chosen[-1].dossier.applied_on}")
    with running_factory(Installation(data_dir), workers=workers) as _:
        return _play(path, chosen, counts, plan_until, drawn_on, tenant_code, say)


def choose_evenly(loans: Sequence[SbaLoan], limit: int | None) -> tuple[SbaLoan, ...]:
    """So many of the loans, spread evenly over their order; all of them without a limit."""
    if limit is None or limit >= len(loans):
        return tuple(loans)
    if limit <= 0:
        raise BadInput(place="--limit", found=str(limit), expected="a whole number above 0")
    return tuple(loans[index * len(loans) // limit] for index in range(limit))


def find_last_day(loans: Sequence[SbaLoan]) -> date:
    """The last day on which anything is recorded: the day we take the file to have been drawn."""
    days = [loan.outcome.charged_off_on for loan in loans if loan.outcome.charged_off_on is not None]
    return max([*days, *(loan.outcome.disbursed_on for loan in loans)])


def _play(
    path: Path, loans: tuple[SbaLoan, ...], counts: Any, until: date, drawn_on: date, tenant_code: str, say: Say
) -> dict[str, Any]:
    from creditfactory import records
    from creditfactory.batches.history import HistoryPlan, patiently, play_history
    from creditfactory.batches.history_report import build_report

    begins = loans[0].dossier.applied_on.replace(day=1)
    tenant = records.open_tenant(
        code=tenant_code, name="SBA 7(a), past loans", pack="us-sba", business_on=begins - timedelta(days=1), speed=0,
        now=datetime(begins.year, begins.month, 1, tzinfo=UTC), by="history",
    )  # fmt: skip
    if tenant.pack != "us-sba":
        raise Refused(f"The factory {tenant_code} works by the pack {tenant.pack}; import into another with --tenant.")
    if records.list_demo_users():
        records.create_demo_users(tenant=tenant.code)
    plan = HistoryPlan(loans, until, drawn_on)
    request = {"path": path.name, "loans": len(loans), "until": until.isoformat()}
    run_id = records.open_history_run(tenant_id=tenant.id, name=path.name, request=request, at=datetime.now(UTC))
    started = time.monotonic()
    play_history(tenant, plan, tell=say)
    counted = count_rows(loans, rows_in_file=counts.rows_in_file)
    report = patiently(
        lambda: build_report(
            tenant, plan, path=path, seconds=time.monotonic() - started,
            counts={
                "rows_in_file": counted.rows_in_file, "rows_taken": counted.rows_taken,
                "odd_rows": dict(counted.odd), "unknown": dict(counted.unknown),
            },
        )
    )  # fmt: skip
    records.close_history_run(run_id=run_id, report=report, at=datetime.now(UTC))
    return dict(report)


@contextlib.contextmanager
def running_factory(installation: Installation, *, workers: int) -> Iterator[Supervisor | None]:
    """A database and workers: those that run already, or our own for as long as this lasts."""
    secrets = installation_secrets(installation)
    try:
        installation.hold()
    except AlreadyRunning as running:
        url = running.where.get("database_url")
        if not isinstance(url, str):
            raise
        set_up_django({**secrets, "DATABASE_URL": url})
        yield None
        return
    installation.release()
    with supervise(installation, secrets) as supervisor:
        set_up_django({**secrets, **supervisor.environment})
        make_tables()
        installation.write_where(pid=os.getpid(), database_url=supervisor.database_url)
        for spec in worker_specs(workers, concurrency=1):
            supervisor.add(spec)
        ended = threading.Event()

        def tend() -> None:
            while not ended.wait(0.1):
                supervisor.tend()

        keeper = threading.Thread(target=tend, daemon=True)
        keeper.start()
        try:
            yield supervisor
        finally:
            ended.set()
            keeper.join()


def installation_secrets(installation: Installation) -> dict[str, str]:
    """The settings every process of this installation shares."""
    kept = installation.read_secrets()
    names = ("CREDITFACTORY_SECRET", "CREDITFACTORY_VAULT_KEY")
    return {
        **{name: os.environ.get(name) or kept[name] for name in names},
        "CREDITFACTORY_DATA": str(installation.data_dir),
        "DJANGO_SETTINGS_MODULE": "creditfactory.service.settings",
    }
