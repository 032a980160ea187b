"""A change of a mail address knows whether the present address is asked: one that was never confirmed is not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0041_plans_keep_their_tier"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailchange",
            name="asks_old",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="no: the present address was never confirmed, and counts as agreed",
            ),
        ),
    ]
