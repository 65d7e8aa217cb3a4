"""Papers handed in: bank statements, bureau reports and invoices as people have them, read whole or kindly refused."""

from creditfactory.gateways.papers.cells import read_amount, read_moment
from creditfactory.gateways.papers.door import judge_paper, read_paper
from creditfactory.gateways.papers.opening import BYTES_MAX, tell_form, tidy_name
from creditfactory.gateways.papers.reading import Asked, Doubt, PaperKind, Reading, ReadLine
from creditfactory.gateways.papers.statements import mend_statement
from creditfactory.gateways.papers.uploads import Upload, read_upload
from creditfactory.gateways.papers.words import FILE as WORDS_PLACE
from creditfactory.gateways.papers.words import FLOW_SORTS, SortWord, load_sort_words, read_sort_words, sort_flow

__all__ = [
    "BYTES_MAX",
    "FLOW_SORTS",
    "WORDS_PLACE",
    "Asked",
    "Doubt",
    "PaperKind",
    "ReadLine",
    "Reading",
    "SortWord",
    "Upload",
    "judge_paper",
    "load_sort_words",
    "mend_statement",
    "read_amount",
    "read_moment",
    "read_paper",
    "read_sort_words",
    "read_upload",
    "sort_flow",
    "tell_form",
    "tidy_name",
]
