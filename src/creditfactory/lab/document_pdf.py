"""The model document as PDF: the same parts on A4 pages, pictures as vectors, Chinese without a font of our own.

Chinese is written in a font that every reader of PDF knows by name and none has to carry (Adobe's STSong); what is
plain Latin stands in Helvetica, so that figures line up. Embedding was tried: the free Chinese fonts that systems have
(Noto CJK) hold PostScript outlines, which reportlab embeds none of; a Chinese document says so at its end.
"""

from __future__ import annotations

import io
import re
from html import escape
from typing import Any

from creditfactory.lab.blocks import Beside, Block, Document, Facts, Figure, Listing, Paragraph, Table
from creditfactory.lab.pictures import PAPER, Bar, Dot, Picture, Say, Trace
from creditfactory.lab.voice import Voice

SONG = "STSong-Light"
PLAIN = "Helvetica"
COLOURS: dict[str, str] = dict(PAPER) | {"warn": "#9a6700", "": PAPER["ink"]}
MARGIN, WIDTH = 42.0, 511.0
_EASTERN = re.compile(r"[\u2010-\u2030\u2190-\u22ff\u2e80-\uffef]+")
_SPOKEN = str.maketrans({"\u202f": "\u00a0", "–": "-", "−": "-", "…": "...", "“": '"', "”": '"', "’": "'"})
"""Signs that plain Helvetica has in no encoding of its own are written as their nearest, outside Chinese."""


