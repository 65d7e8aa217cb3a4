"""A rulebook's versions with their files, what is in force from when, and what a shadow would have decided."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from creditfactory.records.tables.line import Application
from creditfactory.records.tables.tenancy import Tenant

VERSION_STATUSES = ("draft", "checked", "proposed", "approved", "rejected", "discarded")
RELEASE_ROLES = ("champion", "challenger", "shadow")


class RulebookFile(models.Model):
    """One file of a rulebook, compressed, under the SHA-256 of its content: kept once, never changed."""

    digest = models.CharField(max_length=64, primary_key=True)
    body = models.BinaryField()

    class Meta:
        db_table = "rulebook_file"


class RulebookVersion(models.Model):
    """One version of a factory's rulebook: which files it is made of, who wrote, checked, proposed and approved it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    pack = models.SlugField()
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True)
    digest = models.CharField(max_length=64)
    files = models.JSONField()
    status = models.CharField(max_length=12, default="draft")
    revision = models.PositiveIntegerField(default=0)
    authors = ArrayField(models.CharField(max_length=64))
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    report = models.JSONField(null=True)
    checked_by = models.CharField(max_length=64, blank=True)
    checked_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=1000, blank=True)
    proposed_by = models.CharField(max_length=64, blank=True)
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=1000, blank=True)

    class Meta:
        db_table = "rulebook_version"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="rulebook_version_number_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=VERSION_STATUSES), name="rulebook_version_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(proposed_by="", proposed_at__isnull=True)
                | (~models.Q(proposed_by="") & models.Q(proposed_at__isnull=False)),
                name="rulebook_proposal_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by="", decided_at__isnull=True)
                | (~models.Q(decided_by="") & models.Q(decided_at__isnull=False)),
                name="rulebook_decision_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=("proposed", "approved", "rejected")) | ~models.Q(proposed_by=""),
                name="rulebook_is_proposed_before_it_is_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=("approved", "rejected", "discarded")) | ~models.Q(decided_by=""),
                name="rulebook_decision_is_somebodys",
            ),
        ]
        indexes = [models.Index(fields=["digest"], name="rulebook_version_digest")]


class RulebookRelease(models.Model):
    """A version put to work: champion from a day on, challenger for a share of applicants, or shadow beside them.

    The champion of a day is the last one that starts on or before it. A release counts once a second person stands
    for it; one that ends on the day it starts was never in force.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    version = models.ForeignKey(RulebookVersion, on_delete=models.PROTECT)
    role = models.CharField(max_length=12)
    share_bps = models.PositiveIntegerField(default=0)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    approved_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rulebook_release"
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=RELEASE_ROLES), name="rulebook_release_role_known"),
            models.CheckConstraint(
                condition=models.Q(role="challenger", share_bps__gte=1, share_bps__lte=9_999)
                | (~models.Q(role="challenger") & models.Q(share_bps=0)),
                name="rulebook_challenger_has_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by="", approved_at__isnull=True)
                | (~models.Q(approved_by="") & models.Q(approved_at__isnull=False)),
                name="rulebook_release_approval_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_by="", ended_at__isnull=True)
                | (~models.Q(ended_by="") & models.Q(ended_at__isnull=False, ends_on__isnull=False)),
                name="rulebook_release_end_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="rulebook_release_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "starts_on"], name="rulebook_release_by_day")]


class ShadowDecision(models.Model):
    """What a shadow version would have decided on the same facts, beside what the version in force decides on them."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT)
    release = models.ForeignKey(RulebookRelease, on_delete=models.PROTECT)
    version = models.ForeignKey(RulebookVersion, on_delete=models.PROTECT)
    verdict = models.CharField(max_length=12, blank=True)
    lane = models.CharField(max_length=8, blank=True)
    amount_cents = models.BigIntegerField(default=0)
    own_verdict = models.CharField(max_length=12, blank=True)
    own_lane = models.CharField(max_length=8, blank=True)
    own_amount_cents = models.BigIntegerField(default=0)
    differs = models.BooleanField(default=False)
    result = models.TextField(blank=True)
    error = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "shadow_decision"
        constraints = [
            models.UniqueConstraint(fields=["application", "release"], name="shadow_decides_once"),
            models.CheckConstraint(
                condition=~models.Q(verdict="", error=""), name="shadow_decision_says_what_or_why_not"
            ),
        ]
        indexes = [models.Index(fields=["release", "differs"], name="shadow_decision_of_release")]
