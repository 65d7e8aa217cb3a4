"""The report of a back-test: one page in both languages with its pictures inside, to read, print and send."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from creditfactory.batches.backtest_pictures import ALL_LOST, list_pictures, name_of
from creditfactory.batches.backtest_words import LANGUAGES, Language, both, say

PAGE = Path(__file__).with_suffix(".html")
Told = Mapping[str, Any]


def write_report(summary: Told, out: Path) -> None:
    """Write the report to a file."""
    out.write_text(build_report(summary), encoding="utf-8")


def build_report(summary: Told, *, language: Language = "en") -> str:
    """The whole page as text; nothing in it is fetched from anywhere."""
    pictures = {one: list_pictures(summary, one) for one in LANGUAGES}
    sections = [_headline(summary), _swap(summary)]
    sections += [_picture(name, pictures) for name in ("funnel", "tiers", "months", "segments", "rules")]
    sections += [_missing(summary, pictures), _grey(summary), _parts(summary)]
    sections += [_proposal(summary, pictures), _said(summary)]
    name = html.escape(f"{summary['rulebook']['pack']} · {summary['rulebook']['digest'][:12]}")
    page = PAGE.read_text(encoding="utf-8")
    filled = {
        "{language}": language,
        "{title}": f"Back-test · {name}",
        "{heading}": both("heading"),
        "{state}": f"{name} · " + both("applicants_in_all", rows=f"{summary['rows']:,}"),
        "{switch}": both("switch"),
        "{sections}": "\n".join(part for part in sections if part),
    }
    for place, text in filled.items():
        page = page.replace(place, text)
    return page


def _section(title: str, body: str, *, note: str = "", wide: bool = False) -> str:
    small = f"<small>{note}</small>" if note else ""
    return f'<section class="{"wide" if wide else "half"}"><h2>{both(title)}</h2>{small}{body}</section>'


def _draw(name: str, pictures: Mapping[Language, Mapping[str, str]]) -> str:
    if name not in pictures["en"]:
        return ""
    return "".join(f'<div class="scroll {one}">{pictures[one][name]}</div>' for one in LANGUAGES)


def _picture(name: str, pictures: Mapping[Language, Mapping[str, str]]) -> str:
    drawn = _draw(name, pictures)
    return _section(name, drawn, note=both(f"{name}_note")) if drawn else ""


def _share(value: float | None, digits: int = 1) -> str:
    """A share as people read it.

    >>> _share(0.0481), _share(None)
    ('4.8 %', '–')
    """
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _money(cents: float | None) -> str:
    """Cents as a short amount.

    >>> _money(1_234_567_800), _money(45_000), _money(None)
    ('12.35 m', '450', '–')
    """
    if cents is None:
        return "–"
    whole = cents / 100
    return f"{whole / 1e6:,.2f} m" if abs(whole) >= 1e6 else f"{whole:,.0f}"


def _interval(share: Told) -> str:
    if share["value"] is None:
        return "–"
    return f"{_share(share['value'])} <small>({_share(share['low'])}–{_share(share['high'])})</small>"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, marks: Sequence[str] = ()) -> str:
    """A table; the header's words by their keys, the first cell of each row is its name."""
    head = "".join(f"<th>{both(key) if key else ''}</th>" for key in header)
    lines = []
    for place, row in enumerate(rows):
        mark = f' class="{marks[place]}"' if marks and marks[place] else ""
        lines.append(f"<tr{mark}>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>")
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(lines)}</table></div>'


def _headline(summary: Told) -> str:
    now, before = _figures(summary["figures"]), None
    if "figures_before" in summary:
        before = _figures(summary["figures_before"])
    cells = []
    for key, shown in now.items():
        was = f'<small class="was">{both("before")} {before.get(key, "–")}</small>' if before else ""
        cells.append(f"<div><small>{both(key)}</small><b>{shown}</b>{was}</div>")
    outcome = summary["figures"]["outcome"]
    note = both("in_short_unknown")
    if outcome["bad_rate"]["value"] is not None:
        low, high = (_share(outcome["bad_rate"][end], 2) for end in ("low", "high"))
        note = both("in_short_note", known=_share(outcome["known_share"]), low=low, high=high)
    return _section("in_short", f'<div class="figures">{"".join(cells)}</div>', note=note, wide=True)


def _figures(told: Told) -> dict[str, str]:
    outcome, work = told["outcome"], told["workload"]
    by_day = work["calls_a_day"] is not None
    return {
        "offered_share": _share(told["offered_share"]),
        "approved": _count(told["approved"]),
        "bad_rate": _share(outcome["bad_rate"]["value"], 2),
        "expected_bad_rate": _share(outcome["expected_bad_rate"], 2),
        "annual_rate": _share(told["annual_rate_average"], 2),
        "lent": _money(told["amount_cents"]),
        "profit": _money(told["profit_cents"]),
        "earned": _money(outcome["earned_cents"]),
        **({"calls_a_day": _count(work["calls_a_day"])} if by_day else {"calls": _count(work["calls"])}),
        **({"visits_a_day": _count(work["visits_a_day"])} if by_day else {"visits": _count(work["visits"])}),
    }


def _swap(summary: Told) -> str:
    swap = summary.get("swap") or summary.get("swap_with_past")
    if swap is None:
        return ""
    rows = [
        [both(name), _count(cell["applications"]), _share(cell["known_share"]), _interval(cell["bad_rate"]),
         _share(cell["expected_bad_rate"]), _money(cell["profit_cents"]), _money(cell["earned_cents"])]
        for name, cell in swap["cells"].items()
    ]  # fmt: skip
    header = ["", "applicants", "outcome_known", "bad_rate", "expected_bad_rate", "profit", "earned"]
    note = both("swap_rulebook" if "swap" in summary else "swap_past")
    return _section("swap", _table(header, rows, marks=["", "cost", "gain", ""]), note=note, wide=True)


