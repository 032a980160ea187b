"""A request can belong to a known incident."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0030_incidents")]

    operations = [
        migrations.AddField(
            model_name="servicerequest",
            name="incident",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="the known incident that it belongs to",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.incident",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(("incident__isnull", False)), fields=["incident", "-id"], name="requests_of_incident"
            ),
        ),
    ]
