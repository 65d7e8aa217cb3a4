"""Banks and insurers: whom to ask first, and what each answered for itself."""

from creditfactory.funding.answers import FunderAnswer, InsurerAnswer, read_funder_answer, read_insurer_answer
from creditfactory.funding.funders import FunderFacts, Ranked, list_open_funders, rank_funders, terms_of

__all__ = [
    "FunderAnswer",
    "FunderFacts",
    "InsurerAnswer",
    "Ranked",
    "list_open_funders",
    "rank_funders",
    "read_funder_answer",
    "read_insurer_answer",
    "terms_of",
]
