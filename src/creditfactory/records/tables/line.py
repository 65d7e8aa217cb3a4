"""Where each application stands on the line, and everything that happened to it there."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from creditfactory.records.tables.tenancy import Book, Tenant

STATUSES = ("moving", "waiting", "held", "declined", "withdrawn", "expired", "closed")


class LineMove(models.Model):
    """What may follow what: the pure table of the line, kept here so that the database refuses any other move."""

    station = models.CharField(max_length=24)
    outcome = models.CharField(max_length=16)
    lane = models.CharField(max_length=1, blank=True)
    next_station = models.CharField(max_length=24, blank=True)

    class Meta:
        db_table = "line_move"
        constraints = [
            models.UniqueConstraint(fields=["station", "outcome", "lane", "next_station"], name="line_move_once"),
        ]


class Application(models.Model):
    """One application: where it is, what it waits for, and the few facts one searches by."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    book = models.ForeignKey(Book, on_delete=models.PROTECT, null=True)
    number = models.CharField(max_length=32)
    reference = models.CharField(max_length=80)
    pack = models.SlugField()
    rulebook = models.CharField(max_length=64)
    release = models.ForeignKey("RulebookRelease", on_delete=models.PROTECT, null=True)
    person_token = models.CharField(max_length=40)
    trade_name = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80, blank=True)
    industry = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=120, blank=True)
    amount_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    applied_at = models.DateTimeField()
    applied_on = models.DateField()
    received_at = models.DateTimeField()
    status = models.CharField(max_length=12, default="moving")
    station = models.CharField(max_length=24, blank=True)
    waits_for = models.CharField(max_length=40, blank=True)
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    lane = models.CharField(max_length=1, blank=True)
    tier = models.CharField(max_length=8, blank=True)
    points = models.IntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    money_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=48, blank=True)
    visits_made = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "application"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "reference"], name="application_reference_once_per_tenant"),
            models.UniqueConstraint(fields=["tenant", "number"], name="application_number_once_per_tenant"),
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="application_status_known"),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="application_asks_for_money"),
            models.CheckConstraint(
                condition=models.Q(status__in=["moving", "waiting", "held"], ended_at__isnull=True)
                | (~models.Q(status__in=["moving", "waiting", "held"]) & models.Q(ended_at__isnull=False, station="")),
                name="ended_application_stands_nowhere",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "station"], name="application_where"),
            models.Index(fields=["tenant", "-received_at"], name="application_newest"),
            models.Index(fields=["person_token"], name="application_person"),
        ]


class Dossier(models.Model):
    """The dossier's own text: the request and the evidence gathered, as JSON of the room's dataclass."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, primary_key=True)
    body = models.TextField()

    class Meta:
        db_table = "dossier"


class Visit(models.Model):
    """What one station found in one application: written once, never changed."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    sequence = models.PositiveIntegerField()
    station = models.CharField(max_length=24)
    outcome = models.CharField(max_length=16)
    lane = models.CharField(max_length=1, blank=True)
    next_station = models.CharField(max_length=24, blank=True)
    result = models.TextField()
    reasons = models.TextField()
    actor = models.CharField(max_length=64)
    business_on = models.DateField()
    rulebook = models.CharField(max_length=64)
    engine = models.CharField(max_length=16, db_default="")
    inputs = models.TextField(db_default="")
    entered_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()

    class Meta:
        db_table = "visit"
        constraints = [models.UniqueConstraint(fields=["application", "sequence"], name="visit_sequence_once")]


class Question(models.Model):
    """A question to an outside party: written down with its key before it is asked, so that it is asked as one."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    station = models.CharField(max_length=24)
    party = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=120, unique=True)
    request = models.TextField()
    status = models.CharField(max_length=10, default="asked")
    answer = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "question"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["asked", "accepted", "answered", "given_up"]),
                name="question_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="answered", answered_at__isnull=False)
                | (~models.Q(status="answered") & models.Q(answered_at__isnull=True)),
                name="question_answered_has_its_instant",
            ),
        ]


class CallBack(models.Model):
    """What a borrower or an outside party told us of its own accord; the same key twice is one call-back."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)
    body = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "call_back"


class WorkItem(models.Model):
    """One piece of work for a person: claimed by one, completed by one, never checked by its own maker."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    station = models.CharField(max_length=24)
    kind = models.CharField(max_length=32)
    role = models.CharField(max_length=32)
    brief = models.TextField()
    reasons = models.TextField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    status = models.CharField(max_length=10, default="open")
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(null=True)
    maker = models.CharField(max_length=64, blank=True)
    completed_by = models.CharField(max_length=64, blank=True)
    completed_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)
    note = models.CharField(max_length=500, blank=True)
    returned_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "work_item"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "claimed", "done", "returned", "cancelled"]),
                name="work_item_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_by="", claimed_at__isnull=True)
                | (~models.Q(claimed_by="") & models.Q(claimed_at__isnull=False)),
                name="work_item_claim_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(completed_by="", completed_at__isnull=True)
                | (~models.Q(completed_by="") & models.Q(completed_at__isnull=False)),
                name="work_item_completion_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(maker="") | ~models.Q(completed_by=models.F("maker")),
                name="maker_never_checks_own_work",
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=models.Q(status__in=["open", "claimed"]),
                name="one_open_work_item_of_a_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["role", "due_at"], condition=models.Q(status__in=["open", "claimed"]), name="work_item_queue"
            ),
        ]


class Timer(models.Model):
    """Something that happens at an instant unless it is called off first."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    kind = models.CharField(max_length=24)
    station = models.CharField(max_length=24)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "timer"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(fired_at__isnull=True, cancelled_at__isnull=True),
                name="timer_pending",
            ),
        ]


class DeadLetter(models.Model):
    """An application a machine station could not get past; a person looks at it and resumes it."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    station = models.CharField(max_length=24)
    why = models.CharField(max_length=500)
    attempts = models.PositiveSmallIntegerField()
    held_at = models.DateTimeField()
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "dead_letter"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resumed_by="", resumed_at__isnull=True)
                | (~models.Q(resumed_by="") & models.Q(resumed_at__isnull=False)),
                name="dead_letter_resumed_has_who_and_when",
            ),
        ]


class RecordedOutcome(models.Model):
    """What really became of a past loan; told to the line only by the recorded lender, after its decision."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    reference = models.CharField(max_length=80)
    lender = models.CharField(max_length=80)
    disbursed_on = models.DateField()
    disbursed_cents = models.BigIntegerField()
    status = models.CharField(max_length=12)
    charged_off_on = models.DateField(null=True)
    loss_cents = models.BigIntegerField(default=0)
    weight = models.FloatField(default=1.0)

    class Meta:
        db_table = "recorded_outcome"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "reference"], name="recorded_outcome_once"),
        ]


class HistoryRun(models.Model):
    """One import of past loans: what was asked, and the report it ended with."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    name = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    request = models.JSONField()
    report = models.JSONField(null=True)

    class Meta:
        db_table = "history_run"
