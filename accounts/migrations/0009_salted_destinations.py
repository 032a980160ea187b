"""Destinations in `ops_delivery` are hashed with a salt that stays in the database, out of sight of the view's readers."""

from django.db import migrations

FORWARD = """
CREATE TABLE ops_salt (salt text NOT NULL);
CREATE UNIQUE INDEX ops_salt_is_one ON ops_salt ((true));
INSERT INTO ops_salt SELECT gen_random_uuid()::text || gen_random_uuid()::text;
REVOKE ALL ON ops_salt FROM PUBLIC;
CREATE OR REPLACE VIEW ops_delivery AS
    SELECT id, event_id, channel,
           encode(sha256(convert_to((SELECT salt FROM ops_salt) || ':' || destination, 'UTF8')), 'hex') AS destination_hash,
           message_id, state, attempts, next_attempt_at, delivered_at
    FROM accounts_delivery;
"""
BACKWARD = """
CREATE OR REPLACE VIEW ops_delivery AS
    SELECT id, event_id, channel, encode(sha256(destination::bytea), 'hex') AS destination_hash, message_id, state,
           attempts, next_attempt_at, delivered_at
    FROM accounts_delivery;
DROP TABLE ops_salt;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_held_deliveries_by_index")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
