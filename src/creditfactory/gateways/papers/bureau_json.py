"""The second-generation credit report in its JSON form: the house's own names, read as strictly as any dossier."""

from __future__ import annotations

from typing import Any

from creditfactory.application import BureauReport, PaperCheck, check_bureau_report, complete_summary
from creditfactory.gateways.details import check_details
from creditfactory.gateways.papers.reading import Asked, Reading
from creditfactory.kernel import BadInput


def read_bureau_json(found: dict[str, Any], asked: Asked) -> Reading:
    """The report with its summary filled in from its accounts; one that contradicts itself is refused."""
    plain = {"obtained_at": asked.at.isoformat(), **found, "kind": "bureau"}
    report = check_details({"evidence": [plain]}).evidence[0]
    assert isinstance(report, BureauReport), "its kind says so"
    return finish_report(report, asked, pages=1)


def finish_report(report: BureauReport, asked: Asked, *, pages: int) -> Reading:
    """The summary from the accounts, and what the report says against itself."""
    wrong = check_bureau_report(report)
    if wrong is not None:
        raise BadInput(place=asked.name, found=wrong, expected="a report that agrees with itself")
    whole = complete_summary(report, report.obtained_at.date())
    lines = 0 if whole.accounts is None else len(whole.accounts.kind)
    return Reading(
        evidence=whole,
        check=PaperCheck(obtained_at=asked.at, paper="bureau_report", digest="", pages=pages, lines=lines),
    )
