"""What people wrote on an engagement can be removed long after its end, and the row tells when (EL-1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0026_rows_name_their_tenant"),
    ]

    operations = [
        migrations.AddField(
            model_name="engagement",
            name="content_removed_at",
            field=models.DateTimeField(
                blank=True, help_text="when what people wrote was removed, long after it had ended", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(("content_removed_at", None), ("ended_at__isnull", False), _connector="OR"),
                name="what_goes_on_keeps_its_words",
            ),
        ),
    ]
