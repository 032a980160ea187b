"""The promises of a request are read by `a_revision_once`, whatever the size of the desk (issue 6).

The constraint that timers refer to began with the request too, was smaller, and was asked instead on small desks.
"""

from django.db import migrations, models

TIMERS = "timer_commitment_of_the_same_request"
DROPPED = f"ALTER TABLE tickets_timer DROP CONSTRAINT {TIMERS};"
ADDED = f"""
    ALTER TABLE tickets_timer ADD CONSTRAINT {TIMERS} FOREIGN KEY (request_id, commitment_id)
    REFERENCES tickets_commitment (request_id, id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0035_requests_by_change")]

    operations = [
        migrations.RunSQL(DROPPED, ADDED),
        migrations.RemoveConstraint(model_name="commitment", name="commitment_of_its_request"),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.UniqueConstraint(fields=("id", "request"), name="commitment_of_its_request"),
        ),
        migrations.RunSQL(ADDED, DROPPED),
    ]
