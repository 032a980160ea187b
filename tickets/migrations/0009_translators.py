"""Translators who join calls (LA-2)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_calendar_versions_are_insert_only"),
        ("tickets", "0008_escalation_by_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TranslatorRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("arranged", "Arranged"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                (
                    "language",
                    models.CharField(help_text="BCP 47 tag of the language that the customer speaks", max_length=20),
                ),
                ("wish", models.TextField(blank=True, help_text="when it suits, or what the call is about")),
                ("requested_at", models.DateTimeField()),
                ("interpreter", models.CharField(blank=True, help_text="who joins", max_length=120)),
                ("join_at", models.DateTimeField(blank=True, help_text="when the call is", null=True)),
                ("note", models.TextField(blank=True, help_text="how to join, for both sides")),
                ("arranged_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "arranged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="translators",
                        to="tickets.servicerequest",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["request", "-id"], name="translators_of_request")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("requested", "arranged"))),
                        fields=("request",),
                        name="one_active_translator_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["arranged", "done"]), _negated=True),
                            models.Q(
                                ("arranged_at__isnull", False),
                                ("arranged_by__isnull", False),
                                ("join_at__isnull", False),
                                models.Q(("interpreter", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="arranged_means_who_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state__in", ["requested", "arranged"])),
                            models.Q(("settled_at__isnull", False), ("state__in", ["done", "cancelled"])),
                            _connector="OR",
                        ),
                        name="a_settled_translator_has_an_instant",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE tickets_translatorrequest ADD CONSTRAINT translatorrequest_of_the_same_tenant FOREIGN KEY (organisation_id, request_id) "
            "REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;",
            "ALTER TABLE tickets_translatorrequest DROP CONSTRAINT translatorrequest_of_the_same_tenant;",
        ),
    ]
