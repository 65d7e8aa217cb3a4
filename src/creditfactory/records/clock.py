"""What time it is in a factory: the persisted business date and the instant its clock shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from creditfactory.records.connection import run_prepared
from creditfactory.records.tables import Clock


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at the clock: the simulated instant, the business date, how fast it runs (0 stands still)."""

    now: datetime
    business_on: date
    speed: float
    read_at: datetime

    def again(self) -> ClockReading:
        """The same clock a moment later, without asking the database; it knows nothing of a clock set since."""
        wall = datetime.now(UTC)
        return replace(self, now=self.now + (wall - self.read_at) * self.speed, read_at=wall)

    def to_wall(self, instant: datetime) -> datetime:
        """When the wall clock will stand at the moment this clock shows ``instant`` (now, if it stands still)."""
        wall = datetime.now(UTC)
        if self.speed <= 0:
            return wall
        return wall + max(timedelta(0), (instant - self.now) / self.speed)


def read_clock(tenant_id: int) -> ClockReading:
    """The clock of a factory, read now."""
    row = run_prepared(
        "SELECT anchor_at, anchored_at, business_on, speed FROM clock WHERE tenant_id = %s::bigint", [tenant_id]
    ).fetchone()
    if row is None:
        raise Clock.DoesNotExist(f"there is no factory {tenant_id}")
    anchor_at, anchored_at, business_on, speed = row
    wall = datetime.now(UTC)
    return ClockReading(
        now=anchor_at + (wall - anchored_at) * speed, business_on=business_on, speed=speed, read_at=wall
    )


def set_clock(tenant_id: int, *, now: datetime, business_on: date, speed: float) -> None:
    """Set the clock of a factory: the instant it shows from now on, its business date and its speed."""
    Clock.objects.update_or_create(
        tenant_id=tenant_id,
        defaults={"anchor_at": now, "anchored_at": datetime.now(UTC), "business_on": business_on, "speed": speed},
    )


def find_day_to_close(tenant_id: int) -> date | None:
    """The last whole day that a running clock has passed, cut-off included, if it is still open."""
    clock = Clock.objects.filter(tenant_id=tenant_id, speed__gt=0).first()
    if clock is None:
        return None
    local = read_clock(tenant_id).now + timedelta(minutes=clock.utc_offset_minutes - clock.cut_off_minutes)
    passed = local.date() - timedelta(days=1)
    return passed if passed >= clock.business_on else None
