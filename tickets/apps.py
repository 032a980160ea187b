"""Django's registration of the app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Service requests, their promises, timers, conversation and notices."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "tickets"
