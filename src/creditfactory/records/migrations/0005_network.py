"""The network's truth with its numbers and its feed; what passed with the bureau; papers and the borrower's own door."""

import django.db.models.deletion
from django.db import migrations, models

NUMBER_EDGES = """
UPDATE edge SET key = (('x' || encode(substr(sha256(convert_to(kind || chr(31) || entity, 'UTF8')), 1, 8), 'hex'))
  ::bit(64) >> 1)::bigint
"""

PAST_OUTCOMES = """
INSERT INTO known_outcome (tenant_id, application_id, kind, known_at)
SELECT tenant_id, application_id, 'charge_off', (ended_on + 1)::timestamp AT TIME ZONE 'UTC'
FROM loan WHERE status = 'charged_off' AND ended_on IS NOT NULL ON CONFLICT DO NOTHING;
INSERT INTO known_outcome (tenant_id, application_id, kind, known_at)
SELECT tenant_id, id, 'fraud', ended_at
FROM application WHERE status = 'declined' AND reason LIKE 'GTE-%' AND ended_at IS NOT NULL ON CONFLICT DO NOTHING;
"""


def _feeds() -> list[migrations.RunSQL]:
    """Each row says which transaction wrote it: a reader that knows up to where all have ended can miss none."""
    return [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();"
            f"CREATE INDEX {table}_feed ON {table} (tenant_id, written_in);",
            f"DROP INDEX {table}_feed; ALTER TABLE {table} DROP COLUMN written_in;",
        )
        for table in ("edge", "known_outcome", "forgotten_application")
    ]


