"""When the sides of a delegation were last warned that it runs out (PA-1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_duty_rota"),
    ]

    operations = [
        migrations.AddField(
            model_name="delegation",
            name="warned_days",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="days before its end, last warning", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="delegation",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["expires_at"], name="delegations_by_end"
            ),
        ),
    ]
