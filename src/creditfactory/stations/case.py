"""The case: a dossier with what the stations have found, as it is handed to a station."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from creditfactory import gateways, records
from creditfactory.application import Dossier
from creditfactory.channel import ChannelFacts
from creditfactory.decision import Book
from creditfactory.funding import FunderFacts
from creditfactory.identity import Velocity
from creditfactory.stations.line_plan import LinePlan

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a station read of the factory as it stood at that instant, kept with its visit so that it can be recomputed.

    ``funders``, ``channel`` and ``velocity`` are None where the station did not ask for them.
    """

    funders: tuple[FunderFacts, ...] | None = None
    channel: ChannelFacts | None = None
    velocity: Velocity | None = None
    stopped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What a station may know beside the case: the rules in force, the line's plan, and the instant it works at.

    ``on`` is the factory's business date. The rules are those of the version that the application was taken in under,
    as of the application date; ``stopped`` names what is switched off today, for cases in flight as well. ``given``
    is what was read then, when a past visit is recomputed; ``noted`` what this station has read now.
    """

    book: Book
    plan: LinePlan
    now: datetime
    on: Any
    stopped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_watched: bool = False
    given: Inputs | None = None
    noted: dict[str, Any] = field(default_factory=dict)

    def note(self, **read: Any) -> None:
        """Keep with the visit what was read of the factory as it stands: ``funders``, ``channel`` or ``velocity``."""
        self.noted.update(read)

    @property
    def inputs(self) -> Inputs | None:
        """What this station has read of the factory; None if it looked at the case alone."""
        return Inputs(**self.noted, stopped=self.stopped) if self.noted else None

    def after(self, *, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
        """An instant later than now, on the factory's clock."""
        return self.now + timedelta(minutes=minutes, hours=hours, days=days)


@dataclass(frozen=True, slots=True)
class Case:
    """One application in motion. Results are read from their JSON only when a station asks for them."""

    record: records.CaseRecord
    dossier: Dossier
    fresh: Mapping[str, object]
    answers: Mapping[str, Mapping[str, Any]]

    @property
    def number(self) -> str:
        """The application's number."""
        return self.record.number

    @property
    def lane(self) -> str:
        """The lane chosen, or nothing before station 13."""
        return self.record.lane

    @property
    def told(self) -> Mapping[str, Mapping[str, Any]]:
        """What the borrower or a party told of its own accord, by kind; the latest of each kind."""
        return self.record.told

    def find_result(self, station: str, shape: type[T]) -> T | None:
        """What a station found, or None where it was not applicable or has not been visited."""
        found = self.fresh.get(station)
        if found is None:
            visit = self.record.visits.get(station)
            if visit is None or visit.outcome == "not_applicable":
                return None
            found = gateways.load_value(shape, visit.result)
        return found if isinstance(found, shape) else None

    def result(self, station: str, shape: type[T]) -> T:
        """What a station found; a station that the line guarantees has been visited."""
        found = self.find_result(station, shape)
        assert found is not None, f"{self.number}: {station} has left no {shape.__name__}"
        return found

    def with_answer(self, key: str, answer: Mapping[str, Any]) -> Case:
        """The case with one more answer from outside."""
        return replace(self, answers={**self.answers, key: answer})


def open_case(record: records.CaseRecord) -> Case:
    """The case as kept."""
    return Case(
        record=record,
        dossier=gateways.load_dossier(record.dossier),
        fresh={},
        answers={a.key: a.body for a in record.answers.values() if a.status == "answered" and a.body is not None},
    )