class Migration(migrations.Migration):
    """As the line above says."""

    dependencies = [
        ("records", "0004_partner_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApplySession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link_index", models.BinaryField(unique=True)),
                ("key_wrapped", models.BinaryField(null=True)),
                ("sealed", models.BinaryField(null=True)),
                ("step", models.CharField(max_length=16)),
                ("nonce", models.CharField(max_length=40)),
                ("device", models.CharField(blank=True, max_length=40)),
                ("ip", models.CharField(blank=True, max_length=40)),
                ("trace", models.CharField(blank=True, max_length=40)),
                ("refused", models.PositiveSmallIntegerField(default=0)),
                ("began_at", models.DateTimeField()),
                ("touched_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "db_table": "apply_session",
            },
        ),
        migrations.CreateModel(
            name="BureauQuery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_token", models.CharField(max_length=40)),
                ("purpose", models.CharField(max_length=24)),
                ("party", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=120, unique=True)),
                ("outcome", models.CharField(max_length=10)),
                ("why", models.CharField(blank=True, max_length=48)),
                ("consent", models.CharField(blank=True, max_length=40)),
                ("consent_signed_at", models.DateTimeField(null=True)),
                ("price_cents", models.BigIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("business_on", models.DateField()),
                ("report_at", models.DateTimeField(null=True)),
                ("source_key", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "db_table": "bureau_query",
            },
        ),
        migrations.CreateModel(
            name="BureauRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("month", models.DateField()),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("body", models.TextField()),
                ("key", models.CharField(max_length=120, unique=True)),
                ("batch", models.CharField(blank=True, max_length=64)),
                ("status", models.CharField(default="made", max_length=10)),
                ("answer", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "bureau_record",
            },
        ),
        migrations.CreateModel(
            name="ForgottenApplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("application_id", models.BigIntegerField(unique=True)),
                ("forgotten_at", models.DateTimeField()),
            ],
            options={
                "db_table": "forgotten_application",
            },
        ),
        migrations.CreateModel(
            name="KeptPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("sealed", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("likeness", models.CharField(blank=True, max_length=64)),
                ("taken_ms", models.BigIntegerField(default=0)),
                ("kept_at", models.DateTimeField()),
                ("until", models.DateField()),
            ],
            options={
                "db_table": "kept_paper",
            },
        ),
        migrations.CreateModel(
            name="KnownOutcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("application_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=24)),
                ("known_at", models.DateTimeField()),
            ],
            options={
                "db_table": "known_outcome",
            },
        ),
        migrations.CreateModel(
            name="UploadedPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_token", models.CharField(max_length=40)),
                ("paper", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=160)),
                ("digest", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("media", models.CharField(max_length=80)),
                ("sealed", models.BinaryField(null=True)),
                ("reading", models.BinaryField(null=True)),
                ("findings", models.TextField(default="[]")),
                ("status", models.CharField(max_length=12)),
                ("corrections", models.TextField(default="[]")),
                ("uploaded_by", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField()),
                ("corrected_by", models.CharField(blank=True, max_length=64)),
                ("corrected_at", models.DateTimeField(null=True)),
                ("confirmed_by", models.CharField(blank=True, max_length=64)),
                ("confirmed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "uploaded_paper",
            },
        ),
        migrations.AlterField(
            model_name="edge",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="records.tenant"
            ),
        ),
        migrations.RemoveConstraint(model_name="edge", name="edge_once"),
        migrations.RemoveIndex(model_name="edge", name="edge_application"),
        migrations.AddField(
            model_name="edge", name="key", field=models.BigIntegerField(default=0), preserve_default=False
        ),
        migrations.RunSQL(NUMBER_EDGES, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="edge", index=models.Index(fields=["tenant", "key", "seen_at"], name="edge_entity")
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.UniqueConstraint(fields=("application_id", "key"), name="edge_once"),
        ),
        migrations.AddField(
            model_name="applysession",
            name="application",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="records.application"
            ),
        ),
        migrations.AddField(
            model_name="applysession",
            name="person",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="records.person"),
        ),
        migrations.AddField(
            model_name="applysession",
            name="tenant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant"),
        ),
        migrations.AddField(
            model_name="bureauquery",
            name="application",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.application"),
        ),
        migrations.AddField(
            model_name="bureauquery",
            name="tenant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant"),
        ),
        migrations.AddField(
            model_name="bureaurecord",
            name="loan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.loan"),
        ),
        migrations.AddField(
            model_name="bureaurecord",
            name="tenant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant"),
        ),
        migrations.AddField(
            model_name="forgottenapplication",
            name="tenant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant"),
        ),
        migrations.AddField(
            model_name="keptpaper",
            name="person",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.person"),
        ),
        migrations.AddField(
            model_name="keptpaper",
            name="session",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.applysession"),
        ),
        migrations.AddField(
            model_name="knownoutcome",
            name="tenant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant"),
        ),
        migrations.AddField(
            model_name="uploadedpaper",
            name="application",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.application"),
        ),
        migrations.AddIndex(
            model_name="applysession",
            index=models.Index(fields=["tenant", "ip", "began_at"], name="apply_session_ip"),
        ),
        migrations.AddIndex(
            model_name="applysession",
            index=models.Index(fields=["tenant", "device", "began_at"], name="apply_session_device"),
        ),
        migrations.AddIndex(
            model_name="applysession",
            index=models.Index(fields=["tenant", "trace"], name="apply_session_trace"),
        ),
        migrations.AddConstraint(
            model_name="applysession",
            constraint=models.CheckConstraint(
                condition=models.Q(("key_wrapped__isnull", False), ("sealed__isnull", True), _connector="OR"),
                name="apply_session_without_key_holds_nothing",
            ),
        ),
        migrations.AddIndex(
            model_name="bureauquery",
            index=models.Index(
                fields=["tenant", "person_token", "purpose", "report_at"], name="bureau_query_of_person"
            ),
        ),
        migrations.AddIndex(
            model_name="bureauquery",
            index=models.Index(fields=["tenant", "business_on"], name="bureau_query_by_day"),
        ),
        migrations.AddConstraint(
            model_name="bureauquery",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["paid", "reused", "refused", "withheld"])),
                name="bureau_query_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bureauquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("price_cents", 0), models.Q(("outcome", "paid"), ("price_cents__gt", 0)), _connector="OR"
                ),
                name="only_a_paid_bureau_query_costs",
            ),
        ),
        migrations.AddConstraint(
            model_name="bureauquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome__in", ["paid", "refused"]), _negated=True),
                    ("consent_signed_at__isnull", False),
                    _connector="OR",
                ),
                name="no_bureau_query_without_consent",
            ),
        ),
        migrations.AddIndex(
            model_name="bureaurecord",
            index=models.Index(fields=["tenant", "status"], name="bureau_record_to_send"),
        ),
        migrations.AddConstraint(
            model_name="bureaurecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["opened", "status", "closed", "correction"])),
                name="bureau_record_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bureaurecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", True), ("status", "made")),
                    models.Q(("sent_at__isnull", False), ("status__in", ["taken", "refused"])),
                    _connector="OR",
                ),
                name="bureau_record_sent_has_its_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="bureaurecord",
            constraint=models.UniqueConstraint(fields=("loan", "kind", "month", "number"), name="bureau_record_once"),
        ),
        migrations.AddIndex(
            model_name="keptpaper",
            index=models.Index(fields=["digest"], name="kept_paper_digest"),
        ),
        migrations.AddIndex(
            model_name="keptpaper",
            index=models.Index(fields=["until"], name="kept_paper_until"),
        ),
        migrations.AddConstraint(
            model_name="keptpaper",
            constraint=models.UniqueConstraint(fields=("session", "kind", "place"), name="kept_paper_once"),
        ),
        migrations.AddConstraint(
            model_name="knownoutcome",
            constraint=models.UniqueConstraint(fields=("application_id", "kind"), name="known_outcome_once"),
        ),
        migrations.AddConstraint(
            model_name="knownoutcome",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["fraud", "charge_off", "late_90", "first_payment_default"])),
                name="known_outcome_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="uploadedpaper",
            index=models.Index(fields=["digest"], name="paper_digest"),
        ),
        migrations.AddConstraint(
            model_name="uploadedpaper",
            constraint=models.UniqueConstraint(fields=("application", "digest"), name="paper_once_per_application"),
        ),
        migrations.AddConstraint(
            model_name="uploadedpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["read", "refused", "corrected", "confirmed", "dropped"])),
                name="paper_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadedpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", ""),
                    models.Q(("confirmed_by", models.F("corrected_by")), _negated=True),
                    _connector="OR",
                ),
                name="corrector_never_confirms_own_reading",
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadedpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by", "")),
                    models.Q(models.Q(("confirmed_by", ""), _negated=True), ("confirmed_at__isnull", False)),
                    _connector="OR",
                ),
                name="paper_confirmed_has_who_and_when",
            ),
        ),
        *_feeds(),
        migrations.RunSQL(
            "CREATE TRIGGER bureau_query_is_append_only BEFORE UPDATE OR DELETE ON bureau_query"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            "CREATE TRIGGER bureau_query_is_not_truncated BEFORE TRUNCATE ON bureau_query"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();",
            "DROP TRIGGER bureau_query_is_append_only ON bureau_query;"
            "DROP TRIGGER bureau_query_is_not_truncated ON bureau_query;",
        ),
        migrations.RunSQL(PAST_OUTCOMES, migrations.RunSQL.noop),
    ]
