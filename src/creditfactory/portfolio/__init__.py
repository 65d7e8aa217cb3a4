"""All loans seen on a day: how late they are, how each year's lending turned out, and who is about to be late."""

from creditfactory.portfolio.arrears import BUCKETS, FIVE_GRADES, bucket_column, choose_bucket, lowest_grade

__all__ = ["BUCKETS", "FIVE_GRADES", "bucket_column", "choose_bucket", "lowest_grade"]
