"""The database refuses to change or remove a published policy (SLA-1, P-10)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION sla_policyversion_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'published policies are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER policyversion_rows_stay BEFORE UPDATE OR DELETE ON sla_policyversion
    FOR EACH ROW EXECUTE FUNCTION sla_policyversion_is_insert_only();
CREATE TRIGGER policyversions_stay BEFORE TRUNCATE ON sla_policyversion
    FOR EACH STATEMENT EXECUTE FUNCTION sla_policyversion_is_insert_only();
"""
BACKWARD = """
DROP TRIGGER policyversions_stay ON sla_policyversion;
DROP TRIGGER policyversion_rows_stay ON sla_policyversion;
DROP FUNCTION sla_policyversion_is_insert_only();
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
