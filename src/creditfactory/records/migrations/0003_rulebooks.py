"""A life for rulebooks: their versions and files, releases, approvals and shadows."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

ADDED_TO_ONLY = ("rulebook_file", "shadow_decision")
NEVER_REMOVED = ("rulebook_version", "rulebook_release")

GUARDS = """
ALTER TABLE rulebook_version ADD CONSTRAINT rulebook_approver_is_a_second_person CHECK (
  status <> 'approved' OR (
    lower(btrim(decided_by)) <> lower(btrim(proposed_by))
    AND NOT (lower(btrim(decided_by)) = ANY (lower(authors::text)::text[]))));
ALTER TABLE rulebook_version ADD CONSTRAINT rulebook_has_an_author CHECK (cardinality(authors) > 0);
ALTER TABLE rulebook_version ADD CONSTRAINT rulebook_is_checked_before_it_is_proposed CHECK (
  status NOT IN ('checked', 'proposed', 'approved', 'rejected')
  OR (checked_by <> '' AND checked_at IS NOT NULL AND coalesce(report->>'is_sound', '') = 'true'));
ALTER TABLE rulebook_release ADD CONSTRAINT rulebook_release_takes_two_persons CHECK (
  approved_by = '' OR lower(btrim(approved_by)) <> lower(btrim("by")));

CREATE FUNCTION check_rulebook_version_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.tenant_id, NEW.pack, NEW.number, NEW.created_at)
     IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.pack, OLD.number, OLD.created_at) THEN
    RAISE EXCEPTION 'rulebook version % keeps its factory, pack and number', OLD.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.status IN ('approved', 'rejected', 'discarded') THEN
    RAISE EXCEPTION 'rulebook version % is % and never changes again', OLD.number, OLD.status
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT (OLD.status = NEW.status
    OR (OLD.status = 'draft' AND NEW.status IN ('checked', 'discarded'))
    OR (OLD.status = 'checked' AND NEW.status IN ('proposed', 'discarded'))
    OR (OLD.status = 'checked' AND NEW.status = 'draft'
        AND NEW.files <> OLD.files AND NEW.report IS NULL AND NEW.checked_by = '')
    OR (OLD.status = 'proposed' AND NEW.status IN ('approved', 'rejected'))) THEN
    RAISE EXCEPTION 'rulebook version % is % and cannot become %', OLD.number, OLD.status, NEW.status
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (OLD.status = 'proposed' OR (OLD.status = 'checked' AND NEW.status <> 'draft'))
    AND (NEW.digest, NEW.files, NEW.parent_id, NEW.authors, NEW.report, NEW.checked_by, NEW.checked_at)
      IS DISTINCT FROM (OLD.digest, OLD.files, OLD.parent_id, OLD.authors, OLD.report, OLD.checked_by, OLD.checked_at)
  THEN
    RAISE EXCEPTION 'rulebook version % is %: its content stays as it was checked', OLD.number, OLD.status
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.status = 'proposed' AND (NEW.title, NEW.note, NEW.proposed_by, NEW.proposed_at)
      IS DISTINCT FROM (OLD.title, OLD.note, OLD.proposed_by, OLD.proposed_at) THEN
    RAISE EXCEPTION 'rulebook version % is proposed: what was proposed, and by whom, stays', OLD.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rulebook_version_has_one_life BEFORE UPDATE ON rulebook_version
  FOR EACH ROW EXECUTE FUNCTION check_rulebook_version_life();

