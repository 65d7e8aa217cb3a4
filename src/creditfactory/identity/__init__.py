"""Is this a person, is it this person, are these papers real; and does anybody's list hold their name."""

from creditfactory.identity.front_gate import FrontGate, check_front_gate
from creditfactory.identity.lists import ListCheck, ListHit, check_lists

__all__ = ["FrontGate", "ListCheck", "ListHit", "check_front_gate", "check_lists"]
