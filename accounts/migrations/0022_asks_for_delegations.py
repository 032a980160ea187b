"""Partners ask for delegations (PA-1)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_delegations_last_two_years"),
    ]

    operations = [
        migrations.CreateModel(
            name="DelegationAsk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("addressed_to", models.CharField(max_length=255)),
                (
                    "duties",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None),
                ),
                ("reason", models.TextField()),
                ("wished_until", models.DateTimeField()),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lapses_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("granted", "Granted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True, help_text="why the customer declined")),
            ],
        ),
        migrations.AddField(
            model_name="delegationask",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="delegationask",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="delegationask",
            name="delegation",
            field=models.OneToOneField(
                blank=True,
                help_text="what was granted",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ask",
                to="accounts.delegation",
            ),
        ),
        migrations.AddField(
            model_name="delegationask",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddField(
            model_name="delegationask",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="delegationask",
            index=models.Index(fields=["partner", "-id"], name="asks_of_partner"),
        ),
        migrations.AddIndex(
            model_name="delegationask",
            index=models.Index(fields=["customer", "-id"], name="asks_to_customer"),
        ),
        migrations.AddIndex(
            model_name="delegationask",
            index=models.Index(condition=models.Q(("state", "open")), fields=["lapses_at"], name="asks_by_end"),
        ),
        migrations.AddConstraint(
            model_name="delegationask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("partner", "customer"), name="one_open_ask_each"
            ),
        ),
        migrations.AddConstraint(
            model_name="delegationask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("partner", "addressed_to"),
                name="one_open_ask_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegationask",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer", models.F("partner")), _negated=True), name="nobody_asks_themselves"
            ),
        ),
        migrations.AddConstraint(
            model_name="delegationask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("settled_at__isnull", False)),
                    _connector="OR",
                ),
                name="an_ask_is_open_or_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegationask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delegation__isnull", False), ("state", "granted")),
                    models.Q(models.Q(("state", "granted"), _negated=True), ("delegation", None)),
                    _connector="OR",
                ),
                name="a_granted_ask_has_its_delegation",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegationask",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer", ""), ("state", "declined"), _negated=True), name="a_declined_ask_says_why"
            ),
        ),
    ]
