"""A read-only view of timers that stays stable for operators."""

from django.db import migrations

FORWARD = """
CREATE VIEW ops_timer AS
    SELECT timer.id, request.number, timer.kind, timer.step, timer.generation, timer.due_at, timer.state,
           timer.settled_at, timer.attempts
    FROM tickets_timer timer JOIN tickets_servicerequest request ON request.id = timer.request_id;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_tenant_keys_and_numbers")]

    operations = [migrations.RunSQL(FORWARD, "DROP VIEW ops_timer;")]
