"""The borrower's door for tests: one factory that has opened it, with the market's parties answering here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from stdnum.cn import ric

from creditfactory import records
from creditfactory.consoles.apply.visits import OWN_CHANNEL
from creditfactory.records import tables
from tests.walking import Line

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 23)
FACTS = {
    "name": "张伟", "id_number": "44030319800101007X", "phone": "13800138000", "firm": "恒通五金店",
    "firm_city": "shenzhen",
}  # fmt: skip
FIRM = {
    "role": "sole_trader", "industry": "5174", "opened_on": "2018-03-01", "employees": "4", "sales_year": "3000000",
    "home_city": "shenzhen", "years_in_city": "12", "owns_home": "yes", "education": "college",
    "income_month": "30000", "amount": "200000", "term": "36", "purpose": "stock",
}  # fmt: skip
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x00" + b"\x01" * 64 + b"\xff\xd9"
)


def make_number(place: int) -> str:
    """The identity number of another person each time."""
    body = f"44030319800102{place:03d}"
    return body + ric.calc_check_digit(body + "0")


def open_door(line: Line) -> None:
    """The factory admits its own page as a channel, on a clock of the demo's day."""
    records.set_clock(line.tenant.id, now=NOW, business_on=ON, speed=0)
    tables.Clock.objects.filter(tenant_id=line.tenant.id).update(utc_offset_minutes=480)
    records.save_channel(
        tenant=line.tenant, code=OWN_CHANNEL, name="自助申请", kind="direct", grade="A", status="admitted",
        quota_cents=5_000_000_000, deposit_cents=0, deposit_required_cents=0, since=ON - timedelta(days=30),
    )  # fmt: skip
