"""Where Django looks for tables; they stand in ``records.tables``."""

from creditfactory.records.tables import *  # noqa: F403
