"""What became of an import of past loans, counted straight from the tables."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from creditfactory.records.tables import HistoryRun


def _rows(sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchall()


def count_cases(tenant_id: int) -> dict[str, Any]:
    """Applications by status, by the station where they stand or ended, by lane, and by first reason of a refusal."""
    return {
        "total": _rows("SELECT count(*) FROM application WHERE tenant_id = %s", tenant_id)[0][0],
        "by_status": dict(
            _rows("SELECT status, count(*) FROM application WHERE tenant_id = %s GROUP BY 1 ORDER BY 1", tenant_id)
        ),
        "by_station": dict(
            _rows(
                "SELECT COALESCE(NULLIF(a.station, ''), v.station), count(*) FROM application a"
                " JOIN visit v ON v.application_id = a.id AND v.sequence = a.visits_made"
                " WHERE a.tenant_id = %s GROUP BY 1 ORDER BY 1",
                tenant_id,
            )
        ),
        "by_lane": dict(
            _rows(
                "SELECT COALESCE(NULLIF(lane, ''), CASE WHEN status = 'declined' THEN 'declined' ELSE 'none yet' END),"
                " count(*) FROM application WHERE tenant_id = %s GROUP BY 1 ORDER BY 1",
                tenant_id,
            )
        ),
        "by_reason": dict(
            _rows(
                "SELECT reason, count(*) FROM application WHERE tenant_id = %s"
                " AND status IN ('declined', 'withdrawn', 'expired') GROUP BY 1 ORDER BY 2 DESC, 1",
                tenant_id,
            )
        ),
        "visits": _rows(
            "SELECT count(*) FROM visit v JOIN application a ON a.id = v.application_id WHERE a.tenant_id = %s",
            tenant_id,
        )[0][0],
    }


def count_not_applicable(tenant_id: int) -> list[dict[str, Any]]:
    """Visits where a station was not applicable, by station and reason."""
    return [
        {"station": station, "why": why, "visits": visits}
        for station, why, visits in _rows(
            "SELECT v.station, v.result::json->>'why', count(*) FROM visit v JOIN application a"
            " ON a.id = v.application_id WHERE a.tenant_id = %s AND v.outcome = 'not_applicable'"
            " GROUP BY 1, 2 ORDER BY min(v.sequence), 2",
            tenant_id,
        )
    ]


def count_loans(tenant_id: int) -> dict[str, Any]:
    """Loans by status, with principal and losses in cents."""
    return {
        status: {"loans": loans, "principal_cents": int(principal), "open_cents": int(opened), "loss_cents": int(loss)}
        for status, loans, principal, opened, loss in _rows(
            "SELECT status, count(*), sum(principal_cents), sum(open_cents), sum(loss_cents) FROM loan"
            " WHERE tenant_id = %s GROUP BY 1 ORDER BY 1",
            tenant_id,
        )
    }


def sum_accounts(tenant_id: int) -> dict[str, int]:
    """The ledger's balance of each account, in cents."""
    return {
        account: int(cents)
        for account, cents in _rows(
            "SELECT e.account, sum(e.cents) FROM entry e JOIN journal j ON j.id = e.journal_id"
            " WHERE j.tenant_id = %s GROUP BY 1 ORDER BY 1",
            tenant_id,
        )
    }


def sum_declined(tenant_id: int) -> dict[str, Any]:
    """Among the refused: how many had been charged off, with what loss, as recorded and weighted to the population."""
    row = _rows(
        """
        SELECT count(*), count(*) FILTER (WHERE o.status = 'charged_off'), COALESCE(sum(o.loss_cents), 0),
          COALESCE(sum(o.disbursed_cents), 0), COALESCE(sum(o.weight), 0),
          COALESCE(sum(o.weight) FILTER (WHERE o.status = 'charged_off'), 0),
          COALESCE(sum(o.loss_cents * o.weight), 0), COALESCE(sum(o.disbursed_cents * o.weight), 0)
        FROM application a JOIN recorded_outcome o ON o.tenant_id = a.tenant_id AND o.reference = a.reference
        WHERE a.tenant_id = %s AND a.status IN ('declined', 'withdrawn', 'expired')
        """,
        tenant_id,
    )[0]
    return _loss_summary(row)


def sum_approved(tenant_id: int) -> dict[str, Any]:
    """The same for those approved: what is recorded of them, whether or not it has come to pass on the clock yet."""
    row = _rows(
        """
        SELECT count(*), count(*) FILTER (WHERE o.status = 'charged_off'), COALESCE(sum(o.loss_cents), 0),
          COALESCE(sum(o.disbursed_cents), 0), COALESCE(sum(o.weight), 0),
          COALESCE(sum(o.weight) FILTER (WHERE o.status = 'charged_off'), 0),
          COALESCE(sum(o.loss_cents * o.weight), 0), COALESCE(sum(o.disbursed_cents * o.weight), 0)
        FROM loan l JOIN application a ON a.id = l.application_id
          JOIN recorded_outcome o ON o.tenant_id = a.tenant_id AND o.reference = a.reference
        WHERE a.tenant_id = %s
        """,
        tenant_id,
    )[0]
    return _loss_summary(row)


def _loss_summary(row: tuple[Any, ...]) -> dict[str, Any]:
    loans, bads, loss, _disbursed, weight, bad_weight, weighted_loss, weighted_disbursed = row
    return {
        "loans": loans,
        "charged_off": bads,
        "recorded_loss_cents": int(loss),
        "weighted_charged_off_share": round(float(bad_weight) / float(weight), 6) if weight else None,
        "weighted_loss_cents": round(float(weighted_loss)),
        "weighted_loss_share": (
            round(float(weighted_loss) / float(weighted_disbursed), 6) if weighted_disbursed else None
        ),
    }


def list_booked_terms(tenant_id: int) -> list[tuple[str, Decimal, int]]:
    """Reference, yearly rate and number of instalments of each loan booked, for a check from outside."""
    return [
        (reference, Decimal(rate), months)
        for reference, rate, months in _rows(
            "SELECT a.reference, l.annual_rate, l.instalments FROM loan l"
            " JOIN application a ON a.id = l.application_id WHERE l.tenant_id = %s",
            tenant_id,
        )
    ]


def open_history_run(*, tenant_id: int, name: str, request: dict[str, Any], at: datetime) -> int:
    """Note that an import begins."""
    return int(HistoryRun.objects.create(tenant_id=tenant_id, name=name, request=request, started_at=at).id)


def close_history_run(*, run_id: int, report: dict[str, Any], at: datetime) -> None:
    """Keep the report with which an import ended."""
    HistoryRun.objects.filter(id=run_id).update(report=report, finished_at=at)
