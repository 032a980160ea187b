"""The label of a policy version may be blanked, and nothing else of its row changed: it may be a name (settled point 13)."""

from django.db import migrations

BLANKING_ONLY = """
CREATE OR REPLACE FUNCTION sla_policyversion_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.published_by := '';
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'published policies are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION sla_policyversion_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'published policies are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0003_default_policy"),
    ]

    operations = [
        migrations.RunSQL(BLANKING_ONLY, BACKWARD),
    ]
