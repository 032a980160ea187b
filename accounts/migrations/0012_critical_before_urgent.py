"""The ladder of an A goes before everything else that presses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_deliveries_by_person_and_request")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="urgency",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Security"), (1, "Critical"), (2, "Urgent"), (3, "Ordinary")], db_default=3
            ),
        ),
    ]
