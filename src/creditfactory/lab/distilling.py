"""A challenger teaches a card: points fitted on what the challenger foretells instead of on bare outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from creditfactory.kernel import BadInput
from creditfactory.lab.cards import CardPlan
from creditfactory.lab.challengers import CardModel, fit_card, with_chances
from creditfactory.lab.fitting import calibrate
from creditfactory.lab.judging import Points, measure_auc
from creditfactory.lab.sample import Flags, Floats, Sample


@dataclass(frozen=True, slots=True)
class DistillingLoss:
    """What was lost on the way: AUC of teacher and card on the same applicants, and how alike their points lie (R²)."""

    teacher_auc: float
    card_auc: float
    alike: float

    @property
    def lost(self) -> float:
        """AUC that the card could not take over."""
        return self.teacher_auc - self.card_auc

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded."""
        told = {"teacher_auc": self.teacher_auc, "card_auc": self.card_auc, "lost": self.lost, "alike": self.alike}
        return {name: round(value, 5) for name, value in told.items()}


def distil(chance: Floats, train: Sample, plan: CardPlan, *, school: str = "divergence") -> CardModel:
    """A card that foretells what the challenger foretold: each applicant is bad by its chance, good by the rest.

    Hand in chances foretold for rows the challenger had not seen (out of fold): what it learnt by heart is no lesson.
    The level is then set on the outcomes that came, so the card is calibrated to the truth and not to its teacher.
    """
    if len(chance) != train.rows or not np.isfinite(chance).all() or chance.min() < 0 or chance.max() > 1:
        raise BadInput(place="chances of the challenger", found="others", expected="one from 0 to 1 for each row")
    soft = fit_card(school, with_chances(train, chance), plan)
    return CardModel(f"distilled_{school}", calibrate(soft.fitted, train, plan.scale), soft.left_out)


def measure_loss(teacher: Points, card: Points, bad: Flags, weight: Floats) -> DistillingLoss:
    """How much of the teacher the card took over, on applicants that neither has seen."""
    one, other = teacher.astype(np.float64), card.astype(np.float64)
    one, other = one - np.average(one, weights=weight), other - np.average(other, weights=weight)
    both = float(np.average(one * other, weights=weight)) ** 2
    spread = float(np.average(one**2, weights=weight) * np.average(other**2, weights=weight))
    return DistillingLoss(
        measure_auc(teacher, bad, weight), measure_auc(card, bad, weight), both / spread if spread else 0.0
    )
