"""The licensed credit bureau through which credit information must pass: it checks, asks the bureau, and hands on."""

from creditfactory.gateways.licensed_bureau.contract import EXCHANGES, HopReport, HopRequest

__all__ = ["EXCHANGES", "HopReport", "HopRequest"]
