"""Django's handle on the sla app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    """Name the app and the width of its keys."""

    name = "sla"
    verbose_name = _("Commitments and calendars")
    default_auto_field = "django.db.models.BigAutoField"
