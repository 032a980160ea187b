"""Teams name services and languages beside kinds and region, and can retire."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20),
                blank=True,
                db_default=[],
                default=list,
                help_text="BCP 47",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="team",
            name="services",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                db_default=[],
                default=list,
                help_text="codes",
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("region__in", ["", "amer", "emea", "apac"])), name="team_region_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("support_kinds", []), _negated=True), name="a_team_gives_some_support"
            ),
        ),
    ]