def _missing(summary: Told, pictures: Mapping[Language, Mapping[str, str]]) -> str:
    needed = [loss["label"] for loss in summary["missing"] if loss["offers_lost_share"] >= ALL_LOST]
    better = [loss["label"] for loss in summary["missing"] if loss["better_off"] > 0]
    words = []
    if needed:
        words.append(_list_names("missing_all", needed, summary))
    if better:
        words.append(_list_names("missing_better", better, summary))
    body = _draw("missing", pictures) + "".join(f'<p class="small">{line}</p>' for line in words)
    return _section("missing", body, note=both("missing_note")) if body else ""


def _list_names(key: str, labels: Sequence[str], summary: Told) -> str:
    told = []
    for one, comma in zip(LANGUAGES, ("; ", "、"), strict=True):
        listed = html.escape(comma.join(name_of(summary, label, one) for label in labels))
        told.append(f'<span class="{one}">{say(key, one, count=str(len(labels)), labels=listed)}</span>')
    return "".join(told)


def _grey(summary: Told) -> str:
    zone = summary["grey_zone"]
    rows = [
        [both(f"zone_{name}"), _count(z["applications"]), _interval(z["bad_rate_all"]), _count(z["offered"]),
         _interval(z["bad_rate"]), _share(z["annual_rate_average"], 2), _money(z["earned_cents"])]
        for name, z in zone["zones"].items()
    ]  # fmt: skip
    header = ["", "applicants", "bad_rate_all", "offers", "bad_rate", "annual_rate", "earned"]
    equal, price = zone["equal_risk"], zone["price"]
    words = []
    if equal["extra_share"] is not None:
        counts = {name: _count(equal[name]) for name in ("with_cards", "rules_only", "from_grey")}
        words.append(both("grey_equal", line=_share(equal["bad_rate"]), extra=_share(equal["extra_share"]), **counts))
    if price["flat_rate"] is not None and price["good_rate"] is not None:
        good, bad, flat = (_share(price[name], 2) for name in ("good_rate", "bad_rate", "flat_rate"))
        words.append(both("grey_price", good=good, bad=bad, flat=flat, saved=_money(price["saved_cents_a_year"])))
    body = _table(header, rows) + "".join(f"<p>{line}</p>" for line in words)
    return _section("grey", body, note=both("grey_note"), wide=True)


def _parts(summary: Told) -> str:
    rows = [
        [both(f"part_{name}"), _count(f["offered"]), _interval(f["outcome"]["bad_rate"]), _money(f["profit_cents"]),
         _money(f["outcome"]["earned_cents"]), _count(f["workload"]["minutes"] / 60)]
        for name, f in summary["parts"].items()
    ]  # fmt: skip
    sample = summary["sample"]
    note = both("parts_note", rows=f"{sample['rows']:,}", on=sample["on"])
    table = _table(["", "offers", "bad_rate", "profit", "earned", "hours"], rows)
    return _section("parts", table, note=note, wide=True)


def _proposal(summary: Told, pictures: Mapping[Language, Mapping[str, str]]) -> str:
    found = summary.get("proposal")
    if not found:
        return ""
    columns = {"today_held_out": "today", "held_out": "proposed", "found_on": "proposed_where_sought"}
    rows = [
        [both(key), _count(t["loans"]), _share(t["bad_rate"], 2), _share(t["bad_rate_machine"], 2),
         f"{t['calls_per_day']:.1f}", f"{t['visits_per_day']:.1f}",
         _money(t["amount_cents"]), _money(t["profit_cents"])]
        for key, t in ((key, found[name]) for name, key in columns.items())
    ]  # fmt: skip
    header = ["", "loans", "bad_rate", "bad_rate_machine", "calls_a_day", "visits_a_day", "lent", "profit"]
    limits = ", ".join(f"{name} ≤ {most:g}" for name, most in found["limits"].items())
    words = [both("proposal_limits", limits=limits)]
    words.append(both("proposal_proven" if found["is_proven"] else "proposal_unproven"))
    broken = [name for name, holds in found["kept"].items() if not holds]
    if broken:
        words.append(both("proposal_broken", listed=", ".join(broken)))
    body = "".join(f"<p>{line}</p>" for line in words) + _table(header, rows)
    body += f"<pre>{html.escape(found['table'])}</pre>"
    if "frontier" in pictures["en"]:
        body += _draw("frontier", pictures)
    return _section("proposal", body, note=both("proposal_note"), wide=True)


def _said(summary: Told) -> str:
    """What these figures do not know."""
    outcome = summary["figures"]["outcome"]
    lines = [both("said_known", known=_share(outcome["known_share"])), both("said_people")]
    lines.append(both("said_profit" if summary["figures"]["profit_cents"] is not None else "said_no_costs"))
    lines.append(both("said_twins", count=f"{summary['twins']:,}"))
    if summary.get("conditions"):
        lines.insert(0, both("said_conditions", listed=", ".join(summary["conditions"])))
    if summary.get("proposal"):
        assumed = summary["proposal"]["assumptions"]
        named = ("found_by_call", "found_by_visit", "lost_by_call", "lost_by_visit")
        lines.append(both("said_cutoffs", **{name: _share(assumed[name], 0) for name in named}))
    items = "".join(f"<li>{line}</li>" for line in lines)
    return _section("soberly", f"<ul>{items}</ul>", wide=True)
