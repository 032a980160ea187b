"""Messages of the portal itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0011_operators_count_by_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("customer", "Customer"),
                    ("reply", "Reply"),
                    ("call", "Call"),
                    ("internal", "Internal"),
                    ("system", "System"),
                ],
                max_length=10,
            ),
        ),
    ]
