import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("selfhelp", "0003_articles"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deflection",
            name="article",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deflections",
                to="selfhelp.article",
            ),
        ),
    ]
