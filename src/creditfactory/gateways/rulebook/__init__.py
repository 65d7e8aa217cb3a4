"""The rulebook on disk: read, check, lock; the decision rooms are handed values and never see a file."""

from creditfactory.gateways.rulebook.checking import Checked, Finding, check_rulebook
from creditfactory.gateways.rulebook.files import write_lock
from creditfactory.gateways.rulebook.loading import default_folder, load_rulebook

__all__ = ["Checked", "Finding", "check_rulebook", "default_folder", "load_rulebook", "write_lock"]
