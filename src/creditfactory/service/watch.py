"""Logs, health and figures: what an operator sees of a running factory, without a personal fact in it."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REQUESTS = Counter("creditfactory_requests_total", "Web requests", ["method", "view", "status"])
REQUEST_SECONDS = Histogram("creditfactory_request_seconds", "Time to answer a web request", ["view"])

log = structlog.get_logger("web")


class RequestWatch:
    """Counts and times every request; an unexpected fault becomes one logged line with an id to quote."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, and note its time."""
        started = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "unknown"
        REQUESTS.labels(request.method, view, response.status_code).inc()
        REQUEST_SECONDS.labels(view).observe(time.perf_counter() - started)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Say what broke, once, with a trace; the person sees the page of errors. A wrong address broke nothing."""
        if isinstance(exception, Http404 | PermissionDenied):
            return
        log.error("request_failed", path=request.path, method=request.method, exc_info=exception)


def healthz(request: HttpRequest) -> HttpResponse:
    """Is this process alive?"""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Can this process do its work: is the database there, and as new as the code?"""
    try:
        executor = MigrationExecutor(connection)
        behind = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Exception as error:  # noqa: BLE001  whatever it is, the answer is: not ready
        return JsonResponse({"status": "no database", "why": type(error).__name__}, status=503)
    if behind:
        return JsonResponse({"status": "database behind the code", "migrations_missing": behind}, status=503)
    return JsonResponse({"status": "ready"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: this process's own, and the line's, read fresh from the records."""
    from creditfactory import records

    registry = CollectorRegistry()
    where = Gauge(
        "creditfactory_applications", "Applications by status and station", ["tenant", "status", "station"],
        registry=registry,
    )  # fmt: skip
    late = Gauge("creditfactory_late_work_items", "Work items past their due time", ["tenant"], registry=registry)
    jobs = Gauge("creditfactory_jobs", "Jobs of the queue by status", ["status"], registry=registry)
    needs = Gauge(
        "creditfactory_bureau_needs", "Needs of a bureau report by how they were met",
        ["tenant", "purpose", "outcome"], registry=registry,
    )  # fmt: skip
    paid = Gauge(
        "creditfactory_bureau_paid_cents", "Paid for bureau reports, in cents", ["tenant", "purpose"], registry=registry
    )
    answers = Gauge("creditfactory_database_answers", "1 if the database answers", registry=registry)
    try:
        for row in records.count_applications():
            where.labels(row.tenant, row.status, row.station or "-").set(row.count)
        for tenant, count in records.count_late_work().items():
            late.labels(tenant).set(count)
        for status, count in records.count_jobs().items():
            jobs.labels(status).set(count)
        for tenant, purpose, outcome, count, cents in records.count_bureau_needs():
            needs.labels(tenant, purpose, outcome).set(count)
            if outcome == "paid":
                paid.labels(tenant, purpose).set(cents)
        answers.set(1)
    except records.DATABASE_AWAY:
        answers.set(0)
    return HttpResponse(generate_latest() + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
