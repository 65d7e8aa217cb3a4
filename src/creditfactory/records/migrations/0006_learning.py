"""What each night finds out about the cards at work, and every attempt to refresh one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """As the line above says."""

    dependencies = [("records", "0005_network")]

    operations = [
        migrations.CreateModel(
            name="CardRefresh",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("card", models.CharField(max_length=50)),
                ("parent", models.CharField(max_length=50)),
                ("version", models.CharField(max_length=50)),
                ("rows", models.PositiveIntegerField()),
                ("bads", models.PositiveIntegerField()),
                ("passed", models.BooleanField()),
                ("why", models.CharField(max_length=200)),
                ("gates", models.JSONField()),
                ("draft", models.PositiveIntegerField(null=True)),
                ("figures", models.JSONField()),
                ("tenant", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant")),
            ],
            options={
                "db_table": "card_refresh",
                "indexes": [models.Index(fields=["tenant", "card", "on"], name="card_refresh_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "on", "card"), name="card_refreshed_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("passed", True), ("draft__isnull", True), _connector="OR"),
                        name="only_what_passed_is_proposed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CardWatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("card", models.CharField(max_length=50)),
                ("version", models.CharField(max_length=50)),
                ("number", models.PositiveIntegerField()),
                ("window_from", models.DateField()),
                ("window_to", models.DateField()),
                ("rows", models.PositiveIntegerField()),
                ("bads", models.PositiveIntegerField()),
                ("verdict", models.CharField(max_length=8)),
                ("figures", models.JSONField()),
                ("tenant", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant")),
            ],
            options={
                "db_table": "card_watch",
                "indexes": [models.Index(fields=["tenant", "card", "on"], name="card_watch_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "on", "card"), name="card_watched_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ("few", "sound", "noise", "mix", "shift", "change"))),
                        name="card_watch_verdict_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bads__lte", models.F("rows"))), name="card_watch_bads_are_rows"
                    ),
                ],
            },
        ),
    ]
