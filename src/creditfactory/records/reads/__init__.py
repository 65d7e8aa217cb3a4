"""What the pages show: read, never written, and handed over as frozen values."""

from creditfactory.records.reads.bureau import BureauAccount, BureauMonth, read_bureau_account
from creditfactory.records.reads.cases import (
    CaseFile,
    CasePage,
    CaseRow,
    find_cases,
    find_factory_of_case,
    read_case,
)
from creditfactory.records.reads.check_quality import InvestigatorScore, VisitPair, list_investigators, list_visit_pairs
from creditfactory.records.reads.factories import Factory, list_factories, read_partner_names
from creditfactory.records.reads.held import HeldRow, list_held
from creditfactory.records.reads.history import (
    HistoryRow,
    list_history_runs,
    read_history_run,
)
from creditfactory.records.reads.labels import SnapshotRow, list_snapshots
from creditfactory.records.reads.learning import CardRefreshRow, CardWatchRow, list_card_refreshes, list_card_watch
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
from creditfactory.records.reads.neighbours import NamedApplication, NeighbourRow, Ties, name_applications, read_ties
from creditfactory.records.reads.overrides import (
    KINDS as OVERRIDE_KINDS,
)
from creditfactory.records.reads.overrides import (
    Override,
    OverrideReport,
    Performance,
    Tally,
    read_overrides,
)
from creditfactory.records.reads.past_applicants import PastApplicant, list_past_applicants
from creditfactory.records.reads.persons import read_masked_person
from creditfactory.records.reads.rulebook_arms import (
    Arm,
    ArmComparison,
    ShadowExample,
    ShadowReport,
    compare_arms,
    list_shadow_reports,
    read_shadow_report,
)
from creditfactory.records.reads.rulebooks import (
    Inbox,
    ReleaseRow,
    RulebookNow,
    VersionFile,
    VersionRow,
    list_awaiting,
    list_releases,
    list_versions,
    read_rulebook_now,
    read_version,
    read_version_file,
)
from creditfactory.records.reads.standing import CardStanding, read_standing
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
    "OVERRIDE_KINDS",
    "Arm",
    "ArmComparison",
    "BookTotals",
    "BureauAccount",
    "BureauMonth",
    "CardRefreshRow",
    "CardStanding",
    "CardWatchRow",
    "CaseFile",
    "CasePage",
    "CaseRow",
    "Factory",
    "HeldRow",
    "HistoryRow",
    "Inbox",
    "InvestigatorScore",
    "LaneTime",
    "LineNow",
    "LoanPage",
    "LoanRow",
    "NamedApplication",
    "NeighbourRow",
    "Override",
    "OverrideReport",
    "PastApplicant",
    "Performance",
    "Queue",
    "QueueRow",
    "ReleaseRow",
    "RulebookNow",
    "ShadowExample",
    "ShadowReport",
    "Share",
    "SnapshotRow",
    "StationNow",
    "Tally",
    "Ties",
    "VersionFile",
    "VersionRow",
    "VisitPair",
    "WorkItemFile",
    "compare_arms",
    "count_work",
    "find_cases",
    "find_factory_of_case",
    "find_loans",
    "list_awaiting",
    "list_card_refreshes",
    "list_card_watch",
    "list_factories",
    "list_held",
    "list_history_runs",
    "list_investigators",
    "list_past_applicants",
    "list_releases",
    "list_shadow_reports",
    "list_snapshots",
    "list_versions",
    "list_visit_pairs",
    "name_applications",
    "read_book_totals",
    "read_bureau_account",
    "read_case",
    "read_history_run",
    "read_line",
    "read_masked_person",
    "read_outcome_frame",
    "read_overrides",
    "read_partner_names",
    "read_queue",
    "read_rulebook_now",
    "read_shadow_report",
    "read_standing",
    "read_ties",
    "read_version",
    "read_version_file",
    "read_work_item",
]
