"""Who stands behind whom: applications that share a device, a phone, an address or an agent with this one."""

from creditfactory.network.index import NetworkIndex, Tie, Turned, to_instant
from creditfactory.network.indicators import INDICATORS, PLACE, Indicator
from creditfactory.network.kinds import KINDS, Kind, find_key
from creditfactory.network.neighbours import Neighbour, NetworkView, OwnLoan, look_around
from creditfactory.network.touches import list_touches

__all__ = [
    "INDICATORS", "KINDS", "PLACE", "Indicator", "Kind", "Neighbour", "NetworkIndex", "NetworkView", "OwnLoan", "Tie",
    "Turned", "find_key", "list_touches", "look_around", "to_instant",
]  # fmt: skip
