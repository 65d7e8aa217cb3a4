"""Through whom applicants come, and who funds them."""

from __future__ import annotations

from django.db import models

from creditfactory.records.tables.tenancy import Book, Tenant


class Channel(models.Model):
    """A broker company or a direct door, with its grade, deposit and quota."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    grade = models.CharField(max_length=1)
    status = models.CharField(max_length=12)
    city = models.CharField(max_length=80, blank=True)
    quota_cents = models.BigIntegerField(null=True)
    deposit_cents = models.BigIntegerField(default=0)
    deposit_required_cents = models.BigIntegerField(default=0)
    since = models.DateField()

    class Meta:
        db_table = "channel"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="channel_code_once_per_tenant")]


class Funder(models.Model):
    """A bank, trust or insurer that decides for itself; ``terms`` is the funding room's FunderFacts as JSON."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    book = models.OneToOneField(Book, on_delete=models.PROTECT, null=True)
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)
    terms = models.TextField()
    is_open = models.BooleanField(default=True)

    class Meta:
        db_table = "funder"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="funder_code_once_per_tenant")]
