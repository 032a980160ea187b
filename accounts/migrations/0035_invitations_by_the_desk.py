"""Support staff invite global admins of customers, and colleagues."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0034_single_sign_on"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="invitation",
            name="one_waiting_invitation_per_address",
        ),
        migrations.RemoveConstraint(
            model_name="invitation",
            name="invited_to_customer_roles",
        ),
        migrations.AlterField(
            model_name="invitation",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                help_text="none: of the staff",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                models.F("organisation"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("ended_at", None)),
                name="one_waiting_invitation_per_address",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("organisation__isnull", False),
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
                        ),
                    ),
                    models.Q(
                        ("organisation", None),
                        (
                            "roles__contained_by",
                            [
                                "engineer",
                                "senior_engineer",
                                "team_lead",
                                "duty_manager",
                                "billing_specialist",
                                "presales_specialist",
                                "account_manager",
                                "operator",
                            ],
                        ),
                    ),
                    _connector="OR",
                ),
                name="invited_to_roles_of_the_house",
            ),
        ),
    ]
