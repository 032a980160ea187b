"""Disputes of a severity, and the timer of each (SE-5)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_delegations_are_warned_of"),
        ("tickets", "0015_wishes_for_translators"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SeverityDispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cycle", models.PositiveSmallIntegerField()),
                ("disputed", models.CharField(help_text="the severity that stood", max_length=1)),
                ("asked", models.CharField(help_text="the severity that is thought right", max_length=1)),
                ("statement", models.TextField(help_text="the impact on the business")),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="by when it is to be settled; internal")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("agreed", "Agreed"), ("declined", "Declined"), ("ended", "Ended")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, help_text="of whoever settled it; the customer reads it")),
            ],
        ),
        migrations.AddField(
            model_name="servicerequest",
            name="dispute_due_at",
            field=models.DateTimeField(
                blank=True, help_text="by when the dispute that stands is to be settled; internal", null=True
            ),
        ),
        migrations.AddField(
            model_name="servicerequest",
            name="disputed_cycle",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="the cycle in which its severity was last disputed; 0 for never"
            ),
        ),
        migrations.AlterField(
            model_name="timer",
            name="kind",
            field=models.CharField(
                choices=[
                    ("response", "Response"),
                    ("breach_watch", "Breach Watch"),
                    ("untaken", "Untaken"),
                    ("attention", "Attention"),
                    ("update_due", "Update Due"),
                    ("waiting_reminder", "Waiting Reminder"),
                    ("waiting_close", "Waiting Close"),
                    ("archive", "Archive"),
                    ("survey", "Survey"),
                    ("dispute", "Dispute"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="severitydispute",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="severitydispute",
            name="decision",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dispute",
                to="tickets.severitydecision",
            ),
        ),
        migrations.AddField(
            model_name="severitydispute",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="severitydispute",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="severitydispute",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="tickets.servicerequest"
            ),
        ),
        migrations.AddField(
            model_name="severitydispute",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="severitydispute",
            constraint=models.UniqueConstraint(fields=("request", "cycle"), name="a_dispute_once_a_cycle"),
        ),
        migrations.AddConstraint(
            model_name="severitydispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked", models.F("disputed")), _negated=True), name="disputed_for_another_severity"
            ),
        ),
        migrations.AddConstraint(
            model_name="severitydispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked__in", ["A", "B", "C"]), ("disputed__in", ["A", "B", "C"])),
                name="disputed_a_b_or_c",
            ),
        ),
        migrations.AddConstraint(
            model_name="severitydispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state", "open")),
                    models.Q(("settled_at__isnull", False), ("state__in", ["agreed", "declined", "ended"])),
                    _connector="OR",
                ),
                name="a_settled_dispute_has_an_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="severitydispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision__isnull", False), ("state", "agreed")),
                    models.Q(models.Q(("state", "agreed"), _negated=True), ("decision", None)),
                    _connector="OR",
                ),
                name="an_agreed_dispute_has_its_decision",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE tickets_severitydispute ADD CONSTRAINT severitydispute_of_the_same_tenant "
            "FOREIGN KEY (organisation_id, request_id) "
            "REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;",
            "ALTER TABLE tickets_severitydispute DROP CONSTRAINT severitydispute_of_the_same_tenant;",
        ),
    ]
