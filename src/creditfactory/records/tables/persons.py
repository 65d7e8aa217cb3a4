"""The vault: who a person is, encrypted with a key of the person's own."""

from __future__ import annotations

from django.db import models

from creditfactory.records.tables.tenancy import Tenant


class Person(models.Model):
    """A person known elsewhere by token only; erasing destroys the key, and what is left says nothing."""

    token = models.CharField(max_length=40, primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    key_wrapped = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    id_number_index = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "person"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id_number_index"], name="person_once_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True) | models.Q(key_wrapped__isnull=True, sealed__isnull=True),
                name="erased_person_has_no_key",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "phone_index"], name="person_phone")]


class ListEntry(models.Model):
    """One name on a list: own black list, executed persons, sanctions; found by blind index or by token."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    list_code = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject_index = models.BinaryField()
    severity = models.CharField(max_length=8)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        db_table = "list_entry"
        indexes = [models.Index(fields=["tenant", "subject_kind", "subject_index"], name="list_entry_subject")]


class Edge(models.Model):
    """An application touches a thing (person, phone, device, address, card, agent …): the network's truth.

    ``entity`` is a blind token, ``key`` the network's number for it (:func:`creditfactory.network.find_key`). Beside
    these the database keeps ``written_in``, the transaction that wrote the row, by which every worker's index reads
    what is new without missing what commits late.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, db_constraint=False)
    kind = models.CharField(max_length=16)
    entity = models.CharField(max_length=80)
    key = models.BigIntegerField()
    application_id = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "edge"
        constraints = [models.UniqueConstraint(fields=["application_id", "key"], name="edge_once")]
        indexes = [models.Index(fields=["tenant", "key", "seen_at"], name="edge_entity")]


class KnownOutcome(models.Model):
    """An application turned out bad, and since which instant this was known; it colours nothing decided before."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    application_id = models.BigIntegerField()
    kind = models.CharField(max_length=24)
    known_at = models.DateTimeField()

    class Meta:
        db_table = "known_outcome"
        constraints = [
            models.UniqueConstraint(fields=["application_id", "kind"], name="known_outcome_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["fraud", "charge_off", "late_90", "first_payment_default"]),
                name="known_outcome_kind_known",
            ),
        ]


class ForgottenApplication(models.Model):
    """An application whose edges were taken out of the network because its person was erased."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    application_id = models.BigIntegerField(unique=True)
    forgotten_at = models.DateTimeField()

    class Meta:
        db_table = "forgotten_application"
