"""A comparison told whole, in Chinese or English: what is proposed and why, all models, and what would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from creditfactory.lab.blocks import Block, Document, Figure, Listing, Paragraph, Section, Table
from creditfactory.lab.comparing import PROPOSALS, Comparison, Standing
from creditfactory.lab.leakage import Alarm
from creditfactory.lab.pictures import Dot, Frame, Mark, Picture, Say, Trace
from creditfactory.lab.voice import NOTHING, Voice

SHARES = {"share", "bad_rate", "foretold", "caught", "approved", "good_approved", "swapped", "bad_rate_in",
          "bad_rate_out", "bad_rate_before", "bad_rate_after"}  # fmt: skip
Row = Mapping[str, Any]


def report_comparison(found: Comparison, voice: Voice, *, title: str) -> Document:
    """The comparison as a document; ``title`` says what was compared on what."""
    told = found.parts
    shown = Paragraph(voice("Shown: {name}", name=str(told["shown"])))
    chapters: list[tuple[str, str, list[Block]]] = [
        ("proposal", voice("Proposal"), [Paragraph(_say_proposal(found.proposal, voice))]),
        ("leaks", voice("What may have been known only later"), _tell_leaks(found.leaks, voice)),
        ("models", voice("Models on the holdout"), [_tell_models(found.standings, voice)]),
        ("against", voice("Differences from {name}", name=found.measured_against), _tell_gaps(found, voice)),
    ]  # fmt: skip
    if found.distilling is not None:
        chapters.append(
            ("distilling", voice("What the taught card lost"), [lay_rows([found.distilling.as_json()], voice)])
        )
    chapters.append(("lift", voice("Ten bands, worst first"), [shown, lay_rows(told["lift"], voice)]))
    for name, said in (("periods", voice("By period")), ("segments", voice("By segment")),
                       ("shifts", voice("How far each characteristic moved"))):  # fmt: skip
        if name in told:
            chapters.append((name, said, [shown, lay_rows(told[name], voice)]))
    swaps = [{"model": name, **row} for name, row in told["swap"].items()]
    chapters += [
        ("swap", voice("Who changes places at the same approval share"), [lay_rows(swaps, voice)]),
        ("profit", voice("Profit for each applicant, by approval share"), [_tell_profit(told["profit"], voice)]),
    ]
    for name, said in (("fairness", voice("Protected groups: judged by, never read")),
                       ("stand_ins", voice("What stands in for a protected group"))):  # fmt: skip
        if told.get(name):
            chapters.append((name, said, [lay_rows(rows, voice, caption=c) for c, rows in told[name].items()]))
    sections = tuple(Section(code, said, tuple(blocks)) for code, said, blocks in chapters if blocks)
    return Document(title, voice.language, sections)


def _say_proposal(proposal: Row, voice: Voice) -> str:
    why = voice(PROPOSALS[proposal["code"]], **proposal["facts"])
    return voice("{name}: {why}.", name=proposal["propose"] or voice("None"), why=why)


def _tell_leaks(leaks: Sequence[Alarm], voice: Voice) -> list[Block]:
    return [Listing(tuple(voice.pick(alarm.says.as_json()) for alarm in leaks))] if leaks else []


def _tell_models(standings: Sequence[Standing], voice: Voice) -> Table:
    head = (voice("Model"), voice("Asks"), voice("AUC across folds"), voice("AUC, learnt from"), "AUC", "KS", "Gini",
            voice("Divergence"), "PSI", voice("Promised"), voice("Came"), voice("Slope"))  # fmt: skip
    rows = []
    for one in standings:
        held, folds = one.holdout, one.folds
        crossed = "" if folds is None else voice("{value} ({low} to {high})", value=f"{folds.value:.4f}",
                                                 low=f"{folds.low:.4f}", high=f"{folds.high:.4f}")  # fmt: skip
        figures = (voice.figure(v, 4) for v in (one.train.auc, held.auc, held.ks, held.gini, held.divergence, held.psi))
        name = one.name if one.is_readable else voice("{name} (not a card)", name=one.name)
        kept = held.calibration
        rows.append((name, str(len(one.asks)), crossed, *figures, voice.percent(kept.expected, 2),
                     voice.percent(kept.observed, 2), voice.figure(kept.slope, 2)))  # fmt: skip
    return Table(head, tuple(rows))


def _tell_profit(by_model: Mapping[str, Sequence[Row]], voice: Voice) -> Table:
    shares = [row["approved"] for row in next(iter(by_model.values()))]
    rows = tuple(
        (voice.percent(share, 0), *(voice.figure(told[place]["per_applicant"], 5) for told in by_model.values()))
        for place, share in enumerate(shares)
    )
    return Table((voice("approved"), *by_model), rows)


def lay_rows(rows: Sequence[Row], voice: Voice, *, caption: str = "") -> Table:
    """Rows of figures as a table, their keys as heads in the reader's language."""
    if not rows:
        return Table((voice("Nothing to tell."),), (), caption=caption)
    names = {
        "from": voice("from"), "to": voice("to"), "rows": voice("Applicants"), "bads": voice("Bad"),
        "share": voice("Share"), "bad_rate": voice("Came"), "foretold": voice("Promised"), "lift": voice("Lift"),
        "caught": voice("Share of all bad so far"), "group": voice("Group"), "auc": "AUC", "psi": "PSI", "csi": "CSI",
        "label": voice("Characteristic"), "model": voice("Model"), "approved": voice("approved"),
        "swapped": voice("change places"), "bad_rate_in": voice("bad among those who come in"),
        "bad_rate_out": voice("bad among those who go out"), "bad_rate_before": voice("bad before"),
        "bad_rate_after": voice("bad after"), "good_approved": voice("Approved of those who paid"),
        "ratio": voice("Ratio to the best"), "tells_apart": voice("tells the group apart (1 is entirely)"),
        "teacher_auc": voice("AUC of the teacher"), "card_auc": voice("AUC of the card"), "lost": voice("lost"),
        "alike": voice("rank alike"),
    }  # fmt: skip
    head = tuple(names.get(key, str(key).replace("_", " ")) for key in rows[0])
    return Table(
        head, tuple(tuple(_say(key, value, voice) for key, value in row.items()) for row in rows), caption=caption
    )


