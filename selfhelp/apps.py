"""Django's handle on the selfhelp app."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SelfhelpConfig(AppConfig):
    """Name the app and the width of its keys."""

    name = "selfhelp"
    verbose_name = _("Self-help")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have articles indexed after migrations, which may not import the code that cuts them into words."""
        post_migrate.connect(_index_articles, sender=self)


def _index_articles(apps: Any = apps, **kwargs: Any) -> None:
    from selfhelp.services import index_articles

    try:
        apps.get_model("selfhelp", "Article")
    except LookupError:  # migrated back to nothing
        return
    index_articles()
