"""Django's handle on the selfhelp app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SelfhelpConfig(AppConfig):
    """Name the app and the width of its keys."""

    name = "selfhelp"
    verbose_name = _("Self-help")
    default_auto_field = "django.db.models.BigAutoField"
