"""What partners are told of an application, an offer and a decision: codes, and words in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from creditfactory import decision, publishing, records
from creditfactory.api.shapes import DecisionTold, EngineTold, OfferTold, State, Terms, Waiting, Words
from creditfactory.decision import Book, Candidate, Decision, EngineAnswer, Offer
from creditfactory.kernel import Reason
from creditfactory.records import ApplicationState, PartnerRecord

Audience = Literal["borrower", "staff"]
LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
EXPLAIN = "explain"
WAITS: Mapping[str, tuple[str, str]] = {
    "consents_signed": ("the borrower's consents", "借款人签署授权"),
    "details_submitted": ("further details from the borrower", "借款人补充资料"),
    "contract_signed": ("the borrower's signature under the contract", "借款人签约"),
    "use_proof": ("proof of what the money was spent on", "资金用途凭证"),
    "loan_event": ("what becomes of the loan", "贷后事件"),
    "work:data_entry": ("a clerk who reads the papers", "人工录入核对"),
    "work:gate_review": ("a person's look at the signals at the gate", "反欺诈人工复核"),
    "work:ring_review": ("a person's look at who stands around", "关联关系人工复核"),
    "work:ring_recheck": ("a person's look at who has come to stand around", "关联关系放款前复核"),
    "work:ring_second": ("a second analyst's look at a ring that was found", "团伙认定二次复核"),
    "work:ring_named": ("a second person's look at who stands around", "关联关系二次复核"),
    "work:ring_loan": ("what early warning does about the loan", "贷后预警处置"),
    "work:list_review": ("a person's look at a hit on a list", "名单命中人工复核"),
    "work:online_check": ("the online check", "网核"),
    "work:phone_check": ("the phone check", "电核"),
    "work:site_visit": ("the visit on site", "实地调查"),
    "work:review": ("the credit officer's decision", "信审终审"),
    "work:second_review": ("the second officer's decision", "二级审批"),
    "work:collection": ("the collector's work", "催收处理"),
}
OUTSIDE = ("the answer of an outside party", "外部机构答复")


def tell_state(found: ApplicationState) -> State:
    """Where an application stands, without its reasons."""
    waiting = None
    if found.waits_for:
        en, zh = WAITS.get(found.waits_for, OUTSIDE)
        waiting = Waiting(en=en, zh=zh)
    return State(
        case=found.number, reference=found.reference, status=found.status,  # type: ignore[arg-type]
        station=found.station, waits_for=found.waits_for, lane=found.lane, reason=found.reason,
        applied_at=found.applied_at.isoformat(), due_at=None if found.due_at is None else found.due_at.isoformat(),
        waiting=waiting,
    )  # fmt: skip


def find_words_book(found: ApplicationState) -> Book:
    """The rules under which an application stands: the version that it was taken in by."""
    return publishing.load_rulebook(found.rulebook).at(found.applied_on)


def tell_reasons(reasons: Iterable[Reason], book: Book, partner: PartnerRecord) -> list[Words]:
    """Each reason in the borrower's words; in staff's too where the key may read them."""
    audiences: tuple[Audience, ...] = ("borrower", "staff") if EXPLAIN in partner.rights else ("borrower",)
    told = []
    for reason in reasons:
        words = {
            f"{audience}_{language}": decision.tell_reason(reason, book, language=language, audience=audience)
            for audience in audiences
            for language in LANGUAGES
        }
        told.append(Words(code=reason.code, **words))
    return told


def read_reasons(rows: Iterable[Mapping[str, Any]]) -> list[Reason]:
    """Reasons as a visit keeps them."""
    return [Reason(str(row["code"]), dict(row.get("facts") or {})) for row in rows]


def tell_terms(candidate: Candidate) -> Terms:
    """One funder's loan without the funder's name: whom to ask is the factory's own business until it has answered."""
    price = candidate.price
    return Terms(
        amount_cents=candidate.amount_cents, term_months=candidate.term_months, annual_rate=str(price.annual_rate),
        all_in_nominal=None if price.all_in_nominal is None else str(price.all_in_nominal),
        all_in_effective=None if price.all_in_effective is None else str(price.all_in_effective),
        instalment_cents=candidate.instalment_cents,
    )  # fmt: skip


def tell_offer(offer: Offer, book: Book, partner: PartnerRecord) -> OfferTold:
    """What would be lent, and the counter-offer where it is not what was asked for."""
    return OfferTold(
        product=offer.product,
        method=offer.method,
        terms=tell_terms(offer.candidates[0]) if offer.candidates else None,
        counter=None if offer.counter is None else tell_terms(offer.counter),
        reasons=tell_reasons(offer.reasons, book, partner),
    )


def tell_decision(
    made: Decision, book: Book, partner: PartnerRecord, *, receipt: records.Receipt | None = None
) -> DecisionTold:
    """A decision as the partner may read it."""
    engines = None
    if EXPLAIN in partner.rights:
        engines = [_tell_engine(answer, book) for answer in made.engines]
    return DecisionTold(
        reference=made.reference, verdict=made.verdict, lane=made.lane,  # type: ignore[arg-type]
        tier=made.tier, conditions=list(made.conditions), offer=tell_offer(made.offer, book, partner),
        reasons=tell_reasons(made.reasons, book, partner), rulebook=made.rulebook, engine=made.engine,
        case=None if receipt is None else receipt.number, is_new=None if receipt is None else receipt.is_new,
        engines=engines,
    )  # fmt: skip


def _tell_engine(answer: EngineAnswer, book: Book) -> EngineTold:
    return EngineTold(
        name=answer.name, version=answer.version, inputs=dict(answer.inputs), output=dict(answer.output),
        trace=[decision.tell_reason(step, book, language="en", audience="staff") for step in answer.trace],
    )  # fmt: skip
