"""Shadow versions: what other rules would have decided on the same facts, stored apart and touching no case."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import structlog

from creditfactory import decision, funding, gateways, identity, labels, publishing, records, scoring
from creditfactory.application import Dossier
from creditfactory.kernel import Reason
from creditfactory.stations.case import Case, Context, open_case
from creditfactory.stations.funders import load_funder_facts
from creditfactory.stations.line_plan import read_line_plan

log = structlog.get_logger("shadow")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts that the machine's decision rests on, the same for every version that decides on them."""

    dossier: Dossier
    snapshot: labels.Labels
    cash_flow: labels.CashFlow | None
    front_gate: identity.FrontGate | None
    list_check: identity.ListCheck | None
    funders: tuple[funding.FunderFacts, ...]


@dataclass(frozen=True, slots=True)
class MachineAnswer:
    """What the machine alone would say: approve, refer to people, or decline; with lane, amount, rate and reasons."""

    verdict: str
    lane: str
    tier: int | None
    points: int | None
    product: str | None
    amount_cents: int
    annual_rate: Decimal | None
    reasons: tuple[Reason, ...]

    def is_like(self, other: MachineAnswer) -> bool:
        """Whether both lead the applicant to the same: verdict, lane, amount and rate."""
        mine = (self.verdict, self.lane, self.amount_cents, self.annual_rate)
        return mine == (other.verdict, other.lane, other.amount_cents, other.annual_rate)


def is_decided_by_machine(station: str, outcome: str) -> bool:
    """Whether this move is the machine's decision: a decline by policy, or a lane and all that follows from it.

    >>> is_decided_by_machine("lane", "done"), is_decided_by_machine("policy", "declined")
    (True, True)
    >>> is_decided_by_machine("policy", "done"), is_decided_by_machine("front_gate", "declined")
    (False, False)
    """
    return (station, outcome) in (("policy", "declined"), ("lane", "done"), ("lane", "declined"))


def answer_alone(facts: Snapshot, book: decision.Book) -> MachineAnswer:
    """Policy, scores, lane and the machine's own offer on these facts, as one version has them."""
    policy = decision.check_policy(facts.snapshot, book, draw_key=facts.dossier.applicant.token)
    scores = scoring.score_cards(book.cards, facts.snapshot.facts) if book.cards else scoring.Scores()
    lane = decision.choose_lane(
        facts.snapshot, policy, scores, facts.cash_flow, facts.front_gate, facts.list_check, book
    )
    final = scores.final
    points, city = None if final is None else final.points, facts.dossier.business.city
    asked = funding.list_open_funders(facts.funders, book, city=city, points=points)
    terms = tuple(funding.terms_of(funder) for funder in asked)
    _, offer = decision.draw_up_offer(facts.dossier.request, facts.snapshot, lane, scores, facts.cash_flow, terms, book)
    verdict, reasons = decision.conclude(lane, offer, (), book)
    return MachineAnswer(
        verdict=verdict,
        lane="decline" if verdict == "decline" else lane.lane,
        tier=lane.tier,
        points=points,
        product=offer.product,
        amount_cents=offer.amount_cents,
        annual_rate=offer.candidates[0].price.annual_rate if offer.candidates else None,
        reasons=reasons,
    )


def run_shadows(application_id: int) -> int:
    """Let each shadow of its day decide on an application that the machine has decided on; gives how many did.

    A shadow that fails leaves its error on record and nothing else: the case goes on as if there were none.
    """
    record = records.load_case(application_id)
    if record is None or "labels" not in record.visits:
        return 0
    tenant = records.TenantRecord(record.tenant_id, record.tenant, record.tenant, record.pack)
    releases = publishing.list_shadows(publishing.find_releases(tenant), record.applied_on)
    if not releases:
        return 0
    case, clock = open_case(record), records.read_clock(record.tenant_id)
    own_book = publishing.load_rulebook(record.rulebook).at(record.applied_on)
    facts = _gather(case, own_book, clock)
    own = answer_alone(facts, own_book)
    for release in releases:
        told = _ask(release, case, facts, own)
        records.save_shadow_decision(
            application_id=record.id, release_id=release.id, version_id=release.version_id, at=clock.now, **told
        )
    return len(releases)


def _gather(case: Case, book: decision.Book, clock: records.ClockReading) -> Snapshot:
    context = Context(book=book, plan=read_line_plan(book), now=clock.now, on=clock.business_on)
    return Snapshot(
        dossier=case.dossier,
        snapshot=case.result("labels", labels.Labels),
        cash_flow=case.find_result("cash_flow", labels.CashFlow),
        front_gate=case.find_result("front_gate", identity.FrontGate),
        list_check=case.find_result("list_check", identity.ListCheck),
        funders=load_funder_facts(case, context),
    )


def _ask(release: records.ReleaseRecord, case: Case, facts: Snapshot, own: MachineAnswer) -> dict[str, object]:
    beside = {"own_verdict": own.verdict, "own_lane": own.lane, "own_amount_cents": own.amount_cents}
    try:
        book = publishing.load_rulebook(release.digest).at(case.record.applied_on)
        answer = answer_alone(facts, book)
    except Exception as error:  # noqa: BLE001  a shadow may fail in any way, and never hurts the line
        log.warning("shadow_failed", case=case.number, version=release.number, why=str(error))
        return {**beside, "error": f"{type(error).__name__}: {error}"[:500]}
    return {
        **beside,
        "verdict": answer.verdict,
        "lane": answer.lane,
        "amount_cents": answer.amount_cents,
        "differs": not answer.is_like(own),
        "result": gateways.dump_value(answer),
    }
