"""Whose factory, on whose balance sheet, and what day it is there."""

from __future__ import annotations

from django.db import models


class Tenant(models.Model):
    """A factory: one institution's applications, rules and people."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    pack = models.SlugField()

    class Meta:
        db_table = "tenant"


class Book(models.Model):
    """A balance sheet on which loans stand: the funder's, never the factory's."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)

    class Meta:
        db_table = "book"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="book_code_once_per_tenant")]


class Clock(models.Model):
    """The factory's clock: business date, cut-off, and the instant it shows.

    ``anchor_at`` was shown when the wall clock stood at ``anchored_at``; since then it runs ``speed`` times as fast.
    Speed 0 stands still until it is set again.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, primary_key=True)
    business_on = models.DateField()
    utc_offset_minutes = models.SmallIntegerField(default=0)
    cut_off_minutes = models.PositiveSmallIntegerField(default=0)
    anchor_at = models.DateTimeField()
    anchored_at = models.DateTimeField()
    speed = models.FloatField(default=1.0)

    class Meta:
        db_table = "clock"
        constraints = [models.CheckConstraint(condition=models.Q(speed__gte=0), name="clock_never_runs_backwards")]


class PartnerKey(models.Model):
    """A key with which an outside party signs its requests; the secret itself is wrapped like a person's key.

    ``rights`` are words, divided by spaces, beyond what its role may do; ``per_minute_max`` is the most requests it
    may send in a minute (none: the factory's own most).
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    key = models.CharField(max_length=64, unique=True)
    party = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    secret_wrapped = models.BinaryField()
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    rights = models.CharField(max_length=120, blank=True, db_default="", default="")
    per_minute_max = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "partner_key"


class UsedNonce(models.Model):
    """A nonce that a partner has used: a request replayed within the clock window is refused."""

    key = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64)
    used_at = models.DateTimeField()

    class Meta:
        db_table = "used_nonce"
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_used_once")]
