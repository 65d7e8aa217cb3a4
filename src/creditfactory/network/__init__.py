"""Who stands behind whom: applications that share a device, a phone, an address or an agent with this one."""

from creditfactory.network.index import NONE, NetworkIndex, Tie, Turned, to_instant
from creditfactory.network.indicators import INDICATORS, PLACE, Indicator
from creditfactory.network.kinds import KINDS, Kind, find_key
from creditfactory.network.mining import Mined, Past, Search, mine
from creditfactory.network.neighbourhood import (
    ApplicationNode,
    Link,
    Neighbourhood,
    ThingNode,
    draw_neighbourhood,
    list_shared,
)
from creditfactory.network.neighbours import Neighbour, NetworkView, OwnLoan, look_around
from creditfactory.network.patterns import Condition, Pattern, Tally, span_share
from creditfactory.network.touches import list_touches

__all__ = [
    "INDICATORS", "KINDS", "NONE", "PLACE", "ApplicationNode", "Condition", "Indicator", "Kind", "Link", "Mined",
    "Neighbour", "Neighbourhood", "NetworkIndex", "NetworkView", "OwnLoan", "Past", "Pattern", "Search", "Tally",
    "ThingNode", "Tie", "Turned", "draw_neighbourhood", "find_key", "list_shared", "list_touches", "look_around",
    "mine", "span_share",
    "to_instant",
]  # fmt: skip
