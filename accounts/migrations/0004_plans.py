"""Every plan of the response table (SLA-1, SLA-2)."""

import json
from pathlib import Path

from django.db import migrations

PLANS = Path(__file__).parent.parent / "data" / "plans.json"
FIELDS = ("family", "tier", "names", "standalone", "trialable")


def seed(apps, schema_editor):
    plans = apps.get_model("accounts", "Plan").objects
    for plan in json.loads(PLANS.read_text(encoding="utf-8")):
        plans.update_or_create(code=plan["code"], defaults={field: plan[field] for field in FIELDS})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_operators_views")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
