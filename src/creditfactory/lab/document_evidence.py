"""The chapters of the model document that validators ask for: left out and why, overlap, worth, later time, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from creditfactory.lab.blocks import Block, Facts, Paragraph, Surroundings, Table
from creditfactory.lab.counts import Counts
from creditfactory.lab.explaining import SURE
from creditfactory.lab.folder import CardFolder
from creditfactory.lab.gates import Limits
from creditfactory.lab.sample import Floats
from creditfactory.lab.tuning import points_of
from creditfactory.lab.voice import NOTHING, Voice
from creditfactory.lab.watching import BADS_MIN, GROUP_MIN

PSI_WATCH, PSI_ACT = 0.1, 0.25
"""The usual lines: from the first a shift is watched, from the second it is explained before the card is used."""
ALIKE_MAX, INFLATION_MAX = 0.7, 5.0
"""From this correlation, and this variance inflation, two questions are nearly one."""
LISTED_MAX, PAIRS = 120, 10


@dataclass(frozen=True, slots=True)
class Overlap:
    """How the points of a card's questions go together on its own sample, and what the card tells without each.

    ``pairs`` are the correlations of the points of two questions, strongest first; ``inflation`` how many times larger
    the variance of a question's weight is for the others being there; ``divergence`` the whole card's, ``without``
    that of the card as it stands less one question.
    """

    pairs: tuple[tuple[str, str, float], ...]
    inflation: Mapping[str, float]
    divergence: float
    without: Mapping[str, float]
    average: Mapping[str, float]


def measure_overlap(counts: Counts, points: Sequence[Floats]) -> Overlap:
    """What the counts alone tell of the points: exact for the sample, weights and all."""
    names = counts.moments.layout.names
    means, spreads = [], []
    lay = np.zeros((counts.moments.layout.width, len(names)))
    for at, (span, own) in enumerate(zip(counts.moments.layout.spans(), points, strict=True)):
        lay[span, at] = own
    halves = [half.astype(np.float64) for half in counts.moments.meetings]
    for half, total in zip(halves, counts.moments.units, strict=True):
        mean = np.diagonal(half) @ lay / total
        means.append(mean)
        spreads.append(lay.T @ half @ lay / total - np.outer(mean, mean))
    whole = sum(halves) / float(counts.moments.units.sum())
    average = np.diagonal(whole) @ lay
    spread = lay.T @ whole @ lay - np.outer(average, average)
    apart = np.sqrt(np.maximum(np.diagonal(spread), 1e-12))
    alike = spread / np.outer(apart, apart)
    np.fill_diagonal(alike, 1.0)
    inflation = np.diagonal(np.linalg.pinv(alike, hermitian=True))

    def diverge(asked: Sequence[int]) -> float:
        gap = float((means[0] - means[1])[list(asked)].sum())
        varies = sum(float(s[np.ix_(asked, asked)].sum()) for s in spreads) / 2
        return gap**2 / varies if varies > 0 else 0.0

    every = list(range(len(names)))
    pairs = [(names[i], names[j], float(alike[i, j])) for i in every for j in every[i + 1 :]]
    return Overlap(
        tuple(sorted(pairs, key=lambda pair: -abs(pair[2]))),
        {name: max(1.0, float(v)) for name, v in zip(names, inflation, strict=True)},
        diverge(every),
        {name: diverge([other for other in every if other != at]) for at, name in enumerate(names)},
        {name: float(v) for name, v in zip(names, average, strict=True)},
    )


def _overlap_of(folder: CardFolder) -> Overlap | None:
    if folder.counts is None:
        return None
    return measure_overlap(folder.counts, [points_of(raw) for raw in folder.raw["characteristics"]])


def _name(folder: CardFolder, voice: Voice, label: str) -> str:
    return voice.name_label(label, folder.features.get(label))


def tell_left_out(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    """What was looked at and is not asked, each with its reason."""
    left = folder.findings.get("left_out")
    if left is None:
        return [Paragraph(voice("What was looked at and left out was not kept with this version."), "warn")]
    if not left:
        return [Paragraph(voice("Nothing that was looked at was left out."))]
    listed = sorted(left.items())[:LISTED_MAX]
    rows = tuple((_name(folder, voice, label), label, voice.pick(why)) for label, why in listed)
    head = (voice("Characteristic"), voice("Name"), voice("Why it is left out"))
    blocks: list[Block] = [Table(head, rows, frozenset({0, 1, 2}))]
    if len(left) > len(listed):
        blocks.append(Paragraph(voice("{n} more stand in findings.json.", n=voice.count(len(left) - len(listed)))))
    return blocks


def tell_together(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    """The strongest correlations between the points of two questions, and each question's variance inflation."""
    found = _overlap_of(folder)
    if found is None or len(found.inflation) < 2:
        return [Paragraph(voice("No counts of two characteristics together lie beside this version."), "warn")]
    most, worst = found.pairs[0][2], max(found.inflation.values())
    is_high = abs(most) >= ALIKE_MAX or worst >= INFLATION_MAX
    said = voice(
        "Points of two characteristics correlate by {most} at most; the largest variance inflation is {worst}. From "
        "{alike} or {inflation} two say nearly the same, and their points are to be read together.",
        most=voice.figure(most, 2), worst=voice.figure(worst, 1), alike=ALIKE_MAX, inflation=INFLATION_MAX,
    )  # fmt: skip
    pairs = tuple((_name(folder, voice, a), _name(folder, voice, b), voice.figure(r, 2)) for a, b, r in found.pairs)
    inflation = sorted(found.inflation.items(), key=lambda pair: -pair[1])
    return [
        Paragraph(said, "warn" if is_high else "good"),
        Table((voice("Characteristic"), voice("Together with"), voice("Correlation")), pairs[:PAIRS],
              frozenset({0, 1})),
        Table((voice("Characteristic"), voice("Variance inflation")),
              tuple((_name(folder, voice, label), voice.figure(v, 1)) for label, v in inflation)),
    ]  # fmt: skip


