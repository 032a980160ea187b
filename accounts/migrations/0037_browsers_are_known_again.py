"""Browsers that people signed in from are known again, so that a new one can be told of by mail."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0036_rows_name_their_tenant"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownBrowser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("first_seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "last_seen_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True),
                ),
                (
                    "address",
                    models.GenericIPAddressField(blank=True, help_text="of the client at the last sign-in", null=True),
                ),
                ("user_agent", models.CharField(blank=True, max_length=300)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("person", "digest"), name="a_browser_is_met_once")],
            },
        ),
    ]