CREATE FUNCTION check_rulebook_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE version rulebook_version%ROWTYPE;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO version FROM rulebook_version WHERE id = NEW.version_id;
    IF version.status <> 'approved' OR version.tenant_id <> NEW.tenant_id THEN
      RAISE EXCEPTION 'only an approved rulebook of the same factory can be put to work; version % is %',
        version.number, version.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.tenant_id, NEW.version_id, NEW.role, NEW.share_bps, NEW."by", NEW.at)
     IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.version_id, OLD.role, OLD.share_bps, OLD."by", OLD.at)
    OR (OLD.approved_by <> '' AND (NEW.approved_by, NEW.approved_at, NEW.starts_on)
      IS DISTINCT FROM (OLD.approved_by, OLD.approved_at, OLD.starts_on))
    OR (OLD.ended_by <> '' AND (NEW.ended_by, NEW.ended_at, NEW.ends_on)
      IS DISTINCT FROM (OLD.ended_by, OLD.ended_at, OLD.ends_on)) THEN
    RAISE EXCEPTION 'release % stays as it was made: it can be approved once and ended once', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rulebook_release_has_one_life BEFORE INSERT OR UPDATE ON rulebook_release
  FOR EACH ROW EXECUTE FUNCTION check_rulebook_release();

CREATE FUNCTION refuse_other_rulebook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.rulebook, NEW.release_id) IS DISTINCT FROM (OLD.rulebook, OLD.release_id) THEN
    RAISE EXCEPTION 'application % keeps the rulebook it was taken in under', OLD.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER application_keeps_its_rulebook BEFORE UPDATE OF rulebook, release_id ON application
  FOR EACH ROW EXECUTE FUNCTION refuse_other_rulebook();
