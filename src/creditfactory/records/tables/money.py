"""Loans as promised, and the ledger: journals that balance, entries that are only ever added."""

from __future__ import annotations

from django.db import models

from creditfactory.records.tables.line import Application
from creditfactory.records.tables.tenancy import Book, Tenant


class Loan(models.Model):
    """One loan on one funder's balance sheet."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    book = models.ForeignKey(Book, on_delete=models.PROTECT)
    application = models.OneToOneField(Application, on_delete=models.PROTECT)
    number = models.CharField(max_length=40)
    product = models.CharField(max_length=32)
    city = models.CharField(max_length=80, blank=True)
    industry = models.CharField(max_length=16, blank=True)
    channel = models.CharField(max_length=120, blank=True)
    lane = models.CharField(max_length=1)
    currency = models.CharField(max_length=3)
    principal_cents = models.BigIntegerField()
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6)
    instalments = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=24)
    disbursed_on = models.DateField()
    matures_on = models.DateField()
    status = models.CharField(max_length=12, default="running")
    open_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField(default=0)
    arrears_days = models.PositiveIntegerField(default=0)
    aged_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    loss_cents = models.BigIntegerField(default=0)
    recovered_cents = models.BigIntegerField(default=0)
    weight = models.FloatField(default=1.0)

    class Meta:
        db_table = "loan"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="loan_number_once_per_tenant"),
            models.CheckConstraint(condition=models.Q(principal_cents__gt=0), name="loan_has_principal"),
            models.CheckConstraint(condition=models.Q(open_cents__gte=0), name="loan_never_overpaid"),
            models.CheckConstraint(
                condition=models.Q(status="running", ended_on__isnull=True)
                | models.Q(status__in=["paid", "charged_off"], ended_on__isnull=False, open_cents=0),
                name="ended_loan_owes_nothing",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "status"], name="loan_status")]


class Instalment(models.Model):
    """One promised payment; ``due_through_cents`` is all that is due up to and including it."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    principal_cents = models.BigIntegerField()
    interest_cents = models.BigIntegerField()
    due_through_cents = models.BigIntegerField()

    class Meta:
        db_table = "instalment"
        constraints = [models.UniqueConstraint(fields=["loan", "number"], name="instalment_once")]
        indexes = [models.Index(fields=["loan", "due_through_cents"], name="instalment_due_through")]


class Repayment(models.Model):
    """Money that came in on a loan, and what it paid."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    key = models.CharField(max_length=120, unique=True)
    on = models.DateField()
    kind = models.CharField(max_length=12)
    principal_cents = models.BigIntegerField()
    interest_cents = models.BigIntegerField()
    penalty_cents = models.BigIntegerField(default=0)

    class Meta:
        db_table = "repayment"
        indexes = [models.Index(fields=["loan", "on"], name="repayment_of_loan")]


class LedgerAccount(models.Model):
    """The chart of accounts: every entry names one of these."""

    code = models.CharField(max_length=48, primary_key=True)
    name_en = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80)

    class Meta:
        db_table = "ledger_account"


class Journal(models.Model):
    """One event in money; its entries sum to nothing in each currency, or the database refuses the commit."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    book = models.ForeignKey(Book, on_delete=models.PROTECT)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=40, db_index=True)
    on = models.DateField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "journal"


class Entry(models.Model):
    """One line of a journal: debits are positive, credits negative, zero is not an entry."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT)
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, db_column="account")
    currency = models.CharField(max_length=3)
    cents = models.BigIntegerField()

    class Meta:
        db_table = "entry"
        constraints = [models.CheckConstraint(condition=~models.Q(cents=0), name="entry_moves_money")]
