"""Papers handed in as files: the original sealed for its person, what was read off it, and who put a reading right."""

from __future__ import annotations

from django.db import models

from creditfactory.records.tables.line import Application


class UploadedPaper(models.Model):
    """One file under one application; original and reading are sealed with the person's key and gone with it.

    ``findings`` are reasons as JSON text without names; ``corrections`` say place, was and is. Who corrects a reading
    never confirms it.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    person_token = models.CharField(max_length=40)
    paper = models.CharField(max_length=24)
    name = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    media = models.CharField(max_length=80)
    sealed = models.BinaryField(null=True)
    reading = models.BinaryField(null=True)
    findings = models.TextField(default="[]")
    status = models.CharField(max_length=12)
    corrections = models.TextField(default="[]")
    uploaded_by = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    corrected_by = models.CharField(max_length=64, blank=True)
    corrected_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=64, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "uploaded_paper"
        constraints = [
            models.UniqueConstraint(fields=["application", "digest"], name="paper_once_per_application"),
            models.CheckConstraint(
                condition=models.Q(status__in=["read", "refused", "corrected", "confirmed", "dropped"]),
                name="paper_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by="") | ~models.Q(confirmed_by=models.F("corrected_by")),
                name="corrector_never_confirms_own_reading",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by="", confirmed_at__isnull=True)
                | (~models.Q(confirmed_by="") & models.Q(confirmed_at__isnull=False)),
                name="paper_confirmed_has_who_and_when",
            ),
        ]
        indexes = [models.Index(fields=["digest"], name="paper_digest")]
