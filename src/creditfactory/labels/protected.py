"""What must never decide: sex, ethnicity, marriage, religion. Declared, so that a rulebook that reads one is refused.

These labels have no reader: no dossier holds them, no snapshot carries them. They live in the audit vault alone, where
fairness is tested after the fact (docs/sources.md#privacy). A historical pack may name one to be replayed, never live.
"""

from __future__ import annotations

from collections.abc import Mapping

from creditfactory.labels.label import Label, LabelType

_PACKS = ("cn-micro", "us-sba")


def _protect(name: str, type: LabelType, unit: str, en: str, zh: str) -> Label:
    return Label(
        name=name,
        type=type,
        unit=unit,
        meaning={"en": en, "zh": zh},
        source="audit_vault",
        packs=_PACKS,
        is_protected=True,
        family="protected",
        owner="compliance",
        legal_basis="audit_only",
        sensitivity="sensitive",
    )


PROTECTED: Mapping[str, Label] = {
    label.name: label
    for label in (
        _protect("is_female", "bool", "yes or no", "The applicant is a woman", "申请人为女性"),
        _protect("ethnicity", "str", "word", "The applicant's ethnicity", "申请人民族"),
        _protect("marital_status", "str", "word", "Whether the applicant is married", "申请人婚姻状况"),
        _protect("religion", "str", "word", "The applicant's religion", "申请人宗教信仰"),
    )
}
"""The protected labels by name; none of them is ever among an applicant's facts."""
