"""Indexes for the audit pages, under every filter newest first; made without blocking, since events are many."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

NEWEST = ["recorded_at", "id"]


def person_or_organisation(to):
    return models.ForeignKey(
        blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0018_earlier_events_wait_for_their_seals")]

    operations = [
        AddIndexConcurrently("event", models.Index(fields=["organisation", *NEWEST], name="event_by_organisation")),
        AddIndexConcurrently("event", models.Index(fields=NEWEST, name="event_by_time")),
        AddIndexConcurrently("event", models.Index(fields=["kind", *NEWEST], name="event_by_kind")),
        AddIndexConcurrently(
            "event",
            models.Index(fields=["actor", *NEWEST], condition=Q(actor__isnull=False), name="event_by_actor"),
        ),
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["on_behalf_of", *NEWEST], condition=Q(on_behalf_of__isnull=False), name="event_on_behalf"
            ),
        ),
        AddIndexConcurrently(
            "event",
            models.Index(fields=["request_id", *NEWEST], condition=~Q(request_id=""), name="event_by_request_id"),
        ),
        AddIndexConcurrently(
            "event", models.Index(fields=["address", *NEWEST], condition=~Q(address=""), name="event_by_address")
        ),
        RemoveIndexConcurrently("event", "event_of_organisation"),
        migrations.AlterField("event", "organisation", person_or_organisation("accounts.organisation")),
        migrations.AlterField("event", "actor", person_or_organisation(settings.AUTH_USER_MODEL)),
        migrations.AlterField("event", "on_behalf_of", person_or_organisation("accounts.organisation")),
    ]
