"""How a card fares, told: what stands now beside what it was built on, month by month, and why a figure fell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from creditfactory.lab.blocks import Block, Figure, Listing, Paragraph, Section, Table
from creditfactory.lab.pictures import Bar, Dot, Frame, Mark, Picture, Say, Tone, Trace, find_steps
from creditfactory.lab.voice import NOTHING, Voice

WIDE, HIGH = 480.0, 150.0
PARTS = ("then", "mix", "shift", "change", "rest", "now")
Told = Mapping[str, Any]


def report_watch(figures: Told, verdict: str, voice: Voice, names: Mapping[str, str]) -> tuple[Section, ...]:
    """One look at a card: figures now and then, months, explanation and characteristics; ``names`` those of labels."""
    makers = (
        ("now", voice("Now and when it was built"), _tell_now), ("months", voice("Month by month"), _tell_months),
        ("why", voice("Why"), _tell_why), ("drift", voice("How far characteristics moved"), _tell_drift),
        ("segments", voice("By segment"), _tell_segments),
    )  # fmt: skip
    told = ((code, title, make({"verdict": verdict, **figures}, voice, names)) for code, title, make in makers)
    return tuple(Section(code, title, tuple(blocks)) for code, title, blocks in told if blocks)


def say_verdict(verdict: str, voice: Voice) -> tuple[str, str]:
    """A verdict in a sentence, and its tone."""
    known = {
        "few": (voice("Too few outcomes have ripened to say anything."), ""),
        "sound": (voice("The card holds: nothing beyond what chance alone shows."), "good"),
        "noise": (voice("A figure fell, and no further than chance alone lets it fall."), "good"),
        "mix": (voice("Other applicants come than those it was built on; the card itself holds."), "warn"),
        "shift": (voice("The level has moved: the card still ranks, and promises too much or too little."), "warn"),
        "change": (voice("A question means something else than it did: the card needs to be refreshed."), "bad"),
    }  # fmt: skip
    return known.get(verdict, (verdict, ""))


def _tell_now(told: Told, voice: Voice, names: Mapping[str, str]) -> list[Block]:
    said, tone = say_verdict(str(told["verdict"]), voice)
    blocks: list[Block] = [Paragraph(said, tone)]
    rows = []
    for code, name in (("auc", "AUC"), ("ks", "KS"), ("divergence", voice("Divergence"))):
        one = told.get(code)
        if one:
            rows.append((name, _say_span(one.get("then"), voice), _say_span(one.get("now"), voice),
                         _say_span(one.get("gap"), voice, signed=True)))  # fmt: skip
    if rows:
        head = (voice("Figure"), voice("When built (95 %)"), voice("Now (95 %)"), voice("Difference (95 %)"))
        blocks.append(Table(head, tuple(rows)))
    if psi := told.get("psi"):
        value, noise = voice.figure(psi["value"], 4), voice.figure(psi["noise"], 4)
        said = voice("PSI of the points {value}; chance alone shows up to {noise}.", value=value, noise=noise)
        blocks.append(Paragraph(said, "warn" if psi.get("beyond") else "good"))
    return [*blocks, *_tell_promise(told.get("calibration"), voice)]


def _tell_promise(kept: Told | None, voice: Voice) -> list[Block]:
    if not kept:
        return []
    shares = {name: voice.percent(kept[name], 2) for name in ("low", "high")}
    slopes = {name: voice.figure(kept.get(name), 2) for name in ("slope", "slope_low", "slope_high")}
    said = voice(
        "Promised {foretold}, came {found} ({low} to {high}); slope {slope} ({slope_low} to {slope_high}).",
        foretold=voice.percent(kept["expected"], 2), found=voice.percent(kept["observed"], 2), **shares, **slopes,
    )  # fmt: skip
    return [Paragraph(said, "good" if kept["low"] <= kept["expected"] <= kept["high"] else "warn")]


def _say_span(one: Told | None, voice: Voice, *, signed: bool = False) -> str:
    if not one:
        return NOTHING
    form = "{:+.3f}" if signed else "{:.3f}"
    value, low, high = (form.format(one[n]).replace("-", "−") for n in ("value", "low", "high"))
    return voice("{value} ({low} to {high})", value=value, low=low, high=high)


def _tell_months(told: Told, voice: Voice, names: Mapping[str, str]) -> list[Block]:
    rows = told.get("periods") or ()
    if not rows:
        return []
    figures: list[Block] = [Figure(_draw_promise(rows, voice), voice("Promise and outcome by month"))]
    if any(row.get("auc") for row in rows):
        figures.append(Figure(_draw_auc(rows, voice), voice("AUC by month, with 95 % intervals")))
    figures.append(Figure(_draw_psi(rows, voice), voice("PSI by month, and what chance alone shows")))
    return [*figures, _lay_groups(rows, voice("Month"), voice)]


def _lay_groups(rows: Sequence[Told], first: str, voice: Voice) -> Table:
    head = (
        first,
        voice("Applicants"),
        voice("Bad"),
        "AUC",
        "PSI",
        voice("Promised"),
        voice("Came"),
        voice("95 % interval"),
    )
    cells = tuple(
        (str(r["group"]), voice.count(r.get("rows")), voice.count(r.get("bads")), _say_span(r.get("auc"), voice),
         voice.figure(r.get("psi")), voice.percent(r.get("expected")), voice.percent(r.get("observed")),
         voice("{low} to {high}", low=voice.percent(r.get("low")), high=voice.percent(r.get("high"))))
        for r in rows
    )  # fmt: skip
    return Table(head, cells)


def _frame_months(
    rows: Sequence[Told], top: float, voice: Voice, *, low: float = 0.0, as_share: bool = False
) -> tuple[Frame, list[Mark]]:
    steps = [s for s in find_steps(top) if s >= low] if low == 0 else [low, (low + top) / 2, top]
    frame = Frame(44, 10, WIDE - 56, HIGH - 36, 0, len(rows), steps[0], steps[-1])
    marks = frame.rules(steps, [voice.percent(s, 1) if as_share else f"{s:.2f}" for s in steps])
    every = max(1, -(-len(rows) // 8))
    marks += [Say(frame.x(i + 0.5), HIGH - 8, str(r["group"]), "middle", "muted", 9)
              for i, r in enumerate(rows) if i % every == 0]  # fmt: skip
    return frame, marks


def _draw_auc(rows: Sequence[Told], voice: Voice) -> Picture:
    known = [r["auc"] for r in rows if r.get("auc")]
    low, high = max(0.0, min(k["low"] for k in known) - 0.02), min(1.0, max(k["high"] for k in known) + 0.02)
    frame, marks = _frame_months(rows, high, voice, low=low)
    for place, row in enumerate(rows):
        if one := row.get("auc"):
            x = frame.x(place + 0.5)
            marks.append(Trace(((x, frame.y(one["low"])), (x, frame.y(one["high"]))), "accent", 1.4))
            marks.append(Dot(x, frame.y(one["value"]), "accent", 3, f"{row['group']}: {_say_span(one, voice)}"))
    return Picture(WIDE, HIGH, voice("AUC in {n} months", n=len(rows)), tuple(marks))


def _draw_psi(rows: Sequence[Told], voice: Voice) -> Picture:
    top = max(max(r.get("psi") or 0, r.get("psi_noise") or 0) for r in rows) or 0.01
    frame, marks = _frame_months(rows, top, voice)
    for place, row in enumerate(rows):
        value, noise = row.get("psi") or 0.0, row.get("psi_noise") or 0.0
        tip = voice(
            "{month}: PSI {value}; chance alone shows up to {noise}",
            month=row["group"],
            value=f"{value:.3f}",
            noise=f"{noise:.3f}",
        )
        y = frame.y(value)
        marks.append(
            Bar(
                frame.x(place) + 3,
                y,
                frame.width / len(rows) - 6,
                frame.y(0) - y,
                "bad" if value > noise else "soft",
                tip,
            )
        )
        marks.append(
            Trace(
                ((frame.x(place) + 1, frame.y(noise)), (frame.x(place + 1) - 1, frame.y(noise))),
                "ink",
                1.2,
                is_dashed=True,
            )
        )
    return Picture(WIDE, HIGH, voice("PSI in {n} months", n=len(rows)), tuple(marks))


def _draw_promise(rows: Sequence[Told], voice: Voice) -> Picture:
    top = max(max(r.get("high") or 0, r.get("expected") or 0) for r in rows) or 0.01
    frame, marks = _frame_months(rows, top, voice, as_share=True)
    path = tuple(
        (frame.x(i + 0.5), frame.y(r["expected"])) for i, r in enumerate(rows) if r.get("expected") is not None
    )
    marks.append(Trace(path, "accent", 2))
    for place, row in enumerate(rows):
        if row.get("observed") is not None:
            x = frame.x(place + 0.5)
            marks.append(Trace(((x, frame.y(row["low"])), (x, frame.y(row["high"]))), "bad", 1.4))
            tip = voice("{month}: promised {foretold}, came {found}", month=row["group"],
                        foretold=voice.percent(row.get("expected")), found=voice.percent(row["observed"]))  # fmt: skip
            marks.append(Dot(x, frame.y(row["observed"]), "bad", 3, tip))
    return Picture(WIDE, HIGH, voice("Bad promised (line) and found (dots) in {n} months", n=len(rows)), tuple(marks))


def _tell_why(told: Told, voice: Voice, names: Mapping[str, str]) -> list[Block]:
    why = told.get("explanation")
    if not why:
        return []
    blocks: list[Block] = [Paragraph(voice.pick(why.get("words")))]
    for code, name in (("auc", voice("AUC, from then to now")), ("bad_rate", voice("Share of bad, from then to now"))):
        parts = why.get(code)
        if parts:
            blocks.append(Figure(_draw_parts(parts, code == "bad_rate", voice), name))
    tests = why.get("tests") or {}
    blocks.append(Listing(tuple(
        voice("{part}: chance alone would show as much in {chance} of cases{verdict}", part=_say_part(code, voice),
              chance=voice.percent(one.get("chance")), verdict=voice(" – beyond chance") if one.get("beyond") else "")
        for code, one in tests.items()
    )))  # fmt: skip
    for one in why.get("characteristics") or ():
        rows = tuple((str(c.get("name")), voice.percent(c.get("foretold"), 2), voice.percent(c.get("found"), 2))
                     for c in one.get("classes") or ())  # fmt: skip
        name = names.get(one["label"], one["label"])
        blocks.append(Table((voice("Class"), voice("Promised"), voice("Came")), rows, caption=name))
    return blocks


def _say_part(code: str, voice: Voice) -> str:
    known = {"then": voice("then"), "mix": voice("other applicants"), "shift": voice("the level"),
             "change": voice("questions mean something else"), "rest": voice("rest"), "now": voice("now")}  # fmt: skip
    return known.get(code, code)


def _draw_parts(parts: Told, as_share: bool, voice: Voice) -> Picture:
    """From then to now as steps: each part begins where the one before ended."""

    def say(value: float, signed: bool) -> str:
        text = voice.percent(value, 2) if as_share else f"{value:.3f}"
        return f"+{text}" if signed and value > 0 else text.replace("-", "−")

    level, bars = 0.0, []
    for code in PARTS:
        value = float(parts.get(code) or 0.0)
        start, end = (0.0, value) if code in ("then", "now") else (level, level + value)
        bars.append((code, value, start, end))
        level = end
    floor = min(min(s, e) for c, _, s, e in bars if c not in ("then", "now"))
    ends = [e for c, _, _, e in bars if c in ("then", "now")]
    low = max(0.0, min(floor, *ends) - 0.15 * (max(ends) or 1))
    top = max(max(s, e) for _, _, s, e in bars)
    frame = Frame(20, 20, WIDE - 40, HIGH - 50, 0, len(bars), low, top + (top - low) * 0.1)
    marks: list[Mark] = []
    for place, (code, value, start, end) in enumerate(bars):
        is_end = code in ("then", "now")
        high_y, low_y = frame.y(max(start, end)), frame.y(max(min(start, end), low))
        tone: Tone = "accent" if is_end else "good" if (value > 0) is not as_share else "bad"
        tip, height = f"{_say_part(code, voice)}: {say(value, not is_end)}", max(low_y - high_y, 0.8)
        width = frame.width / len(bars) - 16
        marks.append(Bar(frame.x(place) + 8, high_y, width, height, tone if value else "muted", tip))
        marks.append(Say(frame.x(place + 0.5), high_y - 4, say(value, not is_end), "middle", "ink"))
        marks.append(
            Say(frame.x(place + 0.5), HIGH - (8 if place % 2 else 20), _say_part(code, voice), "middle", "muted", 9)
        )
    return Picture(WIDE, HIGH, voice("From then to now in parts that add up"), tuple(marks))


def _tell_drift(told: Told, voice: Voice, names: Mapping[str, str]) -> list[Block]:
    rows = told.get("csi") or ()
    if not rows:
        return []
    cells = tuple(
        (names.get(r["label"], r["label"]), voice.figure(r.get("value"), 4), voice.figure(r.get("noise"), 4),
         voice("beyond chance") if r.get("beyond") else voice("within chance")) for r in rows
    )  # fmt: skip
    head = (voice("Characteristic"), "CSI", voice("Chance alone, up to"), voice("Verdict"))
    return [Table(head, cells, frozenset({0, 3}), {1: tuple(-float(r.get("value") or 0) for r in rows)})]


def _tell_segments(told: Told, voice: Voice, names: Mapping[str, str]) -> list[Block]:
    parts = told.get("segments") or {}
    return [_lay_groups(rows, names.get(column, column), voice) for column, rows in parts.items() if rows]
