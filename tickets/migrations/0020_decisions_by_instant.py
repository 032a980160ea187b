"""Indexes for how good the assessment is, over the last 90 days; made without blocking, since decisions are many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0019_corrections")]

    operations = [
        AddIndexConcurrently(
            "severitydecision",
            models.Index(fields=["at"], condition=Q(source="engineer"), name="decisions_of_engineers"),
        ),
        AddIndexConcurrently(
            "commitment",
            models.Index(
                fields=["responded_at"], condition=Q(cycle=1, responded_at__isnull=False), name="first_responses"
            ),
        ),
    ]
