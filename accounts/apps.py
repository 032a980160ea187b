"""Django's registration of the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Organisations, people and what each may do."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"
