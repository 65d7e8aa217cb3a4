"""A snapshot as kept: one array with the names of its day, readable when the catalogue has grown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from creditfactory import gateways, labels
from creditfactory.kernel import BadInput
from creditfactory.labels.label import Labels
from creditfactory.labels.snapshot import Facts, Names, Whys, keep_labels, open_labels
from creditfactory.service.reference_applicants import take_labels_of

AT = datetime(2026, 3, 1, tzinfo=UTC)
OLD = Names.of(
    ("bank__sale__count__30d", "bank__sale__sum_cents__30d", "device__marks__is_rooted", "dscr_bps"),
    ("", "no_statement", "none_in_window"), frozenset({"device__marks__is_rooted"}),
)  # fmt: skip


def take(values: list[int], why: list[int]) -> Labels:
    facts = Facts({"purpose": "stock", "age_years": None}, OLD, np.array(values, np.int64), np.array(why, np.uint8))
    return Labels(pack="cn-micro", as_of=AT, facts=facts, why_missing=Whys({"age_years": "not_stated"}, facts))


def test_named_labels_come_first_and_each_value_has_its_type() -> None:
    taken = take([3, -(10**15), 1, 0], [0, 0, 0, 2])
    assert list(taken.facts.items()) == [
        ("purpose", "stock"), ("age_years", None), ("bank__sale__count__30d", 3),
        ("bank__sale__sum_cents__30d", -10**15), ("device__marks__is_rooted", True), ("dscr_bps", None),
    ]  # fmt: skip
    assert dict(taken.why_missing) == {"age_years": "not_stated", "dscr_bps": "none_in_window"}
    assert list(taken.facts) == list(dict(taken.facts))
    assert len(taken.facts) == 6
    assert taken["device__marks__is_rooted"] is True
    assert taken.facts.get("no_such_label", 7) == 7
    assert "dscr_bps" in taken.facts
    assert "no_such_label" not in taken.facts
    with pytest.raises(KeyError):
        taken.facts["no_such_label"]
    with pytest.raises(KeyError):
        taken.why_missing["bank__sale__count__30d"]


def test_a_snapshot_is_read_by_the_names_it_was_taken_with() -> None:
    """LAB-01: today's catalogue knows thousands of other names; the old snapshot has its own four."""
    taken = take([3, 77, 0, 5], [0, 1, 0, 0])
    text = gateways.dump_value(taken)
    again = gateways.load_value(Labels, text)
    assert again == taken
    assert again.facts["bank__sale__sum_cents__30d"] is None
    assert again.why_missing["bank__sale__sum_cents__30d"] == "no_statement"
    assert gateways.dump_value(again) == text
    kept = json.loads(text)
    assert kept["facts"] == {"purpose": "stock", "age_years": None}
    assert set(kept["expanded"]) == {"catalogue", "names", "values"}


def test_visits_kept_before_there_was_an_array_are_still_read() -> None:
    text = (
        '{"pack": "us-sba", "as_of": "2026-03-01T00:00:00Z", "facts": {"sba_state": "WA"}, "why_missing": {"a": "b"}}'
    )
    read = gateways.load_value(Labels, text)
    assert read.facts == {"sba_state": "WA"}
    assert read.why_missing == {"a": "b"}
    assert json.loads(gateways.dump_value(read))["expanded"] is None


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("values", lambda text: text[:-5]),
        ("values", lambda _: "not base 85 \x7f"),
        ("names", lambda text: text[:-5]),
        ("catalogue", lambda text: "0" * len(text)),
    ],
)
def test_an_array_that_was_tampered_with_is_refused(part: str, change) -> None:
    kept = keep_labels(take([3, 77, 0, 5], [0, 1, 0, 0]))
    assert kept.expanded is not None
    broken = replace(kept.expanded, **{part: change(getattr(kept.expanded, part))})
    with pytest.raises(BadInput):
        open_labels(replace(kept, expanded=broken))


def test_all_labels_of_an_applicant_go_into_a_few_kilobytes_and_come_back_the_same() -> None:
    """LAB-01: more than 3,000 labels, written once, in one compressed array."""
    taken = take_labels_of(3)
    text = gateways.dump_value(taken)
    again = gateways.load_value(Labels, text)
    assert len(taken.facts) > 3_000
    assert len(text) < 10 * len(taken.facts)
    assert dict(again.facts) == dict(taken.facts)
    assert dict(again.why_missing) == dict(taken.why_missing)
    types = {name: type(value) for name, value in taken.facts.items()}
    assert {name: type(value) for name, value in again.facts.items()} == types


def test_the_count_of_unknown_labels_by_reason_agrees_with_the_list() -> None:
    why = take_labels_of(3).why_missing
    assert isinstance(why, Whys)
    counted = why.count_codes()
    assert sum(counted.values()) == len(why) == len(list(why))
    assert set(counted) <= set(labels.WHY_MISSING)
