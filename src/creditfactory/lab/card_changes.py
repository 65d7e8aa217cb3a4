"""Two versions of a card beside each other: what is asked anew, what no longer, and where points moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from creditfactory import scoring
from creditfactory.lab.blocks import Block, Figure, Paragraph, Section, Table
from creditfactory.lab.folder import CardFolder
from creditfactory.lab.pictures import Bar, Frame, Mark, Picture, Say
from creditfactory.lab.voice import NOTHING, Voice
from creditfactory.scoring import Characteristic

FIGURES = ("rows", "bads", "auc", "ks", "gini", "divergence", "psi")


def tell_changes(old: CardFolder, new: CardFolder, voice: Voice) -> tuple[Section, ...]:
    """What changed from one version to the next, chapter by chapter."""
    voice = replace(voice, units={**voice.units, **old.units, **new.units})
    return (
        Section("figures", voice("Figures"), tuple(_tell_figures(old, new, voice))),
        Section("asked", voice("What is asked"), tuple(_tell_asked(old, new, voice))),
        Section("moved", voice("Where points moved"), tuple(_tell_moved(old, new, voice))),
        Section("applicants", voice("What it does to applicants"), tuple(_tell_effect(old, new, voice))),
    )


def _tell_figures(old: CardFolder, new: CardFolder, voice: Voice) -> list[Block]:
    def lay(folder: CardFolder) -> Mapping[str, str]:
        card, told = folder.card, {}
        figures = card.performance.get("holdout") or {}
        for name in FIGURES:
            value = figures.get(name)
            told[name] = voice.count(value) if isinstance(value, int) else voice.figure(value, 4)
        return {
            "method": card.method, "learnt": voice.count(card.sample.get("rows")),
            "asks": str(len(card.characteristics)),
            "start": str(card.intercept_points), **told,
        }  # fmt: skip

    names = {
        "method": voice("Method"), "learnt": voice("Applicants learnt from"), "asks": voice("Characteristics"),
        "start": voice("Points at the start"), "rows": voice("Held out"), "bads": voice("Bad among them"), "auc": "AUC",
        "ks": "KS", "gini": "Gini", "divergence": voice("Divergence"), "psi": "PSI",
    }  # fmt: skip
    then, now = lay(old), lay(new)
    rows = tuple((names[code], then[code], now[code]) for code in then)
    note = voice("Each version stands on its own holdout; only cards compare measures both on the same applicants.")
    return [Table((voice("Figure"), old.card.version, new.card.version), rows), Paragraph(note)]


def _tell_asked(old: CardFolder, new: CardFolder, voice: Voice) -> list[Block]:
    then = {q.label: q for q in old.card.characteristics}
    now = {q.label: q for q in new.card.characteristics}
    rows = []
    for label in dict.fromkeys((*now, *then)):
        feature = new.features.get(label) or old.features.get(label)
        before, after = then.get(label), now.get(label)
        if before is None:
            what = voice("asked anew")
        elif after is None:
            what = voice("no longer asked")
        else:
            what = voice("as before") if before == after else voice("other classes or points")
        rows.append((voice.name_label(label, feature), what, _say_span(before, voice), _say_span(after, voice)))
    head = (voice("Characteristic"), voice("What changed"), old.card.version, new.card.version)
    return [Table(head, tuple(rows), frozenset({0, 1}))]


def _say_span(question: Characteristic | None, voice: Voice) -> str:
    if question is None:
        return NOTHING
    points = [one.points for _, one in question.classes]
    return voice("{n} classes, {low} to {high}", n=len(question.bins), low=voice.points(min(points)),
                 high=voice.points(max(points)))  # fmt: skip


def _tell_moved(old: CardFolder, new: CardFolder, voice: Voice) -> list[Block]:
    then = {q.label: q for q in old.card.characteristics}
    blocks: list[Block] = []
    for question in new.card.characteristics:
        before = then.get(question.label)
        if before is None or before == question:
            continue
        named = dict(voice.name_bins(before))
        rows = []
        for text, one in voice.name_bins(question):
            was = named.get(text)
            moved = NOTHING if was is None else voice.points(one.points - was.points)
            rows.append((text, NOTHING if was is None else voice.points(was.points), voice.points(one.points), moved))
        gone = [text for text in named if text not in dict(voice.name_bins(question))]
        name = voice.name_label(question.label, new.features.get(question.label))
        head = (voice("Class"), old.card.version, new.card.version, voice("Moved by"))
        blocks.append(Table(head, tuple(rows), frozenset({0}), caption=name))
        if gone:
            blocks.append(Paragraph(voice("Classes that are no more: {names}", names=voice.join(gone))))
    return blocks or [Paragraph(voice("No points moved."), "good")]


def _tell_effect(old: CardFolder, new: CardFolder, voice: Voice) -> list[Block]:
    """How far the made-up applicants of both folders move: no people, every class."""
    shifts = []
    for one in (*old.golden, *new.golden):
        answers = one.get("labels") or {}
        then, now = (
            scoring.score(f.card, {label: answers.get(label) for label in f.card.labels}).points for f in (old, new)
        )
        if then is not None and now is not None:
            shifts.append(now - then)
    if not shifts:
        return [Paragraph(voice("No golden applicant can be scored by both versions."), "warn")]
    same = sum(s == 0 for s in shifts)
    said = voice("Of {n} made-up applicants {same} keep their points; others move by {low} to {high}.", n=len(shifts),
                 same=same, low=voice.points(min(shifts)), high=voice.points(max(shifts)))  # fmt: skip
    return [Paragraph(said), Figure(_draw_shifts(shifts, voice), voice("By how many points made-up applicants move"))]


def _draw_shifts(shifts: list[int], voice: Voice) -> Picture:
    low, high = min(*shifts, -1), max(*shifts, 1)
    step = max(1, (high - low) // 20)
    starts = list(range(low - low % step if low % step else low, high + 1, step))
    counts = [sum(start <= s < start + step for s in shifts) for start in starts]
    frame = Frame(30, 12, 440, 100, 0, len(starts), 0, max(counts))
    marks: list[Mark] = [
        Bar(frame.x(i) + 1, frame.y(n), frame.width / len(starts) - 2, frame.y(0) - frame.y(n),
            "muted" if start <= 0 < start + step else "good" if start > 0 else "bad", f"{start:+d}: {n}")
        for i, (start, n) in enumerate(zip(starts, counts, strict=True))
    ]  # fmt: skip
    every = max(1, len(starts) // 8)
    marks += [Say(frame.x(i + 0.5), 128, voice.points(s), "middle") for i, s in enumerate(starts) if i % every == 0]
    return Picture(480, 136, voice("Made-up applicants by the points they gain or lose"), tuple(marks))
