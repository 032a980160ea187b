"""Every address of the portal begins here."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from support_portal import appearance, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("readyz", health.readyz, name="readyz"),
    path("theme/", appearance.set_theme, name="set_theme"),
]
for prefix, module in (
    ("api/v1/", "support_portal.api.urls"),
    ("", "accounts.urls"),
    ("", "tickets.urls"),
    ("", "selfhelp.urls"),
):
    if find_spec(module.rpartition(".")[0]) and find_spec(module):
        urlpatterns.append(path(prefix, include(module)))

handler400 = "support_portal.problems.handlers.bad_request"
handler403 = "support_portal.problems.handlers.forbidden"
handler404 = "support_portal.problems.handlers.not_found"
handler500 = "support_portal.problems.handlers.server_error"