def _say(key: str, value: Any, voice: Voice) -> str:
    if value is None:
        return NOTHING
    if key in SHARES and isinstance(value, float):
        return voice.percent(value, 2)
    return voice.count(value) if isinstance(value, int) and key in ("rows", "bads") else str(value)


def _tell_gaps(found: Comparison, voice: Voice) -> list[Block]:
    told = [(s.name, s.against) for s in found.standings if s.against is not None]
    if not told:
        return [Paragraph(voice("Nothing to compare with."))]
    reach = max(max(abs(gap.low), abs(gap.high)) for _, gap in told) or 1e-6
    high = 24.0 * len(told) + 26
    frame = Frame(130, 0, 270, high - 18, -reach, reach, 0, 1)
    marks: list[Mark] = [Trace(((frame.x(0), 0), (frame.x(0), high - 16)), "muted", 1)]
    for place, (name, gap) in enumerate(told):
        y = 14.0 + 24 * place
        ends = {"value": f"{gap.value:+.4f}", "low": f"{gap.low:+.4f}", "high": f"{gap.high:+.4f}"}
        tip = f"{name}: {voice('{value} ({low} to {high})', **ends)}"
        marks.append(Trace(((frame.x(gap.low), y), (frame.x(gap.high), y)), "accent", 3))
        marks.append(Dot(frame.x(gap.value), y, "accent", 4, tip))
        marks += [Say(0, y + 4, name, tone="ink"), Say(412, y + 4, ends["value"], tone="ink")]
    marks.append(Say(frame.x(0), high - 3, found.measured_against, "middle"))
    title = voice("AUC of each model less that of {name}, with 95 % intervals", name=found.measured_against)
    return [Figure(Picture(480, high, title, tuple(marks)), title)]