def write_pdf(document: Document) -> bytes:
    """The whole document with page numbers, its chapters as bookmarks; the same document gives the same bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import SimpleDocTemplate

    if SONG not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    out = io.BytesIO()
    made = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 10,
        title=document.title, author="Credit Factory", invariant=1, lang="zh-CN" if document.language == "zh" else "en",
    )  # fmt: skip
    story: list[Any] = [_paragraph(document.title, size=17, lead=24)]
    for number, section in enumerate(document.sections, start=1):
        story.append(_heading(f"{number}. {section.title}", section.code))
        for block in section.blocks:
            story += _lay(block)

    if document.language == "zh":
        said = Voice("zh")(
            "Chinese stands in STSong, which every reader of PDF brings along; the file itself holds no font."
        )
        story.append(_paragraph(said, tone="muted", size=8, before=8))

    def number_page(canvas: Any, _made: Any) -> None:
        canvas.setFont(PLAIN, 8)
        canvas.setFillColor(_colour("muted"))
        canvas.drawRightString(MARGIN + WIDTH, 28, str(canvas.getPageNumber()))

    made.build(story, onFirstPage=number_page, onLaterPages=number_page)
    return out.getvalue()


def _colour(tone: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(COLOURS[tone])


def _style(size: float = 9, lead: float = 13, tone: str = "", *, right: bool = False, before: float = 0) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle(
        f"{size}-{lead}-{tone}-{right}", fontName=PLAIN, fontSize=size, leading=lead, textColor=_colour(tone),
        alignment=2 if right else 0, spaceBefore=before, spaceAfter=3, splitLongWords=1,
    )  # fmt: skip


def _paragraph(text: str, **look: Any) -> Any:
    from reportlab.platypus import Paragraph as Laid

    return Laid(mark_up(text), _style(**look))


def mark_up(text: str) -> str:
    """A text with its Chinese set in the Chinese font, all that could be markup escaped.

    >>> mark_up("KS < 0.3")
    'KS &lt; 0.3'
    >>> mark_up("坏账率 2.2%")
    '<font name="STSong-Light">坏账率</font> 2.2%'
    """
    text = re.sub(r"[\u2010-\u202f\u2212]", lambda m: m[0].translate(_SPOKEN), text)
    return _EASTERN.sub(lambda m: f'<font name="{SONG}">{m[0]}</font>', escape(text, quote=False))


def _heading(text: str, code: str) -> Any:
    from reportlab.platypus import Paragraph as Laid

    class Heading(Laid):  # type: ignore[misc]  # reportlab has no types
        def draw(self) -> None:
            self.canv.bookmarkPage(code)
            self.canv.addOutlineEntry(text, code, 0)
            super().draw()

    style = _style(size=12.5, lead=18, before=12)
    style.keepWithNext = 1
    return Heading(mark_up(text), style)


def _lay(block: Block) -> list[Any]:
    from reportlab.platypus import KeepTogether, Spacer

    match block:
        case Paragraph():
            return [_paragraph(block.text, tone=block.tone)]
        case Listing():
            return [_paragraph(f"- {one}") for one in block.items]
        case Facts():
            return [_lay_facts(block), Spacer(1, 4)]
        case Figure():
            drawn = _draw(block.picture)
            return [KeepTogether([_paragraph(block.title, size=9.5, before=6), drawn])]
        case Table():
            return [_lay_table(block), Spacer(1, 8)]
        case Beside():
            return [*_lay(block.figure), *_lay(block.table)]


def _lay_facts(facts: Facts) -> Any:
    from reportlab.platypus import Table as Laid

    rows = [[_paragraph(name, tone="muted", size=8.5), _paragraph(value)] for name, value in facts.rows]
    return Laid(rows, colWidths=[130, WIDTH - 130], style=_lines(), hAlign="LEFT")


def _lay_table(table: Table) -> Any:
    from reportlab.platypus import Table as Laid

    def cell(text: str, place: int, tone: str = "") -> Any:
        return _paragraph(text, size=8, lead=10.5, tone=tone, right=place not in table.words)

    rows = [[cell(text, place, "muted") for place, text in enumerate(table.head)]]
    rows += [[cell(text, place) for place, text in enumerate(row)] for row in table.rows]
    return Laid(rows, colWidths=_share_out(table), style=_lines(), repeatRows=1, hAlign="LEFT")


def _share_out(table: Table) -> list[float]:
    """Widths by what the columns hold: enough for their longest word, the rest to those with much to say."""
    columns = list(zip(table.head, *table.rows, strict=True))
    wanted = [min(260.0, max(34.0, max(_long(text) for text in column) * 4.4 + 12)) for column in columns]
    total = sum(wanted)
    return [w * WIDTH / total for w in wanted] if total > WIDTH or len(wanted) > 3 else wanted


def _long(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _lines() -> Any:
    from reportlab.platypus import TableStyle

    return TableStyle([
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _colour("rule")), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ])  # fmt: skip


def _draw(picture: Picture) -> Any:
    """The picture as vectors, y turned upwards as PDF has it."""
    from reportlab.graphics.shapes import Circle, Drawing, PolyLine, Rect, String

    scale = 345 / picture.width
    drawing = Drawing(picture.width * scale, picture.height * scale)
    high = picture.height
    for mark in picture.marks:
        match mark:
            case Bar():
                y = (high - mark.y - mark.height) * scale
                drawing.add(Rect(mark.x * scale, y, max(0, mark.width) * scale, max(0, mark.height) * scale,
                                 fillColor=_colour(mark.tone), strokeColor=None))  # fmt: skip
            case Trace():
                path = [value for x, y in mark.points for value in (x * scale, (high - y) * scale)]
                drawing.add(PolyLine(path, strokeColor=_colour(mark.tone), strokeWidth=mark.width * scale,
                                     strokeDashArray=[4, 3] if mark.is_dashed else None))  # fmt: skip
            case Dot():
                drawing.add(Circle(mark.x * scale, (high - mark.y) * scale, mark.radius * scale,
                                   fillColor=_colour(mark.tone), strokeColor=None))  # fmt: skip
            case Say():
                is_eastern = bool(_EASTERN.search(mark.text))
                text = mark.text.replace("\u202f", "") if is_eastern else mark.text.translate(_SPOKEN)
                drawing.add(String(mark.x * scale, (high - mark.y) * scale, text, textAnchor=mark.anchor,
                                   fontName=SONG if is_eastern else PLAIN, fontSize=mark.size * scale,
                                   fillColor=_colour(mark.tone)))  # fmt: skip
    return drawing
