"""The pictures of one card: a characteristic's classes, where good and bad lie, ROC and KS, promise and outcome."""

from __future__ import annotations

from collections.abc import Sequence

from creditfactory.lab.curves import Band, ScoreCounts, find_ks, space_cuts, trace_roc
from creditfactory.lab.pictures import Bar, Dot, Frame, Mark, Picture, Say, Trace, find_steps
from creditfactory.lab.voice import Voice
from creditfactory.scoring import Bin, Card

WIDE, HIGH = 480.0, 200.0


def draw_classes(named: Sequence[tuple[str, Bin]], name: str, voice: Voice) -> Picture:
    """A characteristic's classes: columns for their share of the applicants, dots for their share of bad.

    Where a card was set by experts, nothing was counted, and the columns are points.
    """
    if any(one.bad_rate is not None for _, one in named):
        return _draw_counted(named, name, voice)
    low = min(0, *(one.points for _, one in named))
    high = max(1, *(one.points for _, one in named))
    frame = Frame(40, 18, WIDE - 60, HIGH - 62, 0, len(named), low, high)
    marks: list[Mark] = frame.rules(
        [low, 0, high] if low else [0, high], [str(low), "0", str(high)] if low else ["0", str(high)]
    )
    for place, (text, one) in enumerate(named):
        top, bottom = frame.y(max(one.points, 0)), frame.y(min(one.points, 0))
        left, width = frame.x(place) + 4, frame.width / len(named) - 8
        marks.append(
            Bar(
                left,
                top,
                width,
                bottom - top,
                "accent" if one.points >= 0 else "bad",
                f"{text}: {voice.points(one.points)}",
            )
        )
        marks.append(Say(left + width / 2, top - 3, voice.points(one.points), "middle", "ink"))
    marks += _name_columns([text for text, _ in named], frame)
    return Picture(WIDE, HIGH, voice("Points by class of {what}", what=name), tuple(marks))


def _draw_counted(named: Sequence[tuple[str, Bin]], name: str, voice: Voice) -> Picture:
    shares = [one.share or 0.0 for _, one in named]
    rates = [one.bad_rate for _, one in named]
    tall, steps = find_steps(max(shares)), find_steps(max(r for r in rates if r is not None) or 0.01)
    frame = Frame(40, 20, WIDE - 84, HIGH - 64, 0, len(named), 0, tall[-1])
    side = Frame(40, 20, WIDE - 84, HIGH - 64, 0, len(named), 0, steps[-1])
    marks = frame.rules(tall, [voice.percent(s, 0) for s in tall])
    for place, (text, one) in enumerate(named):
        share = one.share or 0.0
        tip = voice("{name}: {share} of all, {rate} bad, {points} points", name=text, share=voice.percent(share),
                    rate=voice.percent(one.bad_rate), points=voice.points(one.points))  # fmt: skip
        top = frame.y(share)
        marks.append(Bar(frame.x(place) + 4, top, frame.width / len(named) - 8, frame.y(0) - top, "soft", tip))
    path = [(side.x(place + 0.5), side.y(rate)) for place, rate in enumerate(rates) if rate is not None]
    marks.append(Trace(tuple(path), "bad"))
    for place, rate in enumerate(rates):
        if rate is not None:
            tip = f"{named[place][0]}: {voice.percent(rate, 2)}"
            marks.append(Dot(side.x(place + 0.5), side.y(rate), "bad", 3.2, tip))
    marks += [Say(WIDE - 40, side.y(s) + 3.5, voice.percent(s, 1), "start", "bad") for s in steps]
    marks += [Say(40, 11, voice("share of applicants")), Say(WIDE - 4, 11, voice("share of bad"), "end", "bad")]
    marks += _name_columns([text for text, _ in named], frame)
    return Picture(WIDE, HIGH, voice("Share of applicants and of bad by class of {what}", what=name), tuple(marks))


