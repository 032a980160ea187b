"""Every order that a list offers is an index's, and broken promises have one of their own."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

NEVER = Value(datetime(9999, 1, 1, tzinfo=UTC), output_field=models.DateTimeField())


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_catalogue")]

    operations = [
        migrations.RemoveIndex(model_name="servicerequest", name="queue_by_due"),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                fields=["due_at", "severity", "created_at", "id"],
                condition=Q(due_at__isnull=False),
                name="queue_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                fields=["-created_at", "-id"],
                condition=Q(state__in=["awaiting_response", "in_progress", "awaiting_customer"]),
                name="newest_open",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(Coalesce("due_at", NEVER), "severity", "created_at", "id", name="requests_by_due"),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(fields=["severity", "created_at", "id"], name="requests_by_severity"),
        ),
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(fields=["request"], condition=Q(breached_at__isnull=False), name="broken_promises"),
        ),
    ]
