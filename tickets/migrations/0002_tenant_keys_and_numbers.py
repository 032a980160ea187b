"""Children belong to the tenant of their request, and numbers come from a sequence (P-5)."""

from django.db import migrations

CHILDREN = ("message", "attachment", "commitment", "severitydecision", "timer")
FORWARD = "\n".join(
    f"ALTER TABLE tickets_{child} ADD CONSTRAINT {child}_of_the_same_tenant FOREIGN KEY (organisation_id, request_id) "
    "REFERENCES tickets_servicerequest (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;"
    for child in CHILDREN
)
BACKWARD = "\n".join(f"ALTER TABLE tickets_{child} DROP CONSTRAINT {child}_of_the_same_tenant;" for child in CHILDREN)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(
            "CREATE SEQUENCE tickets_request_position MINVALUE 0 MAXVALUE 999999999 START 0 NO CYCLE;",
            "DROP SEQUENCE tickets_request_position;",
        ),
    ]
