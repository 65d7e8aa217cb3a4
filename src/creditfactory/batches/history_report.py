"""The report with which an import of past loans ends: what happened, and whether every account agrees with the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from creditfactory import records
from creditfactory.batches.history import HistoryPlan
from creditfactory.batches.independent import sum_from_file
from creditfactory.records import TenantRecord


def build_report(
    tenant: TenantRecord, plan: HistoryPlan, *, path: Path | str, counts: Mapping[str, Any], seconds: float
) -> dict[str, Any]:
    """Cases, not-applicable visits, loans, accounts beside their independent sums, and the loss among the refused."""
    cases = records.count_cases(tenant.id)
    ledger = records.sum_accounts(tenant.id)
    independent = sum_from_file(
        path, records.list_booked_terms(tenant.id), until=plan.until, observed_on=plan.observed_on
    )
    accounts = {
        account: {
            "ledger_cents": ledger.get(account, 0),
            "independent_cents": independent.get(account, 0),
            "equal": ledger.get(account, 0) == independent.get(account, 0),
        }
        for account in sorted({*ledger, *independent})
    }
    return {
        "input": {
            "path": Path(path).name,
            "until": plan.until.isoformat(),
            "drawn_on": plan.observed_on.isoformat(),
            **counts,
        },
        "seconds": round(seconds, 1),
        "applications_a_second": round(cases["total"] / seconds, 1) if seconds else None,
        "cases": cases,
        "not_applicable": records.count_not_applicable(tenant.id),
        "loans": records.count_loans(tenant.id),
        "accounts": accounts,
        "accounts_equal": all(row["equal"] for row in accounts.values()),
        "none_lost_none_twice": cases["total"] == len(plan.loans),
        "declined": records.sum_declined(tenant.id),
        "approved": records.sum_approved(tenant.id),
    }
