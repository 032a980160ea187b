"""Deliveries that are held after a restore are counted by index; it is made without blocking anybody."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0007_calendar_versions_are_insert_only")]

    operations = [
        AddIndexConcurrently("delivery", models.Index(fields=["id"], condition=Q(state="held"), name="delivery_held")),
    ]
