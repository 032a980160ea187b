"""`changed_at` is not before anything that customers see of a request; in batches, and to be repeated without harm."""

from django.db import migrations

BATCH = 500
CATCH_UP = """
    UPDATE tickets_servicerequest AS r SET changed_at = seen.at
    FROM (
        SELECT e.number, max(e.at) AS at FROM accounts_event AS e
        JOIN tickets_servicerequest AS s ON s.number = e.number AND s.organisation_id = e.organisation_id
        WHERE s.id > %s AND s.id <= %s AND NOT e.internal GROUP BY e.number
    ) AS seen
    WHERE r.number = seen.number AND r.changed_at < seen.at
"""


def catch_up(apps, schema_editor):
    request = apps.get_model("tickets", "ServiceRequest")
    last = request.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with schema_editor.connection.cursor() as cursor:
        for start in range(0, last, BATCH):
            cursor.execute(CATCH_UP, [start, start + BATCH])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0033_filters_by_index")]

    operations = [migrations.RunPython(catch_up, migrations.RunPython.noop)]
