"""Articles and other self-help, from the file in `data/` (SH-1); their words are indexed after the migration."""

import json
from pathlib import Path

from django.db import migrations

ARTICLES = Path(__file__).parent.parent / "data" / "articles.json"


def seed(apps, schema_editor):
    articles = apps.get_model("selfhelp", "Article").objects
    for row in json.loads(ARTICLES.read_text(encoding="utf-8")):
        articles.update_or_create(slug=row.pop("slug"), defaults={**row, "url": row["url"] or ""})


class Migration(migrations.Migration):
    dependencies = [("selfhelp", "0002_directory")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
