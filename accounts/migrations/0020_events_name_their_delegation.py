"""Under which delegation a partner's person did something (PA-1, P-10)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_audit_pages_by_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="delegation",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="under which the actor did it on behalf of the customer",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.delegation",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("delegation__isnull", False)),
                fields=["delegation", "id"],
                name="event_of_delegation",
            ),
        ),
    ]
