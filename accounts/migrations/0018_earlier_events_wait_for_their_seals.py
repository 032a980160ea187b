"""Events from before there were seals wait for theirs too; in batches, and to be repeated without harm."""

from django.db import migrations

BATCH = 50_000
QUEUE = """
    INSERT INTO accounts_unsealedevent (event_id, chain)
    SELECT e.id, CASE WHEN e.internal THEN 0 ELSE coalesce(e.organisation_id, 0) END FROM accounts_event e
    WHERE e.id > %s AND e.id <= %s AND NOT EXISTS (SELECT FROM accounts_seal s WHERE s.event_id = e.id)
    ON CONFLICT DO NOTHING
"""


def queue(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM accounts_event")
        last = cursor.fetchone()[0]
        for begin in range(0, last, BATCH):
            cursor.execute(QUEUE, [begin, begin + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0017_events_are_sealed")]

    operations = [migrations.RunPython(queue, migrations.RunPython.noop)]
