"""What people wrote on a request can be removed long after it was archived, and the row tells when."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0028_people_can_be_erased"),
        ("tickets", "0023_attachments_are_inspected"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="servicerequest",
            name="content_removed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="when what people wrote and attached was removed, long after it was archived",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(("content_removed_at", None), ("state", "archived")),
                fields=["closed_at", "id"],
                name="archived_with_content",
            ),
        ),
    ]
