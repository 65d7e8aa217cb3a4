"""A rulebook's own examples: only the facts that matter, and what must come of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from creditfactory.decision import Book, Rulebook, decide
from creditfactory.gateways.dossier_json import read_dossier
from creditfactory.gateways.rulebook.files import read_day, read_yaml
from creditfactory.gateways.rulebook.loading import Pack
from creditfactory.kernel import BadInput, CreditFactoryError, Scalar
from creditfactory.rules import SEVERITY, Consequence, refuse, refuse_name
from creditfactory.scoring import score_cards

KEYS = {"name", "as_of", "like", "labels", "without", "dossier", "expect"}
LABEL_EXPECTS = {"verdict", "lane", "reasons", "rules", "points", "values", "tables"}
LANES: dict[Consequence, str] = {"none": "A", "lane_b": "B", "lane_c": "C", "refer": "C", "decline": "decline"}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case and how it differs from what was expected; no difference is a pass."""

    place: str
    name: str
    differences: tuple[str, ...]


def run_cases(pack: Pack, rulebook: Rulebook) -> tuple[CaseResult, ...]:
    """Every case of a pack, run on the rulebook of its day; a case that cannot be run differs by its fault."""
    results = []
    bases = {p.removeprefix("cases/like/").removesuffix(".yaml"): p for p in pack.files if p.startswith("cases/like/")}
    for place in sorted(pack.files):
        if not place.startswith("cases/") or place.startswith("cases/like/") or not place.endswith(".yaml"):
            continue
        raw = pack.attempt(partial(read_yaml, pack.files[place], place))
        if raw is None:
            continue
        listed = raw["cases"] if isinstance(raw.get("cases"), list) else [raw]
        for number, case in enumerate(listed, start=1):
            where = f"{place}: cases[{number}]" if "cases" in raw else place
            results.append(_run_case(case, where, pack, bases, rulebook))
    return tuple(results)


def _run_case(case: Any, place: str, pack: Pack, bases: Mapping[str, str], rulebook: Rulebook) -> CaseResult:
    name = str(case.get("name", place)) if isinstance(case, dict) else place
    try:
        case = _complete(case, place, pack, bases)
        book = rulebook.at(read_day(case.get("as_of"), f"{place}.as_of"))
        found = _decide(case, book, place) if "dossier" in case else _judge(case, book, place)
        return CaseResult(place, name, tuple(_compare(case["expect"], found)))
    except CreditFactoryError as fault:
        return CaseResult(place, name, (str(fault),))


def _complete(case: Any, place: str, pack: Pack, bases: Mapping[str, str]) -> dict[str, Any]:
    """The case with the facts of the one it is like beneath its own, and without those it takes away."""
    if not isinstance(case, dict) or not isinstance(case.get("expect"), dict):
        refuse(place, repr(case), "name, as_of, labels or dossier, and expect")
    unknown = set(case) - KEYS
    if unknown:
        refuse(place, repr(min(unknown, key=str)), f"only {', '.join(sorted(KEYS))}")
    if "like" in case:
        if case["like"] not in bases:
            refuse_name(f"{place}.like", str(case["like"]), bases, "a file in cases/like")
        base = read_yaml(pack.files[bases[case["like"]]], bases[case["like"]])
        case = {
            **base,
            **case,
            **{k: _join(base.get(k, {}), case.get(k, {})) for k in ("labels", "dossier") if k in base},
        }
    for path in case.get("without", []):
        part: Any = case.get("dossier", case.get("labels"))
        *parents, last = str(path).split(".")
        for step in parents:
            part = part.get(step) if isinstance(part, dict) else None
        if not isinstance(part, dict) or last not in part:
            refuse(f"{place}.without", repr(path), "a fact that the case has")
        del part[last]
    return dict(case)


def _join(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: _join(base.get(key), over[key]) if key in over else _copy(base[key]) for key in {**base, **over}}
    return over


def _copy(value: Any) -> Any:
    return {key: _copy(part) for key, part in value.items()} if isinstance(value, dict) else value


def _judge(case: Mapping[str, Any], book: Book, place: str) -> dict[str, Any]:
    """What the rules and cards say of labels given by hand."""
    labels: dict[str, Scalar] = case.get("labels", {})
    for name in labels:
        if name not in book.declarations:
            refuse_name(f"{place}.labels", str(name), book.declarations, "a declared label")
    _check_expects(case["expect"], LABEL_EXPECTS, place)
    verdicts = book.policy.judge(labels)
    consequences: list[Consequence] = [v.consequence for v in verdicts]
    gravest: Consequence = max(consequences, key=SEVERITY.__getitem__, default="none")
    scores = score_cards(book.cards, labels)
    found: dict[str, Any] = {
        "verdict": gravest if gravest in ("refer", "decline") else "pass",
        "lane": LANES[gravest],
        "reasons": [v.reason.code for v in verdicts if v.reason is not None],
        "rules": {v.rule: v.verdict for v in verdicts},
        "points": {name: answer.points for name, answer in scores.cards.items()},
        "values": book.policy.values(book.policy.run(labels)),
    }
    found["tables"] = {
        name: dict(table.look_up({**labels, **found["values"]}).outputs) for name, table in book.tables.items()
    }
    return found


def _check_expects(expect: Mapping[str, Any], known: set[str], place: str) -> None:
    for key in expect:
        if key not in known:
            refuse_name(f"{place}.expect", str(key), known, f"one of {', '.join(sorted(known))}")


def _decide(case: Mapping[str, Any], book: Book, place: str) -> dict[str, Any]:
    """What the whole machine part decides on a dossier."""
    try:
        dossier = read_dossier(case["dossier"])
    except BadInput as fault:
        raise BadInput(place=f"{place}.dossier.{fault.place}", found=fault.found, expected=fault.expected) from None
    as_of = max(datetime.combine(book.on, time(23, 59, 59), UTC), dossier.applied_at)
    decided = decide(dossier, book, as_of=as_of)
    found: dict[str, Any] = {}
    for key in case["expect"]:
        value: Any = decided
        for step in str(key).split("."):
            value = value.get(step, _ABSENT) if isinstance(value, Mapping) else getattr(value, step, _ABSENT)
        if value is _ABSENT and key not in ("rules", "points"):
            refuse(f"{place}.expect", repr(key), "a part of the decision, such as verdict, lane or limit.amount_cents")
        found[key] = value
    found["reasons"] = [reason.code for reason in decided.reasons]
    found["rules"] = {v.rule: v.verdict for v in decided.policy.verdicts}
    found["points"] = {name: answer.points for name, answer in decided.scores.cards.items()}
    return found


_ABSENT = object()


def _compare(expect: Mapping[str, Any], found: Mapping[str, Any], under: str = "") -> list[str]:
    """How what was found differs from what was expected, part by part; of reasons, those expected must be there."""
    differences = []
    for key, wanted in expect.items():
        got = found.get(key, _ABSENT)
        if got is _ABSENT:
            differences.append(f"{under}{key} is not there, expected {wanted}")
        elif key == "reasons" and not under:
            if any(code not in got for code in wanted) or (got and not wanted):
                differences.append(f"reasons are {', '.join(got) or 'none'}, expected {', '.join(wanted) or 'none'}")
        elif isinstance(wanted, dict) and isinstance(got, Mapping):
            differences += _compare(wanted, got, f"{under}{key}.")
        elif _plain(got) != wanted:
            differences.append(f"{under}{key} is {_plain(got)}, expected {wanted}")
    return differences


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return str(value)
    return value if isinstance(value, str | int | float | bool | list | dict) or value is None else str(value)
