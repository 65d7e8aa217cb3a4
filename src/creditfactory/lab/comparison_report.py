"""A comparison as one page that needs nothing else: tables, and a picture of the differences, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from creditfactory.lab.comparing import Comparison, Standing

_HEADINGS = {
    "models": ("Models on the holdout", "各模型在留出样本上的表现"),
    "against": ("AUC against the card measured against, 95 %", "与对照卡的 AUC 之差（95% 区间）"),
    "proposal": ("Proposal", "建议"),
    "leaks": ("What may have been known only later", "可能事后才知道的字段"),
    "distilling": ("What the taught card lost", "蒸馏成卡的损失"),
    "lift": ("Ten bands, worst first", "十档（由差到好）"),
    "periods": ("By period", "按时段"),
    "segments": ("By segment", "按分群"),
    "shifts": ("How far each characteristic moved", "各特征的漂移（CSI）"),
    "swap": ("Who changes places at the same approval share", "同等通过率下的换入换出"),
    "profit": ("Profit for each applicant, by approval share", "各通过率下每位申请人的利润"),
    "fairness": ("Protected groups: judged by, never read", "受保护群体：只作审计，不作特征"),
    "stand_ins": ("What stands in for a protected group", "可替代受保护属性的特征"),
}
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --ink: #1a6; }
body { font: 16px/1.5 system-ui, "Noto Sans SC", sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } h2 small { font-weight: normal; opacity: .7; }
div.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } p.say { font-size: 1.1rem; } svg text { fill: currentColor; }
"""


def write_report(found: Comparison, *, title: str) -> str:
    """The whole page as HTML; every word that came from the data is escaped.

    ``title`` says what was compared on what.
    """
    parts = [_tell("proposal", f'<p class="say">{escape(_say_proposal(found.proposal))}</p>')]
    if found.leaks:
        parts.append(_tell("leaks", "<ul>" + "".join(f"<li>{escape(a.says)}</li>" for a in found.leaks) + "</ul>"))
    parts.append(_tell("models", _table([_row(s) for s in found.standings])))
    parts.append(_tell("against", _draw_gaps(found.standings, found.measured_against)))
    if found.distilling is not None:
        parts.append(_tell("distilling", _table([found.distilling.as_json()])))
    told = found.parts
    shown = f"<p>Shown: {escape(str(told['shown']))}</p>"
    parts.append(_tell("lift", shown + _table(told["lift"])))
    parts.extend(_tell(name, shown + _table(told[name])) for name in ("periods", "segments", "shifts") if name in told)
    parts.append(_tell("swap", _table([{"model": name, **row} for name, row in told["swap"].items()])))
    parts.append(_tell("profit", _table(_lay_profit(told["profit"]))))
    for name in ("fairness", "stand_ins"):
        for column, rows in told.get(name, {}).items():
            parts.append(_tell(name, f"<p>{escape(column)}</p>" + _table(rows)))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(title)}</h1>{''.join(parts)}</body></html>\n"
    )


def _say_proposal(proposal: Mapping[str, Any]) -> str:
    named = proposal["propose"]
    return f"{named}: {proposal['why']}." if named else f"None: {proposal['why']}."


def _tell(name: str, content: str) -> str:
    english, chinese = _HEADINGS[name]
    return f'<h2>{english} <small lang="zh-Hans">{chinese}</small></h2>{content}'


def _row(standing: Standing) -> dict[str, Any]:
    held, folds = standing.holdout, standing.folds
    crossed = "" if folds is None else f"{folds.value:.4f} ({folds.low:.4f} to {folds.high:.4f})"
    return {
        "model": standing.name + ("" if standing.is_readable else " (not a card)"), "asks": len(standing.asks),
        "AUC across folds": crossed, "train": round(standing.train.auc, 4), "AUC": round(held.auc, 4),
        "KS": round(held.ks, 4), "Gini": round(held.gini, 4), "divergence": round(held.divergence, 3),
        "PSI": round(held.psi, 4), "foretold": f"{held.calibration.expected:.2%}",
        "found": f"{held.calibration.observed:.2%}", "slope": round(held.calibration.slope, 2),
    }  # fmt: skip


def _lay_profit(by_model: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    shares = [row["approved"] for row in next(iter(by_model.values()))]
    return [
        {"approved": f"{share:.0%}", **{name: rows[i]["per_applicant"] for name, rows in by_model.items()}}
        for i, share in enumerate(shares)
    ]


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "<p>Nothing to tell.</p>"
    head = "".join(f"<th>{escape(str(name)).replace('_', ' ')}</th>" for name in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row.values()) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: Any) -> str:
    return "" if value is None else escape(f"{value:,}" if isinstance(value, int) else str(value))


def _draw_gaps(standings: Sequence[Standing], reference: str) -> str:
    """Each model's difference as a dot in its interval, beside a line at nought."""
    told = [(s.name, s.against) for s in standings if s.against is not None]
    if not told:
        return "<p>Nothing to compare with.</p>"
    reach = max(max(abs(gap.low), abs(gap.high)) for _, gap in told) or 1e-6
    left, width, high = 190, 430, 26 * len(told) + 24

    def at(value: float) -> float:
        return left + width / 2 + value / reach * width / 2

    lines = [f'<line x1="{at(0):.1f}" x2="{at(0):.1f}" y1="0" y2="{high - 20}" stroke="currentColor"/>']
    for place, (name, gap) in enumerate(told):
        y = 14 + 26 * place
        lines.append(
            f'<text x="0" y="{y + 5}">{escape(name)}</text><line x1="{at(gap.low):.1f}" x2="{at(gap.high):.1f}" '
            f'y1="{y}" y2="{y}" stroke="var(--ink)" stroke-width="3"/><circle cx="{at(gap.value):.1f}" cy="{y}" r="5" '
            f'fill="var(--ink)"/><text x="{left + width + 12}" y="{y + 5}">{gap.value:+.4f}</text>'
        )
    lines.append(f'<text x="{at(0):.1f}" y="{high - 4}" text-anchor="middle">{escape(reference)}</text>')
    says = escape(f"AUC of each model less that of {reference}, with 95 % intervals")
    return f'<svg role="img" aria-label="{says}" viewBox="0 0 720 {high}" width="100%">{"".join(lines)}</svg>'
