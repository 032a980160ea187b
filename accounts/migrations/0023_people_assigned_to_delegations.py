"""Which people of a partner act under a delegation (PA-1)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0022_asks_for_delegations"),
    ]

    operations = [
        migrations.CreateModel(
            name="DelegationAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "duties",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None),
                ),
                ("assigned_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="delegation",
            name="for_everybody",
            field=models.BooleanField(
                db_default=True, default=True, help_text="of the partner; else for those who are assigned"
            ),
        ),
        migrations.AddField(
            model_name="delegationassignment",
            name="assigned_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="delegationassignment",
            name="delegation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="accounts.delegation"
            ),
        ),
        migrations.AddField(
            model_name="delegationassignment",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="delegationassignment",
            constraint=models.UniqueConstraint(fields=("delegation", "person"), name="a_person_is_assigned_once"),
        ),
    ]
