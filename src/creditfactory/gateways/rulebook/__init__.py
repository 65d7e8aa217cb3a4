"""The rulebook on disk: read, check, lock; the decision rooms are handed values and never see a file."""

from creditfactory.gateways.rulebook.checking import Checked, check_rulebook
from creditfactory.gateways.rulebook.files import write_lock
from creditfactory.gateways.rulebook.findings import Finding
from creditfactory.gateways.rulebook.loading import default_folder, load_rulebook
from creditfactory.gateways.rulebook.mutation import MutationScore, Survivor
from creditfactory.gateways.rulebook.notes import read_declared, read_notes
from creditfactory.gateways.rulebook.packing import (
    SHARED_PLACE,
    Parcel,
    build_parcel,
    check_parcel,
    check_place,
    pack_folder,
    read_parcel,
    unpacked,
)
from creditfactory.gateways.rulebook.series_files import load_series, read_series_faults

__all__ = [
    "SHARED_PLACE",
    "Checked",
    "Finding",
    "MutationScore",
    "Parcel",
    "Survivor",
    "build_parcel",
    "check_parcel",
    "check_place",
    "check_rulebook",
    "default_folder",
    "load_rulebook",
    "load_series",
    "pack_folder",
    "read_declared",
    "read_notes",
    "read_parcel",
    "read_series_faults",
    "unpacked",
    "write_lock",
]
