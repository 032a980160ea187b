"""The table of the service description becomes version 1 (SLA-1)."""

import json
from pathlib import Path

from django.db import migrations

DOCUMENT = Path(__file__).resolve().parent.parent / "data" / "default_policy.json"


def publish_version_1(apps, schema_editor):
    policy_versions = apps.get_model("sla", "PolicyVersion").objects.using(schema_editor.connection.alias)
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    policy_versions.get_or_create(
        version=1, defaults={"document": document, "note": document["note"], "published_by": "service description"}
    )


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_policy_versions_are_insert_only")]

    operations = [migrations.RunPython(publish_version_1, migrations.RunPython.noop)]
