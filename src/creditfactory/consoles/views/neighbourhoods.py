"""The picture of who stands around an applicant: as known at the time of the case, or as known now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from creditfactory import network, records
from creditfactory.consoles import network_picture, portrait
from creditfactory.consoles.page import Desk, is_chinese, page
from creditfactory.consoles.views.portraits import open_case
from creditfactory.records import reads

CAP = 60
HOPS = 2
LETTERS = {
    "person": ("O", "本"), "phone": ("T", "机"), "device": ("D", "设"), "ip": ("N", "网"), "address": ("A", "址"),
    "employer": ("E", "工"), "card": ("B", "卡"), "contact": ("C", "联"), "agent": ("G", "介"), "company": ("F", "企"),
    "paper": ("P", "图"),
}  # fmt: skip
"""What stands on a thing's mark, in English and in Chinese."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An application of the picture as it is told: who, how far, by what, and what was known of it."""

    disc: network_picture.Disc
    number: str
    trade_name: str
    status: str
    by: str
    tone: str
    said: str


@page("see_cases")
def show_network(request: HttpRequest, number: str) -> HttpResponse:
    """The neighbourhood within two ties, the closest sixty, drawn and told (GRA-01)."""
    desk: Desk = request.desk  # type: ignore[attr-defined]
    case = open_case(request, number)
    taken = portrait.gather_material(case, {}).results.get("labels", {}).get("as_of")
    then = datetime.fromisoformat(str(taken)) if taken else None
    is_now = then is None or request.GET.get("known") == "now"
    as_of = max(desk.factory.now, case.row.applied_at) if is_now or then is None else then
    with records.open_index(desk.factory.id) as index:
        seen = network.draw_neighbourhood(index, case.row.id, as_of=as_of, hops=HOPS, cap=CAP)
    drawn = network_picture.lay_out(seen)
    named = reads.name_applications(desk.factory.id, [node.application for node in seen.applications])
    shown = {row.node.application: _tell(row, named.get(row.node.application)) for row in drawn.rows}
    facts = {
        "case": case, "row": case.row, "drawn": drawn, "then": then, "as_of": as_of, "is_now": is_now,
        "discs": [shown[disc.node.application] for disc in drawn.discs], "rows": list(shown.values()),
        "marks": [(mark, _letter(mark.kind), _kind(mark.kind)) for mark in drawn.marks],
        "legend": [(_letter(kind), _kind(kind)) for kind in drawn.kinds], "told": _sum_up(drawn), "cap": CAP,
        "person": reads.read_masked_person(case.person_token), "language": get_language(),
    }  # fmt: skip
    return render(request, "consoles/network.html", facts)


def _tell(disc: network_picture.Disc, named: reads.NamedApplication | None) -> Shown:
    node = disc.node
    if node.is_fraud:
        tone, said = "fraud", _("known fraud")
    elif node.is_bad:
        tone, said = "bad", _("known bad")
    elif disc.is_root:
        tone, said = "root", _("this application")
    elif node.level == 0:
        tone, said = "own", _("the applicant's own")
    else:
        tone, said = "plain", _("nothing bad known")
    if disc.is_root and node.is_bad:
        said = _("this application") + " · " + said
    by = "、" if is_chinese() else ", "
    return Shown(
        disc, "" if named is None else named.number, "" if named is None else named.trade_name,
        "" if named is None else named.status, by.join(_kind(kind) for kind in disc.shares), tone, said,
    )  # fmt: skip


def _kind(code: str) -> str:
    kind = next(kind for kind in network.KINDS if kind.code == code)
    return kind.zh if is_chinese() else kind.en


def _letter(code: str) -> str:
    return LETTERS[code][is_chinese()]


def _sum_up(drawn: network_picture.Drawn) -> list[str]:
    """The picture in sentences: how many, how many of them bad and how near, and what is not shown."""
    others: list[Any] = [row for row in drawn.rows if row.node.level > 0]
    if not others:
        return [_("Nobody else was known to share anything with the applicant.")]
    near = sum(row.node.level == 1 for row in others)
    bads = [row for row in others if row.node.is_bad]
    said = [
        ngettext("{n} other application within two ties, {near} of them one tie away.",
                 "{n} other applications within two ties, {near} of them one tie away.", len(others))
        .format(n=len(others), near=near)
    ]  # fmt: skip
    if bads:
        closest = min(row.node.level for row in bads)
        frauds = sum(row.node.is_fraud for row in bads)
        said.append(
            ngettext("{n} was known to be bad, {frauds} of fraud; the nearest is {hops} ties away.",
                     "{n} were known to be bad, {frauds} of fraud; the nearest is {hops} ties away.", len(bads))
            .format(n=len(bads), frauds=frauds, hops=closest)
        )  # fmt: skip
    else:
        said.append(_("None of them was known to be bad."))
    folded = sum(fold.count for fold in drawn.folds)
    if folded:
        said.append(_("{n} that only one thing ties are folded into discs with their count.").format(n=folded))
    if drawn.left_out:
        said.append(_("The closest {cap} are shown; {n} more are within reach.").format(cap=CAP, n=drawn.left_out))
    return said
