"""What a station can say of a case."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from creditfactory import records
from creditfactory.application import Dossier
from creditfactory.kernel import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The station's work is done.

    ``result`` is the room's own dataclass; ``exit`` names the way out where a station has several. ``dossier`` is
    given when evidence was added. ``effect`` writes what must be true in the same transaction as the move and
    returns the book the loan stands on, if it made one.
    """

    result: object
    reasons: tuple[Reason, ...] = ()
    exit: str = "done"
    lane: str | None = None
    tier: str | None = None
    points: int | None = None
    dossier: Dossier | None = None
    effect: Callable[[], int | None] | None = None
    actor: str = "machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A piece of work for a person of a role; ``maker`` is who may not do it, because it checks that person's work."""

    kind: str
    role: str
    brief: Mapping[str, Any]
    due_at: datetime
    maker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The case waits for a person's work, or for a call-back of the named kind; at ``due_at`` it is looked at again."""

    waits_for: str
    due_at: datetime | None
    work: Work | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to an outside party; the key makes asking twice the same as asking once."""

    party: str
    kind: str
    key: str
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The station could not do its work now; the line comes back, later each time, and at last holds the case."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """There is nothing to do here, for a stated reason."""

    why: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The case ends here; ``effect`` writes what must be true of others in the same transaction."""

    how: Literal["declined", "withdrawn", "expired"]
    reasons: tuple[Reason, ...]
    result: object = None
    actor: str = "machine"
    effect: Callable[[], None] | None = None


Outcome = Done | Wait | Ask | Retry | NotApplicable | Stop


@dataclass(frozen=True, slots=True)
class Absent:
    """The result kept for a station that a case did not need, with the reason."""

    why: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ended:
    """The result kept where a case ended without a result of the station's own."""

    how: str


def dump_reasons(reasons: tuple[Reason, ...]) -> str:
    """Reasons as they are kept: codes and facts, as JSON text."""
    return json.dumps([{"code": r.code, "facts": dict(r.facts)} for r in reasons], ensure_ascii=False, default=str)


def order_work(work: Work, reasons: tuple[Reason, ...]) -> records.WorkOrder:
    """A piece of work as it is put into the queue."""
    return records.WorkOrder(
        kind=work.kind,
        role=work.role,
        brief=json.dumps(work.brief, ensure_ascii=False, default=str),
        reasons=dump_reasons(reasons),
        due_at=work.due_at,
        maker=work.maker,
    )
