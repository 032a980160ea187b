"""Roles that claims have given before there was a column for it: nobody gave them by hand, and an event says so."""

from django.db import migrations

FORWARD = """
UPDATE accounts_rolegrant AS held SET by_claim = true
WHERE granted_by_id IS NULL AND NOT by_claim AND EXISTS (
    SELECT 1 FROM accounts_event AS given
    WHERE given.kind = 'role_given' AND given.actor_id IS NULL AND given.data ? 'sign_on'
        AND given.data -> 'person' = to_jsonb(held.person_id) AND given.data ->> 'role' = held.role
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0039_roles_know_that_a_claim_gave_them"),
    ]

    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