def _name_columns(names: Sequence[str], frame: Frame) -> list[Mark]:
    """Names under the columns, on two levels where they are long, cut where they would run into each other."""
    room = frame.width / len(names)
    long = any(_width_of(name) > room for name in names)
    marks: list[Mark] = []
    for place, name in enumerate(names):
        fits = int((1.6 * room if long else room) / 5.2)
        text = name if _width_of(name) <= fits * 5.2 else _cut(name, fits)
        x = min(
            max(frame.x(place + 0.5), frame.left + _width_of(text) / 2 - 30),
            frame.left + frame.width + 34 - _width_of(text) / 2,
        )
        marks.append(
            Say(x, frame.top + frame.height + (14 if not long or place % 2 == 0 else 28), text, "middle", "muted", 9)
        )
    return marks


def _width_of(text: str) -> float:
    """About how wide a text of size 9 is: a Chinese character takes as much as two letters, a capital somewhat less.

    >>> _width_of("新a") < _width_of("新A")
    True
    """
    return sum(9.2 if ord(c) > 0x2E80 else 6.4 if c.isupper() else 4.9 for c in text)


def _cut(text: str, letters: int) -> str:
    kept = ""
    for letter in text:
        if _width_of(kept + letter) > (letters - 1) * 5.2:
            return kept + "…"
        kept += letter
    return kept


