"""What refers to a row of an organisation names the organisation, or the request, as well (P-5).

The unique constraints take the place of the indexes that messages and decisions of a request had.
"""

from django.db import migrations, models

KEYS = {
    "request_subscription_of_the_same_tenant": (
        "tickets_servicerequest (organisation_id, subscription_id)",
        "accounts_subscription (organisation_id, id)",
    ),
    "request_original_of_the_same_tenant": (
        "tickets_servicerequest (organisation_id, duplicate_of_id)",
        "tickets_servicerequest (organisation_id, id)",
    ),
    "request_followed_up_of_the_same_tenant": (
        "tickets_servicerequest (organisation_id, follow_up_of_id)",
        "tickets_servicerequest (organisation_id, id)",
    ),
    "attachment_message_of_the_same_request": (
        "tickets_attachment (request_id, message_id)",
        "tickets_message (request_id, id)",
    ),
    "timer_commitment_of_the_same_request": (
        "tickets_timer (request_id, commitment_id)",
        "tickets_commitment (request_id, id)",
    ),
    "dispute_decision_of_the_same_request": (
        "tickets_severitydispute (request_id, decision_id)",
        "tickets_severitydecision (request_id, id)",
    ),
    "commitment_calendar_of_the_same_tenant": (
        "tickets_commitment (organisation_id, calendar_version_id)",
        "accounts_calendarversion (organisation_id, id)",
    ),
    "engagement_contract_of_the_same_tenant": (
        "tickets_engagement (organisation_id, contract_id)",
        "accounts_elevatedcontract (organisation_id, id)",
    ),
}


def added(name: str) -> migrations.RunSQL:
    child, parent = KEYS[name]
    table, columns = child.split(" ", 1)
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {columns} REFERENCES {parent} "
        "DEFERRABLE INITIALLY DEFERRED;",
        f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0036_rows_name_their_tenant"), ("tickets", "0025_engagements")]

    operations = [
        migrations.RemoveIndex(model_name="message", name="message_of_request"),
        migrations.RemoveIndex(model_name="severitydecision", name="decision_of_request"),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.UniqueConstraint(fields=("request", "id"), name="commitment_of_its_request"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("request", "id"), name="message_of_its_request"),
        ),
        migrations.AddConstraint(
            model_name="severitydecision",
            constraint=models.UniqueConstraint(fields=("request", "id"), name="decision_of_its_request"),
        ),
        *map(added, KEYS),
    ]
