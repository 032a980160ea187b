"""Addresses below /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from support_portal.api import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", views.SchemaView.as_view(), name="schema"),
    path("docs/", views.DocsView.as_view(), name="api-docs"),
    path("docs/errors/", views.errors_page, name="api-errors"),
    path("", include("accounts.api.urls")),
    path("", include("selfhelp.api.urls")),
    path("", include("tickets.api.urls")),
    path("", include("tickets.api.people_urls")),
    re_path(r"", views.UnknownAddressView.as_view(), name=views.UNKNOWN),
]
