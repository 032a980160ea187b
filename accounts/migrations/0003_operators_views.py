"""Read-only views of events and deliveries that stay stable for operators."""

from django.db import migrations

FORWARD = """
CREATE VIEW ops_event AS
    SELECT id, number, kind, ref, actor_id AS actor, on_behalf_of_id AS on_behalf_of, at, recorded_at
    FROM accounts_event;
CREATE VIEW ops_delivery AS
    SELECT id, event_id, channel, encode(sha256(destination::bytea), 'hex') AS destination_hash, message_id, state,
           attempts, next_attempt_at, delivered_at
    FROM accounts_delivery;
"""
BACKWARD = "DROP VIEW ops_delivery; DROP VIEW ops_event;"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_insert_only_events")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
