"""The words of papers: what they are, where they stand, what a line is for, what is in doubt."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, gettext_noop

_ = gettext_lazy

PAPERS = {
    "id_card_front": _("Identity card, front"), "id_card_back": _("Identity card, back"), "licence": _("Licence"),
    "bank_statement": _("Bank statement"), "bureau_report": _("Credit report"), "invoices": _("List of invoices"),
    "lease": _("Lease"), "photo": _("Photograph"), "selfie": _("Photograph of the face"),
    "utility_bill": _("Meter bill"), "other": _("Another paper"),
}  # fmt: skip
PAPER_STATUSES = {
    "read": _("Read"), "refused": _("Could not be read"), "corrected": _("Put right, to be confirmed"),
    "confirmed": _("Confirmed"), "dropped": _("Set aside"),
}  # fmt: skip
FLOW_SORTS = {
    "sale": _("sale"), "purchase": _("purchase"), "wage": _("wages"), "rent": _("rent for rooms"), "tax": _("taxes"),
    "social_security": _("social security"), "utility": _("electricity, water, gas"), "logistics": _("freight"),
    "loan_in": _("loan received"), "loan_repayment": _("loan repayment"), "card_repayment": _("card repayment"),
    "own_transfer": _("between own accounts"), "person_transfer": _("to or from a person"), "cash": _("cash"),
    "wallet": _("pay house"), "fee": _("bank's fee"), "interest": _("interest"), "refund": _("given back"),
    "securities": _("securities"), "property": _("property"), "insurance": _("insurance"),
    "gambling": _("gambling"), "consumption": _("private spending"), "other": _("not told"),
    "output": _("sold"), "input": _("bought"),
}  # fmt: skip
DOUBTS = {
    "no account number is printed": _("no account number is printed"),
    "no period is printed; first and last line stand for it": _(
        "no period is printed; first and last line stand for it"
    ),
    "no balance here though other lines have one": _("no balance here though other lines have one"),
    "no time of day": _("no time of day"),
    "the first line's way is not told": _("whether the first line went in or out is not told"),
    "nothing says whether they are sales": _("nothing says whether they are sales"),
    "nothing says which are void": _("nothing says which are void"),
    "no tax is printed": _("no tax is printed"),
    "neither side is the firm by name": _("neither side is the firm by name"),
    "nothing says whose report it is": _("nothing says whose report it is"),
    "nothing says when it was made": _("nothing says when it was made"),
}
EVENTS = {
    "paper_uploaded": _("Paper handed in"), "paper_opened": _("Original opened"),
    "paper_corrected": _("Reading put right"), "paper_confirmed": _("Reading confirmed"),
    "paper_dropped": _("Paper set aside"),
}  # fmt: skip
REFUSALS = (
    gettext_noop("This case has ended; no paper can be handed in for it any more."),
    gettext_noop("This very file was handed in for this case before."),
    gettext_noop("Only the lines of a statement can be put right here."),
    gettext_noop("This statement prints no such column."),
    gettext_noop("There is nothing read off this paper that could count."),
    gettext_noop("The original is no longer kept."),
)
