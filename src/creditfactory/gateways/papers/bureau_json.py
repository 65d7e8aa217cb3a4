"""The second-generation credit report in its JSON form: the house's own names, read as strictly as any dossier."""

from __future__ import annotations

from typing import Any

from creditfactory.application import BureauReport, PaperCheck, check_bureau_report, complete_summary
from creditfactory.gateways.details import check_details
from creditfactory.gateways.papers.reading import Asked, Doubt, Reading
from creditfactory.gateways.read_faults import show_found
from creditfactory.identity import is_masked_whole
from creditfactory.kernel import BadInput

NO_HOLDER = "nothing says whose report it is"
NO_DAY = "nothing says when it was made"


def read_bureau_json(found: dict[str, Any], asked: Asked) -> Reading:
    """The report with its summary filled in from its accounts; one that contradicts itself is refused.

    ``holder_name`` beside the bureau's own fields says whose report it is; ``obtained_at`` when it was made.
    """
    plain = {"obtained_at": asked.at.isoformat(), **found, "kind": "bureau", "origin": "upload"}
    holder = plain.pop("holder_name", "")
    if not isinstance(holder, str):
        raise BadInput(place="holder_name", found=show_found(holder), expected="a name")
    report = check_details({"evidence": [plain]}).evidence[0]
    assert isinstance(report, BureauReport), "its kind says so"
    return finish_report(report, asked, pages=1, holder=holder.strip(), is_dated="obtained_at" in found)


def finish_report(report: BureauReport, asked: Asked, *, pages: int, holder: str, is_dated: bool) -> Reading:
    """The summary from the accounts; one that does not say whose it is or when it was made is looked at by a person."""
    wrong = check_bureau_report(report)
    if wrong is not None:
        raise BadInput(place=asked.name, found=wrong, expected="a report that agrees with itself")
    whole = complete_summary(report, report.obtained_at.date())
    lines = 0 if whole.accounts is None else len(whole.accounts.kind)
    doubts = [] if holder and not is_masked_whole(holder) else [Doubt("holder_name", 0, 0, "", NO_HOLDER)]
    return Reading(
        evidence=whole,
        check=PaperCheck(obtained_at=asked.at, paper="bureau_report", digest="", pages=pages, lines=lines),
        doubts=(*doubts, *(() if is_dated else (Doubt("obtained_at", 0, 0, "", NO_DAY),))),
        holder_name=holder,
    )
