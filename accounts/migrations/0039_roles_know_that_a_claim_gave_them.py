"""A role knows whether claims of a single sign-on gave it, so that they can take it when no mapping gives it any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0038_whose_events_correlate"),
    ]

    operations = [
        migrations.AddField(
            model_name="rolegrant",
            name="by_claim",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="given by the claims of a single sign-on, and taken by them",
            ),
        ),
    ]
