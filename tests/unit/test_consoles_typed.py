"""What a person types into a fact's field is read as it was shown, and nothing else passes for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditfactory import labels
from creditfactory.consoles.typed import UNKNOWN, read_typed, show_typed
from creditfactory.kernel import BadInput, Scalar

NUMBERS = sorted(name for name, label in labels.CATALOGUE.items() if label.type == "int")


@given(st.sampled_from(NUMBERS), st.integers(0, 10**6))
def test_a_number_is_read_as_it_was_shown(name: str, drawn: int) -> None:
    label = labels.CATALOGUE[name]
    low, high = int(label.minimum or 0), int(label.maximum or 0)
    value = low + drawn % (high - low + 1)
    assert read_typed(label, show_typed(label, value)) == value


def test_unknown_is_a_question_mark_for_every_label() -> None:
    assert [name for name, label in labels.CATALOGUE.items() if show_typed(label, None) != UNKNOWN] == []
    assert [name for name, label in labels.CATALOGUE.items() if read_typed(label, f" {UNKNOWN} ") is not None] == []


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("owns_home", "yes", True), ("owns_home", "no", False), ("registry_status", "revoked", "revoked"),
        ("card_use_bps", "22.5 %", 2_250), ("card_use_bps", "22.5％", 2_250), ("monthly_due_cents", "1，000", 100_000),
        ("sba_guaranteed_share", "0.75", 0.75), ("sba_naics", "722511", "722511"),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(name: str, typed: str, value: Scalar) -> None:
    assert read_typed(labels.CATALOGUE[name], typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("owns_home", "True"), ("owns_home", "1"), ("registry_status", "Operating"), ("queries_1m", "2.5"),
        ("queries_1m", "NaN"), ("queries_1m", "1e400000"), ("overdue_months_24m", "25"), ("card_use_bps", "-1"),
        ("monthly_due_cents", "0.001"), ("monthly_due_cents", "Infinity"), ("sba_naics", "x" * 81),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_what_was_found_and_expected(name: str, typed: str) -> None:
    with pytest.raises(BadInput) as told:
        read_typed(labels.CATALOGUE[name], typed)
    assert told.value.place == name
    assert told.value.found == repr(typed[:40])
    assert told.value.expected
