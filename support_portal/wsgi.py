"""The door through which a web server reaches the portal."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_portal.settings")

application = get_wsgi_application()


def warm_up() -> None:
    """Load what the first request would otherwise wait for; once, before the web server forks its workers."""
    from django.urls import get_resolver

    from severity.assessment import Case, assess

    get_resolver().url_patterns  # noqa: B018 - imports every view
    for words in ("Nobody can send mail.", "無法傳送郵件", "Niemand kann Mails senden."):
        assess(Case(subject=words, description=words))


if os.environ.get("WARM_UP") == "1":
    warm_up()
