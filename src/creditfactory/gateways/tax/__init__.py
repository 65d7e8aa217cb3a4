"""The tax bureau: with the firm's consent, tax paid and invoices issued in the last twelve months."""

from creditfactory.gateways.tax.contract import EXCHANGES, TaxRequest

__all__ = ["EXCHANGES", "TaxRequest"]
