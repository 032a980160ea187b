"""A person can be erased for good; deliveries are found by their age."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0027_mail_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="erased_at",
            field=models.DateTimeField(blank=True, help_text="since when nothing here tells who it was", null=True),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="delivery_by_age"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("erased_at", None), models.Q(("is_active", False), ("phone", "")), _connector="OR"),
                name="who_is_erased_stays_out",
            ),
        ),
    ]
