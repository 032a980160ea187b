"""Tables of articles and their judgements, the phone directory, the languages of support."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PhoneNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(help_text="ISO 3166-1 alpha-2", max_length=2, unique=True)),
                ("names", models.JSONField(help_text='{"en": …, "zh-Hant": …}')),
                ("number", models.CharField(max_length=40)),
                ("toll_free", models.BooleanField(default=False)),
                (
                    "example",
                    models.BooleanField(default=False, help_text="No number that could ring: shown as an example"),
                ),
                ("timezone", models.CharField(help_text="IANA name", max_length=64)),
                (
                    "hours",
                    models.JSONField(help_text='{"technical": {"always": true} or {"windows": {…}}, "business": …}'),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        help_text="BCP 47 tags, the main one first",
                        size=None,
                    ),
                ),
            ],
            options={
                "ordering": ["country"],
            },
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("troubleshooter", "Troubleshooter"),
                            ("article", "Help article"),
                            ("video", "Video"),
                            ("community", "Community"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "service",
                    models.CharField(blank=True, help_text="code of the service it is about, if of one", max_length=40),
                ),
                ("titles", models.JSONField(help_text='{"en": …, "zh-Hant": …}')),
                ("summaries", models.JSONField(help_text="one or two sentences for lists")),
                ("bodies", models.JSONField(help_text="Markdown")),
                (
                    "keywords",
                    models.JSONField(
                        default=dict, help_text="by language, words and phrases of people with the problem"
                    ),
                ),
                ("url", models.URLField(blank=True, help_text="where the video, forum or wiki itself is")),
                (
                    "search",
                    django.contrib.postgres.search.SearchVectorField(
                        editable=False, help_text="title A, keywords B, summary C, body D", null=True
                    ),
                ),
                (
                    "indexed_as",
                    models.CharField(
                        blank=True, editable=False, help_text="what `search` was made from", max_length=40
                    ),
                ),
            ],
            options={
                "ordering": ["slug"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["search"], name="article_search")
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportLanguage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(help_text="BCP 47 tag", max_length=20)),
                ("names", models.JSONField(help_text='{"en": …, "zh-Hant": …}')),
                ("region", models.CharField(help_text="amer, emea or apac", max_length=10)),
                ("timezone", models.CharField(help_text="IANA name; windows are in its local time", max_length=64)),
                ("always", models.BooleanField(default=False)),
                ("windows", models.JSONField(default=dict, help_text='{"0": [["09:00", "18:00"]], …}, 0 is Monday')),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=0, help_text="regions of a language in the order to show"),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("language", "region"), name="a_language_once_per_region")
                ],
            },
        ),
        migrations.CreateModel(
            name="Deflection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("helped", models.BooleanField()),
                (
                    "source",
                    models.CharField(
                        choices=[("article", "On the article's page"), ("new_request", "While a request was written")],
                        default="article",
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deflections", to="selfhelp.article"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("article", "person"), name="a_person_judges_an_article_once")
                ],
            },
        ),
    ]
