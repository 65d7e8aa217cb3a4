"""Industry, place and economy over time: figures by period, each known from the day after it was published."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Literal

from creditfactory.labels.label import Polarity

SeriesKey = Literal["industry", "city", "none"]
KEY_WORDS: Mapping[SeriesKey, Mapping[str, str]] = {
    "industry": {"en": "of the firm's industry (GB/T 4754 section)", "zh": "所属行业门类"},
    "city": {"en": "of the city of the business", "zh": "经营地城市"},
    "none": {"en": "of the country", "zh": "全国"},
}
"""Whose figure a series gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDeclaration:
    """What a series means; its values come as dated files with the rulebook. ``period_months`` is 1, 3 or 12."""

    name: str
    key: SeriesKey
    unit: str
    en: str
    zh: str
    period_months: int = 1
    minimum: int
    maximum: int
    polarity: Polarity = "neutral"


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One published figure: for whom, for which period (its first day), and the day it came out."""

    key: str
    period: date
    value: int
    published_on: date


@dataclass(frozen=True, eq=False)
class Series:
    """One series with every publication, revisions included; what is known on a day never looks ahead.

    A revision is a later publication for the same key and period; it goes before the earlier one from the day after it
    came out.

    >>> sold = Series("retail_yoy", (
    ...     SeriesPoint("", date(2026, 1, 1), 310, date(2026, 2, 15)),
    ...     SeriesPoint("", date(2026, 1, 1), 250, date(2026, 5, 15)),
    ... ))
    >>> [sold.known("", day)[1] for day in (date(2026, 2, 15), date(2026, 2, 16), date(2026, 5, 16))]
    [(), (310,), (250,)]
    """

    name: str
    points: tuple[SeriesPoint, ...]
    period_months: int = 1
    _by_key: dict[str, tuple[SeriesPoint, ...]] = field(default_factory=dict, repr=False)
    _told: dict[tuple[str, int], tuple[int | None, ...]] = field(default_factory=dict, repr=False)

    def known(self, key: str, on: date) -> tuple[tuple[date, ...], tuple[int, ...]]:
        """Periods, oldest first, and their figures as known at the start of a day: published before it."""
        held: dict[date, int] = {}
        for point in self._list_points(key):
            if point.published_on >= on:
                break
            held[point.period] = point.value
        periods = tuple(sorted(held))
        return periods, tuple(held[period] for period in periods)

    def tell(self, key: str, on: date) -> tuple[int | None, ...]:
        """The figures of :data:`SERIES_MEASURES` in order, from what was known at the start of a day."""
        points = self._list_points(key)
        heard = bisect_left(points, on, key=lambda point: point.published_on)
        stamp = (key, heard)
        found = self._told.get(stamp)
        if found is None:
            past = _read_past(points[:heard], self.period_months)
            found = tuple(measure.tell(past) for measure in SERIES_MEASURES)
            self._told[stamp] = found
        return found

    def _list_points(self, key: str) -> tuple[SeriesPoint, ...]:
        if not self._by_key:
            for point in sorted(self.points, key=lambda point: point.published_on):
                self._by_key[point.key] = (*self._by_key.get(point.key, ()), point)
        return self._by_key.get(key, ())


@dataclass(frozen=True, slots=True)
class _Past:
    """The figures known, oldest first, without a gap from the oldest kept to the newest; and the last revision."""

    values: tuple[int, ...]
    revised_by: int | None
    per_year: int


def _read_past(points: Iterable[SeriesPoint], period_months: int) -> _Past:
    held: dict[int, int] = {}
    revised_by: int | None = None
    for point in points:
        number = (point.period.year * 12 + point.period.month - 1) // period_months
        if number in held:
            revised_by = point.value - held[number]
        held[number] = point.value
    values: list[int] = []
    number = max(held, default=0)
    while number in held:
        values.append(held[number])
        number -= 1
    return _Past(tuple(values[::-1]), revised_by, 12 // period_months)


@dataclass(frozen=True, slots=True)
class SeriesMeasure:
    """One way to read a series: its code, its words, and the figure from the past that is known."""

    code: str
    en: str
    zh: str
    tell: Callable[[_Past], int | None]
    is_change: bool = False
    is_count: bool = False


def _change(periods: Callable[[_Past], int]) -> Callable[[_Past], int | None]:
    def tell(past: _Past) -> int | None:
        back = periods(past)
        return past.values[-1] - past.values[-1 - back] if len(past.values) > back else None

    return tell


def _over(periods: Callable[[_Past], int], reckon: Callable[[tuple[int, ...]], int]) -> Callable[[_Past], int | None]:
    def tell(past: _Past) -> int | None:
        back = periods(past)
        return reckon(past.values[-back:]) if len(past.values) >= back else None

    return tell


def _count_falls(past: _Past) -> int | None:
    """So many periods in a row has the figure fallen, up to the newest."""
    if len(past.values) < 2:
        return None
    falls = 0
    for later, earlier in zip(past.values[:0:-1], past.values[-2::-1], strict=True):
        if later >= earlier:
            break
        falls += 1
    return falls


def _rank(past: _Past) -> int | None:
    """Where the newest figure stands among those of three years, in basis points of the way up from the lowest."""
    kept = past.values[-3 * past.per_year :]
    if len(kept) < 2 * past.per_year:
        return None
    below = sum(value < kept[-1] for value in kept)
    return below * 10_000 // (len(kept) - 1)


def _mean(values: tuple[int, ...]) -> int:
    """Rounded half away from nothing, the same for every sign."""
    total, count = sum(values), len(values)
    return (2 * abs(total) + count) // (2 * count) * (1 if total >= 0 else -1)


SERIES_MEASURES: tuple[SeriesMeasure, ...] = (
    SeriesMeasure("latest", "latest figure", "最新值", lambda past: past.values[-1] if past.values else None),
    SeriesMeasure("change__1p", "change against the period before", "较上期变动", _change(lambda past: 1), True),
    SeriesMeasure("change__half_year", "change against half a year before", "较半年前变动",
                  _change(lambda past: max(1, past.per_year // 2)), True),
    SeriesMeasure("change__year", "change against a year before", "较去年同期变动",
                  _change(lambda past: past.per_year), True),
    SeriesMeasure("mean__year", "mean of the last year", "近一年均值", _over(lambda past: past.per_year, _mean)),
    SeriesMeasure("lowest__year", "lowest of the last year", "近一年最低值", _over(lambda past: past.per_year, min)),
    SeriesMeasure("highest__year", "highest of the last year", "近一年最高值", _over(lambda past: past.per_year, max)),
    SeriesMeasure("span__year", "highest less lowest of the last year", "近一年波幅",
                  _over(lambda past: past.per_year, lambda values: max(values) - min(values)), True),
    SeriesMeasure("middle__two_years", "median of the last two years", "近两年中位数",
                  _over(lambda past: 2 * past.per_year, lambda values: int(median(values)))),
    SeriesMeasure("falls", "periods in a row in which it fell", "连续下降期数", _count_falls, is_count=True),
    SeriesMeasure("rank__three_years", "place among the last three years' figures", "近三年分位", _rank, is_count=True),
    SeriesMeasure("revised", "how far the last revision moved a figure", "最近一次修订幅度",
                  lambda past: past.revised_by, True),
)  # fmt: skip
"""How every series is read. Periods must follow each other without a gap; a gap ends what is looked back on."""
