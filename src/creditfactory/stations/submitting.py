"""Bringing a dossier to the line's first station."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from creditfactory import gateways, network, publishing, records
from creditfactory.application import DeviceSession, Dossier, find_evidence
from creditfactory.kernel import BadInput
from creditfactory.stations.line import FIRST


def submit_dossier(
    tenant: records.TenantRecord,
    dossier: Dossier,
    *,
    by: str,
    phone_index: bytes = b"",
    tokens: Mapping[str, str] | None = None,
    start: bool = True,
) -> records.Receipt:
    """Take a dossier in at station 1 under the rulebook of its application date; the same reference is taken once.

    ``tokens`` are what the vault gives blind of what the person told (:func:`creditfactory.records.list_tokens`).
    A share of the applicants falls to the challenger, where there is one; which rulebook governs never changes after.
    """
    if dossier.pack != tenant.pack:
        raise BadInput(place="pack", found=repr(dossier.pack), expected=f"{tenant.pack!r}, which this factory works by")
    release = publishing.choose_release(publishing.find_releases(tenant), dossier.applied_on, dossier.applicant.token)
    book = publishing.load_rulebook(release.digest).at(dossier.applied_on)
    clock = records.read_clock(tenant.id)
    return records.submit_application(
        tenant=tenant,
        new=records.NewApplication(
            reference=dossier.reference,
            pack=dossier.pack,
            rulebook=book.digest,
            release_id=release.id,
            dossier=gateways.dump_value(dossier),
            person_token=dossier.applicant.token,
            amount_cents=dossier.request.amount_cents,
            currency=dossier.request.currency,
            applied_at=dossier.applied_at,
            applied_on=dossier.applied_on,
            trade_name=dossier.business.trade_name or "",
            city=dossier.business.city or "",
            industry=dossier.business.industry or "",
            channel=dossier.channel.company,
            edges=list_edges(dossier, phone_index, tokens or {}),
        ),
        first_station=FIRST,
        received_at=max(clock.now, dossier.applied_at),
        by=by,
        start=start,
    )


def list_edges(
    dossier: Dossier, phone_index: bytes = b"", tokens: Mapping[str, str] = MappingProxyType({})
) -> tuple[tuple[str, str], ...]:
    """What this application touches in the network: person, phone, device, address of the connection, agent, contacts.

    Past loans, which nobody typed in here, come directly and without a session: they touch nothing.
    """
    session = find_evidence(dossier, DeviceSession)
    if dossier.channel.kind == "direct" and session is None:
        return ()
    return network.list_touches(dossier, {**tokens, **({"phone": phone_index.hex()} if phone_index else {})})
