"""The table of published policies (SLA-1)."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("document", models.JSONField(verbose_name="document")),
                (
                    "published_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="published at"
                    ),
                ),
                ("published_by", models.CharField(blank=True, max_length=120, verbose_name="published by")),
            ],
            options={
                "verbose_name": "policy version",
                "verbose_name_plural": "policy versions",
                "ordering": ("-version",),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="sla_policyversion_positive")
                ],
            },
        ),
    ]
