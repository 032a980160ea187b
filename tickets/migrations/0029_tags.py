"""The desk's tags, and which requests carry them, each of the tenant of its request (P-5)."""

import django.db.models.deletion
from django.db import migrations, models

OF_THE_TENANT = """
ALTER TABLE tickets_requesttag ADD CONSTRAINT tag_of_the_same_tenant FOREIGN KEY (organisation_id, request_id)
    REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0045_tokens_know_what_made_them"),
        ("tickets", "0028_exports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=160)),
                (
                    "colour",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("purple", "Purple"),
                            ("blue", "Blue"),
                            ("green", "Green"),
                            ("amber", "Amber"),
                            ("red", "Red"),
                        ],
                        help_text="empty for none",
                        max_length=8,
                    ),
                ),
                (
                    "archived_at",
                    models.DateTimeField(blank=True, help_text="since when no request is given it any more", null=True),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="tags_differ_by_more_than_case"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("name__contains", ","), _negated=True)
                        ),
                        name="a_tag_has_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("colour__in", ["", "purple", "blue", "green", "amber", "red"])),
                        name="a_tag_of_the_palette",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.servicerequest",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.tag"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="servicerequest",
            name="tags",
            field=models.ManyToManyField(related_name="+", through="tickets.RequestTag", to="tickets.tag"),
        ),
        migrations.AddIndex(
            model_name="requesttag",
            index=models.Index(fields=["tag", "request"], name="requests_of_tag"),
        ),
        migrations.AddConstraint(
            model_name="requesttag",
            constraint=models.UniqueConstraint(fields=("request", "tag"), name="a_tag_once_on_a_request"),
        ),
        migrations.RunSQL(OF_THE_TENANT, "ALTER TABLE tickets_requesttag DROP CONSTRAINT tag_of_the_same_tenant;"),
    ]
