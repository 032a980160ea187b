"""Escalation by an admin, and to senior engineers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_calendar_versions_are_insert_only"),
        ("tickets", "0007_surveys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cycle", models.PositiveSmallIntegerField()),
                (
                    "target",
                    models.CharField(choices=[("management", "Management"), ("senior", "Senior")], max_length=12),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("resolution_time", "Resolution Time"),
                            ("technical_expertise", "Technical Expertise"),
                            ("business_impact", "Business Impact"),
                        ],
                        max_length=24,
                    ),
                ),
                ("justification", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="servicerequest",
            name="escalated_at",
            field=models.DateTimeField(
                blank=True, help_text="when its admins last escalated it, this cycle", null=True
            ),
        ),
        migrations.AddField(
            model_name="servicerequest",
            name="senior_wanted_at",
            field=models.DateTimeField(blank=True, help_text="since when a senior engineer is to take it", null=True),
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                condition=models.Q(
                    ("senior_wanted_at__isnull", False),
                    ("state__in", ["awaiting_response", "in_progress", "awaiting_customer"]),
                ),
                fields=["queue_at", "severity", "created_at", "id"],
                name="queue_of_seniors",
            ),
        ),
        migrations.AddField(
            model_name="escalation",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="escalation",
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
            model_name="escalation",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="escalation",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="escalations", to="tickets.servicerequest"
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(fields=["request", "-id"], name="escalations_of_request"),
        ),
        migrations.RunSQL(
            "ALTER TABLE tickets_escalation ADD CONSTRAINT escalation_of_the_same_tenant FOREIGN KEY (organisation_id, request_id) "
            "REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;",
            "ALTER TABLE tickets_escalation DROP CONSTRAINT escalation_of_the_same_tenant;",
        ),
    ]
