"""What was done, by whom, to what: added to, never changed, and tied to nothing so that it outlives all."""

from __future__ import annotations

from django.db import models


class AuditEvent(models.Model):
    """One act of a person or a machine."""

    at = models.DateTimeField()
    tenant = models.CharField(max_length=50)
    actor = models.CharField(max_length=64)
    action = models.CharField(max_length=48)
    object_kind = models.CharField(max_length=24)
    object_key = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_event"
        indexes = [models.Index(fields=["object_kind", "object_key"], name="audit_event_object")]
