"""A dispute may be withdrawn: its own side set the severity (SE-5)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0021_notes_can_be_blanked"),
    ]

    operations = [
        migrations.AlterField(
            model_name="severitydispute",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("agreed", "Agreed"),
                    ("declined", "Declined"),
                    ("ended", "Ended"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(
            model_name="severitydispute",
            name="a_settled_dispute_has_an_instant",
        ),
        migrations.AddConstraint(
            model_name="severitydispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state", "open")),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("state__in", ["agreed", "declined", "ended", "withdrawn"]),
                    ),
                    _connector="OR",
                ),
                name="a_settled_dispute_has_an_instant",
            ),
        ),
    ]
