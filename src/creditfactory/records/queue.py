"""Deferring the next job in the same transaction as the move that asks for it.

Inside a worker ``task.defer()`` uses the worker's own pool and so another transaction; a job manager on Django's
connection does not.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job, JobDeferrer
from procrastinate.manager import JobManager


@cache
def _manager() -> JobManager:
    return JobManager(connector=DjangoConnector(alias="default"))


def defer(task: str, *, queue: str = "line", at: datetime | None = None, priority: int = 0, **arguments: Any) -> None:
    """Put a job into the queue, in the transaction now open; it is lost with that transaction, or kept with it."""
    job = Job(
        task_name=task,
        queue=queue,
        priority=priority,
        lock=None,
        queueing_lock=None,
        task_kwargs=arguments,
        scheduled_at=at,
    )
    JobDeferrer(job_manager=_manager(), job=job).defer()


def advance(application_id: int, *, at: datetime | None = None) -> None:
    """Have the line go on with an application, now or at an instant."""
    defer("advance", application_id=application_id, at=at)
