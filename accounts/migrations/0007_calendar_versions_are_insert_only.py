"""The database refuses to change or remove a calendar version: promises were computed from it (SLA-1, P-10)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_calendarversion_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'calendar versions are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER calendarversion_rows_stay BEFORE UPDATE OR DELETE ON accounts_calendarversion
    FOR EACH ROW EXECUTE FUNCTION accounts_calendarversion_is_insert_only();
CREATE TRIGGER calendarversions_stay BEFORE TRUNCATE ON accounts_calendarversion
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_calendarversion_is_insert_only();
"""
BACKWARD = """
DROP TRIGGER calendarversions_stay ON accounts_calendarversion;
DROP TRIGGER calendarversion_rows_stay ON accounts_calendarversion;
DROP FUNCTION accounts_calendarversion_is_insert_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_calendars_remember_their_choices")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
