"""Engagements under elevated support, with what is written on them, each of the tenant of its engagement (EL-1)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_people_assigned_to_delegations"),
        ("tickets", "0024_content_ends_with_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Engagement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=12, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("update_management", "update_management"),
                            ("end_to_end", "end_to_end"),
                            ("senior_service", "senior_service"),
                            ("incident_management", "incident_management"),
                            ("workshop", "workshop"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject", models.CharField(max_length=200)),
                ("language", models.CharField(help_text="BCP 47 tag", max_length=20)),
                ("place", models.CharField(blank=True, help_text="of a workshop", max_length=200)),
                ("wished_from", models.DateField()),
                ("wished_until", models.DateField()),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("planned", "planned"),
                            ("under_way", "under_way"),
                            ("completed", "completed"),
                            ("called_off", "called_off"),
                        ],
                        default="requested",
                        max_length=12,
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.elevatedcontract"
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        help_text="a senior engineer",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "on_behalf_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EngagementEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("wish", "Wish"),
                            ("message", "Message"),
                            ("plan", "Plan"),
                            ("begin", "Begin"),
                            ("complete", "Complete"),
                            ("call_off", "Call Off"),
                        ],
                        max_length=10,
                    ),
                ),
                ("body", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="tickets.engagement",
                    ),
                ),
                (
                    "on_behalf_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EngagementRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("linked_at", models.DateTimeField()),
                (
                    "engagement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="tickets.engagement",
                    ),
                ),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.servicerequest"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="engagement",
            index=models.Index(
                condition=models.Q(("state__in", ["requested", "planned", "under_way"])),
                fields=["-id"],
                name="ongoing_engagements",
            ),
        ),
        migrations.AddIndex(
            model_name="engagement",
            index=models.Index(
                condition=models.Q(("lead__isnull", False)), fields=["lead"], name="engagements_of_lead"
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(("wished_until__gte", models.F("wished_from"))), name="wished_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_on", None), ("starts_on", None)),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="planned_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["planned", "under_way", "completed"]), _negated=True),
                    models.Q(("lead__isnull", False), ("starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="what_is_planned_has_a_lead_and_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ["completed", "called_off"])),
                    models.Q(("ended_at", None), ("state__in", ["requested", "planned", "under_way"])),
                    _connector="OR",
                ),
                name="what_has_ended_has_an_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "workshop"), ("place", ""), _negated=True), name="a_workshop_has_a_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="engagement_of_organisation"),
        ),
        migrations.AddIndex(
            model_name="engagemententry",
            index=models.Index(fields=["engagement", "id"], name="entries_of_engagement"),
        ),
        migrations.AddConstraint(
            model_name="engagementrequest",
            constraint=models.UniqueConstraint(fields=("engagement", "request"), name="a_request_belongs_once"),
        ),
        migrations.RunSQL(
            "ALTER TABLE tickets_engagemententry ADD CONSTRAINT engagemententry_of_the_same_tenant "
            "FOREIGN KEY (organisation_id, engagement_id) "
            "REFERENCES tickets_engagement (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;"
            "ALTER TABLE tickets_engagementrequest ADD CONSTRAINT engagementrequest_of_the_same_tenant "
            "FOREIGN KEY (organisation_id, engagement_id) "
            "REFERENCES tickets_engagement (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;"
            "ALTER TABLE tickets_engagementrequest ADD CONSTRAINT engagementrequest_request_of_the_same_tenant "
            "FOREIGN KEY (organisation_id, request_id) "
            "REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;",
            "ALTER TABLE tickets_engagementrequest DROP CONSTRAINT engagementrequest_request_of_the_same_tenant;"
            "ALTER TABLE tickets_engagementrequest DROP CONSTRAINT engagementrequest_of_the_same_tenant;"
            "ALTER TABLE tickets_engagemententry DROP CONSTRAINT engagemententry_of_the_same_tenant;",
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE tickets_engagement_position MINVALUE 0 MAXVALUE 999999999 START 0 NO CYCLE;",
            "DROP SEQUENCE tickets_engagement_position;",
        ),
    ]
