"""How a family of labels is declared: which events, cut which way, over which windows, measured how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from creditfactory.kernel import Scalar
from creditfactory.labels.known import Known
from creditfactory.labels.label import Label, MissingRule, Polarity, Sensitivity
from creditfactory.labels.tables import Shape

Basis = Literal["events", "amounts", "parties"]
"""What a measure needs beside the time of the events."""


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time before the end that a label looks at, half open to the minute.

    ``days`` are whole days back from the end; ``months`` calendar months, that of the last minute among them; neither
    means everything the record holds.
    """

    code: str
    days: int | None = None
    months: int | None = None

    @property
    def steps(self) -> int:
        """How many steps the window divides into: whole months, or 30 days each; 0 where it does not."""
        if self.months is not None:
            return self.months
        return self.days // 30 if self.days is not None and self.days % 30 == 0 else 0

    @property
    def words(self) -> Mapping[str, str]:
        """The window in both languages."""
        if self.days is not None:
            return {
                "en": f"in the last {self.days} days" if self.days > 1 else "in the last day",
                "zh": f"近{self.days}天",
            }
        if self.months is not None:
            length = f"{self.months} calendar months" if self.months > 1 else "calendar month"
            return {"en": f"in the last {length}", "zh": f"近{self.months}个自然月"}
        return {"en": "over the whole record", "zh": "全部记录期"}


def days_back(*lengths: int) -> tuple[Window, ...]:
    """Windows of so many days.

    >>> [window.code for window in days_back(30, 90)]
    ['30d', '90d']
    """
    return tuple(Window(f"{length}d", days=length) for length in lengths)


def months_back(*lengths: int) -> tuple[Window, ...]:
    """Windows of so many calendar months."""
    return tuple(Window(f"{length}m", months=length) for length in lengths)


