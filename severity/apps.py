"""Django's handle on the severity app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SeverityConfig(AppConfig):
    """Name the app and the width of its keys."""

    name = "severity"
    verbose_name = _("Assessment and scope")
    default_auto_field = "django.db.models.BigAutoField"
