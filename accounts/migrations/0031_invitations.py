"""Invitations of people without an account, and their secret links."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0030_people_by_name")]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(blank=True, help_text="blank once it has ended", max_length=254)),
                ("name", models.CharField(blank=True, help_text="blank once it has ended", max_length=120)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), blank=True, default=list, size=None
                    ),
                ),
                ("language", models.CharField(help_text="of the mail and the account: en or zh-hant", max_length=20)),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("accepted", "Accepted"), ("withdrawn", "Withdrawn")], max_length=10
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InvitationLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="invitation",
            name="invited_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="invitationlink",
            name="invitation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="links", to="accounts.invitation"
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["organisation", "-id"], name="invitations_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                models.F("organisation"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("ended_at", None)),
                name="one_waiting_invitation_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("outcome", ""), ("person", None)),
                    models.Q(
                        ("email", ""),
                        ("ended_at__isnull", False),
                        ("name", ""),
                        ("outcome", "withdrawn"),
                        ("person", None),
                    ),
                    models.Q(
                        ("email", ""),
                        ("ended_at__isnull", False),
                        ("name", ""),
                        ("outcome", "accepted"),
                        ("person__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="an_invitation_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "roles__contained_by",
                        [
                            "global_admin",
                            "service_support_admin",
                            "billing_admin",
                            "user_admin",
                            "helpdesk_admin",
                            "exchange_admin",
                            "sharepoint_admin",
                            "skype_admin",
                            "apps_admin",
                            "reader",
                        ],
                    )
                ),
                name="invited_to_customer_roles",
            ),
        ),
    ]
