"""The borrower's own door: an unfinished application that can be taken up again, and the papers and frames kept."""

from __future__ import annotations

from django.db import models

from creditfactory.records.tables.line import Application
from creditfactory.records.tables.persons import Person
from creditfactory.records.tables.tenancy import Tenant


class ApplySession(models.Model):
    """One borrower at the page: what was typed is sealed with a key of the session's own, found by its link's hash.

    ``nonce`` is the one with which the next step must come; a step that brings another is refused.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    link_index = models.BinaryField(unique=True)
    key_wrapped = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    step = models.CharField(max_length=16)
    nonce = models.CharField(max_length=40)
    device = models.CharField(max_length=40, blank=True)
    ip = models.CharField(max_length=40, blank=True)
    trace = models.CharField(max_length=40, blank=True)
    refused = models.PositiveSmallIntegerField(default=0)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, null=True)
    began_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "apply_session"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(key_wrapped__isnull=False) | models.Q(sealed__isnull=True),
                name="apply_session_without_key_holds_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "ip", "began_at"], name="apply_session_ip"),
            models.Index(fields=["tenant", "device", "began_at"], name="apply_session_device"),
            models.Index(fields=["tenant", "trace"], name="apply_session_trace"),
        ]


class KeptPaper(models.Model):
    """A paper or a camera frame, sealed with the person's own key: without the key nobody can look at it again."""

    session = models.ForeignKey(ApplySession, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16)
    place = models.PositiveSmallIntegerField(default=0)
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64)
    likeness = models.CharField(max_length=64, blank=True)
    taken_ms = models.BigIntegerField(default=0)
    kept_at = models.DateTimeField()
    until = models.DateField()

    class Meta:
        db_table = "kept_paper"
        constraints = [
            models.UniqueConstraint(fields=["session", "kind", "place"], name="kept_paper_once"),
        ]
        indexes = [
            models.Index(fields=["digest"], name="kept_paper_digest"),
            models.Index(fields=["until"], name="kept_paper_until"),
        ]
