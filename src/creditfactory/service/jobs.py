"""The jobs the workers do: advance one application, let timers go off, and find what a dead worker left behind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from creditfactory import batches, records, stations
from creditfactory.batches import learning, mining

log = structlog.get_logger("worker")

RESCUE_AFTER_SECONDS = 8
LOST_AFTER_SECONDS = 30
DATABASE_AWAY = RetryStrategy(max_attempts=20, wait=1, retry_exceptions=[OperationalError, InterfaceError])


@app.task(name="advance", queue="line", retry=DATABASE_AWAY)
def advance(application_id: int) -> None:
    """Run an application on to its next wait or its end."""
    try:
        stations.run_segment(application_id)
    except (OperationalError, InterfaceError):
        close_old_connections()
        raise


@app.task(name="shadow", queue="shadow", retry=DATABASE_AWAY)
def shadow(application_id: int) -> None:
    """Let the shadow versions decide on what the machine has decided on."""
    try:
        stations.run_shadows(application_id)
    except (OperationalError, InterfaceError):
        close_old_connections()
        raise


@app.periodic(cron="* * * * * */1")
@app.task(name="fire_timers", queue="clock", queueing_lock="fire_timers")
def fire_timers(timestamp: int) -> None:
    """Wake the applications whose waiting time is over on their factory's clock."""
    for timer_id, application_id in records.find_due_timers():
        records.fire_timer(timer_id=timer_id, application_id=application_id, at=datetime.now(UTC))


@app.periodic(cron="* * * * * */5")
@app.task(name="rescue", queue="clock", queueing_lock="rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Put jobs of workers that have died back into the queue."""
    assert context.app is not None
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=RESCUE_AFTER_SECONDS):
        log.warning("rescued", task=job.task_name, arguments=_ids(job.task_kwargs))
        await manager.retry_job(job)


@app.periodic(cron="* * * * * */30")
@app.task(name="sweep", queue="clock", queueing_lock="sweep")
def sweep(timestamp: int) -> None:
    """Give every application that should be moving a job again: the line outlives the queue."""
    for application_id in records.find_lost_applications(LOST_AFTER_SECONDS):
        log.warning("found_again", application=application_id)
        records.advance(application_id)


@app.periodic(cron="* * * * * */10")
@app.task(name="end_of_day", queue="clock", queueing_lock="end_of_day")
def end_of_day(timestamp: int) -> None:
    """Close the business date of every running factory whose clock has passed midnight and its cut-off."""
    for tenant in records.list_tenants():
        yesterday = records.find_day_to_close(tenant.id)
        if yesterday is not None:
            log.info("day_closed", tenant=tenant.code, **batches.end_business_day(tenant.id, yesterday))
    records.forget_nonces(older_than=timedelta(minutes=15), at=datetime.now(UTC))


@app.task(name="mine_network", queue="shadow", retry=DATABASE_AWAY)
def mine_network(tenant_id: int, on: str) -> None:
    """Search the past as known at the end of a closed day for patterns; what is drafted awaits two persons."""
    tenant = next((one for one in records.list_tenants() if one.id == tenant_id), None)
    if tenant is not None:
        run = mining.mine_network(tenant, date.fromisoformat(on))
        log.info("network_mined", tenant=tenant.code, on=on, patterns=len(run.patterns), draft=run.draft)


@app.task(name="watch_cards", queue="shadow", retry=DATABASE_AWAY)
def watch_cards(tenant_id: int, on: str) -> None:
    """Watch every card at work as known at the end of a closed day; what is refreshed is proposed to a person."""
    tenant = next((one for one in records.list_tenants() if one.id == tenant_id), None)
    if tenant is not None:
        run = learning.watch_cards(tenant, date.fromisoformat(on))
        log.info("cards_watched", tenant=tenant.code, on=on, verdicts=dict(run.verdicts), drafts=dict(run.drafts))


def _ids(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name.endswith("_id")}
