"""What the pages show: read, never written, and handed over as frozen values."""

from creditfactory.records.reads.cases import (
    CaseFile,
    CasePage,
    CaseRow,
    find_cases,
    find_factory_of_case,
    read_case,
)
from creditfactory.records.reads.factories import Factory, list_factories
from creditfactory.records.reads.held import HeldRow, list_held
from creditfactory.records.reads.history import (
    HistoryRow,
    list_history_runs,
    read_history_run,
)
from creditfactory.records.reads.line import LaneTime, LineNow, StationNow, read_line
from creditfactory.records.reads.loans import (
    BUCKETS,
    BookTotals,
    LoanPage,
    LoanRow,
    Share,
    find_loans,
    read_book_totals,
    read_outcome_frame,
)
from creditfactory.records.reads.persons import read_masked_person
from creditfactory.records.reads.work import (
    Queue,
    QueueRow,
    WorkItemFile,
    count_work,
    read_queue,
    read_work_item,
)

__all__ = [
    "BUCKETS",
    "BookTotals",
    "CaseFile",
    "CasePage",
    "CaseRow",
    "Factory",
    "HeldRow",
    "HistoryRow",
    "LaneTime",
    "LineNow",
    "LoanPage",
    "LoanRow",
    "Queue",
    "QueueRow",
    "Share",
    "StationNow",
    "WorkItemFile",
    "count_work",
    "find_cases",
    "find_factory_of_case",
    "find_loans",
    "list_factories",
    "list_held",
    "list_history_runs",
    "read_book_totals",
    "read_case",
    "read_history_run",
    "read_line",
    "read_masked_person",
    "read_outcome_frame",
    "read_queue",
    "read_work_item",
]
