"""Django's handle on the project's own package."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The parts that belong to no app: commands, checks and signal-free start-up work."""

    name = "support_portal"
    verbose_name = "Support portal"
    default_auto_field = "django.db.models.BigAutoField"
