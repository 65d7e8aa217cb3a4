"""What no program may do, however it is written: the database itself refuses."""

from django.db import migrations

APPEND_ONLY = ("entry", "journal", "visit", "audit_event", "instalment", "repayment")

GUARDS = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' AND current_setting('creditfactory.allow_truncate', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION '% is only ever added to: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION check_journal_balances() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE entries integer; unbalanced text;
BEGIN
  SELECT count(*) INTO entries FROM entry WHERE journal_id = NEW.id;
  IF entries < 2 THEN
    RAISE EXCEPTION 'journal % has % entries, at least 2 expected', NEW.key, entries
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT string_agg(currency || ' ' || total, ', ') INTO unbalanced
    FROM (SELECT currency, sum(cents) AS total FROM entry WHERE journal_id = NEW.id
          GROUP BY currency HAVING sum(cents) <> 0) AS sums;
  IF unbalanced IS NOT NULL THEN
    RAISE EXCEPTION 'journal % does not balance: % left over', NEW.key, unbalanced
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_balances AFTER INSERT ON journal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_journal_balances();

CREATE FUNCTION check_entries_are_timely() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM added JOIN journal ON journal.id = added.journal_id
             WHERE journal.made_in <> pg_current_xact_id()) THEN
    RAISE EXCEPTION 'an entry can only be added in the transaction that posts its journal'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
ALTER TABLE journal ADD COLUMN made_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE TRIGGER entries_are_timely AFTER INSERT ON entry
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_entries_are_timely();

CREATE SEQUENCE application_number;

ALTER TABLE visit ADD CONSTRAINT visit_follows_the_line
  FOREIGN KEY (station, outcome, lane, next_station)
  REFERENCES line_move (station, outcome, lane, next_station);
"""

UNDO = """
ALTER TABLE visit DROP CONSTRAINT visit_follows_the_line;
DROP SEQUENCE application_number;
DROP TRIGGER entries_are_timely ON entry;
DROP TRIGGER journal_balances ON journal;
DROP FUNCTION check_entries_are_timely();
DROP FUNCTION check_journal_balances();
ALTER TABLE journal DROP COLUMN made_in;
"""

ACCOUNTS = """
INSERT INTO ledger_account (code, name_en, name_zh) VALUES
  ('assets:loans:principal', 'Loans outstanding', '贷款本金'),
  ('assets:cash', 'Funder''s cash', '资金方现金'),
  ('income:interest', 'Interest income', '利息收入'),
  ('income:penalty', 'Penalty interest', '罚息收入'),
  ('income:recovery', 'Recoveries after charge-off', '核销后回收'),
  ('liabilities:borrower_credit', 'Owed back to borrowers', '借款人溢缴款'),
  ('expense:credit_loss', 'Credit losses', '信贷损失')
"""


def _append_only() -> list[migrations.RunSQL]:
    return [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            f"CREATE TRIGGER {table}_is_not_truncated BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();",
            f"DROP TRIGGER {table}_is_append_only ON {table}; DROP TRIGGER {table}_is_not_truncated ON {table};",
        )
        for table in APPEND_ONLY
    ]


class Migration(migrations.Migration):
    """Balance, append-only and the line's table, enforced below every program."""

    dependencies = [("records", "0001_initial")]
    operations = [
        migrations.RunSQL(GUARDS, UNDO),
        *_append_only(),
        migrations.RunSQL(ACCOUNTS, "DELETE FROM ledger_account"),
    ]
