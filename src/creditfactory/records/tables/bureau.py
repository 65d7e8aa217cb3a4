"""What passed between the factory and the credit bureau: paid questions one by one, and what we report back."""

from __future__ import annotations

from django.db import models

from creditfactory.records.tables.line import Application
from creditfactory.records.tables.money import Loan
from creditfactory.records.tables.tenancy import Tenant


class BureauQuery(models.Model):
    """One need of a bureau report and how it was met: only ever added to, one line a question.

    ``paid`` was answered and is charged; ``reused`` was met from a report still in its lifetime and costs nothing;
    ``refused`` was asked and declined by the bureau; ``withheld`` was never sent, for want of consent or purpose.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    person_token = models.CharField(max_length=40)
    purpose = models.CharField(max_length=24)
    party = models.CharField(max_length=64)
    key = models.CharField(max_length=120, unique=True)
    outcome = models.CharField(max_length=10)
    why = models.CharField(max_length=48, blank=True)
    consent = models.CharField(max_length=40, blank=True)
    consent_signed_at = models.DateTimeField(null=True)
    price_cents = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField()
    business_on = models.DateField()
    report_at = models.DateTimeField(null=True)
    source_key = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "bureau_query"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["paid", "reused", "refused", "withheld"]),
                name="bureau_query_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(price_cents=0) | models.Q(outcome="paid", price_cents__gt=0),
                name="only_a_paid_bureau_query_costs",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome__in=["paid", "refused"]) | models.Q(consent_signed_at__isnull=False),
                name="no_bureau_query_without_consent",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person_token", "purpose", "report_at"], name="bureau_query_of_person"),
            models.Index(fields=["tenant", "business_on"], name="bureau_query_by_day"),
        ]


class BureauRecord(models.Model):
    """One line of what we tell the bureau of a loan: opened, a month's status, closed, or a correction of one of these.

    The key is the line's own and the same line is told once; ``sent_at`` is empty until the bureau has taken it.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12)
    month = models.DateField()
    number = models.PositiveSmallIntegerField(default=0)
    body = models.TextField()
    key = models.CharField(max_length=120, unique=True)
    batch = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, default="made")
    answer = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bureau_record"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["opened", "status", "closed", "correction"]),
                name="bureau_record_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="made", sent_at__isnull=True)
                | models.Q(status__in=["taken", "refused"], sent_at__isnull=False),
                name="bureau_record_sent_has_its_instant",
            ),
            models.UniqueConstraint(fields=["loan", "kind", "month", "number"], name="bureau_record_once"),
        ]
        indexes = [models.Index(fields=["tenant", "status"], name="bureau_record_to_send")]
