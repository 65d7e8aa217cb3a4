"""Which labels carry information, counted on reference populations: the simulated market, and real firms' invoices."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from creditfactory import gateways, labels, network
from creditfactory.gateways import rulebook as packs
from creditfactory.gateways import sme_invoices
from creditfactory.kernel import BadInput

Say = Callable[[str], None]
COUNTED_OUT = Path(__file__).parent / "labels_counted_out.csv"
"""The labels that tell nothing or nothing new on the reference populations, one a line, with why."""
PACK = "cn-micro"
FRAUD_KNOWN = timedelta(days=45)
ASKED = timedelta(minutes=30)
WORDS = {
    "informative": "informative", "never_known": "never known", "constant": "constant", "duplicate": "duplicate",
    "same_order": "same order as another",
}  # fmt: skip


def run_report(arguments: argparse.Namespace, *, say: Say) -> int:
    """Count, write where asked, and print one JSON line of totals."""
    if arguments.people < 2:
        raise BadInput(place="--people", found=str(arguments.people), expected="at least 2")
    rows = [*each_applicant(arguments.people, arguments.seed, arguments.tactics, say)]
    people = len(rows)
    if arguments.invoices is not None:
        rows += each_firm(arguments.invoices)
    judged = judge_rows(rows)
    told = tell_totals(judged)
    if arguments.out is not None:
        arguments.out.write_text(write_page(judged, people, len(rows) - people, arguments), encoding="utf-8")
        write_counted_out(judged)
    print(json.dumps({"applicants": people, "firms": len(rows) - people, **told}))
    return 0


def each_applicant(people: int, seed: int, tactics: str, say: Say) -> Iterator[labels.Labels]:
    """The labels of a year's applicants of the simulated market, each as it stood half an hour after applying."""
    from creditfactory import world

    market = world.load_market(PACK, tactics=tactics)
    whole = packs.load_rulebook(PACK, locked=False)
    series, index = packs.load_series(PACK), network.NetworkIndex()
    drawn = sorted((world.draw_instant(market, seed, number), number) for number in range(people))
    for place, (at, number) in enumerate(drawn):
        dossier = gateways.read_dossier(world.make_dossier(market, seed, number))
        person = world.make_person(market, seed, number)
        touches = network.list_touches(dossier, world.show_tokens(market, seed, number))
        index.add([network.Tie(number + 1, kind, token, at) for kind, token in touches])
        known_at = _tell_outcome(person, at)
        if known_at is not None:
            index.turn([network.Turned(number + 1, known_at, person.truth.kind in ("robot", "impostor"))])
        as_of = at + ASKED
        yield labels.compute(
            dossier, network=index.look_around(number + 1, as_of=as_of), channel=_find_channel(market, dossier, place),
            series=series, as_of=as_of, parameters=whole.at(dossier.applied_on).parameters,
        )  # fmt: skip
        if place % 250 == 249:
            say(f"{place + 1} of {people} applicants")


def _tell_outcome(person: Any, at: datetime) -> datetime | None:
    """When it became known that the applicant was bad: a fraud after some weeks, a default with its month."""
    if person.truth.kind in ("robot", "impostor"):
        return at + FRAUD_KNOWN
    month = person.truth.default_month
    return None if month is None else at + timedelta(days=30 * month)


def _find_channel(market: Any, dossier: Any, place: int) -> Any:
    """The channel as the market's book has it; its past grows with the year."""
    from creditfactory.channel import ChannelFacts

    told = next((one for one in market.channels if one.code == dossier.channel.company), None)
    if told is None:
        return None
    loans = round(told.weight * (40 + place) / 8)
    return ChannelFacts(
        code=told.code, name=told.name, kind=told.kind, grade=told.grade, status="admitted",
        quota_open_cents=max(0, told.quota_cents - loans * 18_000_000), deposit_cents=told.deposit_cents,
        deposit_required_cents=told.deposit_required_cents, applications_90d=round(told.weight * (60 + place / 4)),
        approvals_90d=round(told.weight * (30 + place / 9)), loans_known=loans,
        bads_known=round(loans * (0.03 + told.packaging * 0.4)),
        first_payment_bads_known=round(loans * told.packaging * 0.1),
    )  # fmt: skip


def each_firm(folder: Path) -> Iterator[labels.Labels]:
    """The labels of real firms, which are known by their invoices alone."""
    for firm in sme_invoices.each_firm(sme_invoices.read_sme_firms(folder)):
        yield labels.compute(sme_invoices.make_firm_dossier(firm), as_of=firm.invoices.obtained_at)


