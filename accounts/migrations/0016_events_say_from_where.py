"""Events say from which address and which way they came; the clear form of an address lies apart, to be erased."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_mail_domains")]

    operations = [
        migrations.AddField(
            "event",
            "address",
            models.CharField(
                blank=True,
                db_default="",
                help_text="salted hash of the client's; PersonalValue has the clear one",
                max_length=32,
            ),
        ),
        migrations.AddField(
            "event",
            "via",
            models.CharField(
                blank=True, db_default="", help_text="page, token:ID, command:NAME, sweep or task:NAME", max_length=60
            ),
        ),
        migrations.CreateModel(
            "PersonalValue",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("address", "Address"), ("mail", "Mail"), ("name", "Name"), ("phone", "Phone")],
                        max_length=10,
                    ),
                ),
                ("stand_in", models.CharField(help_text="the salted hash that events hold", max_length=32)),
                ("value", models.CharField(max_length=254)),
                ("kept_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["stand_in", "person"], name="a_personal_value_once_for_each", nulls_distinct=False
                    )
                ],
                "indexes": [models.Index(fields=["kept_at"], name="personal_value_by_age")],
            },
        ),
    ]
