from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_translators")]

    operations = [
        migrations.CreateModel(
            name="DatabaseIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("identity", models.CharField(max_length=120)),
                ("adopted_at", models.DateTimeField()),
            ],
        ),
    ]
