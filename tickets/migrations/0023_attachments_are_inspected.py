"""A file knows its virus scan and its preview, and when it is looked at next."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_delegations_are_warned_of"),
        ("tickets", "0022_withdrawn_disputes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="attempts",
            field=models.PositiveIntegerField(db_default=0, default=0, help_text="of the inspection"),
        ),
        migrations.AddField(
            model_name="attachment",
            name="inspect_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attachment",
            name="preview",
            field=models.CharField(
                choices=[("none", "None"), ("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Failed")],
                db_default="none",
                default="none",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="preview_height",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="pixels"),
        ),
        migrations.AddField(
            model_name="attachment",
            name="preview_key",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="attachment",
            name="preview_width",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text="pixels"),
        ),
        migrations.AddField(
            model_name="attachment",
            name="scan",
            field=models.CharField(
                choices=[
                    ("unscanned", "Unscanned"),
                    ("waiting", "Waiting"),
                    ("clean", "Clean"),
                    ("infected", "Infected"),
                ],
                db_default="unscanned",
                default="unscanned",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="scanned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                condition=models.Q(("inspect_at__isnull", False)),
                fields=["inspect_at", "id"],
                name="attachment_to_inspect",
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                condition=models.Q(("scan", "waiting")), fields=["uploaded_at"], name="attachment_unscanned_oldest"
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                condition=models.Q(("preview_key", ""), _negated=True),
                fields=["preview_key"],
                name="attachment_by_preview",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("preview", "ready"), ("preview_key", ""), _connector="XOR"),
                name="a_ready_preview_has_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scan", "infected"), _negated=True),
                    models.Q(("preview", "ready"), _negated=True),
                    _connector="OR",
                ),
                name="nothing_infected_is_shown",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("inspect_at__isnull", False), models.Q(("scan", "waiting"), _negated=True), _connector="OR"
                ),
                name="what_waits_is_looked_at",
            ),
        ),
    ]
