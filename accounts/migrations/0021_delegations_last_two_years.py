"""No delegation lasts longer than two years, and each side lists its own by an index (PA-1)."""

import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_events_name_their_delegation"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delegation",
            index=models.Index(fields=["customer", "-id"], name="delegations_of_customer"),
        ),
        migrations.AddIndex(
            model_name="delegation",
            index=models.Index(fields=["partner", "-id"], name="delegations_of_partner"),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.LessThanOrEqual(
                    models.Func(
                        models.F("expires_at"),
                        output_field=models.DateTimeField(),
                        template="(%(expressions)s AT TIME ZONE 'UTC')",
                    ),
                    models.Func(
                        models.F("granted_at"),
                        output_field=models.DateTimeField(),
                        template="((%(expressions)s AT TIME ZONE 'UTC') + interval '2 years')",
                    ),
                ),
                name="a_delegation_lasts_two_years",
            ),
        ),
    ]
