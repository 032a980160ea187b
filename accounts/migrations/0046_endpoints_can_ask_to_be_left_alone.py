"""Receivers of webhooks say with Retry-After until when they want nothing (P-9)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0045_tokens_know_what_made_them")]

    operations = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="quiet_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