"""

UNDO = """
DROP TRIGGER application_keeps_its_rulebook ON application;
DROP FUNCTION refuse_other_rulebook();
DROP TRIGGER rulebook_release_has_one_life ON rulebook_release;
DROP FUNCTION check_rulebook_release();
DROP TRIGGER rulebook_version_has_one_life ON rulebook_version;
DROP FUNCTION check_rulebook_version_life();
ALTER TABLE rulebook_release DROP CONSTRAINT rulebook_release_takes_two_persons;
ALTER TABLE rulebook_version DROP CONSTRAINT rulebook_is_checked_before_it_is_proposed;
ALTER TABLE rulebook_version DROP CONSTRAINT rulebook_has_an_author;
ALTER TABLE rulebook_version DROP CONSTRAINT rulebook_approver_is_a_second_person;
"""


def _never(events, tables):
    name = "is_append_only" if "UPDATE" in events else "is_never_removed"
    return [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_{name} BEFORE {events} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            f"CREATE TRIGGER {table}_is_not_truncated BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();",
            f"DROP TRIGGER {table}_{name} ON {table}; DROP TRIGGER {table}_is_not_truncated ON {table};",
        )
        for table in tables
    ]


class Migration(migrations.Migration):
    """Versions of a rulebook, what is in force from when, shadows; and what the database refuses to have done to them."""

    dependencies = [
        ("records", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="RulebookFile",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
            ],
            options={
                "db_table": "rulebook_file",
            },
        ),
        migrations.AddField(
            model_name="visit",
            name="engine",
            field=models.CharField(db_default="", max_length=16),
        ),
        migrations.AddField(
            model_name="visit",
            name="inputs",
            field=models.TextField(db_default=""),
        ),
        migrations.CreateModel(
            name="RulebookRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=12)),
                ("share_bps", models.PositiveIntegerField(default=0)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, max_length=64)),
                ("approved_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                ("tenant", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant")),
            ],
            options={
                "db_table": "rulebook_release",
            },
        ),
        migrations.AddField(
            model_name="application",
            name="release",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="records.rulebookrelease"
            ),
        ),
        migrations.CreateModel(
            name="RulebookVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.SlugField()),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(blank=True, max_length=120)),
                ("digest", models.CharField(max_length=64)),
                ("files", models.JSONField()),
                ("status", models.CharField(default="draft", max_length=12)),
                ("revision", models.PositiveIntegerField(default=0)),
                (
                    "authors",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), size=None),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("report", models.JSONField(null=True)),
                ("checked_by", models.CharField(blank=True, max_length=64)),
                ("checked_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("proposed_by", models.CharField(blank=True, max_length=64)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=64)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_note", models.CharField(blank=True, max_length=1000)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="records.rulebookversion"
                    ),
                ),
                ("tenant", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.tenant")),
            ],
            options={
                "db_table": "rulebook_version",
            },
        ),
        migrations.AddField(
            model_name="rulebookrelease",
            name="version",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.rulebookversion"),
        ),
        migrations.CreateModel(
            name="ShadowDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verdict", models.CharField(blank=True, max_length=12)),
                ("lane", models.CharField(blank=True, max_length=8)),
                ("amount_cents", models.BigIntegerField(default=0)),
                ("own_verdict", models.CharField(blank=True, max_length=12)),
                ("own_lane", models.CharField(blank=True, max_length=8)),
                ("own_amount_cents", models.BigIntegerField(default=0)),
                ("differs", models.BooleanField(default=False)),
                ("result", models.TextField(blank=True)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.application"),
                ),
                (
                    "release",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.rulebookrelease"),
                ),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="records.rulebookversion"),
                ),
            ],
            options={
                "db_table": "shadow_decision",
            },
        ),
        migrations.AddIndex(
            model_name="rulebookversion",
            index=models.Index(fields=["digest"], name="rulebook_version_digest"),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.UniqueConstraint(fields=("tenant", "number"), name="rulebook_version_number_once"),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ("draft", "checked", "proposed", "approved", "rejected", "discarded"))
                ),
                name="rulebook_version_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at__isnull", True), ("proposed_by", "")),
                    models.Q(models.Q(("proposed_by", ""), _negated=True), ("proposed_at__isnull", False)),
                    _connector="OR",
                ),
                name="rulebook_proposal_has_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by", "")),
                    models.Q(models.Q(("decided_by", ""), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="rulebook_decision_has_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("proposed", "approved", "rejected")), _negated=True),
                    models.Q(("proposed_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="rulebook_is_proposed_before_it_is_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("approved", "rejected", "discarded")), _negated=True),
                    models.Q(("decided_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="rulebook_decision_is_somebodys",
            ),
        ),
        migrations.AddIndex(
            model_name="rulebookrelease",
            index=models.Index(fields=["tenant", "starts_on"], name="rulebook_release_by_day"),
        ),
        migrations.AddConstraint(
            model_name="rulebookrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ("champion", "challenger", "shadow"))),
                name="rulebook_release_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", "challenger"), ("share_bps__gte", 1), ("share_bps__lte", 9999)),
                    models.Q(models.Q(("role", "challenger"), _negated=True), ("share_bps", 0)),
                    _connector="OR",
                ),
                name="rulebook_challenger_has_a_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("approved_by", "")),
                    models.Q(models.Q(("approved_by", ""), _negated=True), ("approved_at__isnull", False)),
                    _connector="OR",
                ),
                name="rulebook_release_approval_has_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by", "")),
                    models.Q(
                        models.Q(("ended_by", ""), _negated=True),
                        ("ended_at__isnull", False),
                        ("ends_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="rulebook_release_end_has_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                name="rulebook_release_ends_after_it_starts",
            ),
        ),
        migrations.AddIndex(
            model_name="shadowdecision",
            index=models.Index(fields=["release", "differs"], name="shadow_decision_of_release"),
        ),
        migrations.AddConstraint(
            model_name="shadowdecision",
            constraint=models.UniqueConstraint(fields=("application", "release"), name="shadow_decides_once"),
        ),
        migrations.AddConstraint(
            model_name="shadowdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("error", ""), ("verdict", ""), _negated=True),
                name="shadow_decision_says_what_or_why_not",
            ),
        ),
        migrations.RunSQL(GUARDS, UNDO),
        *_never("UPDATE OR DELETE", ADDED_TO_ONLY),
        *_never("DELETE", NEVER_REMOVED),
    ]