def draw_spread(counts: ScoreCounts, voice: Voice) -> Picture:
    """Where good and where bad applicants lie: the share of each in even bands of points, good up and bad down."""
    cuts = space_cuts(counts)
    edges = [counts.points[0], *cuts]
    sides = []
    for masses in (counts.good_mass, counts.bad_mass):
        told = [0.0] * len(edges)
        for point, mass in zip(counts.points, masses, strict=True):
            told[sum(point >= c for c in cuts)] += mass
        sides.append([t / sum(masses) for t in told])
    top = max(max(side) for side in sides)
    frame = Frame(40, 14, WIDE - 52, HIGH - 40, 0, len(edges), -top, top)
    marks: list[Mark] = []
    width = frame.width / len(edges)
    for place, start in enumerate(edges):
        until = edges[place + 1] - 1 if place + 1 < len(edges) else counts.points[-1]
        for side, tone, word in ((sides[0], "good", voice("good")), (sides[1], "bad", voice("bad"))):
            share = side[place]
            height = frame.y(0) - frame.y(share)
            tip = f"{start} – {until}: {word} {voice.percent(share)}"
            y = frame.y(0) - height if tone == "good" else frame.y(0)
            marks.append(Bar(frame.x(place) + 0.8, y, width - 1.6, height, "good" if tone == "good" else "bad", tip))
    marks.append(Trace(((frame.left, frame.y(0)), (frame.left + frame.width, frame.y(0))), "muted", 0.8))
    every = max(1, len(edges) // 8)
    marks += [Say(frame.x(i) + 1, HIGH - 8, str(e), "start", "muted", 9) for i, e in enumerate(edges) if i % every == 0]
    marks += [Say(34, frame.top + 8, voice("good"), "end", "good"), Say(34, HIGH - 28, voice("bad"), "end", "bad")]
    told_mean = [_mean(counts.points, masses) for masses in (counts.good_mass, counts.bad_mass)]
    return Picture(WIDE, HIGH, voice("Points of good applicants lie at {good} on average, of bad at {bad}",
                                     good=f"{told_mean[0]:.0f}", bad=f"{told_mean[1]:.0f}"), tuple(marks))  # fmt: skip


def _mean(points: Sequence[int], masses: Sequence[float]) -> float:
    return sum(p * m for p, m in zip(points, masses, strict=True)) / sum(masses)


def draw_roc(counts: ScoreCounts, voice: Voice) -> Picture:
    """Shares of bad caught against shares of good lost, from the worst points up; the widest gap is the KS."""
    path = trace_roc(counts)
    at, gap = find_ks(counts)
    frame = Frame(44, 12, 250, 170, 0, 1, 0, 1)
    steps = [0.0, 0.25, 0.5, 0.75, 1.0]
    marks = frame.rules(steps, [voice.percent(s, 0) for s in steps])
    marks += [Say(frame.x(s), HIGH - 4, voice.percent(s, 0), "middle", "muted", 9) for s in steps]
    marks.append(Trace(((frame.x(0), frame.y(0)), (frame.x(1), frame.y(1))), "muted", 1, is_dashed=True))
    marks.append(Trace(tuple((frame.x(g), frame.y(b)) for g, b in path), "accent", 2))
    good, bad = path[counts.points.index(at) + 1]
    marks.append(Trace(((frame.x(good), frame.y(good)), (frame.x(good), frame.y(bad))), "bad", 1.6))
    marks.append(
        Dot(frame.x(good), frame.y(bad), "bad", 3.2, voice("KS {ks} at {points} points", ks=f"{gap:.3f}", points=at))
    )
    says = (
        voice("up: share of bad with"), voice("so few points or fewer"), voice("right: share of good"),
        voice("KS {ks} at {points} points", ks=f"{gap:.3f}", points=at),
    )  # fmt: skip
    for line, text in enumerate(says):
        marks.append(Say(312, 34 + 18 * line, text, "start", "bad" if line == 3 else "muted"))
    told = voice("Shares of bad against shares of good; KS {ks} at {points} points", ks=f"{gap:.3f}", points=at)
    return Picture(WIDE, HIGH, told, tuple(marks))


def draw_calibration(bands: Sequence[Band], voice: Voice) -> Picture:
    """The chance of bad promised in each band as a line, and what came as dots in their 95 % intervals."""
    tall = find_steps(max(max(b.found.high, b.foretold) for b in bands))
    frame = Frame(44, 16, WIDE - 60, HIGH - 46, 0, len(bands), 0, tall[-1])
    marks = frame.rules(tall, [voice.percent(s, 0 if tall[-1] >= 0.05 else 1) for s in tall])
    promised = tuple((frame.x(i + 0.5), frame.y(b.foretold)) for i, b in enumerate(bands))
    marks.append(Trace(promised, "accent", 2))
    for place, band in enumerate(bands):
        x = frame.x(place + 0.5)
        marks.append(Trace(((x, frame.y(band.found.low)), (x, frame.y(band.found.high))), "bad", 1.4))
        tip = voice("{low} to {high} points: promised {foretold}, came {found}", low=band.start, high=band.end,
                    foretold=voice.percent(band.foretold, 2), found=voice.percent(band.found.value, 2))  # fmt: skip
        marks.append(Dot(x, frame.y(band.found.value), "bad", 3.2, tip))
        if len(bands) <= 6 or place % 2 == 0:
            marks.append(Say(x, HIGH - 10, f"{band.start}–{band.end}", "middle", "muted", 9))
    marks += [Say(WIDE - 16, 11, voice("line: promised; dots: came, with 95 % intervals"), "end")]
    told = voice("Bad promised and found in {n} bands of points", n=len(bands))
    return Picture(WIDE, HIGH, told, tuple(marks))


def draw_scale(card: Card, low: int, high: int, voice: Voice) -> Picture:
    """What points stand for: the chance of bad from the fewest to the most points of the card."""
    step = max(1, (high - low) // 60)
    points = [*range(low, high, step), high]
    chances = [card.probability(p) for p in points]
    tall = find_steps(max(chances))
    frame = Frame(44, 12, WIDE - 60, HIGH - 40, low, high, 0, tall[-1])
    marks = frame.rules(tall, [voice.percent(s, 0 if tall[-1] >= 0.05 else 1) for s in tall])
    marks.append(Trace(tuple((frame.x(p), frame.y(c)) for p, c in zip(points, chances, strict=True)), "accent", 2))
    for place in range(6):
        at = round(low + (high - low) * place / 5)
        tip = voice("{points} points: {chance} bad", points=at, chance=voice.percent(card.probability(at), 2))
        marks += [
            Dot(frame.x(at), frame.y(card.probability(at)), "accent", 3, tip),
            Say(frame.x(at), HIGH - 8, str(at), "middle", "muted", 9),
        ]
    return Picture(WIDE, HIGH, voice("Chance of bad by points, from {low} to {high}", low=low, high=high), tuple(marks))
