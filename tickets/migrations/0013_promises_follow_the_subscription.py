"""Promises that another subscription brought about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0012_messages_of_the_portal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="commitment",
            name="reason",
            field=models.CharField(
                choices=[
                    ("filed", "Filed"),
                    ("reopened", "Reopened"),
                    ("raised", "Raised"),
                    ("lowered", "Lowered"),
                    ("confirmed", "Confirmed"),
                    ("subscription", "Subscription"),
                ],
                max_length=12,
            ),
        ),
    ]
