"""Incidents of services, what is told of them, and who follows them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0045_tokens_know_what_made_them"),
        ("tickets", "0029_tags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IncidentFollow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("following", models.BooleanField()),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="IncidentUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("investigating", "investigating"),
                            ("identified", "identified"),
                            ("monitoring", "monitoring"),
                            ("resolved", "resolved"),
                        ],
                        max_length=14,
                    ),
                ),
                ("body", models.TextField()),
                ("internal", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=14, unique=True)),
                ("title", models.CharField(max_length=200)),
                (
                    "services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SlugField(max_length=40), help_text="codes of the catalogue", size=None
                    ),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        help_text="empty for everywhere",
                        size=None,
                    ),
                ),
                (
                    "impact",
                    models.CharField(
                        choices=[("outage", "outage"), ("degradation", "degradation"), ("advisory", "advisory")],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("investigating", "investigating"),
                            ("identified", "identified"),
                            ("monitoring", "monitoring"),
                            ("resolved", "resolved"),
                        ],
                        default="investigating",
                        max_length=14,
                    ),
                ),
                ("started_at", models.DateTimeField(help_text="since when the services have been impaired")),
                ("declared_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("updated_at", models.DateTimeField(help_text="when the last public update was written")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="incidentfollow",
            name="incident",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.incident"
            ),
        ),
        migrations.AddField(
            model_name="incidentfollow",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="incidentfollow",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="incidentupdate",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="incidentupdate",
            name="incident",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="updates",
                to="tickets.incident",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("state__in", ["investigating", "identified", "monitoring"])),
                fields=["-id"],
                name="open_incidents",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__regex", "^INC-[0-9]{4}-[0-9]{5}$")), name="incident_number_is_well_formed"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("impact__in", ["outage", "degradation", "advisory"])),
                name="incident_impact_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolved_at__isnull", False), ("state", "resolved")),
                    models.Q(("resolved_at", None), ("state__in", ["investigating", "identified", "monitoring"])),
                    _connector="OR",
                ),
                name="what_is_resolved_has_an_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("services__len__gte", 1)), name="an_incident_is_of_a_service"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("started_at__lte", models.F("declared_at"))), name="an_incident_began"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resolved_at", None), ("resolved_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="an_incident_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentfollow",
            constraint=models.UniqueConstraint(
                fields=("incident", "organisation", "person"), name="one_choice_about_an_incident"
            ),
        ),
        migrations.AddIndex(
            model_name="incidentupdate",
            index=models.Index(fields=["incident", "id"], name="updates_of_incident"),
        ),
        migrations.AddIndex(
            model_name="incidentupdate",
            index=models.Index(
                condition=models.Q(("internal", False)), fields=["incident", "-id"], name="public_updates_of_incident"
            ),
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE tickets_incident_position MINVALUE 0 MAXVALUE 99999 START 0 CYCLE;",
            "DROP SEQUENCE tickets_incident_position;",
        ),
    ]
