"""The forms of people's work, one per kind: what is asked, with the words of the call, and what is handed in.

What a form hands in has the names that the decision room's own forms have; money is typed in whole units and handed
in as cents; "could not find out" is an answer of its own and handed in as nothing known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from django import forms
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from creditfactory import collection, decision, network
from creditfactory.consoles.page import is_chinese
from creditfactory.consoles.vocabulary import spell_out

Text: TypeAlias = "str | Promise"
ANSWERS = (("yes", _("yes")), ("no", _("no")), ("unknown", _("could not find out")))
MOMENT = "%Y-%m-%dT%H:%M"
PHOTOS_MAX = 60
MONEY_MAX = Decimal(10_000_000_000)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form; ``kind`` is yesno, money, number, text, long, date, choice, several or select."""

    name: str
    kind: str
    label: Text
    help: Text = ""
    is_needed: bool = True
    choices: tuple[tuple[str, Text], ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together."""

    title: Text
    questions: tuple[Question, ...]


def _say_default_reason(code: str) -> str:
    reason = collection.DEFAULT_REASONS[code]
    return reason.zh if is_chinese() else reason.en


NOTE = Question(
    "note", "long", _("Note"), _("What the next person should know. No names or numbers of persons."), False
)

ONLINE = (
    Section(_("The firm"), (
        Question("is_licence_genuine", "yesno", _("Is the licence genuine?"), _("Number, name and status in the registry.")),
        Question("is_address_found", "yesno", _("Is there such an address?"), _("On the map or in street pictures.")),
        Question("is_address_matching", "yesno", _("Does the firm trade at the stated address?")),
        Question("is_trading_online", "yesno", _("Is it seen trading?"), _("Shops, delivery listings, reviews of the last three months.")),
        Question("new_court_cases", "number", _("New court cases since the court search"), _("0 if there are none."), True),
        Question("is_street_view_matching", "yesno", _("Do street pictures show this firm?"), _("Sign, shop front, the neighbours' numbers."), False),
        Question("is_shop_trading_since_opening", "yesno", _("Has the e-shop traded since it opened?"), _("First review, latest review, gaps."), False),
    )),
    Section(_("Phones and pictures"), (
        Question("is_phone_in_service", "yesno", _("Is the phone in service, in this name?")),
        Question("is_phone_shared_with_others", "yesno", _("Do other applicants give the same phone?")),
        Question("are_pictures_reused", "yesno", _("Have the pictures been used elsewhere?")),
        Question("is_employer_phone_reused", "yesno", _("Do other firms or applicants use the firm's phone?"), "", False),
    )),
    Section(_("Where it was seen"), (
        Question("evidence.is_licence_genuine", "text", _("Licence: registry page and time"), _("A link or the number of the screenshot."), False),
        Question("evidence.is_address_found", "text", _("Address: map or street picture"), "", False),
        Question("place", "text", _("Position of the stated address"), _("Latitude, longitude from the map, such as 30.6570, 104.0660; photos of a visit are measured from it."), False),
        Question("evidence.is_phone_in_service", "text", _("Phone: how it was tried"), "", False),
    )),
    Section(_("Remarks"), (NOTE,)),
)  # fmt: skip
PHONE = (
    Section(_("The call"), (
        Question("was_reached", "choice", _("Was the applicant reached?"), "", True, (("yes", _("yes")), ("no", _("no")))),
        Question("recording", "text", _("Number of the recording"), _("From the telephone system."), False),
    )),
    Section(_("Identity"), (
        Question("is_identity_answered", "yesno", _("Were the identity questions answered?"), _("Last digits, birthday, address, one question from the bureau report."), False),
        Question("sounds_coached", "yesno", _("Does somebody prompt the answers?"), "", False),
    )),
    Section(_("How it sounds"), (
        Question("long_pauses", "number", _("Long pauses before easy answers"), _("Count them; three or more are a sign."), False),
        Question("is_reading_out", "yesno", _("Is the applicant reading out?"), _("Even tone, written language, the same sentence again when asked anew."), False),
        Question("is_prompted", "yesno", _("Is somebody whispering or typing to the applicant?"), "", False),
        Question("has_voices_behind", "yesno", _("Are there other callers' voices behind?"), _("An agency's room sounds like a call centre."), False),
    )),
    Section(_("Business and purpose"), (
        Question("is_purpose_confirmed", "yesno", _("Is the loan for the firm, and for the stated purpose?"), _("For what, how much, when, to whom it is paid."), False),
        Question("purpose_said", "text", _("Purpose in the applicant's words"), "", False),
        Question("sales_monthly_said_cents", "money", _("Sales a month, as said"), _("Ask for a good and a bad month."), False),
        Question("employees_said", "number", _("Employees, as said"), "", False),
        Question("debts_said_cents", "money", _("All debts, as said"), _("Banks, online lenders, private, guarantees."), False),
    )),
    Section(_("Broker and consent"), (
        Question("was_fee_taken_by_broker", "yesno", _("Did anyone charge a fee?"), "", False),
        Question("was_form_filled_by_other", "yesno", _("Did anyone else fill in the form?"), "", False),
        Question("is_consent_read_back", "yesno", _("Was the consent read back and confirmed?"), "", False),
        NOTE,
    )),
)  # fmt: skip
GRADES = (("0", _("against it")), ("1", _("weak")), ("2", _("sound")), ("3", _("strong")))
VISIT = (
    Section(_("On the spot"), (
        Question("is_operating", "yesno", _("Is the business running?"), _("Customers, stock turning over, staff at work.")),
        Question("is_controller_present", "yesno", _("Is the applicant the one who runs it?"), _("Knows the rooms; staff ask for signatures.")),
        Question("is_licence_original_seen", "yesno", _("Were the licence and the lease seen in the original?")),
        Question("is_purpose_plausible", "yesno", _("Does the purpose make sense here?")),
        Question("photos", "number", _("Photos taken"), _("Door, licence, stock, and one with the investigator.")),
        Question("distance_m", "number", _("Distance from the stated address, metres"), _("From the position in the photos."), False),
    )),
    Section(_("Time and photos"), (
        Question("arrived_at", "moment", _("Arrived"), "", False),
        Question("left_at", "moment", _("Left"), "", False),
        Question("photo_marks", "photos", _("Photos with place and time"), _("Take them here: place and time are kept with each."), False),
    )),
    Section(_("Counted, not told"), (
        Question("counts.customers_a_day", "number", _("Customers a day"), _("Count one hour, ask for the hours; a good and a bad day."), False),
        Question("counts.ticket_cents", "money", _("What one customer spends"), _("From ten receipts."), False),
        Question("counts.days_open", "number", _("Days open a month"), "", False),
        Question("counts.stock_cents", "money", _("Stock at cost, counted"), "", False),
        Question("counts.stock_days", "number", _("Days this stock lasts"), _("From the last two deliveries."), False),
        Question("counts.till_day_cents", "money", _("Till and QR of one day"), _("Seen on the owner's phone, yesterday's total."), False),
        Question("counts.margin_bps", "percent", _("Gross margin, per cent"), _("Buying and selling price of three goods."), False),
        Question("counts.rent_cents", "money", _("Rent a month"), "", False),
        Question("counts.wages_cents", "money", _("Wages a month"), "", False),
        Question("counts.other_costs_cents", "money", _("Power, transport and other costs"), "", False),
        Question("counts.household_cents", "money", _("What the household needs a month"), "", False),
        Question("counts.debt_service_cents", "money", _("What is paid on debts a month"), "", False),
    )),
    Section(_("What is there and what is owed"), (
        Question("counts.months_open", "number", _("Months in business"), "", False),
        Question("counts.capital_cents", "money", _("Put in at the start"), "", False),
        Question("counts.spent_elsewhere_cents", "money", _("Taken out for a home, a car, another firm"), "", False),
        Question("counts.receivables_cents", "money", _("Customers owe"), "", False),
        Question("counts.equipment_cents", "money", _("Equipment at today's price"), "", False),
        Question("counts.cash_cents", "money", _("Cash and accounts"), "", False),
        Question("counts.deposits_cents", "money", _("Deposits and advances paid"), "", False),
        Question("counts.bank_debt_cents", "money", _("Owed to banks"), "", False),
        Question("counts.supplier_debt_cents", "money", _("Owed to suppliers"), "", False),
        Question("counts.other_debt_cents", "money", _("Owed to others"), "", False),
    )),
    Section(_("Three goods and three meters"), (
        Question("character_grade", "choice", _("Character of the owner"), _("Neighbours, suppliers, staff; promises kept."), False, GRADES),
        Question("product_grade", "choice", _("The product"), _("Does it sell, at a margin, again and again?"), False, GRADES),
        Question("backing_grade", "choice", _("What stands behind it"), _("Home, equipment, stock, family."), False, GRADES),
        Question("power_kwh_month", "number", _("Electricity meter, kWh a month"), _("From the meter and the last bill's date."), False),
        Question("water_tons_month", "number", _("Water meter, tons a month"), "", False),
    )),
    Section(_("Accounts rebuilt on site"), (
        Question("sales_monthly_seen_cents", "money", _("Sales a month, as counted"), "", False),
        Question("profit_monthly_seen_cents", "money", _("Profit a month, as rebuilt"), "", False),
        Question("initial_capital_cents", "money", _("Initial capital"), "", False),
        Question("profits_retained_cents", "money", _("Profits kept in the firm"), "", False),
        Question("withdrawals_cents", "money", _("Withdrawals"), "", False),
        Question("revaluation_cents", "money", _("Revaluation"), "", False),
        Question("assets_cents", "money", _("Assets today"), "", False),
        Question("debts_shown_cents", "money", _("Debts that were shown"), "", False),
    )),
    Section(_("Debts that were not shown"), (
        Question("private_debts_found_cents", "money", _("Private debts found"), _("From neighbours, suppliers, the ledger on the table."), False),
        Question("mutual_guarantors", "number", _("Mutual guarantors"), "", False),
        NOTE,
    )),
)  # fmt: skip
REVIEW = (
    Section(_("Your decision"), (
        Question("decision", "choice", _("What do you decide?"), "", True, (("approve", _("approve")), ("decline", _("decline")))),
        Question("amount_cents", "money", _("Amount approved"), _("Empty: as asked for. It can be cut, never raised."), False),
        Question("reason", "choice", _("Reason, if declined"), "", False, (
            ("REV-CAPACITY", _("repayment capacity")), ("REV-PURPOSE", _("purpose")), ("REV-CONTRADICTION", _("contradictions not explained")),
            ("REV-DECLINED", _("overall judgement")),
        )),
        Question("note", "long", _("Grounds"), _("Two sentences that another officer would understand in a year.")),
    )),
)  # fmt: skip
EXCEPTION = Question(
    "exception", "long", _("Exception"), _("If you approve: why the loan may be made although these facts are unknown."), False
)  # fmt: skip
APPEAL = (
    Section(_("Your decision"), (
        Question("decision", "choice", _("Does the decline stand?"), _("You look at it anew, whatever decided before."), True,
                 (("stands", _("it stands")), ("apply_anew", _("no: the applicant may apply anew")))),
        Question("note", "long", _("Grounds"), _("Two sentences that another officer would understand in a year.")),
    )),
)  # fmt: skip
GATE = (
    Section(_("Judgement"), (
        Question("verdict", "choice", _("Is this a genuine applicant?"), "", True, (("pass", _("yes, let it pass")), ("reject", _("no, reject")))),
        Question("note", "long", _("Grounds"), _("Which signal decided, and why.")),
    )),
)  # fmt: skip
RING = (
    Section(_("Judgement"), (
        Question("verdict", "choice", _("Do these belong to a ring?"), _("Look at the picture, ring people up, compare their stories."), True,
                 (("pass", _("no, let it pass")), ("reject", _("yes, a ring")))),
        Question("note", "long", _("Grounds"), _("What ties them, and what gave them away.")),
    )),
)  # fmt: skip
RING_LOAN = (
    Section(_("What is done"), (
        Question("action", "choice", _("What is to be done about this loan?"), "", True,
                 (("watch", _("watch it")), ("call_in", _("call it in")), ("cleared", _("nothing: the suspicion is cleared")))),
        NOTE,
    )),
)  # fmt: skip
LISTS = (
    Section(_("Judgement"), (
        Question("verdict", "choice", _("Is the hit this person?"), "", True, (("clear", _("no, another person")), ("hit", _("yes, confirmed")))),
        Question("note", "long", _("Grounds"), _("What you compared.")),
    )),
)  # fmt: skip
OBJECTION = (
    Section(_("Judgement"), (
        Question("verdict", "choice", _("Was what we told the bureau right?"), _("The applicant has a right to an answer within the days the law gives."), True,
                 (("right", _("yes, it stands")), ("wrong", _("no, it is put right")))),
        Question("status", "select", _("Status as it should read"), "", False, tuple((letter, letter) for letter in "N1234567BC")),
        Question("balance_cents", "money", _("Balance as it should read"), "", False),
        Question("overdue_cents", "money", _("Overdue as it should read"), "", False),
        Question("note", "long", _("Grounds"), _("Two sentences that another officer would understand in a year.")),
    )),
)  # fmt: skip
COLLECTION = (
    Section(_("The contact"), (
        Question("was_reached", "choice", _("Was the borrower reached?"), "", True, (("yes", _("yes")), ("no", _("no")))),
        Question("default_reason", "select", _("Why the payment is late"), _("What the borrower says, or what you found out."), False,
                 tuple((code, lazy(_say_default_reason, str)(code)) for code in collection.DEFAULT_REASONS)),
    )),
    Section(_("Promise to pay"), (
        Question("promised_on", "date", _("Promised for"), "", False),
        Question("promised_cents", "money", _("Amount promised"), "", False),
        NOTE,
    )),
)  # fmt: skip
FORMS: Mapping[str, tuple[Section, ...]] = {
    "online_check": ONLINE, "phone_check": PHONE, "site_visit": VISIT, "second_visit": VISIT,
    "bureau_objection": OBJECTION, "review": REVIEW, "second_review": REVIEW,
    "appeal": APPEAL,
    "gate_review": GATE, "ring_review": RING, "ring_recheck": RING, "ring_second": RING,
    "ring_named": RING, "ring_trace": RING,
    "ring_loan": RING_LOAN, "list_review": LISTS, "collection": COLLECTION,
}  # fmt: skip
MONEY_ENDING = "_cents"
PHONE_NEEDED = ("is_identity_answered", "is_purpose_confirmed", "is_consent_read_back")
NUMBER_FIELDS = ("employees", "years_in_city", "term_months")


def sections_of(kind: str, brief: Mapping[str, Any]) -> tuple[Section, ...]:
    """The form of a kind of work; data entry asks for what the brief says is missing or uncertain."""
    if kind == "data_entry":
        places = [*brief.get("gaps", ()), *brief.get("doubts", ())]
        return (Section(_("What is missing or uncertain"), tuple(_gap(place) for place in places)),)
    if kind == "phone_check" and brief.get("questions"):
        drawn = Section(_("Drawn questions"), tuple(_drawn(code) for code in brief["questions"]))
        return (*PHONE[:2], drawn, *PHONE[2:])
    if FORMS.get(kind) is RING and brief.get("neighbours"):
        ticks = tuple((str(other["number"]), _say_neighbour(other)) for other in brief["neighbours"])
        who = Question("members", "several", _("Who of the picture belongs to the ring?"),
                       _("Everybody ticked hears of it: a case on its way goes to a second analyst, a loan to early warning."), False, ticks)  # fmt: skip
        return (*RING, Section(_("The others in the picture"), (who,)))
    if kind in ("review", "second_review") and brief.get("facts_needed"):
        return (*FORMS[kind], Section(_("Facts that policy needs are unknown"), (EXCEPTION,)))
    return FORMS.get(kind, (Section(_("Result"), (NOTE,)),))


def _say_neighbour(other: Mapping[str, Any]) -> Text:
    """A neighbour as it stands beside its box: its number, and what it shares with the applicant."""
    return lazy(
        lambda: f"{other['number']} · {_say_shares(other.get('shares') or (), int(other.get('ties', 1)))}", str
    )()


def _say_shares(shares: Iterable[str], ties: int) -> str:
    kinds = {kind.code: kind.zh if is_chinese() else kind.en for kind in network.KINDS}
    named = ("、" if is_chinese() else ", ").join(kinds.get(code, code) for code in shares)
    return _now("shares {things}").format(things=named) if named else _now("{n} ties away").format(n=ties)


def _drawn(code: str) -> Question:
    """A drawn question as it is read out; the answer's true figure is not shown, so that nobody can hint at it."""
    asked = decision.QUESTIONS.get(code)
    if asked is None:
        return Question(f"answers.{code}", "number", code, "", False)
    words = lazy(lambda: asked.zh if is_chinese() else asked.en, str)()
    kind = "money" if asked.kind == "money" else "number"
    return Question(
        f"answers.{code}", kind, words, _("As said, before anything is looked up; empty if not known."), False
    )


def _gap(place: str) -> Question:
    name = place.rpartition(".")[2]
    kind = (
        "money"
        if name.endswith(MONEY_ENDING)
        else "number"
        if name in NUMBER_FIELDS
        else "date"
        if name.endswith("_on")
        else "text"
    )
    return Question(place, kind, spell_out(name), place)


class PhotoMarksField(forms.CharField):
    """What the page noted of each photo: what it shows, its fingerprint, when it was taken, how far from the address."""

    def clean(self, value: Any) -> list[dict[str, Any]] | None:
        """The notes as a list; anything the page cannot have written is refused."""
        if not value:
            return None
        try:
            marks = json.loads(value)
            return [
                {
                    "what": str(mark["what"])[:40], "digest": str(mark["digest"])[:64],
                    "taken_at": str(mark["taken_at"]) if mark.get("taken_at") else None,
                    "distance_m": None if mark.get("distance_m") is None else int(mark["distance_m"]),
                }
                for mark in marks[:PHOTOS_MAX]
            ]  # fmt: skip
        except (ValueError, TypeError, KeyError, AttributeError):
            raise forms.ValidationError(_now("Found something else; expected the photos taken on this page.")) from None


class WorkForm(forms.Form):
    """One piece of work as a form; ``read_result`` gives what is handed in."""

    def __init__(self, kind: str, brief: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.sections = sections_of(kind, brief)
        self.amount_cents_max = brief.get("amount_cents")
        for question in self._questions():
            self.fields[question.name] = _field(question)

    def _questions(self) -> Iterable[Question]:
        for section in self.sections:
            yield from section.questions

    def grouped(self) -> list[dict[str, Any]]:
        """The sections with their bound fields, for the page."""
        return [
            {
                "title": section.title,
                "fields": [{"question": question, "field": self[question.name]} for question in section.questions],
            }
            for section in self.sections
        ]

    def clean(self) -> dict[str, Any]:
        """What one answer says of another."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.kind == "phone_check" and given.get("was_reached") == "yes":
            for name in PHONE_NEEDED:
                if not given.get(name):
                    self.add_error(name, _now("Found no answer; expected one, because the applicant was reached."))
        if self.kind == "collection" and given.get("promised_cents") and not given.get("promised_on"):
            self.add_error("promised_on", _now("Found an amount without a day; expected the day it is promised for."))
        if given.get("members") and given.get("verdict") != "reject":
            self.add_error("members", _now("Found boxes ticked; expected none where no ring was found."))
        if self.kind in ("review", "second_review"):
            if given.get("decision") == "decline" and not given.get("reason"):
                self.add_error("reason", _now("Found no reason; a decline needs one that the applicant can be told."))
            if given.get("decision") == "approve" and "exception" in self.fields and not given.get("exception"):
                self.add_error("exception", _now("Found no exception; an approval without these facts states one."))
            amount = given.get("amount_cents")
            if amount is not None and self.amount_cents_max and amount * 100 > self.amount_cents_max:
                asked = f"{self.amount_cents_max / 100:,.0f}"
                self.add_error(
                    "amount_cents",
                    _now("Found {found}; expected at most {most}, the amount asked for.").format(
                        found=f"{amount:,}", most=asked
                    ),
                )
        return given

    def read_result(self) -> dict[str, Any]:
        """What is handed in: the answers by the names the line reads, empty ones left out."""
        answers = {q.name: _answer(q, self.cleaned_data.get(q.name)) for q in self._questions()}
        if self.kind == "data_entry":
            return {"details": _nest({name: value for name, value in answers.items() if value is not None})}
        return _nest({name: value for name, value in answers.items() if value is not None})


def _field(question: Question) -> forms.Field:
    """The field of a question, with errors that say what was found and what was expected."""
    shared: dict[str, Any] = {"label": question.label, "help_text": question.help, "required": question.is_needed}
    needed = {"required": _("Found nothing; expected an answer.")}
    if question.kind in ("yesno", "choice"):
        choices = ANSWERS if question.kind == "yesno" else question.choices
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages=needed, **shared)
    if question.kind == "several":
        wrong_tick = {"invalid_choice": _("Expected boxes of this page only.")}
        return forms.MultipleChoiceField(
            choices=question.choices, widget=forms.CheckboxSelectMultiple, error_messages=wrong_tick, **shared
        )
    if question.kind == "select":
        offered = (("", "–"), *question.choices)
        return forms.ChoiceField(choices=offered, error_messages=needed, **shared)
    if question.kind == "money":
        wrong = _("Expected an amount in whole units, such as 260000 or 1234.50.")
        return forms.DecimalField(
            min_value=0, max_value=MONEY_MAX, decimal_places=2, localize=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={**needed, "invalid": wrong, "max_decimal_places": wrong}, **shared,
        )  # fmt: skip
    if question.kind == "number":
        return forms.IntegerField(
            min_value=question.least, max_value=1_000_000,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages={**needed, "invalid": _("Expected a whole number, such as 3.")}, **shared,
        )  # fmt: skip
    if question.kind == "percent":
        return forms.DecimalField(
            min_value=0, max_value=100, decimal_places=1, localize=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={**needed, "invalid": _("Expected per cent from 0 to 100, such as 32.")}, **shared,
        )  # fmt: skip
    if question.kind == "moment":
        return forms.DateTimeField(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
            input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S"],
            error_messages={**needed, "invalid": _("Expected a day and a time, such as 2026-03-12 14:30.")}, **shared,
        )  # fmt: skip
    if question.kind == "photos":
        return PhotoMarksField(widget=forms.HiddenInput(attrs={"data-photos": "1"}), error_messages=needed, **shared)
    if question.kind == "date":
        return forms.DateField(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"],
            error_messages={**needed, "invalid": _("Expected a date, such as 2026-03-12.")}, **shared,
        )  # fmt: skip
    widget = forms.Textarea(attrs={"rows": 3}) if question.kind == "long" else forms.TextInput()
    return forms.CharField(max_length=500, widget=widget, error_messages=needed, **shared)


def _answer(question: Question, value: Any) -> Any:
    """One answer as the line reads it; None where nothing is known."""
    if value in (None, "") or value == []:
        return None
    if question.kind == "yesno":
        return {"yes": True, "no": False}.get(value)
    if question.name == "was_reached":
        return value == "yes"
    if question.kind in ("money", "percent"):
        return int(value * 100)
    if question.name.endswith("_grade"):
        return int(value)
    return value.isoformat() if question.kind in ("date", "moment") else value


def _nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """``business.city`` as a field of ``business``."""
    nested: dict[str, Any] = {}
    for place, value in flat.items():
        *parents, name = place.split(".")
        within = nested
        for parent in parents:
            within = within.setdefault(parent, {})
        within[name] = value
    return nested


CALL_SCRIPT = (
    gettext_noop("Good day, this is the credit line's verification desk. The call is recorded; do you agree?"),
    gettext_noop("Please give me your birthday and the last four digits of your identity number."),
    gettext_noop("What do you sell, since when, and how many people work with you?"),
    gettext_noop("What were your sales in a good month and in a bad one?"),
    gettext_noop("What is the loan for, how much, and to whom will it be paid?"),
    gettext_noop("Which other debts and guarantees are there, private ones too?"),
    gettext_noop("Did anyone ask you for a fee, or fill in the form for you?"),
    gettext_noop("You agree that we check your credit record and tax figures for this application: is that right?"),
)
