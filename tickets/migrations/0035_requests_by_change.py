"""Who mirrors requests asks for what changed since: of one organisation, or of the whole desk."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0034_changes_move_forwards")]

    operations = [
        AddIndexConcurrently(
            model_name="servicerequest",
            index=models.Index(fields=["organisation", "changed_at", "id"], name="changes_of_organisation"),
        ),
        AddIndexConcurrently(
            model_name="servicerequest",
            index=models.Index(fields=["changed_at", "id"], name="changes_of_requests"),
        ),
    ]
