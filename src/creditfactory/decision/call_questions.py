"""Questions on the phone that the true applicant can answer and somebody who borrowed the name mostly cannot (VER-02).

They come from what the bureau, the bank and others know of the applicant, not from the form's main fields, which can
be learnt by heart. Which are asked, and in which order, is drawn by the case, so that no two calls are alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from creditfactory.application import (
    BankStatement,
    BureauReport,
    ContactList,
    Dossier,
    InstalmentProof,
    InsurancePolicyProof,
    TelecomRecord,
    UtilityBills,
    find_each_evidence,
    find_evidence,
)
from creditfactory.kernel import BPS_WHOLE

Kind = Literal["money", "count", "year"]
FAMILY = ("spouse", "parent", "child", "sibling")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuestion:
    """One question: what is asked in both languages, how it is answered, and how far an answer may lie off.

    ``spread_bps`` is the share of the true figure an answer may be off by; ``spread`` the same as a whole number.
    """

    code: str
    kind: Kind
    en: str
    zh: str
    spread_bps: int = 0
    spread: int = 0


def _ask(code: str, kind: Kind, en: str, zh: str, *, spread_bps: int = 0, spread: int = 0) -> CallQuestion:
    return CallQuestion(code=code, kind=kind, en=en, zh=zh, spread_bps=spread_bps, spread=spread)


QUESTIONS: Mapping[str, CallQuestion] = {
    question.code: question
    for question in (
        _ask("card_limits", "money", "What are the limits of all your credit cards together, roughly?",
             "您所有信用卡的额度合计大约多少?", spread_bps=2_500),
        _ask("cards_open", "count", "How many credit cards have you in use?",
             "您目前在用的信用卡有几张?", spread=1),
        _ask("loans_open", "count", "How many loans are you paying off at present?",
             "您目前有几笔贷款在还?", spread=0),
        _ask("monthly_due", "money", "What do you pay on all your loans each month?",
             "您每月所有贷款一共要还多少?", spread_bps=2_000),
        _ask("largest_loan", "money", "How much was your largest loan when you took it?",
             "您最大的一笔贷款当初借了多少?", spread_bps=1_500),
        _ask("youngest_loan_year", "year", "In which year did you take your latest loan?",
             "您最近一笔贷款是哪一年办的?", spread=0),
        _ask("oldest_account_year", "year", "In which year did you get your first card or loan?",
             "您第一张信用卡或第一笔贷款是哪一年办的?", spread=1),
        _ask("mortgage_instalment", "money", "What is the monthly instalment of your mortgage?",
             "您的房贷每月还多少?", spread_bps=1_000),
        _ask("car_instalment", "money", "What is the monthly instalment of your car loan?",
             "您的车贷每月还多少?", spread_bps=1_000),
        _ask("policy_premium", "money", "What do you pay for your insurance policy a year?",
             "您的保单每年交多少保费?", spread_bps=1_500),
        _ask("rent", "money", "How much rent went out of the account the last time?",
             "最近一次从账户付出的房租是多少?", spread_bps=1_000),
        _ask("largest_payer_sum", "money", "How much was the largest payment that came in within three months?",
             "最近三个月收到的最大一笔款是多少?", spread_bps=2_500),
        _ask("power_bill", "money", "What was the last electricity bill of the shop?",
             "店里最近一个月的电费是多少?", spread_bps=3_000),
        _ask("family_contacts", "count", "How many of the contacts you named are family?",
             "您填写的联系人中有几位是家人?", spread=0),
        _ask("number_years", "count", "For how many years have you had this telephone number?",
             "这个手机号您用了几年?", spread=1),
    )
}  # fmt: skip
"""Every question that can be asked, by its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerJudgement:
    """How the drawn questions were answered: right, wrong, and not answered; the share right in basis points."""

    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    right_bps: int | None = None


def know_answers(dossier: Dossier, as_of: datetime) -> dict[str, int]:
    """What the evidence says on each question that it can answer, as known at ``as_of``; the rest is left out."""
    found: dict[str, int | None] = {**_know_bureau(dossier, as_of), **_know_statements(dossier, as_of)}
    for kind, code in (("mortgage", "mortgage_instalment"), ("car_loan", "car_instalment")):
        proofs = [e for e in dossier.evidence if isinstance(e, InstalmentProof) and e.kind == kind]
        known = [e for e in proofs if e.obtained_at <= as_of]
        found[code] = known[-1].instalment_cents if known else None
    policy = find_evidence(dossier, InsurancePolicyProof, as_of=as_of)
    found["policy_premium"] = None if policy is None else policy.annual_premium_cents
    bills = find_evidence(dossier, UtilityBills, as_of=as_of)
    if bills is not None:
        power = [(m, c) for m, c, meter in zip(bills.month, bills.bill_cents, bills.meter, strict=False)
                 if meter == "electricity"]  # fmt: skip
        found["power_bill"] = max(power)[1] if power else None
    contacts = find_evidence(dossier, ContactList, as_of=as_of)
    if contacts is not None and contacts.relation:
        found["family_contacts"] = sum(relation in FAMILY for relation in contacts.relation)
    telecom = find_evidence(dossier, TelecomRecord, as_of=as_of)
    if telecom is not None and telecom.tenure_months is not None:
        found["number_years"] = telecom.tenure_months // 12
    return {code: value for code, value in found.items() if value is not None and (value > 0 or code in COUNTED)}


