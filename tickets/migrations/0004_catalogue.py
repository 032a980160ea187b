"""The catalogue of services and topics (TE-1, TE-2, TE-3, TE-4, BI-1, PS-1, EL-1)."""

import json
from pathlib import Path

from django.db import migrations

CATALOGUE = Path(__file__).parent.parent / "data" / "catalogue.json"


def seed(apps, schema_editor):
    document = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    service_model, topic_model = apps.get_model("tickets", "Service"), apps.get_model("tickets", "Topic")
    services = {}
    for position, service in enumerate(document["services"]):
        fields = {"names": service["names"], "position": position}
        services[service["code"]], _ = service_model.objects.update_or_create(code=service["code"], defaults=fields)
    for position, topic in enumerate(document["topics"]):
        fields = {
            "service": services[topic["service"]] if topic["service"] else None,
            "category": topic["category"],
            "names": topic["names"],
            "descriptions": topic.get("descriptions", {}),
            "position": position,
        }
        topic_model.objects.update_or_create(code=topic["code"], defaults=fields)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_operators_view")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
