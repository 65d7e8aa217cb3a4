"""The bank statements of owner and firm, line by line."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import get_args

from creditfactory.application import BankStatement, Dossier, FlowSort, find_each_evidence
from creditfactory.labels.family import (
    CHANGE,
    COUNT,
    DAYS,
    DAYS_SINCE,
    EVER,
    GAP,
    MAX,
    MEAN,
    NET,
    PARTIES,
    SHARE,
    SPREAD,
    SUM,
    TOP_SHARE,
    Cut,
    Family,
    days_back,
)
from creditfactory.labels.tables import Shape, Table, make_table, number_day, number_days

SORTS: tuple[str, ...] = get_args(FlowSort)
DIRECTIONS = ("in", "out", "none")
HOLDERS = ("owner", "firm")


def read_statements(dossier: Dossier, as_of: datetime) -> Table | None:
    """All accounts' lines together, as known at an instant; the record reaches back as far as every account does."""
    found = find_each_evidence(dossier, BankStatement, by="account", as_of=as_of)
    if not found:
        return None
    flows = [flow for statement in found for flow in statement.flow_cents]
    return make_table(
        STATEMENTS,
        days=number_days(chain.from_iterable(s.on for s in found)),
        minutes=chain.from_iterable(s.minute or (-1,) * len(s.on) for s in found),
        amounts=flows,
        parties=[token for s in found for token in s.party or ("",) * len(s.on)],
        words={
            "sort": chain.from_iterable(s.sort for s in found),
            "direction": ["in" if flow > 0 else "out" if flow < 0 else "none" for flow in flows],
            "holder": chain.from_iterable((s.holder,) * len(s.on) for s in found),
        },
        reaches_from=max(number_day(s.from_on) for s in found),
        reaches_to=max(number_day(s.to_on) for s in found),
    )


STATEMENTS = Shape(
    code="statements",
    source="bank_statement",
    absent="no_statement",
    columns={"sort": SORTS, "direction": DIRECTIONS, "holder": HOLDERS},
    read=read_statements,
)

_ALL = Cut(code="in", en="money in", zh="入账", where={"direction": ("in",)}, polarity="premium")
_CUTS = (
    _ALL,
    Cut(code="sale", en="sales received", zh="销售回款", where={"direction": ("in",), "sort": ("sale",)},
        polarity="premium"),
    Cut(code="loan_in", en="loans paid out to the account", zh="贷款入账",
        where={"direction": ("in",), "sort": ("loan_in",)}, polarity="adverse"),
)  # fmt: skip

BANK = Family(
    code="bank",
    shape=STATEMENTS,
    en="Bank statements",
    zh="银行流水",
    cuts=_CUTS,
    whole="in",
    windows=days_back(30, 90, 180, 360),
    measures=(COUNT, SUM, NET, MEAN, MAX, PARTIES, DAYS, GAP, SPREAD, TOP_SHARE, SHARE, CHANGE),
    owner="risk: cash flow",
    legal_basis="PIPL art. 13(1)(1): the applicant's consent to reading the statements handed in",
    sensitivity="financial",
)
BANK_LAST = Family(
    code="bank",
    shape=STATEMENTS,
    en="Bank statements",
    zh="银行流水",
    cuts=_CUTS,
    windows=(EVER,),
    measures=(DAYS_SINCE,),
    owner=BANK.owner,
    legal_basis=BANK.legal_basis,
    sensitivity="financial",
)

FAMILIES = (BANK, BANK_LAST)
