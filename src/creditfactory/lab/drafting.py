"""A card drawn anew by hand, as a folder of its own: who drew it, why, and what is not known of it yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import creditfactory
from creditfactory.kernel import BadInput
from creditfactory.lab.artefact import FINDINGS, draw_golden
from creditfactory.lab.fine import FINE, Fine, FineQuestion, write_fine
from creditfactory.lab.folder import CardFolder
from creditfactory.lab.manifest import APPROVAL, MANIFEST
from creditfactory.lab.tuning import Tuned, redraw_card

WHY_MIN = 10
"""A reason of fewer characters is none."""
KEPT = ("features.json",)
"""What the new folder takes over as it is."""


def draw_draft(
    card: Mapping[str, Any],
    files: Mapping[str, bytes],
    fine: Fine,
    tuned: Tuned,
    *,
    version: str,
    by: str,
    on: date,
    why: str,
) -> dict[str, bytes]:
    """The files of the new version's folder; the folder it comes from stays as it is.

    Raises :class:`BadInput` where nothing was changed or nobody says why.
    """
    why = " ".join(why.split())
    if len(why) < WHY_MIN:
        raise BadInput(place="why", found=repr(why), expected=f"a reason in at least {WHY_MIN} characters")
    if not tuned.is_changed:
        raise BadInput(place="classes", found="the card's own", expected="classes drawn otherwise")
    note = {"by": by, "on": on.isoformat(), "why": why[:2000]}
    drawn = redraw_card(card, fine, tuned, version=version, note=note)
    folder = {
        "card.json": _write(drawn),
        "golden.json": _write({"applicants": draw_golden(drawn)}),
        "model_card.md": _tell(card, files, tuned, version, note).encode(),
        FINE: write_fine(_follow(fine, tuned, version)),
        **{name: files[name] for name in KEPT if name in files},
    }
    folder[FINDINGS] = _write(_follow_findings(card, files, drawn))
    folder[MANIFEST] = _write({
        "card": drawn["name"], "version": version, "made_by": f"creditfactory {creditfactory.__version__}",
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in sorted(folder.items())},
        "parent": {"version": card["version"], "card_sha256": hashlib.sha256(files["card.json"]).hexdigest()},
        "drawn_by_hand": {"label": tuned.label, **note}, "approval": APPROVAL,
    })  # fmt: skip
    return folder


def _follow_findings(card: Mapping[str, Any], files: Mapping[str, bytes], drawn: Mapping[str, Any]) -> dict[str, Any]:
    """What was left out stays left out, every hand that drew is remembered; figures of the version before go."""
    before = CardFolder(str(card["version"]), files).findings
    own = card.get("sample", {}).get("drawn_by_hand")
    hands = before.get("by_hand", [own] if own else [])
    left = {"left_out": before["left_out"]} if "left_out" in before else {}
    return {**left, "by_hand": [*hands, drawn["sample"]["drawn_by_hand"]]}


def _follow(fine: Fine, tuned: Tuned, version: str) -> Fine:
    """The fine counts of the new version: of the question drawn anew the rest of the card is still what it was."""
    questions: dict[str, FineQuestion] = dict(fine.questions)
    own = questions[tuned.label]
    units = replace(own.units, shape=tuned.shape)
    questions[tuned.label] = replace(own, units=units, rest_of=version)
    return replace(fine, questions=questions)


def _tell(
    card: Mapping[str, Any], files: Mapping[str, bytes], tuned: Tuned, version: str, note: Mapping[str, str]
) -> str:
    before, now = tuned.before, tuned.now
    lines = [
        f"# Card `{card['name']}` {version}",
        "",
        f"Drawn by hand from {card['version']} by {note['by']} on {note['on']}: the classes of `{tuned.label}`.",
        "",
        f"- **Why:** {note['why']}",
        f"- **Classes:** {', '.join(one.name for one in tuned.classes)} (shape: {tuned.shape})",
        f"- **Information value:** {before.iv:.4f} before, {now.iv:.4f} now",
        f"- **Divergence on the training sample:** {before.card_divergence:.4f} before, {now.card_divergence:.4f} now",
        "",
        f"Not judged yet: no figure of a holdout stands for this version; its chances are those of {card['version']}.",
        "Judge it with `cards validate` before it is proposed.",
    ]
    former = files.get("model_card.md", b"").decode("utf-8", errors="replace").strip()
    return "\n".join(lines) + (f"\n\n---\n\nWhat was said of {card['version']}:\n\n{former}\n" if former else "\n")


def _write(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
