"""What each night found out about the cards at work, and every attempt to refresh one."""

from __future__ import annotations

from django.db import models

from creditfactory.records.tables.tenancy import Tenant

WATCH_VERDICTS = ("few", "sound", "noise", "mix", "shift", "change")


class CardWatch(models.Model):
    """One card on one day: its newest matured outcomes beside what it was like before, and the one word for why.

    ``number`` is the version of the rulebook that was in force; ``figures`` holds sums and rates, never a person.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    on = models.DateField()
    card = models.CharField(max_length=50)
    version = models.CharField(max_length=50)
    number = models.PositiveIntegerField()
    window_from = models.DateField()
    window_to = models.DateField()
    rows = models.PositiveIntegerField()
    bads = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8)
    figures = models.JSONField()

    class Meta:
        db_table = "card_watch"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "on", "card"], name="card_watched_once_a_day"),
            models.CheckConstraint(condition=models.Q(verdict__in=WATCH_VERDICTS), name="card_watch_verdict_known"),
            models.CheckConstraint(condition=models.Q(bads__lte=models.F("rows")), name="card_watch_bads_are_rows"),
        ]
        indexes = [models.Index(fields=["tenant", "card", "on"], name="card_watch_by_day")]


class CardRefresh(models.Model):
    """One attempt to refresh a card: what the gates said, and in which draft of the rulebook it is proposed, if so."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    on = models.DateField()
    card = models.CharField(max_length=50)
    parent = models.CharField(max_length=50)
    version = models.CharField(max_length=50)
    rows = models.PositiveIntegerField()
    bads = models.PositiveIntegerField()
    passed = models.BooleanField()
    why = models.CharField(max_length=200)
    gates = models.JSONField()
    draft = models.PositiveIntegerField(null=True)
    figures = models.JSONField()

    class Meta:
        db_table = "card_refresh"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "on", "card"], name="card_refreshed_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(passed=True) | models.Q(draft__isnull=True), name="only_what_passed_is_proposed"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "card", "on"], name="card_refresh_by_day")]
