"""The model document as one page that needs nothing else: styles and pictures are in it, light, dark and printed."""

from __future__ import annotations

from html import escape

from creditfactory.lab.blocks import Beside, Block, Document, Facts, Figure, Listing, Paragraph, Table
from creditfactory.lab.pictures import write_svg

_STYLE = """
:root { color-scheme: light dark; --ground: #f6f7f9; --panel: #fff; --ink: #14181f; --muted: #5d6675; --rule: #e4e7ec;
  --accent: #0f6fde; --good: #12805c; --bad: #c8372d; --warn: #9a6700; --soft: #b9d3f6; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1116; --panel: #161b22; --ink: #e6e9ee; --muted: #98a2b3;
  --rule: #272e38; --accent: #5aa2f7; --good: #4cc38a; --bad: #f07067; --warn: #e0a83c; --soft: #24456e; } }
* { box-sizing: border-box; }
body { font: 14px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  margin: 0; background: var(--ground); color: var(--ink); font-variant-numeric: tabular-nums; }
main { max-width: 60rem; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 20px; } h2 { font-size: 16px; margin: 28px 0 8px; } h3 { font-size: 14px; margin: 16px 0 4px; }
p, li { overflow-wrap: anywhere; }
nav a { margin-right: 12px; } a { color: var(--accent); } .good { color: var(--good); } .warn { color: var(--warn); }
.bad { color: var(--bad); } .wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
caption, th { color: var(--muted); font-weight: 500; text-align: left; font-size: 12px; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; }
th.word, td.word { text-align: left; overflow-wrap: anywhere; } td svg { width: 60px; height: 8px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 8px 16px; margin: 8px 0; }
dt { font-size: 12px; color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 12px 0; } figcaption { font-weight: 600; }
.beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 8px 24px; }
.beside > * { min-width: 0; } svg.picture { width: 100%; max-width: 640px; height: auto; }
.f-good { fill: var(--good); } .f-bad { fill: var(--bad); } .f-accent { fill: var(--accent); }
.f-soft { fill: var(--soft); }
.f-muted { fill: var(--muted); } .f-ink { fill: var(--ink); }
.s-good { stroke: var(--good); } .s-bad { stroke: var(--bad); }
.s-accent { stroke: var(--accent); } .s-muted { stroke: var(--muted); } .s-rule { stroke: var(--rule); }
.s-ink { stroke: var(--ink); }
@media print { body { background: none; font-size: 10.5px; } h2, h3, figcaption { break-after: avoid; }
  figure, tr { break-inside: avoid; } nav { display: none; } svg * { print-color-adjust: exact; } }
"""


def write_html(document: Document) -> str:
    """The whole document; every word that came from outside is escaped."""
    contents = "".join(f'<a href="#{escape(s.code)}">{escape(s.title)}</a>' for s in document.sections)
    sections = "".join(
        f'<section id="{escape(s.code)}"><h2>{number}. {escape(s.title)}</h2>'
        f"{''.join(map(write_block, s.blocks))}</section>"
        for number, s in enumerate(document.sections, start=1)
    )
    language = "zh-Hans" if document.language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(document.title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(document.title)}</h1><nav>{contents}</nav>{sections}</main></body></html>\n"
    )


def write_block(block: Block) -> str:
    """One part as HTML."""
    match block:
        case Paragraph():
            return f"<p{_of_class(block.tone)}>{escape(block.text)}</p>"
        case Facts():
            rows = "".join(f"<div><dt>{escape(n)}</dt><dd>{escape(v)}</dd></div>" for n, v in block.rows)
            return f'<dl class="facts">{rows}</dl>'
        case Listing():
            return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in block.items)}</ul>"
        case Figure():
            title = escape(block.title)
            return f"<figure><figcaption>{title}</figcaption>{write_svg(block.picture)}</figure>"
        case Table():
            return _write_table(block)
        case Beside():
            return f'<div class="beside">{write_block(block.figure)}{write_block(block.table)}</div>'


def _write_table(table: Table) -> str:
    head = "".join(
        f"<th{_of_class('word' if i in table.words else '')}>{escape(t)}</th>" for i, t in enumerate(table.head)
    )
    body = []
    for number, row in enumerate(table.rows):
        cells = []
        for place, text in enumerate(row):
            values = (table.bars or {}).get(place)
            bar = "" if values is None else draw_bar(values[number], max(map(abs, values)))
            cells.append(f"<td{_of_class('word' if place in table.words else '')}>{bar}{escape(text)}</td>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    return (
        f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'
    )


def draw_bar(value: float, most: float) -> str:
    """A small bar to the right of the middle for points gained, to the left for points lost."""
    width = 50 * abs(value) / most if most else 0
    x = 50 if value >= 0 else 50 - width
    tone = "good" if value >= 0 else "bad"
    return (
        '<svg class="small-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="f-{tone}" x="{x:.1f}" y="0" width="{width:.1f}" height="8"/></svg> '
    )


def _of_class(name: str) -> str:
    return f' class="{escape(name)}"' if name else ""
