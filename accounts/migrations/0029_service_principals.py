"""Principals of programs are people whom nobody can sign in as."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0028_people_can_be_erased")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="is_service",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="a principal of the organisation's programs, which nobody signs in as",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_service", False),
                    models.Q(
                        ("email__endswith", "@service-principal.invalid"),
                        ("email_confirmed_at", None),
                        ("organisation__isnull", False),
                        ("password__startswith", "!"),
                    ),
                    _connector="OR",
                ),
                name="nobody_signs_in_as_a_principal",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_service", True),
                    models.Q(("email__endswith", "@service-principal.invalid"), _negated=True),
                    _connector="OR",
                ),
                name="people_have_real_addresses",
            ),
        ),
    ]
