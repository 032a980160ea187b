"""One elevated contract at a time, and spans that last. The extension btree_gist came with the rota."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0024_what_staff_change_has_versions"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="elevatedcontract",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["premier", "professional_direct", "migration"])),
                name="contract_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="elevatedcontract",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                name="a_contract_lasts",
            ),
        ),
        migrations.AddConstraint(
            model_name="elevatedcontract",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("organisation", "="),
                    (
                        models.Func(
                            "starts_at",
                            "ends_at",
                            models.Value("[)"),
                            function="TSTZRANGE",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="one_elevated_contract_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                name="a_subscription_lasts",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(condition=models.Q(("seats__gte", 1)), name="a_subscription_has_seats"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("bought_after", None), ("trial", False), _connector="OR"),
                name="what_is_bought_is_no_trial",
            ),
        ),
    ]
