"""Every address that the navigation may offer, whether or not the pages exist yet."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.urls import urlpatterns as accounts_urls


def page(request: HttpRequest) -> HttpResponse:
    """Any page."""
    return HttpResponse()


tickets = [
    path("", page, name="home"),
    path("requests/", page, name="list"),
    path("requests/new/", page, name="new"),
    path("queue/", page, name="queue"),
    path("notices/", page, name="notices"),
    path("staff/policies/", page, name="policies"),
    path("staff/operations/", page, name="operations"),
]
selfhelp = [
    path("help/", page, name="articles"),
    path("phone/", page, name="phone"),
    path("features/", page, name="features"),
]
urlpatterns = [*accounts_urls, path("", include((tickets, "tickets"))), path("", include((selfhelp, "selfhelp")))]
