"""Surveys and their links (RO-4)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_calendar_versions_are_insert_only"),
        ("tickets", "0006_more_kinds_of_timers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Survey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cycle", models.PositiveSmallIntegerField()),
                ("severity", models.CharField(max_length=1)),
                ("resolution", models.CharField(max_length=20)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(help_text="the last instant at which it can be answered")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "rating",
                    models.PositiveSmallIntegerField(blank=True, help_text="1 (bad) to 5 (very good)", null=True),
                ),
                ("solved", models.BooleanField(blank=True, null=True)),
                ("comment", models.TextField(blank=True)),
                (
                    "answered_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="surveys", to="tickets.servicerequest"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveyLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="tickets.survey"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(fields=["asked_at"], name="surveys_asked"),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["-answered_at", "-id"],
                name="answers_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.UniqueConstraint(fields=("request", "cycle"), name="one_survey_per_close"),
        ),
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at", None),
                        ("answered_by", None),
                        ("comment", ""),
                        ("rating", None),
                        ("solved", None),
                    ),
                    models.Q(
                        ("answered_at__isnull", False), ("answered_by__isnull", False), ("rating__in", (1, 2, 3, 4, 5))
                    ),
                    _connector="OR",
                ),
                name="an_answer_has_a_rating",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE tickets_survey ADD CONSTRAINT survey_of_the_same_tenant FOREIGN KEY (organisation_id, request_id) "
            "REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;",
            "ALTER TABLE tickets_survey DROP CONSTRAINT survey_of_the_same_tenant;",
        ),
    ]
