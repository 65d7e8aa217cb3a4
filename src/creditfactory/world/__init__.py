"""A simulated market with a known truth, reproducible by its seed: people, firms, brokers, banks, and the staff."""

from creditfactory.world.applications import draw_instant, make_application, make_dossier, show_tokens
from creditfactory.world.listed_names import list_names
from creditfactory.world.market import Market, load_market
from creditfactory.world.population import Person, Truth, find_person, make_person
from creditfactory.world.sources import evidence_for

__all__ = [
    "Market",
    "Person",
    "Truth",
    "draw_instant",
    "evidence_for",
    "find_person",
    "list_names",
    "load_market",
    "make_application",
    "make_dossier",
    "make_person",
    "show_tokens",
]