EVER = Window("ever")
"""Everything the record holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Some of the events of a table: those whose words are among ``where``, column by column; all where empty.

    ``en`` and ``zh`` name the events in the plural as a credit officer would: "sales received", "销售回款".
    ``polarity`` says how a high sum or count of them is read.
    """

    code: str
    en: str
    zh: str
    where: Mapping[str, tuple[str, ...]]
    polarity: Polarity = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure made of the events of a window; ``number`` is its place in the kernel.

    The words hold ``{cut}``, ``{whole}``, ``{window}`` and ``{unit}``. ``follows_cut`` measures are read as a high
    value of the cut is; ``low`` and ``high`` bound what is possible. ``needs_steps`` measures divide the window into
    steps, 30 days each counted back from the end, or calendar months where the window is of months.
    """

    code: str
    number: int
    unit: str
    en: str
    zh: str
    basis: Basis
    low: int
    high: int
    follows_cut: bool = False
    needs_start: bool = False
    needs_steps: bool = False
    needs_before: Literal["", "window", "year"] = ""


CENTS_HIGH = 10**15
BPS_HIGH = 100_000_000
COUNT_HIGH = 10_000_000
DAYS_HIGH = 40_000


def _measure(number: int, code: str, unit: str, basis: Basis, high: int, en: str, zh: str, **more: object) -> Measure:
    return Measure(code=code, number=number, unit=unit, basis=basis, high=high, en=en, zh=zh, **{"low": 0, **more})  # type: ignore[arg-type]


COUNT = _measure(
    0, "count", "count", "events", COUNT_HIGH, "Number of {cut}, {window}", "{window}{cut}笔数", follows_cut=True
)
SUM = _measure(
    1, "sum", "amount", "amounts", CENTS_HIGH, "Sum of {cut}, each at its size, {window}",
    "{window}{cut}合计(按发生额)", follows_cut=True,
)  # fmt: skip
NET = _measure(
    2, "net", "amount", "amounts", CENTS_HIGH, "Balance of {cut}, plus and minus set off, {window}",
    "{window}{cut}净额(正负相抵)", low=-CENTS_HIGH,
)  # fmt: skip
MEAN = _measure(
    3, "mean", "amount", "amounts", CENTS_HIGH, "Mean size of {cut}, {window}, rounded down", "{window}{cut}笔均金额"
)
MAX = _measure(4, "max", "amount", "amounts", CENTS_HIGH, "Largest of {cut}, {window}", "{window}{cut}单笔最大金额")
MIN = _measure(5, "min", "amount", "amounts", CENTS_HIGH, "Smallest of {cut}, {window}", "{window}{cut}单笔最小金额")
PARTIES = _measure(
    6, "parties", "count", "parties", COUNT_HIGH, "Different other sides of {cut}, {window}",
    "{window}{cut}对手方个数",
)  # fmt: skip
DAYS = _measure(7, "days", "days", "events", DAYS_HIGH, "Days with {cut}, {window}", "{window}有{cut}的天数")
DAYS_SINCE = _measure(
    8, "days_since", "days", "events", DAYS_HIGH, "Days since the last of {cut}, {window}",
    "{window}距最近一次{cut}的天数",
)  # fmt: skip
SPAN = _measure(
    9, "span_days", "days", "events", DAYS_HIGH, "Days from the first to the last of {cut}, {window}",
    "{window}首末次{cut}相隔天数",
)  # fmt: skip
GAP = _measure(
    10, "gap_days", "days", "events", DAYS_HIGH,
    "Longest stretch of days without any of {cut}, {window}, its edges included",
    "{window}无{cut}的最长间隔天数(含窗口两端)", needs_start=True,
)  # fmt: skip
SPREAD = _measure(
    11, "spread", "bps", "amounts", BPS_HIGH,
    "Spread of the sizes of {cut} against their mean, {window}, to the nearest basis point",
    "{window}{cut}金额变异系数(万分比,四舍五入)",
)  # fmt: skip
TOP_SHARE = _measure(
    12, "top_share", "bps", "parties", 10_000,
    "Share of the largest other side in {cut}, {window}, rounded down to the basis point",
    "{window}{cut}最大对手方占比(万分比,向下取整)",
)  # fmt: skip
SHARE = _measure(
    13, "share", "bps", "amounts", BPS_HIGH,
    "{cut} as a share of {whole}, by amount, {window}, rounded down to the basis point",
    "{window}{cut}占{whole}金额比(万分比,向下取整)", follows_cut=True,
)  # fmt: skip
COUNT_SHARE = _measure(
    14, "count_share", "bps", "events", BPS_HIGH,
    "{cut} as a share of {whole}, by number, {window}, rounded down to the basis point",
    "{window}{cut}占{whole}笔数比(万分比,向下取整)", follows_cut=True,
)  # fmt: skip
CHANGE = _measure(
    15, "change", "bps", "amounts", BPS_HIGH,
    "Sum of {cut} against the same stretch before, {window}, rounded down to the basis point",
    "{window}{cut}金额与上一同长区间之比(万分比,向下取整)", needs_before="window",
)  # fmt: skip
COUNT_CHANGE = _measure(
    16, "count_change", "bps", "events", BPS_HIGH,
    "Number of {cut} against the same stretch before, {window}, rounded down to the basis point",
    "{window}{cut}笔数与上一同长区间之比(万分比,向下取整)", needs_before="window",
)  # fmt: skip
YEAR_CHANGE = _measure(
    17, "year_change", "bps", "amounts", BPS_HIGH,
    "Sum of {cut} against the same stretch a year before, {window}, rounded down to the basis point",
    "{window}{cut}金额与上年同期之比(万分比,向下取整)", needs_before="year",
)  # fmt: skip

EMPTY_STEPS = _measure(
    18, "empty_steps", "count", "events", DAYS_HIGH, "Steps of {step} without any of {cut}, {window}",
    "{window}按{step}计无{cut}的期数", needs_steps=True,
)  # fmt: skip
LOW_STEP = _measure(
    19, "low_step", "amount", "amounts", CENTS_HIGH, "Least sum of {cut} in any {step} of the window, {window}",
    "{window}按{step}计{cut}最低一期合计", needs_steps=True,
)  # fmt: skip
TOP_STEP_SHARE = _measure(
    20, "top_step_share", "bps", "amounts", 10_000,
    "Share of the best {step} in the sum of {cut}, {window}, rounded down to the basis point",
    "{window}按{step}计{cut}最高一期占比(万分比,向下取整)", needs_steps=True,
)  # fmt: skip
STEP_SPREAD = _measure(
    21, "step_spread", "bps", "amounts", BPS_HIGH,
    "Spread of the sums of {cut} by {step} against their mean, {window}, to the nearest basis point",
    "{window}按{step}计{cut}合计变异系数(万分比,四舍五入)", needs_steps=True,
)  # fmt: skip
ACTIVE_STEPS = _measure(
    22, "active_steps", "count", "events", DAYS_HIGH, "Steps of {step} with any of {cut}, {window}",
    "{window}按{step}计有{cut}的期数", needs_steps=True, follows_cut=True,
)  # fmt: skip
STEP_RUN = _measure(
    23, "step_run", "count", "events", DAYS_HIGH, "Most steps of {step} in a row with {cut}, {window}",
    "{window}按{step}计连续有{cut}的最长期数", needs_steps=True, follows_cut=True,
)  # fmt: skip

MEASURES = (
    COUNT, SUM, NET, MEAN, MAX, MIN, PARTIES, DAYS, DAYS_SINCE, SPAN, GAP, SPREAD, TOP_SHARE, SHARE, COUNT_SHARE,
    CHANGE, COUNT_CHANGE, YEAR_CHANGE, EMPTY_STEPS, LOW_STEP, TOP_STEP_SHARE, STEP_SPREAD, ACTIVE_STEPS, STEP_RUN,
)  # fmt: skip
"""Every measure, at its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Labels of one source that belong together: every cut by every measure by every window, each a label.

    A label's name is ``<code>__<cut>__<measure>__<window>``, the measure with its unit where it is an amount, a share
    or days. ``whole`` is the code of the cut that shares are shares of. ``missing`` says what holds where the record
    does not reach back as far as the window: ``whole_window`` makes the label unknown, ``what_is_there`` takes the
    events it has. ``legal_basis`` names the law or consent by which the source may be read, ``owner`` who answers for
    the family.
    """

    code: str
    shape: Shape
    en: str
    zh: str
    cuts: tuple[Cut, ...]
    windows: tuple[Window, ...]
    measures: tuple[Measure, ...]
    owner: str
    legal_basis: str
    sensitivity: Sensitivity
    whole: str = ""
    missing: MissingRule = "whole_window"
    is_protected: bool = False
    packs: tuple[str, ...] = ("cn-micro",)


@dataclass(frozen=True, slots=True)
class Missing:
    """A label that is unknown, with the code of :data:`~creditfactory.labels.WHY_MISSING` that says why."""

    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Whole numbers in the order of the labels they are of, :data:`UNKNOWN` where unknown, and the code that says why.

    What is read as a row costs nothing for each label; an empty ``why`` is the reading's own ``absent``.
    """

    figures: NDArray[np.int64]
    why: str = ""


UNKNOWN = -(1 << 62)
"""No figure at all, in a :class:`Row`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Single labels without a window that are read together from one source.

    ``read`` gives their values by name; a name left out, or None, is unknown as ``absent``, a :class:`Missing` as it
    says. A value outside the declared range becomes unknown as ``out_of_range`` by itself. ``read_row`` gives the same
    quicker, all labels being whole numbers; None stands for nothing read.
    """

    code: str
    labels: tuple[Label, ...]
    absent: str
    read: Callable[[Known], Mapping[str, Scalar | Missing]]
    read_row: Callable[[Known], Row | None] | None = None
