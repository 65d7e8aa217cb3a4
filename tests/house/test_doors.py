"""One door a room: what a room offers stands in its ``__init__``, and nobody climbs through a window."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, each_import, each_module

SIDE_DOORS = {
    "creditfactory.gateways.rulebook": "reading rulebooks from disk; a room of its own in size",
    "creditfactory.gateways.identity_local": "engines of an extra; loads OpenCV, dlib and OCR",
    "creditfactory.gateways.identity": "its own shapes, of which most are asked for by one page",
    "creditfactory.gateways.papers": "papers as people hand them in; a room of its own in size",
    "creditfactory.gateways.sme_invoices": "reading the firms' public invoices; loads Polars",
    "creditfactory.gateways.dmn": "decision models of other houses; loads lxml, which asking a bank does not need",
    "creditfactory.gateways.pmml": "cards of other houses; loads lxml",
    "creditfactory.gateways.rulebook.carrying": "tables in and out; loads openpyxl and lxml",
    "creditfactory.gateways.card_accounts": "reading public card accounts; loads Polars",
    "creditfactory.gateways.past_microloans": "reading public micro-loans; loads Polars",
    "creditfactory.gateways.sba": "reading the public SBA file; loads Polars, which asking a bank does not need",
    "creditfactory.gateways.populations": "reading populations for a back-test; loads Polars and the labels",
    "creditfactory.records.reads": "what pages show, apart from what stations load and save",
    "creditfactory.records.actions.people": "people and their roles, for pages and set-up",
    "creditfactory.stations.plan": "the list of the 24 stations, for pages that must not load the line",
    "creditfactory.batches.compliance": "stock and new business against the law; loads the tables",
    "creditfactory.batches.card_making": "a pack's cards from its data; loads the lab",
    "creditfactory.batches.history": "past loans through the line; loads the lab",
    "creditfactory.batches.history_report": "its report",
    "creditfactory.batches.bureau_reporting": "the month's report to the bureau; loads the whole line",
    "creditfactory.batches.learning": "cards watched and refreshed at night; loads the lab and rulebooks",
    "creditfactory.batches.mining": "patterns around past bad applications; loads the labels and rulebooks",
    "creditfactory.batches.firm_ties": "firms by the customers and suppliers they share; loads Polars",
    "creditfactory.batches.firms": "firms known by their invoices; loads Polars and the label families",
    "creditfactory.batches.backtesting": "back-tests; loads Polars and whole rulebooks",
    "creditfactory.batches.on_spark": "back-tests beyond one machine; its library is an extra",
    "creditfactory.batches.backtest_report": "the page of a back-test; loads the drawing of charts",
    "creditfactory.lab.commands": "the lab's part of the command",
    "creditfactory.world.commands": "the market's part of the command",
}
OPEN_HOUSES = {"service": "the command and Django start its parts by name, each loaded only when it is asked for"}
"""Rooms without a single door, and why."""


def find_modules(package: Path) -> set[str]:
    return {name for name, _, _ in each_module(package)}


def find_windows(package: Path = PACKAGE) -> list[str]:
    """Every import of a module inside another room that is no door."""
    modules = find_modules(package)
    found = []
    for name, _, tree in each_module(package):
        room = name.split(".")[1] if "." in name else ""
        for asked in each_import(tree):
            parts = asked.split(".")
            if len(parts) < 3 or parts[0] != "creditfactory" or asked not in modules:
                continue
            if parts[1] == room or parts[1] in OPEN_HOUSES or asked in SIDE_DOORS:
                continue
            found.append(f"{name} imports {asked}")
    return found


def test_rooms_are_entered_through_their_doors() -> None:
    assert find_windows() == []


def test_a_window_is_seen(tmp_path: Path) -> None:
    package = tmp_path / "creditfactory"
    for file, text in {
        "__init__.py": "",
        "loan/__init__.py": "",
        "loan/schedule.py": "",
        "decision/__init__.py": "",
        "decision/limits.py": "from creditfactory.loan import schedule\nimport creditfactory.loan\n",
        "decision/prices.py": "from creditfactory.loan.schedule import build_schedule\n",
    }.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(text)
    assert find_windows(package) == [
        "creditfactory.decision.limits imports creditfactory.loan.schedule",
        "creditfactory.decision.prices imports creditfactory.loan.schedule",
    ]


@pytest.mark.parametrize("door", SIDE_DOORS)
def test_every_side_door_is_there_and_used(door: str) -> None:
    room = door.split(".")[1]
    users = [
        name for name, _, tree in each_module() if name.split(".")[1:2] != [room] and door in set(each_import(tree))
    ]
    assert users, f"nobody uses {door}: wall it up"


ROOMS = [path.name for path in sorted(PACKAGE.iterdir()) if (path / "__init__.py").exists()]


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_says_what_the_room_is_for_and_what_it_offers(room: str) -> None:
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{room}/__init__.py does not say what the room is for"
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    offers = any(isinstance(node, ast.ImportFrom) and node.module != "__future__" for node in tree.body)
    assert names & {"__all__", "__getattr__"} or not offers, f"{room} re-exports without `__all__`"
