"""How a model stands: by tenth, by month and segment, against the card in force, and in money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from creditfactory.kernel import BadInput
from creditfactory.lab.binning import Classes
from creditfactory.lab.judging import Bands, Points, draw_bands, measure_auc, measure_psi
from creditfactory.lab.sample import Flags, Floats, Sample

Row = dict[str, Any]
GROUP_BADS_MIN = 20


def tell_lift(points: Points, bad: Flags, weight: Floats, chance: Floats) -> list[Row]:
    """The applicants in ten bands, worst first: bad foretold and found, lift, and the share of all bad so far."""
    bands = draw_bands(points, weight)
    band = np.searchsorted(np.array(bands.cuts, dtype=np.int64), points, side="right")
    average, total = float(np.average(bad, weights=weight)), float((weight * bad).sum())
    rows, caught = [], 0.0
    for place in range(len(bands.cuts) + 1):
        inside = band == place
        rate = float(np.average(bad[inside], weights=weight[inside]))
        caught += float((weight * bad)[inside].sum())
        rows.append({
            "from": int(points[inside].min()), "to": int(points[inside].max()), "rows": int(inside.sum()),
            "share": round(float(weight[inside].sum() / weight.sum()), 4), "bad_rate": round(rate, 4),
            "foretold": round(float(np.average(chance[inside], weights=weight[inside])), 4),
            "lift": round(rate / average, 3), "caught": round(caught / total, 4),
        })  # fmt: skip
    return rows


def tell_groups(
    names: Sequence[Any], points: Points, bad: Flags, weight: Floats, chance: Floats, bands: Bands, *, most: int = 40
) -> list[Row]:
    """One line for each month, segment or group: AUC, foretold and found, and how far its points lie from the sample's.

    A group with fewer than twenty good or bad is counted, but no AUC is told of it.
    """
    keys = np.array(["unknown" if n is None else str(n) for n in names])
    counts = sorted(((int((keys == k).sum()), str(k)) for k in np.unique(keys)), key=lambda pair: (-pair[0], pair[1]))
    rows = []
    for _, key in sorted(counts[:most], key=lambda pair: pair[1]):
        inside = keys == key
        bads, goods = int(bad[inside].sum()), int((~bad[inside]).sum())
        is_told = min(bads, goods) >= GROUP_BADS_MIN
        auc = measure_auc(points[inside], bad[inside], weight[inside]) if is_told else None
        rows.append({
            "group": key, "rows": int(inside.sum()), "bads": bads, "auc": None if auc is None else round(auc, 4),
            "bad_rate": round(float(np.average(bad[inside], weights=weight[inside])), 4),
            "foretold": round(float(np.average(chance[inside], weights=weight[inside])), 4),
            "psi": round(measure_psi(points[inside], weight[inside], bands), 4),
        })  # fmt: skip
    return rows


def measure_shifts(classes: Sequence[Classes], then: Sample, now: Sample) -> list[Row]:
    """How far each characteristic has moved between two samples (CSI): PSI over its classes, largest first."""
    rows = []
    for asked in classes:
        shares = []
        for sample in (then, now):
            codes = asked.encode(sample.frame.get_column(asked.label))
            mass = np.bincount(codes, weights=sample.weight, minlength=asked.width)
            shares.append(np.maximum(mass / sample.weight.sum(), 0.5 / sample.rows))
        old, new = shares
        rows.append({"label": asked.label, "csi": round(float(((new - old) * np.log(new / old)).sum()), 4)})
    return sorted(rows, key=lambda row: (-row["csi"], row["label"]))


def approve_share(points: npt.NDArray[Any], weight: Floats, share: float) -> Floats:
    """How much of each applicant is approved when so large a share of all is: best points first, ties cut alike.

    >>> approve_share(np.array([5, 7, 7, 9]), np.ones(4), 0.5).tolist()
    [0.0, 0.5, 0.5, 1.0]
    """
    if not 0 < share <= 1:
        raise BadInput(place="approval share", found=repr(share), expected="a share above 0 and up to 1")
    values, place = np.unique(-points, return_inverse=True)
    mass = np.bincount(place, weights=weight, minlength=len(values))
    before = np.cumsum(mass) - mass
    part = np.clip((share * float(weight.sum()) - before) / mass, 0.0, 1.0)
    return np.asarray(part[place], dtype=np.float64)


def tell_swap(new: Points, old: Points, bad: Flags, weight: Floats, share: float) -> Row:
    """Who changes places when one card takes over from the other at the same approval share, and how they turned out.

    As many come in as go out, by weight. Bad rates of both, and of all approved before and after.
    """
    now, then = approve_share(new, weight, share), approve_share(old, weight, share)
    into, out = weight * np.maximum(now - then, 0), weight * np.maximum(then - now, 0)

    def rate(mass: Floats) -> float | None:
        return round(float((mass * bad).sum() / mass.sum()), 5) if mass.sum() > 1e-9 else None

    return {
        "approved": share,
        "swapped": round(float(into.sum() / weight.sum()), 5),
        "bad_rate_in": rate(into),
        "bad_rate_out": rate(out),
        "bad_rate_before": rate(weight * then),
        "bad_rate_after": rate(weight * now),
    }


def tell_profit(
    points: Points, bad: Flags, weight: Floats, *, gain: float, loss: float, amount: Floats | None = None
) -> list[Row]:
    """Profit by approval share, in tenths: ``gain`` earned on each good amount, ``loss`` lost on each bad one.

    Without amounts every loan is one. ``per_applicant`` is over all who applied, so a card that refuses everybody
    earns nothing.
    """
    if gain <= 0 or loss <= 0:
        raise BadInput(place="gain and loss", found=f"{gain:g} and {loss:g}", expected="shares of the amount above 0")
    each = np.where(bad, -loss, gain) * (1.0 if amount is None else amount)
    rows = []
    for tenth in range(1, 11):
        taken = weight * approve_share(points, weight, tenth / 10)
        rows.append({
            "approved": tenth / 10, "bad_rate": round(float((taken * bad).sum() / taken.sum()), 5),
            "per_applicant": round(float((taken * each).sum() / weight.sum()), 5),
        })  # fmt: skip
    return rows


def judge_fairness(
    protected: Mapping[str, Sequence[Any]], points: Points, bad: Flags, weight: Floats, chance: Floats, share: float
) -> dict[str, list[Row]]:
    """For each protected column: how its groups fare at the same cut-off. They come in apart, never as features.

    ``ratio`` is a group's approval share over that of the group approved most (below 0.8 is the usual alarm);
    ``good_approved`` is the share approved among those who paid: equal where only risk speaks.
    """
    approved = approve_share(points, weight, share)
    told: dict[str, list[Row]] = {}
    for name, values in protected.items():
        keys = np.array(["unknown" if v is None else str(v) for v in values])
        if len(keys) != len(points):
            raise BadInput(place=f"protected {name}", found=f"{len(keys)} rows", expected=f"{len(points)} rows")
        rows: list[Row] = []
        for key in sorted({str(k) for k in keys}):
            inside = keys == key
            mass, good = weight * inside, weight * inside * ~bad
            is_told = min(int(bad[inside].sum()), int((~bad[inside]).sum())) >= GROUP_BADS_MIN
            auc = round(measure_auc(points[inside], bad[inside], weight[inside]), 4) if is_told else None
            rows.append({
                "group": key, "rows": int(inside.sum()), "auc": auc,
                "bad_rate": round(float((mass * bad).sum() / mass.sum()), 4),
                "foretold": round(float((mass * chance).sum() / mass.sum()), 4),
                "approved": round(float((mass * approved).sum() / mass.sum()), 4),
                "good_approved": round(float((good * approved).sum() / good.sum()), 4) if good.sum() else None,
            })  # fmt: skip
        large = [row for row in rows if row["rows"] >= GROUP_BADS_MIN] or rows
        most = max(row["approved"] for row in large)
        told[name] = [{**row, "ratio": round(row["approved"] / most, 4) if most else None} for row in rows]
    return told


def find_stand_ins(sample: Sample, protected: Mapping[str, Sequence[Any]], *, most: int = 5) -> dict[str, list[Row]]:
    """For each protected column with two large groups: the characteristics that tell them apart best (1 is entirely).

    Numbers by their size, words by their group's share in half of the rows told on the other half.
    """
    told: dict[str, list[Row]] = {}
    half = np.arange(sample.rows) % 2 == 0
    for name, values in protected.items():
        keys = np.array(["unknown" if v is None else str(v) for v in values])
        names, counts = np.unique(keys, return_counts=True)
        flag = keys == names[counts.argmax()]
        if len(names) < 2 or min(flag.sum(), (~flag).sum()) < GROUP_BADS_MIN:
            told[name] = []
            continue
        rows: list[Row] = []
        for label, kind in sample.kinds.items():
            column = sample.frame.get_column(label)
            if kind == "number":
                shown = column.fill_null(float("nan")).to_numpy()
                shown = np.where(np.isnan(shown), -np.inf, shown)
            else:
                shown = _rate_words(column, flag, half)
            auc = measure_auc(shown[~half], flag[~half], sample.weight[~half])
            rows.append({"label": label, "tells_apart": round(max(auc, 1 - auc), 4)})
        told[name] = sorted(rows, key=lambda row: (-row["tells_apart"], row["label"]))[:most]
    return told


def _rate_words(column: pl.Series, flag: Flags, half: Flags) -> Floats:
    seen = pl.DataFrame({"word": column.fill_null("\0"), "flag": flag})
    average = float(flag[half].mean())
    rates = seen.filter(pl.Series(half)).group_by("word").agg(
        ((pl.col("flag").sum() + 20 * average) / (pl.len() + 20)).alias("rate")
    )  # fmt: skip
    joined = seen.join(rates, on="word", how="left", maintain_order="left")
    return joined.get_column("rate").fill_null(average).to_numpy().astype(np.float64)