COUNTED = ("loans_open", "family_contacts", "number_years")
"""Questions to which none is an answer that only the true applicant is sure of."""


def _know_bureau(dossier: Dossier, as_of: datetime) -> dict[str, int | None]:
    report = find_evidence(dossier, BureauReport, as_of=as_of)
    if report is None or not report.has_record:
        return {}
    found: dict[str, int | None] = {
        "card_limits": report.card_limit_cents,
        "loans_open": report.loan_count,
        "monthly_due": report.monthly_due_cents,
        "oldest_account_year": None if report.oldest_account_on is None else report.oldest_account_on.year,
    }
    accounts = report.accounts
    if accounts is not None:
        lines = list(zip(accounts.kind, accounts.state, accounts.limit_cents, accounts.opened_on, strict=False))
        loans = [(limit, on) for kind, _, limit, on in lines if kind in ("loan", "revolving_loan")]
        found["cards_open"] = sum(kind in ("card", "quasi_card") and state == "normal" for kind, state, _, _ in lines)
        found["largest_loan"] = max((limit for limit, _ in loans), default=None)
        found["youngest_loan_year"] = max((on.year for _, on in loans), default=None)
    return found


def _know_statements(dossier: Dossier, as_of: datetime) -> dict[str, int | None]:
    statements = find_each_evidence(dossier, BankStatement, by="account", as_of=as_of)
    rents = [
        (on, -flow)
        for s in statements
        for on, flow, sort in zip(s.on, s.flow_cents, s.sort, strict=False)
        if sort == "rent" and flow < 0
    ]
    until = max((s.to_on for s in statements), default=None)
    large = [
        flow
        for s in statements
        for on, flow, sort in zip(s.on, s.flow_cents, s.sort, strict=False)
        if flow > 0 and sort == "sale" and until is not None and on > until - timedelta(days=92)
    ]
    middle = median(large) if large else 0
    stands_out = bool(large) and max(large) >= 3 * middle
    return {"rent": max(rents)[1] if rents else None, "largest_payer_sum": max(large) if stands_out else None}


def draw_questions(dossier: Dossier, as_of: datetime, *, seed: str, count: int) -> tuple[CallQuestion, ...]:
    """So many questions from those the evidence can answer, in an order of the case's own.

    ``seed`` is the case's secret of the draw (its number with the instant of the work): the same seed draws the same
    questions, and who does not know it cannot foresee them.
    """
    known = know_answers(dossier, as_of)
    drawn = sorted(known, key=lambda code: hashlib.sha256(f"{seed}:{code}".encode()).digest())
    return tuple(QUESTIONS[code] for code in drawn[:count])


def judge_answers(asked: Iterable[str], answers: Mapping[str, int | None], known: Mapping[str, int]) -> AnswerJudgement:
    """Which answers lie within what memory may be off by; a question left unanswered is not right.

    >>> judge_answers(["loans_open", "monthly_due"], {"loans_open": 2}, {"loans_open": 2, "monthly_due": 90_000})
    AnswerJudgement(right=('loans_open',), wrong=(), silent=('monthly_due',), right_bps=5000)
    """
    right: list[str] = []
    wrong: list[str] = []
    silent: list[str] = []
    for code in asked:
        question, said, true = QUESTIONS.get(code), answers.get(code), known.get(code)
        if question is None or true is None:
            continue
        if said is None:
            silent.append(code)
            continue
        room = max(question.spread, true * question.spread_bps // BPS_WHOLE)
        (right if abs(said - true) <= room else wrong).append(code)
    counted = len(right) + len(wrong) + len(silent)
    return AnswerJudgement(
        right=tuple(right), wrong=tuple(wrong), silent=tuple(silent),
        right_bps=len(right) * BPS_WHOLE // counted if counted else None,
    )  # fmt: skip


def share_wording(said: str, others: Iterable[str]) -> int:
    """How much of what was said is word for word what another caller said, in basis points: the most of any of them.

    Compared are runs of four characters without spaces and marks, so that it works in any script; texts of fewer
    than twelve characters are too short to say anything.

    >>> share_wording("buy new ovens before the spring season", ["Buy new ovens, before the spring season!"])
    10000
    """
    own = _runs(said)
    if not own:
        return 0
    return max((len(own & _runs(other)) * BPS_WHOLE // len(own) for other in others), default=0)


def _runs(text: str) -> set[str]:
    plain = "".join(letter for letter in text.casefold() if letter.isalnum())
    return {plain[at : at + 4] for at in range(len(plain) - 3)} if len(plain) >= 12 else set()