def tell_without(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    """What an open answer costs, and what the card would tell if one characteristic were not asked (points kept)."""
    found, kept = _overlap_of(folder), folder.findings.get("without", {})
    rows = []
    for question in folder.card.characteristics:
        points = [one.points for _, one in question.classes]
        usual = None if found is None else found.average[question.label]
        gap = (
            ""
            if usual is None or question.missing is None
            else f" ({voice.figure(question.missing.points - usual, 0)})"
        )
        left = None if question.missing is None else voice.points(question.missing.points) + gap
        lost = None if found is None else found.without[question.label] - found.divergence
        told = kept.get(question.label, {})
        rows.append((
            _name(folder, voice, question.label), str(max(points) - min(points)), left or voice("stops the card"),
            voice.figure(lost), voice.figure(told.get("train"), 4), voice.figure(told.get("holdout"), 4),
        ))  # fmt: skip
    head = (voice("Characteristic"), voice("Points it can move"), voice("Points where unknown (beside the average)"),
            voice("Divergence without it"), voice("AUC without it, learnt from"), voice("AUC without it, held out"),
            )  # fmt: skip
    said = voice(
        "Each line leaves one characteristic out and keeps all other points; the last three columns are changes."
    )
    blocks: list[Block] = [Paragraph(said), Table(head, tuple(rows))]
    if not kept:
        blocks.append(Paragraph(voice("AUC without each characteristic was not kept with this version.")))
    return blocks


def tell_time(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    """Whether the card was judged on a later time than it learnt from, and how it did there, period by period."""
    told, held = folder.card.performance, folder.card.performance.get("holdout") or {}
    first = folder.plan.get("holdout_from")
    if not held:
        return [Paragraph(voice("Nothing was held out, so nothing is known of a later time."), "warn")]
    if not first:
        said = voice("The holdout was drawn by chance from the same time: nothing is claimed of a later one, and the "
                     "nightly watch is the first to see it.")  # fmt: skip
        return [Paragraph(said, "warn")]
    then, now = (voice.figure((told.get(name) or {}).get("auc")) for name in ("train", "holdout"))
    said = voice("Judged on what came from {day} on, later than all it learnt from: AUC {then} then, {now} later.",
                 day=voice.day(first), then=then, now=now)  # fmt: skip
    periods = folder.findings.get("periods", ())
    rows = tuple(
        (str(one["group"]), voice.count(one.get("rows")), voice.count(one.get("bads")), voice.figure(one.get("auc")),
         voice.percent(one.get("foretold"), 2), voice.percent(one.get("bad_rate"), 2), voice.figure(one.get("psi")))
        for one in periods
    )  # fmt: skip
    head = (voice("Period"), voice("Applicants"), voice("Bad"), "AUC", voice("Promised"), voice("Came"), "PSI")
    return [Paragraph(said), *([Table(head, rows)] if rows else [])]


def tell_hand(folder: CardFolder, voice: Voice, around: Surroundings) -> list[Block]:
    """What people set otherwise than the solver found: classes drawn by hand, with who and why."""
    drawn: Sequence[Mapping[str, Any]] = folder.findings.get("by_hand", ())
    if not drawn and "drawn_by_hand" in folder.card.sample:
        drawn = [folder.card.sample["drawn_by_hand"]]
    blocks: list[Block] = []
    if drawn:
        rows = tuple((_name(folder, voice, str(one.get("label", ""))), voice.day(one.get("on", "")),
                      str(one.get("by", NOTHING)), str(one.get("why", NOTHING))) for one in drawn)  # fmt: skip
        head = (voice("Characteristic"), voice("On"), voice("By"), voice("Why"))
        blocks.append(Table(head, rows, frozenset({0, 1, 2, 3})))
    elif folder.card.method == "expert":
        blocks.append(Paragraph(voice("All of it: credit officers set classes and points.")))
    else:
        blocks.append(Paragraph(voice("No class of this version was drawn by hand.")))
    joined = [c for c in folder.raw["characteristics"] if c.get("steadied")]
    if joined:
        said = voice("Classes joined because they did not keep from month to month:")
        names = voice.join(_name(folder, voice, c["label"]) for c in joined)
        blocks.append(Paragraph(f"{said} {names}"))
    return blocks


def list_lines(voice: Voice) -> Block:
    """The lines at which the nightly watch and the gates of a refresh speak, as the programs hold them."""
    bars = Limits()
    sure, level = voice.percent(SURE, 0), voice.percent(0.95, 0)
    return Facts((
        (voice("PSI of points, CSI of a characteristic"),
         voice("beyond what chance shows in {level} of cases; {watch} is watched, {act} is explained before use",
               level=level, watch=PSI_WATCH, act=PSI_ACT)),
        (voice("AUC and KS"),
         voice("told from {bads} bad on (by month from {few}); a fall is called real where chance shows as much in "
               "less than {sure} of cases, and is split into mix, shift and change",
               bads=BADS_MIN, few=GROUP_MIN, sure=sure)),
        (voice("Promise and outcome"),
         voice("the 95 % interval of what came no longer holds what was promised")),
        (voice("A refreshed version is stopped"),
         voice("with fewer than {bads} bad; where AUC falls by more than {auc} or beyond chance; where it foretells no "
               "better beyond chance; where promise misses by {level} beyond chance; from PSI {psi}; where {swap} of "
               "applicants change places; where a group is approved less than {ratio} times as often as the best, and "
               "less than before",
               bads=bars.bads_min, auc=bars.auc_loss_max, level=voice.percent(bars.level_miss_max, 0), psi=bars.psi_max,
               swap=voice.percent(bars.swapped_max, 0), ratio=bars.approval_ratio_min)),
    ))  # fmt: skip
