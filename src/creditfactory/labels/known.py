"""What is known of one applicant at one instant: each paper found once, for all the labels that are read from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from creditfactory.application import BankStatement, Dossier, Evidence, find_each_evidence
from creditfactory.channel import ChannelFacts
from creditfactory.labels.statement_lines import StatementLines, read_lines
from creditfactory.network import NetworkView

E = TypeVar("E")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that was known of an applicant at ``as_of``: what labels are read from.

    ``latest`` holds the latest evidence of each kind that had been obtained by then, ``lines`` the bank statements'.
    """

    dossier: Dossier
    as_of: datetime
    latest: Mapping[str, Evidence]
    lines: StatementLines | None = None
    network: NetworkView | None = None
    channel: ChannelFacts | None = None
    series: Any = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    _by_type: dict[type, Any] = field(init=False, repr=False, default_factory=dict)
    _shared: dict[Callable[[Any], Any], Any] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for evidence in self.latest.values():
            self._by_type.setdefault(type(evidence), evidence)

    def find(self, kind: type[E]) -> E | None:
        """The latest evidence of a kind, or None."""
        found: E | None = self._by_type.get(kind)
        return found

    def share(self, tell: Callable[[E], T], paper: E) -> T:
        """What is told of a paper for several labels' sources, told once."""
        if tell not in self._shared:
            self._shared[tell] = tell(paper)
        told: T = self._shared[tell]
        return told


def find_known(dossier: Dossier, as_of: datetime, **beside: Any) -> Known:
    """What the dossier itself says at an instant, with what is known ``beside`` it."""
    latest = find_latest(dossier, as_of)
    lines = None
    if "bank_statement" in latest:
        lines = read_lines(find_each_evidence(dossier, BankStatement, by="account", as_of=as_of))
    return Known(dossier=dossier, as_of=as_of, latest=latest, lines=lines, **beside)


def find_latest(dossier: Dossier, as_of: datetime) -> dict[str, Evidence]:
    """The latest evidence of each kind that was known by then; of two of one instant the first."""
    latest: dict[str, Evidence] = {}
    for evidence in dossier.evidence:
        if evidence.obtained_at <= as_of:
            held = latest.get(evidence.kind)
            if held is None or held.obtained_at < evidence.obtained_at:
                latest[evidence.kind] = evidence
    return latest
