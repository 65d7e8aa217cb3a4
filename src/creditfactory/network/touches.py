"""Everything one application touches: who applies, on what, through whom, naming whom, with which papers and cards."""

from __future__ import annotations

from collections.abc import Mapping

from creditfactory.application import (
    BankStatement,
    ContactList,
    DeviceSession,
    Dossier,
    PaperCheck,
    find_each_evidence,
    find_evidence,
)

PICTURED = frozenset({"lease", "photo", "licence", "bank_statement", "utility_bill"})
"""Papers whose picture belongs to one business alone; a likeness of two identity cards says little."""
TOUCHES_MAX = 40


def list_touches(dossier: Dossier, tokens: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Kind and blind token of each thing an application touches, each once.

    ``tokens`` are what only the vault can give blind: ``phone``, ``address``, ``card``, ``employer``. The own phone
    also stands as a ``contact``, so that whoever is named as a contact is found when applying.

    >>> from datetime import UTC, datetime
    >>> from creditfactory.application import Applicant, Business, ChannelPath, Request
    >>> asked = Dossier(
    ...     pack="cn-micro", reference="A-1", applied_at=datetime(2026, 3, 1, tzinfo=UTC),
    ...     request=Request(amount_cents=20_000_000, currency="CNY"), applicant=Applicant(token="t1"),
    ...     business=Business(trade_name="Far Sail", city="wuhan"), channel=ChannelPath(kind="direct", company="own"),
    ... )
    >>> list_touches(asked, {"phone": "ph-1"})
    (('person', 't1'), ('phone', 'ph-1'), ('contact', 'ph-1'), ('company', 'far sail|wuhan'))
    """
    found: list[tuple[str, str]] = [("person", dossier.applicant.token)]
    found += [(kind, tokens[kind]) for kind in ("phone", "address", "card", "employer") if tokens.get(kind)]
    if tokens.get("phone"):
        found.append(("contact", tokens["phone"]))
    if dossier.channel.agent:
        found.append(("agent", f"{dossier.channel.company}/{dossier.channel.agent}"))
    session = find_evidence(dossier, DeviceSession)
    if session is not None:
        found += [("device", session.device), ("ip", session.ip)]
    business = dossier.business
    if business.trade_name:
        found.append(("company", f"{business.trade_name.strip().casefold()}|{(business.city or '').casefold()}"))
    contacts = find_evidence(dossier, ContactList)
    found += [("contact", phone) for phone in contacts.phone] if contacts is not None else []
    papers = [check for check in dossier.evidence if isinstance(check, PaperCheck) and check.paper in PICTURED]
    found += [("paper", check.likeness) for check in papers if check.likeness]
    statements = find_each_evidence(dossier, BankStatement, by="account")
    found += [("card", statement.account) for statement in statements]
    return tuple(dict.fromkeys((kind, token) for kind, token in found if token))[:TOUCHES_MAX]
