"""Who stands behind whom: applications that share a device, a phone, an address or an agent with this one."""

from creditfactory.network.neighbours import Neighbour, NetworkView, OwnLoan, look_around

__all__ = ["Neighbour", "NetworkView", "OwnLoan", "look_around"]
