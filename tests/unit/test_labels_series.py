"""Series of the economy: known from the day after they came out, revisions included; files refused by their line."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory import labels
from creditfactory.gateways import rulebook
from creditfactory.kernel import BadInput, UnknownName

CODES = [measure.code for measure in labels.SERIES_MEASURES]
HEADER = "key,period,value,published_on\n"


def point(month: int, value: int, out: date, key: str = "") -> labels.SeriesPoint:
    """A figure for a month of 2025, counted on into later years."""
    return labels.SeriesPoint(key, date(2025 + (month - 1) // 12, (month - 1) % 12 + 1, 1), value, out)


def tell(series: labels.Series, on: date, key: str = "") -> dict[str, int | None]:
    """What the measures say, by code."""
    return dict(zip(CODES, series.tell(key, on), strict=True))


def test_a_figure_counts_from_the_day_after_it_came_out() -> None:
    """LAB-05: nothing of the economy is known before it was published."""
    series = labels.Series("country_cpi_yoy", (point(1, 80, date(2025, 2, 10)), point(2, 60, date(2025, 3, 11))))
    assert tell(series, date(2025, 2, 10))["latest"] is None
    assert tell(series, date(2025, 2, 11))["latest"] == 80
    assert tell(series, date(2025, 3, 11))["latest"] == 80
    assert tell(series, date(2025, 3, 12)) == tell(series, date(2026, 1, 1))
    assert tell(series, date(2025, 3, 12))["change__1p"] == -20


def test_a_revision_never_colours_the_past() -> None:
    """A figure corrected in June is what it first was for everyone who looks from May."""
    series = labels.Series("country_cpi_yoy", (point(1, 80, date(2025, 2, 10)), point(1, 50, date(2025, 6, 1))))
    assert tell(series, date(2025, 5, 31))["latest"] == 80
    assert tell(series, date(2025, 6, 1))["latest"] == 80
    assert tell(series, date(2025, 6, 2))["latest"] == 50
    assert (tell(series, date(2025, 6, 1))["revised"], tell(series, date(2025, 6, 2))["revised"]) == (None, -30)


def test_measures_of_a_year_that_falls() -> None:
    """Twelve months by hand: falling by ten each month."""
    points = tuple(point(m, 200 - 10 * m, date(2025, 1, 1) + timedelta(days=31 * m)) for m in range(1, 14))
    told = tell(labels.Series("country_cpi_yoy", points), date(2027, 1, 1))
    assert told["latest"] == 70
    assert told["change__1p"] == -10
    assert told["change__half_year"] == -60
    assert told["change__year"] == -120
    assert told["mean__year"] == 125
    assert (told["lowest__year"], told["highest__year"], told["span__year"]) == (70, 180, 110)
    assert told["falls"] == 12
    assert told["middle__two_years"] is None


def test_a_gap_ends_what_is_looked_back_on() -> None:
    """A month nobody published is not bridged."""
    points = (point(1, 10, date(2025, 2, 1)), point(3, 30, date(2025, 4, 1)))
    assert tell(labels.Series("country_cpi_yoy", points), date(2026, 1, 1))["change__1p"] is None


figures = st.lists(
    st.tuples(st.integers(1, 30), st.integers(-500, 500), st.integers(1, 900)), min_size=1, max_size=40
).map(lambda rows: tuple(point(m, v, date(2025, 1, 1) + timedelta(days=d)) for m, v, d in rows))


@given(figures, st.integers(0, 1_000), figures)
def test_publications_to_come_change_nothing(
    points: tuple[labels.SeriesPoint, ...], day: int, later: tuple[labels.SeriesPoint, ...]
) -> None:
    """LAB-01: point in time; whatever comes out on the day itself or later, the reading is the same."""
    on = date(2025, 1, 1) + timedelta(days=day)
    to_come = tuple(p for p in later if p.published_on >= on)
    before, after = labels.Series("x", points), labels.Series("x", (*to_come, *points))
    assert before.tell("", on) == after.tell("", on)


def test_every_declared_series_has_a_file_and_every_industry_and_city_a_figure() -> None:
    """The pack's own files are whole."""
    found = {series.name: series for series in rulebook.load_series("cn-micro")}
    assert set(found) == set(labels.SERIES_BY_NAME)
    on = date(2026, 11, 1)
    for key, prefix in (("", "country_"), ("H", "industry_"), ("shenzhen", "city_")):
        for name, series in found.items():
            if name.startswith(prefix):
                assert tell(series, on, key)["latest"] is not None, name
    assert rulebook.load_series("us-sba") == ()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("x,2026-01-01,10,2026-02-01", "line 2: found 'x', expected no key"),
        (",2026-01-02,10,2026-02-01", "first day of a period"),
        (",2026-01-01,1.5,2026-02-01", "a whole number in bps"),
        (",2026-01-01,10,2026-01-01", "nothing is known before it happens"),
        (",2026-01-01,999999999,2026-02-01", "a number from"),
        (",2026-13-01,10,2026-02-01", "days such as"),
        (",2026-01-01,10", "3 cells"),
        (",2026-01-01,10,2026-02-01\n,2026-01-01,11,2026-02-01", "line 3"),
    ],
)
def test_a_bad_line_is_told_by_its_number(tmp_path: Path, line: str, says: str) -> None:
    """A file of series with a fault is refused whole, with the line and what was expected."""
    pack = tmp_path / "cn-micro"
    (pack / "series").mkdir(parents=True)
    (pack / "pack.yaml").write_text("name: cn-micro\n", encoding="utf-8")
    (pack / "series" / "country_cpi_yoy.csv").write_text(HEADER + line + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"series/country_cpi_yoy\.csv") as refused:
        rulebook.load_series(pack)
    assert says in str(refused.value)
    assert rulebook.read_series_faults(pack)


def test_a_series_nobody_declared_is_refused(tmp_path: Path) -> None:
    """A file of an unknown name is told, with the nearest known one."""
    pack = tmp_path / "cn-micro"
    (pack / "series").mkdir(parents=True)
    (pack / "pack.yaml").write_text("name: cn-micro\n", encoding="utf-8")
    (pack / "series" / "country_cpi_yo.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(UnknownName, match="country_cpi_yoy"):
        rulebook.load_series(pack)
