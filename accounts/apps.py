"""Django's registration of the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Organisations, people and what each may do."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"

    def ready(self) -> None:
        """Date every session from its sign-in."""
        from django.contrib.auth.signals import user_logged_in

        from accounts.middleware import begin_session

        user_logged_in.connect(begin_session, dispatch_uid="accounts.begin_session")
