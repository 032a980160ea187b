"""Settings, addresses, the Celery app and what all apps share at the edges; no app imports it."""

from support_portal.celery import app as celery_app

__all__ = ["celery_app"]
