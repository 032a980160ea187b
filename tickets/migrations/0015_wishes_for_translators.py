"""A row for every wish for a translator that an open request has (LA-2)."""

from django.db import migrations

FORWARD = """
INSERT INTO tickets_translatorrequest
    (organisation_id, request_id, state, language, wish, requested_by_id, requested_at, interpreter, note)
SELECT organisation_id, id, 'requested', language, '', opened_by_id, created_at, '', ''
FROM tickets_servicerequest request
WHERE translator AND state IN ('awaiting_response', 'in_progress', 'awaiting_customer')
    AND NOT EXISTS (SELECT FROM tickets_translatorrequest known WHERE known.request_id = request.id);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_policy_drafts")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
