"""What a mail beyond the hour's number needs, and which families of notices a person reads in the portal only."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

STATES = ["pending", "sent", "failed", "cancelled", "held", "digested"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_salted_destinations")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="digest",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="the mail that told it instead",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="digested",
                to="accounts.delivery",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="urgency",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Security"), (1, "Urgent"), (2, "Ordinary")], db_default=2
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="portal_only",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=30),
                blank=True,
                db_default=[],
                default=list,
                help_text="families of notices that come without a mail",
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
                choices=[(state, state.capitalize()) for state in STATES], default="pending", max_length=10
            ),
        ),
    ]
