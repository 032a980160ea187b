"""Decisions about a severity say on whose behalf they were made (PA-1, SE-5)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0017_the_queue_heeds_disputes"),
    ]

    operations = [
        migrations.AddField(
            model_name="severitydecision",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
    ]
