"""Dossiers handed in: read strictly, every fault one clear sentence that names the field, none lost, none guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from creditfactory.gateways.dossier_json import json_schema, read_dossier, write_dossier
from creditfactory.kernel import BadInput, UnknownName

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = sorted((DOCS / "examples").glob("*.json"))
SOUND = json.loads((DOCS / "examples" / "cn-micro-approve.json").read_text(encoding="utf-8"))


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    dossier = json.loads(json.dumps(SOUND))
    change(dossier)
    return json.dumps(dossier)


def refuse(source: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_dossier(source)
    fault = caught.value
    assert "\n" not in str(fault), "one sentence, one line"
    assert len(str(fault)) < 600
    return fault


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_are_read_and_written_back_the_same(path: Path) -> None:
    dossier = read_dossier(path.read_bytes())
    assert read_dossier(write_dossier(dossier)) == dossier
    assert read_dossier(json.loads(path.read_text(encoding="utf-8"))) == dossier


def test_values_arrive_as_the_rooms_want_them() -> None:
    dossier = read_dossier(json.dumps(SOUND))
    assert dossier.request.amount_cents == 20_000_000
    assert dossier.applied_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert dossier.applied_on == date(2026, 3, 2)
    assert isinstance(dossier.evidence, tuple)
    assert {e.kind for e in dossier.evidence} >= {"bureau", "bank_flow", "mortgage", "insurance_policy"}


def test_an_offset_is_turned_to_utc() -> None:
    dossier = read_dossier(changed(lambda d: d.update(applied_at="2026-03-02T09:30:00+08:00")))
    assert dossier.applied_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert dossier.applied_at.tzinfo is UTC


FAULTS: list[tuple[str, Callable[[dict[str, Any]], object], str, str]] = [
    ("wrong type", lambda d: d["request"].update(amount_cents="lots"), "request.amount_cents", "whole number"),
    ("text for a number", lambda d: d["request"].update(amount_cents="5"), "request.amount_cents", "whole number"),
    ("yes for a number", lambda d: d["request"].update(amount_cents=True), "request.amount_cents", "whole number"),
    ("part of a cent", lambda d: d["request"].update(amount_cents=1.5), "request.amount_cents", "whole number"),
    ("negative amount", lambda d: d["request"].update(amount_cents=-1), "request.amount_cents", "from 0"),
    ("number for a text", lambda d: d["applicant"].update(city=7), "applicant.city", "text"),
    ("number for yes", lambda d: d["applicant"].update(owns_home=1), "applicant.owns_home", "true or false"),
    ("word off the list", lambda d: d["applicant"].update(role="king"), "applicant.role", "sole_trader"),
    ("no such day", lambda d: d["applicant"].update(born_on="1985-02-31"), "applicant.born_on", "date like"),
    ("day for an instant", lambda d: d.update(applied_at="2026-03-02"), "applied_at", "instant"),
    ("number for an instant", lambda d: d.update(applied_at=1), "applied_at", "instant"),
    ("no offset", lambda d: d.update(applied_at="2026-03-02T01:30:00"), "applied_at", "offset"),
    ("year 9999", lambda d: d.update(applied_at="9999-12-31T23:59:59Z"), "applied_at", "year"),
    ("a day's offset", lambda d: d.update(utc_offset_minutes=99_999), "utc_offset_minutes", "minutes"),
    ("missing field", lambda d: d["request"].pop("amount_cents"), "request.amount_cents", "needed"),
    ("missing part", lambda d: d.pop("business"), "business", "needed"),
    ("null part", lambda d: d.update(request=None), "request", "group of fields"),
    ("list for a part", lambda d: d.update(request=[]), "request", "group of fields"),
    ("group for a list", lambda d: d.update(evidence={}), "evidence", "list"),
    ("consent that is none", lambda d: d.update(consents=[3]), "consents[0]", "group of fields"),
    ("evidence of no kind", lambda d: d["evidence"][0].pop("kind"), "evidence[0].kind", "bureau"),
    ("evidence of odd kind", lambda d: d["evidence"][0].update(kind="gossip"), "evidence[0].kind", "bureau"),
    ("wrong type in evidence", lambda d: d["evidence"][2].update(queries_1m="x"), "evidence[2].queries_1m", "whole"),
    ("missing in evidence", lambda d: d["evidence"][2].pop("has_record"), "evidence[2].has_record", "needed"),
    ("evidence without offset", lambda d: d["evidence"][2].update(obtained_at="2026-03-02T00:00:00"),
     "evidence[2].obtained_at", "offset"),
    ("wrong month in a list", lambda d: d["evidence"][6]["monthly_inflow_cents"].__setitem__(3, "much"),
     "evidence[6].monthly_inflow_cents[3]", "whole number"),
    ("not a number", lambda d: d["request"].update(amount_cents=float("nan")), "request.amount_cents", "a number"),
    ("infinity", lambda d: d["request"].update(amount_cents=float("inf")), "request.amount_cents", "a number"),
    ("huge number", lambda d: d["request"].update(amount_cents=10**15 + 1), "request.amount_cents", "10^15"),
    ("number of forty digits", lambda d: d["request"].update(amount_cents=10**40), "request.amount_cents", "10^15"),
    ("number of 5,000 digits", lambda d: d["request"].update(amount_cents=10**4_000), "request.amount_cents", "10^15"),
    ("long text", lambda d: d["applicant"].update(city="x" * 2_001), "applicant.city", "2,000 characters"),
    ("broken character", lambda d: d["applicant"].update(city="\ud800"), "applicant.city", "broken characters"),
    ("zero character", lambda d: d["applicant"].update(city="a\x00b"), "applicant.city", "broken characters"),
    ("empty reference", lambda d: d.update(reference=" "), "reference", "1 to 200"),
    ("endless reference", lambda d: d.update(reference="x" * 201), "reference", "1 to 200"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "expected"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_each_fault_names_its_field(change: Callable[[dict[str, Any]], object], place: str, expected: str) -> None:
    fault = refuse(changed(change))
    assert fault.place == place
    assert expected in fault.expected


def test_an_unknown_field_is_named_with_the_nearest_known_one() -> None:
    fault = refuse(changed(lambda d: d["request"].update(amout_cents=3)))
    assert isinstance(fault, UnknownName)
    assert fault.place == "request.amout_cents"
    assert "'amount_cents' (did you mean that?)" in fault.expected


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("sex", lambda d: d.update(sex="f")),
        ("consents[0].by", lambda d: d["consents"][0].update(by="x")),
        ("evidence[2].grade", lambda d: d["evidence"][2].update(grade="A")),
    ],
)
def test_unknown_fields_are_refused_at_every_depth(place: str, change: Callable[[dict[str, Any]], object]) -> None:
    fault = refuse(changed(change))
    assert isinstance(fault, UnknownName)
    assert fault.place == place


STATEMENT: dict[str, Any] = {
    "kind": "bank_statement", "obtained_at": "2026-03-01T00:00:00Z", "account": "a1", "holder": "firm",
    "origin": "upload", "from_on": "2026-01-01", "to_on": "2026-01-31", "on": ["2026-01-05", "2026-01-09"],
    "minute": [-1, 600], "flow_cents": [500, -200], "balance_cents": [500, -300], "party": ["c1", ""],
    "sort": ["sale", "rent"],
}  # fmt: skip
BUREAU: dict[str, Any] = {
    "kind": "bureau", "obtained_at": "2026-03-01T00:00:00Z", "has_record": True,
    "queries": {"on": ["2026-01-05"], "lender": ["bank"], "lender_token": ["b1"], "reason": ["own"]},
    "public": {"kind": ["judgment"], "on": ["2025-01-01"], "amount_cents": [5], "is_open": [False]},
}  # fmt: skip
TABLE_FAULTS: list[tuple[str, dict[str, Any], Callable[[dict[str, Any]], object], str, str]] = [
    ("a column cut short", STATEMENT, lambda e: e["sort"].pop(), "sort", "2 as in on"),
    ("a column too long", STATEMENT, lambda e: e["party"].append("x"), "party", "2 as in on"),
    ("a word off the list", STATEMENT, lambda e: e["sort"].__setitem__(1, "bribe"), "sort[1]", "sale"),
    ("a text for an amount", STATEMENT, lambda e: e["flow_cents"].__setitem__(0, "5"), "flow_cents[0]", "whole"),
    ("an unknown column", STATEMENT, lambda e: e.update(memo=["a", "b"]), "memo", "one of kind"),
    ("a minute too late", STATEMENT, lambda e: e["minute"].__setitem__(1, 1440), "minute[1]", "0 to 1439"),
    ("back in time", STATEMENT, lambda e: e["on"].__setitem__(1, "2026-01-04"), "on[1]", "oldest line first"),
    ("ends before it begins", STATEMENT, lambda e: e.update(to_on="2025-01-01"), "to_on", "not before 2026-01-01"),
    ("a day the calendar ends on", STATEMENT, lambda e: e["on"].__setitem__(1, "9999-12-31"), "on[1]", "1900 to 2200"),
    ("a period without end", STATEMENT, lambda e: e.update(to_on="9999-12-31"), "to_on", "1900 to 2200"),
    ("a part's day before all records", BUREAU, lambda e: e["public"]["on"].__setitem__(0, "0001-01-01"),
     "public.on[0]", "1900 to 2200"),
    ("an unknown field in a part", BUREAU, lambda e: e["queries"].update(who=["x"]), "queries.who", "one of on"),
    ("a group for a part", BUREAU, lambda e: e.update(queries=[]), "queries", "group of fields"),
    ("a part's column cut short", BUREAU, lambda e: e["queries"]["lender"].clear(), "queries.lender", "1 as in on"),
    ("a part's word", BUREAU, lambda e: e["queries"]["reason"].__setitem__(0, "fun"), "queries.reason[0]", "own"),
    ("a part's amount", BUREAU, lambda e: e["public"]["amount_cents"].__setitem__(0, -5), "public.amount_cents[0]",
     "from 0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "change", "place", "expected"), [f[1:] for f in TABLE_FAULTS], ids=[f[0] for f in TABLE_FAULTS]
)
def test_a_fault_in_a_table_names_its_line(
    table: dict[str, Any], change: Callable[[dict[str, Any]], object], place: str, expected: str
) -> None:
    broken = json.loads(json.dumps(table))
    change(broken)
    fault = refuse(changed(lambda d: d["evidence"].append(broken)))
    assert fault.place == f"evidence[{len(SOUND['evidence'])}].{place}"
    assert expected in fault.expected


@pytest.mark.parametrize("table", [STATEMENT, BUREAU])
def test_sound_tables_are_read_and_written_back_the_same(table: dict[str, Any]) -> None:
    dossier = read_dossier(changed(lambda d: d["evidence"].append(table)))
    assert read_dossier(write_dossier(dossier)) == dossier


def test_a_statement_may_print_no_balance() -> None:
    bare = {**STATEMENT, "balance_cents": []}
    assert read_dossier(changed(lambda d: d["evidence"].append(bare))).evidence[-1].balance_cents == ()  # type: ignore[union-attr]


def test_the_same_field_twice_is_refused() -> None:
    assert refuse('{"pack": "cn-micro", "pack": "us-sba"}').place == "pack"


@pytest.mark.parametrize(
    ("source", "found", "expected"),
    [
        (b"x" * 10_000_000, "10,000,000 bytes", "at most 1,000,000 bytes"),
        ("x" * 10_000_000, "10,000,000 bytes", "at most 1,000,000 bytes"),
        ('{"pack": "大数"}'.encode("gb18030"), "byte 0xb4 at position 10", "UTF-8"),
        ("{}".encode("utf-16"), "UTF-16", "UTF-8"),
        ("", "no JSON at line 1", "JSON"),
        ("{'pack': 1}", "no JSON at line 1, column 2", "JSON"),
        ("null", "null", "one dossier"),
        ("[1]", "a list of 1", "one dossier"),
        ("[" * 200_000, "nesting", "32 levels"),
        ('{"a":' * 100_000, "nesting", "32 levels"),
        ("[" * 40 + "]" * 40, "more than 32 levels", "32 levels"),
    ],
)  # fmt: skip
def test_what_is_no_dossier_at_all(source: str | bytes, found: str, expected: str) -> None:
    fault = refuse(source)
    assert found in fault.found
    assert expected in fault.expected


def test_a_mapping_is_held_to_the_same_rules() -> None:
    deep: Any = 1
    for _ in range(60):
        deep = {"a": deep}
    assert "32 levels" in refuse({**SOUND, "request": deep}).expected
    assert refuse({**SOUND, "request": {**SOUND["request"], "amount_cents": 10**40}}).place == "request.amount_cents"
    assert refuse({**SOUND, "reference": object()}).expected.startswith("texts, numbers")


def test_a_byte_order_mark_is_no_fault() -> None:
    plain = json.dumps(SOUND)
    assert read_dossier(b"\xef\xbb\xbf" + plain.encode()) == read_dossier("\ufeff" + plain) == read_dossier(plain)


def test_the_schema_in_the_documents_is_the_code_s() -> None:
    """The dossier's JSON Schema is generated; run ``json_schema`` again when the dossier changes."""
    written = json.loads((DOCS / "dossier.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(json_schema()))
    assert written["additionalProperties"] is False


def a_statement(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "bank_statement", "obtained_at": "2026-03-01T20:00:00+00:00", "account": "a", "holder": "firm",
        "origin": "bank", "from_on": "2026-01-01", "to_on": "2026-03-01", "on": ["2026-02-01", "2026-03-02"],
        "minute": [5, 6], "flow_cents": [100, -50], "party": ["p", ""], "sort": ["sale", "fee"], **changes,
    }  # fmt: skip


def with_record(record: dict[str, Any]) -> str:
    return changed(lambda dossier: dossier.update(evidence=[record], utc_offset_minutes=480))


@pytest.mark.parametrize(
    ("record", "place", "found"),
    [
        (a_statement(on=["2026-02-01", "2026-03-03"]), "evidence[0].on[1]", "2026-03-03"),
        (a_statement(flow_cents=[100]), "evidence[0].flow_cents", "a column of 1"),
        ({"kind": "registry", "obtained_at": "2026-03-01T00:00:00+00:00", "status": "operating",
          "changes": {"on": ["2026-03-02"], "what": ["name"]}}, "evidence[0].changes.on[0]", "2026-03-02"),
        ({"kind": "registry", "obtained_at": "2026-03-01T00:00:00+00:00", "insured_people": -1},
         "evidence[0].insured_people", "-1"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_is_refused_with_its_line(record: dict[str, Any], place: str, found: str) -> None:
    """ACQ-09, LAB-02: a line later than its record, a column too short, a count below nothing."""
    fault = refuse(with_record(record))
    assert (fault.place, fault.found) == (place, found)


def test_a_line_of_the_records_own_day_is_read_by_the_applicants_clock() -> None:
    """LAB-02: in Shanghai it is already the second of March, and the lines are packed by then."""
    [statement] = read_dossier(with_record(a_statement())).evidence
    assert statement.kind == "bank_statement" and statement.columns.flows.tolist() == [100, -50]
