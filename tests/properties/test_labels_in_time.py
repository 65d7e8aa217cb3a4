"""Only what was known by the instant counts: planted futures and late corrections change no label of before."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditfactory import labels
from creditfactory.application import BankStatement, BureauReport, Dossier, InvoiceList
from creditfactory.service.reference_applicants import ReferenceApplicant, make_applicants

SOME = make_applicants()[:6]
KINDS = sorted({evidence.kind for one in SOME for evidence in one.dossier.evidence})


def take(one: ReferenceApplicant, dossier: Dossier, later: timedelta = timedelta(0)) -> labels.Labels:
    return labels.compute(dossier, network=one.network, channel=one.channel, as_of=one.as_of + later)


def spoil(evidence: Any, after: timedelta) -> Any:
    """The same paper handed in anew later, with every number in it changed."""
    changes: dict[str, Any] = {"obtained_at": evidence.obtained_at + after}
    for part in fields(evidence):
        value = getattr(evidence, part.name)
        if type(value) is int:
            changes[part.name] = value // 2 + 17
        elif type(value) is bool:
            changes[part.name] = not value
        elif isinstance(value, tuple) and value and all(type(one) is int for one in value) and part.name != "minute":
            changes[part.name] = tuple(one * 3 + 1 for one in value)
    return replace(evidence, **changes)


@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(0, len(SOME) - 1),
    after=st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=400)),
    kinds=st.sets(st.sampled_from(KINDS), min_size=1),
    at_front=st.booleans(),
)
def test_papers_that_come_in_later_change_nothing(
    number: int, after: timedelta, kinds: set[str], at_front: bool
) -> None:
    """LAB-01: late corrections of any source, planted anywhere, leave every label of before as it was."""
    one = SOME[number]
    wait = {e.kind: one.as_of - e.obtained_at + after for e in one.dossier.evidence}
    planted = tuple(spoil(e, wait[e.kind]) for e in one.dossier.evidence if e.kind in kinds)
    evidence = (*planted, *one.dossier.evidence) if at_front else (*one.dossier.evidence, *planted)
    before, now = take(one, one.dossier), take(one, replace(one.dossier, evidence=evidence))
    assert now.facts == before.facts
    assert dict(now.why_missing) == dict(before.why_missing)


@pytest.mark.parametrize("one", SOME[:3], ids=lambda one: one.dossier.reference)
def test_a_correction_counts_from_the_instant_it_is_known(one: ReferenceApplicant) -> None:
    """LAB-01: to the microsecond."""
    statement = next(e for e in one.dossier.evidence if isinstance(e, BankStatement))
    wait = one.as_of - statement.obtained_at + timedelta(hours=1)
    dossier = replace(one.dossier, evidence=(*one.dossier.evidence, spoil(statement, wait)))
    hour, name = timedelta(hours=1), "bank__in__sum_cents__90d"
    told = [take(one, dossier, hour + timedelta(microseconds=more))[name] for more in (-1, 0)]
    assert told[0] == take(one, one.dossier, hour)[name]
    assert told[1] != told[0]


@pytest.mark.parametrize("one", SOME[:3], ids=lambda one: one.dossier.reference)
def test_lines_dated_after_the_instant_are_not_counted(one: ReferenceApplicant) -> None:
    """LAB-01: a statement or a list that tells of days to come tells nothing of today."""
    on = one.as_of.date() + timedelta(days=3)

    def add_future(evidence: Any) -> Any:
        if isinstance(evidence, BankStatement):
            return replace(
                evidence, on=(*evidence.on, on), minute=(*evidence.minute, 600) if evidence.minute else (),
                flow_cents=(*evidence.flow_cents, 99_999_999), party=(*evidence.party, "x") if evidence.party else (),
                sort=(*evidence.sort, "sale"),
                balance_cents=(*evidence.balance_cents, 5) if evidence.balance_cents else (),
            )  # fmt: skip
        if isinstance(evidence, InvoiceList):
            return replace(
                evidence, number=(*evidence.number, "x"), on=(*evidence.on, on),
                direction=(*evidence.direction, "output"), net_cents=(*evidence.net_cents, 99_999_999),
                vat_cents=(*evidence.vat_cents, 9), party=(*evidence.party, "x"), is_void=(*evidence.is_void, False),
            )  # fmt: skip
        if isinstance(evidence, BureauReport) and evidence.queries is not None:
            asked = evidence.queries
            return replace(evidence, queries=replace(
                asked, on=(*asked.on, on), lender=(*asked.lender, "bank"), lender_token=(*asked.lender_token, "x"),
                reason=(*asked.reason, "loan_approval"),
            ))  # fmt: skip
        return evidence

    planted = replace(one.dossier, evidence=tuple(map(add_future, one.dossier.evidence)))
    before, now = take(one, one.dossier), take(one, planted)
    families = ("bank", "invoice", "bureau_queries")
    names = [label.name for label in labels.list_labels("cn-micro") if label.cut and label.family in families]
    assert len(names) > 3_000
    assert {name: now[name] for name in names if now[name] != before[name]} == {}


def test_looked_at_from_before_anything_came_in_every_source_is_unknown() -> None:
    """LAB-01."""
    one = SOME[0]
    first = min(evidence.obtained_at for evidence in one.dossier.evidence)
    taken = labels.compute(one.dossier, as_of=first - timedelta(seconds=1))
    sources = ("bank_statement", "bureau", "invoices", "tax", "utilities", "court", "registry")
    known = {name: value for name, value in taken.facts.items() if labels.CATALOGUE[name].source in sources}
    assert {name: value for name, value in known.items() if value is not None and value is not False} == {}
