"""A small reference population, the same on every machine: the applicants by whom labels are explained and tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from creditfactory import gateways, labels, world
from creditfactory.application import Dossier
from creditfactory.channel import ChannelFacts
from creditfactory.gateways import rulebook
from creditfactory.network import NetworkIndex, NetworkView, OwnLoan, Tie, Turned, list_touches

SEED = 20_260_101
APPLICANTS = 24
CHANNEL = ChannelFacts(
    code="reference", name="Reference", kind="offline", grade="B", status="admitted", deposit_cents=40_000_000,
    deposit_required_cents=50_000_000, applications_90d=120, approvals_90d=48, loans_known=200, bads_known=7,
    quota_open_cents=300_000_000, licence_until=date(2027, 6, 30),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceApplicant:
    """One applicant of the reference population with what surrounds it, looked at from ``as_of``."""

    dossier: Dossier
    as_of: datetime
    network: NetworkView
    channel: ChannelFacts = CHANNEL


@lru_cache(maxsize=1)
def make_applicants(count: int = APPLICANTS) -> tuple[ReferenceApplicant, ...]:
    """The reference population, in the order in which they applied.

    Each shares nothing, some, other, or all things with the one before, in turn; each fifth turns out bad soon.
    """
    market = world.load_market("cn-micro")
    made = [gateways.read_dossier(world.make_dossier(market, SEED, number)) for number in range(count)]
    dossiers = sorted(made, key=lambda dossier: dossier.applied_at)
    index = NetworkIndex()
    before: tuple[tuple[str, str], ...] = ()
    for number, dossier in enumerate(dossiers):
        at = dossier.applied_at
        tokens = {kind: f"{kind}-{number}" for kind in ("phone", "address", "card", "employer")}
        own = list_touches(dossier, tokens)
        shared = ((), before[:3], before[3:], before)[number % 4]
        touches = dict.fromkeys((*own, *shared))
        index.add(Tie(application=number, kind=kind, token=token, known_at=at) for kind, token in touches)
        if number % 5 == 1:
            index.turn([Turned(number, at + timedelta(hours=1), is_fraud=number % 2 == 0)])
        before = own
    return tuple(_surround(index, number, dossier) for number, dossier in enumerate(dossiers))


def _surround(index: NetworkIndex, number: int, dossier: Dossier) -> ReferenceApplicant:
    as_of = max([dossier.applied_at, *(evidence.obtained_at for evidence in dossier.evidence)])
    own = (OwnLoan(is_repaid=True, arrears_days_max=4),) if number % 4 == 0 else ()
    return ReferenceApplicant(
        dossier=dossier, as_of=as_of, network=index.look_around(number, as_of=as_of, own_loans=own)
    )


def take_labels(applicant: ReferenceApplicant) -> labels.Labels:
    """The labels of one reference applicant, with network, channel and the series of its pack."""
    dossier = applicant.dossier
    book = rulebook.load_rulebook(dossier.pack, locked=False).at(dossier.applied_on)
    return labels.compute(
        dossier, network=applicant.network, channel=applicant.channel, series=rulebook.load_series(dossier.pack),
        as_of=applicant.as_of, parameters=book.parameters,
    )  # fmt: skip


@lru_cache(maxsize=APPLICANTS)
def take_labels_of(number: int) -> labels.Labels:
    """The labels of the reference applicant with this number, taken once."""
    return take_labels(make_applicants()[number])


def find_example(name: str) -> tuple[ReferenceApplicant, labels.Labels]:
    """The first reference applicant for whom a label is known; the first of all where it is known for none."""
    for number, applicant in enumerate(make_applicants()):
        taken = take_labels_of(number)
        if taken.facts.get(name) is not None:
            return applicant, taken
    return make_applicants()[0], take_labels_of(0)


def show_example(label: labels.Label) -> dict[str, Any]:
    """A label computed for a reference applicant; where none of them knows it, from a made-up table of its source."""
    applicant, taken = find_example(label.name)
    value = taken.facts.get(label.name)
    way = labels.trace_label(label.name)
    if value is None and way.over:
        sides = {side: show_example(labels.explain_label(side)) for side in (way.over, way.under)}
        ratio = next(ratio for ratio in labels.RATIOS if ratio.label.name == label.name)
        found = ratio.tell(*(one["value"] for one in sides.values()))
        if found is None:
            sides = {side: labels.show_made_up(side) or one for side, one in sides.items()}
            found = ratio.tell(*(one["value"] for one in sides.values()))
        return {"of": "its two sides", "value": found, "sides": sides}
    made = labels.show_made_up(label.name) if value is None else None
    if made is not None:
        return {"of": "a made-up table of this source", **made}
    shown: dict[str, Any] = {
        "of": applicant.dossier.reference, "as_of": applicant.as_of.isoformat(), "value": value,
    }  # fmt: skip
    if value is None:
        shown["why_missing"] = taken.why_missing.get(label.name, "")
    elif label.cut:
        shown |= labels.show_lines(label.name, applicant.dossier, applicant.as_of) or {}
    return shown


def each_taken() -> Iterator[labels.Labels]:
    """The labels of all reference applicants."""
    yield from map(take_labels_of, range(len(make_applicants())))
