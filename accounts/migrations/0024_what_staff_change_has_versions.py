"""What support staff change of customers is counted in versions; plans retire, and a purchase knows its trial."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_people_assigned_to_delegations"),
    ]

    operations = [
        migrations.AddField(
            model_name="elevatedcontract",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="organisation",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="plan",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="bought_after",
            field=models.OneToOneField(
                blank=True,
                help_text="the trial before",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bought_as",
                to="accounts.subscription",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
