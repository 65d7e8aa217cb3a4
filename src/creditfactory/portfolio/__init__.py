"""All loans seen on a day: how late they are, how each year's lending turned out, and who is about to be late."""

from creditfactory.portfolio.arrears import BUCKETS, FIVE_GRADES, Steps, bucket_column, choose_bucket, lowest_grade
from creditfactory.portfolio.bureau_status import read_bureau_status
from creditfactory.portfolio.frames import BALANCE_COLUMNS, LOAN_COLUMNS, check_frame
from creditfactory.portfolio.quality import DEFINITIONS, AssetQuality, count_buckets, measure_quality
from creditfactory.portfolio.vintage import build_vintage
from creditfactory.portfolio.warning import USUAL_SIGNALS, Alert, Signal, check_warnings

__all__ = [
    "BALANCE_COLUMNS",
    "BUCKETS",
    "DEFINITIONS",
    "FIVE_GRADES",
    "LOAN_COLUMNS",
    "USUAL_SIGNALS",
    "Alert",
    "AssetQuality",
    "Signal",
    "Steps",
    "bucket_column",
    "build_vintage",
    "check_frame",
    "check_warnings",
    "choose_bucket",
    "count_buckets",
    "lowest_grade",
    "measure_quality",
    "read_bureau_status",
]
