"""The note of a correction may be blanked, and nothing else of its row changed: it may name people (settled point 13)."""

from django.db import migrations

BLANKING_ONLY = """
CREATE OR REPLACE FUNCTION tickets_correction_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.note := '';
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'corrections are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION tickets_correction_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'corrections are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0020_decisions_by_instant"),
    ]

    operations = [
        migrations.RunSQL(BLANKING_ONLY, BACKWARD),
    ]
