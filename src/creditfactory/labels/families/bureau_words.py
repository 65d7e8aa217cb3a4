"""The words that a bureau report's accounts, queries and records come in, and how they are taken together."""

from __future__ import annotations

from typing import get_args

from creditfactory.application import (
    AccountKind,
    AccountPurpose,
    LenderKind,
    PublicKind,
    QueryReason,
    Security,
)

ACCOUNT_KINDS: tuple[str, ...] = get_args(AccountKind)
LENDERS: tuple[str, ...] = get_args(LenderKind)
SECURITIES: tuple[str, ...] = get_args(Security)
PURPOSES: tuple[str, ...] = get_args(AccountPurpose)
REASONS: tuple[str, ...] = get_args(QueryReason)
PUBLIC_KINDS: tuple[str, ...] = get_args(PublicKind)
NOT_BANKS = ("consumer_finance", "microloan", "trust", "auto_finance", "online_lender", "other")
ONLINE = ("microloan", "online_lender")
