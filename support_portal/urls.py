"""Every address of the portal begins here."""

from django.urls import include, path

from support_portal import appearance, health

urlpatterns = [
    path("readyz", health.readyz, name="readyz"),
    path("theme/", appearance.set_theme, name="set_theme"),
    path("api/v1/", include("support_portal.api.urls")),
    path("", include("accounts.urls")),
    path("", include("tickets.urls")),
    path("", include("selfhelp.urls")),
]

handler400 = "support_portal.problems.handlers.bad_request"
handler403 = "support_portal.problems.handlers.forbidden"
handler404 = "support_portal.problems.handlers.not_found"
handler500 = "support_portal.problems.handlers.server_error"
