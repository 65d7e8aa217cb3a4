"""The lab's only output: a folder that a person can read, check and sign: card, model card, golden applicants."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from creditfactory import scoring
from creditfactory.kernel import BadInput, Scalar
from creditfactory.lab.cards import BuiltCard
from creditfactory.lab.counts import write_counts, write_months
from creditfactory.lab.features import Feature, describe_column
from creditfactory.lab.fine import FINE, write_fine
from creditfactory.lab.forms import CARD_FILE, read_formed
from creditfactory.lab.judging import Judgement
from creditfactory.lab.learnt import write_learnt
from creditfactory.lab.loss import tell_losses
from creditfactory.lab.manifest import write_manifest
from creditfactory.lab.watching import write_reference

GOLDEN_ROWS = 200
FEATURES = "features.json"
SCORES = "scores.json"
FINDINGS = "findings.json"


def write_card(built: BuiltCard, out: Path, *, anew: bool = False) -> None:
    """Write the card with all that stands beside it, and the manifest over them, as a new folder, whole or not at all.

    A folder that holds something already is refused; ``anew`` puts the new one in its place.
    """
    with whole_folder(out, anew=anew) as place:
        _write_json(place / "card.json", built.card)
        _write_json(place / "golden.json", {"applicants": draw_golden(built.card, seed=built.plan.seed)})
        _write_json(place / FEATURES, {"features": tell_features(built.card, built.plan.features)})
        _write_json(place / SCORES, {name: told.as_json() for name, told in built.scores.items()}, indent=None)
        _write_json(place / FINDINGS, tell_findings(built))
        (place / "model_card.md").write_text(write_model_card(built), encoding="utf-8")
        write_counts(place, built.counts)
        if built.reference is not None:
            write_reference(place, built.reference)
        if built.learnt is not None:
            write_learnt(place, built.learnt)
        if built.months:
            write_months(place, built.months)
        (place / FINE).write_bytes(write_fine(built.fine))
        write_manifest(built, place)


@contextmanager
def whole_folder(out: Path, *, anew: bool = False) -> Iterator[Path]:
    """A folder to write into that gets its name once all is written: whoever stops half-way leaves nothing behind.

    Of two who write the same folder at once the first has it, and the other is told.
    """
    try:
        check_new_folder(out, anew=anew)
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as room:
            fresh = Path(room) / "new"
            fresh.mkdir()
            yield fresh
            if anew and out.exists():
                out.rename(Path(room) / "old")
            fresh.rename(out)
    except OSError as failure:
        if failure.errno in (errno.ENOTEMPTY, errno.EEXIST):
            check_new_folder(out)
        found = failure.strerror or type(failure).__name__
        raise BadInput(place=str(out), found=found, expected="a folder to write the card into") from failure


def check_new_folder(out: Path, *, anew: bool = False) -> None:
    """Refuse a place that holds something already: what somebody may have signed is not written over."""
    if out.exists() and not out.is_dir():
        raise BadInput(place=str(out), found="a file", expected="a folder to write the card into")
    if not anew and out.is_dir() and any(out.iterdir()):
        raise BadInput(place=str(out), found="a folder that is there already", expected="a new folder")


def read_card_json(path: Path) -> dict[str, Any]:
    """The JSON of a card, by its folder or its file."""
    file = path / "card.json" if path.is_dir() else path
    if not file.is_file():
        raise BadInput(place=str(file), found="no such file", expected="a card's folder with card.json in it")
    card: dict[str, Any] = read_formed(file.read_bytes(), CARD_FILE, place=str(file))
    scoring.read_card(card, place=str(file))
    return card


def draw_golden(card: Mapping[str, Any], *, seed: int = 0, count: int = GOLDEN_ROWS) -> list[dict[str, Any]]:
    """Made-up applicants with the points any reader of the card must reach: every class, edge, gap and unknown word.

    They are drawn from the card's classes, never from the people it was built on.
    """
    chance = np.random.default_rng(seed)
    tries = {c["label"]: _values_to_try(c) for c in card["characteristics"]}
    longest = max(len(values) for values in tries.values())
    read = scoring.read_card(card)
    golden = []
    for row in range(max(count, longest)):
        labels: dict[str, Scalar] = {}
        for label, values in tries.items():
            labels[label] = values[row] if row < len(values) else values[int(chance.integers(len(values)))]
        answer = scoring.score(read, labels)
        assert answer.points is not None and answer.probability is not None
        golden.append({"labels": labels, "points": answer.points, "probability": round(answer.probability, 12)})
    return golden


def tell_features(card: Mapping[str, Any], features: Mapping[str, Feature]) -> list[dict[str, Any]]:
    """What each characteristic of the card means, in its order; of one that nobody described, only what is known."""
    asked = [c["label"] for c in card["characteristics"]]
    return [(features.get(label) or describe_column(label)).as_json() for label in asked]


def tell_findings(built: BuiltCard) -> dict[str, Any]:
    """What only the making of a card could find: left out and why, doubts, AUC without each question, later periods."""
    return {
        "left_out": {name: why.as_json() for name, why in sorted(built.left_out.items())},
        "warnings": [alarm.as_json() for alarm in built.warnings],
        "without": {label: dict(told) for label, told in built.without.items()},
        "periods": [dict(row) for row in built.periods],
    }


def _tell_each(told: str | Mapping[str, str]) -> list[str]:
    """A text in each language it stands in, English first."""
    return [told] if isinstance(told, str) else [told[language] for language in ("en", "zh") if language in told]


def write_model_card(built: BuiltCard) -> str:
    """The model card: what the card is for, what it was built on, how good it is, and where it ends."""
    plan, sample, scale = built.plan, built.card["sample"], built.plan.scale
    span = f"approved {sample['from']} to {sample['to']}" if sample["from"] else "without a time column"
    losses = built.card["performance"].get("losses")
    outcome, who, worse = (
        ("share lost", "defaulted loans", "with a loss") if losses else ("1 = bad", "applicants", "bad")
    )
    lines = [
        f"# Card `{plan.name}` {plan.version}",
        "",
        *(
            line
            for told in _tell_each(plan.purpose or f"Points for the chance of `{plan.target}`.")
            for line in (told, "")
        ),
        f"- **Owner:** {plan.owner}",
        f"- **Target:** `{plan.target}` ({outcome}); **method:** {plan.method} on weight of evidence, whole points",
        f"- **Scale:** {scale.base_points:g} points at {scale.base_odds:g}:1 good to bad, {scale.pdo:g} double them",
        f"- **Built on:** {sample['rows']:,} {who}, {sample['bads']:,} {worse}, {span}",
    ]
    if plan.known_by:
        lines.append(f"- **Outcomes known by:** {plan.known_by.isoformat()}; nothing later was used")
    if plan.weight:
        lines.append(
            f"- **Weights:** `{plan.weight}` is the sampling weight: it restores the population in every count, "
            "fit and figure, and is no characteristic"
        )
    lines += [f"- **Data:** sha256 `{sample['data_sha256'] or 'not recorded'}`", "", "## How good it is", ""]
    lines += tell_losses(losses) if losses else _performance_table(built.train, built.holdout)
    lines += ["", "## What it asks", "", "| label | information value | classes | points from | to | missing |"]
    lines.append("|---|---|---|---|---|---|")
    for c in built.card["characteristics"]:
        points = [b["points"] for b in c["bins"]]
        lines.append(
            f"| `{c['label']}` | {c['iv']:.3f} | {len(points)} | {min(points)} | {max(points)} "
            f"| {c['missing']['points'] if c['missing'] else 'stops the card'} |"
        )
    lines += ["", "A class that too few applicants ever fell into takes the least favourable points of its question."]
    lines += _tell_codes_and_joins(built)
    if plan.rules.unknown == "never_better":
        lines += ["An answer left open earns at most what the average answer earns."]
    elif plan.rules.unknown == "least":
        lines += ["An answer left open earns what the least favourable class earns."]
    if built.left_out:
        lines += ["", "## What it does not ask, and why", ""]
        lines += [f"- `{name}`: {why} · {why.chinese}" for name, why in sorted(built.left_out.items())]
    lines += ["", "## Limits", ""]
    limits = [_tell_each(limit) for limit in (*plan.limits, *(alarm.says.as_json() for alarm in built.warnings))]
    lines += [f"- {told}" for limit in limits for told in limit[:1]] or ["- none stated"]
    lines += [f"- {told}" for limit in limits for told in limit[1:]]
    return "\n".join(lines) + "\n"


def _tell_codes_and_joins(built: BuiltCard) -> list[str]:
    """Numbers that count as codes, and classes that were joined because they did not keep by month."""
    asked = built.card["characteristics"]
    lines = []
    for c in asked:
        told = [f"{', '.join(map(str, one['values']))} ({one['points']} points)" for one in c.get("special", ())]
        lines += ["", f"Codes, not amounts, in `{c['label']}`: {'; '.join(told)}."] if told else []
    rule = built.plan.rules.steadiness
    if rule is not None:
        joined = [
            f"`{c['label']}` {c['steadied']['joins']} (information value -{c['steadied']['iv_price']:.4f})"
            for c in asked
            if "steadied" in c
        ]
        says = (
            f"Classes joined because in more than {rule.months_max:.0%} of the months (years where there are many) two "
            f"of them changed places, or one's part of the PSI was above {rule.shift_max:g}: "
            f"{', '.join(joined) or 'none'}."
        )
        lines += ["", says]
    return lines


def _performance_table(train: Judgement, holdout: Judgement | None) -> list[str]:
    lines = ["| sample | rows | bad | AUC | KS | Gini | divergence | PSI | expected bad | observed bad | slope |"]
    lines.append("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, j in (("train", train), ("holdout", holdout)):
        if j is not None:
            c = j.calibration
            lines.append(
                f"| {name} | {j.rows:,} | {j.bads:,} | {j.auc:.3f} | {j.ks:.3f} | {j.gini:.3f} | {j.divergence:.3f} "
                f"| {j.psi:.4f} | {c.expected:.3%} | {c.observed:.3%} | {c.slope:.2f} |"
            )
    return lines


def _values_to_try(characteristic: Mapping[str, Any]) -> list[Scalar]:
    tries = _list_tries(characteristic)
    may_miss = characteristic.get("missing") is not None
    return tries if may_miss else [value for value in tries if value is not None]


def _list_tries(characteristic: Mapping[str, Any]) -> list[Scalar]:
    if characteristic["type"] == "word":
        words = [word for b in characteristic["bins"] for word in b["words"]]
        return [*words, None, "a word never seen"]
    cuts = [b["to"] for b in characteristic["bins"][:-1]]
    codes = [value for one in characteristic.get("special", ()) for value in one["values"]]
    if not cuts:
        return [*codes, 0, None]
    step = 1 if all(isinstance(c, int) for c in cuts) else 0.001
    beside = [x for c in cuts for x in (c - step if step == 1 else round(c - step, 6), c)]
    lowest = 0 if cuts[0] > 0 else cuts[0] - 10 * step
    return [*codes, lowest, *beside, cuts[-1] + 10 * step, None]


def _write_json(path: Path, content: Any, *, indent: int | None = 1) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=indent, allow_nan=False) + "\n", encoding="utf-8")
