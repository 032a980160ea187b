"""What engineers may see, and the most severe of what is open, have an index to be found by (docs/performance.md)."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tickets", "0032_no_index_repeats_another")]

    operations = [
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                fields=["severity", "created_at", "id"],
                condition=Q(state__in=["awaiting_response", "in_progress", "awaiting_customer"]),
                name="open_by_severity",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest", index=models.Index(fields=["kind", "category"], name="requests_by_kind")
        ),
    ]
