import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0033_skills_and_working_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="SingleSignOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "callback_key",
                    models.CharField(help_text="part of its own redirect address", max_length=43, unique=True),
                ),
                ("issuer", models.CharField(max_length=500)),
                ("client_id", models.CharField(max_length=255)),
                ("sealed_secret", models.TextField(help_text="encrypted under SINGLE_SIGN_ON_KEY")),
                (
                    "address_claim",
                    models.CharField(default="email", help_text="claim with the mail address", max_length=100),
                ),
                ("trusts_address", models.BooleanField(default=False, help_text="without asking for email_verified")),
                (
                    "roles_claim",
                    models.CharField(blank=True, help_text="claim whose values give roles", max_length=100),
                ),
                (
                    "creates_people",
                    models.BooleanField(default=False, help_text="who has no account gets one at the first sign-in"),
                ),
                (
                    "is_only_way",
                    models.BooleanField(default=False, help_text="passwords do not count, but for global admins"),
                ),
                (
                    "trusts_second_factor",
                    models.BooleanField(default=False, help_text="our own second factor is not asked for"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("tested_at", models.DateTimeField(blank=True, help_text="of the connection as it stands", null=True)),
                ("enabled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="single_sign_on",
                        to="accounts.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoleMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=200)),
                ("role", models.CharField(max_length=30)),
                (
                    "sign_on",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mappings", to="accounts.singlesignon"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignOnIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=500)),
                ("subject", models.CharField(max_length=255)),
                ("bound_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("used_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_on_identities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "issuer", "-used_at", "-id"], name="identity_by_use")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "issuer", "subject"), name="a_subject_is_one_person"
                    ),
                    models.UniqueConstraint(fields=("person", "issuer"), name="a_person_is_one_subject"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="singlesignon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("enabled_at", None),
                    models.Q(("tested_at__isnull", False), models.Q(("sealed_secret", ""), _negated=True)),
                    _connector="OR",
                ),
                name="what_is_on_was_tested",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolemapping",
            constraint=models.UniqueConstraint(fields=("sign_on", "value", "role"), name="a_claim_gives_a_role_once"),
        ),
        migrations.AddConstraint(
            model_name="rolemapping",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        (
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
                        ),
                    )
                ),
                name="a_claim_gives_a_known_role",
            ),
        ),
    ]
