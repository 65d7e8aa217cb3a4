"""Cases judged by the real rooms and written down as the line writes them: one in every state, for tests of pages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from creditfactory import application, decision, gateways, identity, records
from creditfactory.records import tables
from creditfactory.stations.line import follow
from creditfactory.stations.s17_final_review import FinalReview
from creditfactory.stations.s18_offer import RankedOffer
from creditfactory.stations.s19_funder_decision import FunderDecision

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
REVIEWER = "chen"
BEFORE_LANE = ("front_gate", "list_check", "cash_flow", "labels", "policy", "scores")


@dataclass(frozen=True)
class Judged:
    """What stands in the two factories, by name."""

    new: str
    gate: str
    policy: str
    visit: str
    lent: str
    cut: str
    refused: str
    altered: str
    sba: str


def lay_cases() -> Judged:
    """On a floor laid before: applications decided on the examples of the documentation, one in every state."""
    micro, sba = (tables.Tenant.objects.get(code=code) for code in ("cn-micro", "us-sba"))
    return Judged(
        new=_apply(micro, 21, "cn-micro-approve", status="waiting", station="consent", waits_for="consents_signed"),
        gate=write_case(micro, 22, "cn-micro-robot"),
        policy=write_case(micro, 23, "cn-micro-overdue"),
        visit=write_case(micro, 24, "cn-micro-visit", status="waiting", station="site_visit"),
        lent=write_case(micro, 25, "cn-micro-approve", is_offered=True, money=True),
        cut=write_case(micro, 26, "cn-micro-visit", review=("approve", 12_000_000), is_offered=True, money=True),
        refused=write_case(micro, 27, "cn-micro-night", review=("decline", 20_000_000), status="declined",
                           note="=HYPERLINK(1)"),
        altered=write_case(micro, 28, "cn-micro-approve", is_offered=True, alter=True, exception="known for ten years",
                           review=("approve", 20_000_000), money=True),
        sba=write_case(sba, 29, "us-sba-restaurant", is_offered=True, status="waiting", station="early_warning"),
    )  # fmt: skip


def write_case(
    tenant: tables.Tenant, place: int, example: str, *, status: str = "", station: str = "", is_offered: bool = False,
    money: bool = False, review: tuple[str, int] | None = None, alter: bool = False, exception: str = "",
    note: str = "seen the shop",
) -> str:  # fmt: skip
    """One application judged whole, its visits as the stations would have left them."""
    dossier = gateways.read_dossier((EXAMPLES / f"{example}.json").read_text("utf-8"))
    at = max([dossier.applied_at, *(piece.obtained_at for piece in dossier.evidence)])
    book = gateways.load_rulebook(dossier.pack).at(dossier.applied_on)
    decided = decision.decide(dossier, book, as_of=at)
    stopped = _find_stop(decided)
    status = "declined" if stopped else status or "waiting"
    number = _apply(
        tenant, place, example, status=status, station="" if status == "declined" else station or "early_warning",
        waits_for="", reason=decided.reasons[0].code if stopped else "", rulebook=book.digest,
        lane="" if stopped else decided.lane_choice.lane, tier=str(decided.tier or ""),
        points=None if stopped in ("front_gate", "policy") else _points(decided),
        money_at=at + timedelta(hours=2) if money else None, decided_at=at,
        ended_at=at if status == "declined" else None,
    )  # fmt: skip
    found = tables.Application.objects.get(number=number)
    _write_machine(found, decided, stopped, at)
    if not stopped:
        _write_people(found, decided, review, (note, exception), at, is_offered=is_offered, alter=alter)
    if money:
        _lend(found, decided)
    return number


def _find_stop(decided: decision.Decision) -> str:
    gate = decided.front_gate
    if gate is not None and gate.verdict == "reject":
        return "front_gate"
    return "policy" if decided.policy.verdict == "decline" else "lane" if decided.lane_choice.lane == "decline" else ""


def _points(decided: decision.Decision) -> int | None:
    return None if decided.scores.final is None else decided.scores.final.points


def _write_machine(of: tables.Application, decided: decision.Decision, stopped: str, at: datetime) -> None:
    found: list[tuple[str, Any]] = []
    if decided.front_gate is not None:
        found += [("front_gate", decided.front_gate), ("list_check", identity.ListCheck(verdict="clear"))]
    if decided.cash_flow is not None:
        found.append(("cash_flow", decided.cash_flow))
    found += [("labels", decided.labels), ("policy", decided.policy), ("scores", decided.scores)]
    found.append(("lane", decided.lane_choice))
    for station, result in found:
        is_end = station == stopped
        reasons = decided.reasons if is_end or station == "lane" else ()
        visit(of, station, "declined" if is_end else "done", result, at, reasons)
        if is_end:
            return


def _write_people(
    of: tables.Application, decided: decision.Decision, review: tuple[str, int] | None, words: tuple[str, str],
    at: datetime, *, is_offered: bool, alter: bool,
) -> None:  # fmt: skip
    limit = decided.limit
    if review is not None:
        verdict, cents = review
        seen = FinalReview(verdict, cents, (REVIEWER,), *words)
        stated = () if verdict == "approve" else ({"code": "REV-DECLINED", "facts": {}},)
        visit(of, "final_review", "done" if verdict == "approve" else "declined", seen, at, stated)
        if limit is not None and verdict == "approve":
            parts = {**limit.parts, "review": cents}
            least = min(parts, key=lambda name: parts[name])
            limit = replace(limit, parts=parts, binding=least, amount_cents=min(parts.values()))
    if not is_offered:
        return
    visit(of, "offer", "done", RankedOffer(decided.offer, limit), at)
    best = decided.offer.candidates[0]
    assert best.price.annual_rate is not None
    lends = FunderDecision(
        funder=best.funder, amount_cents=decided.offer.amount_cents - (2_000_000 if alter else 0),
        annual_rate=best.price.annual_rate, term_months=decided.offer.term_months or 36,
        verdict="alter" if alter else "approve",
    )  # fmt: skip
    visit(of, "funder_decision", "done", lends, at)


def visit(of: tables.Application, station: str, outcome: str, result: object, at: datetime, reasons: Any = ()) -> None:
    """One visit as the line would write it."""
    sequence = tables.Visit.objects.filter(application=of).count() + 1
    told = [r if isinstance(r, dict) else asdict(r) for r in reasons]
    lane = of.lane if station == "lane" or station not in BEFORE_LANE else ""
    following, _ = follow(station, outcome, lane)
    tables.Visit.objects.create(
        application=of, sequence=sequence, station=station, outcome=outcome, lane=lane, next_station=following,
        result=gateways.dump_value(result), reasons=json.dumps(told, default=str), actor="machine",
        business_on=of.applied_on, rulebook=of.rulebook, entered_at=at, started_at=at, finished_at=at,
    )  # fmt: skip


def _apply(tenant: tables.Tenant, place: int, example: str, **facts: Any) -> str:
    body = json.loads((EXAMPLES / f"{example}.json").read_text("utf-8"))
    dossier = gateways.read_dossier(json.dumps(body))
    at = dossier.applied_at
    person = {"name": "王大力", "id_number": f"44030119800101{place:03d}X", "phone": f"1390000{place:04d}"}
    token, _ = records.seal_person(tenant=tenant, facts=person, at=at)
    number = f"A-{dossier.applied_on:%y%m%d}-{place:05d}"
    of = tables.Application.objects.create(
        tenant=tenant, number=number, reference=f"JUDGED-{place}", pack=tenant.pack, person_token=token,
        trade_name=dossier.business.trade_name or "", city=dossier.business.city or "",
        industry=dossier.business.industry or "", channel=dossier.channel.company,
        amount_cents=dossier.request.amount_cents, currency=dossier.request.currency, applied_at=at,
        applied_on=dossier.applied_on, received_at=at, entered_at=at, **{"rulebook": "", **facts},
    )  # fmt: skip
    tables.Dossier.objects.create(application=of, body=application_json(dossier, token))
    return number


def application_json(dossier: application.Dossier, token: str) -> str:
    """The dossier as it is kept, under its person's token."""
    return gateways.dump_value(replace(dossier, applicant=replace(dossier.applicant, token=token)))


def _lend(of: tables.Application, decided: decision.Decision) -> None:
    book = records.find_or_open_book(tenant_id=of.tenant_id, code="bank", name="江南农商银行", kind="bank")
    price = decided.offer.candidates[0].price
    tables.Loan.objects.create(
        tenant_id=of.tenant_id, book_id=book, application=of, number=of.number.replace("A-", "L-"), product="flow",
        lane=of.lane, currency=of.currency, principal_cents=decided.offer.amount_cents,
        annual_rate=price.annual_rate or 0, instalments=36, method="equal_instalment",
        disbursed_on=of.applied_on, matures_on=datetime(2029, 3, 1, tzinfo=UTC).date(),
        open_cents=decided.offer.amount_cents,
    )  # fmt: skip
