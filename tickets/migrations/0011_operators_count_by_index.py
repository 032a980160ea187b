"""Indexes for what operators are told; made without blocking, since timers are many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

WAITING = Q(state="waiting")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0010_database_identity")]

    operations = [
        AddIndexConcurrently(
            "commitment",
            models.Index(fields=["breached_at", "id"], condition=Q(breached_at__isnull=False), name="breaches"),
        ),
        AddIndexConcurrently("timer", models.Index(fields=["kind"], condition=WAITING, name="timer_kinds")),
        AddIndexConcurrently(
            "timer", models.Index(fields=["due_at"], condition=Q(attempts__gt=0, state="waiting"), name="timer_put_off")
        ),
        AddIndexConcurrently("timer", models.Index(fields=["id"], condition=Q(state="held"), name="timer_held")),
        AddIndexConcurrently(
            "timer",
            models.Index(fields=["settled_at"], include=["due_at"], condition=Q(state="fired"), name="timer_fired"),
        ),
    ]
