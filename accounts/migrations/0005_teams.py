"""The support teams that requests are routed to (RO-3)."""

import json
from pathlib import Path

from django.db import migrations

TEAMS = Path(__file__).parent.parent / "data" / "teams.json"


def seed(apps, schema_editor):
    teams = apps.get_model("accounts", "Team").objects
    for team in json.loads(TEAMS.read_text(encoding="utf-8")):
        teams.get_or_create(code=team.pop("code"), defaults=team)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_plans")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
