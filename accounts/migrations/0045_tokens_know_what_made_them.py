"""A token knows the one that made it, which is of the same tenant (P-5), and ends with it (P-6)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0044_webhooks_stay_with_their_tenant")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="made_with",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.apitoken",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.UniqueConstraint(fields=("organisation", "id"), name="token_of_organisation"),
        ),
        migrations.RunSQL(
            "ALTER TABLE accounts_apitoken ADD CONSTRAINT token_made_with_one_of_the_same_tenant "
            "FOREIGN KEY (organisation_id, made_with_id) REFERENCES accounts_apitoken (organisation_id, id) "
            "DEFERRABLE INITIALLY DEFERRED;",
            "ALTER TABLE accounts_apitoken DROP CONSTRAINT token_made_with_one_of_the_same_tenant;",
        ),
    ]
