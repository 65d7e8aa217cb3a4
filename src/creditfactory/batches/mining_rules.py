"""A pattern written as a rule for the rulebook: its lines, its rule, its words and its cases, for people to judge."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import PurePosixPath

import yaml

from creditfactory.network import Condition, Pattern

OWNER = "fraud-team"
REVIEW_DAYS = 180
PRECEDENCE = 279
FOLDER = PurePosixPath("policy/network")
WHY_CLEAR = "Only what is seen around an applicant speaks here; other rules refer whoever nobody looked around"


def write_rule(pattern: Pattern, *, on: date, reasons: str) -> dict[str, str]:
    """The files by their place in the rulebook; the rule refers to a person, and never declines by itself.

    ``reasons`` is the pack's own list of reasons, to which the rule's is added.
    """
    name = pattern.code
    code = "POL-NET-" + name.removeprefix("pattern_").upper()
    lines = [f"{name}_line_{number}" for number, _ in enumerate(pattern.conditions, start=1)]
    low, high = (f"{share:.0%}" for share in pattern.held.interval)
    title = (
        f"Mining of {on.isoformat()}, {name}: {pattern.held.bads} bad of {pattern.held.hits} in the newer half"
        f" ({low} to {high}), {pattern.held.lift:.1f} times the base; {pattern.new_bads} that no rule stopped"
    )
    shared = {
        "reference": {on: {"title": title, "href": "docs/sources.md#network-rings"}},
        "review_by": on + timedelta(days=REVIEW_DAYS),
    }
    when = " and ".join(
        ["has_network_view"]
        + [
            f"{c.name} {'>=' if c.way == 'at_least' else '<='} {line}"
            for c, line in zip(pattern.conditions, lines, strict=True)
        ]
    )
    rule = {
        "kind": "rule",
        "description": {
            "en": f"Not as in {name}: {pattern.tell('en')}",
            "zh": f"未命中挖掘规律 {name}:{pattern.tell('zh')}",
        },
        "owner": OWNER,
        "values": {on: {"when": when, "then": "refer", "missing": "clear", "why": WHY_CLEAR, "reason": code}},
        **shared,
    }
    files = {str(FOLDER / f"{name}.yaml"): _dump(rule)}
    for line, condition in zip(lines, pattern.conditions, strict=True):
        parameter = {
            "description": {"en": condition.tell("en"), "zh": condition.tell("zh")}, "unit": "count", "owner": OWNER,
            "values": {on: condition.value}, **shared,
        }  # fmt: skip
        files[str(FOLDER / f"{line}.yaml")] = _dump(parameter)
    files["reasons.yaml"] = (
        reasons.rstrip("\n") + ("\n" if reasons.strip() else "") + _dump({code: _write_reason(pattern)})
    )
    files[f"cases/{name}.yaml"] = _dump(_write_cases(pattern, on, code))
    return files


def _write_reason(pattern: Pattern) -> dict[str, object]:
    return {
        "precedence": PRECEDENCE,
        "borrower": {"en": "Your application needs a closer look by a person.", "zh": "您的申请需要人工进一步审核。"},
        "staff": {
            "en": f"Surroundings as of past bad ones: {pattern.tell('en')}",
            "zh": f"关联情况与过往坏账相似:{pattern.tell('zh')}",
        },
    }


def _write_cases(pattern: Pattern, on: date, code: str) -> dict[str, object]:
    """At the line it hits; a step off any one line, and where nothing is known, it does not."""
    at = {condition.name: condition.value for condition in pattern.conditions}
    rows: list[dict[str, object]] = [
        {"labels": {}, "expect": {"rules": {pattern.code: ["hit", "refer"]}, "reasons": [code]}}
    ]
    for condition in pattern.conditions:
        rows.append({"labels": {condition.name: _step_off(condition)}, "expect": {"rules": {pattern.code: "clear"}}})
        rows.append({"labels": {condition.name: None}, "expect": {"rules": {pattern.code: ["missing", "none"]}}})
    case = {"name": f"{pattern.code} hits on its lines and not beside them", "like": "sound_owner", "as_of": on}
    return {"cases": [{**case, "labels": at, "rows": rows}]}


def _step_off(condition: Condition) -> int:
    return condition.value - 1 if condition.way == "at_least" else condition.value + 1


def _dump(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1_000)
