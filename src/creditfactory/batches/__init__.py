"""Dated work over many: past loans played back, end of day, arrears."""

from creditfactory.batches.arrears import close_day, end_business_day

__all__ = ["close_day", "end_business_day"]
