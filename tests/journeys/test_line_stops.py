"""Stop switches: what is switched off today ends cases in flight as well, whatever rules govern them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from creditfactory import records, stations
from creditfactory.stations.case import open_case
from creditfactory.stations.outcomes import Done, Outcome, Stop
from creditfactory.stations.segment import read_context
from tests.walking import Line, Walk, world

pytestmark = pytest.mark.django_db


def run_with(walk: Walk, station: str, stopped: Mapping[str, tuple[str, ...]]) -> Outcome:
    """What a station says of a case while these switches are off."""
    record = records.load_case(walk.id)
    assert record is not None
    case = open_case(record)
    context = read_context(case, records.read_clock(walk.tenant.id))
    return stations.RUNS[station](case, replace(context, stopped=stopped))


def test_a_channel_that_is_switched_off_hands_nothing_in() -> None:
    """FAC-01: the same application is admitted, or declined with the switch named."""
    dossier = world(0)
    walk = Line().take_in(dossier)
    assert isinstance(run_with(walk, "channel_admission", {}), Done)
    stopped = run_with(walk, "channel_admission", {"channels": (dossier["channel"]["company"],)})
    assert isinstance(stopped, Stop) and [r.code for r in stopped.reasons] == ["CHN-STOPPED"]


def test_a_pack_has_no_switch_off_by_itself() -> None:
    """The context of today's plan carries what the rulebook says, and the pack in force stops nothing."""
    walk = Line().take_in(world(0))
    record = records.load_case(walk.id)
    assert record is not None
    context = read_context(open_case(record), records.read_clock(walk.tenant.id))
    assert not any(context.stopped.values())
