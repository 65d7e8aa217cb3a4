"""Dated work over many: past loans played back, end of day, arrears, the law held against stock and new business."""

from creditfactory.batches.arrears import close_day, end_business_day
from creditfactory.batches.compliance import check_compliance

__all__ = ["check_compliance", "close_day", "end_business_day"]
