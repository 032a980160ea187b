"""The support phone directory and the languages of support, from the files in `data/` (CH-3, LA-1)."""

import json
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).parent.parent / "data"


def seed_phone_numbers(apps, schema_editor):
    numbers = apps.get_model("selfhelp", "PhoneNumber").objects
    for row in json.loads((DATA / "phone_numbers.json").read_text(encoding="utf-8")):
        numbers.update_or_create(country=row.pop("country"), defaults=row)


def seed_languages(apps, schema_editor):
    languages = apps.get_model("selfhelp", "SupportLanguage").objects
    for position, row in enumerate(json.loads((DATA / "support_languages.json").read_text(encoding="utf-8"))):
        place = {"language": row.pop("language"), "region": row.pop("region")}
        languages.update_or_create(**place, defaults={**row, "position": position})


class Migration(migrations.Migration):
    dependencies = [("selfhelp", "0001_initial")]

    operations = [
        migrations.RunPython(seed_phone_numbers, migrations.RunPython.noop),
        migrations.RunPython(seed_languages, migrations.RunPython.noop),
    ]
