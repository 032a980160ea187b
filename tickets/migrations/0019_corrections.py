"""Corrections of scope, category and topic: rows of the tenant, which the database refuses to change (SE-1, SC-6)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OF_THE_TENANT = """
ALTER TABLE tickets_correction ADD CONSTRAINT correction_of_the_same_tenant FOREIGN KEY (organisation_id, request_id)
    REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
INSERT_ONLY = """
CREATE FUNCTION tickets_correction_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'corrections are insert-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER correction_rows_stay BEFORE UPDATE OR DELETE ON tickets_correction
    FOR EACH ROW EXECUTE FUNCTION tickets_correction_is_insert_only();
CREATE TRIGGER corrections_stay BEFORE TRUNCATE ON tickets_correction
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_correction_is_insert_only();
"""
BACKWARD = """
DROP TRIGGER corrections_stay ON tickets_correction;
DROP TRIGGER correction_rows_stay ON tickets_correction;
DROP FUNCTION tickets_correction_is_insert_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_calendar_versions_are_insert_only"),
        ("tickets", "0018_decisions_on_behalf_of"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="servicerequest",
            name="corrected_at",
            field=models.DateTimeField(
                blank=True, help_text="when its scope, category or topic was last corrected", null=True
            ),
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("scope", "Scope"), ("category", "Category"), ("topic", "Topic")], max_length=10
                    ),
                ),
                (
                    "previous",
                    models.CharField(blank=True, help_text="the code that it had; empty for no topic", max_length=60),
                ),
                (
                    "corrected",
                    models.CharField(
                        blank=True, help_text="the code that it has now; empty for no topic", max_length=60
                    ),
                ),
                ("note", models.TextField(blank=True, help_text="why, for support staff")),
                ("at", models.DateTimeField()),
                (
                    "actor",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="tickets.servicerequest",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["request", "-id"], name="corrections_of_request"),
                    models.Index(fields=["at"], name="corrections_by_instant"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["scope", "category", "topic"])),
                        name="corrected_scope_category_or_topic",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("previous", models.F("corrected")), _negated=True),
                        name="a_correction_changes_something",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            OF_THE_TENANT, "ALTER TABLE tickets_correction DROP CONSTRAINT correction_of_the_same_tenant;"
        ),
        migrations.RunSQL(INSERT_ONLY, BACKWARD),
    ]
