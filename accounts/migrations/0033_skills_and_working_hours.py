"""What staff know well and when they work; the list of staff by name."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0032_teams_by_service_and_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="services",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                db_default=[],
                default=list,
                help_text="known well; codes, of staff",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="working_hours",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text='{"0": [["09:00", "18:00"]], …} on the clocks of `timezone`, 0 is Monday; of staff',
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(condition=models.Q(("is_staff", True)), fields=["name", "id"], name="staff_by_name"),
        ),
    ]