def judge_rows(rows: list[labels.Labels]) -> tuple[labels.Judged, ...]:
    """Every label of the pack over all rows; words are told apart as well as numbers are."""
    names = [label.name for label in labels.list_labels(PACK)]
    values, known = np.zeros((len(rows), len(names))), np.zeros((len(rows), len(names)), np.bool_)
    for place, row in enumerate(rows):
        facts = dict(row.facts.items())
        told = [facts[name] for name in names]
        known[place] = [one is not None for one in told]
        values[place] = [_tell_number(one) for one in told]
    return labels.judge_labels(names, values, known)


@cache
def _number_word(word: str) -> float:
    return float(int.from_bytes(hashlib.sha256(word.encode()).digest()[:5], "big"))


def _tell_number(value: Any) -> float:
    return _number_word(value) if isinstance(value, str) else float(value or 0)


def tell_totals(judged: tuple[labels.Judged, ...]) -> dict[str, int]:
    """How many labels there are under each verdict."""
    found = {"declared": len(judged), **dict.fromkeys(WORDS, 0)}
    for one in judged:
        found[one.verdict] += 1
    rare = sum(one.verdict == "informative" and one.varies_bps < labels.RARE_BPS for one in judged)
    return {**found, "informative_for_one_in_a_hundred": found["informative"] - rare}


def write_counted_out(judged: tuple[labels.Judged, ...]) -> None:
    """The list of labels that tell nothing, or nothing new."""
    with COUNTED_OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "why", "same_as"))
        writer.writerows((one.name, one.verdict, one.same_as) for one in judged if one.verdict != "informative")


def leave_out(found: tuple[labels.Label, ...]) -> tuple[labels.Label, ...]:
    """The labels that tell something, by the last count."""
    with COUNTED_OUT.open(encoding="utf-8", newline="") as file:
        silent = {row["name"] for row in csv.DictReader(file)}
    return tuple(label for label in found if label.name not in silent)


def write_page(judged: tuple[labels.Judged, ...], people: int, firms: int, arguments: argparse.Namespace) -> str:
    """The page: totals and a table by family."""
    families = {one.name: one.family or one.source for one in labels.list_labels(PACK)}
    counts, totals = labels.count_verdicts(judged, families), tell_totals(judged)
    columns = ("declared", *WORDS, "rare")
    rows = [
        f"| {family} | " + " | ".join(str(row.get(column, 0)) for column in columns) + " |"
        for family, row in sorted(counts.items(), key=lambda item: -item[1].get("informative", 0))
    ]
    example = f"creditfactory labels report --people {people} --seed {arguments.seed} --tactics {arguments.tactics}"
    return PAGE.format(
        informative=f"{totals['informative']:,}", declared=f"{totals['declared']:,}", people=f"{people:,}", firms=firms,
        often=f"{totals['informative_for_one_in_a_hundred']:,}", never=totals["never_known"],
        constant=totals["constant"], duplicate=totals["duplicate"], order=totals["same_order"],
        table="\n".join(rows), example=example, protected=", ".join(f"`{name}`" for name in labels.PROTECTED),
    )  # fmt: skip


PAGE = """# Labels that carry information

Generated by `{example} --invoices DIR --out docs/labels.md`; do not edit.

Of {declared} declared labels of pack `cn-micro`, **{informative} carry information** on the reference populations:
{people} applicants of a year of the simulated market (robots, rings and look-alikes among them, each looked at half an
hour after applying, with the network and the published series of that day), and {firms} real firms that are known by
their VAT invoices alone. {often} of them differ for at least one applicant in a hundred.

Counted out, each by name in [labels_counted_out.csv](../src/creditfactory/service/labels_counted_out.csv):
{never} never known, {constant} constant, {duplicate} duplicates (known for the same applicants with the same values as
an earlier label), {order} of the same order as another (they rank the same applicants the same way, or just the other
way round). They stay declared: what is constant in one market need not be in another. `creditfactory labels list
--informative` leaves them out. On other populations the numbers differ; the simulated market is invented, and labels
of sources that it does not draw are never known here.

| family | declared | informative | never known | constant | duplicate | same order | informative, below 1 in 100 |
|---|---|---|---|---|---|---|---|
{table}

Protected ({protected}): declared so that a rulebook that reads one is refused; no dossier and no snapshot holds them,
and they are not counted above.
"""
