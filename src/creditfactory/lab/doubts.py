"""What to look at twice in a card just built: columns that know too much, and a holdout that does not bear it out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from creditfactory.lab.binning import Classes
from creditfactory.lab.curves import ScoreCounts, tell_certainty
from creditfactory.lab.judging import Judgement
from creditfactory.lab.leakage import Alarm, find_leaks
from creditfactory.lab.sample import Sample
from creditfactory.lab.saying import say

WHOLE_MAX = 0.95
"""An AUC that a card of honest answers does not reach."""
FALL_MAX = 0.05
"""AUC that a card may lose from the sample it was built on to the holdout."""
HELD_BADS_MIN = 30
SHIFT_MAX = 0.25
NAMED = 3


def find_doubts(
    train: Sample, classes: Sequence[Classes], on_train: Judgement, on_holdout: Judgement | None,
    scores: Mapping[str, ScoreCounts],
) -> list[Alarm]:  # fmt: skip
    """Every doubt about a card of these classes, the grave first.

    Grave are: a column too good, rewritten or left open on one side; a card too good as a whole; a holdout on which the
    card does not rank, or ranks far worse than where it learnt, beyond chance.
    """
    asked = replace(train, kinds={c.label: train.kinds[c.label] for c in classes})
    strongest = ", ".join(c.label for c in sorted(classes, key=lambda c: -c.evidence.iv)[:NAMED])
    whole = [_find_whole(on_train, on_holdout, strongest)]
    if on_holdout is not None:
        whole += [_find_fall(on_train, on_holdout, scores), _find_few(on_holdout), _find_shift(on_holdout)]
    alarms = [*find_leaks(asked), *(alarm for alarm in whole if alarm is not None)]
    return sorted(alarms, key=lambda a: not a.is_grave)


def _find_whole(on_train: Judgement, on_holdout: Judgement | None, strongest: str) -> Alarm | None:
    best = max(on_train.auc, 0.0 if on_holdout is None else on_holdout.auc)
    if best <= WHOLE_MAX:
        return None
    says = say("the card as a whole reaches AUC {auc:.3f}, more than honest answers can: find out what its strongest "
               "characteristics knew and when ({labels})", auc=best, labels=strongest)  # fmt: skip
    return Alarm("", "card too good", is_grave=True, says=says)


def _find_fall(on_train: Judgement, on_holdout: Judgement, scores: Mapping[str, ScoreCounts]) -> Alarm | None:
    """Whether the holdout's AUC is below a half, or below that of the training rows by more than it may be."""
    if on_holdout.auc < 0.5:
        says = say("on the holdout the card ranks the wrong way round: AUC {auc:.3f}, where {then:.3f} was reached on "
                   "what it learnt from", auc=on_holdout.auc, then=on_train.auc)  # fmt: skip
        return Alarm("", "holdout reversed", is_grave=True, says=says)
    fall = on_train.auc - on_holdout.auc
    if fall <= FALL_MAX:
        return None
    spans = [tell_certainty(scores[name])["auc"] for name in ("train", "holdout")]
    chance = math.hypot(*((span.high - span.low) / 2 for span in spans))
    is_beyond = fall > chance
    facts = {"fall": fall, "then": on_train.auc, "now": on_holdout.auc, "chance": chance}
    if is_beyond:
        says = say("AUC falls by {fall:.3f} on the holdout, from {then:.3f} to {now:.3f}; chance explains up to "
                   "{chance:.3f}: the card does not keep what it learnt", **facts)  # fmt: skip
    else:
        says = say("AUC falls by {fall:.3f} on the holdout, from {then:.3f} to {now:.3f}; chance alone may explain it "
                   "(up to {chance:.3f}), the holdout is small", **facts)  # fmt: skip
    return Alarm("", "holdout fall", is_grave=is_beyond, says=says)


def _find_few(on_holdout: Judgement) -> Alarm | None:
    few = min(on_holdout.bads, on_holdout.rows - on_holdout.bads)
    if few >= HELD_BADS_MIN:
        return None
    says = say("only {bads} bad among {rows} held out: the figures of the holdout say little", bads=on_holdout.bads,
               rows=on_holdout.rows)  # fmt: skip
    return Alarm("", "holdout few", is_grave=False, says=says)


def _find_shift(on_holdout: Judgement) -> Alarm | None:
    if on_holdout.psi < SHIFT_MAX:
        return None
    says = say("points of the holdout are spread otherwise than where the card learnt: PSI {psi:.3f}, where {most:g} "
               "is the line to explain it", psi=on_holdout.psi, most=SHIFT_MAX)  # fmt: skip
    return Alarm("", "holdout shift", is_grave=False, says=says)
