"""The database refuses to change or remove an event (P-10)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_event_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_rows_stay BEFORE UPDATE OR DELETE ON accounts_event
    FOR EACH ROW EXECUTE FUNCTION accounts_event_is_insert_only();
CREATE TRIGGER events_stay BEFORE TRUNCATE ON accounts_event
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_event_is_insert_only();
"""
BACKWARD = """
DROP TRIGGER events_stay ON accounts_event;
DROP TRIGGER event_rows_stay ON accounts_event;
DROP FUNCTION accounts_event_is_insert_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
