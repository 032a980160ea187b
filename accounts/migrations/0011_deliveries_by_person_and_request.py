"""Mail by person and hour, digests and what waits for one, and the notices of a request; nobody is blocked meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

INDEXES = [
    models.Index(fields=["person", "delivered_at"], condition=Q(channel="mail"), name="delivery_mailed"),
    models.Index(fields=["person"], condition=Q(state="digested", digest=None), name="delivery_for_digest"),
    models.Index(fields=["digest", "id"], condition=Q(digest__isnull=False), name="delivery_in_digest"),
    models.Index(fields=["person", "created_at"], condition=Q(notice="digest"), name="delivery_digest"),
    models.Index(fields=["number", "-id"], condition=~Q(number=""), name="delivery_of_request"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0010_digests_and_preferences")]

    operations = [AddIndexConcurrently("delivery", index) for index in INDEXES]
