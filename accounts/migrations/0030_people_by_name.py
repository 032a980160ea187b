"""People of an organisation are listed by name, a page at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0029_service_principals")]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["organisation", "name", "id"], name="people_by_name"),
        ),
    ]
